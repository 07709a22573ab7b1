"""The commands that need neither Telegram nor its library: replay, breakeven, series, backup and the like."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from bot.backtest.replay import ReplayHistory, series_needed
from bot.backtest.verification import verify
from bot.backtest.verification_report import verification_lines, verification_report
from bot.cli import breakeven
from bot.cli.exit_codes import DONE
from bot.cli.reports import (
    count_alerts,
    day_lines,
    day_reports,
    forecast_line,
    forecast_report,
    series_report,
)
from bot.data.bundle import bundled_readings
from bot.data.catalogue import load_machines
from bot.data.forecast_weights import load_model
from bot.mining.market import PowerSlot
from bot.mining.power_market import ZONES
from bot.settings import Settings, SettingsError, is_postgres_url
from bot.signals.forecast import forecasts_on
from bot.signals.history import History
from bot.signals.rules import default_rules
from bot.signals.series import SERIES, Reading
from bot.snapshot import market
from storage.database import exists, read_beside
from storage.errors import StorageError
from storage.signals import readings
from storage.sqlite.backup import back_up, restore
from storage.sqlite.file_engine import holder


def run_replay(options: argparse.Namespace, settings: Settings) -> int:
    """Print every transition of the rules over the days asked for."""
    if options.first > options.last:
        raise SettingsError("--from is after --to", "for example --from 2022-05-01 --to 2022-08-31")
    days = 0
    by_signal: dict[str, int] = {}
    past, model = ReplayHistory(), load_model()
    rules = default_rules(settings.energy_zones)
    needed = series_needed(rules)
    past.learn_all(r for r in _history(options.history, settings) if r.series in needed)
    for day in past.days(rules, options.last):
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
        if options.forecast:
            for forecast in forecasts_on(past.history, model, day.day):
                print(json.dumps(forecast_report(forecast)) if options.json else forecast_line(forecast))
    alerts = sum(by_signal.values())
    if options.json:
        print(json.dumps({"summary": {"days": days, "alerts": alerts, "by_signal": by_signal}}))
    else:
        parts = ", ".join(f"{signal} {count}" for signal, count in sorted(by_signal.items()))
        print(f"{days} days, {alerts} alerts ({parts or 'none'})")
    return DONE


def run_backtest(options: argparse.Namespace, _settings: Settings) -> int:
    """Print the verification of docs/rules.md, over the bundled history."""
    verification = verify(bundled_readings(), load_model())
    if options.json:
        print(json.dumps(verification_report(verification), ensure_ascii=False))
    else:
        print("\n".join(verification_lines(verification)))
    return DONE


_DAY_AHEAD_LASTS: Final = timedelta(days=3)
"""How old the newest day of a zone may be to stand for the day ahead."""


def _history(folder: Path | None, settings: Settings) -> list[Reading]:
    """The folder asked for, else what the database holds, else the bundle."""
    if folder is not None:
        if not folder.is_dir():
            raise SettingsError(f"--history {str(folder)!r} is no folder", "give one that holds bitcoin.csv")
        return bundled_readings(folder)
    if exists(settings.database):
        return read_beside(settings.database, lambda db: list(readings.everything(db)))
    return bundled_readings()


def run_breakeven(options: argparse.Namespace, settings: Settings) -> int:
    """Print what a machine earns."""
    past = _history(None, settings) if breakeven.needs_readings(options) else ()
    now = datetime.now(UTC)
    known = History(past)
    state = replace(market(known, now, settings.power_price), day_ahead=_newest_day(known, now))
    print(breakeven.run(options, state, load_machines()))
    return DONE


def _newest_day(history: History, now: datetime) -> dict[str, tuple[PowerSlot, ...]]:
    """The mean of each zone's newest day for the day ahead, where that day is not long ago.

    Without a running program nobody has asked for tomorrow's hours.
    """
    days: dict[str, tuple[PowerSlot, ...]] = {}
    for zone in ZONES:
        newest = history.newest(f"power.{zone}")
        if newest is not None and now - newest.as_of <= _DAY_AHEAD_LASTS:
            days[zone] = (PowerSlot(now, now + timedelta(days=1), newest.value),)
    return days


def run_series(options: argparse.Namespace, settings: Settings) -> int:
    """Print the series held, or one series' days."""
    if options.name is not None and options.name not in SERIES:
        near = get_close_matches(options.name, SERIES, 1, 0.4)
        raise SettingsError(
            f"there is no series {options.name!r}", f"for example {near[0] if near else 'btc.price'}"
        )
    known = _history(None, settings)
    days = [reading for reading in known if reading.day is not None]
    if options.name is None:
        _print_series(days, options.json)
        return DONE
    listed = [
        reading
        for reading in days
        if reading.series == options.name and reading.day and options.first <= reading.day <= options.last
    ]
    for reading in sorted(listed, key=lambda reading: reading.as_of):
        report = series_report(reading)
        if options.json:
            print(json.dumps(report, ensure_ascii=False))
        else:
            partial = "" if reading.complete else "  (partial)"
            print(f"{report['day']}  {reading.value:.8g} {report['unit']}  {reading.source}{partial}")
    return DONE


def _print_series(days: list[Reading], as_json: bool) -> None:
    by_series: dict[str, list[Reading]] = {}
    for reading in days:
        by_series.setdefault(reading.series, []).append(reading)
    for name, history in sorted(by_series.items()):
        first, last = min(history, key=lambda r: r.as_of), max(history, key=lambda r: r.as_of)
        report = {
            "series": name,
            "unit": SERIES[name].unit,
            "source": last.source,
            "first": str(first.day),
            "last": str(last.day),
            "days": len(history),
        }
        if as_json:
            print(json.dumps(report, ensure_ascii=False))
        else:
            print(
                f"{name:<24} {report['unit']:<22} {first.day} … {last.day}  {len(history):>5}  {last.source}"
            )


def run_migrate(options: argparse.Namespace, settings: Settings) -> int:
    """Copy the database file to a PostgreSQL database."""
    if not is_postgres_url(options.to):
        raise SettingsError(
            "--to is no address of a PostgreSQL database",
            "for example --to postgresql://minerwatch:password@db.example.org/minerwatch",
        )
    from storage.postgres.copying import TableCopy, copy_database  # noqa: PLC0415 - the extra that SQLite does without

    def tell(copy: TableCopy) -> None:
        done = "copied and compared" if copy.copied else "the same already"
        print(f"{copy.table:<24} {copy.rows:>9,} rows  {done}", flush=True)

    try:
        copies = copy_database(settings.database_path, options.to, tell)
    except StorageError as error:
        raise _of_the_target(error) from error
    rows = sum(copy.rows for copy in copies)
    sys.stderr.write(f"minerwatch: {len(copies)} tables with {rows:,} rows are the same on both sides\n")
    if holder(settings.database_path) is not None:
        sys.stderr.write(
            "minerwatch: the bot runs; before it is started on the new database, stop it and run this again\n"
        )
    return DONE


def _of_the_target(error: StorageError) -> StorageError:
    """An error in the words of who copies: no DATABASE_URL is set yet, and nothing goes on by itself."""
    problem, remedy = (text.replace("DATABASE_URL", "--to") for text in (error.problem, error.remedy))
    if error.passing:
        remedy = (
            f"{remedy.removesuffix('; the bot goes on by itself')}, then give the same command: it goes on"
        )
    return StorageError(problem, remedy, passing=error.passing, fatal=error.fatal)


def _needs_file(settings: Settings, command: str, instead: str) -> None:
    if settings.database_url is not None:
        raise SettingsError(f"minerwatch {command} is for SQLite, and DATABASE_URL is set", f"use {instead}")


def run_backup(options: argparse.Namespace, settings: Settings) -> int:
    """Write a copy of the database."""
    _needs_file(settings, "backup", 'pg_dump --format=custom --file=FILE "$DATABASE_URL"')
    back_up(settings.database_path, options.file)
    megabytes = options.file.stat().st_size / 1e6
    sys.stderr.write(f"minerwatch: {options.file} is written and whole, {megabytes:.1f} MB\n")
    return DONE


def run_restore(options: argparse.Namespace, settings: Settings) -> int:
    """Put a backup in the database's place."""
    instead = 'pg_restore --clean --if-exists --no-owner --dbname="$DATABASE_URL" FILE'
    _needs_file(settings, "restore", f"{instead}, with all replicas stopped")
    aside = restore(settings.database_path, options.file)
    aside_text = f"; what was there is kept as {aside}" if aside is not None else ""
    sys.stderr.write(f"minerwatch: {options.file} is now the database {settings.database_path}{aside_text}\n")
    return DONE


OFFLINE: Mapping[str, Callable[[argparse.Namespace, Settings], int]] = {
    "replay": run_replay,
    "backtest": run_backtest,
    "breakeven": run_breakeven,
    "series": run_series,
    "migrate": run_migrate,
    "backup": run_backup,
    "restore": run_restore,
}
"""The commands by name."""
