"""The parameters of an API operation: declared once, for the OpenAPI document and for reading them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Final

from aiohttp import web

from bot.mining.limits import BOUNDS
from bot.mining.parsing.field_parser import FIELDS
from bot.web.problem import ProblemError

LONGEST_VALUE: Final = 100


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter by name, what it is, and its JSON schema; `in_path` when it is a part of the address."""

    name: str
    description: str
    schema: Mapping[str, object]
    in_path: bool = False


def text(name: str, description: str, *, longest: int = LONGEST_VALUE) -> Parameter:
    """A parameter that may be any short text."""
    return Parameter(name, description, {"type": "string", "maxLength": longest})


def choice(name: str, description: str, allowed: Sequence[str]) -> Parameter:
    """A parameter that is one of some words."""
    return Parameter(name, description, {"type": "string", "enum": list(allowed)})


def integer(name: str, description: str, *, low: int, high: int, default: int | None = None) -> Parameter:
    """A whole number within bounds."""
    schema: dict[str, object] = {"type": "integer", "minimum": low, "maximum": high}
    return Parameter(name, description, schema if default is None else {**schema, "default": default})


def number(name: str, description: str, *, low: float, high: float) -> Parameter:
    """A number within bounds."""
    return Parameter(name, description, {"type": "number", "minimum": low, "maximum": high})


def day(name: str, description: str) -> Parameter:
    """A UTC day, 2022-06-18."""
    return Parameter(name, description, {"type": "string", "format": "date"})


def question_fields() -> tuple[Parameter, ...]:
    """The machine, and every field of a breakeven question with the bounds of its quantity."""
    machine = text("machine", "a model, with its hashrate where it has several: “Antminer S19 95T”")
    return (
        machine,
        *(
            number(name, field.help, low=BOUNDS[field.quantity].low, high=BOUNDS[field.quantity].high)
            for name, field in FIELDS.items()
        ),
    )


class ApiQuery:
    """The parameters of one request, each given at most once and none that the operation doesn't know.

    Raises ProblemError (400) for what can't be read, naming the parameter and what it may be.
    """

    def __init__(self, request: web.Request, parameters: Sequence[Parameter]) -> None:
        self._known = {parameter.name: parameter for parameter in parameters}
        self._values: dict[str, str] = {}
        query = [parameter.name for parameter in parameters if not parameter.in_path]
        for name, value in request.query.items():
            if name not in query:
                names = ", ".join(query) or "none"
                raise _bad(f"There is no parameter “{name[:40]}” here; there are: {names}.")
            if name in self._values:
                raise _bad(f"Give {name} once.")
            self._values[name] = value
        self._values |= request.match_info
        for name, value in self._values.items():
            if len(value) > LONGEST_VALUE:
                raise _bad(f"{name} is too long: at most {LONGEST_VALUE} characters.")

    def text(self, name: str) -> str | None:
        """A text; None when it isn't given or empty."""
        return self._values.get(name) or None

    def choice(self, name: str) -> str | None:
        """One of the words declared."""
        value = self.text(name)
        allowed = self._known[name].schema["enum"]
        assert isinstance(allowed, list)  # noqa: S101 - as `choice` declares it
        if value is not None and value not in allowed:
            raise _bad(f"{name} can't be “{value[:40]}”; it is one of: {', '.join(allowed)}.")
        return value

    def integer(self, name: str) -> int | None:
        """A whole number within the bounds declared; the default when it isn't given."""
        schema = self._known[name].schema
        value = self.text(name)
        if value is None:
            default = schema.get("default")
            return default if isinstance(default, int) else None
        low, high = schema["minimum"], schema["maximum"]
        assert isinstance(low, int)  # noqa: S101 - as `integer` declares it
        assert isinstance(high, int)  # noqa: S101 - as above
        if not (value.isascii() and value.isdecimal()) or not low <= int(value) <= high:
            raise _bad(f"{name} must be a whole number from {low} to {high}.")
        return int(value)

    def number(self, name: str) -> float | None:
        """A number within the bounds declared."""
        schema, value = self._known[name].schema, self.text(name)
        if value is None:
            return None
        low, high = schema["minimum"], schema["maximum"]
        assert isinstance(low, float)  # noqa: S101 - as `number` declares it
        assert isinstance(high, float)  # noqa: S101 - as above
        try:
            parsed = float(value)
        except ValueError:
            parsed = math.nan
        if not low <= parsed <= high:
            raise _bad(f"{name} must be a number from {low:g} to {high:g}.")
        return parsed

    def day(self, name: str) -> date | None:
        """A UTC day."""
        value = self.text(name)
        try:
            return None if value is None else date.fromisoformat(value)
        except ValueError:
            raise _bad(f"{name} must be a day such as 2022-06-18.") from None

    def values_of(self, names: Sequence[str]) -> dict[str, str]:
        """Those of these parameters that have a value."""
        return {name: value for name in names if (value := self.text(name)) is not None}


def _bad(detail: str) -> ProblemError:
    return ProblemError(HTTPStatus.BAD_REQUEST, detail)
