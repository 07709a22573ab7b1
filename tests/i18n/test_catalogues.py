"""The catalogues are valid: checked by gettext where it is installed, else by Babel."""

import shutil
import subprocess
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from bot.i18n.translator import LANGUAGES
from tests.tools import catalogues

MSGFMT = shutil.which("msgfmt")


def check(path: Path) -> list[str]:
    """What is wrong with a catalogue; empty when nothing is."""
    if MSGFMT is not None:
        result = subprocess.run(
            [MSGFMT, "--check", "--output-file=/dev/null", path], capture_output=True, text=True, check=False
        )
        return result.stderr.splitlines() if result.returncode else []
    with path.open("rb") as source:
        catalogue = read_po(source, abort_invalid=True)
    return [f"{message.id}: {error}" for message, errors in catalogue.check() for error in errors]


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_a_catalogue_is_valid(language: str) -> None:
    assert check(catalogues.path(language)) == []


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_a_per_cent_sign_is_no_placeholder(language: str) -> None:
    with catalogues.path(language).open() as lines:
        assert not [line for line in lines if line.startswith("#,") and " python-format" in line]


@pytest.mark.skipif(MSGFMT is None, reason="needs gettext's msgfmt")
def test_a_broken_placeholder_is_an_error(tmp_path: Path) -> None:
    broken = tmp_path / "broken.po"
    source = catalogues.path("de").read_text(encoding="utf-8")
    assert 'msgstr "{source}, bis {moment}"' in source
    broken.write_text(source.replace("{source}, bis {moment}", "{quelle}, bis {moment} UTC"), "utf-8")
    assert check(broken)


def test_every_language_has_a_catalogue() -> None:
    folders = {path.name for path in (catalogues.ROOT / "bot" / "i18n" / "locale").iterdir()}
    assert folders == set(LANGUAGES) - {"en"}
