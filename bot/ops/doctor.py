"""The doctor: one check of everything that commonly goes wrong, each finding with its remedy."""

import asyncio
import shutil
import socket
import sqlite3
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from difflib import get_close_matches
from email.utils import parsedate_to_datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import httpx
from dotenv import dotenv_values

from bot.ops import backups
from bot.ops.destination_check import diagnose_destinations
from bot.settings import Settings, SettingsError, env_file
from bot.signals.series import Reading
from bot.sources.collector import Collector
from bot.sources.diagnostics import Finding, diagnose_sources
from storage.database import exists, read_beside
from storage.errors import StorageError, explain, integrity_error
from storage.migrations import NewerDatabaseError, check_age
from storage.signals import readings
from storage.sqlite.backup import verify
from storage.sqlite.file_engine import connect, holder

_CLOCK_OFF = timedelta(seconds=30)
_BACKUP_OLD = timedelta(days=2)
_LITTLE_ROOM = 200 * 1024 * 1024
_PROBE_S = 3  # as long as another program needs to ask again and take our place
_HTTP_S = 10.0
_NETWORK_DISKS = ("nfs", "cifs", "smb", "9p", "afs", "ceph", "gluster", "lustre", "fuse.")
_UNTOUCHED_DISKS = ("fuse.lxcfs", "fuse.fuse-overlayfs")


async def diagnose(settings: Settings, feeds: Collector, clock: Callable[[], datetime]) -> list[Finding]:
    """Look at everything and change nothing. Never raises for what it finds."""
    findings = [_names(), _time_zones()]
    running: int | str | None
    if settings.database_url is None:
        findings += [*_database(settings), _disk(settings), *_backups(settings, clock())]
        running = holder(settings.database_path)
    else:
        from bot.ops import database_server  # noqa: PLC0415 - the extra that SQLite does without

        findings_of_server, running = database_server.findings(
            settings.database_url.get_secret_value(), clock
        )
        findings += findings_of_server
    findings += _ports(settings) if running is None else []
    findings.append(_instance(running))
    findings += await _telegram(settings, clock, alone=running is None)
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


def _database(settings: Settings) -> list[Finding]:
    path = settings.database_path
    folder = path.absolute().parent
    remedy = "give a file in a folder this user may write, for example DATABASE_PATH=minerwatch.db"
    if not folder.is_dir():
        return [Finding("database", False, f"the folder {folder} is missing", f"make it, or {remedy}")]
    findings = [_folder(folder)]
    try:
        with TemporaryFile(dir=folder):
            pass
        if path.exists():
            with path.open("r+b"):
                pass
    except OSError as error:
        return [*findings, Finding("database", False, f"{path} can't be written ({error.strerror})", remedy)]
    return [*findings, _content(path)]


def _content(path: Path) -> Finding:
    if not path.exists():
        return Finding("database", True, f"{path} is not there yet; the first start makes it", "")
    restore = "stop the bot and restore a backup: minerwatch restore FILE"
    try:
        db = connect(path, read_only=True)
        try:
            wrong = integrity_error(db)
            check_age(db)
        finally:
            db.close()
    except NewerDatabaseError as error:
        return Finding(
            "database", False, f"{path} is of a newer version (it has {error})", "install that version again"
        )
    except sqlite3.Error as error:
        explained = explain(error, path)
        return Finding("database", False, explained.problem, explained.remedy)
    except StorageError as error:
        return Finding("database", False, error.problem, error.remedy)
    if wrong is not None:
        return Finding("database", False, f"{path} is damaged ({wrong})", restore)
    return Finding("database", True, f"{path} is sound, {path.stat().st_size / 1e6:.1f} MB", "")


def _folder(folder: Path) -> Finding:
    kind = disk_kind(folder, _mounts())
    if kind.startswith(_NETWORK_DISKS) and kind not in _UNTOUCHED_DISKS:
        return Finding(
            "database place",
            False,
            f"{folder} is on a network file system ({kind}), where SQLite's locks can't be trusted",
            "put DATABASE_PATH on a disk of this machine, and backups on the network",
        )
    return Finding("database place", True, f"on a disk of this machine ({kind or 'unknown kind'})", "")


def _mounts() -> dict[str, str]:
    try:
        text = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    mounts = {}
    for line in text.splitlines():
        about, _, disk = line.partition(" - ")
        if disk:
            mounts[about.split()[4].replace("\\040", " ")] = disk.split()[0]
    return mounts


def disk_kind(folder: Path, mounts: Mapping[str, str]) -> str:
    """The file system a folder is on, from `mounts` (mount point to kind); "" when it isn't known."""
    real = folder.resolve()
    for place in (real, *real.parents):
        if str(place) in mounts:
            return mounts[str(place)]
    return ""


def _disk(settings: Settings) -> Finding:
    path = settings.database_path
    try:
        free = shutil.disk_usage(path.absolute().parent).free
        size = path.stat().st_size if path.exists() else 0
    except OSError as error:
        return Finding("disk", False, f"can't be measured ({error.strerror})", "check DATABASE_PATH")
    text = f"{free / 1e6:,.0f} MB free"
    if free < max(_LITTLE_ROOM, 2 * size):
        return Finding("disk", False, f"nearly full: {text}", "free some space, or move DATABASE_PATH")
    return Finding("disk", True, text, "")


def _backups(settings: Settings, now: datetime) -> list[Finding]:
    """Whether the newest scheduled backup is young, and can be restored: it is, to a temporary place."""
    folder = settings.backup_dir
    if folder is None:
        return []
    last = backups.newest(folder)
    if last is None:
        text = f"none in BACKUP_DIR {str(folder)!r} yet"
        return [Finding("backups", True, text, "the first comes ten minutes after the start of the bot")]
    day, path = last
    try:
        verify(path)
    except StorageError as error:
        return [Finding("backups", False, error.problem, error.remedy)]
    if now.date() - day > _BACKUP_OLD:
        return [
            Finding(
                "backups",
                False,
                f"the newest, {path}, is of {day}",
                "see the bot's log for why there is no newer one; BACKUP_DIR needs room and must be writable",
            )
        ]
    return [Finding("backups", True, f"{path} was restored to a temporary place and is whole", "")]


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


class _SilenceError(Exception):
    """Telegram gave no answer that could be used; the text says why."""


async def _telegram(settings: Settings, clock: Callable[[], datetime], *, alone: bool) -> list[Finding]:
    try:
        token = settings.token
    except SettingsError as error:
        return [Finding("token", False, error.problem, error.remedy)]
    address = f"{settings.telegram_api_url.rstrip('/')}/bot{token}/"
    async with httpx.AsyncClient(timeout=_HTTP_S) as client:

        async def call(method: str, **fields: object) -> tuple[int, dict[str, Any], httpx.Headers]:
            try:
                response = await client.post(address + method, json=fields)
                body = response.json()
            except httpx.HTTPError as error:
                raise _SilenceError(type(error).__name__) from None
            except ValueError:
                raise _SilenceError("the answer is not the Bot API's") from None
            if not isinstance(body, dict):
                raise _SilenceError("the answer is not the Bot API's")
            return response.status_code, body, response.headers

        try:
            status, body, headers = await call("getMe")
            findings = [_token(status, body), _clock(headers.get("Date"), clock())]
            if status == httpx.codes.OK:
                _, hook, _ = await call("getWebhookInfo")
                known = str(hook.get("result", {}).get("url", ""))
                findings.append(_webhook(settings, known, hook.get("result", {})))
                for chat in settings.admin_chat_ids:
                    status, body, _ = await call("getChat", chat_id=chat)
                    findings += [] if status == httpx.codes.OK else [_admin(chat, body)]
                if not settings.admin_chat_ids:
                    findings.append(
                        Finding("admins", True, "nobody is told when the bot is blind", "set ADMIN_CHAT_IDS")
                    )
                if alone and not known:
                    status, _, _ = await call("getUpdates", timeout=_PROBE_S, limit=1)
                    findings += [_other()] if status == httpx.codes.CONFLICT else []
        except _SilenceError as error:
            return [
                Finding(
                    "token",
                    False,
                    f"Telegram can't be asked at {settings.telegram_api_url} ({error})",
                    "check this machine's network, any proxy or firewall, and TELEGRAM_API_URL",
                )
            ]
    return findings


def _token(status: int, body: Mapping[str, Any]) -> Finding:
    result = body.get("result")
    if status == httpx.codes.OK and isinstance(result, dict):
        return Finding("token", True, f"it is @{result.get('username', '?')}'s", "")
    if status in (httpx.codes.UNAUTHORIZED, httpx.codes.NOT_FOUND):
        return Finding(
            "token",
            False,
            "Telegram refuses TELEGRAM_BOT_TOKEN",
            "copy it again from @BotFather, or make a new one there: /token",
        )
    return Finding(
        "token", False, f"Telegram answered {status}", "wait, and check TELEGRAM_API_URL if it lasts"
    )


def _clock(date: str | None, now: datetime) -> Finding:
    try:
        there = parsedate_to_datetime(date or "")
        off = now - there
    except (TypeError, ValueError):
        return Finding("clock", True, "nothing to compare it with", "")
    if abs(off) > _CLOCK_OFF:
        word = "ahead" if off > timedelta(0) else "behind"
        return Finding(
            "clock",
            False,
            f"{abs(off).total_seconds():.0f} s {word} of Telegram's",
            "switch time synchronisation on, for example: timedatectl set-ntp true",
        )
    return Finding("clock", True, "agrees with Telegram's", "")


def _webhook(settings: Settings, known: str, info: Mapping[str, Any]) -> Finding:
    wanted = settings.webhook_url or ""
    if known and known != wanted:
        return Finding(
            "webhook",
            False,
            "a webhook of some other program or earlier setting is left at Telegram",
            "if nothing else uses this token, the next `minerwatch run` takes it away; "
            "else give each program a bot of its own",
        )
    fault = info.get("last_error_message")
    if wanted and known and fault:
        return Finding(
            "webhook", False, f"Telegram can't reach WEBHOOK_URL: {fault}", "check the proxy in front"
        )
    if wanted and not known:
        return Finding("webhook", True, "not set yet; `minerwatch run` sets it", "")
    return Finding("webhook", True, "set" if known else "none, updates are asked for", "")


def _admin(chat: int, body: Mapping[str, Any]) -> Finding:
    return Finding(
        "admins",
        False,
        f"ADMIN_CHAT_IDS: {chat} can't be written to ({body.get('description', 'no reason given')})",
        "send /start to the bot from that chat, or correct the number",
    )


def _other() -> Finding:
    return Finding(
        "second instance",
        False,
        "another program asks for this bot's updates",
        "stop it (it may run on another machine), or shut it out with a new token: @BotFather, /revoke",
    )


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
