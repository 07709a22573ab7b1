"""Personal watches as people meet them."""

from datetime import timedelta

import pytest
from sqlite_utils import Database

from bot.signals.series import Reading
from bot.signals.watch_grammar import parse_watch
from storage import chats, watches
from storage.chats import Address
from tests.fakes.telegram import Sent
from tests.handlers.room import ADA, GROUP, Room


def labels(sent: Sent) -> list[str]:
    return [str(one["text"]) for one in sent.buttons]


async def cross(room: Room, price_usd: float) -> None:
    """A price of this moment, and a look at it."""
    room.now += timedelta(minutes=5)
    room.program.poller.history.add(Reading("btc.price", price_usd, room.now, "test", room.now))
    await room.program.poll()


async def test_a_quiet_watch_is_saved_with_its_past_and_where_it_stands(room: Room) -> None:
    answer = await room.ask("/watch price below 15000")
    assert "<b>price below 15,000 USD</b>" in answer.text
    assert "In the last five years this would have told you" in answer.text
    assert "% down to go" in answer.text
    assert "Saved" in answer.text
    assert labels(answer) == ["Delete"]


async def test_it_tells_when_the_level_is_crossed_and_names_value_source_and_age(room: Room) -> None:
    await room.ask("/watch price below 15000")
    before = len(room.api.sent)
    await cross(room, 14_900.0)
    await room.api.until_sent(before + 1)
    told = room.api.sent[before]
    assert told.chat_id == ADA
    assert "👁 <b>price below 15,000 USD</b>" in told.text
    assert "<b>14,900 USD</b>" in told.text
    assert "Source: test, 0 s old" in told.text


async def test_the_list_shows_value_and_distance_and_its_buttons_pause_and_delete(room: Room) -> None:
    await room.ask("/watch price below 15000")
    await room.ask("/watch drawdown > 80%")
    listed = await room.ask("/watches")
    assert "<b>Your watches</b> (2)" in listed.text
    assert "points down to go" in listed.text
    assert labels(listed) == ["⏸ 1 pause", "🗑 1 delete", "⏸ 2 pause", "🗑 2 delete"]
    paused = await room.see(listed, "⏸ 1 pause")
    assert "⏸ paused" in paused.text
    assert "▶ 1 go on" in labels(paused)
    going = await room.see(paused, "▶ 1 go on")
    assert "⏸ paused" not in going.text
    left = await room.see(going, "🗑 1 delete")
    assert "(1)" in left.text
    assert "drawdown above 80 %" in left.text


async def test_a_noisy_watch_is_asked_about_first_and_offered_quieter(room: Room) -> None:
    offered = await room.ask("/watch price crosses ma2")
    assert "more than once a month" in offered.text
    assert "Saved" not in offered.text
    assert await room.store.read(lambda db: watches.of_chat(db, Address(ADA))) == []
    quieter = next(label for label in labels(offered) if label.startswith("Quieter: for "))
    taken = await room.see(offered, quieter)
    assert "price crosses ma2 for" in taken.text
    assert "(1)" in taken.text


async def test_a_noisy_watch_can_be_saved_anyway_or_left(room: Room) -> None:
    offered = await room.ask("/watch price crosses ma2")
    saved = await room.see(offered, "Save it anyway")
    assert "<b>price crosses ma2</b>" in saved.text
    offered = await room.ask("/watch price crosses ma3")
    await room.see(offered, "Cancel")
    held = await room.store.read(lambda db: watches.of_chat(db, Address(ADA)))
    assert [one.text for one in held] == ["price crosses ma2"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("prise belw 60k", "/watch price below 60,000 USD"),
        ("price below cheap", "is no number"),
        ("power XX above 100", "I know no power zone"),
        ("drawdown > 155%", "between 0 and 100"),
        ("<b>x</b> > 3", "“&lt;b”"),
    ],
)
async def test_a_wrong_line_gets_one_sentence_and_the_nearest_right_one(
    room: Room, line: str, said: str
) -> None:
    answer = await room.ask(f"/watch {line}")
    assert said in answer.text
    assert "Did you mean <code>/watch " in answer.text


async def test_without_a_line_it_shows_how(room: Room) -> None:
    assert "<code>/watch price below 60000</code>" in (await room.ask("/watch")).text
    assert "Watches of your own" in (await room.ask("/watches")).text


async def test_a_chat_has_no_more_watches_than_the_operator_allows(room: Room) -> None:
    watch = parse_watch("price below 15000", room.now.date())

    def fill(db: Database) -> None:
        chats.remember(db, Address(ADA), "private", room.now)
        for _ in range(50):
            watches.add(db, Address(ADA), watch, "price below 15,000 USD", {}, room.now)

    await room.store.write(fill)
    listed = await room.ask("/watches")
    assert "(50)" in listed.text
    assert len(labels(listed)) == 21
    turned = await room.see(listed, "▶")
    assert labels(turned)[0] == "⏸ 11 pause"
    assert "as many as I keep" in (await room.ask("/watch price below 900")).text


async def test_in_a_group_only_admins_make_watches(room: Room) -> None:
    room.api.strangers.add(8)
    refused = await room.ask("/watch price below 15000", GROUP, user=8)
    assert "Only this chat's admins" in refused.text


async def test_buttons_of_older_versions_and_of_others_are_answered(room: Room) -> None:
    answer = await room.ask("/watch price below 15000")
    assert "older version" in await room.press_data(answer, "w1:what:1")
    assert "older version" in await room.press_data(answer, "w1:pause:x")
    assert "gone" in await room.press_data(answer, "w1:pause:999:0")
