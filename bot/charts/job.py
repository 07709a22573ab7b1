"""What is asked of the chart worker, as a line of JSON on its way there."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache

from pydantic import TypeAdapter

from bot.charts.picture import Picture


@dataclass(frozen=True, slots=True)
class Job:
    """A picture in a language; without a picture the question whether there are fonts for the language."""

    language: str
    picture: Picture | None = None


@cache
def _adapter() -> TypeAdapter[Job]:
    return TypeAdapter(Job)


def to_line(job: Job) -> bytes:
    """The job as a line of JSON."""
    return _adapter().dump_json(job) + b"\n"


def from_line(line: bytes) -> Job:
    """The job of a line."""
    return _adapter().validate_json(line)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawn picture as a PNG, and its headline as text."""

    png: bytes
    headline: str = ""


Work = Callable[[Job], Awaitable[Drawing]]
"""Does a job; the PNG is empty where a language can't be written. Raises DrawingError."""


class DrawingError(Exception):
    """A picture could not be drawn; the text says why."""
