"""Texts with values, translated by their English wording.

What makes a text takes a `Translator`, or is kept as a `LazyText` until it is known who is spoken to: as a
`Message` where it is kept in the database too. `ENGLISH` needs no catalogue: the command line and the logs
use it.
"""

import math
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Protocol, Union

from bot.i18n.durations import in_largest_unit


class Translator(Protocol):
    """A language: it translates what `__call__` and `plural` are given, and writes numbers its own way."""

    def __call__(self, text: str, /, **values: object) -> str:
        """The text, with `{name}` replaced by each value."""

    def plural(self, one: str, many: str, n: int, /, **values: object) -> str:
        """The text that fits the number `n`, which is also given to it as `{n}`."""

    def number(self, value: float, digits: int = 0, *, fixed: bool = False) -> str:
        """At most, or when `fixed` exactly, `digits` after the decimal mark."""

    def either(self, parts: Sequence[str]) -> str:
        """“a, b or c”."""

    def calendar_day(self, at: date) -> str:
        """A day with its year."""

    def calendar_month(self, at: date) -> str:
        """The month of a day, with its year."""

    def utc(self, at: datetime) -> str:
        """A moment in UTC, to the minute."""

    def span(self, length: timedelta) -> str:
        """A span in its largest sensible unit, short."""

    @property
    def percent(self) -> str:
        """The sign for per cent, with the space before it that the language puts there."""

    def change(self, fraction: float) -> str:
        """−0.701 as “−70.1 %”."""


LazyText = Callable[[Translator], str]
"""A text still to be said in somebody's language."""


@dataclass(frozen=True, slots=True)
class NumberValue:
    """A number in a phrase: always so many `digits` after the decimal N_, a plus too when `signed`."""

    figure: float
    digits: int = 0
    signed: bool = False


@dataclass(frozen=True, slots=True)
class DayValue:
    """A day in a phrase."""

    day: date


@dataclass(frozen=True, slots=True)
class MonthValue:
    """The month of a day in a phrase."""

    month: date


@dataclass(frozen=True, slots=True)
class MomentValue:
    """A moment in a phrase."""

    moment: datetime


@dataclass(frozen=True, slots=True)
class SpanValue:
    """A span of time in a phrase."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Message:
    """A text with its values, as `message` makes it. It can be kept as JSON; `str` is the English of it."""

    text: str
    values: tuple[tuple[str, "Value"], ...] = ()

    def __call__(self, t: Translator) -> str:
        """The phrase in a language."""
        return t(self.text, **{name: _text(value, t) for name, value in self.values})

    def __str__(self) -> str:
        return self(ENGLISH)


Value = Union[str, NumberValue, DayValue, MonthValue, MomentValue, SpanValue, Message, tuple[Message, ...]]  # noqa: UP007 - read at run time
"""What a phrase can hold: text that is the same in every language, what each writes its own way, and other
phrases, one or a list of them."""

NOTHING: Final = Message("")


def message(text: str, /, **values: Value) -> Message:
    """A phrase by its English text and the values for each `{name}` in it."""
    return Message(text, tuple(values.items()))


def significant(value: float, digits: int) -> NumberValue:
    """A number to so many significant digits, those before the decimal mark always whole."""
    before = math.floor(math.log10(abs(value))) + 1 if value else 1
    return NumberValue(value, max(0, digits - before))


def _text(value: Value, t: Translator) -> str:
    match value:
        case str():
            return value
        case NumberValue(figure, digits, signed):
            rounded = round(figure, digits)
            sign = "−" if rounded < 0 else "+" if signed and rounded > 0 else ""
            return f"{sign}{t.number(abs(rounded), digits, fixed=True)}"
        case DayValue(day):
            return t.calendar_day(day)
        case MonthValue(month):
            return t.calendar_month(month)
        case MomentValue(moment):
            return t.utc(moment)
        case SpanValue(seconds):
            return t.span(timedelta(seconds=seconds))
        case Message():
            return value(t)
        case _:
            return commas([part(t) for part in value], t)


def change(fraction: float, t: Translator) -> str:
    """−0.701 as “−70.1 %”: one digit after the mark, two below one per cent."""
    digits = 1 if abs(fraction) >= 0.0095 else 2
    sign = "+" if fraction > 0 else "−" if fraction < 0 else ""
    return f"{sign}{t.number(abs(100 * fraction), digits, fixed=True)}{t.percent}"


_UNITS: Final = {"second": "s", "minute": "min", "hour": "h", "day": "days"}


class EnglishTranslator:
    """The language the texts are written in."""

    def __call__(self, text: str, /, **values: object) -> str:
        """The text, with `{name}` replaced by each value."""
        return text.format(**values) if values else text

    def plural(self, one: str, many: str, n: int, /, **values: object) -> str:
        """The text that fits the number `n`, which is also given to it as `{n}`."""
        return (one if n == 1 else many).format(n=self.number(n), **values)

    def number(self, value: float, digits: int = 0, *, fixed: bool = False) -> str:
        """At most, or when `fixed` exactly, `digits` after the point: `1,234.5`."""
        text = f"{value:,.{digits}f}"
        return text if fixed or "." not in text else text.rstrip("0").rstrip(".")

    def either(self, parts: Sequence[str]) -> str:
        """“a, b or c”."""
        return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} or {parts[-1]}"

    def calendar_day(self, at: date) -> str:
        """A day: `2022-06-18`."""
        return f"{at:%Y-%m-%d}"

    def calendar_month(self, at: date) -> str:
        """The month of a day: `June 2022`."""
        return f"{at:%B %Y}"

    def utc(self, at: datetime) -> str:
        """A moment in UTC, to the minute."""
        return f"{at:%Y-%m-%d %H:%M} UTC"

    def span(self, length: timedelta) -> str:
        """A span in its largest sensible unit: `45 s`, `12 min`, `37 h`, `2 days`."""
        count, unit = in_largest_unit(length)
        return f"{count} {_UNITS[unit]}"

    @property
    def percent(self) -> str:
        """The sign for per cent: a space before it, as in “70 %”."""
        return " %"

    def change(self, fraction: float) -> str:
        """−0.701 as “−70.1 %”."""
        return change(fraction, self)


ENGLISH: Final[Translator] = EnglishTranslator()


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for it
    """Name a text for the catalogues that is translated later, where it is said."""
    return text


def sentence(text: str) -> str:
    """The text as a line begins."""
    return text[:1].upper() + text[1:]


def named(name: str, value: str, t: Translator) -> str:
    """A name and what is said of it, with the language's own colon."""
    return t("{name}: {value}", name=name, value=value)


def bracketed(text: str, remark: str, t: Translator) -> str:
    """A text with a remark in the language's own brackets."""
    return t("{text} ({remark})", text=text, remark=remark)


def semicolons(parts: Sequence[str], t: Translator) -> str:
    """Parts with the language's own semicolons between them."""
    text = "".join(parts[:1])
    for part in parts[1:]:
        text = t("{text}; {part}", text=text, part=part)
    return text


def commas(parts: Sequence[str], t: Translator) -> str:
    """Parts with the language's own commas between them."""
    text = "".join(parts[:1])
    for part in parts[1:]:
        text = t("{text}, {part}", text=text, part=part)
    return text


def sentences(parts: Sequence[str], t: Translator) -> str:
    """Sentences one after the other, as the language sets them apart."""
    text = "".join(parts[:1])
    for sentence in parts[1:]:
        text = t("{text} {sentence}", text=text, sentence=sentence)
    return text


def origin(source: str, t: Translator) -> str:
    """Who gave a figure: a provider's name as it is, and in words what is no provider's."""
    name, bundled, _ = source.partition(" (bundled)")
    if name in _NO_PROVIDERS:
        name = t(name)
    # Translators: {source} is who a figure comes from; it came with the program and wasn't asked for.
    return t("{source} (bundled)", source=name) if bundled else name


_NO_PROVIDERS: Final = (N_("computed"), N_("company reports"))


def left(text: str, columns: int) -> str:
    """The text at the left of so many columns of a fixed-width font."""
    return text + " " * (columns - width(text))


def right(text: str, columns: int) -> str:
    """The text at the right of so many columns of a fixed-width font."""
    return " " * (columns - width(text)) + text


def width(text: str) -> int:
    """Columns a text takes in a fixed-width font; Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
