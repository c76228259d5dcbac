"""The public register of schemes: what each one is in law, its numbers with their sources, its
deadlines, and which versions were published.

A number whose official text nobody has read is shown as such; it is a parameter, not a fact.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from certification.process.standing import CaseState
from certification.process.words import STATE_WORDS, TRACK_WORDS
from certification.schemes.model import Bound, DayKind, Nature, Scheme, Track
from certification.schemes.service import published, scheme, schemes
from public_api.registry.log_links import LogLink, log_links
from web.language import Words

NATURE_WORDS: dict[Nature, Words] = {
    Nature.CERTIFICATION: Words("认证", "certification"),
    Nature.VOLUNTARY_CERTIFICATION: Words("自愿认证", "voluntary certification"),
    Nature.MARK_LICENCE: Words("标志许可", "licence to use a mark"),
    Nature.GEOGRAPHICAL_INDICATION: Words("地理标志", "geographical indication"),
    Nature.LISTING: Words("名录收集登录", "listing"),
    Nature.BRAND_AUTHORISATION: Words("品牌认定与授权使用", "authorisation to use a brand"),
    Nature.AWARD: Words("评选", "award"),
}
PARAMETER_WORDS: dict[str, Words] = {
    "validity_years": Words("有效期（年）", "longest term (years)"),
    "renewal_months": Words("届满前申请续展（月）", "renewal asked before the end (months)"),
    "bar_years": Words("撤销后禁止申请（年）", "bar after a revocation (years)"),
    "quantity_bound": Words("数量控制方式", "what bounds the quantity"),
    "confirm_yearly": Words("须年度确认", "to be confirmed yearly"),
    "new_applications": Words("受理新申请", "takes first applications"),
    "longest_suspension_months": Words("最长暂停（月）", "longest suspension (months)"),
    "surveillance_months": Words("监督检查间隔（月）", "between surveillance visits (months)"),
    "retention_years": Words("档案保存（年）", "records are kept (years)"),
    "appeal_working_days": Words("申诉办理（工作日）", "appeals are decided in (working days)"),
}
VALUE_WORDS: dict[str | None, Words] = {
    None: Words("无", "none"),
    "True": Words("是", "yes"),
    "False": Words("否", "no"),
    Bound.APPROVED_OUTPUT.value: Words("按核准产量", "the approved output"),
    Bound.PRINT_PERMIT.value: Words("按准印证", "print permits"),
    Bound.UNBOUNDED.value: Words("不控制数量", "nothing"),
}


@dataclass(frozen=True)
class SchemeLine:
    """A scheme in the list."""

    code: str
    version: str
    name_zh: str
    name_en: str
    nature_zh: str
    nature_en: str
    verb_zh: str
    verb_en: str
    office_zh: str
    office_en: str
    takes_new: bool
    published: bool


@dataclass(frozen=True)
class ParameterLine:
    """A number of a scheme, where it was found, and whether the official text was read."""

    name: str
    words_zh: str
    words_en: str
    value: str | None
    value_zh: str
    value_en: str
    verified: bool
    source: str


@dataclass(frozen=True)
class StepLine:
    """One step of a track: who does it, and how long it may take."""

    state_zh: str
    state_en: str
    working_days: int | None
    notice_days: int | None
    notice_working: bool
    verified: bool | None
    source: str | None


@dataclass(frozen=True)
class TrackLine:
    """One kind of application and its steps in order."""

    kind: str
    words_zh: str
    words_en: str
    steps: tuple[StepLine, ...]


@dataclass(frozen=True)
class GroundLine:
    """A ground of revocation and its bar."""

    words_zh: str
    words_en: str
    bar_years: int | None
    verified: bool
    source: str


@dataclass(frozen=True)
class VersionLine:
    """A published version, with its entry; `digest` is that of its files."""

    version: str
    in_force_from: datetime
    digest: str
    log: LogLink


@dataclass(frozen=True)
class SchemeEntry:
    """A scheme as strangers see it, in its newest version."""

    code: str
    version: str
    effective: date
    name_zh: str
    name_en: str
    nature_zh: str
    nature_en: str
    verb_zh: str
    verb_en: str
    office_zh: str
    office_en: str
    document_zh: str
    document_en: str
    about_zh: str
    about_en: str
    standards: tuple[str, ...]
    grades: tuple[tuple[str, str, str], ...]
    parameters: tuple[ParameterLine, ...]
    tracks: tuple[TrackLine, ...]
    grounds: tuple[GroundLine, ...]
    mark_rules: tuple[tuple[str, str], ...]
    versions: tuple[VersionLine, ...]


def list_schemes(session: Session) -> list[SchemeLine]:
    """Give the schemes that ship, by code; `published` says that cases can run under it."""
    in_force = {each.code for each in published(session)}
    return [_line(each, each.code in in_force) for each in schemes().values()]


def _line(each: Scheme, in_force: bool) -> SchemeLine:
    nature = NATURE_WORDS[each.nature]
    return SchemeLine(
        each.code, each.version, each.name.zh, each.name.en, nature.zh, nature.en, each.verb.zh,
        each.verb.en, each.office.zh, each.office.en, each.takes_new, in_force,
    )  # fmt: skip


def find_scheme(session: Session, code: str) -> SchemeEntry:
    """Give a scheme. Raises Refusal SCHEME_UNKNOWN."""
    found = scheme(code)
    nature = NATURE_WORDS[found.nature]
    about = found.about
    return SchemeEntry(
        code=found.code,
        version=found.version,
        effective=found.effective,
        name_zh=found.name.zh,
        name_en=found.name.en,
        nature_zh=nature.zh,
        nature_en=nature.en,
        verb_zh=found.verb.zh,
        verb_en=found.verb.en,
        office_zh=found.office.zh,
        office_en=found.office.en,
        document_zh=found.document.zh,
        document_en=found.document.en,
        about_zh=about.zh if about else "",
        about_en=about.en if about else "",
        standards=found.standards,
        grades=tuple((each.code, each.words.zh, each.words.en) for each in found.grades),
        parameters=tuple(_parameters(found)),
        tracks=tuple(_track(each) for each in found.tracks.values()),
        grounds=tuple(
            GroundLine(each.words.zh, each.words.en, each.bar_years, each.verified, each.source)
            for each in found.grounds
        ),
        mark_rules=tuple((each.zh, each.en) for each in found.mark_rules),
        versions=tuple(_versions(session, code)),
    )


def _parameters(found: Scheme) -> list[ParameterLine]:
    lines = []
    for each in found.parameters.values():
        words = PARAMETER_WORDS.get(each.name, Words(each.name, each.name.replace("_", " ")))
        value = None if each.value is None else str(each.value)
        said = VALUE_WORDS.get(value, Words(value or "", value or ""))
        lines.append(
            ParameterLine(
                each.name, words.zh, words.en, value, said.zh, said.en, each.verified, each.source
            )
        )
    return lines


def _track(track: Track) -> TrackLine:
    words = TRACK_WORDS[track.kind]
    return TrackLine(track.kind.value, words.zh, words.en, tuple(_steps(track)))


def _steps(track: Track) -> list[StepLine]:
    lines = []
    for each in track.steps:
        words, rule = STATE_WORDS[CaseState(each.state)], each.deadline or each.notice
        lines.append(
            StepLine(
                state_zh=words.zh,
                state_en=words.en,
                working_days=each.working_days,
                notice_days=each.days,
                notice_working=each.day_kind is DayKind.WORKING,
                verified=None if rule is None else rule.verified,
                source=each.source,
            )
        )
    return lines


def _versions(session: Session, code: str) -> list[VersionLine]:
    found = published(session, code)
    links = log_links(session, [each.payload_id for each in found])
    return [
        VersionLine(each.version, each.in_force_from, each.digest, links[each.payload_id])
        for each in found
    ]
