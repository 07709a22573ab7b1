"""What is asked that no command answers, and what is said only to be polite: each by its name.

A request of one of these names is answered with a fixed text.
"""

import re
from collections.abc import Sequence
from typing import Final

from bot.mining.parsing.command_request import FEEDBACK, FORECAST, OTHER_COIN, TRADING
from bot.mining.parsing.items import Item, ItemKind
from bot.mining.parsing.makers import maker_of
from bot.mining.parsing.roles import word_set
from bot.mining.parsing.units import Currency

MACHINES: Final = frozenset({"which_machine", "catalogue", "machine_unit", "count_word", "fleet"})
_FORECAST_OF_BITCOIN: Final = frozenset(
    {
        "difficulty",
        "retarget",
        "hashrate",
        "hashprice",
        "halving",
        "fees",
        "energy",
        "watch",
        "alert",
        "chart",
    }
    | {"capitulation", "odds", "subscribe", "income", "if", "what_if"}
)
"""With one of these a forecast is not of Bitcoin's price."""
_OURS: Final = (
    _FORECAST_OF_BITCOIN
    | {"btc", "btc_price", "price", "status", "drawdown", "selling", "fleet", "mute", "unmute", "stop"}
    | {"digest", "settings", "export", "forget", "negation", "shut_off", "critical", "share", "pin", "quiet"}
    | {"delete", "privacy", "undo", "watch_list", "subscribed"}
)
"""With one of these a text is not about something else."""
_NO_TRADE: Final = frozenset(
    {
        "watch",
        "alert",
        "chart",
        "breakeven",
        "payback",
        "profit",
        "machine_price",
        "selling",
        "when",
        "history",
    }
)
"""With one of these nobody asks for coins."""


def beyond(items: Sequence[Item]) -> str | None:
    """What no command answers, in whatever words: other coins, prices to come, advice to buy or sell."""
    if any(item.kind is ItemKind.MACHINE for item in items):
        return None
    said = {item.concept for item in items if item.kind is ItemKind.WORD and not item.is_guess}
    if "feedback" in said:
        return FEEDBACK
    if "other_coin" in said:
        return OTHER_COIN
    if _sends_coins(items):
        return TRADING
    if "trade" in said and not said & (MACHINES | _NO_TRADE):
        return TRADING
    if "forecast" in said and not said & (MACHINES | _FORECAST_OF_BITCOIN) and not _is_of_a_maker(items):
        return FORECAST
    if _is_of_prices_to_come(items, said):
        return FORECAST
    return None


def _is_of_a_maker(items: Sequence[Item]) -> bool:
    """True for “which antminer should I buy at 5c”, which can be reckoned; without 5c it is advice."""
    return any(map(maker_of, items)) and any(item.quantity is not None for item in items)


_TO_COME: Final = word_set("beyond", "to_come")
"""Verbs in a form that tells of what is to come."""
_BITCOIN: Final = frozenset({"btc", "btc_price", "price"})
_BESIDE_PRICES_TO_COME: Final = _BITCOIN | {
    "filler",
    "up",
    "down",
    "when",
    "tonight",
    "tomorrow",
    "month",
    "week",
    "year",
}


def _is_of_prices_to_come(items: Sequence[Item], said: set[str]) -> bool:
    """True for “биток вырастет?”: a verb of what is to come, Bitcoin, and no figure."""
    if not said & _BITCOIN or said - _BESIDE_PRICES_TO_COME:
        return False
    is_plain = all(item.kind in (ItemKind.WORD, ItemKind.SIGN) and not item.is_guess for item in items)
    return is_plain and any(item.text in _TO_COME for item in items)


_SEND: Final = re.compile(
    r"(?:send|transfer|pay|schicke?|sende?|überweise?|m[áa]nda(?:le|les|lo)?|env[íi]a(?:le|les|lo)?|transfi[ée]re(?:le)?"
    r"|отправь|перешли|переведи|скинь|转给?|发送?|打)"
)
"""Verbs by which coins go to somebody."""


def _sends_coins(items: Sequence[Item]) -> bool:
    """True for “send 0.01 btc to my cousin”: a verb first, an amount, and Bitcoin behind it."""
    if not items or _SEND.fullmatch(items[0].text.split(" ")[0]) is None:
        return False
    said = {item.concept for item in items if item.kind is ItemKind.WORD}
    if said & {"watch", "alert", "when", "if", "price", "btc_price", "below", "above", "digest", "chart"}:
        return False
    return any(
        item.quantity is not None and (item.currency is Currency.BTC or behind.concept in ("btc", "sats"))
        for item, behind in zip(items, [*items[1:], items[-1]], strict=True)
    )


def is_off_topic(items: Sequence[Item]) -> bool:
    """True for what says something of the wide world and nothing of ours."""
    if any(item.kind is ItemKind.MACHINE or item.quantity is not None for item in items):
        return False
    said = {item.concept for item in items if item.kind is ItemKind.WORD and not item.is_guess}
    if "other_goods" in said and not said & (_OURS - {"alert", "watch", "price"}):
        return True  # “how much is oil”
    return "off_topic" in said and not said & (_OURS - {"alert", "watch"})
