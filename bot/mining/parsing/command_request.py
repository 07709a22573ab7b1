"""A text that asks for a command, or for what no command answers; the latter is named here.

A request of one of these names is answered with a fixed text.
"""

from dataclasses import dataclass
from typing import Final

THANKS: Final = "thanks"
"""A request that only thanks."""
FORECAST: Final = "forecast"
"""For a price to come, or for advice to buy or sell."""
OTHER_COIN: Final = "other_coin"
"""About a coin that is not Bitcoin."""
NOTHING_ASKED: Final = "nothing_asked"
"""An answer to a question, where none was asked."""
OFF_TOPIC: Final = "off_topic"
"""About something that has to do neither with Bitcoin nor with mining."""
TRADING: Final = "trading"
"""To buy, sell or send coins for somebody."""
IN_GROUPS: Final = "in_groups"
"""How the bot comes into a group or a channel."""
DOUBTED: Final = "doubted"
"""That a figure is wrong."""
MEANING: Final = "meaning_of_"
"""What a word of mining means: this, and one of `TERMS`."""
TERMS: Final = (
    "overhead",
    "fpps",
    "pplns",
    "uptime",
    "term_asic",
    "term_efficiency",
    "term_pool",
    "term_miner_count",
)
"""Words of mining that are explained, as the tables of words call them."""
SMALL_TALK: Final = "small_talk"
"""Said to be kind, about nothing that I do."""
FEEDBACK: Final = "feedback"
"""What somebody wants the program to do, or found wrong in it."""
CONTROL: Final = "control"
"""To switch machines off or on."""
AHEAD: Final = "ahead"
"""Where a figure will be some time from now."""
ANNOYED: Final = "annoyed"
"""Anger, without a word of what to do."""
READ_AS: Final = "read_as"
"""A yes to the one reading of what was asked back: that reading is what was said."""
WHICH: Final = "which"
"""A yes where several things were offered."""
RECKONED: Final = "reckoned"
"""How the answer right before it came about."""
NODDED: Final = "nodded"
"""An “ok” to an answer."""
DECLINED: Final = "declined"
"""A no to what was offered."""

SAID_IN_A_SENTENCE: Final = frozenset(
    {AHEAD, ANNOYED, CONTROL, DECLINED, DOUBTED, FEEDBACK, FORECAST, IN_GROUPS, NODDED, NOTHING_ASKED}
    | {OFF_TOPIC, OTHER_COIN, SMALL_TALK, THANKS, TRADING, WHICH}
)
"""What no command answers, but one sentence does: nothing to offer on a button."""

UNDO: Final = "undo"
INSTEAD: Final = "instead"
USUAL: Final = "usual"
KEEP: Final = "keep"
"""What follows `/watch` to take the last one back; before a line, to put another in its place; before a
figure, to offer the watch that suits it; before numbers, to keep the first of these that were offered.

The first follows `/settings` too, to take back what was set last.
"""


@dataclass(frozen=True, slots=True)
class CommandRequest:
    """A command to run as if it had been typed: its name and its arguments."""

    name: str
    arguments: str = ""
