"""first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.append_only import append_only

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("party", sa.String(length=26), nullable=True),
        sa.Column("person", sa.String(length=26), nullable=True),
        sa.Column("client", sa.String(length=26), nullable=True),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("use_case", sa.String(length=120), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("key_digest", sa.String(length=64), nullable=True),
        sa.Column("targets", sa.Text(), nullable=False),
        sa.Column("payload_ids", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit")),
    )
    append_only("audit")
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_at"), ["at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_audit_party_number"), ["party", "number"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_audit_person_number"), ["person", "number"], unique=False
        )

    op.create_table(
        "bases",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("owner_id", sa.String(length=26), nullable=False),
        sa.Column("name_zh", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("village_zh", sa.String(length=60), nullable=False),
        sa.Column("area_m2", sa.BigInteger(), nullable=False),
        sa.Column("area_typed", sa.String(length=40), nullable=False),
        sa.Column("outline", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("payload_id", sa.String(length=43), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bases")),
    )
    append_only("bases")
    with op.batch_alter_table("bases", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bases_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bases_region"), ["region"], unique=False)

    op.create_table(
        "brands",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name_zh", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("owner_id", sa.String(length=26), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("payload_id", sa.String(length=43), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brands")),
        sa.UniqueConstraint("code", name=op.f("uq_brands_code")),
    )
    append_only("brands")
    op.create_table(
        "certification_appeal_standings",
        sa.Column("appeal_id", sa.String(length=26), nullable=False),
        sa.Column("scheme", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("running", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("appeal_id", name=op.f("pk_certification_appeal_standings")),
        sa.UniqueConstraint("running", name=op.f("uq_certification_appeal_standings_running")),
    )
    with op.batch_alter_table("certification_appeal_standings", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certification_appeal_standings_state_scheme"),
            ["state", "scheme"],
            unique=False,
        )

    op.create_table(
        "certification_appeals",
        sa.Column("appeal_id", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("target", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=26), nullable=False),
        sa.Column("n", sa.Integer(), nullable=True),
        sa.Column("scheme", sa.String(length=16), nullable=False),
        sa.Column("holder", sa.String(length=26), nullable=False),
        sa.Column("filed_by", sa.String(length=26), nullable=True),
        sa.Column("filed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("appeal_id", name=op.f("pk_certification_appeals")),
    )
    append_only("certification_appeals")
    with op.batch_alter_table("certification_appeals", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certification_appeals_subject"), ["subject"], unique=False
        )

    op.create_table(
        "certification_appointments",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("party", sa.String(length=26), nullable=False),
        sa.Column("scheme", sa.String(length=16), nullable=False),
        sa.Column("function", sa.String(length=12), nullable=False),
        sa.Column("from_date", sa.Date(), nullable=False),
        sa.Column("to_date", sa.Date(), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("office", sa.String(length=26), nullable=True),
        sa.Column("document", sa.String(length=80), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("payload_id", sa.String(length=43), nullable=False),
        sa.CheckConstraint(
            "to_date IS NULL OR to_date >= from_date",
            name=op.f("ck_certification_appointments_dates_in_order"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certification_appointments")),
        sa.UniqueConstraint("payload_id", name=op.f("uq_certification_appointments_payload_id")),
    )
    append_only("certification_appointments")
    with op.batch_alter_table("certification_appointments", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certification_appointments_party_scheme"),
            ["party", "scheme"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_certification_appointments_scheme"), ["scheme"], unique=False
        )

    op.create_table(
        "certification_artworks",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("scheme", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("office", sa.String(length=26), nullable=False),
        sa.Column("registered_at", sa.BigInteger(), nullable=False),
        sa.Column("payload_id", sa.String(length=43), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certification_artworks")),
        sa.UniqueConstraint("payload_id", name=op.f("uq_certification_artworks_payload_id")),
    )
    append_only("certification_artworks")
    with op.batch_alter_table("certification_artworks", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certification_artworks_scheme_registered_at"),
            ["scheme", "registered_at"],
            unique=False,
        )

    op.create_table(
        "certification_bars",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("holder", sa.String(length=26), nullable=False),
        sa.Column("scheme", sa.String(length=16), nullable=False),
        sa.Column("cert_id", sa.String(length=26), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("ground", sa.String(length=40), nullable=True),
        sa.Column("from_date", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("payload_id", sa.String(length=43), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certification_bars")),
        sa.UniqueConstraint("cert_id", "n", name=op.f("uq_certification_bars_cert_id_n")),
        sa.UniqueConstraint("payload_id", name=op.f("uq_certification_bars_payload_id")),
    )
    append_only("certification_bars")
    with op.batch_alter_table("certification_bars", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certification_bars_holder_scheme"), ["holder", "scheme"], unique=False
        )

    op.create_table(
        "certification_cases",
        sa.Column("case_id", sa.String(length=26), nullable=False),
        sa.Column("holder", sa.String(length=26), nullable=False),
        sa.Column("scheme", sa.String(length=16), nullable=False),
        sa.Column("scheme_version", sa.String(length=8), nullable=False),
        sa.Column("track", sa.String(length=16), nullable=False),
        sa.Column("cert_id", sa.String(length=26), nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_certification_cases")),
    )
    append_only("certification_cases")
    with op.batch_alter_table("certification_cases", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_certification_cases_holder"), ["holder"], unique=False)

    op.create_table(
        "certification_certificates",
        sa.Column("cert_id", sa.String(length=26), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("scheme", sa.String(length=16), nullable=False),
        sa.Column("scheme_version", sa.String(length=8), nullable=False),
        sa.Column("holder", sa.String(length=26), nullable=False),
        sa.Column("from_date", sa.Date(), nullable=False),
        sa.Column("to_date", sa.Date(), nullable=True),
        sa.Column("confirm_by", sa.Date(), nullable=True),
        sa.Column("bound", sa.String(length=20), nullable=False),
        sa.Column("granted", sa.BigInteger(), nullable=True),
        sa.Column("unit", sa.String(length=8), nullable=True),
        sa.Column("typed_value", sa.String(length=40), nullable=True),
        sa.Column("typed_unit", sa.String(length=16), nullable=True),
        sa.Column("basis", sa.String(length=8), nullable=False),
        sa.Column("body", sa.String(length=26), nullable=True),
        sa.CheckConstraint(
            "to_date IS NULL OR to_date >= from_date",
            name=op.f("ck_certification_certificates_dates_in_order"),
        ),
        sa.PrimaryKeyConstraint("cert_id", name=op.f("pk_certification_certificates")),
        sa.UniqueConstraint(
            "scheme", "number", name=op.f("uq_certification_certificates_scheme_number")
        ),
    )
    append_only("certification_certificates")
    with op.batch_alter_table("certification_certificates", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certification_certificates_holder"), ["holder"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_certification_certificates_number"), ["number"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_certification_certificates_to_date"), ["to_date"], unique=False
        )

    op.create_table(
        "certification_competences",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("person", sa.String(length=26), nullable=False),
        sa.Column("scheme", sa.String(length=16), nullable=False),
        sa.Column("task", sa.String(length=12), nullable=False),
        sa.Column("party", sa.String(length=26), nullable=False),
        sa.Column("from_date", sa.Date(), nullable=False),
        sa.Column("to_date", sa.Date(), nullable=False),
        sa.Column("document", sa.String(length=80), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("payload_id", sa.String(length=43), nullable=False),
        sa.CheckConstraint(
            "to_date >= from_date", name=op.f("ck_certification_competences_dates_in_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certification_competences")),
        sa.UniqueConstraint("payload_id", name=op.f("uq_certification_competences_payload_id")),
    )
    append_only("certification_competences")
    with op.batch_alter_table("certification_competences", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certification_competences_person_scheme"),
            ["person", "scheme"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_certification_competences_scheme_task"), ["scheme", "task"], unique=False
        )

    op.create_table(
        "certification_consequences",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("cert_id", sa.String(length=26), nullable=False),
        sa.Column("verb", sa.String(length=8), nullable=False),
        sa.Column("effective_at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("document", sa.String(length=80), nullable=True),
        sa.Column("ground", sa.String(length=40), nullable=True),
        sa.Column("hold_until", sa.BigInteger(), nullable=True),
        sa.Column("office", sa.String(length=26), nullable=False),
        sa.Column("proposed_by", sa.String(length=40), nullable=False),
        sa.Column("proposed_at", sa.BigInteger(), nullable=False),
        sa.Column("radius", sa.Text(), nullable=False),
        sa.Column("radius_digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certification_consequences")),
    )
    append_only("certification_consequences")
    with op.batch_alter_table("certification_consequences", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certification_consequences_cert_id"), ["cert_id"], unique=False
        )

    op.create_table(
        "certification_declarations",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("case_id", sa.String(length=26), nullable=False),
        sa.Column("person", sa.String(length=26), nullable=False),
        sa.Column("party", sa.String(length=26), nullable=False),
        sa.Column("relation", sa.String(length=12), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("payload_id", sa.String(length=43), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certification_declarations")),
        sa.UniqueConstraint("payload_id", name=op.f("uq_certification_declarations_payload_id")),
    )
    append_only("certification_declarations")
    with op.batch_alter_table("certification_declarations", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certification_declarations_case_id_person"),
            ["case_id", "person"],
            unique=False,
        )

    op.create_table(
        "certification_draws",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("scheme", sa.String(length=16), nullable=False),
        sa.Column("office", sa.String(length=26), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certification_draws")),
    )
    append_only("certification_draws")
    with op.batch_alter_table("certification_draws", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_certification_draws_scheme"), ["scheme"], unique=False)

    op.create_table(
        "certification_evidence",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("holder", sa.String(length=26), nullable=False),
        sa.Column("document", sa.String(length=40), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("media", sa.String(length=32), nullable=True),
        sa.Column("size_bytes", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("kept_at", sa.BigInteger(), nullable=False),
        sa.Column("kept_by", sa.String(length=26), nullable=False),
        sa.Column("payload_id", sa.String(length=43), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certification_evidence")),
        sa.UniqueConstraint("payload_id", name=op.f("uq_certification_evidence_payload_id")),
    )
    append_only("certification_evidence")
    with op.batch_alter_table("certification_evidence", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certification_evidence_digest"), ["digest"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_certification_evidence_holder_document"),
            ["holder", "document"],
            unique=False,
        )

    op.create_table(
        "certification_inspections",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("about", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("scheme", sa.String(length=16), nullable=False),
        sa.Column("scheme_version", sa.String(length=8), nullable=False),
        sa.Column("holder", sa.String(length=26), nullable=False),
        sa.Column("office", sa.String(length=26), nullable=False),
        sa.Column("draw", sa.String(length=26), nullable=True),
        sa.Column("planned_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certification_inspections")),
    )
    append_only("certification_inspections")
    with op.batch_alter_table("certification_inspections", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certification_inspections_holder"), ["holder"], unique=False
        )

    op.create_table(
        "certification_labs",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("party", sa.String(length=26), nullable=False),
        sa.Column("registered_at", sa.BigInteger(), nullable=False),
        sa.Column("registered_by", sa.String(length=26), nullable=False),
        sa.Column("payload_id", sa.String(length=43), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certification_labs")),
        sa.UniqueConstraint("party", name=op.f("uq_certification_labs_party")),
        sa.UniqueConstraint("payload_id", name=op.f("uq_certification_labs_payload_id")),
    )
    append_only("certification_labs")
    op.create_table(
        "certification_moves",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("scheme", sa.String(length=16), nullable=False),
        sa.Column("from_body", sa.String(length=26), nullable=False),
        sa.Column("to_body", sa.String(length=26), nullable=False),
        sa.Column("why", sa.String(length=8), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("document", sa.String(length=80), nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certification_moves")),
    )
    append_only("certification_moves")
    op.create_table(
        "certification_number_counters",
        sa.Column("scheme", sa.String(length=16), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("newest", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "newest >= 0", name=op.f("ck_certification_number_counters_newest_not_negative")
        ),
        sa.PrimaryKeyConstraint("scheme", "year", name=op.f("pk_certification_number_counters")),
    )
    op.create_table(
        "certification_permit_numbers",
        sa.Column("scheme", sa.String(length=16), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("newest", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "newest >= 0", name=op.f("ck_certification_permit_numbers_newest_not_negative")
        ),
        sa.PrimaryKeyConstraint("scheme", "year", name=op.f("pk_certification_permit_numbers")),
    )
    op.create_table(
        "certification_quotas",
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("cert_id", sa.String(length=26), nullable=False),
        sa.Column("parent", sa.String(length=26), nullable=True),
        sa.Column("bound", sa.String(length=20), nullable=False),
        sa.Column("unit", sa.String(length=8), nullable=True),
        sa.Column("granted", sa.BigInteger(), nullable=True),
        sa.Column("given", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("printed", sa.BigInteger(), nullable=False),
        sa.Column("void", sa.BigInteger(), nullable=False),
        sa.Column("sold", sa.BigInteger(), nullable=False),
        sa.Column("sold_void", sa.BigInteger(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "NOT closed OR COALESCE(granted, 0) + received - given - printed + CASE bound WHEN 'approved_output' THEN void ELSE 0 END = 0",
            name=op.f("ck_certification_quotas_nothing_left_when_closed"),
        ),
        sa.CheckConstraint(
            "unit IS NULL OR COALESCE(granted, 0) + received - given - printed + CASE bound WHEN 'approved_output' THEN void ELSE 0 END >= 0",
            name=op.f("ck_certification_quotas_printed_within_granted"),
        ),
        sa.CheckConstraint(
            "CASE WHEN parent IS NULL THEN (granted IS NULL) = (unit IS NULL) ELSE granted IS NULL AND unit IS NOT NULL END",
            name=op.f("ck_certification_quotas_unit_with_quantity"),
        ),
        sa.CheckConstraint(
            "given >= 0 AND received >= 0",
            name=op.f("ck_certification_quotas_movements_not_negative"),
        ),
        sa.CheckConstraint(
            "sold_void >= 0 AND sold_void <= sold AND sold - sold_void <= COALESCE(granted, 0)",
            name=op.f("ck_certification_quotas_sold_within_granted"),
        ),
        sa.CheckConstraint(
            "void >= 0 AND void <= printed",
            name=op.f("ck_certification_quotas_void_within_printed"),
        ),
        sa.ForeignKeyConstraint(
            ["parent"],
            ["certification_quotas.account_id"],
            name=op.f("fk_certification_quotas_parent"),
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_certification_quotas")),
    )
    with op.batch_alter_table("certification_quotas", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certification_quotas_cert_id"), ["cert_id"], unique=False
        )

    op.create_table(
        "certification_running_cases",
        sa.Column("holder", sa.String(length=26), nullable=False),
        sa.Column("scheme", sa.String(length=16), nullable=False),
        sa.Column("track", sa.String(length=16), nullable=False),
        sa.Column("about", sa.String(length=26), nullable=False),
        sa.Column("case_id", sa.String(length=26), nullable=False),
        sa.PrimaryKeyConstraint(
            "holder", "scheme", "track", "about", name=op.f("pk_certification_running_cases")
        ),
        sa.UniqueConstraint("case_id", name=op.f("uq_certification_running_cases_case_id")),
    )
    op.create_table(
        "certification_schemes",
        sa.Column("scheme_id", sa.String(length=26), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("version", sa.String(length=8), nullable=False),
        sa.Column("effective", sa.Date(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("payload_id", sa.String(length=43), nullable=False),
        sa.PrimaryKeyConstraint("scheme_id", name=op.f("pk_certification_schemes")),
        sa.UniqueConstraint("code", "version", name=op.f("uq_certification_schemes_code_version")),
        sa.UniqueConstraint("payload_id", name=op.f("uq_certification_schemes_payload_id")),
    )
    append_only("certification_schemes")
    op.create_table(
        "certification_search",
        sa.Column("place", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cert_id", sa.String(length=26), nullable=False),
        sa.Column("scheme", sa.String(length=16), nullable=False),
        sa.Column(
            "number",
            sa.String(length=32).with_variant(sa.String(length=32, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("holder", sa.String(length=26), nullable=True),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("decided", sa.String(length=12), nullable=False),
        sa.Column("begins_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.Column("choices", sa.String(length=200), nullable=False),
        sa.Column("sought", sa.Text(), nullable=False),
        sa.Column(
            "words", sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql"), nullable=False
        ),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_certification_search")),
        sa.UniqueConstraint("cert_id", name=op.f("uq_certification_search_cert_id")),
    )
    with op.batch_alter_table("certification_search", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certification_search_begins_at"), ["begins_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_certification_search_number_scheme"), ["number", "scheme"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_certification_search_scheme_decided_region_begins_at_ends_at"),
            ["scheme", "decided", "region", "begins_at", "ends_at"],
            unique=False,
        )

    op.create_table(
        "certification_transaction_numbers",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("newest", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "newest >= 0", name=op.f("ck_certification_transaction_numbers_newest_not_negative")
        ),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_certification_transaction_numbers")),
    )
    op.create_table(
        "credit_records",
        sa.Column("record_id", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("subject", sa.String(length=26), nullable=False),
        sa.Column("document_number", sa.String(length=80), nullable=False),
        sa.Column("authority", sa.String(length=80), nullable=False),
        sa.Column("decided", sa.Date(), nullable=False),
        sa.Column("penalty_class", sa.String(length=10), nullable=False),
        sa.Column("offence", sa.String(length=40), nullable=False),
        sa.Column("finding", sa.String(length=40), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("disclosure_start", sa.Date(), nullable=True),
        sa.Column("disclosure_end", sa.Date(), nullable=True),
        sa.Column("regime", sa.String(length=8), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("payload_id", sa.String(length=43), nullable=False),
        sa.CheckConstraint(
            "(disclosure_start IS NULL) = (disclosure_end IS NULL)",
            name=op.f("ck_credit_records_both_days_or_none"),
        ),
        sa.CheckConstraint(
            "disclosure_end IS NULL OR disclosure_end >= disclosure_start",
            name=op.f("ck_credit_records_days_in_order"),
        ),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_credit_records")),
        sa.UniqueConstraint("payload_id", name=op.f("uq_credit_records_payload_id")),
        sa.UniqueConstraint(
            "subject",
            "authority",
            "document_number",
            name=op.f("uq_credit_records_subject_authority_document_number"),
        ),
    )
    append_only("credit_records")
    with op.batch_alter_table("credit_records", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_credit_records_disclosure_end"), ["disclosure_end"], unique=False
        )

    op.create_table(
        "documents",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("record_salt", sa.LargeBinary(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", "subject", name=op.f("pk_documents")),
    )
    with op.batch_alter_table("documents", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_documents_subject"), ["subject"], unique=False)

    op.create_table(
        "entries",
        sa.Column(
            "index",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("payload_id", sa.LargeBinary(), nullable=False),
        sa.Column("bytes", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("index", name=op.f("pk_entries")),
        sa.UniqueConstraint("payload_id", name=op.f("uq_entries_payload_id")),
    )
    append_only("entries")
    op.create_table(
        "entry_streams",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("n", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("index", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("stream", "n", name=op.f("pk_entry_streams")),
        sqlite_with_rowid=False,
    )
    append_only("entry_streams")
    op.create_table(
        "event_names",
        sa.Column("event_hash", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("event_hash", name=op.f("pk_event_names")),
    )
    op.create_table(
        "events",
        sa.Column("payload_id", sa.String(length=43), nullable=False),
        sa.Column("event_hash", sa.String(length=100), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("type", sa.String(length=24), nullable=False),
        sa.Column("step", sa.String(length=24), nullable=True),
        sa.Column("party_id", sa.String(length=26), nullable=False),
        sa.Column("effective_at", sa.BigInteger(), nullable=False),
        sa.Column("offset", sa.String(length=6), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.String(length=64), nullable=False),
        sa.Column("pointer", sa.String(length=60), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("refers_to", sa.String(length=43), nullable=True),
        sa.PrimaryKeyConstraint("payload_id", name=op.f("pk_events")),
    )
    append_only("events")
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_events_event_hash"), ["event_hash"], unique=False)
        batch_op.create_index("ix_events_party_recorded", ["party_id", "recorded_at"], unique=False)

    op.create_table(
        "first_answers",
        sa.Column("scope", sa.String(length=80), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("use_case", sa.String(length=120), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "key", name=op.f("pk_first_answers")),
    )
    op.create_table(
        "first_scans",
        sa.Column("run_id", sa.String(length=26), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.String(length=60), nullable=True),
        sa.PrimaryKeyConstraint("run_id", "number", name=op.f("pk_first_scans")),
    )
    append_only("first_scans")
    op.create_table(
        "heads",
        sa.Column(
            "size",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_heads")),
    )
    append_only("heads")
    op.create_table(
        "jobs",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sa.UniqueConstraint("key", name=op.f("uq_jobs_key")),
    )
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.create_index("ix_jobs_due_at", ["due_at"], unique=False)

    op.create_table(
        "key_entries",
        sa.Column("actor", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("custody", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=True),
        sa.Column("payload_id", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("actor", name=op.f("pk_key_entries")),
    )
    append_only("key_entries")
    op.create_table(
        "label_keys",
        sa.Column("letter", sa.String(length=1), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("leaked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("letter", name=op.f("pk_label_keys")),
    )
    op.create_table(
        "label_numbers",
        sa.Column("letter", sa.String(length=1), nullable=False),
        sa.Column("item", sa.String(length=22), nullable=False),
        sa.Column("next", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "next >= 0 AND next <= 1073741824", name=op.f("ck_label_numbers_has_30_bits")
        ),
        sa.PrimaryKeyConstraint("letter", "item", name=op.f("pk_label_numbers")),
    )
    op.create_table(
        "log_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("tip", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_state")),
    )
    op.create_table(
        "openings",
        sa.Column("payload_id", sa.LargeBinary(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("record_salt", sa.LargeBinary(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("payload_id", "subject", name=op.f("pk_openings")),
    )
    with op.batch_alter_table("openings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_openings_subject"), ["subject"], unique=False)

    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("head", sa.BigInteger(), nullable=True),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("payload_id", sa.LargeBinary(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("sig", sa.LargeBinary(), nullable=False),
        sa.Column("streams", sa.Text(), nullable=False),
        sa.Column("accepted_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("payload_id", name=op.f("uq_outbox_payload_id")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outbox_head"), ["head"], unique=False)

    op.create_table(
        "parties",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("is_natural", sa.Boolean(), nullable=False),
        sa.Column("host", sa.String(length=26), nullable=True),
        sa.ForeignKeyConstraint(["host"], ["parties.id"], name=op.f("fk_parties_host")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parties")),
    )
    append_only("parties")
    with op.batch_alter_table("parties", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_parties_host"), ["host"], unique=False)

    op.create_table(
        "people",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("login", sa.String(length=32), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("password", sa.String(length=255), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fs_uniquifier", sa.String(length=64), nullable=False),
        sa.Column("tf_primary_method", sa.String(length=64), nullable=True),
        sa.Column("tf_totp_secret", sa.String(length=255), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("email", name=op.f("uq_people_email")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("uq_people_fs_uniquifier")),
        sa.UniqueConstraint("login", name=op.f("uq_people_login")),
    )
    op.create_table(
        "points_accounts",
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("party", sa.String(length=26), nullable=False),
        sa.Column("unit", sa.String(length=8), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_points_accounts")),
        sa.UniqueConstraint("party", "unit", name=op.f("uq_points_accounts_party_unit")),
    )
    append_only("points_accounts")
    op.create_table(
        "points_claims",
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("event_id", sa.String(length=80), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("transfer_id", sa.String(length=26), nullable=False),
        sa.PrimaryKeyConstraint("source", "event_id", name=op.f("pk_points_claims")),
        sa.UniqueConstraint("transfer_id", name=op.f("uq_points_claims_transfer_id")),
    )
    append_only("points_claims")
    with op.batch_alter_table("points_claims", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_points_claims_event_id"), ["event_id"], unique=False)

    op.create_table(
        "points_packs",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("pack_id", sa.String(length=26), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("payload_id", sa.String(length=43), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_points_packs")),
        sa.UniqueConstraint("code", "version", name=op.f("uq_points_packs_code_version")),
        sa.UniqueConstraint("pack_id", name=op.f("uq_points_packs_pack_id")),
        sa.UniqueConstraint("payload_id", name=op.f("uq_points_packs_payload_id")),
    )
    append_only("points_packs")
    op.create_table(
        "run_numbers",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("newest", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_run_numbers_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_numbers")),
    )
    op.create_table(
        "scan_counts",
        sa.Column("run_id", sa.String(length=26), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "number", name=op.f("pk_scan_counts")),
    )
    op.create_table(
        "scan_groups",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan_groups")),
    )
    op.create_table(
        "sealed_files",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("record_salt", sa.LargeBinary(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_sha256", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", "subject", name=op.f("pk_sealed_files")),
    )
    with op.batch_alter_table("sealed_files", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sealed_files_subject"), ["subject"], unique=False)

    op.create_table(
        "sign_in_failures",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("name_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_failures")),
    )
    with op.batch_alter_table("sign_in_failures", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_failures_at"), ["at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_sign_in_failures_name_digest_at"), ["name_digest", "at"], unique=False
        )

    op.create_table(
        "stream_counts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stream_counts")),
    )
    op.create_table(
        "tiles",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "number", name=op.f("pk_tiles")),
    )
    append_only("tiles")
    op.create_table(
        "certification_accreditations",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("lab", sa.String(length=26), nullable=False),
        sa.Column("authority", sa.String(length=8), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("from_date", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=26), nullable=False),
        sa.Column("payload_id", sa.String(length=43), nullable=False),
        sa.ForeignKeyConstraint(
            ["lab"], ["certification_labs.id"], name=op.f("fk_certification_accreditations_lab")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certification_accreditations")),
        sa.UniqueConstraint("payload_id", name=op.f("uq_certification_accreditations_payload_id")),
    )
    append_only("certification_accreditations")
    with op.batch_alter_table("certification_accreditations", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certification_accreditations_lab"), ["lab"], unique=False
        )

    op.create_table(
        "certification_amendments",
        sa.Column("cert_id", sa.String(length=26), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("from_date", sa.Date(), nullable=True),
        sa.Column("to_date", sa.Date(), nullable=True),
        sa.Column("confirm_by", sa.Date(), nullable=True),
        sa.Column("granted", sa.BigInteger(), nullable=True),
        sa.Column("unit", sa.String(length=8), nullable=True),
        sa.Column("typed_value", sa.String(length=40), nullable=True),
        sa.Column("typed_unit", sa.String(length=16), nullable=True),
        sa.CheckConstraint(
            "(granted IS NULL) = (unit IS NULL)",
            name=op.f("ck_certification_amendments_unit_with_quantity"),
        ),
        sa.CheckConstraint(
            "to_date IS NULL OR to_date >= from_date",
            name=op.f("ck_certification_amendments_dates_in_order"),
        ),
        sa.ForeignKeyConstraint(
            ["cert_id"],
            ["certification_certificates.cert_id"],
            name=op.f("fk_certification_amendments_cert_id"),
        ),
        sa.PrimaryKeyConstraint("cert_id", "n", name=op.f("pk_certification_amendments")),
    )
    append_only("certification_amendments")
    with op.batch_alter_table("certification_amendments", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certification_amendments_to_date"), ["to_date"], unique=False
        )

    op.create_table(
        "certification_appeal_steps",
        sa.Column("appeal_id", sa.String(length=26), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("event", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.String(length=26), nullable=True),
        sa.Column("party", sa.String(length=26), nullable=True),
        sa.Column("payload_id", sa.String(length=43), nullable=False),
        sa.ForeignKeyConstraint(
            ["appeal_id"],
            ["certification_appeals.appeal_id"],
            name=op.f("fk_certification_appeal_steps_appeal_id"),
        ),
        sa.PrimaryKeyConstraint("appeal_id", "n", name=op.f("pk_certification_appeal_steps")),
        sa.UniqueConstraint("payload_id", name=op.f("uq_certification_appeal_steps_payload_id")),
    )
    append_only("certification_appeal_steps")
    op.create_table(
        "certification_appointment_ends",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("to_date", sa.Date(), nullable=False),
        sa.Column("office", sa.String(length=26), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("payload_id", sa.String(length=43), nullable=False),
        sa.ForeignKeyConstraint(
            ["id"],
            ["certification_appointments.id"],
            name=op.f("fk_certification_appointment_ends_id"),
        ),
        sa.PrimaryKeyConstraint("id", "to_date", name=op.f("pk_certification_appointment_ends")),
        sa.UniqueConstraint(
            "payload_id", name=op.f("uq_certification_appointment_ends_payload_id")
        ),
    )
    append_only("certification_appointment_ends")
    op.create_table(
        "certification_attachments",
        sa.Column("case_id", sa.String(length=26), nullable=False),
        sa.Column("evidence_id", sa.String(length=26), nullable=False),
        sa.Column("attached_at", sa.BigInteger(), nullable=False),
        sa.Column("attached_by", sa.String(length=26), nullable=False),
        sa.Column("payload_id", sa.String(length=43), nullable=False),
        sa.ForeignKeyConstraint(
            ["evidence_id"],
            ["certification_evidence.id"],
            name=op.f("fk_certification_attachments_evidence_id"),
        ),
        sa.PrimaryKeyConstraint(
            "case_id", "evidence_id", name=op.f("pk_certification_attachments")
        ),
        sa.UniqueConstraint("payload_id", name=op.f("uq_certification_attachments_payload_id")),
    )
    append_only("certification_attachments")
    with op.batch_alter_table("certification_attachments", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certification_attachments_evidence_id"), ["evidence_id"], unique=False
        )

    op.create_table(
        "certification_case_outcomes",
        sa.Column("case_id", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=26), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("n", sa.Integer(), nullable=True),
        sa.Column("payload_id", sa.String(length=43), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["certification_cases.case_id"],
            name=op.f("fk_certification_case_outcomes_case_id"),
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_certification_case_outcomes")),
    )
    append_only("certification_case_outcomes")
    with op.batch_alter_table("certification_case_outcomes", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certification_case_outcomes_subject"), ["subject"], unique=False
        )

    op.create_table(
        "certification_case_standings",
        sa.Column("case_id", sa.String(length=26), nullable=False),
        sa.Column("scheme", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("answers", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["certification_cases.case_id"],
            name=op.f("fk_certification_case_standings_case_id"),
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_certification_case_standings")),
    )
    with op.batch_alter_table("certification_case_standings", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certification_case_standings_state_scheme"),
            ["state", "scheme"],
            unique=False,
        )

    op.create_table(
        "certification_case_steps",
        sa.Column("case_id", sa.String(length=26), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("event", sa.String(length=24), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.String(length=26), nullable=True),
        sa.Column("party", sa.String(length=26), nullable=True),
        sa.Column("task", sa.String(length=12), nullable=True),
        sa.Column("assignee", sa.String(length=26), nullable=True),
        sa.Column("objection", sa.Integer(), nullable=True),
        sa.Column("fee", sa.String(length=40), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("excluded", sa.Text(), nullable=False),
        sa.Column("payload_id", sa.String(length=43), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["certification_cases.case_id"],
            name=op.f("fk_certification_case_steps_case_id"),
        ),
        sa.PrimaryKeyConstraint("case_id", "n", name=op.f("pk_certification_case_steps")),
        sa.UniqueConstraint("payload_id", name=op.f("uq_certification_case_steps_payload_id")),
    )
    append_only("certification_case_steps")
    with op.batch_alter_table("certification_case_steps", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certification_case_steps_person"), ["person"], unique=False
        )

    op.create_table(
        "certification_changes",
        sa.Column("cert_id", sa.String(length=26), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("effective_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("annuls", sa.Integer(), nullable=True),
        sa.Column("confirm_by", sa.Date(), nullable=True),
        sa.Column("successor", sa.String(length=32), nullable=True),
        sa.Column("successor_scheme", sa.String(length=16), nullable=True),
        sa.Column("to_body", sa.String(length=26), nullable=True),
        sa.Column("case_id", sa.String(length=26), nullable=True),
        sa.Column("office", sa.String(length=26), nullable=True),
        sa.Column("document", sa.String(length=80), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("payload_id", sa.String(length=43), nullable=False),
        sa.ForeignKeyConstraint(
            ["cert_id"],
            ["certification_certificates.cert_id"],
            name=op.f("fk_certification_changes_cert_id"),
        ),
        sa.PrimaryKeyConstraint("cert_id", "n", name=op.f("pk_certification_changes")),
        sa.UniqueConstraint("payload_id", name=op.f("uq_certification_changes_payload_id")),
    )
    append_only("certification_changes")
    with op.batch_alter_table("certification_changes", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certification_changes_case_id"), ["case_id"], unique=False
        )

    op.create_table(
        "certification_competence_ends",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("to_date", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("payload_id", sa.String(length=43), nullable=False),
        sa.ForeignKeyConstraint(
            ["id"],
            ["certification_competences.id"],
            name=op.f("fk_certification_competence_ends_id"),
        ),
        sa.PrimaryKeyConstraint("id", "to_date", name=op.f("pk_certification_competence_ends")),
        sa.UniqueConstraint("payload_id", name=op.f("uq_certification_competence_ends_payload_id")),
    )
    append_only("certification_competence_ends")
    op.create_table(
        "certification_consequence_standings",
        sa.Column("consequence_id", sa.String(length=26), nullable=False),
        sa.Column("cert_id", sa.String(length=26), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consequence_id"],
            ["certification_consequences.id"],
            name=op.f("fk_certification_consequence_standings_consequence_id"),
        ),
        sa.PrimaryKeyConstraint(
            "consequence_id", name=op.f("pk_certification_consequence_standings")
        ),
    )
    with op.batch_alter_table("certification_consequence_standings", schema=None) as batch_op:
        batch_op.create_index(
            "uq_certification_consequence_standings_waiting",
            ["cert_id"],
            unique=True,
            sqlite_where=sa.text("state = 'proposed'"),
            postgresql_where=sa.text("state = 'proposed'"),
        )

    op.create_table(
        "certification_consequence_steps",
        sa.Column("consequence_id", sa.String(length=26), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("event", sa.String(length=8), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("office", sa.String(length=26), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("change", sa.Integer(), nullable=True),
        sa.Column("radius", sa.Text(), nullable=True),
        sa.Column("payload_id", sa.String(length=43), nullable=False),
        sa.ForeignKeyConstraint(
            ["consequence_id"],
            ["certification_consequences.id"],
            name=op.f("fk_certification_consequence_steps_consequence_id"),
        ),
        sa.PrimaryKeyConstraint(
            "consequence_id", "n", name=op.f("pk_certification_consequence_steps")
        ),
        sa.UniqueConstraint(
            "payload_id", name=op.f("uq_certification_consequence_steps_payload_id")
        ),
    )
    append_only("certification_consequence_steps")
    op.create_table(
        "certification_draw_standings",
        sa.Column("draw_id", sa.String(length=26), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["draw_id"],
            ["certification_draws.id"],
            name=op.f("fk_certification_draw_standings_draw_id"),
        ),
        sa.PrimaryKeyConstraint("draw_id", name=op.f("pk_certification_draw_standings")),
    )
    op.create_table(
        "certification_draw_steps",
        sa.Column("draw_id", sa.String(length=26), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("event", sa.String(length=8), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=True),
        sa.Column("party", sa.String(length=26), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("payload_id", sa.String(length=43), nullable=False),
        sa.ForeignKeyConstraint(
            ["draw_id"],
            ["certification_draws.id"],
            name=op.f("fk_certification_draw_steps_draw_id"),
        ),
        sa.PrimaryKeyConstraint("draw_id", "n", name=op.f("pk_certification_draw_steps")),
        sa.UniqueConstraint("payload_id", name=op.f("uq_certification_draw_steps_payload_id")),
    )
    append_only("certification_draw_steps")
    op.create_table(
        "certification_follow_ups",
        sa.Column("consequence_id", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(
            ["consequence_id"],
            ["certification_consequences.id"],
            name=op.f("fk_certification_follow_ups_consequence_id"),
        ),
        sa.PrimaryKeyConstraint(
            "consequence_id", "kind", "subject", name=op.f("pk_certification_follow_ups")
        ),
    )
    append_only("certification_follow_ups")
    with op.batch_alter_table("certification_follow_ups", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certification_follow_ups_subject"), ["subject"], unique=False
        )

    op.create_table(
        "certification_inspection_standings",
        sa.Column("inspection_id", sa.String(length=26), nullable=False),
        sa.Column("about", sa.String(length=26), nullable=False),
        sa.Column("scheme", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("inspectors", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["inspection_id"],
            ["certification_inspections.id"],
            name=op.f("fk_certification_inspection_standings_inspection_id"),
        ),
        sa.PrimaryKeyConstraint(
            "inspection_id", name=op.f("pk_certification_inspection_standings")
        ),
    )
    with op.batch_alter_table("certification_inspection_standings", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certification_inspection_standings_about"), ["about"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_certification_inspection_standings_day"), ["day"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_certification_inspection_standings_scheme_day"),
            ["scheme", "day"],
            unique=False,
        )

    op.create_table(
        "certification_inspection_steps",
        sa.Column("inspection_id", sa.String(length=26), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("event", sa.String(length=8), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=True),
        sa.Column("party", sa.String(length=26), nullable=True),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("payload_id", sa.String(length=43), nullable=False),
        sa.ForeignKeyConstraint(
            ["inspection_id"],
            ["certification_inspections.id"],
            name=op.f("fk_certification_inspection_steps_inspection_id"),
        ),
        sa.PrimaryKeyConstraint(
            "inspection_id", "n", name=op.f("pk_certification_inspection_steps")
        ),
        sa.UniqueConstraint(
            "payload_id", name=op.f("uq_certification_inspection_steps_payload_id")
        ),
    )
    append_only("certification_inspection_steps")
    with op.batch_alter_table("certification_inspection_steps", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certification_inspection_steps_person"), ["person"], unique=False
        )

    op.create_table(
        "certification_lifted_bars",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("payload_id", sa.String(length=43), nullable=False),
        sa.ForeignKeyConstraint(
            ["id"], ["certification_bars.id"], name=op.f("fk_certification_lifted_bars_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certification_lifted_bars")),
        sa.UniqueConstraint("payload_id", name=op.f("uq_certification_lifted_bars_payload_id")),
    )
    append_only("certification_lifted_bars")
    op.create_table(
        "certification_lines",
        sa.Column("line_id", sa.String(length=26), nullable=False),
        sa.Column("cert_id", sa.String(length=26), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("product", sa.String(length=26), nullable=False),
        sa.Column("season", sa.String(length=13), nullable=False),
        sa.Column("unit", sa.String(length=8), nullable=False),
        sa.Column("granted", sa.BigInteger(), nullable=False),
        sa.Column("office", sa.String(length=26), nullable=True),
        sa.Column("document", sa.String(length=80), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("payload_id", sa.String(length=43), nullable=False),
        sa.ForeignKeyConstraint(
            ["line_id"],
            ["certification_quotas.account_id"],
            name=op.f("fk_certification_lines_line_id"),
        ),
        sa.PrimaryKeyConstraint("line_id", name=op.f("pk_certification_lines")),
        sa.UniqueConstraint("payload_id", name=op.f("uq_certification_lines_payload_id")),
    )
    append_only("certification_lines")
    with op.batch_alter_table("certification_lines", schema=None) as batch_op:
        batch_op.create_index("uq_certification_lines_n", ["cert_id", "n"], unique=True)
        batch_op.create_index(
            "uq_certification_lines_season", ["cert_id", "product", "season"], unique=True
        )

    op.create_table(
        "certification_move_standings",
        sa.Column("move_id", sa.String(length=26), nullable=False),
        sa.Column("from_body", sa.String(length=26), nullable=False),
        sa.Column("scheme", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["move_id"],
            ["certification_moves.id"],
            name=op.f("fk_certification_move_standings_move_id"),
        ),
        sa.PrimaryKeyConstraint("move_id", name=op.f("pk_certification_move_standings")),
    )
    with op.batch_alter_table("certification_move_standings", schema=None) as batch_op:
        batch_op.create_index(
            "uq_certification_move_standings_open",
            ["from_body", "scheme"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    op.create_table(
        "certification_move_steps",
        sa.Column("move_id", sa.String(length=26), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("event", sa.String(length=8), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("office", sa.String(length=26), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("certificates", sa.Integer(), nullable=False),
        sa.Column("payload_id", sa.String(length=43), nullable=False),
        sa.ForeignKeyConstraint(
            ["move_id"],
            ["certification_moves.id"],
            name=op.f("fk_certification_move_steps_move_id"),
        ),
        sa.PrimaryKeyConstraint("move_id", "n", name=op.f("pk_certification_move_steps")),
        sa.UniqueConstraint("payload_id", name=op.f("uq_certification_move_steps_payload_id")),
    )
    append_only("certification_move_steps")
    op.create_table(
        "certification_move_tickets",
        sa.Column("move_id", sa.String(length=26), nullable=False),
        sa.Column("cert_id", sa.String(length=26), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=True),
        sa.Column("payload_id", sa.String(length=43), nullable=True),
        sa.ForeignKeyConstraint(
            ["move_id"],
            ["certification_moves.id"],
            name=op.f("fk_certification_move_tickets_move_id"),
        ),
        sa.PrimaryKeyConstraint("move_id", "cert_id", name=op.f("pk_certification_move_tickets")),
    )
    with op.batch_alter_table("certification_move_tickets", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certification_move_tickets_cert_id"), ["cert_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_certification_move_tickets_move_id_state_cert_id"),
            ["move_id", "state", "cert_id"],
            unique=False,
        )

    op.create_table(
        "certification_nonconformities",
        sa.Column("inspection_id", sa.String(length=26), nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("about", sa.String(length=26), nullable=False),
        sa.Column("item", sa.String(length=40), nullable=True),
        sa.Column("severity", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("correct_by", sa.Date(), nullable=True),
        sa.Column("evidence", sa.String(length=26), nullable=True),
        sa.ForeignKeyConstraint(
            ["inspection_id"],
            ["certification_inspections.id"],
            name=op.f("fk_certification_nonconformities_inspection_id"),
        ),
        sa.PrimaryKeyConstraint(
            "inspection_id", "no", name=op.f("pk_certification_nonconformities")
        ),
    )
    with op.batch_alter_table("certification_nonconformities", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certification_nonconformities_about_state"),
            ["about", "state"],
            unique=False,
        )

    op.create_table(
        "certification_papers",
        sa.Column("paper_id", sa.String(length=26), nullable=False),
        sa.Column("cert_id", sa.String(length=26), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("office", sa.String(length=26), nullable=True),
        sa.Column("payload_id", sa.String(length=43), nullable=False),
        sa.ForeignKeyConstraint(
            ["cert_id"],
            ["certification_certificates.cert_id"],
            name=op.f("fk_certification_papers_cert_id"),
        ),
        sa.PrimaryKeyConstraint("paper_id", name=op.f("pk_certification_papers")),
        sa.UniqueConstraint("payload_id", name=op.f("uq_certification_papers_payload_id")),
    )
    append_only("certification_papers")
    with op.batch_alter_table("certification_papers", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certification_papers_cert_id"), ["cert_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_certification_papers_digest"), ["digest"], unique=False
        )

    op.create_table(
        "certification_permits",
        sa.Column("permit_id", sa.String(length=26), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("cert_id", sa.String(length=26), nullable=False),
        sa.Column("root", sa.String(length=26), nullable=False),
        sa.Column("holder", sa.String(length=26), nullable=False),
        sa.Column("case_id", sa.String(length=26), nullable=True),
        sa.Column("payload_id", sa.String(length=43), nullable=False),
        sa.ForeignKeyConstraint(
            ["permit_id"],
            ["certification_quotas.account_id"],
            name=op.f("fk_certification_permits_permit_id"),
        ),
        sa.PrimaryKeyConstraint("permit_id", name=op.f("pk_certification_permits")),
        sa.UniqueConstraint("number", name=op.f("uq_certification_permits_number")),
        sa.UniqueConstraint("payload_id", name=op.f("uq_certification_permits_payload_id")),
    )
    append_only("certification_permits")
    with op.batch_alter_table("certification_permits", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certification_permits_cert_id"), ["cert_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_certification_permits_holder"), ["holder"], unique=False
        )

    op.create_table(
        "certification_reports",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("lab", sa.String(length=26), nullable=False),
        sa.Column("evidence_id", sa.String(length=26), nullable=False),
        sa.Column("holder", sa.String(length=26), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("sample", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("results", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=26), nullable=False),
        sa.Column("analyst", sa.String(length=26), nullable=True),
        sa.Column("payload_id", sa.String(length=43), nullable=False),
        sa.ForeignKeyConstraint(
            ["evidence_id"],
            ["certification_evidence.id"],
            name=op.f("fk_certification_reports_evidence_id"),
        ),
        sa.ForeignKeyConstraint(
            ["lab"], ["certification_labs.id"], name=op.f("fk_certification_reports_lab")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certification_reports")),
        sa.UniqueConstraint("payload_id", name=op.f("uq_certification_reports_payload_id")),
    )
    append_only("certification_reports")
    with op.batch_alter_table("certification_reports", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certification_reports_evidence_id"), ["evidence_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_certification_reports_lab_number"), ["lab", "number"], unique=False
        )

    op.create_table(
        "certification_scopes",
        sa.Column("cert_id", sa.String(length=26), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("noun", sa.String(length=8), nullable=False),
        sa.Column("subject", sa.String(length=26), nullable=False),
        sa.Column("mark_from", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["cert_id"],
            ["certification_certificates.cert_id"],
            name=op.f("fk_certification_scopes_cert_id"),
        ),
        sa.PrimaryKeyConstraint(
            "cert_id", "n", "noun", "subject", name=op.f("pk_certification_scopes")
        ),
    )
    append_only("certification_scopes")
    with op.batch_alter_table("certification_scopes", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certification_scopes_subject"), ["subject"], unique=False
        )

    op.create_table(
        "certification_transactions",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("cert_id", sa.String(length=26), nullable=False),
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("seller", sa.String(length=26), nullable=False),
        sa.Column("buyer", sa.String(length=26), nullable=False),
        sa.Column("product", sa.String(length=26), nullable=False),
        sa.Column("season", sa.String(length=13), nullable=False),
        sa.Column("unit", sa.String(length=8), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("typed_value", sa.String(length=40), nullable=False),
        sa.Column("typed_unit", sa.String(length=16), nullable=False),
        sa.Column("sold_on", sa.Date(), nullable=False),
        sa.Column("lots", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("office", sa.String(length=26), nullable=True),
        sa.Column("document", sa.String(length=80), nullable=True),
        sa.Column("payload_id", sa.String(length=43), nullable=False),
        sa.CheckConstraint("units > 0", name=op.f("ck_certification_transactions_units_positive")),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["certification_quotas.account_id"],
            name=op.f("fk_certification_transactions_account_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certification_transactions")),
        sa.UniqueConstraint("number", name=op.f("uq_certification_transactions_number")),
        sa.UniqueConstraint("payload_id", name=op.f("uq_certification_transactions_payload_id")),
    )
    append_only("certification_transactions")
    with op.batch_alter_table("certification_transactions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certification_transactions_buyer"), ["buyer"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_certification_transactions_cert_id"), ["cert_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_certification_transactions_seller"), ["seller"], unique=False
        )

    op.create_table(
        "clients",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("party", sa.String(length=26), nullable=False),
        sa.Column("label", sa.String(length=40), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("until_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["party"], ["parties.id"], name=op.f("fk_clients_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clients")),
        sa.UniqueConstraint("digest", name=op.f("uq_clients_digest")),
    )
    with op.batch_alter_table("clients", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_clients_party"), ["party"], unique=False)

    op.create_table(
        "credit_closings",
        sa.Column("record_id", sa.String(length=26), nullable=False),
        sa.Column("ending", sa.String(length=10), nullable=False),
        sa.Column("effective_at", sa.BigInteger(), nullable=False),
        sa.Column("document_number", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("payload_id", sa.String(length=43), nullable=False),
        sa.ForeignKeyConstraint(
            ["record_id"], ["credit_records.record_id"], name=op.f("fk_credit_closings_record_id")
        ),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_credit_closings")),
        sa.UniqueConstraint("payload_id", name=op.f("uq_credit_closings_payload_id")),
    )
    append_only("credit_closings")
    op.create_table(
        "key_challenges",
        sa.Column("challenge", sa.LargeBinary(length=32), nullable=False),
        sa.Column("party", sa.String(length=26), nullable=False),
        sa.Column("until_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["party"], ["parties.id"], name=op.f("fk_key_challenges_party")),
        sa.PrimaryKeyConstraint("challenge", name=op.f("pk_key_challenges")),
    )
    op.create_table(
        "memberships",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("person", sa.String(length=26), nullable=False),
        sa.Column("party", sa.String(length=26), nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=True),
        sa.Column("since_at", sa.BigInteger(), nullable=False),
        sa.Column("until_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["party"], ["parties.id"], name=op.f("fk_memberships_party")),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_memberships_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memberships")),
    )
    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_memberships_party"), ["party"], unique=False)
        batch_op.create_index(batch_op.f("ix_memberships_person"), ["person"], unique=False)

    op.create_table(
        "party_codes",
        sa.Column("code", sa.String(length=18), nullable=False),
        sa.Column("party", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(["party"], ["parties.id"], name=op.f("fk_party_codes_party")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_party_codes")),
    )
    append_only("party_codes")
    with op.batch_alter_table("party_codes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_party_codes_party"), ["party"], unique=False)

    op.create_table(
        "party_keys",
        sa.Column("actor", sa.LargeBinary(length=32), nullable=False),
        sa.Column("party", sa.String(length=26), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("custody", sa.String(length=8), nullable=False),
        sa.Column("since_at", sa.BigInteger(), nullable=False),
        sa.Column("payload_id", sa.String(length=43), nullable=False),
        sa.ForeignKeyConstraint(["party"], ["parties.id"], name=op.f("fk_party_keys_party")),
        sa.PrimaryKeyConstraint("actor", name=op.f("pk_party_keys")),
        sa.UniqueConstraint("party", "number", name=op.f("uq_party_keys_party_number")),
    )
    append_only("party_keys")
    op.create_table(
        "party_records",
        sa.Column("party", sa.String(length=26), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name_zh", sa.String(length=80), nullable=True),
        sa.Column("name_en", sa.String(length=80), nullable=True),
        sa.Column("code", sa.String(length=18), nullable=True),
        sa.Column("region", sa.String(length=12), nullable=True),
        sa.Column("effective_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("payload_id", sa.String(length=43), nullable=False),
        sa.ForeignKeyConstraint(["party"], ["parties.id"], name=op.f("fk_party_records_party")),
        sa.PrimaryKeyConstraint("party", "version", name=op.f("pk_party_records")),
        sa.UniqueConstraint("payload_id", name=op.f("uq_party_records_payload_id")),
    )
    append_only("party_records")
    with op.batch_alter_table("party_records", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_party_records_name_zh"), ["name_zh"], unique=False)

    op.create_table(
        "platform_operator",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("party", sa.String(length=26), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_platform_operator_single")),
        sa.ForeignKeyConstraint(["party"], ["parties.id"], name=op.f("fk_platform_operator_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_platform_operator")),
    )
    append_only("platform_operator")
    op.create_table(
        "points_balances",
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("balance_milli", sa.BigInteger(), nullable=False),
        sa.Column("postings", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["points_accounts.account_id"],
            name=op.f("fk_points_balances_account_id"),
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_points_balances")),
    )
    op.create_table(
        "points_transfers",
        sa.Column("transfer_id", sa.String(length=26), nullable=False),
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("amount_milli", sa.BigInteger(), nullable=False),
        sa.Column("balance_after_milli", sa.BigInteger(), nullable=False),
        sa.Column("effective_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("pack", sa.LargeBinary(length=32), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("cap_key", sa.String(length=10), nullable=False),
        sa.Column("reverses", sa.String(length=26), nullable=True),
        sa.Column("payload_id", sa.String(length=43), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["points_accounts.account_id"],
            name=op.f("fk_points_transfers_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["reverses"],
            ["points_transfers.transfer_id"],
            name=op.f("fk_points_transfers_reverses"),
        ),
        sa.PrimaryKeyConstraint("transfer_id", name=op.f("pk_points_transfers")),
        sa.UniqueConstraint("account_id", "seq", name=op.f("uq_points_transfers_account_id_seq")),
        sa.UniqueConstraint("payload_id", name=op.f("uq_points_transfers_payload_id")),
        sa.UniqueConstraint("reverses", name=op.f("uq_points_transfers_reverses")),
    )
    append_only("points_transfers")
    with op.batch_alter_table("points_transfers", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_points_transfers_account_id_rule_cap_key"),
            ["account_id", "rule", "cap_key"],
            unique=False,
        )

    op.create_table(
        "products",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("gtin", sa.String(length=14), nullable=True),
        sa.Column("brand_id", sa.String(length=26), nullable=True),
        sa.Column("owner_id", sa.String(length=26), nullable=False),
        sa.Column("name_zh", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("category", sa.String(length=12), nullable=False),
        sa.Column("grade", sa.String(length=60), nullable=False),
        sa.Column("features_zh", sa.Text(), nullable=False),
        sa.Column("features_en", sa.Text(), nullable=False),
        sa.Column("season", sa.String(length=60), nullable=False),
        sa.Column("measure", sa.String(length=6), nullable=False),
        sa.Column("net_mg", sa.BigInteger(), nullable=True),
        sa.Column("expected_quantity", sa.BigInteger(), nullable=True),
        sa.Column("expected_typed", sa.String(length=40), nullable=False),
        sa.Column("rights_holder", sa.String(length=120), nullable=False),
        sa.Column("protection_zh", sa.Text(), nullable=False),
        sa.Column("use_zh", sa.Text(), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("payload_id", sa.String(length=43), nullable=False),
        sa.ForeignKeyConstraint(["brand_id"], ["brands.id"], name=op.f("fk_products_brand_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_products")),
        sa.UniqueConstraint("code", name=op.f("uq_products_code")),
        sa.UniqueConstraint("gtin", name=op.f("uq_products_gtin")),
    )
    append_only("products")
    with op.batch_alter_table("products", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_products_category"), ["category"], unique=False)
        batch_op.create_index(batch_op.f("ix_products_owner_id"), ["owner_id"], unique=False)

    op.create_table(
        "representations",
        sa.Column("party", sa.String(length=26), nullable=False),
        sa.Column("signed_by", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(["party"], ["parties.id"], name=op.f("fk_representations_party")),
        sa.ForeignKeyConstraint(
            ["signed_by"], ["parties.id"], name=op.f("fk_representations_signed_by")
        ),
        sa.PrimaryKeyConstraint("party", name=op.f("pk_representations")),
    )
    append_only("representations")
    op.create_table(
        "certification_accreditation_ends",
        sa.Column("accreditation", sa.String(length=26), nullable=False),
        sa.Column("lab", sa.String(length=26), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=26), nullable=False),
        sa.Column("payload_id", sa.String(length=43), nullable=False),
        sa.ForeignKeyConstraint(
            ["accreditation"],
            ["certification_accreditations.id"],
            name=op.f("fk_certification_accreditation_ends_accreditation"),
        ),
        sa.ForeignKeyConstraint(
            ["lab"], ["certification_labs.id"], name=op.f("fk_certification_accreditation_ends_lab")
        ),
        sa.PrimaryKeyConstraint("accreditation", name=op.f("pk_certification_accreditation_ends")),
        sa.UniqueConstraint(
            "payload_id", name=op.f("uq_certification_accreditation_ends_payload_id")
        ),
    )
    append_only("certification_accreditation_ends")
    op.create_table(
        "certification_line_amendments",
        sa.Column("line_id", sa.String(length=26), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("granted", sa.BigInteger(), nullable=False),
        sa.Column("typed_value", sa.String(length=40), nullable=False),
        sa.Column("typed_unit", sa.String(length=16), nullable=False),
        sa.Column("amended_at", sa.BigInteger(), nullable=False),
        sa.Column("office", sa.String(length=26), nullable=True),
        sa.Column("document", sa.String(length=80), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("payload_id", sa.String(length=43), nullable=False),
        sa.ForeignKeyConstraint(
            ["line_id"],
            ["certification_lines.line_id"],
            name=op.f("fk_certification_line_amendments_line_id"),
        ),
        sa.PrimaryKeyConstraint("line_id", "n", name=op.f("pk_certification_line_amendments")),
        sa.UniqueConstraint("payload_id", name=op.f("uq_certification_line_amendments_payload_id")),
    )
    append_only("certification_line_amendments")
    op.create_table(
        "certification_permit_deeds",
        sa.Column("permit_id", sa.String(length=26), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("deed", sa.String(length=6), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=True),
        sa.Column("taker", sa.String(length=26), nullable=True),
        sa.Column("typed_value", sa.String(length=40), nullable=True),
        sa.Column("typed_unit", sa.String(length=16), nullable=True),
        sa.Column("office", sa.String(length=26), nullable=True),
        sa.Column("document", sa.String(length=80), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("payload_id", sa.String(length=43), nullable=False),
        sa.ForeignKeyConstraint(
            ["permit_id"],
            ["certification_permits.permit_id"],
            name=op.f("fk_certification_permit_deeds_permit_id"),
        ),
        sa.ForeignKeyConstraint(
            ["taker"],
            ["certification_permits.permit_id"],
            name=op.f("fk_certification_permit_deeds_taker"),
        ),
        sa.PrimaryKeyConstraint("permit_id", "n", name=op.f("pk_certification_permit_deeds")),
        sa.UniqueConstraint("payload_id", name=op.f("uq_certification_permit_deeds_payload_id")),
    )
    append_only("certification_permit_deeds")
    with op.batch_alter_table("certification_permit_deeds", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certification_permit_deeds_taker"), ["taker"], unique=False
        )

    op.create_table(
        "certification_transaction_voids",
        sa.Column("transaction_id", sa.String(length=26), nullable=False),
        sa.Column("voided_at", sa.BigInteger(), nullable=False),
        sa.Column("office", sa.String(length=26), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("payload_id", sa.String(length=43), nullable=False),
        sa.ForeignKeyConstraint(
            ["transaction_id"],
            ["certification_transactions.id"],
            name=op.f("fk_certification_transaction_voids_transaction_id"),
        ),
        sa.PrimaryKeyConstraint("transaction_id", name=op.f("pk_certification_transaction_voids")),
        sa.UniqueConstraint(
            "payload_id", name=op.f("uq_certification_transaction_voids_payload_id")
        ),
    )
    append_only("certification_transaction_voids")
    op.create_table(
        "label_runs",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("letter", sa.String(length=1), nullable=False),
        sa.Column("item", sa.String(length=22), nullable=False),
        sa.Column("product_id", sa.String(length=26), nullable=False),
        sa.Column("owner_id", sa.String(length=26), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("base_url", sa.Text(), nullable=False),
        sa.Column("lot_code", sa.String(length=20), nullable=True),
        sa.Column("net_mg", sa.BigInteger(), nullable=True),
        sa.Column("cert_id", sa.String(length=26), nullable=True),
        sa.Column("cert_number", sa.String(length=40), nullable=True),
        sa.Column("cert_unit", sa.String(length=5), nullable=True),
        sa.Column("account_id", sa.String(length=26), nullable=True),
        sa.Column("with_mark", sa.Boolean(), nullable=False),
        sa.Column("mark_cert_id", sa.String(length=26), nullable=True),
        sa.Column("mark_artwork", sa.String(length=64), nullable=True),
        sa.Column("printed_at", sa.BigInteger(), nullable=False),
        sa.Column("payload_id", sa.String(length=43), nullable=False),
        sa.CheckConstraint("count > 0 AND first >= 0", name=op.f("ck_label_runs_has_labels")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_label_runs_product_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label_runs")),
        sa.UniqueConstraint("number", name=op.f("uq_label_runs_number")),
    )
    append_only("label_runs")
    with op.batch_alter_table("label_runs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_label_runs_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_label_runs_cert_id"), ["cert_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_label_runs_mark_cert_id"), ["mark_cert_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_label_runs_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_label_runs_product_id"), ["product_id"], unique=False)
        batch_op.create_index("uq_label_runs_numbers", ["item", "letter", "first"], unique=True)

    op.create_table(
        "lots",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("product_id", sa.String(length=26), nullable=False),
        sa.Column("owner_id", sa.String(length=26), nullable=False),
        sa.Column("base_id", sa.String(length=26), nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("payload_id", sa.String(length=43), nullable=False),
        sa.ForeignKeyConstraint(["base_id"], ["bases.id"], name=op.f("fk_lots_base_id")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_lots_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lots")),
        sa.UniqueConstraint("product_id", "code", name=op.f("uq_lots_product_id_code")),
    )
    append_only("lots")
    with op.batch_alter_table("lots", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lots_owner_id"), ["owner_id"], unique=False)

    op.create_table(
        "points_lots",
        sa.Column("lot_id", sa.String(length=26), nullable=False),
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("amount_milli", sa.BigInteger(), nullable=False),
        sa.Column("origin_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("amount_milli > 0", name=op.f("ck_points_lots_amount_positive")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["points_accounts.account_id"], name=op.f("fk_points_lots_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["lot_id"], ["points_transfers.transfer_id"], name=op.f("fk_points_lots_lot_id")
        ),
        sa.PrimaryKeyConstraint("lot_id", name=op.f("pk_points_lots")),
    )
    append_only("points_lots")
    with op.batch_alter_table("points_lots", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_points_lots_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_points_lots_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "points_postings",
        sa.Column("transfer_id", sa.String(length=26), nullable=False),
        sa.Column("account", sa.String(length=26), nullable=False),
        sa.Column("amount_milli", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_milli <> 0", name=op.f("ck_points_postings_amount_not_zero")),
        sa.ForeignKeyConstraint(
            ["transfer_id"],
            ["points_transfers.transfer_id"],
            name=op.f("fk_points_postings_transfer_id"),
        ),
        sa.PrimaryKeyConstraint("transfer_id", "account", name=op.f("pk_points_postings")),
    )
    append_only("points_postings")
    with op.batch_alter_table("points_postings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_points_postings_account"), ["account"], unique=False)

    op.create_table(
        "conformity_certificates",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("lot_id", sa.String(length=26), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("party_id", sa.String(length=26), nullable=False),
        sa.Column("style", sa.String(length=8), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("payload_id", sa.String(length=43), nullable=False),
        sa.ForeignKeyConstraint(
            ["lot_id"], ["lots.id"], name=op.f("fk_conformity_certificates_lot_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conformity_certificates")),
        sa.UniqueConstraint("lot_id", "n", name=op.f("uq_conformity_certificates_lot_id_n")),
    )
    append_only("conformity_certificates")
    with op.batch_alter_table("conformity_certificates", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_conformity_certificates_lot_id"), ["lot_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_conformity_certificates_party_id"), ["party_id"], unique=False
        )

    op.create_table(
        "event_lots",
        sa.Column("lot_id", sa.String(length=26), nullable=False),
        sa.Column("payload_id", sa.String(length=43), nullable=False),
        sa.Column("move", sa.String(length=8), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["lots.id"], name=op.f("fk_event_lots_lot_id")),
        sa.ForeignKeyConstraint(
            ["payload_id"], ["events.payload_id"], name=op.f("fk_event_lots_payload_id")
        ),
        sa.PrimaryKeyConstraint("lot_id", "payload_id", "move", name=op.f("pk_event_lots")),
    )
    append_only("event_lots")
    with op.batch_alter_table("event_lots", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_event_lots_payload_id"), ["payload_id"], unique=False)

    op.create_table(
        "label_bindings",
        sa.Column("run_id", sa.String(length=26), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("lot_id", sa.String(length=26), nullable=False),
        sa.Column("bound_at", sa.BigInteger(), nullable=False),
        sa.Column("payload_id", sa.String(length=43), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["lots.id"], name=op.f("fk_label_bindings_lot_id")),
        sa.ForeignKeyConstraint(
            ["run_id"], ["label_runs.id"], name=op.f("fk_label_bindings_run_id")
        ),
        sa.PrimaryKeyConstraint("run_id", "first", name=op.f("pk_label_bindings")),
    )
    append_only("label_bindings")
    with op.batch_alter_table("label_bindings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_label_bindings_lot_id"), ["lot_id"], unique=False)

    op.create_table(
        "label_voids",
        sa.Column("run_id", sa.String(length=26), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=10), nullable=False),
        sa.Column("voided_at", sa.BigInteger(), nullable=False),
        sa.Column("payload_id", sa.String(length=43), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["label_runs.id"], name=op.f("fk_label_voids_run_id")),
        sa.PrimaryKeyConstraint("run_id", "first", name=op.f("pk_label_voids")),
    )
    append_only("label_voids")
    op.create_table(
        "lot_balances",
        sa.Column("lot_id", sa.String(length=26), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("consumed", sa.BigInteger(), nullable=False),
        sa.Column("sold", sa.BigInteger(), nullable=False),
        sa.Column("labelled", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "consumed >= 0 AND sold >= 0 AND labelled >= 0",
            name=op.f("ck_lot_balances_not_negative"),
        ),
        sa.CheckConstraint(
            "received - consumed >= labelled", name=op.f("ck_lot_balances_goods_behind_labels")
        ),
        sa.CheckConstraint(
            "received >= consumed + sold", name=op.f("ck_lot_balances_gives_what_it_holds")
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lots.id"], name=op.f("fk_lot_balances_lot_id")),
        sa.PrimaryKeyConstraint("lot_id", name=op.f("pk_lot_balances")),
    )
    op.create_table(
        "lot_edges",
        sa.Column("parent_id", sa.String(length=26), nullable=False),
        sa.Column("child_id", sa.String(length=26), nullable=False),
        sa.Column("payload_id", sa.String(length=43), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["child_id"], ["lots.id"], name=op.f("fk_lot_edges_child_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["lots.id"], name=op.f("fk_lot_edges_parent_id")),
        sa.PrimaryKeyConstraint("parent_id", "child_id", "payload_id", name=op.f("pk_lot_edges")),
    )
    append_only("lot_edges")
    with op.batch_alter_table("lot_edges", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lot_edges_child_id"), ["child_id"], unique=False)

    op.create_table(
        "points_lot_shares",
        sa.Column("transfer_id", sa.String(length=26), nullable=False),
        sa.Column("lot_id", sa.String(length=26), nullable=False),
        sa.Column("of_transfer", sa.String(length=26), nullable=False),
        sa.Column("amount_milli", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_milli <> 0", name=op.f("ck_points_lot_shares_amount_not_zero")),
        sa.ForeignKeyConstraint(
            ["lot_id"], ["points_lots.lot_id"], name=op.f("fk_points_lot_shares_lot_id")
        ),
        sa.ForeignKeyConstraint(
            ["of_transfer"],
            ["points_transfers.transfer_id"],
            name=op.f("fk_points_lot_shares_of_transfer"),
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"],
            ["points_transfers.transfer_id"],
            name=op.f("fk_points_lot_shares_transfer_id"),
        ),
        sa.PrimaryKeyConstraint(
            "transfer_id", "lot_id", "of_transfer", name=op.f("pk_points_lot_shares")
        ),
    )
    append_only("points_lot_shares")
    with op.batch_alter_table("points_lot_shares", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_points_lot_shares_lot_id"), ["lot_id"], unique=False)

    op.create_table(
        "recalls",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("lot_id", sa.String(length=26), nullable=False),
        sa.Column("reason_zh", sa.Text(), nullable=False),
        sa.Column("reason_en", sa.Text(), nullable=False),
        sa.Column("office_id", sa.String(length=26), nullable=False),
        sa.Column("proposed_by", sa.String(length=40), nullable=False),
        sa.Column("radius", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["lots.id"], name=op.f("fk_recalls_lot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recalls")),
    )
    append_only("recalls")
    op.create_table(
        "run_totals",
        sa.Column("run_id", sa.String(length=26), nullable=False),
        sa.Column("bound", sa.Integer(), nullable=False),
        sa.Column("void", sa.Integer(), nullable=False),
        sa.CheckConstraint("bound >= 0 AND void >= 0", name=op.f("ck_run_totals_not_negative")),
        sa.ForeignKeyConstraint(["run_id"], ["label_runs.id"], name=op.f("fk_run_totals_run_id")),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_run_totals")),
    )
    op.create_table(
        "scan_epochs",
        sa.Column("lot_id", sa.String(length=26), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["lots.id"], name=op.f("fk_scan_epochs_lot_id")),
        sa.PrimaryKeyConstraint("lot_id", name=op.f("pk_scan_epochs")),
    )
    op.create_table(
        "scan_memberships",
        sa.Column("lot_id", sa.String(length=26), nullable=False),
        sa.Column("group_id", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["scan_groups.id"], name=op.f("fk_scan_memberships_group_id")
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lots.id"], name=op.f("fk_scan_memberships_lot_id")),
        sa.PrimaryKeyConstraint("lot_id", "group_id", name=op.f("pk_scan_memberships")),
    )
    append_only("scan_memberships")
    op.create_table(
        "recall_standings",
        sa.Column("recall_id", sa.String(length=26), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recall_id"], ["recalls.id"], name=op.f("fk_recall_standings_recall_id")
        ),
        sa.PrimaryKeyConstraint("recall_id", name=op.f("pk_recall_standings")),
    )
    op.create_table(
        "recall_steps",
        sa.Column("recall_id", sa.String(length=26), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("payload_id", sa.String(length=43), nullable=True),
        sa.ForeignKeyConstraint(
            ["recall_id"], ["recalls.id"], name=op.f("fk_recall_steps_recall_id")
        ),
        sa.PrimaryKeyConstraint("recall_id", "n", name=op.f("pk_recall_steps")),
    )
    append_only("recall_steps")
    op.create_table(
        "recalled_lots",
        sa.Column("recall_id", sa.String(length=26), nullable=False),
        sa.Column("lot_id", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["lots.id"], name=op.f("fk_recalled_lots_lot_id")),
        sa.ForeignKeyConstraint(
            ["recall_id"], ["recalls.id"], name=op.f("fk_recalled_lots_recall_id")
        ),
        sa.PrimaryKeyConstraint("recall_id", "lot_id", name=op.f("pk_recalled_lots")),
    )
    append_only("recalled_lots")
    with op.batch_alter_table("recalled_lots", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recalled_lots_lot_id"), ["lot_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("recalled_lots", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recalled_lots_lot_id"))

    op.drop_table("recalled_lots")
    op.drop_table("recall_steps")
    op.drop_table("recall_standings")
    op.drop_table("scan_memberships")
    op.drop_table("scan_epochs")
    op.drop_table("run_totals")
    op.drop_table("recalls")
    with op.batch_alter_table("points_lot_shares", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_points_lot_shares_lot_id"))

    op.drop_table("points_lot_shares")
    with op.batch_alter_table("lot_edges", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lot_edges_child_id"))

    op.drop_table("lot_edges")
    op.drop_table("lot_balances")
    op.drop_table("label_voids")
    with op.batch_alter_table("label_bindings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_label_bindings_lot_id"))

    op.drop_table("label_bindings")
    with op.batch_alter_table("event_lots", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_event_lots_payload_id"))

    op.drop_table("event_lots")
    with op.batch_alter_table("conformity_certificates", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_conformity_certificates_party_id"))
        batch_op.drop_index(batch_op.f("ix_conformity_certificates_lot_id"))

    op.drop_table("conformity_certificates")
    with op.batch_alter_table("points_postings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_points_postings_account"))

    op.drop_table("points_postings")
    with op.batch_alter_table("points_lots", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_points_lots_expires_at"))
        batch_op.drop_index(batch_op.f("ix_points_lots_account_id"))

    op.drop_table("points_lots")
    with op.batch_alter_table("lots", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lots_owner_id"))

    op.drop_table("lots")
    with op.batch_alter_table("label_runs", schema=None) as batch_op:
        batch_op.drop_index("uq_label_runs_numbers")
        batch_op.drop_index(batch_op.f("ix_label_runs_product_id"))
        batch_op.drop_index(batch_op.f("ix_label_runs_owner_id"))
        batch_op.drop_index(batch_op.f("ix_label_runs_mark_cert_id"))
        batch_op.drop_index(batch_op.f("ix_label_runs_cert_id"))
        batch_op.drop_index(batch_op.f("ix_label_runs_account_id"))

    op.drop_table("label_runs")
    op.drop_table("certification_transaction_voids")
    with op.batch_alter_table("certification_permit_deeds", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certification_permit_deeds_taker"))

    op.drop_table("certification_permit_deeds")
    op.drop_table("certification_line_amendments")
    op.drop_table("certification_accreditation_ends")
    op.drop_table("representations")
    with op.batch_alter_table("products", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_products_owner_id"))
        batch_op.drop_index(batch_op.f("ix_products_category"))

    op.drop_table("products")
    with op.batch_alter_table("points_transfers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_points_transfers_account_id_rule_cap_key"))

    op.drop_table("points_transfers")
    op.drop_table("points_balances")
    op.drop_table("platform_operator")
    with op.batch_alter_table("party_records", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_party_records_name_zh"))

    op.drop_table("party_records")
    op.drop_table("party_keys")
    with op.batch_alter_table("party_codes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_party_codes_party"))

    op.drop_table("party_codes")
    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_memberships_person"))
        batch_op.drop_index(batch_op.f("ix_memberships_party"))

    op.drop_table("memberships")
    op.drop_table("key_challenges")
    op.drop_table("credit_closings")
    with op.batch_alter_table("clients", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_clients_party"))

    op.drop_table("clients")
    with op.batch_alter_table("certification_transactions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certification_transactions_seller"))
        batch_op.drop_index(batch_op.f("ix_certification_transactions_cert_id"))
        batch_op.drop_index(batch_op.f("ix_certification_transactions_buyer"))

    op.drop_table("certification_transactions")
    with op.batch_alter_table("certification_scopes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certification_scopes_subject"))

    op.drop_table("certification_scopes")
    with op.batch_alter_table("certification_reports", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certification_reports_lab_number"))
        batch_op.drop_index(batch_op.f("ix_certification_reports_evidence_id"))

    op.drop_table("certification_reports")
    with op.batch_alter_table("certification_permits", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certification_permits_holder"))
        batch_op.drop_index(batch_op.f("ix_certification_permits_cert_id"))

    op.drop_table("certification_permits")
    with op.batch_alter_table("certification_papers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certification_papers_digest"))
        batch_op.drop_index(batch_op.f("ix_certification_papers_cert_id"))

    op.drop_table("certification_papers")
    with op.batch_alter_table("certification_nonconformities", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certification_nonconformities_about_state"))

    op.drop_table("certification_nonconformities")
    with op.batch_alter_table("certification_move_tickets", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certification_move_tickets_move_id_state_cert_id"))
        batch_op.drop_index(batch_op.f("ix_certification_move_tickets_cert_id"))

    op.drop_table("certification_move_tickets")
    op.drop_table("certification_move_steps")
    with op.batch_alter_table("certification_move_standings", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_certification_move_standings_open",
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    op.drop_table("certification_move_standings")
    with op.batch_alter_table("certification_lines", schema=None) as batch_op:
        batch_op.drop_index("uq_certification_lines_season")
        batch_op.drop_index("uq_certification_lines_n")

    op.drop_table("certification_lines")
    op.drop_table("certification_lifted_bars")
    with op.batch_alter_table("certification_inspection_steps", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certification_inspection_steps_person"))

    op.drop_table("certification_inspection_steps")
    with op.batch_alter_table("certification_inspection_standings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certification_inspection_standings_scheme_day"))
        batch_op.drop_index(batch_op.f("ix_certification_inspection_standings_day"))
        batch_op.drop_index(batch_op.f("ix_certification_inspection_standings_about"))

    op.drop_table("certification_inspection_standings")
    with op.batch_alter_table("certification_follow_ups", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certification_follow_ups_subject"))

    op.drop_table("certification_follow_ups")
    op.drop_table("certification_draw_steps")
    op.drop_table("certification_draw_standings")
    op.drop_table("certification_consequence_steps")
    with op.batch_alter_table("certification_consequence_standings", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_certification_consequence_standings_waiting",
            sqlite_where=sa.text("state = 'proposed'"),
            postgresql_where=sa.text("state = 'proposed'"),
        )

    op.drop_table("certification_consequence_standings")
    op.drop_table("certification_competence_ends")
    with op.batch_alter_table("certification_changes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certification_changes_case_id"))

    op.drop_table("certification_changes")
    with op.batch_alter_table("certification_case_steps", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certification_case_steps_person"))

    op.drop_table("certification_case_steps")
    with op.batch_alter_table("certification_case_standings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certification_case_standings_state_scheme"))

    op.drop_table("certification_case_standings")
    with op.batch_alter_table("certification_case_outcomes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certification_case_outcomes_subject"))

    op.drop_table("certification_case_outcomes")
    with op.batch_alter_table("certification_attachments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certification_attachments_evidence_id"))

    op.drop_table("certification_attachments")
    op.drop_table("certification_appointment_ends")
    op.drop_table("certification_appeal_steps")
    with op.batch_alter_table("certification_amendments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certification_amendments_to_date"))

    op.drop_table("certification_amendments")
    with op.batch_alter_table("certification_accreditations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certification_accreditations_lab"))

    op.drop_table("certification_accreditations")
    op.drop_table("tiles")
    op.drop_table("stream_counts")
    with op.batch_alter_table("sign_in_failures", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_failures_name_digest_at"))
        batch_op.drop_index(batch_op.f("ix_sign_in_failures_at"))

    op.drop_table("sign_in_failures")
    with op.batch_alter_table("sealed_files", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sealed_files_subject"))

    op.drop_table("sealed_files")
    op.drop_table("scan_groups")
    op.drop_table("scan_counts")
    op.drop_table("run_numbers")
    op.drop_table("points_packs")
    with op.batch_alter_table("points_claims", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_points_claims_event_id"))

    op.drop_table("points_claims")
    op.drop_table("points_accounts")
    op.drop_table("people")
    with op.batch_alter_table("parties", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_parties_host"))

    op.drop_table("parties")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outbox_head"))

    op.drop_table("outbox")
    with op.batch_alter_table("openings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_openings_subject"))

    op.drop_table("openings")
    op.drop_table("log_state")
    op.drop_table("label_numbers")
    op.drop_table("label_keys")
    op.drop_table("key_entries")
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.drop_index("ix_jobs_due_at")

    op.drop_table("jobs")
    op.drop_table("heads")
    op.drop_table("first_scans")
    op.drop_table("first_answers")
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.drop_index("ix_events_party_recorded")
        batch_op.drop_index(batch_op.f("ix_events_event_hash"))

    op.drop_table("events")
    op.drop_table("event_names")
    op.drop_table("entry_streams")
    op.drop_table("entries")
    with op.batch_alter_table("documents", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_documents_subject"))

    op.drop_table("documents")
    with op.batch_alter_table("credit_records", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_credit_records_disclosure_end"))

    op.drop_table("credit_records")
    op.drop_table("certification_transaction_numbers")
    with op.batch_alter_table("certification_search", schema=None) as batch_op:
        batch_op.drop_index(
            batch_op.f("ix_certification_search_scheme_decided_region_begins_at_ends_at")
        )
        batch_op.drop_index(batch_op.f("ix_certification_search_number_scheme"))
        batch_op.drop_index(batch_op.f("ix_certification_search_begins_at"))

    op.drop_table("certification_search")
    op.drop_table("certification_schemes")
    op.drop_table("certification_running_cases")
    with op.batch_alter_table("certification_quotas", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certification_quotas_cert_id"))

    op.drop_table("certification_quotas")
    op.drop_table("certification_permit_numbers")
    op.drop_table("certification_number_counters")
    op.drop_table("certification_moves")
    op.drop_table("certification_labs")
    with op.batch_alter_table("certification_inspections", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certification_inspections_holder"))

    op.drop_table("certification_inspections")
    with op.batch_alter_table("certification_evidence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certification_evidence_holder_document"))
        batch_op.drop_index(batch_op.f("ix_certification_evidence_digest"))

    op.drop_table("certification_evidence")
    with op.batch_alter_table("certification_draws", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certification_draws_scheme"))

    op.drop_table("certification_draws")
    with op.batch_alter_table("certification_declarations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certification_declarations_case_id_person"))

    op.drop_table("certification_declarations")
    with op.batch_alter_table("certification_consequences", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certification_consequences_cert_id"))

    op.drop_table("certification_consequences")
    with op.batch_alter_table("certification_competences", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certification_competences_scheme_task"))
        batch_op.drop_index(batch_op.f("ix_certification_competences_person_scheme"))

    op.drop_table("certification_competences")
    with op.batch_alter_table("certification_certificates", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certification_certificates_to_date"))
        batch_op.drop_index(batch_op.f("ix_certification_certificates_number"))
        batch_op.drop_index(batch_op.f("ix_certification_certificates_holder"))

    op.drop_table("certification_certificates")
    with op.batch_alter_table("certification_cases", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certification_cases_holder"))

    op.drop_table("certification_cases")
    with op.batch_alter_table("certification_bars", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certification_bars_holder_scheme"))

    op.drop_table("certification_bars")
    with op.batch_alter_table("certification_artworks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certification_artworks_scheme_registered_at"))

    op.drop_table("certification_artworks")
    with op.batch_alter_table("certification_appointments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certification_appointments_scheme"))
        batch_op.drop_index(batch_op.f("ix_certification_appointments_party_scheme"))

    op.drop_table("certification_appointments")
    with op.batch_alter_table("certification_appeals", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certification_appeals_subject"))

    op.drop_table("certification_appeals")
    with op.batch_alter_table("certification_appeal_standings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certification_appeal_standings_state_scheme"))

    op.drop_table("certification_appeal_standings")
    op.drop_table("brands")
    with op.batch_alter_table("bases", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bases_region"))
        batch_op.drop_index(batch_op.f("ix_bases_owner_id"))

    op.drop_table("bases")
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_person_number"))
        batch_op.drop_index(batch_op.f("ix_audit_party_number"))
        batch_op.drop_index(batch_op.f("ix_audit_at"))

    op.drop_table("audit")
