"""The document of a widget: one piece of HTML with its style, script and values, within Telegram's limits."""

import hashlib
import json
import zlib
from collections.abc import Mapping
from importlib.resources import files
from typing import Final

MAX_BYTES: Final = 32_768
"""Of a document."""
MAX_COMPRESSED_BYTES: Final = 4_096
"""Of a document compressed by zlib at its highest level, which is how Telegram measures it."""
MAX_DATA_BYTES: Final = 1_024
"""Of the data that are set for a widget later."""

_STYLE: Final = "div{margin:4px 0}button{padding:6px 16px;margin:0 8px 0 0}"
_ESCAPED: Final = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


class WidgetTooLargeError(ValueError):
    """A document or its data are larger than Telegram takes."""


def document(body: str, script: str, values: Mapping[str, object], language: str) -> str:
    """A whole document. Raises WidgetTooLargeError.

    Args:
        body: HTML with everything interpolated escaped; it is what an app shows that runs no scripts.
        script: the name of a script of this package: a function, which is called with the values.
        values: what the script is called with; anything JSON can say.
        language: code of the language that the texts are written in.
    """
    html = (
        f'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8"><style>{_STYLE}</style></head>'
        f"<body>{body}<script>{_source(script)}({script_json(values)})</script></body></html>"
    )
    size, compressed = len(html.encode()), len(zlib.compress(html.encode(), 9))
    if size > MAX_BYTES or compressed > MAX_COMPRESSED_BYTES:
        raise WidgetTooLargeError(
            f"a widget of {size} bytes, {compressed} compressed; Telegram takes at most {MAX_BYTES} and "
            f"{MAX_COMPRESSED_BYTES}"
        )
    return html


def digest_of(document: str) -> str:
    """Tells one document from another."""
    return hashlib.sha256(document.encode()).hexdigest()[:16]


def script_json(value: object) -> str:
    """A value as JSON that can stand inside a script element, whatever strings it holds."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return "".join(_ESCAPED.get(char, char) for char in text)


def checked_data(data: str) -> str:
    """The data of a widget, when they are small enough. Raises WidgetTooLargeError."""
    size = len(data.encode())
    if size > MAX_DATA_BYTES:
        raise WidgetTooLargeError(f"widget data of {size} bytes; Telegram takes at most {MAX_DATA_BYTES}")
    return data


def _source(script: str) -> str:
    """A script without its comments, which nobody reads in a message."""
    text = (files(__package__) / script).read_text(encoding="utf-8")
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))
