"""What is known of the newest poll beside its readings: shown to people, and shared with other replicas."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from pydantic import TypeAdapter, ValidationError

from bot.i18n.message import Message
from bot.ops.program_status import SourceState
from bot.sources.types import RejectedSeries


@dataclass(frozen=True, slots=True)
class PollFacts:
    """What is known of the newest poll.

    `ledger_progress` says how far the ledger has got while it reads its history, `refused` which series no
    provider can be trusted on, `outage_since` since when there is no fresh data, `sources` how each provider
    does. `is_whole` is False while a first start still lacks part of its history.
    """

    polled_at: datetime | None = None
    ledger_progress: Message | None = None
    refused: tuple[RejectedSeries, ...] = ()
    outage_since: datetime | None = None
    sources: tuple[SourceState, ...] = ()
    is_whole: bool = False


def dump(facts: PollFacts) -> str:
    """The facts as they are stored."""
    return _facts().dump_json(facts).decode()


def parse(body: str | None) -> PollFacts:
    """The facts back from `dump`'s JSON; empty ones when there are none, or of another version."""
    if body is None:
        return PollFacts()
    try:
        return _facts().validate_json(body)
    except ValidationError:
        return PollFacts()


@cache
def _facts() -> TypeAdapter[PollFacts]:
    return TypeAdapter(PollFacts)
