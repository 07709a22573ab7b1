"""A language's catalogue (`minerwatch.po`), read line by line.

Babel's own reader keeps places, comments and flags of every message. It takes three times as long, and leaves
1.5 MiB of holes in an idle program's memory.
"""

import re
from collections.abc import Iterable, Iterator
from gettext import NullTranslations, c2py
from importlib.resources import files
from itertools import chain
from typing import Final

_ESCAPED: Final = re.compile(r"\\(.)")
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r"}
_PLURAL: Final = re.compile(r"plural=([^;]+);")


class Translations(NullTranslations):
    """The translations of a language; a text that has none stays English."""

    def __init__(self, code: str) -> None:
        """Read the language's catalogue."""
        super().__init__()
        self._form_for = c2py("n != 1")
        self._texts: dict[str, str] = {}
        self._plurals: dict[tuple[str, str], tuple[str, ...]] = {}
        source = files(__package__) / "locale" / code / "LC_MESSAGES" / "minerwatch.po"
        with source.open(encoding="utf-8") as lines:
            for entry in _entries(lines):
                self._add(entry)

    def _add(self, entry: dict[str, str]) -> None:
        text, many = entry["msgid"], entry.get("msgid_plural")
        forms = tuple(value for key, value in entry.items() if key.startswith("msgstr"))
        if not text:
            plural = _PLURAL.search(forms[0])
            if plural is not None:
                self._form_for = c2py(plural[1])
        elif not all(forms):
            return
        elif many is None:
            self._texts[text] = forms[0]
        else:
            self._plurals[text, many] = forms
            self._texts.setdefault(text, forms[self._form_for(1)])

    def gettext(self, message: str) -> str:
        """The translation of a text."""
        return self._texts.get(message, message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """The translation that fits the number `n`."""
        forms = self._plurals.get((msgid1, msgid2))
        return super().ngettext(msgid1, msgid2, n) if forms is None else forms[self._form_for(n)]


def _entries(lines: Iterable[str]) -> Iterator[dict[str, str]]:
    """The messages that no translator has marked as doubtful, each its fields by name: `msgid`, `msgstr[0]`.

    An empty line ends a message, as everything that writes catalogues has it.
    """
    entry: dict[str, str] = {}
    keyword, is_doubtful = "", False
    for line in chain(map(str.rstrip, lines), ("",)):
        if line.startswith('"'):
            entry[keyword] += _plain(line)
        elif line.startswith("#"):
            is_doubtful = is_doubtful or (line.startswith("#,") and "fuzzy" in line)
        elif line:
            keyword, _, quoted = line.partition(" ")
            entry[keyword] = _plain(quoted)
        else:
            if entry and not is_doubtful:
                yield entry
            entry, is_doubtful = {}, False


def _plain(quoted: str) -> str:
    """What stands between the quotation marks."""
    text = quoted[1:-1]
    return _ESCAPED.sub(lambda match: _ESCAPES.get(match[1], match[1]), text) if "\\" in text else text
