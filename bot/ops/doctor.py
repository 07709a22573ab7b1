"""The doctor: one check of everything that commonly goes wrong, each finding with its remedy."""

import asyncio
import socket
from collections.abc import Callable
from datetime import datetime
from difflib import get_close_matches
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import dotenv_values

from bot.ops.database_file import backup_findings, database_findings, disk_finding
from bot.ops.destination_check import diagnose_destinations
from bot.ops.telegram_check import telegram_findings
from bot.settings import Settings, env_file
from bot.signals.series import Reading
from bot.sources.collector import Collector
from bot.sources.diagnostics import Finding, diagnose_sources
from storage.database import exists, read_beside
from storage.errors import StorageError
from storage.signals import readings
from storage.sqlite.file_engine import holder


async def diagnose(settings: Settings, feeds: Collector, clock: Callable[[], datetime]) -> list[Finding]:
    """Look at everything and change nothing. Never raises for what it finds."""
    findings = [_names(), _time_zones()]
    running: int | str | None
    is_known = True  # whether anything runs
    if settings.database_url is None:
        findings += [
            *database_findings(settings),
            disk_finding(settings),
            *backup_findings(settings, clock()),
        ]
        running = holder(settings.database_path)
    else:
        from bot.ops import database_server  # noqa: PLC0415 - the extra that SQLite does without

        found, running, is_known = database_server.findings(settings.database_url.get_secret_value(), clock)
        findings += found
    is_alone = is_known and running is None
    findings += _ports(settings) if is_alone else []
    findings += [_instance(running)] if is_known else []
    findings += await telegram_findings(settings, clock, alone=is_alone)
    findings += await diagnose_destinations(settings)
    findings += await diagnose_sources(feeds, clock(), _stored_readings(settings))
    return findings


def _names() -> Finding:
    """Names in `.env` that are nobody's are most likely mistyped."""
    known = {name.upper() for name in Settings.model_fields}
    try:
        path = env_file()
        named = dotenv_values(path) if path is not None else {}
    except (OSError, UnicodeDecodeError):
        named = {}
    for name in named:
        near = get_close_matches(name.upper(), known, 1, 0.75)
        if near and name.upper() not in known:
            return Finding("settings", False, f".env sets {name}, which is no setting", f"write {near[0]}")
    return Finding("settings", True, "all usable", "")


def _time_zones() -> Finding:
    try:
        ZoneInfo("Europe/Berlin")
    except ZoneInfoNotFoundError:
        return Finding("time zones", False, "no time zone data found", "install it: pip install tzdata")
    return Finding("time zones", True, "known", "")


def _ports(settings: Settings) -> list[Finding]:
    ports = [("METRICS_PORT", settings.metrics_host, settings.metrics_port)]
    ports.append(("WEB_PORT", settings.web_host, settings.web_port))
    if settings.webhook_url is not None:
        ports.append(("WEBHOOK_PORT", settings.webhook_host, settings.webhook_port))
    findings = []
    for name, host, port in ports:
        if port is None:
            continue
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                findings.append(
                    Finding(
                        name,
                        False,
                        f"port {port} can't be used on {host} ({error.strerror})",
                        "choose another port",
                    )
                )
    return findings


def _instance(running: int | str | None) -> Finding:
    if running is None:
        return Finding("instance", True, "no minerwatch runs on this database", "")
    if isinstance(running, str):
        return Finding("instance", True, f"minerwatch runs on this database ({running})", "")
    who = f"process {running}" if running else "a process that can't be told"
    return Finding(
        "instance", True, f"minerwatch runs on this database ({who})", "stop it before starting another"
    )


def _stored_readings(settings: Settings) -> dict[str, Reading]:
    """The newest reading of each series, as far as the database can be read."""
    if not exists(settings.database):
        return {}
    try:
        known = read_beside(settings.database, lambda db: list(readings.everything(db)))
    except (StorageError, ValueError):
        return {}
    return {reading.series: reading for reading in sorted(known, key=lambda reading: reading.as_of)}


def report(findings: list[Finding]) -> dict[str, Any]:
    """The findings as one object for programs."""
    return {
        "ok": all(finding.ok for finding in findings),
        "findings": [
            {"check": each.check, "ok": each.ok, "detail": each.detail, "remedy": each.remedy}
            for each in findings
        ],
    }


def lines(findings: list[Finding]) -> list[str]:
    """The findings for people: what is wrong stands out, with its remedy under it."""
    texts = []
    for finding in findings:
        texts.append(f"{'✓' if finding.ok else '✗'} {finding.check}: {finding.detail}")
        if finding.remedy:
            texts.append(f"    → {finding.remedy}")
    wrong = sum(not finding.ok for finding in findings)
    texts.append("all is well" if wrong == 0 else f"{wrong} to mend")
    return texts


def run(settings: Settings, feeds: Collector, clock: Callable[[], datetime]) -> list[Finding]:
    """`diagnose` for the command line."""

    async def once() -> list[Finding]:
        try:
            return await diagnose(settings, feeds, clock)
        finally:
            await feeds.close()

    return asyncio.run(once())
