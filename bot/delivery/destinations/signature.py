"""Signatures of webhooks after Standard Webhooks (https://www.standardwebhooks.com), version v1."""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from secrets import token_hex

_PREFIX = "whsec_"


def new_salt() -> str:
    """A random salt for the secret of a webhook."""
    return token_hex(16)


def secret_key(token: str) -> bytes:
    """The key that all secrets are derived with, out of the bot's token; it can't be turned back."""
    return hmac.digest(token.encode(), b"minerwatch webhook secrets", sha256)


def secret(key: bytes, salt: str) -> str:
    """The secret of a webhook, as it is given to its receiver: `whsec_` and 32 bytes in base64."""
    return _PREFIX + b64encode(hmac.digest(key, salt.encode(), sha256)).decode()


def headers(secrets: Iterable[str], message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers of a webhook, with one signature for each secret that is valid at present."""
    stamp = str(int(at.timestamp()))
    signatures = " ".join(sign(each, message_id, stamp, body) for each in secrets)
    return {"webhook-id": message_id, "webhook-timestamp": stamp, "webhook-signature": signatures}


def sign(secret: str, message_id: str, stamp: str, body: bytes) -> str:
    """The signature of one message with one secret; `stamp` is its time in Unix seconds."""
    key = b64decode(secret.removeprefix(_PREFIX))
    return f"v1,{b64encode(hmac.digest(key, f'{message_id}.{stamp}.'.encode() + body, sha256)).decode()}"
