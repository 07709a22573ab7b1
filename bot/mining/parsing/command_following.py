"""Texts that go on from the command done last: “and in euro?”, “the chart”, “watch it”, “undo”.

Such a text names no figure of its own; what does is read for itself.
"""

import re
from dataclasses import replace
from typing import Final

from bot.mining.parsing.asked_about import takes_back
from bot.mining.parsing.chart_vocabulary import CHARTED
from bot.mining.parsing.chart_words import chart_words
from bot.mining.parsing.command_arguments import EPISODES, IGNORABLE, names_without_rate, quantities_of
from bot.mining.parsing.command_request import AHEAD, FORECAST, INSTEAD, UNDO, USUAL, CommandRequest
from bot.mining.parsing.currency_names import WITHOUT_RATE
from bot.mining.parsing.follow_up import CommandDone
from bot.mining.parsing.intents import concepts_of
from bot.mining.parsing.items import Item, ItemKind, ScannedText
from bot.mining.parsing.measures import MeasureUnit
from bot.mining.parsing.past_parser import months_past
from bot.mining.parsing.roles import any_of, word_set
from bot.mining.parsing.setting_following import set_anew, zone_instead
from bot.mining.parsing.signal_choice import leaves_out, named_signals
from bot.mining.parsing.units import Currency
from bot.mining.parsing.watch_arguments import watch_command, watch_level

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
_PASSED: Final = IGNORABLE | {"until", "currency", "above", "tonight", "euro", "sats", "only", "also"}
"""Words that may stand beside what goes on."""
_FLEET: Final = re.compile(r"(?P<site>(?:at|site) [\w-]+ )?(?P<verb>add|remove) (?P<machines>\d+ [^;]+)")
_FIRST_YEAR: Final = 2000
_LEVEL: Final = re.compile(
    r"(?P<figure>price|hashprice|hashrate|difficulty|fees) (?P<side>below|above|crosses) (?P<level>\S+)"
    r"(?P<rest>(?: (?!.*\b(?:and|or)\b).*)?)"
)
"""A watch whose level can be set anew."""
_SIDES: Final = {
    "above": frozenset(
        {"above", "over", "higher", "above it", "above that", "darüber", "drüber", "über", "höher",
         "por encima", "arriba", "encima", "más alto", "выше", "больше", "高于",
         "以上", "大于", "超过", "之上", "涨破"}
    ),
    "below": frozenset(
        {"below", "under", "lower", "below it", "below that", "darunter", "drunter", "unter", "niedriger",
         "por debajo", "abajo", "debajo", "más bajo", "ниже", "меньше", "低于", "以下", "小于", "之下",
         "跌破"}
    ),
}  # fmt: skip
"""Words that alone say on which side of a level."""
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
_TURN: Final = re.compile(
    r"(?P<begin>(?:price|hashprice|hashrate|difficulty|fees) (?:drops|rises) )(?P<share>[\d.,]+) ?%"
    r"(?P<end> in .*)"
)
"""A watch of a change by a share, which can be set anew."""
_ALSO: Final = word_set("command_following", "also")
"""Words that ask for one more watch, not for another in the place of the last."""
_THOUSANDS: Final = (1.0, 1e3)
"""What a level may be said in behind another one: “actually 38” behind 40,000 is 38,000."""
_ALIKE: Final = 3.0
"""How many times the level before a new one may be that is said so."""
_LEAST_DIFFICULTY: Final = 1e9
"""From this on a difficulty is given in full, not in trillions."""
_FARTHEST: Final = 100.0
"""How many times it may be at most, said in full."""
_NO_SIDE: Final = word_set("command_following", "no_side")
"""Words for a side of a level that beside a new one mean nothing: “ändere das auf 95k”."""
_JUST_ONE: Final = word_set("command_following", "just_one")
_UNNEEDED: Final = any_of("command_following", "unneeded")
"""What says of a signal that it need not be told."""
_MACHINES: Final = re.compile(r"(?:^|, *)\d+ (?!\d)[^,]*")


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
    said = concepts - _PASSED
    if before.former and said == {"undo"} and not quantities_of(items):
        return CommandRequest("settings", UNDO)
    if "ordinal" in concepts and done.name != "watches":
        return None  # “delete the second one” of a list that isn't shown
    if done.name == "watch":
        return _of_watch(items, concepts, said, done.arguments)
    if done.name == "fleet":
        other = _other_number(items, said, done.arguments) if corrects else None
        return other or _of_fleet(items, said, done.arguments)
    if said == {"undo"} and done.name == "mute":
        return CommandRequest("unmute")
    if said and (shown := _shown_again(said, done)) is not None:
        return shown
    if (again := _of_signals(scanned, said, done) or set_anew(scanned, concepts, done)) is not None:
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
        return _other_side(plain, done.arguments)
    return zone_instead(plain, done)


def asks_earlier(plain: str) -> bool:
    """True for a text that asks for the one before and nothing else."""
    return _EARLIER.fullmatch(plain.strip(" .!?,。！？，¿¡")) is not None


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
_MONTHS_OF_A_YEAR: Final = 10
"""The longest time gone by that a chart of 90 days, or of a year, shows."""
_OF_A_YEAR: Final = re.compile(r"chart (?P<figure>\w+) (?P<year>20[12]\d)")


def takes_from(scanned: ScannedText, machine: str) -> CommandRequest | None:
    """“sold 5 of them” behind a question about a machine, as what takes them from the chat's own."""
    items = scanned.items
    if any(item.kind in (ItemKind.MACHINE, ItemKind.UNKNOWN) for item in items):
        return None
    said = concepts_of(items) - _PASSED
    number = _number(items)
    verb = {frozenset({"sold"}): "remove", frozenset({"bought"}): "add"}.get(frozenset(_sides(items) or said))
    return None if verb is None or number is None else CommandRequest("fleet", f"{verb} {number} {machine}")


def _sides(items: list[Item]) -> set[str]:
    return {item.concept for item in items if item.concept in ("sold", "bought")}


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


_AHEAD: Final = word_set("command_following", "ahead")
"""Words for a time to come, unless it is said to be the last."""


def _is_ahead(scanned: ScannedText) -> bool:
    """True for “and in a week?”, which no chart shows."""
    concepts = concepts_of(scanned.items)
    if concepts & {"tonight", "projection"}:
        return True
    words = {word for item in scanned.items for word in (item.text, *item.text.split())}
    is_year = any(item.quantity is not None and item.quantity.small > _FIRST_YEAR for item in scanned.items)
    return bool(words & _AHEAD) and not concepts & {"last", "past"} and not is_year


_OPENERS: Final = word_set("command_following", "openers")


_SAME: Final = re.compile(
    r"(?:and |ok |und |y |и |а )?(?:(?:the )?same\b|ditto\b|now (?:the|do|for|with)\b|do (?:the|it)\b"
    r"|(?:das ?selbe|das gleiche|genauso|jetzt|nun)\b|(?:ahora|lo mismo|el mismo|la misma|igual)\b"
    r"|(?:теперь|то же|тоже|тот же|такой же|так же|также)\b)|同样|一样|也|现在|换成|换|改成|改看|再看"
)
"""How a text begins that wants the same of another figure: “same for difficulty”."""


def _behind(scanned: ScannedText, place: int) -> ScannedText:
    """A text without its beginning, up to a character of its plain form."""
    items = [item for item in scanned.items if scanned.tokens[item.start].start >= place]
    return replace(scanned, items=items)


def opens_on(scanned: ScannedText) -> bool:
    """True for a text that begins with “and”, or asks with Chinese 呢 at its end."""
    first = next((item for item in scanned.items if item.text[0].isalnum()), None)
    return (first is not None and first.text in _OPENERS) or scanned.plain.rstrip(" ?？").endswith("呢")


def _of_watch(items: list[Item], concepts: set[str], said: set[str], line: str) -> CommandRequest | None:
    """“delete it again”, “make it 95k instead” behind a watch."""
    is_guess = any(item.is_guess and item.concept in ("delete", "undo", "change") for item in items)
    numbers = quantities_of(items)
    if said & {"delete", "undo"} and not numbers:
        is_whole = said <= {"delete", "undo", "watch", "alert"} and "all" not in concepts and not is_guess
        return CommandRequest("watch", UNDO) if is_whole else None
    match = _LEVEL.fullmatch(line)
    beside = {"change", "above", "below", "up", "down", "negation", "best", "dearer", "cheaper", "undo"}
    if concepts - _PASSED - beside or len(numbers) > 1:
        return None
    if (turn := _TURN.fullmatch(line)) is not None and numbers and _is_small(numbers[0]):
        return None if concepts & {"up", "down", "above", "below"} else _by_share(turn, numbers[0])
    if match is None or not numbers or not _is_level(numbers[0]):
        return None
    currency = numbers[0].currency
    if currency is not None and currency.value not in match["rest"]:
        return None
    sides = {item.concept for item in items if item.concept in ("above", "below")}
    sides -= {item.concept for item in items if item.text in _NO_SIDE}
    side = sides.pop() if len(sides) == 1 else match["side"]
    quantity = numbers[0].quantity
    is_bare = quantity is not None and quantity.unit is MeasureUnit.NUMBER
    level = _near(watch_level(numbers[0], match["figure"]), match["level"], match["rest"], is_bare=is_bare)
    if level is None or _names(items, "sats"):
        return None
    if "also" in concepts or any(item.text in _ALSO for item in items):
        return CommandRequest("watch", f"{match['figure']} {side} {level}{match['rest']}")
    return CommandRequest("watch", f"{INSTEAD} {match['figure']} {side} {level}{match['rest']}")


def _other_side(plain: str, line: str) -> CommandRequest | None:
    """“no, above” behind a watch of what falls below a level."""
    match = _LEVEL.fullmatch(line)
    side = next((side for side, words in _SIDES.items() if plain.strip(" .!?,。！，") in words), "")
    if match is None or not side or match["side"] == side:
        return None
    return CommandRequest("watch", f"{INSTEAD} {match['figure']} {side} {match['level']}{match['rest']}")


def _is_small(item: Item) -> bool:
    """True for per cent, and for a number that may be of them."""
    quantity = item.quantity
    if quantity is None or quantity.per or quantity.cents:
        return False
    return item.is_share or (quantity.unit is MeasureUnit.NUMBER and 1.0 <= quantity.small < 100.0)


def _by_share(match: re.Match[str], item: Item) -> CommandRequest | None:
    """“make it 15%” behind a watch of what drops by 10 % in a week."""
    share = item.quantity.small if item.quantity is not None else 0.0
    if not share > 0.0:
        return None
    return CommandRequest("watch", f"{INSTEAD} {match['begin']}{share:g}%{match['end']}")


def _near(level: str, before: str, rest: str, *, is_bare: bool) -> str | None:
    """A new level as it must be meant behind the one before; None where it is not clear.

    A currency stands behind it where one was said; `rest` begins with the unit of the one before.
    """
    number, _, currency = level.partition(" ")
    try:
        former, said = float(before.replace(",", "")), float(number)
    except ValueError:
        return level
    if rest.startswith(" T") and said >= _LEAST_DIFFICULTY:
        said /= 1e12
        number = level = f"{said:.15g}"
    for scale in _THOUSANDS if is_bare else _THOUSANDS[:1]:
        if former and 1 / _ALIKE <= said * scale / former <= _ALIKE:
            return f"{said * scale:.15g} {currency}".strip()
    return level if former and 1 / _FARTHEST <= said / former <= _FARTHEST else None


def _is_level(item: Item) -> bool:
    quantity = item.quantity
    units = (MeasureUnit.NUMBER, MeasureUnit.MONEY, MeasureUnit.THS, MeasureUnit.T)
    return quantity is not None and quantity.unit in units and not quantity.per and not quantity.cents


def _of_fleet(items: list[Item], said: set[str], line: str) -> CommandRequest | None:
    """“undo”, “sold 5 of them” behind a change of the chat's machines, where it is clear what that was."""
    match = _FLEET.fullmatch(line)
    if match is None or "power" in line or _MACHINES.sub("", match["machines"]).strip(" ,"):
        return None
    site, machines = match["site"] or "", match["machines"]
    number = _number(items)
    is_one = number == 1 or (number is None and any(item.text in _JUST_ONE for item in items))
    if is_one and said in ({"delete"}, {"discard"}):
        return _one_less(match)
    if said in ({"undo"}, {"delete"}) and not quantities_of(items):
        is_added = match["verb"] == "add"
        if said == {"delete"} and not is_added:
            return None
        return CommandRequest("fleet", f"{site}{'remove' if is_added else 'add'} {machines}")
    way = {"sold": "remove", "bought": "add", "delete": "remove"}
    verbs = said & way.keys()
    if number is None or "," in machines or len(verbs) != 1 or said - verbs - {"dearer", "keep_rest"}:
        return None
    return CommandRequest("fleet", f"{site}{way[verbs.pop()]} {number} {machines.split(' ', 1)[1]}")


def _one_less(match: re.Match[str]) -> CommandRequest | None:
    """“take one away” behind machines of one kind that were added, never all of them."""
    count, _, name = match["machines"].partition(" ")
    if match["verb"] != "add" or "," in name or not count.isdecimal():
        return None
    return CommandRequest("fleet", f"{match['site'] or ''}remove 1 {name}")


def _other_number(items: list[Item], said: set[str], line: str) -> CommandRequest | None:
    """“no, 30” behind 20 machines that were added: as many more, or fewer."""
    match, number = _FLEET.fullmatch(line), _number(items)
    if match is None or match["verb"] != "add" or number is None or said or "," in match["machines"]:
        return None
    count, _, name = match["machines"].partition(" ")
    more = number - int(count)
    if not more or "power" in line:
        return None
    return CommandRequest(
        "fleet", f"{match['site'] or ''}{'add' if more > 0 else 'remove'} {abs(more)} {name}"
    )


_SIGNALS: Final = {
    "hashrate": "hashrate_decline", "hash_ribbon": "hashrate_decline", "selling": "miner_outflow",
    "energy": "energy_price", "power": "energy_price", "income": "miner_income", "hashprice": "miner_income",
    "drawdown": "price_drawdown", "capitulation": "capitulation",
}  # fmt: skip
"""The signal that a word names behind others that were subscribed to."""


_EXCEPTING: Final = re.compile(
    r"(?:but|except|without|not|aber|außer|ohne|nicht|pero|excepto|menos|salvo|sin|но|кроме|без|не)(?!\w)"
    r"|但|除了|不要"
)
"""How a text begins that takes something out of what was just subscribed to."""


def _of_signals(scanned: ScannedText, said: set[str], done: CommandRequest) -> CommandRequest | None:
    """“and hashrate too” behind a subscription, “but not energy” behind one to all."""
    if done.name == "subscribe" and _wants_warnings(scanned, said, done):
        return CommandRequest("subscribe", "all warning")
    if done.name == "subscribe" and (only := _only_signals(scanned, said)) is not None:
        return only
    signals = {_SIGNALS[concept] for concept in said & _SIGNALS.keys()}
    excepted = said & {"negation", "except"}
    rest = said - _SIGNALS.keys() - {"negation", "except", "alert", "all", "add", "keep_only", "subscribe"}
    is_plain = len(signals) == 1 and not rest and not quantities_of(scanned.items)
    if done.name not in ("subscribe", "unsubscribe") or not is_plain:
        return None
    if said & {"add", "subscribe"} and not excepted:
        return CommandRequest("subscribe", *signals)
    if excepted:
        is_short = done.name == "subscribe" and _EXCEPTING.match(scanned.plain) is not None
        return CommandRequest("unsubscribe", *signals) if is_short else None
    is_more = opens_on(scanned) or any(item.text in _ALSO for item in scanned.items)
    return CommandRequest(done.name, *signals) if is_more else None


def given_up(scanned: ScannedText, done: CommandRequest) -> CommandRequest | None:
    """“I don't need the power price” behind a subscription: the end of that signal."""
    items = scanned.items
    named = {item.concept for item in items if item.concept in _SIGNALS}
    is_plain = len({_SIGNALS[each] for each in named}) == 1 and not quantities_of(items)
    rest = concepts_of(items) - _PASSED - named - {"negation", "alert", "need", "price"}
    if done.name != "subscribe" or not is_plain or rest or _UNNEEDED.search(scanned.plain) is None:
        return None
    return CommandRequest("unsubscribe", _SIGNALS[next(iter(named))])


_NO_FIRST: Final = re.compile(r"(?:hmm? )?(?:no|nope|nah|nein|nee?|нет|не|不)[,.! ，。]+")
"""A no to what was done before, which says nothing of what follows it."""
_WARNINGS: Final = re.compile(r"\bwarnings?\b|\bwarnung\w*|\bavisos?\b|\bпредупрежден\w+|警告|预警")


def _wants_warnings(scanned: ScannedText, said: set[str], done: CommandRequest) -> bool:
    """True for “no, the warnings as well” behind a subscription to critical alerts only."""
    plain = _NO_FIRST.sub("", scanned.plain, count=1)
    is_no = any(item.concept == "negation" for item in scanned.items) and plain == scanned.plain
    is_more = any(item.text in _ALSO for item in scanned.items) or _MORE.search(plain) is not None
    is_only = any(item.concept in ("only", "keep_only") for item in scanned.items)
    rest = said - {"alert", "negation", "send", "subscribe", "all", "add", "also", "again"}
    is_of_warnings = _WARNINGS.search(plain) is not None and not rest and not quantities_of(scanned.items)
    return done.arguments == "critical" and is_of_warnings and is_more and not is_only and not is_no


def _only_signals(scanned: ScannedText, said: set[str]) -> CommandRequest | None:
    """“no, just hashrate” behind a subscription: this signal and no other."""
    items = scanned.items
    is_only = any(item.concept in ("only", "keep_only") or item.text == "just" for item in items)
    is_denied = "negation" in said and _NO_FIRST.match(scanned.plain) is None
    rest = said - EPISODES.keys() - {"negation", "alert", "capitulation", "down", "moves", "subscribe"}
    signals = named_signals(items)
    if not is_only or is_denied or rest or not signals or quantities_of(items) or leaves_out(items):
        return None
    return CommandRequest("subscribe", f"only {signals}")


_MORE: Final = re.compile(r"\b(?:too|also|as well|auch|también|тоже|также)\b|也|还要")


def _number(items: list[Item]) -> int | None:
    """The one whole number of a text."""
    numbers = [item.quantity for item in quantities_of(items) if item.quantity is not None]
    if len(numbers) != 1 or numbers[0].unit is not MeasureUnit.NUMBER or numbers[0].per:
        return None
    number = numbers[0].small
    return int(number) if number == int(number) and number >= 1 else None
