"""The tables of roles and the modules that look for their words agree."""

import ast
import tomllib
from pathlib import Path

import pytest

from bot.mining.parsing import roles

PARSING = Path(roles.__file__).parent
LANGUAGES = ("en", "de", "es", "ru", "zh")


def _asked_for() -> set[tuple[str, str]]:
    """Module and role of every look-up in the code whose role is written out."""
    asked = set()
    for path in PARSING.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in (
                "word_set",
                "words_of",
                "any_of",
            ):
                module, role = node.args
                if isinstance(module, ast.Constant):
                    assert module.value == path.stem
                    if isinstance(role, ast.Constant):
                        asked.add((str(module.value), str(role.value)))
    return asked


def _held() -> dict[str, dict[str, dict[str, str]]]:
    folder = PARSING / "words" / "roles"
    return {
        language: tomllib.loads((folder / f"{language}.toml").read_text(encoding="utf-8"))
        for language in LANGUAGES
    }


def test_every_role_that_is_asked_for_is_held_and_every_one_held_is_asked_for() -> None:
    held = {(module, role) for table in _held().values() for module, words in table.items() for role in words}
    charts = {("chart_vocabulary", role) for role in ("fees", "income", "drawdown")}  # looked up in a loop
    slang = {("slang", language) for language in LANGUAGES}  # each for itself
    assert _asked_for() | charts | slang == held


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_is_empty_or_said_twice(language: str) -> None:
    for module, table in _held()[language].items():
        for role, words in table.items():
            each = [word.strip() for word in words.replace("\n", " ").split(",")]
            assert all(each), f"{module}.{role}"
            assert len(each) == len(set(each)), f"{module}.{role}"


def test_a_role_that_nobody_has_is_an_error() -> None:
    with pytest.raises(KeyError, match=r"tariff_hours\.nothing"):
        roles.words_of("tariff_hours", "nothing")
