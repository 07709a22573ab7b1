"""The one error a provider can raise: what it did, as a message, and of which kind that is."""

from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from typing import Final

from bot.i18n.message import Message, NumberValue, message


class FaultKind(StrEnum):
    """What kind of thing is wrong, for whoever decides what to do about it."""

    UNREACHABLE = "unreachable"
    SERVER_ERROR = "server_error"
    RATE_LIMITED = "rate_limited"
    KEY_REJECTED = "key_rejected"
    REFUSED = "refused"
    NOT_FOUND = "not_found"
    BAD_DATA = "bad_data"
    STALE = "stale"


_WHOLE_PROVIDER: Final = (FaultKind.UNREACHABLE, FaultKind.SERVER_ERROR, FaultKind.RATE_LIMITED)


class SourceError(Exception):
    """A provider gave nothing that can be used.

    `reason` is a predicate a person understands with the provider's name before it ("answered 503"); it
    never holds a key, a token or an address. English text makes a message that is said as it is in every
    language. `retry_after` is how long the provider asked us to stay away.
    """

    def __init__(
        self,
        reason: Message | str,
        kind: FaultKind = FaultKind.BAD_DATA,
        *,
        retry_after: timedelta | None = None,
    ) -> None:
        """A fault; English text is said as it is in every language."""
        super().__init__(str(reason))
        self.reason = reason if isinstance(reason, Message) else verbatim(reason)
        self.kind = kind
        self.retry_after = retry_after

    @property
    def whole_provider(self) -> bool:
        """Whether the whole provider is at fault, not this one answer."""
        return self.kind in _WHOLE_PROVIDER


def verbatim(text: str) -> Message:
    """Words that are the same in every language."""
    return Message("{words}", (("words", text),))


def with_source(source: str, reason: Message) -> Message:
    """A predicate with the name of the provider it is about before it."""
    return Message("{source} {reason}", (("source", source), ("reason", reason)))


def joined(reasons: Iterable[Message], limit: int | None = None) -> Message:
    """Several reasons one after the other; those beyond `limit` are only counted."""
    texts = list(reasons)
    if limit is not None and len(texts) > limit:
        # Translators: the end of a list of what is wrong with a provider.
        texts[limit:] = [message("and {count} more faults", count=NumberValue(len(texts) - limit))]
    text = "; ".join(f"{{part{number}}}" for number in range(len(texts)))
    return Message(text, tuple((f"part{number}", reason) for number, reason in enumerate(texts)))
