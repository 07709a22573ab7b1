"""How far the ledger's history has been read, and about how long the rest will take."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.i18n.message import Message, NumberValue, SpanValue, message
from storage.ledger.days import Extent

_PAGES_A_DAY: Final = 1.7  # to find where a day begins
_HISTORY_PAGE: Final = 25
_OTHER_SHARE: Final = 1.3  # transactions of pool wallets for each coinbase among them


@dataclass(frozen=True, slots=True)
class Progress:
    """For `/status` and the log. `calls_left` and `time_left` are estimates for the first reading.

    `days_complete` of `days_wanted` can be used; `wallets_read` of `wallets` have been read to the end.
    """

    days_wanted: int
    days_known: int
    days_complete: int
    wallets: int
    wallets_read: int
    calls_made: int
    calls_left: int
    time_left: timedelta

    @property
    def reading(self) -> bool:
        """Whether the first reading is still under way."""
        return self.calls_left > 0

    @property
    def text(self) -> Message:
        """One line, while the first reading is under way."""
        days_wanted = NumberValue(self.days_wanted)
        if self.days_known < self.days_wanted:
            share = message(
                "{known} of {wanted} days found", known=NumberValue(self.days_known), wanted=days_wanted
            )
        else:
            share = message(
                "{read} of {wallets} pool wallets read, {complete} of {wanted} days complete",
                read=NumberValue(self.wallets_read),
                wallets=NumberValue(self.wallets),
                complete=NumberValue(self.days_complete),
                wanted=days_wanted,
            )
        # Translators: {done} is one of the two texts above, {time} is like “35 min” or “5 h”.
        return message(
            "outflow ledger: {done}; about {count} requests and {time} to go",
            done=share,
            count=NumberValue(self.calls_left),
            time=SpanValue(max(60.0, self.time_left.total_seconds())),
        )


def estimate(extent: Extent, calls_made: int, blocks_a_day: float, seconds_a_call: float) -> Progress:
    """What is left, from what has been needed so far.

    Finding a day takes about 1.7 pages; each wallet's history is taken to go on as it has been.
    """
    days_left = max(0, extent.days_wanted - extent.days_known)
    finding = days_left * _PAGES_A_DAY
    if extent.blocks_scanned and extent.pages_scanned:
        scanning = extent.blocks_left * extent.pages_scanned / extent.blocks_scanned
        scanning += (extent.wallets - extent.wallets_read - extent.scans) * 3
    elif days_left or extent.wallets > extent.wallets_read:
        scanning = extent.days_wanted * blocks_a_day * _OTHER_SHARE / _HISTORY_PAGE
    else:
        scanning = 0.0
    calls_left = max(0, round(finding + scanning))
    if not calls_left and (days_left or extent.wallets > extent.wallets_read):
        calls_left = 1
    return Progress(
        extent.days_wanted,
        extent.days_known,
        extent.days_complete,
        extent.wallets,
        extent.wallets_read,
        calls_made,
        calls_left,
        timedelta(seconds=round(calls_left * seconds_a_call)),
    )
