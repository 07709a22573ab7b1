"""Who opens the Mini App: the data Telegram signs for it with the bot's token.

Telegram's rule: HMAC-SHA256 over the sorted fields but `hash`, keyed with HMAC-SHA256 of the token under
the word WebAppData.
"""

import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final
from urllib.parse import parse_qsl

LASTS: Final = timedelta(hours=1)
"""How long a signature opens the Mini App; then it must be opened from the chat again."""

_AHEAD: Final = timedelta(minutes=1)  # clocks differ
_LONGEST: Final = 4096
_USER_IDS: Final = range(1, 2**52)


class InitDataError(Exception):
    """The data can't be trusted. `expired` when it once could."""

    def __init__(self, reason: str, *, expired: bool = False) -> None:
        super().__init__(reason)
        self.expired = expired


@dataclass(frozen=True, slots=True)
class MiniAppUser:
    """The person, as Telegram vouches: the id is that of the private chat too."""

    id: int
    language: str | None


def check_init_data(text: str, token: str, now: datetime) -> MiniAppUser:
    """The person behind signed data. Raises InitDataError for what is forged, damaged or too old."""
    if len(text) > _LONGEST:
        raise InitDataError("it is too long")
    try:
        pairs = parse_qsl(
            text, strict_parsing=True, keep_blank_values=True, max_num_fields=32, errors="strict"
        )
    except ValueError:
        raise InitDataError("it can't be read") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise InitDataError("a field comes twice")
    hash_sent = fields.pop("hash", "")
    if not hmac.compare_digest(signature(fields, token).encode(), hash_sent.encode()):
        raise InitDataError("the signature is wrong")
    signed_at = _moment(fields.get("auth_date", ""))
    if signed_at > now + _AHEAD or now - signed_at > LASTS:
        raise InitDataError("it is too old", expired=True)
    return _user(fields.get("user", ""))


def signature(fields: dict[str, str], token: str) -> str:
    """What `hash` must be for these fields."""
    secret = hmac.digest(b"WebAppData", token.encode(), sha256)
    signed = "\n".join(f"{name}={fields[name]}" for name in sorted(fields))
    return hmac.new(secret, signed.encode(), sha256).hexdigest()


def _moment(text: str) -> datetime:
    if not (text.isascii() and text.isdecimal() and len(text) < 12):
        raise InitDataError("it has no date")
    return datetime.fromtimestamp(int(text), UTC)


def _user(text: str) -> MiniAppUser:
    try:
        user = json.loads(text)
    except (ValueError, RecursionError):
        raise InitDataError("it names nobody") from None
    number = user.get("id") if isinstance(user, dict) else None
    if not isinstance(number, int) or isinstance(number, bool) or number not in _USER_IDS:
        raise InitDataError("it names nobody")
    language = user.get("language_code")
    return MiniAppUser(number, language if isinstance(language, str) else None)
