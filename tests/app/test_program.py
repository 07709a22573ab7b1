"""The parts put together: what none of them can see alone."""

import re
from pathlib import Path
from typing import Any

from telegram.ext import CallbackQueryHandler

from bot.app import Program
from bot.cli.replay_feed import ReplayFeed
from bot.settings import Settings
from bot.telegram.local_chat import LocalChat
from storage.database import Store


def test_every_button_has_one_handler(tmp_path: Path) -> None:
    """Callback data begins with a prefix of its handler; a longer one is looked at before a shorter one."""
    prefixes = []
    with Store(tmp_path / "bot.db") as store:
        chat = LocalChat(lambda: NotImplemented, lambda _line: None)
        settings = Settings(_env_file=None)
        program = Program(settings, store, ReplayFeed([]), token="1:test", request=chat, updates_request=chat)
        handlers: list[Any] = [each for group in program.application.handlers.values() for each in group]
        for handler in handlers:
            if isinstance(handler, CallbackQueryHandler) and isinstance(handler.pattern, re.Pattern):
                written = handler.pattern.pattern.removeprefix("^").strip("()")
                prefixes += [prefix for prefix in written.split("|") if prefix]
    assert len(prefixes) > 5
    assert len(prefixes) == len(set(prefixes)), "two handlers with one prefix"
    for place, prefix in enumerate(prefixes):
        late = [other for other in prefixes[place + 1 :] if other.startswith(prefix)]
        assert not late, f"{prefix} takes the presses of {late}, which are looked at later"
