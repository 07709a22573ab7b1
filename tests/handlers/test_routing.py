"""Commands and buttons: each name and prefix belongs to one of them."""

from collections import Counter

from handlers.registry import COMMANDS, HANDLERS
from handlers.routing import Button


def test_no_two_commands_share_a_name() -> None:
    names = Counter(name for command in COMMANDS for name in (command.name, *command.aliases))
    assert [name for name, count in names.items() if count > 1] == []


def test_no_two_buttons_share_a_prefix() -> None:
    prefixes = [
        (prefix, handler)
        for handler in HANDLERS
        if isinstance(handler, Button)
        for prefix in handler.prefixes
    ]
    for index, (prefix, button) in enumerate(prefixes):
        for earlier, other in prefixes[:index]:
            assert not prefix.startswith(earlier) or button is other, f"{prefix} never comes past {earlier}"
