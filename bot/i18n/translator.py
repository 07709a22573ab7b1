"""A translator for one language: texts by their English wording, figures and moments by Babel."""

import math
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from gettext import NullTranslations
from typing import TYPE_CHECKING, Final, Literal

from bot.i18n.durations import in_largest_unit
from bot.i18n.message import ENGLISH, change
from bot.i18n.translations import Translations

if TYPE_CHECKING:
    from babel import Locale

LANGUAGES: Final = {"en": "English", "de": "Deutsch", "es": "Español", "ru": "Русский", "zh": "中文"}
"""The languages spoken, each by its own name; the first is the one the texts are written in."""


_PERCENT: Final = {
    "en": " %",
    "de": "\N{NO-BREAK SPACE}%",
    "es": "\N{NO-BREAK SPACE}%",
    "ru": "\N{NO-BREAK SPACE}%",
    "zh": "%",
}
_HAN: Final = "[\u4e00-\u9fff（）“”]"
_TYPESETTING: Final = {
    **{code: ((re.compile(r"(?<=\d) %"), sign),) for code, sign in _PERCENT.items() if code in ("de", "es")},
    "ru": (
        (re.compile(r"(?<=\d) %"), _PERCENT["ru"]),
        (re.compile(r"(?<=\bг)\.\.(?!\.)"), "."),  # “2022 г.” at the end of a sentence
    ),
    "zh": (
        (re.compile(r"(?<=\d) %"), "%"),
        (re.compile(f"(?<={_HAN}) (?={_HAN})"), ""),
        (re.compile(f"(?<={_HAN}), "), "，"),
        (re.compile(f"(?<={_HAN}); "), "；"),
        (re.compile(f"(?<={_HAN}): "), "："),
    ),
}
"""What a language changes where words and values meet: spaces and marks, by pattern."""


@lru_cache(maxsize=4_096)  # the same figures are said to many, and Babel takes long over each
def _separated(figure: str, digit: str, digits: int, locale: "Locale") -> str:
    """A decimal figure with a language's separators, and so many of the pattern's digits after the point."""
    from babel.numbers import format_decimal  # noqa: PLC0415 - Babel's data is read when somebody is first spoken to

    return format_decimal(Decimal(figure), "#,##0." + digit * digits if digits else "#,##0", locale)


class LocaleTranslator:
    """One language. Call it with an English text and its values to get the text in that language.

    Values are put in as they are: whoever makes HTML escapes them.
    """

    def __init__(self, code: str) -> None:
        from babel import Locale  # noqa: PLC0415 - its data is read when somebody is first spoken to

        self.code = code
        self._locale = Locale.parse("en_GB" if code == "en" else code)  # day before month, 24 hours
        self._texts = NullTranslations() if code == "en" else Translations(code)  # English needs none

    def __call__(self, text: str, /, **values: object) -> str:
        """The text, with `{name}` replaced by each value."""
        translation = self._texts.gettext(text) if text else ""
        return self._typeset(translation.format(**values) if values else translation)

    def plural(self, one: str, many: str, n: int, /, **values: object) -> str:
        """The text that fits the number `n`, which is also given to it as `{n}`."""
        return self._typeset(self._texts.ngettext(one, many, n).format(n=self.number(n), **values))

    @property
    def percent(self) -> str:
        """The sign for per cent, with the space before it that the language puts there."""
        return _PERCENT[self.code]

    def _typeset(self, text: str) -> str:
        """A text by the language's rules where values and words meet."""
        for pattern, replacement in _TYPESETTING.get(self.code, ()):
            text = pattern.sub(replacement, text)
        return text

    def number(self, value: float, digits: int = 0, *, fixed: bool = False) -> str:
        """With the language's own separators, at most, or when `fixed` exactly, `digits` after the point."""
        rounded = f"{value:.{digits}f}"  # as in English, whatever the language
        return _separated(rounded, "0" if fixed else "#", digits, self._locale)

    @property
    def decimal_comma(self) -> bool:
        """True when people write 0,07 and 60.000."""
        from babel.numbers import get_decimal_symbol  # noqa: PLC0415 - Babel's data is read when somebody is first spoken to

        return get_decimal_symbol(self._locale) == ","

    def span(self, length: timedelta) -> str:
        """A span in its largest sensible unit, short."""
        from babel.units import format_unit  # noqa: PLC0415 - Babel's data is read when somebody is first spoken to

        if self.code == "en":
            return ENGLISH.span(length)
        count, unit = in_largest_unit(length)
        # Days are written out; of Chinese units Babel knows the short form only.
        form: Literal["short", "long"] = "long" if unit == "day" and self.code != "zh" else "short"
        text = format_unit(count, f"duration-{unit}", form, locale=self._locale)
        return text.replace(f"{count}", f"{count} ") if self.code == "zh" else text

    def after(self, length: timedelta) -> str:
        """How far ahead something is, in the unit of `span` and the language's own case: “in 3 days”."""
        from babel.dates import format_timedelta  # noqa: PLC0415 - Babel's data is read when somebody is first spoken to

        if self.code == "en":
            return f"in {ENGLISH.span(length)}"
        _, unit = in_largest_unit(length)
        return format_timedelta(
            length, granularity=unit, threshold=math.inf, add_direction=True, locale=self._locale
        )

    def age(self, as_of: datetime | None, now: datetime) -> str:
        """How old a figure is."""
        if as_of is None:
            return self("no data yet")
        if now - as_of < timedelta(minutes=1):
            return self("less than a minute old")
        return self("{span} old", span=self.span(now - as_of))

    def change(self, fraction: float) -> str:
        """−0.701 as “−70.1 %”."""
        return change(fraction, self)

    def utc(self, at: datetime | None) -> str:
        """A moment in UTC, to the minute."""
        if at is None:
            return self("unknown")
        at = at.astimezone(UTC)
        return f"{self.day(at.date(), 'yMMMd')}, {at:%H:%M} UTC"

    def day_or_moment(self, at: datetime | None) -> str:
        """When something was or has been so: a moment in UTC, or a day.

        What rests on figures of whole days is decided when a day is over, at 00:00 UTC, and carries the name
        of that day, as its figures do.
        """
        day = closed_day(at)
        return self.utc(at) if day is None else self.calendar_day(day)

    def moment(self, at: datetime) -> str:
        """Day and minute, in the zone the moment is given in."""
        return f"{self.day(at.date(), 'MMMEd')}, {at:%H:%M}"

    def calendar_day(self, at: date) -> str:
        """A day with its year."""
        return self.day(at, "yMMMd")

    def calendar_month(self, at: date) -> str:
        """The month of a day, with its year."""
        return self.day(at, "yMMMM")

    def day(self, at: date, skeleton: str) -> str:
        """A day by a pattern of the Unicode kind: “yMMM” is “Jul 2022” in English."""
        from babel.dates import format_skeleton  # noqa: PLC0415 - Babel's data is read when somebody is first spoken to

        return format_skeleton(skeleton, datetime.combine(at, time()), None, locale=self._locale)

    def clock(self, at: time) -> str:
        """A time of day; 24 hours everywhere, as it is typed."""
        return f"{at:%H:%M}"

    def weekday(self, day: int) -> str:
        """The name of a day of the week; Monday is 0."""
        from babel.dates import get_day_names  # noqa: PLC0415 - Babel's data is read when somebody is first spoken to

        return str(get_day_names("wide", "stand-alone", self._locale)[day])

    def listed(self, parts: Sequence[str]) -> str:
        """“a, b and c”."""
        from babel.lists import format_list  # noqa: PLC0415 - Babel's data is read when somebody is first spoken to

        return format_list(list(parts), "standard", self._locale) if parts else ""

    def either(self, parts: Sequence[str]) -> str:
        """“a, b or c”."""
        from babel.lists import format_list  # noqa: PLC0415 - Babel's data is read when somebody is first spoken to

        return format_list(list(parts), "or", self._locale)


def closed_day(at: datetime | None) -> date | None:
    """The UTC day that ends at a moment; None for a moment within a day."""
    if at is None or at.astimezone(UTC).time() != time():
        return None
    return at.astimezone(UTC).date() - timedelta(days=1)


@cache
def translator_for(code: str | None) -> LocaleTranslator:
    """The language for a code as Telegram gives it (“pt-br”, None); English when it is none of ours."""
    base = (code or "").lower().replace("_", "-").split("-")[0]
    return LocaleTranslator(base if base in LANGUAGES else "en")
