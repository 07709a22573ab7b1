"""Documents that could drift from the program."""

import re
from pathlib import Path

from bot.cli.main import parser
from handlers.registry import COMMANDS

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "tests").rglob("*.md")]
RECORDS = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))


def test_every_file_named_in_a_document_exists() -> None:
    code = r"`((?:bot|handlers|storage|tests|docs|deploy)/[\w/.*-]+)`"
    modules = r"`((?:bot|handlers|storage|tests)(?:\.\w+)+)`"
    for document in DOCUMENTS:
        text = document.read_text(encoding="utf-8")
        for name in re.findall(code, text):
            assert list(ROOT.glob(name.rstrip("/"))), f"{document.name} names {name}, which doesn't exist"
        for name in re.findall(modules, text):
            module, _, member = name.replace(".", "/").rpartition("/")
            exists = any(
                (ROOT / path).exists()
                for path in (f"{module}/{member}", f"{module}/{member}.py", f"{module}.py")
            )
            assert exists, f"{document.name} names {name}, which doesn't exist"


def test_every_link_between_documents_leads_somewhere() -> None:
    for document in DOCUMENTS:
        text = document.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", text):
            assert (document.parent / target).exists(), f"{document.name} links to {target}"


def test_the_readme_names_every_command_of_the_command_line_and_the_chat() -> None:
    commands = next(action for action in parser()._actions if action.dest == "command").choices
    assert commands is not None
    for command in commands:
        assert f"`{command}" in README, f"the README doesn't name {command}"
    for chat_command in COMMANDS:
        assert f"/{chat_command.name}" in README, f"the README doesn't name /{chat_command.name}"


def test_the_make_targets_named_in_documents_exist() -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    for document in DOCUMENTS:
        if document.name != "CHANGELOG.md":
            for target in re.findall(
                r"^ *(?:sudo )?make ([a-z]+)|`make ([a-z]+)", document.read_text(), re.M
            ):
                assert "".join(target) in targets, f"{document.name} names make {target}"


def test_every_decision_has_its_parts_and_a_row_in_the_index() -> None:
    index = (ROOT / "docs" / "adr" / "README.md").read_text(encoding="utf-8")
    assert [int(record.name[:4]) for record in RECORDS] == list(range(1, len(RECORDS) + 1))
    for record in RECORDS:
        title, *lines = record.read_text(encoding="utf-8").splitlines()
        number, _, name = title.removeprefix("# ").partition(". ")
        status = next(line.removeprefix("Status: ") for line in lines if line.startswith("Status: "))
        date = next(line.removeprefix("Date: ") for line in lines if line.startswith("Date: "))
        assert {"## Context", "## Decision", "## Consequences"} <= set(lines), record.name
        assert int(number) == int(record.name[:4])
        assert f"| [{record.name[:4]}]({record.name}) | {name} | {status} | {date} |" in index
