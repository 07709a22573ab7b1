"""Time zones and local time: zones by name, offset or place, quiet hours, the next due time."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from functools import cache
from importlib.resources import files
from math import asin, cos, radians, sin, sqrt
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+\-−])\s*(\d{1,2})(?::?(\d{2}))?", re.IGNORECASE)
_COORDINATE = re.compile(r"([+-]\d{4,7})([+-]\d{5,7})")
_WESTMOST, _EASTMOST = timedelta(hours=-12), timedelta(hours=14)


@cache
def _by_lower_name() -> dict[str, str]:
    return {name.lower(): name for name in available_timezones() if not name.startswith(("posix", "right"))}


@cache
def _by_city() -> dict[str, str]:
    """Zones by the last part of their name; of several the first in the alphabet, Canada's last."""
    cities: dict[str, str] = {}
    for name in sorted(available_timezones(), key=lambda name: (name.startswith("Canada/"), name)):
        area, _, city = name.rpartition("/")
        if area and not area.startswith(("posix", "right", "Etc", "SystemV")):
            cities.setdefault(city.lower(), name)
    return cities


@cache
def _by_local_city() -> dict[str, str]:
    """Zones by their cities in the languages of the chats: “Wien”, “Москва”, “上海”."""
    from babel import Locale  # noqa: PLC0415 - Babel's data is read when somebody names such a city

    cities: dict[str, str] = {}
    for language in ("de", "es", "ru", "zh"):
        for name, words in Locale(language).time_zones.items():
            if city := words.get("city"):
                cities.setdefault(city.lower().replace(" ", "_"), name)
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
    name = _by_lower_name().get(key) or _by_city().get(key)
    return name or _by_lower_name().get(_by_local_city().get(key, "").lower())


_SHORT: Final = {
    "msk": "Europe/Moscow", "мск": "Europe/Moscow", "utc": "UTC", "gmt": "UTC", "cet": "Europe/Berlin",
    "mez": "Europe/Berlin", "est": "America/New_York", "edt": "America/New_York", "et": "America/New_York",
    "cst": "America/Chicago", "mst": "America/Denver", "pst": "America/Los_Angeles",
    "pdt": "America/Los_Angeles", "pt": "America/Los_Angeles", "bst": "Europe/London", "ist": "Asia/Kolkata",
}  # fmt: skip


def short_zone_name(text: str) -> str | None:
    """The name to keep for a zone in its full name (“Europe/London”) or a few letters (“MSK”)."""
    return _by_lower_name().get(text.lower()) if "/" in text else _SHORT.get(text.lower())


@cache
def zone(name: str) -> tzinfo:
    """The zone kept under a name; UTC when the system no longer knows it."""
    if offset := _OFFSET.fullmatch(name):
        length = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
        return timezone(length if offset[1] == "+" else -length)
    if name == "UTC":
        return UTC
    name_as_listed = _by_lower_name().get(name.lower())
    return ZoneInfo(name_as_listed) if name_as_listed else UTC


def same_clock(names: Sequence[str]) -> bool:
    """Whether all these zones show the same time, in winter and in summer of this year's rules."""
    moments = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC))
    return all(len({moment.astimezone(zone(name)).utcoffset() for name in names}) == 1 for moment in moments)


def quiet_until(at: datetime, start: time, end: time, zone: tzinfo) -> datetime | None:
    """When the quiet hours that hold at `at` (UTC) are over, None when none hold.

    They may pass midnight. Equal times are a whole day of quiet, which ends at that time each day.
    """
    local = at.astimezone(zone)
    for days in (-1, 0):
        first_day = local.date() + timedelta(days=days)
        begins = _moment(datetime.combine(first_day, start), zone)
        last_day = first_day if start < end else first_day + timedelta(days=1)
        ends = _moment(datetime.combine(last_day, end), zone)
        if begins <= at < ends:
            return ends
    return None


def next_due(after: datetime, at: time, weekday: int | None, zone: tzinfo) -> datetime:
    """The first moment later than `after` (UTC) when the clock of `zone` shows `at`, on `weekday` if given.

    A time that the clock skips comes as much later as was skipped; of one shown twice the first counts. So
    every day has exactly one.
    """
    day = after.astimezone(zone).date() - timedelta(days=1)
    while True:
        due = _moment(datetime.combine(day, at), zone)
        if due > after and (weekday is None or day.weekday() == weekday):
            return due
        day += timedelta(days=1)


def _moment(local: datetime, zone: tzinfo) -> datetime:
    return local.replace(tzinfo=zone).astimezone(UTC)


def nearest_zones(latitude: float, longitude: float, count: int = 3) -> list[str]:
    """The names of the zones nearest to a place, in degrees; near a border several may be right."""
    by_distance = sorted(_zones().items(), key=lambda item: _angle(latitude, longitude, *item[1]))
    return [name for name, _ in by_distance[:count]]


@cache
def _zones() -> dict[str, tuple[float, float]]:
    """Every zone of today's world with the place it is named after, from the time zone database."""
    text = (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    zones = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            _country, coordinates, name, *_ = line.split("\t")
            if match := _COORDINATE.fullmatch(coordinates):
                zones[name] = (_degrees(match[1], 2), _degrees(match[2], 3))
    return zones


def _degrees(text: str, whole: int) -> float:
    """“+5230” or “-0023045” (degrees, minutes, seconds) in degrees."""
    sign = -1.0 if text[0] == "-" else 1.0
    digits = text[1:]
    degrees, minutes, seconds = digits[:whole], digits[whole : whole + 2], digits[whole + 2 :] or "0"
    return sign * (int(degrees) + int(minutes) / 60 + int(seconds) / 3600)


def _angle(a_latitude: float, a_longitude: float, b_latitude: float, b_longitude: float) -> float:
    """The angle between two places seen from the middle of the Earth (haversine)."""
    a, b = radians(a_latitude), radians(b_latitude)
    half = sin((b - a) / 2) ** 2 + cos(a) * cos(b) * sin(radians(b_longitude - a_longitude) / 2) ** 2
    return 2 * asin(sqrt(min(1.0, half)))
