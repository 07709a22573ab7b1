"""The command line itself: help, version, and what each kind of failure ends with."""

import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli import main as command_line
from bot.cli import offline
from bot.cli.main import main, parse
from bot.settings import Settings, SettingsError
from storage.errors import StorageError

ROOT = Path(__file__).resolve().parents[2]


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("minerwatch ")


def test_help_is_a_command_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["help"]) == 0
    everything = capsys.readouterr().out
    assert main(["help", "replay"]) == 0
    each = capsys.readouterr().out
    for name in ("run", "demo", "doctor", "backup"):
        assert name in everything
    assert "--history DIR" in each


def test_help_for_what_is_no_command_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["help", "fly"])
    assert ended.value.code == 2
    assert capsys.readouterr().err == "minerwatch: there is no command 'fly'; see `minerwatch --help`\n"


def test_without_a_command_it_runs() -> None:
    assert parse([]).command == "run"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (SettingsError("POWER_PRICE is unusable", "write another"), 2),
        (SettingsError("METRICS_PORT is taken", "choose another", passing=True), 1),
        (StorageError("the file is damaged", "restore a backup"), 2),
        (StorageError("the disk is full", "free some space", passing=True), 1),
    ],
)
def test_what_may_pass_ends_with_a_status_that_restarts(
    error: Exception, status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """S19: status 2 is for what a restart can't help, status 1 for a full disk or a port still taken."""

    def fail(*_: object) -> int:
        raise error

    monkeypatch.setattr(offline, "OFFLINE", {"series": fail})
    monkeypatch.setattr(command_line, "load_settings", lambda: Settings(_env_file=None))
    assert main(["series"]) == status
    assert capsys.readouterr().err == f"minerwatch: {error}\n"


@pytest.mark.parametrize(
    ("arguments", "settings", "words"),
    [
        (["poll"], {"DATABASE_PATH": "/nowhere/at/all.db"}, ["DATABASE_PATH", "/nowhere/at/all.db"]),
        (["poll"], {"POLL_INTERVAL_SECONDS": "-1"}, ["POLL_INTERVAL_SECONDS", "=300"]),
        (["series", "btc.prise"], {}, ["btc.prise", "btc.price"]),
        (["replay", "--from", "yesterday", "--to", "2022-01-01"], {}, ["yesterday", "2022-05-01"]),
        (["replay", "--from", "2022-02-01", "--to", "2022-01-01"], {}, ["--from is after --to"]),
        (["breakeven", "s19", "nan"], {}, ["nan"]),
        (["breakeven", "s19", "1e309"], {}, ["1e309", "0.07"]),
        (["breakeven", "s19", "-7"], {}, ["-7"]),
        (["breakeven", "nosuchmachine", "0.07"], {}, ["nosuchmachine"]),
        (["breakeven", "s19", "0.07", "--pool-fee", "1.01"], {}, ["pool-fee"]),
        (["breakeven", "--hashrate", "0", "--power", "3000"], {}, ["hashrate"]),
        (["breakeven", "s19", "0.07", "--overhead", "0.5"], {}, ["overhead"]),
    ],
)
def test_bad_input_gets_one_clear_line_and_status_2(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    settings: dict[str, str],
    words: list[str],
) -> None:
    """As tests/e2e shows of a real process."""
    monkeypatch.chdir(tmp_path)
    for name, value in ({"DATABASE_PATH": str(tmp_path / "bot.db")} | settings).items():
        monkeypatch.setenv(name, value)
    try:
        status: object = main(arguments)
    except SystemExit as ended:  # argparse's way
        status = ended.code
    shown = capsys.readouterr()
    assert (status, shown.out) == (2, "")
    (line,) = shown.err.strip().splitlines()
    assert line.startswith("minerwatch: ")
    for word in words:
        assert word in line


def test_without_the_libraries_one_sentence_says_what_to_do(tmp_path: Path) -> None:
    """TRIED 33: `python -m bot` with the system's Python was a traceback."""
    code = (
        "import sys, runpy; sys.modules['sqlite_utils'] = None; runpy.run_module('bot', run_name='__main__')"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert "sqlite_utils is not installed for" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize(("command", "status"), [("demo", 0), ("poll", 130)])
def test_ctrl_c_while_the_program_is_loaded_ends_it_without_a_word(
    tmp_path: Path, command: str, status: int
) -> None:
    code = (
        "import sys, runpy\n"
        "class Interrupted:\n"
        "    def find_spec(self, name, *rest):\n"
        "        if name == 'pydantic': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupted())\n"
        f"sys.argv = ['minerwatch', '{command}']\n"
        "runpy.run_module('bot', run_name='__main__')"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stdout, run.stderr) == (status, "", "")
