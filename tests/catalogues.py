"""The catalogues of translations: every text the program marks, taken from its source.

`python -m tests.catalogues` adds what is new to every .po file, empty, and drops what nothing says any more.
"""

import ast
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
LANGUAGES = ("de", "es", "ru", "zh")
_SAID, _PLURAL, _COMMAND = ("t", "mark", "self"), "plural", "BotCommand"  # `self` in the language itself

_BORN = datetime(2026, 1, 1, tzinfo=UTC)

Text = str | tuple[str, str]
"""A text, or its forms for one and for many."""


def texts() -> dict[Text, str]:
    """Every text for the catalogues, with the module that first says it."""
    found: dict[Text, str] = {}
    for path in sorted((*(ROOT / "handlers").glob("*.py"), *(ROOT / "bot" / "charts").glob("*.py"))):
        for text in _marked(ast.parse(path.read_text(encoding="utf-8"))):
            found.setdefault(text, path.relative_to(ROOT).as_posix())
    return found


def _marked(tree: ast.AST) -> Iterator[Text]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        said = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
        words = [one for one in said if isinstance(one, str)]
        match node.func:
            case ast.Name(id=name) if name in _SAID and words:
                yield words[0]
            case ast.Name(id=name) if name == _COMMAND and len(words) == 2:
                yield words[1]
            case ast.Attribute(attr=name) if name == _PLURAL and len(words) == 2:
                yield (words[0], words[1])


def path(language: str) -> Path:
    """Where a language's catalogue is."""
    return ROOT / "handlers" / "locale" / language / "LC_MESSAGES" / "minerwatch.po"


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
    made.header_comment = "# What minerwatch says. New texts are added by: python -m tests.catalogues"
    made.last_translator = made.language_team = made.msgid_bugs_address = "minerwatch"
    made.revision_date = _BORN
    return made


def main() -> None:
    """Bring every catalogue's list of texts up to date."""
    for language in LANGUAGES:
        before = catalogue(language)
        after = empty(language)
        for text, module in texts().items():
            known = before.get(text)
            after.add(text, None if known is None else known.string, locations=[(module, None)])  # type: ignore[list-item]  # no line: it would change with every edit
        with path(language).open("wb") as target:
            write_po(target, after, width=0, omit_header=False, include_lineno=False)


if __name__ == "__main__":
    main()
