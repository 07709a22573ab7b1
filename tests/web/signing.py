"""Telegram's side of the Mini App: it signs who opens it."""

import json
from datetime import datetime
from urllib.parse import urlencode

from bot.web.init_data import signature


def init_data(token: str, user_id: int, at: datetime, *, language: str = "en") -> str:
    """What Telegram hands to the page for a person."""
    fields = {
        "query_id": "AAHdF6IQAAAAAN0XohDhrOrc",
        "user": json.dumps({"id": user_id, "first_name": "Ada", "language_code": language}),
        "auth_date": str(int(at.timestamp())),
    }
    return urlencode(fields | {"hash": signature(fields, token)})
