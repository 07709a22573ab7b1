"""What the doctor finds at a PostgreSQL server."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from bot.sources.diagnostics import Finding
from storage.errors import StorageError
from storage.postgres.server_check import ServerFacts, look

_SLOW_S: Final = 0.02  # a reply asks several questions one after the other
_SKEW: Final = timedelta(seconds=2)


class ServerLook(NamedTuple):
    """What was found at a server, and which replica leads on it; None also when it could not be asked."""

    findings: list[Finding]
    holder: str | None
    has_answered: bool


def findings(url: str, clock: Callable[[], datetime]) -> ServerLook:
    """Look at the server."""
    try:
        facts = look(url, clock)
    except StorageError as error:
        return ServerLook([Finding("database", False, error.problem, error.remedy)], None, has_answered=False)
    return ServerLook([_database(facts), _latency(facts), _clock(facts)], facts.holder, has_answered=True)


def _database(facts: ServerFacts) -> Finding:
    server = f"PostgreSQL {facts.version}"
    if facts.is_replica:
        return Finding(
            "database", False, f"{server} is a read-only replica", "name the primary server in DATABASE_URL"
        )
    if not facts.is_writable:
        return Finding(
            "database",
            False,
            f"the user of DATABASE_URL may not make tables ({server})",
            "make it the owner of that database, for example: ALTER DATABASE minerwatch OWNER TO minerwatch",
        )
    if facts.unknown_steps:
        steps = ", ".join(facts.unknown_steps)
        return Finding(
            "database", False, f"it is of a newer version (it has {steps})", "install that version again"
        )
    return Finding("database", True, f"{server}, writable", "")


def _latency(facts: ServerFacts) -> Finding:
    text = f"answers in {facts.latency_s * 1000:.1f} ms"
    if facts.latency_s > _SLOW_S:
        return Finding("database latency", False, text, "run the bot in the same network as the server")
    return Finding("database latency", True, text, "")


def _clock(facts: ServerFacts) -> Finding:
    seconds = facts.clock_ahead.total_seconds()
    side = "ahead of" if seconds > 0 else "behind"
    if abs(facts.clock_ahead) > _SKEW:
        return Finding(
            "database clock",
            False,
            f"the server's clock is {abs(seconds):.0f} s {side} this machine's",
            "let NTP set both: replicas whose clocks differ send too early or too late",
        )
    return Finding("database clock", True, f"differs by {seconds:+.2f} s from this machine's", "")
