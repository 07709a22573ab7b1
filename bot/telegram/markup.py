"""Telegram's HTML as text: cut it to a message's length without breaking a tag, or take the tags away."""

import re
from html import unescape
from typing import NamedTuple

MAX_UNITS = 4096  # UTF-16 units of one message, counted after its entities are parsed

_PIECE = re.compile(r"<[^<>]*>|&(?:#\d+|#[xX][0-9a-fA-F]+|\w+);|[^<&]+|[<&]")
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
    pieces = (
        [_measured(piece) for piece in _PIECE.findall(text)] if html else [_Piece(text, units(text), True)]
    )
    if sum(piece.size for piece in pieces) <= max_units:
        return [text]
    seen = plain if html else str
    return [part for part in _cut(pieces, max_units) if seen(part).strip()]


class _Piece(NamedTuple):
    """A tag, an entity or a run of text: only a run can be cut. `size` is the units that a reader sees."""

    text: str
    size: int
    is_run: bool


def _measured(piece: str) -> _Piece:
    size = 0 if _TAG.fullmatch(piece) else units(unescape(piece))
    return _Piece(piece, size, piece[0] not in "<&")


def _cut(pieces: list[_Piece], max_units: int) -> list[str]:
    parts = []
    opened: list[str] = []
    start = 0
    while start < len(pieces):
        end, into = _end(pieces, start, max_units)
        if into:
            text = pieces[end].text
            halves = (text[:into], text[into:])
            pieces[end : end + 1] = [_Piece(half, units(half), True) for half in halves if half]
            end += 1
        inside = list(opened)
        for piece in pieces[start:end]:
            if piece.size == 0 and (tag := _TAG.fullmatch(piece.text)):
                if not tag[1]:
                    opened.append(piece.text)
                elif opened:
                    opened.pop()
        body = "".join(piece.text for piece in pieces[start:end])
        closing = "".join(f"</{_name(tag)}>" for tag in reversed(opened))
        parts.append("".join(inside) + body.rstrip("\n") + closing)
        start = end
    return parts


def _name(tag: str) -> str:
    match = _TAG.fullmatch(tag)
    return match[2] if match else ""


def _end(pieces: list[_Piece], start: int, max_units: int) -> tuple[int, int]:
    """Where the part beginning at `start` ends: after the last line end, else the last space, that fits.

    Gives the piece before which it ends, and how many characters of that piece it takes too.
    """
    left = max_units
    line: tuple[int, int] | None = None
    space: tuple[int, int] | None = None
    for index in range(start, len(pieces)):
        piece = pieces[index]
        fitting = ""
        if piece.is_run:
            fitting = piece.text if piece.size <= left else _head(piece.text, left)
            if into := fitting.rfind("\n") + 1:
                line = index, into
            if into := fitting.rfind(" ") + 1:
                space = index, into
        if piece.size > left:
            if index > start or fitting:
                return line or space or (index, len(fitting))
            return (start, 1) if piece.is_run else (start + 1, 0)
        left -= piece.size
    return len(pieces), 0


def _head(text: str, max_units: int) -> str:
    """As much of a run's beginning as fits."""
    head = text[:max_units]
    while (surplus := units(head) - max_units) > 0:
        head = head[: -((surplus + 1) // 2)]
    return head
