"""Telegram's HTML as text: cut it to a message's length without breaking a tag, or take the tags away."""

import re
from html import unescape

MAX_UNITS = 4096  # UTF-16 units of one message, counted after its entities are parsed

_PIECE = re.compile(r"<[^<>]*>|&(?:#\d+|#[xX][0-9a-fA-F]+|\w+);|\n|[^<&\n]|[<&]")
_TAG = re.compile(r"<(/?)([a-zA-Z][\w-]*)[^<>]*>")


def units(text: str) -> int:
    """Length in UTF-16 units, which is how Telegram counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def plain(html: str) -> str:
    """The text a reader of this HTML sees."""
    return unescape(re.sub(r"</?[a-zA-Z][^<>]*>", "", html))


def split(text: str, max_units: int = MAX_UNITS, *, html: bool = True) -> list[str]:
    """Cut into parts of at most `max_units` visible units, at line ends where there are any.

    Tags open at a cut are closed before it and opened again after it; a cut never falls inside a tag, an
    entity or a pair of surrogates. A line longer than a whole part is cut at a space, else anywhere.
    """
    if units(text) <= max_units:
        return [text]
    if not html:
        return [part for part in _cut([(char, units(char)) for char in text], max_units) if part.strip()]
    pieces = _PIECE.findall(text)
    measured = [(piece, _size(piece)) for piece in pieces]
    if sum(size for _, size in measured) <= max_units:
        return [text]
    return [part for part in _cut(measured, max_units) if plain(part).strip()]


def _size(piece: str) -> int:
    """Units that a reader sees of a tag, an entity or a character; nearly all are characters."""
    if len(piece) == 1:
        return 2 if piece > "\uffff" else 1
    return 0 if _TAG.fullmatch(piece) else units(unescape(piece))


def _cut(pieces: list[tuple[str, int]], max_units: int) -> list[str]:
    parts = []
    opened: list[str] = []
    start = 0
    while start < len(pieces):
        end = _end(pieces, start, max_units)
        inside = list(opened)
        for piece, size in pieces[start:end]:
            if size == 0 and (tag := _TAG.fullmatch(piece)):
                if not tag[1]:
                    opened.append(piece)
                elif opened:
                    opened.pop()
        body = "".join(piece for piece, _ in pieces[start:end])
        closing = "".join(f"</{_name(tag)}>" for tag in reversed(opened))
        parts.append("".join(inside) + body.rstrip("\n") + closing)
        start = end
    return parts


def _name(tag: str) -> str:
    match = _TAG.fullmatch(tag)
    return match[2] if match else ""


def _end(pieces: list[tuple[str, int]], start: int, max_units: int) -> int:
    """Where the part beginning at `start` ends: after the last line end, else the last space, that fits."""
    length = 0
    line = space = 0
    for index in range(start, len(pieces)):
        piece, size = pieces[index]
        length += size
        if length > max_units:
            return line or space or max(index, start + 1)
        if piece == "\n":
            line = index + 1
        elif piece == " ":
            space = index + 1
    return len(pieces)
