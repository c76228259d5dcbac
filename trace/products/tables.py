"""The register of products."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from runtime.database import Base, Instant, TableClass, table
from trace.products.model import ProductFacts


class Product(Base):
    """A product as registered; columns are the fields of 生态产品目录清单."""

    __tablename__ = "products"
    __table_args__ = table(TableClass.REGISTER, history=True)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    gtin: Mapped[str | None] = mapped_column(String(14), unique=True)
    brand_id: Mapped[str | None] = mapped_column(ForeignKey("brands.id"))
    owner_id: Mapped[str] = mapped_column(String(26), index=True)
    name_zh: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(120))
    category: Mapped[str] = mapped_column(String(12), index=True)
    grade: Mapped[str] = mapped_column(String(60))
    features_zh: Mapped[str] = mapped_column(Text)
    features_en: Mapped[str] = mapped_column(Text)
    season: Mapped[str] = mapped_column(String(60))
    measure: Mapped[str] = mapped_column(String(6))
    net_mg: Mapped[int | None] = mapped_column(BigInteger)
    expected_quantity: Mapped[int | None] = mapped_column(BigInteger)
    expected_typed: Mapped[str] = mapped_column(String(40))
    rights_holder: Mapped[str] = mapped_column(String(120))
    protection_zh: Mapped[str] = mapped_column(Text)
    use_zh: Mapped[str] = mapped_column(Text)
    region: Mapped[str] = mapped_column(String(12))
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    payload_id: Mapped[str] = mapped_column(String(43))

    def facts(self) -> ProductFacts:
        """Return what other rules need to know of this product."""
        measure = "pieces" if self.measure == "pieces" else "mass"
        return ProductFacts(self.id, self.code, self.gtin, measure, self.net_mg)  # type: ignore[arg-type]
