"""How texts are said: by whoever speaks a language, from the English wording and its values.

What makes a text takes a `Speech`, or is kept as a `Saying` until it is known who is spoken to. `ENGLISH`
needs no catalogue: the command line and the logs use it.
"""

import unicodedata
from collections.abc import Callable, Sequence
from typing import Final, Protocol


class Speech(Protocol):
    """A language: it translates what `__call__` and `plural` are given, and writes numbers its own way."""

    def __call__(self, text: str, /, **values: object) -> str:
        """The text, with `{name}` replaced by each value."""

    def plural(self, one: str, many: str, n: int, /, **values: object) -> str:
        """The text that fits the number `n`, which is also given to it as `{n}`."""

    def number(self, value: float, digits: int = 0, *, fixed: bool = False) -> str:
        """At most, or when `fixed` exactly, `digits` after the decimal mark."""

    def either(self, parts: Sequence[str]) -> str:
        """“a, b or c”."""


Saying = Callable[[Speech], str]
"""A text still to be said in somebody's language."""


class English:
    """The language the texts are written in."""

    def __call__(self, text: str, /, **values: object) -> str:
        """The text, with `{name}` replaced by each value."""
        return text.format(**values) if values else text

    def plural(self, one: str, many: str, n: int, /, **values: object) -> str:
        """The text that fits the number `n`, which is also given to it as `{n}`."""
        return (one if n == 1 else many).format(n=self.number(n), **values)

    def number(self, value: float, digits: int = 0, *, fixed: bool = False) -> str:
        """At most, or when `fixed` exactly, `digits` after the point: `1,234.5`."""
        written = f"{value:,.{digits}f}"
        return written if fixed or "." not in written else written.rstrip("0").rstrip(".")

    def either(self, parts: Sequence[str]) -> str:
        """“a, b or c”."""
        return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} or {parts[-1]}"


ENGLISH: Final[Speech] = English()


def mark(text: str) -> str:
    """Name a text for the catalogues that is translated later, where it is said."""
    return text


def origin(source: str, t: Speech) -> str:
    """Who gave a figure: a provider's name as it is, and in words what is no provider's."""
    name, bundled, _ = source.partition(" (bundled)")
    if name in _NO_PROVIDERS:
        name = t(name)
    # Translators: {source} is who a figure comes from; it came with the program and wasn't asked for.
    return t("{source} (bundled)", source=name) if bundled else name


_NO_PROVIDERS: Final = (mark("computed"), mark("company reports"))


def left(text: str, columns: int) -> str:
    """The text at the left of so many columns of a fixed-width font."""
    return text + " " * (columns - width(text))


def right(text: str, columns: int) -> str:
    """The text at the right of so many columns of a fixed-width font."""
    return " " * (columns - width(text)) + text


def width(text: str) -> int:
    """Columns a text takes in a fixed-width font; Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
