"""The command line: `python -m bot <command>`, or `minerwatch <command>`."""

import argparse
import json
import logging
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from difflib import get_close_matches
from pathlib import Path
from sqlite3 import OperationalError
from typing import TYPE_CHECKING, NoReturn, TypeVar

from bot.backtest.replay import replay
from bot.cli import breakeven
from bot.cli.exit_codes import DONE, FAILED, UNUSABLE
from bot.cli.reports import count_alerts, day_lines, day_reports, series_report
from bot.data.bundle import HistoryError, bundled_readings
from bot.data.catalogue import load_machines
from bot.logs import set_up_logs
from bot.mining.errors import InvalidQuestion
from bot.settings import Settings, SettingsError, load_settings
from bot.signals.history import History
from bot.signals.rules import default_rules
from bot.signals.series import SERIES, Reading
from bot.snapshot import market
from storage.backup import back_up, restore
from storage.database import connect
from storage.errors import StorageError, explain
from storage.signals import readings

if TYPE_CHECKING:
    from sqlite_utils import Database

T = TypeVar("T")


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(UNUSABLE, f"minerwatch: {message}; see `{self.prog} --help`\n")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day, for example 2022-05-01") from None


def parser() -> argparse.ArgumentParser:
    """The command line: every command and its flags."""
    root = _Parser("minerwatch", description="Watches Bitcoin miners for capitulation and tells Telegram.")
    commands = root.add_subparsers(dest="command", metavar="COMMAND")

    commands.add_parser("run", help="the live bot (default)").set_defaults(work=_run)
    commands.add_parser("demo", help="the whole bot offline, on the summer of 2022").set_defaults(work=_demo)

    poll = commands.add_parser("poll", help="one poll of every due source, printed")
    poll.add_argument("--json", action="store_true", help="one JSON object")
    poll.set_defaults(work=_poll)

    again = commands.add_parser("replay", help="the rules over history, day by day")
    again.add_argument("--from", dest="first", type=_day, required=True, metavar="DAY")
    again.add_argument("--to", dest="last", type=_day, required=True, metavar="DAY")
    again.add_argument("--history", type=Path, metavar="DIR", help="a folder of files like the bundled ones")
    again.add_argument("--json", action="store_true", help="one JSON object a line")
    again.set_defaults(work=_replay)

    calculator = commands.add_parser("breakeven", help="does this machine pay at this power price")
    breakeven.add_arguments(calculator)
    calculator.set_defaults(work=_breakeven)

    series = commands.add_parser("series", help="the series held, or one series' daily values")
    series.add_argument("name", nargs="?", metavar="NAME")
    series.add_argument("--from", dest="first", type=_day, default=date.min, metavar="DAY")
    series.add_argument("--to", dest="last", type=_day, default=date.max, metavar="DAY")
    series.add_argument("--json", action="store_true", help="one JSON object a line")
    series.set_defaults(work=_series)

    examination = commands.add_parser("doctor", help="what is wrong, and how to mend it")
    examination.add_argument("--json", action="store_true", help="one JSON object")
    examination.set_defaults(work=_doctor)

    backup = commands.add_parser("backup", help="a consistent copy of the live database")
    backup.add_argument("file", type=Path, metavar="FILE")
    backup.set_defaults(work=_backup)

    back = commands.add_parser("restore", help="put a backup in the database's place; the bot must not run")
    back.add_argument("file", type=Path, metavar="FILE")
    back.set_defaults(work=_restore)
    return root


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit status: 0 done, 1 it failed, 2 unusable arguments or settings."""
    options = parser().parse_args(arguments)
    work: Callable[[argparse.Namespace, Settings], int] = getattr(options, "work", _run)
    try:
        if work is _demo:  # needs nothing, not even right settings
            set_up_logs("ERROR", "text", ())
            return _demo(options, Settings(_env_file=None))
        settings = load_settings()
        set_up_logs(settings.log_level, settings.log_format, settings.secrets)
        with _explained(settings):
            return work(options, settings)
    except (SettingsError, StorageError) as error:
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


# The live commands are imported when asked for: the calculator and replay do without Telegram's library.


def _run(_options: argparse.Namespace, settings: Settings) -> int:
    from bot.cli import commands as commands_cli  # noqa: PLC0415 - see above

    return commands_cli.run(settings)


def _demo(_options: argparse.Namespace, _settings: Settings) -> int:
    from bot.cli.demo import demo  # noqa: PLC0415 - see above

    return demo()


def _poll(options: argparse.Namespace, settings: Settings) -> int:
    from bot.cli import commands as commands_cli  # noqa: PLC0415 - see above

    return commands_cli.poll(settings, as_json=options.json)


def _doctor(options: argparse.Namespace, settings: Settings) -> int:
    from bot.cli import commands as commands_cli  # noqa: PLC0415 - see above

    return commands_cli.run_doctor(settings, as_json=options.json)


@contextmanager
def _explained(settings: Settings) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise explain(error, settings.database_path) from None


def _replay(options: argparse.Namespace, settings: Settings) -> int:
    if options.first > options.last:
        raise SettingsError("--from is after --to", "for example --from 2022-05-01 --to 2022-08-31")
    days = 0
    by_signal: dict[str, int] = {}
    for day in replay(
        _history(options.history, settings), default_rules(settings.energy_zones), options.last
    ):
        if day.day < options.first:
            continue
        days += 1
        count_alerts(day, by_signal)
        if options.json:
            for report in day_reports(day):
                print(json.dumps(report, ensure_ascii=False))
        else:
            for line in day_lines(day):
                print(line)
    alerts = sum(by_signal.values())
    if options.json:
        print(json.dumps({"summary": {"days": days, "alerts": alerts, "by_signal": by_signal}}))
    else:
        parts = ", ".join(f"{signal} {count}" for signal, count in sorted(by_signal.items()))
        print(f"{days} days, {alerts} alerts ({parts or 'none'})")
    return DONE


def _history(folder: Path | None, settings: Settings) -> list[Reading]:
    """The folder asked for, else what the database holds, else the bundle."""
    if folder is not None:
        if not folder.is_dir():
            raise SettingsError(f"--history {str(folder)!r} is no folder", "give one that holds bitcoin.csv")
        return bundled_readings(folder)
    if settings.database_path.exists():
        return _stored(settings, lambda db: list(readings.everything(db)))
    return bundled_readings()


def _stored(settings: Settings, work: "Callable[[Database], T]") -> T:
    """Read the database beside a running bot, changing nothing."""
    db = connect(settings.database_path, read_only=True)
    try:
        return work(db)
    except OperationalError as error:
        raise StorageError(
            f"DATABASE_PATH {str(settings.database_path)!r} is no minerwatch database ({error})",
            "run the bot once, or leave DATABASE_PATH out",
        ) from None
    finally:
        db.close()


def _breakeven(options: argparse.Namespace, settings: Settings) -> int:
    known = _history(None, settings) if breakeven.needs_readings(options) else ()
    state = market(History(known), datetime.now(UTC), settings.power_price)
    print(breakeven.run(options, state, load_machines()))
    return DONE


def _series(options: argparse.Namespace, settings: Settings) -> int:
    stored = settings.database_path.exists()
    if options.name is not None and options.name not in SERIES:
        near = get_close_matches(options.name, SERIES, 1, 0.4)
        raise SettingsError(
            f"there is no series {options.name!r}", f"for example {near[0] if near else 'btc.price'}"
        )
    known = _stored(settings, lambda db: list(readings.everything(db))) if stored else bundled_readings()
    days = [reading for reading in known if reading.day is not None]
    if options.name is None:
        _print_held(days, options.json)
        return DONE
    chosen = [
        reading
        for reading in days
        if reading.series == options.name and reading.day and options.first <= reading.day <= options.last
    ]
    for reading in sorted(chosen, key=lambda reading: reading.as_of):
        report = series_report(reading)
        if options.json:
            print(json.dumps(report, ensure_ascii=False))
        else:
            partial = "" if reading.complete else "  (partial)"
            print(f"{report['day']}  {reading.value:.8g} {report['unit']}  {reading.source}{partial}")
    return DONE


def _print_held(days: list[Reading], as_json: bool) -> None:
    by_series: dict[str, list[Reading]] = {}
    for reading in days:
        by_series.setdefault(reading.series, []).append(reading)
    for name, held in sorted(by_series.items()):
        first, last = min(held, key=lambda r: r.as_of), max(held, key=lambda r: r.as_of)
        report = {
            "series": name,
            "unit": SERIES[name].unit,
            "source": last.source,
            "first": str(first.day),
            "last": str(last.day),
            "days": len(held),
        }
        if as_json:
            print(json.dumps(report, ensure_ascii=False))
        else:
            print(f"{name:<24} {report['unit']:<22} {first.day} … {last.day}  {len(held):>5}  {last.source}")


def _backup(options: argparse.Namespace, settings: Settings) -> int:
    back_up(settings.database_path, options.file)
    return DONE


def _restore(options: argparse.Namespace, settings: Settings) -> int:
    aside = restore(settings.database_path, options.file)
    if aside is not None:
        sys.stderr.write(f"minerwatch: what was there is kept as {aside}\n")
    return DONE
