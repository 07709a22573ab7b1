"""What the pure core says in English, said in the chat's language.

The core makes whole sentences out of figures, so a rule's title, a figure's detail or a reason is recognised
by its pattern. What no pattern knows is said as it is.
"""

import re
from datetime import UTC, datetime
from functools import cache
from typing import Final

from handlers.tongue import Tongue
from handlers.words import mark

PATTERNS: Final = (
    mark("price half below its record"),
    mark("price 70 % below its record"),
    mark("hash ribbon inverted (30-day mean below 60-day mean)"),
    mark("hashrate down a tenth in 30 days (7-day means)"),
    mark("a week's net outflow of pool wallets above 95 % of its year (a proxy for selling)"),
    mark("a week's net outflow of pool wallets the largest in a year (a proxy for selling)"),
    mark("public miners sell more than they mine"),
    mark("public miners sell twice what they mine"),
    mark("{zone} power dearer than in 95 % of its year"),
    mark("{zone} power dearest on record"),
    mark("{price} USD against the record of {record} USD on {day}"),
    mark("30-day mean {short} EH/s, 60-day mean {long} EH/s"),
    mark("7-day mean {now} EH/s, 30 days before {before} EH/s"),
    mark(
        "day-ahead power, {zone}, 7-day mean without its dearest day {price} EUR/MWh, above {share} % of its "
        "last 365 days"
    ),
    mark(
        "day-ahead power, {zone}, 7-day mean without its dearest day {price} EUR/MWh; highest before "
        "{before} since {year}"
    ),
    mark(
        "public miners sold about {share} % of what they mined in {month} (company reports: a sample, not "
        "all miners)"
    ),
    mark("no monthly sales of public miners are known yet"),
    mark("public miners' sales are known only to {day}"),
    mark("only {held} of the last {days} days are known"),
    mark("{held} of {days} days of history so far"),
    mark("no complete day of {series} yet"),
    mark("the newest complete day of {series} is {day}"),
    mark("a day of the week to {day} is missing"),
    mark("no {series} known yet"),
    mark("the newest {series} is from {moment}"),
    mark("bitcoin price"),
    mark("bitcoin record high"),
    mark("network hashrate of the day"),
    mark("net outflow of pool wallets"),
    mark("public miners' monthly sales against production"),
    mark("day-ahead power, {zone}"),
    mark("fraction of production"),
    mark("price ÷ record high − 1; the record is the highest of daily highs and of prices seen"),
    mark("bitcoin sold by public miners ÷ bitcoin mined by them, in the newest published month"),
    mark("30-day mean ÷ 60-day mean of the daily hashrate − 1"),
    mark("7-day mean of the daily hashrate ÷ the 7-day mean 30 days before − 1"),
    mark(
        "share of the trailing 365 days' seven-day sums of net outflow that the last one exceeds; "
        "net outflow = rewards credited − change of balance over the pools' payout wallets"
    ),
    mark("seven-day sum of net outflow ÷ the highest such sum of its trailing 365 days"),
    mark(
        "share of the trailing 365 days in which the 7-day mean price without its dearest day was lower "
        "than now"
    ),
    mark("the 7-day mean price without its dearest day ÷ the highest such mean before"),
    mark("net outflow of pool wallets, counted on the chain (pool wallets, a proxy for selling)"),
    # Translators: {parts} is a list of the next texts, up to “{change}% in 30 days”.
    mark("{parts} (pool wallets, a proxy for selling)"),
    mark("{amount} BTC net left pool wallets in 7 days"),
    mark("above {share}% of the last 365 days (mean {mean} BTC, z-score {score})"),
    mark("above {share}% of the last 365 days (mean {mean} BTC)"),
    mark("the largest in {span}"),
    mark("the largest of all {span} held"),
    mark("reserve {amount} BTC"),
    mark("{change}% in 30 days"),
    mark("a month"),
    mark("{count} months"),
    mark("pool wallets, a proxy for selling"),
    mark("BGeometrics' miner outflow: all coins leaving wallets it takes for miners', days late"),
    mark("Glassnode's transfers from miners: wallets by its own clustering"),
    mark("CryptoQuant's miner outflow: by its own labels, moves among miners included"),
    mark("public miners' holdings as CoinGecko reports them from filings, often weeks late"),
    mark("miner outflow as {source} reports it"),
    mark("other pool wallets"),
    mark("unlabelled: one address never seen before"),
    mark("one address used before"),
    mark("many addresses, as a payout does"),
    # Translators: the last lines of a table of pools, at most 12 letters (Chinese: 6).
    mark("{count} others"),
    mark("all"),
    # Translators: {done} is one of the next two texts, {time} is like “35 min” or “5 h”.
    mark("outflow ledger: {done}; about {count} requests and {time} to go"),
    mark("{known} of {wanted} days found"),
    mark("{read} of {wallets} pool wallets read, {complete} of {wanted} days complete"),
    # Translators: {series} is a name like btc.price, {reason} one of the texts about providers below.
    mark("{series} has no trustworthy value: {reason}"),
    mark("no provider gave a value that can be used"),
    mark("{reason}, and no further provider decides"),
    mark("{reason}, and no second provider confirms it"),
    mark("{reason}: not believed"),
    mark("the bidding zone {zone} ended on {day}"),
    mark("the poll failed: {error}"),
    mark("switched off"),
    mark("no key"),
    mark("not asked yet"),
    # Translators: this and the next texts say what a provider did. Its name stands before each, as in
    # “kraken jumped from … to …”.
    mark("jumped from {before} to {after}"),
    mark("says {mine} where {source} says {theirs}"),
    mark("has a 30-day mean of {mine} where {source} has {theirs}"),
    mark("gave a {name} that isn't confirmed"),
    mark("rests until {clock} UTC; it {reason}"),
    mark("has sent the very same figures since {moment} UTC"),
    mark("has had its {count} requests of today"),
    mark("gave no answer within {seconds} s"),
    mark("can't be reached: the connection failed"),
    mark("can't be reached: its certificate isn't valid"),
    mark("can't be reached"),
    mark("broke off its answer"),
    mark("answered with a web page instead of data"),
    mark("sent an empty answer"),
    mark("sent something that isn't JSON"),
    mark("sent an answer of an unexpected shape"),
    # Translators: the end of a list of such texts.
    mark("and {count} more faults"),
    # Translators: {code} is a number like 503, {words} are the provider's own, in English.
    mark("answered {code}: the key isn't accepted"),
    mark("answered {code} ({words})"),
    mark("answered with an error ({words})"),
)

_AS_SAID = ("zone", "day", "moment", "year", "source", "name", "clock", "error", "code", "words", "seconds")
_ISO = re.compile(r"\d{4}-\d\d-\d\d( \d\d:\d\d( UTC)?)?")
_LISTED = re.compile(r", (?![^()]*\))")  # a comma outside brackets
_FAULTS = re.compile(r"; (?!it )")

_FIGURE = re.compile(r"(?<![\d.,-])(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?(?![\d.,-]*\d)")


def retell(text: str, t: Tongue) -> str:
    """A rule's title or formula, a figure's detail or a reason."""
    if t.code == "en" or not text:
        return text
    for pattern, form in _forms():
        if found := form.fullmatch(text):
            values = {name: _value(name, said, t) for name, said in found.groupdict().items()}
            return t(pattern, **values)
    return text


def retell_faults(text: str, t: Tongue) -> str:
    """What was wrong with providers, one after the other, each as “kraken answered 503; …” or without a name.

    A fault in a provider's own words, or too rare for the catalogue, stays as it is.
    """
    return "; ".join(_fault(one, t) for one in _FAULTS.split(text))


def _fault(text: str, t: Tongue) -> str:
    if (told := retell(text, t)) != text:
        return told
    provider, space, what = text.partition(" ")
    return f"{provider}{space}{retell(what, t)}"


def _value(name: str, said: str, t: Tongue) -> str:
    if name in ("series", "span", "done"):
        return retell(said, t)
    if name == "reason":
        return retell_faults(said, t)
    if name == "parts":
        return ", ".join(retell(part, t) for part in _LISTED.split(said))
    if name == "month":
        return t.day(datetime.strptime(said, "%B %Y").replace(tzinfo=UTC).date(), "yMMMM")
    if name in ("day", "moment") and _ISO.fullmatch(said):
        at = datetime.fromisoformat(said.removesuffix(" UTC")).replace(tzinfo=UTC)
        if name == "day":
            return t.day(at.date(), "yMMMd")
        return t.utc(at) if said.endswith(" UTC") else t.utc(at).removesuffix(" UTC")
    if said[:1] in ("+", "-") and name in ("change", "score"):
        return said[0].replace("-", "−") + _FIGURE.sub(lambda at: _figure(at, t), said[1:])
    return said if name in _AS_SAID else _FIGURE.sub(lambda at: _figure(at, t), said)


def _figure(found: re.Match[str], t: Tongue) -> str:
    whole, rest = found[1].replace(",", ""), found[2] or ""
    return t.number(float(whole + rest), max(0, len(rest) - 1), fixed=True)


@cache
def _forms() -> list[tuple[str, re.Pattern[str]]]:
    return [
        (pattern, re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+?)", re.escape(pattern))))
        for pattern in PATTERNS
    ]
