"""Words that one module looks for, by the part they play there, in five languages (`words/roles/*.toml`).

A role is more exact than the meaning a word has in the lexicon: “since” and “from” differ from “to” only
where a year stands beside them.
"""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

_LANGUAGES = ("en", "de", "es", "ru", "zh")


def words_of(module: str, role: str) -> tuple[str, ...]:
    """The words of all languages that play a role in a module. Raises KeyError where no language has one."""
    tables = [table[module][role] for table in _tables() if role in table.get(module, {})]
    if not tables:
        raise KeyError(f"{module}.{role}")
    return tuple(word.strip() for words in tables for word in words.replace("\n", " ").split(","))


def word_set(module: str, role: str) -> frozenset[str]:
    """The words of `words_of`, to be looked up in."""
    return frozenset(words_of(module, role))


def any_of(module: str, role: str) -> re.Pattern[str]:
    """A pattern that finds one of the words of `words_of`; Chinese ones stand without spaces."""
    said = words_of(module, role)
    whole = "|".join(map(re.escape, (word for word in said if word < "一")))
    return re.compile("|".join((rf"(?<!\w)(?:{whole})(?!\w)", *(word for word in said if word >= "一"))))


@cache
def _tables() -> tuple[Mapping[str, Mapping[str, str]], ...]:
    folder = files(__package__).joinpath("words", "roles")
    texts = (folder.joinpath(f"{language}.toml").read_text(encoding="utf-8") for language in _LANGUAGES)
    return tuple(tomllib.loads(text) for text in texts)
