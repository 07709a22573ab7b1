"""The README's pictures can be read in light and dark, and stay small."""

from xml.etree import ElementTree

import pytest

from tests.tools.readme_pictures import PICTURES, Post, chat_svg, terminal_svg

POST = Post(
    "<b>🔴 Bitcoin &amp; more</b>\nSince 16 Jun<blockquote expandable>levels</blockquote>", (("Why?",),)
)


@pytest.mark.parametrize(
    "svg", [chat_svg([POST, "btc price?"]), terminal_svg(["── Thu 16 June ──", "bot ▸ <hello> & more"])]
)
def test_a_picture_is_well_formed_and_says_what_was_said(svg: str) -> None:
    text = "".join(ElementTree.fromstring(svg).itertext())
    assert "Bitcoin & more" in text or "<hello> & more" in text
    assert "levels" not in text


def test_the_chat_follows_the_readers_colours_and_the_recording_can_stand_still() -> None:
    assert "prefers-color-scheme: dark" in chat_svg([POST])
    assert "prefers-reduced-motion" in terminal_svg(["bot ▸ hello"])


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("chat.svg", 90_000),
        ("demo.svg", 20_000),
        *((f"{name}.png", 61_440) for name in ("price", "hashrate", "energy")),
    ],
)
def test_the_pictures_of_the_readme_are_small(name: str, most: int) -> None:
    assert 1_000 < (PICTURES / name).stat().st_size < most
