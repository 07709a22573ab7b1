"""What a chat had set before its last change, as text that is kept for as long as that can be taken back."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from storage.chats.preferences import ChatSettings

_MOVES_BY_ITSELF: Final = frozenset({"telegram_language", "digest_next", "digest_last", "digest_alert"})
"""What no command sets."""


@dataclass(frozen=True, slots=True)
class FormerSettings:
    """What was changed, with its values before: of the settings, and the severity by signal."""

    settings: Mapping[str, Any]
    subscriptions: Mapping[str, int] | None = None

    def restored(self, now: ChatSettings) -> ChatSettings:
        """The settings with what was changed as it was before. Raises ValidationError for no settings."""
        values = _settings().dump_python(now, mode="json")
        return _settings().validate_python({**values, **self.settings})


def former_settings(before: ChatSettings, after: ChatSettings) -> str:
    """What a change of settings took the place of, as text; "" where it changed nothing."""
    values = _settings().dump_python(before, mode="json")
    changed = {
        field.name: values[field.name]
        for field in fields(ChatSettings)
        if field.name not in _MOVES_BY_ITSELF and getattr(before, field.name) != getattr(after, field.name)
    }
    return _former().dump_json(FormerSettings(changed)).decode() if changed else ""


def former_subscriptions(before: Mapping[str, int]) -> str:
    """The subscriptions before a change, as text."""
    return _former().dump_json(FormerSettings({}, before)).decode()


def read_former(text: str) -> FormerSettings | None:
    """What the text says; None where it is of another version."""
    try:
        return _former().validate_json(text)
    except ValidationError:
        return None


@cache
def _settings() -> TypeAdapter[ChatSettings]:
    return TypeAdapter(ChatSettings)


@cache
def _former() -> TypeAdapter[FormerSettings]:
    return TypeAdapter(FormerSettings)
