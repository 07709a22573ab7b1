"""Documents that could drift from the program."""

import re
from pathlib import Path

from bot.cli.main import parser
from handlers.registry import COMMANDS
from tests.tools import module_map

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_map_of_modules_is_up_to_date() -> None:
    document = module_map.DOCUMENT.read_text(encoding="utf-8")
    assert module_map.rendered() in document, "write it anew with `make docs`"


def test_every_module_says_what_it_is() -> None:
    named = {name.rstrip("/") for name, _ in module_map.modules()}
    for top in ("bot", "handlers", "storage"):
        for path in (ROOT / top).rglob("*.py"):
            name = path.relative_to(ROOT).as_posix().removesuffix("/__init__.py")
            assert name in named or name == "bot" or not path.read_text().strip(), f"{name} has no docstring"


def test_the_readme_names_every_command_of_the_command_line_and_the_chat() -> None:
    commands = next(action for action in parser()._actions if action.dest == "command").choices
    assert commands is not None
    for command in commands:
        assert f"`{command}" in README, f"the README doesn't name {command}"
    for chat_command in COMMANDS:
        assert f"/{chat_command.command}" in README, f"the README doesn't name /{chat_command.command}"


def test_every_link_between_documents_leads_somewhere() -> None:
    documents = [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]
    for document in documents:
        text = document.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", text):
            assert (document.parent / target).exists(), f"{document.name} links to {target}"
