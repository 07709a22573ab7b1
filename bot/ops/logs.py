"""Logging to standard error, for people or for programs, with every secret replaced."""

import json
import logging
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_ANY_TOKEN = re.compile(r"\d{5,}(?::|%3[Aa])[A-Za-z0-9_-]{30,}")
_ANY_LOGIN = re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)")
_BLOT = "‹secret›"
_LEAST = {
    **dict.fromkeys(("httpx", "httpcore", "aiohttp"), logging.WARNING),  # addresses with keys
    "apscheduler": logging.ERROR,  # it warns of each run left out while the one before still runs
    **dict.fromkeys(("telegram", "telegram.ext"), logging.WARNING),  # whole updates, and what is sent
    **dict.fromkeys(("asyncio", "matplotlib", "PIL"), logging.WARNING),  # noise
}
"""The least level of the libraries' loggers, whatever LOG_LEVEL says."""

Id = int | str
_about: ContextVar[dict[str, Id] | None] = ContextVar("about", default=None)


def tag(**ids: Id) -> None:
    """Say for the rest of this task what its log lines are about, for example `tag(update=7)`."""
    _about.set({**(_about.get() or {}), **ids})


@contextmanager
def tagged(**ids: Id) -> Iterator[None]:
    """Log lines inside carry these ids: `with tagged(poll=12): …`."""
    before = _about.set({**(_about.get() or {}), **ids})
    try:
        yield
    finally:
        _about.reset(before)


class _Redacting(logging.Formatter):
    """Formats first and blots afterwards, so that tracebacks and arguments are covered too."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S%z")
        self._secrets = sorted((secret for secret in secrets if secret), key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        return self.blot(super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        line = super().formatMessage(record).replace("\r", "\\r").replace("\n", "\\n")
        ids = " ".join(f"{name}={value}" for name, value in (_about.get() or {}).items())
        return f"{line} [{ids}]" if ids else line

    def blot(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, _BLOT)
        return _ANY_LOGIN.sub(_BLOT, _ANY_TOKEN.sub(_BLOT, text))


def _without_telegram_traces(record: logging.LogRecord) -> bool:
    """A line says what Telegram or the way to it did wrong; where in the library that surfaced is no news."""
    error = record.exc_info[1] if record.exc_info else None
    if type(error).__module__.startswith("telegram."):
        record.msg, record.args, record.exc_info = f"{record.getMessage()} ({error})", (), None
    return True


class _Json(_Redacting):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Id] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self.blot(record.getMessage()),
            **(_about.get() or {}),
        }
        if record.exc_info:
            line["exception"] = self.blot(self.formatException(record.exc_info))
        return self.blot(json.dumps(line, ensure_ascii=False))


def set_up_logs(level: str, form: str, secrets: Iterable[str]) -> None:
    """Send logs to standard error in `form` (`text` or `json`); `secrets` never appear in them."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter((_Json if form == "json" else _Redacting)(secrets))
    handler.addFilter(_without_telegram_traces)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name, least in _LEAST.items():
        logging.getLogger(name).setLevel(max(least, logging.getLogger().level))
