"""What Telegram's HTML parser accepts, and the words it refuses with."""

import re
from html import unescape

_TAGS = {
    "a", "b", "blockquote", "code", "del", "em", "i", "ins", "pre", "s", "span", "strike", "strong",
    "tg-emoji", "tg-spoiler", "tg-time", "u",
}  # fmt: skip
_TOKEN = re.compile(r"<(/?)([^\s<>/]*)[^<>]*>|<|&(?:#\d+|#x[0-9a-fA-F]+|\w+);|[^<&]+|&")


class UnparsableError(ValueError):
    """The text is not HTML Telegram takes; the message is Telegram's description."""


def utf16(text: str) -> int:
    """Length as Telegram counts it."""
    return len(text.encode("utf-16-le")) // 2


def visible(html: str) -> str:
    """The text left when the tags are entities. Raises UnparsableError."""
    opened: list[str] = []
    text = []
    for token in _TOKEN.finditer(html):
        if token[0] == "<":
            raise UnparsableError("Bad Request: can't parse entities: Unclosed start tag")
        if token[2] is None:
            text.append(unescape(token[0]))
            continue
        name = token[2].lower()
        if name not in _TAGS:
            raise UnparsableError(f'Bad Request: can\'t parse entities: Unsupported start tag "{name}"')
        if not token[1]:
            opened.append(name)
        elif not opened or opened.pop() != name:
            raise UnparsableError(f'Bad Request: can\'t parse entities: Unexpected end tag "{name}"')
    if opened:
        raise UnparsableError(
            f"Bad Request: can't parse entities: Can't find end tag corresponding to \"{opened[-1]}\""
        )
    return "".join(text)
