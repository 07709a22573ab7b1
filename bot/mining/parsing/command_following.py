"""Texts that go on from the command done last: “and in euro?”, “the chart”, “watch it”, “undo”.

Such a text names no figure of its own; what does is read for itself.
"""

import re
from dataclasses import replace
from typing import Final

from bot.mining.parsing.asked_about import takes_back
from bot.mining.parsing.chart_vocabulary import CHARTED
from bot.mining.parsing.chart_words import chart_words
from bot.mining.parsing.command_arguments import names_without_rate, quantities_of
from bot.mining.parsing.command_request import AHEAD, FORECAST, UNDO, USUAL, CommandRequest
from bot.mining.parsing.currency_names import WITHOUT_RATE
from bot.mining.parsing.fleet_following import fleet_followed, other_number
from bot.mining.parsing.follow_up import CommandDone
from bot.mining.parsing.following import PASSED, opens_on
from bot.mining.parsing.intents import concepts_of
from bot.mining.parsing.items import Item, ItemKind, ScannedText
from bot.mining.parsing.past_parser import months_past
from bot.mining.parsing.roles import word_set
from bot.mining.parsing.setting_following import set_anew, zone_instead
from bot.mining.parsing.signal_following import signals_followed
from bot.mining.parsing.units import Currency
from bot.mining.parsing.watch_arguments import watch_command
from bot.mining.parsing.watch_following import other_side, watch_followed

_CHARTS: Final = {
    "price": "price", "hashprice": "hashprice", "hashrate": "hashrate", "difficulty": "difficulty",
    "retarget": "difficulty", "fees": "fees",
}  # fmt: skip
"""The chart of a figure's command."""
_WATCHED: Final = frozenset({"price", "hashprice", "hashrate", "difficulty", "retarget", "halving"})
_IN_MONEY: Final = frozenset({"price", "hashprice", "fees"})
_MEANINGS: Final = {
    "status": "phase", "history": "phase", "hashprice": "miner_income", "hashrate": "hashrate_decline",
    "price": "price_drawdown",
}  # fmt: skip
"""What `/why` explains of a command's answer."""
_FIRST_YEAR: Final = 2000
_EARLIER: Final = re.compile(
    r"(?:and |und |y |а |и |那)?(?:(?:what about |how about |was ist mit |qué hay de )?(?:"
    r"(?:the )?(?:one|time|year|last one|previous one) before(?: that)?|before that"
    r"|the previous one|the earlier ones?"
    r"|(?:den|die|das|der) (?:da)?vor(?:her(?:ige[nrs]?)?)?|davor|vorher|(?:die|den|das) vorige[nrs]?"
    r"|(?:das |im )?jahr (?:da)?vor(?:her)?|(?:el )?año anterior|год до этого|предыдущий год|前一年|上一年"
    r"|(?:el|la|los|las) anterior(?:es)?|(?:la|el) de antes|antes de es[oae]"
    r"|предыдущ\w+|прошл\w+|до этого|перед этим|(?:再)?上一?次|上上次|再之前|之前(?:那次|的)?|前一次"
    r"))(?: one)?(?: ?呢)?"
    r"(?: (?:когда (?:был[оа]?)|wann war (?:das|die|der)|when was (?:it|that)|cuándo fue))?"
)
"""A text that asks for the one before, behind what lists them all or shows one."""
_LATER: Final = re.compile(
    r"(?:and |but |und |aber |y |а |и |那么?)?(?:what about |how about |was ist |qué tal )?(?:"
    r"(?:(?:with)?in|after) (?:a|one|two|three|five|ten|\d+) (?:days?|weeks?|months?|years?)(?: from now)?"
    r"|(?:a|one|two|\d+) (?:days?|weeks?|months?|years?) from now|next (?:week|month|year)"
    r"|(?:in|nach) (?:einem|einer|zwei|drei|fünf|zehn|\d+) (?:tag|woche|monat|jahr)(?:en|e|n)?"
    r"|nächste[nsr]? (?:woche|monat|jahr)"
    r"|(?:en|dentro de) (?:un|una|dos|tres|cinco|diez|\d+) (?:días?|semanas?|mes(?:es)?|años?)"
    r"|(?:el|la) (?:próxim[oa] (?:año|mes|semana)|(?:año|mes|semana) que viene)"
    r"|через (?:\w+ )?(?:год|года|лет|месяц|месяца|месяцев|неделю|недели|недель|день|дня|дней)"
    r"|в следующем (?:году|месяце)|на следующей неделе"
    r"|[一两二三五十\d]+个?(?:天|周|星期|月|年)(?:之后|以后|后)|明年|下个月|下周"
    r")(?: ?呢)?"
)
"""A text that asks for some time to come and nothing else."""
_WHICH_WAY: Final = re.compile(
    r"(?:and |und |y |а |и )?(?:(?:in )?which (?:way|direction)|wohin|in welche richtung"
    r"|(?:hacia|para) dónde|en qué dirección|куда|в какую сторону|往哪边|哪个方向)(?: ?呢)?"
)
_WAYS: Final = frozenset({"retarget", "difficulty", "price", "hashprice", "hashrate", "fees"})
"""Figures of which somebody may ask behind them whether they rise: “up or down you think?”."""
_MONTHS_OF_A_YEAR: Final = 10
"""The longest time gone by that a chart of 90 days, or of a year, shows."""
_OF_A_YEAR: Final = re.compile(r"chart (?P<figure>\w+) (?P<year>20[12]\d)")
_AHEAD: Final = word_set("command_following", "ahead")
"""Words for a time to come, unless it is said to be the last."""
_SAME: Final = re.compile(
    r"(?:and |ok |und |y |и |а )?(?:(?:the )?same\b|ditto\b|now (?:the|do|for|with)\b|do (?:the|it)\b"
    r"|(?:das ?selbe|das gleiche|genauso|jetzt|nun)\b|(?:ahora|lo mismo|el mismo|la misma|igual)\b"
    r"|(?:теперь|то же|тоже|тот же|такой же|так же|также)\b)|同样|一样|也|现在|换成|换|改成|改看|再看"
)
"""How a text begins that wants the same of another figure: “same for difficulty”."""


def followed(scanned: ScannedText, before: CommandDone, *, corrects: bool = False) -> CommandRequest | None:
    """The command that a text goes on to; None when it says something of its own.

    `corrects` is what is meant in the place of what was said before.
    """
    items, done = scanned.items, before.command
    if (whole := _of_whole_text(scanned.plain, done)) is not None or asks_earlier(scanned.plain):
        return whole
    if asks_ahead(scanned.plain) and _figure(done) in _WATCHED | {"fees"}:
        return CommandRequest(FORECAST if _figure(done) == "price" else AHEAD)
    is_cancelled = takes_back(scanned.plain)
    if not is_cancelled and any(item.kind in (ItemKind.MACHINE, ItemKind.UNKNOWN) for item in items):
        return None
    concepts = {"undo"} if is_cancelled else concepts_of(items)
    said = concepts - PASSED
    if before.former and said == {"undo"} and not quantities_of(items):
        return CommandRequest("settings", UNDO)
    if "ordinal" in concepts and done.name != "watches":
        return None  # “delete the second one” of a list that isn't shown
    if done.name == "watch":
        return watch_followed(items, concepts, said, done.arguments)
    if done.name == "fleet":
        other = other_number(items, said, done.arguments) if corrects else None
        return other or fleet_followed(items, said, done.arguments)
    if said == {"undo"} and done.name == "mute":
        return CommandRequest("unmute")
    if said and (shown := _shown_again(said, done)) is not None:
        return shown
    if (again := signals_followed(scanned, said, done) or set_anew(scanned, concepts, done)) is not None:
        return again
    if said and said <= {"why", "explain"}:
        meaning = _MEANINGS.get(_figure(done))
        return None if meaning is None else CommandRequest("why", meaning)
    if (watch := _watch(items, concepts, said, _figure(done))) is not None:
        return watch
    return _in_currency(items, said, done) or _chart(scanned, said, done, corrects=corrects)


def _of_whole_text(plain: str, done: CommandRequest) -> CommandRequest | None:
    """What goes on from a command in words that say it only where nothing else is said."""
    if asks_earlier(plain):
        return _earlier(done)
    if done.name == "retarget" and _WHICH_WAY.fullmatch(plain.strip(" .!?,。？¿")):
        return done
    if done.name == "watch":
        return other_side(plain, done.arguments)
    return zone_instead(plain, done)


def asks_earlier(plain: str) -> bool:
    """True for a text that asks for the one before and nothing else."""
    return _EARLIER.fullmatch(plain.strip(" .!?,。！？，¿¡")) is not None


def _shown_again(said: set[str], done: CommandRequest) -> CommandRequest | None:
    """The list of watches for one that is to be deleted, which has a button for each; where a figure goes.

    Of the difficulty its next change is known, of the other figures nothing.
    """
    if done.name == "watches":
        return done if said <= {"delete", "discard", "forget", "stop"} else None
    if done.name not in _WAYS or said - {"up", "down", "moves"}:
        return None
    if done.name in ("retarget", "difficulty"):
        return CommandRequest("retarget")
    return CommandRequest(FORECAST if done.name == "price" else AHEAD)


def asks_ahead(plain: str) -> bool:
    """True for “and in a year?”, which asks for a time to come and nothing else."""
    return _LATER.fullmatch(plain.strip(" .!?,。！？，¿¡")) is not None


def _earlier(done: CommandRequest) -> CommandRequest | None:
    """“and the one before?” behind capitulations, or behind the chart of a year."""
    if done.name in ("history", "status") or (done.name == "why" and done.arguments in ("phase", "")):
        return CommandRequest("history")
    if done.name == "halving":
        return done  # which names those before
    if done.name == "retarget":
        return CommandRequest("chart", "difficulty 90d")
    chart = _OF_A_YEAR.fullmatch(f"{done.name} {done.arguments}")
    return None if chart is None else CommandRequest("chart", f"{chart['figure']} {int(chart['year']) - 1}")


def shown_then(done: CommandRequest, plain: str) -> list[CommandRequest]:
    """What shows a time gone by of the command before: “and a year ago?”, to be offered."""
    figure = _figure(done)
    if figure in ("history", "status", "why"):
        return [CommandRequest("history")]
    shown = figure if done.name == "chart" else _CHARTS.get(figure, "")
    months = months_past(plain)
    spans = ((_MONTHS_OF_90_DAYS, "90d"), (_MONTHS_OF_A_YEAR, "1y"))
    span = next((span for most, span in spans if months is not None and months <= most), "2y")
    return [CommandRequest("chart", f"{shown} {span}")] if shown else []


_MONTHS_OF_90_DAYS: Final = 2


def _figure(done: CommandRequest) -> str:
    """The figure that a command shows: its own name, or what its chart is of."""
    return (done.arguments.split() or ["price"])[0] if done.name == "chart" else done.name


def _watch(items: list[Item], concepts: set[str], said: set[str], figure: str) -> CommandRequest | None:
    """“watch it”, “tell me when it drops below 60k”, of the figure shown last."""
    if figure not in _WATCHED or not concepts & {"watch", "alert", "subscribe"} or concepts & CHARTED.keys():
        return None
    if not quantities_of(items):
        return (
            CommandRequest("watch", f"{USUAL} {figure}") if said <= {"watch", "alert", "subscribe"} else None
        )
    request = watch_command(items, concepts | {figure, "watch"})
    is_of_figure = request is not None and request.arguments.split()[0] == figure
    return request if is_of_figure else None


def _in_currency(items: list[Item], said: set[str], done: CommandRequest) -> CommandRequest | None:
    """“and in euro?” behind a figure in money."""
    named = {item.currency for item in items if item.currency is not None} - {Currency.BTC}
    codes = {currency.value for currency in named} or ({"sats"} if _names(items, "sats") else set())
    codes = codes or {WITHOUT_RATE[name] for name in names_without_rate(items)}  # which is answered so
    beside = {"change", "currency_word", "no_rate"}
    if done.name not in _IN_MONEY or len(codes) != 1 or quantities_of(items) or said - beside:
        return None
    return CommandRequest(done.name, codes.pop())


def _names(items: list[Item], concept: str) -> bool:
    return any(item.concept == concept for item in items)


def _chart(
    scanned: ScannedText, said: set[str], done: CommandRequest, *, corrects: bool
) -> CommandRequest | None:
    """“show me the chart” behind a figure, “and over a year?” behind it or its chart."""
    shown = _figure(done) if done.name == "chart" else _CHARTS.get(done.name, "")
    if not shown:
        return None
    same = _SAME.match(scanned.plain)
    scanned = scanned if same is None else _behind(scanned, same.end())
    words = chart_words(scanned, is_asked=True)
    asks = bool(said & {"chart", "picture"})
    is_more = done.name == "chart" and len(words.charts) == 1
    if words.rest or words.zones or len(words.spans) > 1 or (words.charts and not is_more):
        return None
    if not asks and _is_ahead(scanned):
        return None
    is_same = opens_on(scanned) or same is not None
    if not (asks or words.spans or (is_more and (corrects or is_same))):
        return None
    before = done.arguments.split()[1:2] if done.name == "chart" else []
    theme = [] if words.dark is None else ["dark" if words.dark else "light"]
    of = words.charts or (shown,)
    return CommandRequest("chart", " ".join((*of, *(words.spans or before), *theme)))


def _is_ahead(scanned: ScannedText) -> bool:
    """True for “and in a week?”, which no chart shows."""
    concepts = concepts_of(scanned.items)
    if concepts & {"tonight", "projection"}:
        return True
    words = {word for item in scanned.items for word in (item.text, *item.text.split())}
    is_year = any(item.quantity is not None and item.quantity.small > _FIRST_YEAR for item in scanned.items)
    return bool(words & _AHEAD) and not concepts & {"last", "past"} and not is_year


def _behind(scanned: ScannedText, place: int) -> ScannedText:
    """A text without its beginning, up to a character of its plain form."""
    items = [item for item in scanned.items if scanned.tokens[item.start].start >= place]
    return replace(scanned, items=items)
