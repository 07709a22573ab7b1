"""What the buttons of commands that may have been meant say."""

import pytest

from bot.i18n.translator import translator_for
from bot.mining.parsing.command_request import CommandRequest
from handlers.views import near_misses


@pytest.mark.parametrize(
    ("language", "label"),
    [
        ("en", "Watch difficulty above 190 T"),
        ("de", "difficulty above 190 T beobachten"),
        ("es", "Vigilar difficulty above 190 T"),
        ("ru", "Следить: difficulty above 190 T"),
        ("zh", "监测 difficulty above 190 T"),
    ],
)
def test_a_watch_is_named_as_where_it_is_offered(language: str, label: str) -> None:
    request = CommandRequest("watch", "difficulty above 190000000000000")
    assert near_misses.label(request, translator_for(language)) == label
