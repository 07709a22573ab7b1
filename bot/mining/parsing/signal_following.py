"""Texts that go on from a subscription: “and hashrate too”, “but not energy”, “the warnings as well”."""

import re
from typing import Final

from bot.mining.parsing.command_arguments import EPISODES, quantities_of
from bot.mining.parsing.command_request import CommandRequest
from bot.mining.parsing.following import ALSO, PASSED, opens_on
from bot.mining.parsing.intents import concepts_of
from bot.mining.parsing.items import ScannedText
from bot.mining.parsing.roles import any_of
from bot.mining.parsing.signal_choice import leaves_out, named_signals

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
_UNNEEDED: Final = any_of("signal_following", "unneeded")
"""What says of a signal that it need not be told."""
_NO_FIRST: Final = re.compile(r"(?:hmm? )?(?:no|nope|nah|nein|nee?|нет|не|不)[,.! ，。]+")
"""A no to what was done before, which says nothing of what follows it."""
_WARNINGS: Final = re.compile(r"\bwarnings?\b|\bwarnung\w*|\bavisos?\b|\bпредупрежден\w+|警告|预警")
_MORE: Final = re.compile(r"\b(?:too|also|as well|auch|también|тоже|также)\b|也|还要")


def signals_followed(scanned: ScannedText, said: set[str], done: CommandRequest) -> CommandRequest | None:
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
    is_more = opens_on(scanned) or any(item.text in ALSO for item in scanned.items)
    return CommandRequest(done.name, *signals) if is_more else None


def given_up(scanned: ScannedText, done: CommandRequest) -> CommandRequest | None:
    """“I don't need the power price” behind a subscription: the end of that signal."""
    items = scanned.items
    named = {item.concept for item in items if item.concept in _SIGNALS}
    is_plain = len({_SIGNALS[each] for each in named}) == 1 and not quantities_of(items)
    rest = concepts_of(items) - PASSED - named - {"negation", "alert", "need", "price"}
    if done.name != "subscribe" or not is_plain or rest or _UNNEEDED.search(scanned.plain) is None:
        return None
    return CommandRequest("unsubscribe", _SIGNALS[next(iter(named))])


def _wants_warnings(scanned: ScannedText, said: set[str], done: CommandRequest) -> bool:
    """True for “no, the warnings as well” behind a subscription to critical alerts only."""
    plain = _NO_FIRST.sub("", scanned.plain, count=1)
    is_no = any(item.concept == "negation" for item in scanned.items) and plain == scanned.plain
    is_more = any(item.text in ALSO for item in scanned.items) or _MORE.search(plain) is not None
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
