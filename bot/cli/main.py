"""The command line: `python -m bot <command>`, or `minerwatch <command>`."""

import argparse
import logging
import sqlite3
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from bot.cli.exit_codes import DONE, FAILED, UNUSABLE
from bot.data.bundle import HistoryError
from bot.mining.errors import InvalidQuestion
from bot.ops.logs import set_up_logs
from bot.ops.memory import without_full_collections
from bot.ops.version import program_version
from bot.settings import OperatorError, Settings, load_settings
from storage.errors import explain


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line; `declare` adds the arguments once they are needed."""

    declare: Callable[[argparse.ArgumentParser], None] | None = None

    def error(self, message: str) -> NoReturn:
        self.exit(UNUSABLE, f"minerwatch: {message}; see `{self.prog} --help`\n")

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        """Parse, once the arguments are declared."""
        self._declare()
        return super().parse_known_args(args, namespace)

    def format_help(self) -> str:
        """The help of all arguments."""
        self._declare()
        return super().format_help()

    def _declare(self) -> None:
        declare, self.declare = self.declare, None
        if declare is not None:
            declare(self)


def _declare_breakeven(parser: argparse.ArgumentParser) -> None:
    from bot.cli import breakeven  # noqa: PLC0415 - the live bot loads the reader of questions with the first

    breakeven.add_arguments(parser)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day, for example 2022-05-01") from None


def parser() -> argparse.ArgumentParser:
    """The command line: every command and its flags."""
    root = _Parser("minerwatch", description="Watches Bitcoin miners for capitulation and tells Telegram.")
    root.add_argument("--version", action="version", version=f"minerwatch {program_version()}")
    root.set_defaults(work=_live)
    commands = root.add_subparsers(dest="command", metavar="COMMAND")

    commands.add_parser("run", help="the live bot (default)").set_defaults(work=_live)
    commands.add_parser("demo", help="the whole bot offline, on the summer of 2022").set_defaults(work=_demo)

    poll = commands.add_parser("poll", help="one poll of every due source, printed")
    poll.add_argument("--json", action="store_true", help="one JSON object")
    poll.set_defaults(work=_live)

    again = commands.add_parser("replay", help="the rules over history, day by day")
    again.add_argument("--from", dest="first", type=_day, required=True, metavar="DAY")
    again.add_argument("--to", dest="last", type=_day, required=True, metavar="DAY")
    again.add_argument("--history", type=Path, metavar="DIR", help="a folder of files like the bundled ones")
    again.add_argument("--json", action="store_true", help="one JSON object a line")
    again.add_argument("--forecast", action="store_true", help="with each day's odds of a fall of difficulty")
    again.set_defaults(work=_offline)

    verification = commands.add_parser("backtest", help="how good the alerts and odds were, 2011 to 2026")
    verification.add_argument("--json", action="store_true", help="one JSON object")
    verification.set_defaults(work=_offline)

    calculator = commands.add_parser("breakeven", help="does this machine pay at this power price")
    calculator.declare = _declare_breakeven
    calculator.set_defaults(work=_offline)

    series = commands.add_parser("series", help="the series held, or one series' daily values")
    series.add_argument("name", nargs="?", metavar="NAME")
    series.add_argument("--from", dest="first", type=_day, default=date.min, metavar="DAY")
    series.add_argument("--to", dest="last", type=_day, default=date.max, metavar="DAY")
    series.add_argument("--json", action="store_true", help="one JSON object a line")
    series.set_defaults(work=_offline)

    examination = commands.add_parser("doctor", help="what is wrong, and how to mend it")
    examination.add_argument("--json", action="store_true", help="one JSON object")
    examination.set_defaults(work=_live)

    backup = commands.add_parser("backup", help="a consistent copy of the live database")
    backup.add_argument("file", type=Path, metavar="FILE")
    backup.set_defaults(work=_offline)

    back = commands.add_parser("restore", help="put a backup in the database's place; the bot must not run")
    back.add_argument("file", type=Path, metavar="FILE")
    back.set_defaults(work=_offline)

    move = commands.add_parser("migrate", help="copy the database file to a PostgreSQL database")
    move.add_argument("--to", required=True, metavar="URL", help="postgresql://user:password@host/database")
    move.set_defaults(work=_offline)

    help_parser = commands.add_parser("help", help="this text, or that of one command")
    help_parser.add_argument("topic", nargs="?", metavar="COMMAND")
    help_parser.set_defaults(work=lambda options, _settings: _help(root, commands.choices, options.topic))
    return root


def _help(
    root: argparse.ArgumentParser, commands: Mapping[str, argparse.ArgumentParser], topic: str | None
) -> int:
    """Print the help of a command, or of all."""
    if topic is not None and topic not in commands:
        root.error(f"there is no command {topic!r}")
    (root if topic is None else commands[topic]).print_help()
    return DONE


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the arguments; without a command it is `run`."""
    options = parser().parse_args(arguments)
    options.command = options.command or "run"
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 done, 1 it failed, 2 unusable arguments or settings."""
    options = parse(arguments)
    work: Callable[[argparse.Namespace, Settings], int] = options.work
    try:
        if options.command in ("demo", "help"):  # they need nothing, not even right settings
            set_up_logs("ERROR", "text", ())
            return work(options, Settings(_env_file=None))
        settings = load_settings()
        set_up_logs(settings.log_level, settings.log_format, settings.secrets)
        try:
            return work(options, settings)
        except sqlite3.Error as error:
            raise explain(error, settings.database_path) from None
    except OperatorError as error:
        sys.stderr.write(f"minerwatch: {error}\n")
        return FAILED if error.passing else UNUSABLE
    except (InvalidQuestion, HistoryError) as error:
        sys.stderr.write(f"minerwatch: {error}\n")
        return UNUSABLE
    except KeyboardInterrupt:
        return FAILED
    except BrokenPipeError:
        sys.stderr.close()
        return FAILED
    except Exception:  # a fault of the program: its trace goes through the log, where secrets are blotted out
        logging.getLogger("bot").exception("this should not have happened")
        return FAILED


def _offline(options: argparse.Namespace, settings: Settings) -> int:
    """The commands over files and the database."""
    from bot.cli import offline  # noqa: PLC0415 - the live bot does without the verification

    return offline.OFFLINE[options.command](options, settings)


def _live(options: argparse.Namespace, settings: Settings) -> int:
    """The commands over the whole program."""
    with without_full_collections():
        from bot.cli import commands  # noqa: PLC0415 - the calculator and replay do without Telegram's library

    return commands.LIVE[options.command](options, settings)


def _demo(_options: argparse.Namespace, _settings: Settings) -> int:
    from bot.cli.demo import demo  # noqa: PLC0415 - so does everything but the live bot

    return demo()
