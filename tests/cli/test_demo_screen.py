"""How the demonstration breaks its lines at the terminal's width, and how a person ends it."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.cli import demo
from bot.cli.demo import broken


@pytest.mark.parametrize("width", [20, 40, 60, 80, 120])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    text = "bot ▸ Bitcoin is 70 % below its record, and " + "the price fell again " * 12
    assert max(len(line) for line in broken(text, width).split("\n")) <= width


def test_what_somebody_says_goes_on_below_its_first_word() -> None:
    assert broken("bot ▸ one two three", 14) == "bot ▸ one two\n      three"
    assert broken("   • four five", 10) == "   • four\n   five"


def test_buttons_and_per_cents_stay_whole() -> None:
    assert broken("      [#1 Chart] [#2 1 week]", 20) == "      [#1 Chart]\n      [#2 1 week]"
    assert broken("it fell by 70 % today", 14) == "it fell by\n70 % today"


@pytest.mark.parametrize("farewell", ["exit", " Quit ", None])
async def test_a_farewell_or_the_end_of_input_ends_the_conversation(
    monkeypatch: pytest.MonkeyPatch, farewell: str | None
) -> None:
    typed, asked = iter(["/help", "  ", farewell]), []

    async def typed_line() -> str | None:
        return next(typed)

    class Chat:
        async def ask(self, line: str, *, echo: bool) -> None:
            asked.append((line, echo))

    monkeypatch.setattr(demo, "_typed_line", typed_line)
    screen = SimpleNamespace(show=lambda _text: None)
    await demo._conversation(cast(Any, Chat()), cast(Any, screen))
    assert asked == [("/help", False)]
