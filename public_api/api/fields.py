"""The fields of bodies and questions: what they take is exactly what `/openapi.json` says.

Errors are names of `PublicRefusal`, which the parser turns into refusals with their JSON pointers.
Numbers are no strings and strings no numbers; a quantity is two strings, value and unit as people
type them, so that no float ever touches it; an instant has its offset.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, TypeVar

from marshmallow import RAISE, Schema, ValidationError, fields, validate
from werkzeug.routing import BaseConverter

from public_api.refusals import PublicRefusal
from trace.epcis.times import instant_of

MISSING = PublicRefusal.FIELD_MISSING.name
UNKNOWN = PublicRefusal.FIELD_UNKNOWN.name
MALFORMED = PublicRefusal.FIELD_MALFORMED.name
NOT_OBJECT = PublicRefusal.BODY_NOT_OBJECT.name

WHOLE_MAX = 2**53 - 1
ID = r"^[A-Za-z0-9:_-]{1,40}$"
MOMENT = (
    r"^(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})$"
)
DAY = r"^(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}$"
_MESSAGES = {
    "required": MISSING,
    "null": MALFORMED,
    "validator_failed": MALFORMED,
    "invalid": MALFORMED,
}


class Pattern(validate.Regexp):
    """A regular expression that the whole text has to match, as JSON Schema's `$` means it."""

    def __init__(self, pattern: str) -> None:
        """Take a pattern with both anchors."""
        super().__init__(pattern, error=MALFORMED)
        self.whole = re.compile(pattern)

    def __call__(self, value: str) -> str:  # type: ignore[override]
        """Return the value. Raises ValidationError."""
        if self.whole.fullmatch(value) is None:
            raise ValidationError(MALFORMED)
        return value


Value = TypeVar("Value")


class Plain(fields.Field[Value]):
    """A field whose errors are names of `PublicRefusal`."""

    def __init__(self, **options: Any) -> None:
        """Take what every field takes."""
        super().__init__(error_messages=dict(_MESSAGES), **options)


class Text(Plain[str]):
    """A text; nothing else counts as one. `words` are those that the area knows."""

    def __init__(
        self,
        *,
        pattern: str | None = None,
        most: int = 4000,
        words: Iterable[str] = (),
        about: str = "",
        **options: Any,
    ) -> None:
        """Bound the text; `about` describes the field."""
        checks: list[Any] = [validate.Length(max=most, error=MALFORMED)]
        checks += [Pattern(pattern)] if pattern else []
        listed: list[str | None] = [*sorted(words)]
        if listed and options.get("load_default", "") is None:
            listed.append(None)
        metadata = {"description": about} if about else {}
        known: dict[str, Any] = {"enum": listed} if listed else {}
        super().__init__(validate=checks, metadata={**metadata, **known}, **options)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        if not isinstance(value, str) or "\x00" in value:
            raise self.make_error("invalid")
        return value


class Moment(Text):
    """An instant with its offset (RFC 3339), in the years 1900 to 2199."""

    def __init__(self, **options: Any) -> None:
        """Take what every text takes."""
        super().__init__(pattern=MOMENT, most=40, **options)

    def deserialize(self, *args: Any, **kwargs: Any) -> Any:
        """Return the instant in UTC. Raises ValidationError."""
        value = super().deserialize(*args, **kwargs)
        if not isinstance(value, str):
            return value
        try:
            return instant_of(value)
        except ValueError:
            raise self.make_error("invalid") from None


class Day(Text):
    """A calendar day, `2026-10-18`, in the years 1900 to 2199."""

    def __init__(self, **options: Any) -> None:
        """Take what every text takes."""
        super().__init__(pattern=DAY, most=10, **options)

    def deserialize(self, *args: Any, **kwargs: Any) -> Any:
        """Return the day. Raises ValidationError."""
        value = super().deserialize(*args, **kwargs)
        if not isinstance(value, str):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise self.make_error("invalid") from None


class Whole(Plain[int]):
    """A whole number that every reader of JSON holds exactly."""

    def __init__(self, *, least: int = 0, most: int = WHOLE_MAX, **options: Any) -> None:
        """Bound the number."""
        super().__init__(validate=validate.Range(least, most, error=MALFORMED), **options)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class WholeInQuery(Whole):
    """A whole number in an address, where everything is a text."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", str(value)):
            raise self.make_error("invalid")
        return int(value)


class Flag(Plain[bool]):
    """True or false, and no other word for them."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class Listed(Plain[tuple[Any, ...]]):
    """A list of bounded length; read as a tuple."""

    def __init__(
        self,
        inner: fields.Field[Any],
        *,
        least: int = 0,
        most: int = 200,
        about: str = "",
        **options: Any,
    ) -> None:
        """Take the field of the items; `about` describes the list."""
        length = validate.Length(least, most, error=MALFORMED)
        metadata = {"description": about} if about else {}
        super().__init__(validate=length, metadata=metadata, **options)
        self.inner = inner

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise self.make_error("invalid")
        read, errors = [], {}
        for position, item in enumerate(value):
            try:
                read.append(self.inner.deserialize(item))
            except ValidationError as error:
                errors[position] = error.messages
        if errors:
            raise ValidationError(errors)
        return tuple(read)


class Typed(Listed):
    """A quantity as typed: value and unit, `["72000", "公斤"]`."""

    def __init__(self, **options: Any) -> None:
        """Take what every field takes."""
        super().__init__(Text(most=40), least=2, most=2, **options)


class Texts(Plain[dict[str, str]]):
    """An object whose members are all texts."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> dict[str, str]:
        if not isinstance(value, dict) or len(value) > 60:
            raise self.make_error("invalid")
        wrong = {name: [MALFORMED] for name, item in value.items() if not isinstance(item, str)}
        if wrong:
            raise ValidationError(wrong)
        return value


class Anything(Plain[Any]):
    """A JSON object whose members the area looks at."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> Any:
        if not isinstance(value, dict):
            raise self.make_error("invalid")
        return value


class Shape(Schema):
    """A body or a set of questions: what it does not name is refused."""

    class Meta:
        """Refuse unknown fields, and say so in the description."""

        unknown = RAISE

    error_messages = {"unknown": UNKNOWN, "type": NOT_OBJECT}


class Part(Plain[dict[str, Any]]):
    """An object inside a body, of a shape of its own."""

    def __init__(self, shape: type[Shape], **options: Any) -> None:
        """Take the shape of the object."""
        super().__init__(**options)
        self.shape = shape

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self.make_error("invalid")
        read: dict[str, Any] = self.shape().load(value)
        return read


def named(**options: Any) -> Text:
    """Give the field of an id, or of a code that stands for one."""
    return Text(pattern=ID, most=40, **options)


def whose() -> Text:
    """Give the field of the party for which something is done."""
    about = "Party that it is done for; the token's own where absent"
    return named(about=about, load_default=None, allow_none=True)


class IdConverter(BaseConverter):
    """An id or code in an address; anything else is no such address."""

    regex = ID[1:-1]
