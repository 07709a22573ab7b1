"""What plain words ask for that a command answers, by the table of what must and what may be said.

The table stands in `intent_table.py`, its words in `topics/*.toml`. A text is understood when it says all
that an intent needs and nothing that does not belong to it; what comes near is in `command_ranking.py`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.mining.named_spans import is_named_span
from bot.mining.parsing.asked_about import (
    agrees,
    answers_yes_or_no,
    asks_how,
    asks_what_is_set,
    asks_when,
    cancels,
    chats,
    is_bare_question,
)
from bot.mining.parsing.basics import basic_term
from bot.mining.parsing.beyond import MACHINES, beyond, is_off_topic
from bot.mining.parsing.chart_spans import is_year
from bot.mining.parsing.chart_vocabulary import SPAN_CONCEPTS
from bot.mining.parsing.chart_words import chart_words
from bot.mining.parsing.command_arguments import (
    IGNORABLE,
    chart_command,
    currency_command,
    history_command,
    is_set_beside,
    quantities_of,
)
from bot.mining.parsing.command_request import (
    CONTROL,
    DOUBTED,
    MEANING,
    NODDED,
    NOTHING_ASKED,
    OFF_TOPIC,
    SMALL_TALK,
    THANKS,
    CommandRequest,
)
from bot.mining.parsing.corrections import contrasted, corrected, kept_from_ending
from bot.mining.parsing.efficiency_filter import efficiency_command
from bot.mining.parsing.fleet_arguments import (
    fleet_command,
    fleet_fee,
    fleet_power,
    fleet_told,
    is_told_plainly,
    power_told,
    share_command,
)
from bot.mining.parsing.intent_table import INTENTS, SIGNALS, SUBSCRIPTIONS, UNSUBSCRIPTIONS, Intent
from bot.mining.parsing.items import Item, ItemKind, ScannedText
from bot.mining.parsing.listed_miners import holdings_command
from bot.mining.parsing.machine_control import names_machines, names_mining, orders_machine
from bot.mining.parsing.measures import MeasureUnit
from bot.mining.parsing.past_events import happened_then
from bot.mining.parsing.power_ahead import power_ahead_command
from bot.mining.parsing.roles import word_set
from bot.mining.parsing.schedule_arguments import (
    digest_command,
    mute_command,
    night_command,
    quiet_command,
    quiet_off_command,
)
from bot.mining.parsing.setting_words import language_command, theme_command
from bot.mining.parsing.signal_choice import chosen_signals, leaves_out
from bot.mining.parsing.silence_words import is_for_good, unmute_command
from bot.mining.parsing.units import Currency
from bot.mining.parsing.watch_arguments import watch_command

_UNSUBSCRIBE: Final = word_set("intents", "unsubscribe")
"""Words that are said of alerts only, whether these are named or not."""
_SEPARATED: Final = re.compile(
    r"\b(?:meld|bestell|stell)\w* .*\bab\b(?:[.!]*$| außer)|\btrag\w* .*\baus[.!]*$|\bnimm .*\braus[.!]*$"
    r"|^(?!.*\b(?:w(?:ie|as|er|en|o|ann|arum|ieso|eshalb|elche\w*)|sieht|sehen|löst|lösen|geh\w*|reich\w*|kenn\w*"
    r"|denk\w*|mach\w* (?:dir|euch|ihm)|fäll\w*|fallen|häng\w*)\b)"
    r".*(?:alarm|meldung|benachrichtigung|warnung|hinweis)\w* (?:bitte )?(?:aus|ab|weg)[.!]*$"
)
"""German verbs that end something, whose second part stands at the end: “melde mich vom Strompreis ab”."""
_WRITTEN: Final = re.compile(
    r"\b(?:send|writ|messages?|text|notif|alert|schreib|schick|meld|envi|mand|escrib|avis|пиш|писа|шли|присыл"
    r"|alarm|benachrichtig|оповещ|уведом|сообщ|алерт)\w*|больше не (?:надо|нужно)|发|推|提醒|通知|警报"
)
"""In words for an end: of messages, so that these need not be named (“про хешрейт больше не пиши”)."""
_SWITCHED_OFF: Final = re.compile(r"\bschalte?\b .*\b(?:aus|ab)[.!]*$")
"""The same of what is switched: “schalt die Ruhezeiten aus”, which is no guess then."""
_NO_CHART: Final = frozenset(
    {"negation", "picture", "share", "watch", "mute", "subscribe", "unsubscribe", "settings"}
)
_DRAWN: Final = word_set("intents", "drawn")
"""What a machine does with power."""
_MONEY_COMMANDS: Final = frozenset({"price", "hashprice", "network"})
_EARNED: Final = IGNORABLE | {"price", "hashprice", "hashrate", "income", "tonight", "btc", "until"}
"""What a question about the earnings of one unit of hashrate may say."""
_BESIDE_A_YEAR: Final = frozenset(
    {"status", "when", "gone", "past", "explain", "compare", "drawdown", "down", "moves", "until", "tonight"}
)
_WHOLE: Final = dict.fromkeys(
    ("para", "alto", "basta ya", "halt", "aus", "schluss", "off", "хорош", "стой", "всё хватит", "停"),
    CommandRequest("unsubscribe"),
)
"""Words that ask for an end where they are all that is said; beside others they mean something else."""
_GOES_ON: Final = word_set("intents", "goes_on")
"""What a figure does that goes on as it did, where it is no order to follow one."""
_MOST_WORDS_OF_AN_ORDER: Final = 14
"""A longer text tells a story; what it would change is offered."""
_OF_ALL: Final = re.compile(
    r"setting|option|preferenc|config|einstellung|konfig|profil|ajuste|opcion|perfil|histor|verlauf|настройк|параметр"
    r"|профил|истори|设置|配置|选项|設定|设定|历史|记录"
)
"""In words for settings and for the past: all of them. To delete one, such as the sound, deletes no data."""
_MOST_GUESSES: Final = 3
"""Words of a text that are read as similar ones."""


ONLY_SHOWN: Final = frozenset(
    {"price", "hashrate", "hashprice", "difficulty", "fees", "retarget", "halving", "chart", "why", "network"}
)


_OF_MESSAGES: Final = frozenset({"mute", "unmute", "unsubscribe"})
"""What begins or ends messages, and is not asked of machines."""
_BESIDE_NO_END: Final = ONLY_SHOWN | {"mute", "quiet", "status", "help", "history", "watches"}
"""What somebody may want who says that messages are not to end."""


@dataclass(frozen=True, slots=True)
class CommandReading:
    """A command that fits a whole text; `is_certain` unless it changes things on a guessed word."""

    request: CommandRequest
    is_certain: bool


def read_command(scanned: ScannedText) -> CommandReading | None:
    """The command that answers a text; None when no intent fits it whole.

    `scanned` is the text as the topic lexicon reads it.
    """
    items = scanned.items
    if orders_machine(scanned):
        return CommandReading(CommandRequest(CONTROL), is_certain=True)
    if (name := beyond(items)) is not None:
        return CommandReading(CommandRequest(name), is_certain=True)
    if agrees(scanned.plain):
        return CommandReading(CommandRequest(NODDED), is_certain=True)
    if answers_yes_or_no(scanned.plain):
        name = THANKS if "thanks" in concepts_of(items) else NOTHING_ASKED  # “jo danke”
        return CommandReading(CommandRequest(name), is_certain=True)
    if (term := basic_term(scanned.plain)) is not None:
        return CommandReading(CommandRequest(f"{MEANING}{term}"), is_certain=True)
    if chats(scanned.plain):
        return CommandReading(CommandRequest(SMALL_TALK), is_certain=True)
    if cancels(scanned.plain):
        return CommandReading(CommandRequest(NOTHING_ASKED), is_certain=True)
    if (mended := corrected(scanned)) is not None:
        meant = _reading(mended)
        return None if meant is None else CommandReading(meant.request, is_certain=False)
    if (set_apart := contrasted(scanned)) is not None:
        meant = _reading(set_apart)
        return meant if meant is not None and meant.request.name in ONLY_SHOWN else None
    if (spared := kept_from_ending(scanned)) is not None:
        meant = _reading(spared)
        name = "" if meant is None else meant.request.name
        return meant if name in _BESIDE_NO_END or name.startswith(MEANING) else None
    reading = _reading(scanned)
    if reading is None and is_off_topic(items):
        return CommandReading(CommandRequest(OFF_TOPIC), is_certain=True)
    return reading


def _reading(scanned: ScannedText) -> CommandReading | None:
    items = scanned.items
    if (whole := _WHOLE.get(scanned.plain.strip(" .!,"))) is not None:
        return CommandReading(whole, is_certain=False)
    is_off = _SWITCHED_OFF.search(scanned.plain) is not None
    guesses = sum(1 for item in items if item.is_guess and not (is_off and item.concept == "shut_off"))
    is_guessed = guesses > _MOST_GUESSES or (guesses > 1 and _rests_on_guesses(items))
    if is_guessed or any(item.kind is ItemKind.UNKNOWN for item in items):
        return None
    if any(item.kind is ItemKind.MACHINE for item in items):
        return _of_fleet(scanned)
    concepts = concepts_of(items)
    if concepts & {"energy", "power"} and not quantities_of(items) and asks_what_is_set(scanned.plain):
        return CommandReading(CommandRequest("fleet"), is_certain=True)  # “what is my power price set to”
    setting = fleet_power(items, concepts) or power_told(scanned, concepts)
    setting = setting or fleet_fee(items, concepts) or night_command(items, concepts)
    if setting is not None:
        return CommandReading(setting, is_certain=False)
    if (past := happened_then(scanned, concepts)) is not None:
        return CommandReading(past[0], is_certain=past[1])
    if (request := holdings_command(items, concepts, scanned.plain)) is not None:
        return CommandReading(request, is_certain=True)
    fitting = _exact(scanned)
    if fitting is None or _is_other(scanned, *fitting):
        return None
    request, changes = fitting
    if request.name == "forget" and names_machines(scanned.plain):  # “delete all machines”: no data besides
        return CommandReading(CommandRequest("fleet", "clear"), is_certain=False)
    is_of_all = request.name in _OF_MESSAGES and request.arguments not in SIGNALS
    if is_of_all and not concepts & {"alert", "send"} and names_mining(scanned.plain):
        return None  # “stop mining”, “the quietest machine”
    if changes and asks_what_is_set(scanned.plain):
        return CommandReading(CommandRequest("settings"), is_certain=True)
    words = sum(1 for item in items if item.kind is ItemKind.WORD)
    is_doubtful = (
        guesses
        or words > _MOST_WORDS_OF_AN_ORDER
        or asks_how(scanned.plain)
        or is_bare_question(scanned.plain)
        or (concepts & {"negation", "only", "mute"} and request.arguments in SIGNALS)
        or (concepts & {"subscribe", "watch", "cares_only"} and request.arguments.startswith("only "))
    )
    return CommandReading(request, is_certain=not (changes and is_doubtful))


def _is_other(scanned: ScannedText, request: CommandRequest, changes: bool) -> bool:
    """True for a command that fits a text by its words, but does what wasn't asked for.

    “when does the income signal come on” orders nothing, “delete the sound” deletes no data, and who is to be
    left alone for good wants more than a pause.
    """
    if request.name == "mute" and not quantities_of(scanned.items):
        return is_for_good(scanned.plain, concepts_of(scanned.items))
    if request.name == "forget" and not _is_of_all(scanned.items):
        return True
    return changes and asks_when(scanned.plain)


def _rests_on_guesses(items: Sequence[Item]) -> bool:
    """True for “my knee hurts”: what it means rests on guessed words, and others are only guessed to be said
    in passing."""
    words = [item for item in items if item.kind is ItemKind.WORD]
    meant = [item for item in words if item.concept != "filler"]
    passed_over = any(item.is_guess for item in words if item.concept == "filler")
    return passed_over and all(item.is_guess for item in meant)


def _is_of_all(items: Sequence[Item]) -> bool:
    """False for a text that deletes a setting or a line of a list, not all that is kept."""
    parts = [item for item in items if item.concept in ("settings", "history")]
    return not parts or all(_OF_ALL.search(item.text) for item in parts)


def _of_fleet(scanned: ScannedText) -> CommandReading | None:
    """Machines that are to be added or taken away: of machines commands say nothing else.

    What is told in passing is noted where it was done and is clear (“sold two S19”), else offered: a button
    takes it back.
    """
    concepts = concepts_of(scanned.items)
    if (request := share_command(scanned.items, concepts)) is not None:
        return CommandReading(request, is_certain=True)
    if (request := fleet_command(scanned, concepts)) is not None:
        return CommandReading(request, is_certain=True)
    request = fleet_told(scanned, concepts)
    if request is None:
        return None
    return CommandReading(request, is_certain=is_told_plainly(scanned, concepts))


def asks_for_chart(scanned: ScannedText) -> bool:
    """True for a text about a chart that no intent fits whole: the chart command reads it by itself."""
    concepts = concepts_of(scanned.items)
    machines = any(item.kind is ItemKind.MACHINE for item in scanned.items)
    if concepts & _NO_CHART - {"settings"} or is_set_beside(scanned.items):
        return False
    return any(
        item.concept == "chart" and not item.is_guess and not (machines and item.text in _DRAWN)
        for item in scanned.items
    )


def _exact(scanned: ScannedText) -> tuple[CommandRequest, bool] | None:
    """The command, and whether it changes what the chat gets."""
    items = scanned.items
    concepts, quantities = concepts_of(items), quantities_of(items)
    if _SEPARATED.search(scanned.plain):
        concepts = concepts - {"watch", "subscribe", "between", "shut_off", "change"} | {"stop"}
    if "watch" in concepts and _goes_on(items):
        concepts = concepts - {"watch"}
    if {"explain", "watch"} <= concepts and asks_how(scanned.plain):  # “how do i set a price alert”
        concepts = concepts - {"explain"}
    if not quantities and (subscription := _of_subscriptions(scanned, concepts)):
        return subscription
    if leaves_out(items) and concepts & {"stop", "shut_off", "delete"}:
        return None  # what is to be kept isn't clear
    for changes, read in (
        (False, watch_command),
        (True, quiet_off_command),
        (True, quiet_command),
        (True, unmute_command),
        (True, mute_command),
        (True, digest_command),
        (False, history_command),
        (False, power_ahead_command),
        (True, theme_command),
        (False, efficiency_command),
    ):
        if (request := read(items, concepts)) is not None:
            return request, changes
    if (request := chart_command(scanned, concepts)) is not None:
        return request, False
    if (request := currency_command(items, concepts)) is not None:
        return request, True
    if (request := language_command(items, concepts, scanned.plain)) is not None:
        return request, bool(request.arguments)
    if not quantities:
        return _in_currency(items, concepts) or _fitting(INTENTS, _of_past(scanned, concepts))
    return _with_figures(quantities, concepts)


def _goes_on(items: Sequence[Item]) -> bool:
    """True for “el hashrate sigue bajando”: what would order to follow stands behind what it is said of."""
    for index, item in enumerate(items):
        if item.concept == "watch":
            ahead = [each for each in items[:index] if each.concept not in IGNORABLE]
            if item.text not in _GOES_ON or not any(each.kind is ItemKind.WORD for each in ahead):
                return False
    return True


def _with_figures(quantities: Sequence[Item], concepts: set[str]) -> tuple[CommandRequest, bool] | None:
    """The command of a text with figures that are no arguments of it, and whether it changes anything."""
    is_since = len(quantities) == 1 and is_year(quantities[0])
    is_past = is_since and concepts <= IGNORABLE | _BESIDE_A_YEAR
    if "capitulation" in concepts and is_since:  # “all capitulations since 2010”
        return _fitting([intent for intent in INTENTS if intent.command == "history"], concepts | {"history"})
    if is_past and concepts & {"compare", "drawdown", "capitulation"}:
        return CommandRequest("history"), False
    if concepts & {"delete", "discard", "stop", "watch_list"} and concepts & {"alert", "watch", "watch_list"}:
        # “delete my 60k alert”
        concepts = concepts - {"stop", "discard", "below", "above"} | {"delete"}
        return _fitting([intent for intent in INTENTS if intent.command == "watches"], concepts)
    if _asks_odds(quantities, concepts):
        return CommandRequest("why", "hashrate_decline"), False
    if _one_unit_of_hashrate(quantities) and concepts <= _EARNED:
        return CommandRequest("hashprice"), False
    if "doubted" in concepts:  # “your price is off by 2000”
        return _fitting([intent for intent in INTENTS if intent.command in ("about", DOUBTED)], concepts)
    networks = [intent for intent in INTENTS if intent.command == "network"]
    return _fitting(networks, concepts) if _prices_only(quantities) else None


def _of_past(scanned: ScannedText, concepts: set[str]) -> set[str]:
    """What a text says, as past capitulations where it gives a span: “capitulations since last winter”."""
    spans = chart_words(scanned, is_asked=False).spans if "capitulation" in concepts else ()
    if not any(span.endswith("+") or is_named_span(span) for span in spans):
        return concepts
    return concepts - SPAN_CONCEPTS - {"halving", "after_halving"} | {"history"}


def _of_subscriptions(scanned: ScannedText, concepts: set[str]) -> tuple[CommandRequest, bool] | None:
    """A signal that is to be told, or not any more; words for an end of alerts need not name them."""
    if (choice := chosen_signals(scanned.items, concepts)) is not None:
        return choice, True
    if leaves_out(scanned.items):
        return None
    is_said = any(item.text in _UNSUBSCRIBE for item in scanned.items)
    is_written = any(
        item.concept in ("stop", "negation") and _WRITTEN.search(item.text) for item in scanned.items
    )
    is_of_alerts = is_said or is_written or _SEPARATED.search(scanned.plain) is not None
    is_taken_again = concepts & {"again", "unmute"} and "stop" not in concepts  # “schalt … wieder ein”
    intents = SUBSCRIPTIONS if is_taken_again else (*UNSUBSCRIPTIONS, *SUBSCRIPTIONS)
    if concepts & {"energy", "power"}:
        concepts = concepts - {"price"}
    return _fitting(intents, concepts | {"alert"} if is_of_alerts else concepts)


def _in_currency(items: Sequence[Item], concepts: set[str]) -> tuple[CommandRequest, bool] | None:
    """A figure of the market in a currency that is named: “hashprice in euro”."""
    named = {item.currency for item in items if item.currency is not None} - {Currency.BTC}
    codes = {currency.value for currency in named}
    if "sats" in concepts and not codes:
        codes = {"sats"}
    figures = [intent for intent in INTENTS if intent.command in _MONEY_COMMANDS]
    request = _fitting(figures, concepts - {"currency", "sats", "euro"})
    if len(codes) != 1 or request is None:
        return None
    return CommandRequest(request[0].name, codes.pop()), False


def _fitting(intents: Sequence[Intent], concepts: set[str]) -> tuple[CommandRequest, bool] | None:
    """The first intent that a text says wholly and nothing else, and whether it changes anything."""
    for intent in intents:
        known = IGNORABLE.union(intent.may, *intent.must)
        if all(concepts & group for group in intent.must) and concepts <= known:
            return CommandRequest(intent.command, intent.arguments), intent.changes
    if "change" in concepts:  # “anzeigen”, “display”: nothing is changed by showing it
        return _fitting([intent for intent in intents if not intent.changes], concepts - {"change"})
    return None


def concepts_of(items: Sequence[Item]) -> set[str]:
    """What the words of a text mean, without those that mean nothing here.

    Whether to buy a machine is asked for the best one; a forecast of difficulty is its next change.
    """
    concepts = {item.concept for item in items if item.kind is ItemKind.WORD} - {"filler"}
    if "forecast" in concepts and concepts & MACHINES:
        concepts |= {"best"}
    return concepts - {"forecast"} | {"moves"} if "forecast" in concepts else concepts


_FORECAST_FALLS: Final = (2.0, 5.0)
"""Falls of the difficulty in 30 days, in per cent, whose odds I tell."""
_OF_ODDS: Final = IGNORABLE | {
    "odds", "difficulty", "retarget", "down", "moves", "above", "month", "tonight", "until",
    "projection",
}  # fmt: skip


def _asks_odds(quantities: Sequence[Item], concepts: set[str]) -> bool:
    """True for “odds of difficulty dropping more than 5 % this month”."""
    is_fall = {"odds", "down"} <= concepts and bool(concepts & {"difficulty", "retarget"})
    share = quantities[0].quantity if len(quantities) == 1 and quantities[0].is_share else None
    return is_fall and not concepts - _OF_ODDS and share is not None and share.small in _FORECAST_FALLS


def _one_unit_of_hashrate(quantities: Sequence[Item]) -> bool:
    """True for “1 PH/s” alone: what it earns is the hashprice."""
    quantity = quantities[0].quantity if len(quantities) == 1 else None
    return quantity is not None and quantity.unit is MeasureUnit.THS and quantity.small in (1.0, 1e3, 1e6)


def _prices_only(quantities: Sequence[Item]) -> bool:
    return all(
        item.quantity is not None and (item.quantity.cents or "kwh" in item.quantity.per)
        for item in quantities
    )
