"""The catalogues of translations: every text the program marks, taken from its source.

`python -m tests.tools.catalogues` adds what is new to every .po file, empty, and drops what nothing uses.
A comment `# Translators: …` right above a text, or above the statement it stands in, goes with it.
"""

import ast
import re
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment
from jinja2.ext import extract_from_ast

from bot.i18n import translator

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = tuple(code for code in translator.LANGUAGES if code != "en")
_SAID, _PLURAL = ("t", "N_", "message", "self"), "plural"  # `self` in the language itself

_TEMPLATES = Environment(autoescape=True)
_BORN = datetime(2026, 1, 1, tzinfo=UTC)

Text = str | tuple[str, str]
"""A text, or its forms for one and for many."""


def texts() -> dict[Text, str]:
    """Every text for the catalogues, with the module that first says it."""
    return {text: module for text, (module, _) in sources().items()}


@cache
def sources() -> dict[Text, tuple[str, list[str]]]:
    """Every text with the module that first says it and what translators are told of it."""
    values: dict[Text, tuple[str, list[str]]] = {}
    for path in sorted((*(ROOT / "handlers").rglob("*.py"), *(ROOT / "bot").rglob("*.py"))):
        source = path.read_text(encoding="utf-8")
        hints = _hints(source)
        for text, lines in _marked(ast.parse(source)):
            _, result = values.setdefault(text, (path.relative_to(ROOT).as_posix(), []))
            result += [hints[line] for line in sorted(lines) if line in hints and hints[line] not in result]
    for path in sorted((ROOT / "bot").rglob("*.j2")):
        for _, _, label in extract_from_ast(_TEMPLATES.parse(path.read_text(encoding="utf-8")), ("t",)):
            if isinstance(label, str):
                values.setdefault(label, (path.relative_to(ROOT).as_posix(), []))
    return values


def _hints(source: str) -> dict[int, str]:
    """What translators are told, by the number of the line below."""
    values, hint = {}, ""
    for number, line in enumerate(source.splitlines(), 1):
        words = re.match(r" *# (Translators: )?(.*)", line)
        if words is not None and (words[1] or hint):
            hint = f"{hint} {words[2]}".strip()
        elif hint:
            values[number] = hint
            hint = ""
    return values


def _marked(tree: ast.AST) -> Iterator[tuple[Text, set[int]]]:
    """Every text, with the lines at which its call and its statement begin."""
    waiting: deque[tuple[ast.AST, int]] = deque([(tree, 0)])
    while waiting:
        node, line = waiting.popleft()
        if isinstance(node, ast.stmt):
            line = node.lineno
        elif isinstance(node, ast.Call):
            yield from ((text, {node.lineno, line}) for text in _said(node))
        waiting.extend((child, line) for child in ast.iter_child_nodes(node))


def _said(node: ast.Call) -> Iterator[Text]:
    lines = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
    words = [each for each in lines if isinstance(each, str)]
    match node.func:
        case ast.Name(id=name) | ast.Attribute(value=ast.Name(), attr="t" as name) if name in _SAID and words:
            yield words[0]
        case ast.Attribute(attr=name) if name == _PLURAL and len(words) == 2:
            yield (words[0], words[1])


def path(language: str) -> Path:
    """Where a language's catalogue is."""
    return ROOT / "bot" / "i18n" / "locale" / language / "LC_MESSAGES" / "minerwatch.po"


def catalogue(language: str) -> Catalog:
    """A language's catalogue as it is."""
    with path(language).open("rb") as source:
        return read_po(source, locale=language)


@cache
def catalogue_of(language: str) -> Catalog:
    """The same, read once."""
    return catalogue(language)


def empty(language: str) -> Catalog:
    """A catalogue without texts; its header says nothing that changes with every run."""
    made = Catalog(language, project="minerwatch", version="1", fuzzy=False, creation_date=_BORN)
    made.header_comment = "# What minerwatch says. New texts are added by: python -m tests.tools.catalogues"
    made.last_translator = made.language_team = made.msgid_bugs_address = "minerwatch"
    made.revision_date = _BORN
    return made


def main() -> None:
    """Bring every catalogue's list of texts up to date."""
    for language in LANGUAGES:
        before = catalogue(language)
        after = empty(language)
        for text, (module, hints) in sources().items():
            known = before.get(text)
            fits = known is not None and isinstance(known.string, str) == isinstance(text, str)
            string = known.string if known is not None and fits else None
            added = after.add(text, string, locations=[(module, None)], auto_comments=hints)  # type: ignore[list-item]  # no line: it would change with every edit
            added.flags.discard("python-format")  # values are {named}; a bare per cent sign is one
        with path(language).open("wb") as target:
            write_po(target, after, width=0, omit_header=False, include_lineno=False)


if __name__ == "__main__":
    main()
