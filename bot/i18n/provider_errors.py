"""What was wrong with providers, said in the chat's language.

Providers' faults are English, as they stand in the log, and in part the providers' own words. Those that come
often are recognised by their pattern; what no pattern knows is said as it is.
"""

import re
from datetime import UTC, datetime
from functools import cache
from typing import Final

from bot.i18n.message import N_
from bot.i18n.translator import LocaleTranslator

PATTERNS: Final = (
    N_("no provider gave a value that can be used"),
    N_("{reason}, and no further provider decides"),
    N_("{reason}, and no second provider confirms it"),
    N_("{reason}: not believed"),
    N_("the bidding zone {zone} ended on {day}"),
    N_("the poll failed: {error}"),
    N_("switched off"),
    N_("no key"),
    N_("not asked yet"),
    # Translators: this and the next texts say what a provider did. Its name stands before each, as in
    # “kraken jumped from … to …”.
    N_("jumped from {before} to {after}"),
    N_("says {mine} where {source} says {theirs}"),
    N_("has a 30-day mean of {mine} where {source} has {theirs}"),
    N_("gave a {name} that isn't confirmed"),
    N_("rests until {clock} UTC; it {reason}"),
    N_("has sent the very same figures since {moment} UTC"),
    N_("has had its {count} requests of today"),
    N_("gave no answer within {seconds} s"),
    N_("can't be reached: the connection failed"),
    N_("can't be reached: its certificate isn't valid"),
    N_("can't be reached"),
    N_("broke off its answer"),
    N_("answered with a web page instead of data"),
    N_("sent an empty answer"),
    N_("sent something that isn't JSON"),
    N_("sent an answer of an unexpected shape"),
    # Translators: the end of a list of such texts.
    N_("and {count} more faults"),
    # Translators: {code} is a number like 503, {words} are the provider's own, in English.
    N_("answered {code}: the key isn't accepted"),
    N_("answered {code} ({words})"),
    N_("answered with an error ({words})"),
)

_AS_SAID = ("zone", "day", "moment", "source", "name", "clock", "error", "code", "words", "seconds")
_ISO = re.compile(r"\d{4}-\d\d-\d\d( \d\d:\d\d( UTC)?)?")
_FAULTS = re.compile(r"; (?!it )")

_FIGURE = re.compile(r"(?<![\d.,-])(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?(?![\d.,-]*\d)")


def told(faults: str, t: LocaleTranslator) -> str:
    """What was wrong, one after the other, each as “kraken answered 503; …” or without a name.

    A fault in a provider's own words, or too rare for the catalogue, stays as it is.
    """
    return "; ".join(_fault(one, t) for one in _FAULTS.split(faults))


def _fault(text: str, t: LocaleTranslator) -> str:
    if (known := _known(text, t)) != text:
        return known
    provider, space, what = text.partition(" ")
    return f"{provider}{space}{_known(what, t)}"


def _known(text: str, t: LocaleTranslator) -> str:
    if t.code == "en" or not text:
        return text
    for pattern, form in _forms():
        if found := form.fullmatch(text):
            values = {name: _value(name, said, t) for name, said in found.groupdict().items()}
            return t(pattern, **values)
    return text


def _value(name: str, said: str, t: LocaleTranslator) -> str:
    if name == "reason":
        return told(said, t)
    if name in ("day", "moment") and _ISO.fullmatch(said):
        at = datetime.fromisoformat(said.removesuffix(" UTC")).replace(tzinfo=UTC)
        if name == "day":
            return t.calendar_day(at.date())
        return t.utc(at) if said.endswith(" UTC") else t.utc(at).removesuffix(" UTC")
    return said if name in _AS_SAID else _FIGURE.sub(lambda at: _figure(at, t), said)


def _figure(found: re.Match[str], t: LocaleTranslator) -> str:
    whole, rest = found[1].replace(",", ""), found[2] or ""
    return t.number(float(whole + rest), max(0, len(rest) - 1), fixed=True)


@cache
def _forms() -> list[tuple[str, re.Pattern[str]]]:
    return [
        (pattern, re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+?)", re.escape(pattern))))
        for pattern in PATTERNS
    ]
