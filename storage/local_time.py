"""Local time as people set it: zones by name or offset, quiet hours, and when something is due next."""

import re
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+\-−])\s*(\d{1,2})(?::?(\d{2}))?", re.IGNORECASE)
_WESTMOST, _EASTMOST = timedelta(hours=-12), timedelta(hours=14)


@cache
def _by_lower_name() -> dict[str, str]:
    return {name.lower(): name for name in available_timezones() if not name.startswith(("posix", "right"))}


@cache
def _by_city() -> dict[str, str]:
    """Zones by the last part of their name; of several the first in the alphabet."""
    cities: dict[str, str] = {}
    for name in sorted(available_timezones()):
        area, _, city = name.rpartition("/")
        if area and not area.startswith(("posix", "right", "Etc", "SystemV")):
            cities.setdefault(city.lower(), name)
    return cities


def zone_name(text: str) -> str | None:
    """The name to keep for what was typed: “Europe/Berlin”, “berlin”, “+2”, “UTC-3:30”; None for none."""
    text = text.strip()
    if offset := _OFFSET.fullmatch(text):
        length = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
        if int(offset[3] or 0) > 59:
            return None
        signed = length if offset[1] == "+" else -length
        if not _WESTMOST <= signed <= _EASTMOST:
            return None
        minutes = int(length.total_seconds()) // 60
        return f"UTC{'+' if signed >= timedelta(0) else '-'}{minutes // 60:02d}:{minutes % 60:02d}"
    key = text.lower().replace(" ", "_")
    if key in ("utc", "gmt", "z"):
        return "UTC"
    return _by_lower_name().get(key) or _by_city().get(key)


@cache
def zone(name: str) -> tzinfo:
    """The zone kept under a name; UTC when the system no longer knows it."""
    if offset := _OFFSET.fullmatch(name):
        length = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
        return timezone(length if offset[1] == "+" else -length)
    if name == "UTC":
        return UTC
    known = _by_lower_name().get(name.lower())
    return ZoneInfo(known) if known else UTC


def quiet_until(at: datetime, start: time, end: time, place: tzinfo) -> datetime | None:
    """When the quiet hours that hold at `at` (UTC) are over, None when none hold.

    They may pass midnight. Equal times are a whole day of quiet, which ends at that time each day.
    """
    local = at.astimezone(place)
    for days in (-1, 0):
        first_day = local.date() + timedelta(days=days)
        begins = _moment(datetime.combine(first_day, start), place)
        last_day = first_day if start < end else first_day + timedelta(days=1)
        ends = _moment(datetime.combine(last_day, end), place)
        if begins <= at < ends:
            return ends
    return None


def next_due(after: datetime, at: time, weekday: int | None, place: tzinfo) -> datetime:
    """The first moment later than `after` (UTC) when the clock of `place` shows `at`, on `weekday` if given.

    A time that the clock skips comes as much later as was skipped; of one shown twice the first counts. So
    every day has exactly one.
    """
    day = after.astimezone(place).date() - timedelta(days=1)
    while True:
        due = _moment(datetime.combine(day, at), place)
        if due > after and (weekday is None or day.weekday() == weekday):
            return due
        day += timedelta(days=1)


def _moment(local: datetime, place: tzinfo) -> datetime:
    return local.replace(tzinfo=place).astimezone(UTC)
