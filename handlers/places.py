"""Time zones by where somebody is: the zones whose cities lie nearest."""

import re
from functools import cache
from importlib.resources import files
from math import asin, cos, radians, sin, sqrt

_COORDINATE = re.compile(r"([+-]\d{4,7})([+-]\d{5,7})")


def nearest_zones(latitude: float, longitude: float, count: int = 3) -> list[str]:
    """The names of the zones nearest to a place, in degrees; near a border several may be right."""
    by_distance = sorted(_zones().items(), key=lambda held: _angle(latitude, longitude, *held[1]))
    return [name for name, _ in by_distance[:count]]


@cache
def _zones() -> dict[str, tuple[float, float]]:
    """Every zone of today's world with the place it is named after, from the time zone database."""
    text = (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    zones = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            _country, place, name, *_ = line.split("\t")
            if found := _COORDINATE.fullmatch(place):
                zones[name] = (_degrees(found[1], 2), _degrees(found[2], 3))
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
