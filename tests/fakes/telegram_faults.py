"""What can go wrong between a bot and Telegram, in Telegram's words."""

import random
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Refuse:
    """Answer with an error and deliver nothing."""

    status: int
    description: str
    parameters: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reset:
    """Cut the connection; `after`: the message was delivered first."""

    after: bool


@dataclass(frozen=True, slots=True)
class Silence:
    """Deliver, then never answer."""


@dataclass(frozen=True, slots=True)
class Garble:
    """Deliver nothing and answer with a page, as a server in between does."""

    status: int = 200


@dataclass(frozen=True, slots=True)
class Slow:
    """Answer properly after `seconds`."""

    seconds: float


Behaviour = Refuse | Reset | Silence | Garble | Slow

BLOCKED = Refuse(403, "Forbidden: bot was blocked by the user")
DEACTIVATED = Refuse(403, "Forbidden: user is deactivated")
KICKED = Refuse(403, "Forbidden: bot was kicked from the supergroup chat")
NOT_FOUND = Refuse(400, "Bad Request: chat not found")
TOPIC_CLOSED = Refuse(400, "Bad Request: TOPIC_CLOSED")
TOPIC_DELETED = Refuse(400, "Bad Request: message thread not found")
TOO_LONG = Refuse(400, "Bad Request: message is too long")
UNAUTHORIZED = Refuse(401, "Unauthorized")
CONFLICT = Refuse(
    409,
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
)
SERVER_ERROR = Refuse(500, "Internal Server Error")
BAD_GATEWAY = Refuse(502, "Bad Gateway")


def migrated(to: int) -> Refuse:
    """The chat became a supergroup."""
    return Refuse(
        400, "Bad Request: group chat was upgraded to a supergroup chat", {"migrate_to_chat_id": to}
    )


def flood(seconds: int) -> Refuse:
    """A flood limit was hit."""
    return Refuse(429, f"Too Many Requests: retry after {seconds}", {"retry_after": seconds})


@dataclass(frozen=True, slots=True)
class Faults:
    """What share of sends goes wrong, at random but repeatably."""

    flood: float = 0.0
    server_error: float = 0.0
    reset_before: float = 0.0
    reset_after: float = 0.0
    silence: float = 0.0

    def draw(self, dice: random.Random) -> Behaviour | None:
        """What happens to this send, None for nothing out of order."""
        rest = dice.random()
        for share, behaviour in (
            (self.flood, flood(1)),
            (self.server_error, SERVER_ERROR),
            (self.reset_before, Reset(after=False)),
            (self.reset_after, Reset(after=True)),
            (self.silence, Silence()),
        ):
            rest -= share
            if rest < 0:
                return behaviour
        return None
