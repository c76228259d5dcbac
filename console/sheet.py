"""A form: its shape, what was typed, its one-time key, and what was refused where.

    sheet = Sheet.of(OpenLotForm, {"opened_at": now_text()})
    if sheet.sent:
        with sheet.attempt():
            opened = sheet.run(open_lot, OpenLot(…, **sheet.read()))
            return redirect(…, 303)
    return sheet.page("console/lots/new.html")

A refusal ends the block, and the page is drawn again with the refusal at its field and its status.

Absent and blank are one. No field takes invisible, control or direction-turning characters
(`trace.text`), whatever is done with it afterwards, so no query ever sees one. A refused form keeps
its key, for nothing was done under it; a form that was done and is sent again with other contents
is refused once and gets a new key.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import TracebackType
from typing import Any, ClassVar, NoReturn, TypeVar

from flask import Response, make_response, render_template, request
from marshmallow import EXCLUDE, Schema, ValidationError, fields
from werkzeug.datastructures import FileStorage, MultiDict

from console.refusals import FormRefusal
from console.words import in_words
from identity.actor import Actor
from ledger.work import Work
from runtime import base64url
from runtime.clock import BEIJING, in_utc
from runtime.refusal import Reason, Refusal, RefusalCode
from runtime.regions import is_region_code
from trace.text import TextRefusal, text_fault
from web.node import current_node
from web.problems import problem
from web.sign_in import current_actor
from workflows.refusals import UnitRefusal

Command = TypeVar("Command")
Result = TypeVar("Result")

LENGTH_MAX = 1000
_KEY = re.compile(r"[A-Za-z0-9_-]{22}")
_WHOLE = re.compile(r"-?[0-9]{1,15}")


class Typed(fields.Field[Any]):
    """One line; blank gives `blank`, or is refused where the field is needed."""

    blank: Any = ""
    missing_code: RefusalCode = FormRefusal.FIELD_MISSING

    def __init__(self, needed: bool = True, most: int = LENGTH_MAX) -> None:
        super().__init__()
        self.needed, self.most = needed, most

    def deserialize(
        self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any
    ) -> Any:
        """Read what was typed; raises ValidationError with a list of reasons."""
        text = value.strip() if isinstance(value, str) else ""
        if not text:
            return self.blank if not self.needed else _fail(self.missing_code)
        fault = text_fault(text, lines=True)
        if fault is not None:
            _fail(fault)
        if len(text) > self.most:
            _fail(TextRefusal.TEXT_TOO_LONG, limit=self.most, length=len(text))
        return self.read(text)

    def read(self, text: str) -> Any:
        """Give the value of a text that is not blank."""
        return text


class Line(Typed):
    """A text as it was typed, without the spaces around it."""


class Maybe(Typed):
    """A text that may be absent: blank gives None."""

    blank = None

    def __init__(self, most: int = LENGTH_MAX) -> None:
        super().__init__(needed=False, most=most)


class Whole(Typed):
    """A whole number of at most 15 digits, perhaps below zero."""

    blank = None

    def read(self, text: str) -> int:
        """Read the number; groups of digits may be parted by commas."""
        bare = text.replace(",", "").replace("，", "")
        return int(bare) if _WHOLE.fullmatch(bare) else _fail(FormRefusal.NUMBER_MALFORMED)


class Moment(Typed):
    """Date and time in Beijing, as `<input type="datetime-local">` or a person writes them."""

    blank = None

    def read(self, text: str) -> datetime:
        """Give the instant in UTC."""
        try:
            typed = datetime.fromisoformat(text.replace("/", "-"))
            return in_utc(typed if typed.tzinfo else typed.replace(tzinfo=BEIJING))
        except (ValueError, OverflowError):
            _fail(FormRefusal.MOMENT_MALFORMED)


class Day(Typed):
    """A legal day."""

    blank = None

    def read(self, text: str) -> date:
        """Give the day."""
        try:
            return date.fromisoformat(text.replace("/", "-"))
        except ValueError:
            _fail(FormRefusal.DAY_MALFORMED)


class Region(Typed):
    """A region code of 6, 9 or 12 digits."""

    def read(self, text: str) -> str:
        """Give the code."""
        return text if is_region_code(text) else _fail(FormRefusal.REGION_MALFORMED)


class Choice(Typed):
    """One of a closed list, or whatever the use case takes where no list is given."""

    missing_code = FormRefusal.CHOICE_MISSING

    def __init__(self, options: Iterable[str] = (), needed: bool = True) -> None:
        super().__init__(needed)
        self.options = frozenset(options)

    def read(self, text: str) -> str:
        """Give the choice."""
        known = not self.options or text in self.options
        return text if known else _fail(FormRefusal.CHOICE_UNKNOWN)


class Tick(Typed):
    """A box that is ticked or not."""

    blank = False

    def __init__(self) -> None:
        super().__init__(needed=False)

    def read(self, text: str) -> bool:
        """Give True: a box that is not ticked is not sent."""
        return True


class Many(Typed):
    """Several ticked boxes, or several lines of one field: a tuple of texts, blanks left out."""

    blank = ()
    missing_code = FormRefusal.CHOICE_MISSING

    def deserialize(
        self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any
    ) -> tuple[str, ...]:
        """Read all that were sent under the name."""
        lines = [line.strip() for each in value or () for line in each.splitlines()]
        found = tuple(line for line in lines if line)
        if self.needed and not found:
            _fail(self.missing_code)
        for line in found:
            super().deserialize(line)
        return found


class Upload(fields.Field[bytes]):
    """A file that is sent with the form (`multipart/form-data`): its bytes.

    How many they may be is bounded before, by what the node takes for a request.
    """

    def deserialize(
        self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any
    ) -> bytes:
        """Read the file; none, or an empty one, is refused."""
        content = value.read() if isinstance(value, FileStorage) else b""
        return content or _fail(FormRefusal.FILE_MISSING)


def _fail(code: RefusalCode, **numbers: int) -> NoReturn:
    raise ValidationError([Reason(code, None, numbers)])


class Form(Schema):
    """A form's shape; `places` leads from pointers of refusals to the fields of the form.

    A pointer that is not named leads to the field of its own name: `/net` to `net`,
    `/inputs/0/lot` to `inputs-0-lot`, `/details/variety` to `variety`.
    """

    places: ClassVar[Mapping[str, str]] = {}

    class Meta:
        """What the form does not name is not read: key, token, buttons."""

        unknown = EXCLUDE

    def place_of(self, reason: Reason) -> str | None:
        """Give the field at which a refusal is shown, or None: above the form only."""
        pointer = reason.pointer or ""
        parts = [part for part in pointer.split("/") if part]
        named = [pointer, "/" + "/".join(parts[-1:]), reason.code.code]
        found = [self.places[each] for each in named if each in self.places]
        joined = ["-".join(parts), "-".join([*parts, "value"]), *parts[-1:], *parts[:1]]
        return next((each for each in [*found, *joined] if each in self.fields), None)


@dataclass
class Sheet:
    """One form on its way through a request."""

    shape: Form
    typed: MultiDict[str, str]
    key: str
    sent: bool
    status: int = 200
    reasons: tuple[Reason, ...] = ()
    faults: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, shape: type[Form], values: Mapping[str, Any] | None = None) -> Sheet:
        """Take the form that this request sends, or a fresh one filled with `values`."""
        if request.method == "POST":
            key = request.form.get("form_key", "")
            return cls(shape(), request.form, key if _KEY.fullmatch(key) else fresh_key(), True)
        return cls.fresh(shape, values)

    @classmethod
    def fresh(cls, shape: type[Form], values: Mapping[str, Any] | None = None) -> Sheet:
        """Make a form that nobody has sent yet."""
        return cls(shape(), MultiDict(dict(values or {})), fresh_key(), False)

    def value(self, name: str) -> str:
        """Give what stands in a field."""
        return self.typed.get(name, "")

    def values(self, name: str) -> list[str]:
        """Give everything that was ticked under a name."""
        return self.typed.getlist(name)

    def error(self, name: str) -> str:
        """Give what was refused at a field, or ""."""
        return self.faults.get(name, "")

    @property
    def problem(self) -> dict[str, Any] | None:
        """Give the refusal as the error summary of a page shows it, or None."""
        if not self.reasons:
            return None
        told = [{"code": each.code.code, "detail": in_words(each)} for each in self.reasons]
        return problem(self.status, told[0]["code"], told[0]["detail"], told)

    def read(self) -> dict[str, Any]:
        """Give the values. Raises Refusal: everything that is wrong with them."""
        sent = {name: self._sent(name, each) for name, each in self.shape.fields.items()}
        try:
            read: dict[str, Any] = self.shape.load(sent)
        except ValidationError as error:
            raise Refusal(*_reasons(error)) from error
        return read

    def _sent(self, name: str, field: fields.Field[Any]) -> Any:
        if isinstance(field, Upload):
            return request.files.get(name)
        return self.values(name) if isinstance(field, Many) else self.typed.get(name)

    def run(
        self, use_case: Callable[[Work, Command, Actor, datetime], Result], command: Command
    ) -> Result:
        """Run a use case for whoever asks, once under the form's key. Raises Refusal."""
        unit = current_node().unit
        return unit.run(use_case, command, actor=current_actor(), idempotency_key=self.key)

    def attempt(self) -> Attempt:
        """Catch the refusal of what is done with the form inside a `with` block."""
        return Attempt(self)

    def refuse(self, refusal: Refusal) -> None:
        """Keep a refusal, to be shown at the fields."""
        reasons = refusal.reasons
        if reasons[0].code is UnitRefusal.IDEMPOTENCY_CONFLICT:
            reasons, self.key = (Reason(FormRefusal.FORM_REPEATED),), fresh_key()
        self.reasons, self.status = reasons, reasons[0].code.sentence.status
        for reason in reversed(reasons):
            name = self.shape.place_of(reason)
            if name is not None:
                self.faults[name] = in_words(reason)

    def page(self, template: str, **shown: Any) -> Response:
        """Draw the page of the form, with the status of what was refused."""
        return make_response(render_template(template, sheet=self, **shown), self.status)


class Attempt:
    """A block in which a refusal belongs to a form."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet

    def __enter__(self) -> Sheet:
        return self._sheet

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:  # fmt: skip
        if not isinstance(error, Refusal):
            return False
        self._sheet.refuse(error)
        return True


def fresh_key() -> str:
    """Make the key of a form: 16 random bytes, so that no two forms share one."""
    return base64url.encode(current_node().randomness.token(16))


def _reasons(error: ValidationError) -> Iterable[Reason]:
    messages: Mapping[str, list[Reason]] = error.messages_dict
    for name, reasons in messages.items():
        for reason in reasons:
            yield replace(reason, pointer=f"/{name}")
