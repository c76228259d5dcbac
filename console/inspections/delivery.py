"""What a phone delivers as JSON: a record of a visit, read strictly.

    {"client_id": "22 letters of base64url", "sequence": 1, "made_at": "2026-10-01T04:00:00.000Z",
     "answers": [{"item": "scope", "result": "pass", "note": ""}],
     "photos": [{"digest": "64 hexadecimal digits", "item": "scope", "taken_at": "…Z",
                 "position": {"latitude": "38.901200", "longitude": "117.432100"}}]}

Unknown members are refused. What the values mean is decided by `certification.inspections`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from marshmallow import Schema, ValidationError, fields, validate

from certification.inspections.model import PHOTOS_MAX, CheckAnswer, PhotoClaim, Position
from certification.inspections.service import RecordChecks
from console.refusals import FormRefusal
from runtime.clock import in_utc
from runtime.refusal import Reason, Refusal
from runtime.strict_json import StrictJsonError, read

_YEARS = (1970, 9998)
_ANSWERS_MAX = 500


class Clock(fields.Field[datetime]):
    """An instant as a phone writes it, with its zone; any phone's clock, however wrong, is read."""

    def deserialize(self, value: Any, attr: Any = None, data: Any = None, **kwargs: Any) -> Any:
        """Give the instant in UTC; None where it may be absent."""
        if value is None and self.allow_none:
            return None
        try:
            at = datetime.fromisoformat(value if isinstance(value, str) else "")
            if at.tzinfo is None or not _YEARS[0] <= at.year <= _YEARS[1]:
                raise ValueError
            return in_utc(at)
        except (ValueError, OverflowError) as error:
            raise ValidationError("no instant") from error


class _Text(fields.String):
    def __init__(self, most: int, **wanted: Any) -> None:
        super().__init__(required=True, validate=validate.Length(max=most), **wanted)


class _Place(Schema):
    latitude = _Text(16)
    longitude = _Text(16)


class _Answer(Schema):
    item = _Text(40)
    result = _Text(16)
    note = _Text(2000)


class _Photo(Schema):
    digest = _Text(64)
    item = _Text(40)
    taken_at = Clock(required=True, allow_none=True)
    position = fields.Nested(_Place, required=True, allow_none=True)


class _Record(Schema):
    client_id = _Text(64)
    sequence = fields.Integer(required=True, strict=True)
    made_at = Clock(required=True)
    answers = fields.List(
        fields.Nested(_Answer), required=True, validate=validate.Length(max=_ANSWERS_MAX)
    )
    photos = fields.List(
        fields.Nested(_Photo), required=True, validate=validate.Length(max=PHOTOS_MAX)
    )


def read_record(inspection: str, body: bytes) -> RecordChecks:
    """Read what a phone delivers. Raises Refusal DELIVERY_MALFORMED."""
    try:
        told: Any = _Record().load(cast("dict[str, Any]", read(body)))
    except (StrictJsonError, ValidationError) as error:
        raise Refusal(Reason(FormRefusal.DELIVERY_MALFORMED)) from error
    return RecordChecks(
        inspection=inspection,
        client_id=told["client_id"],
        sequence=told["sequence"],
        made_at=told["made_at"],
        answers=tuple(CheckAnswer(**each) for each in told["answers"]),
        photos=tuple(map(_claim, told["photos"])),
    )


def _claim(told: dict[str, Any]) -> PhotoClaim:
    place = told["position"]
    position = None if place is None else Position(**place)
    return PhotoClaim(told["digest"], told["item"], told["taken_at"], position)
