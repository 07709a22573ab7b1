"""Personal watches as people meet them."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.signals.series import Reading
from bot.watches.parser import parse_watch
from storage.chats import chats, watches
from storage.chats.chats import Address
from storage.database import Database
from tests.fakes.telegram import Sent
from tests.handlers.program import ADA, CHANNEL, GROUP, Room, opened


def labels(sent: Sent) -> list[str]:
    return [str(one["text"]) for one in sent.buttons]


async def fill(room: Room, count: int) -> None:
    """Let Ada keep so many watches more."""
    watch = parse_watch("price below 900", room.now.date())

    def add(db: Database) -> None:
        chats.remember(db, Address(ADA), "private", room.now)
        for _ in range(count):
            watches.add(db, Address(ADA), watch, "price below 900 USD", {}, room.now)

    await room.store.write(add)


async def tell(room: Room, price_usd: float) -> Sent:
    """What a price of this moment makes the bot say first."""
    before = len(room.api.sent)
    await cross(room, price_usd)
    await room.delivered()
    return next(sent for sent in room.api.sent[before:] if sent.method == "sendMessage")


async def cross(room: Room, price_usd: float) -> None:
    """A price of this moment, and a look at it."""
    room.now += timedelta(minutes=5)
    room.program.poller.history.add(Reading("btc.price", price_usd, room.now, "test", room.now))
    await room.program.poll()


async def kept(room: Room, chat: int = ADA) -> list[str]:
    """The words of the watches a chat keeps."""
    return [one.text for one in await room.store.read(lambda db: watches.of_chat(db, Address(chat)))]


async def save(room: Room, line: str) -> Sent:
    """Ask for a watch and tap Save; gives the message as it is then."""
    return await room.see(await room.ask(line), "Save")


async def test_a_watch_shows_its_past_and_where_it_stands_and_is_saved_by_a_tap(room: Room) -> None:
    offered = await room.ask("/watch price below 15000")
    assert "<code>price below 15,000 USD</code>" in offered.text
    assert "In the last five years this would have told you <b>" in offered.text
    assert "% down to go" in offered.text
    assert labels(offered) == ["Save", "Cancel"]
    assert await kept(room) == []
    taken = await room.see(offered, "Save")
    assert taken.message_id == offered.message_id
    assert "Saved. /watches lists what you have." in taken.text
    assert labels(taken) == ["⏸ pause", "🗑 delete"]
    assert await kept(room) == ["price below 15,000 USD"]


async def test_what_was_cancelled_is_not_saved(room: Room) -> None:
    offered = await room.ask("/watch price below 15000")
    assert "Not saved" in (await room.see(offered, "Cancel")).text
    assert "This offer is over; send the line again." in await room.press(offered, "Save")
    assert await kept(room) == []


async def test_two_taps_save_once_and_the_second_does_no_harm(room: Room) -> None:
    offered = await room.ask("/watch price crosses ma2")
    quieter = next(label for label in labels(offered) if label.startswith("Quieter: for "))
    assert await room.press(offered, "Save") == "Saved."
    for label in ("Save", quieter, "Cancel"):
        assert await room.press(offered, label) == "You have this one already."
    assert await kept(room) == ["price crosses ma2"]


async def test_the_same_watch_twice_is_kept_once(room: Room) -> None:
    await save(room, "/watch price below 15000")
    again = await room.ask("/watch btc < 15k")
    assert await room.press(again, "Save") == "You have this one already."
    assert await kept(room) == ["price below 15,000 USD"]


async def test_a_second_line_leaves_the_first_offer_open(room: Room) -> None:
    first = await room.ask("/watch price below 15000")
    second = await room.ask("/watch price below 14000")
    await room.see(second, "Save")
    await room.see(first, "Save")
    assert await kept(room) == ["price below 15,000 USD", "price below 14,000 USD"]


async def test_of_very_many_offers_the_oldest_are_over(room: Room) -> None:
    first = await room.ask("/watch price below 15000")
    for level in range(100, 120):
        await room.ask(f"/watch price below {level}")
    assert "send the line again" in await room.press(first, "Save")


async def test_an_offer_outlasts_a_restart_and_tells_from_where_the_figure_was(tmp_path: Path) -> None:
    async with opened(tmp_path) as room:
        offered = await room.ask("/watch price below 15000")
        data = offered.buttons[0]["callback_data"]
    async with opened(tmp_path) as room:
        assert await room.press_data(await room.ask("/watches"), data) == "Saved."
        assert "👁 <code>price below 15,000 USD</code>" in (await tell(room, 14_900.0)).text


async def test_an_offer_is_over_after_a_week(room: Room) -> None:
    offered = await room.ask("/watch price below 15000")
    later = room.now + watches.OFFERED_FOR
    assert await room.store.write(lambda db: watches.sweep(db, later, 10)) == 0
    later += timedelta(seconds=1)
    assert await room.store.write(lambda db: watches.sweep(db, later, 10)) == 1
    assert "This offer is over" in await room.press(offered, "Save")
    assert await room.store.read(watches.last_seen) == {}


async def test_an_offer_is_saved_only_while_there_is_room(room: Room) -> None:
    first, second = [await room.ask(f"/watch price below {level}") for level in (15_000, 14_000)]
    await fill(room, 49)
    await room.see(first, "Save")
    assert "as many watches as I keep" in await room.press(second, "Save")
    listed = await room.ask("/watches")
    await room.see(listed, "🗑 1 delete")
    assert await room.press(second, "Save") == "Saved."


async def test_an_offer_tells_nothing_before_it_is_saved(room: Room) -> None:
    await room.ask("/watch price below 15000")
    before = len(room.api.sent)
    await cross(room, 14_900.0)
    await room.delivered()
    assert room.api.sent[before:] == []


async def test_it_tells_when_the_level_is_crossed_and_names_value_source_and_age(room: Room) -> None:
    await save(room, "/watch price below 15000")
    told = await tell(room, 14_900.0)
    assert told.chat_id == ADA
    assert "👁 <code>price below 15,000 USD</code>" in told.text
    assert "<b>14,900 USD</b>" in told.text
    assert "Source: test, 0 secs old" in told.text


async def test_the_buttons_under_a_watch_that_told_pause_and_delete_it_in_place(room: Room) -> None:
    await save(room, "/watch price below 15000")
    told = await tell(room, 14_900.0)
    assert labels(told)[:3] == ["⏸ pause", "🗑 delete", "Why?"]
    paused = await room.see(told, "⏸ pause")
    assert paused.message_id == told.message_id
    assert labels(paused)[:3] == ["▶ go on", "🗑 delete", "Why?"]
    (held,) = await room.store.read(lambda db: watches.of_chat(db, Address(ADA)))
    assert held.switch == "paused"
    going = await room.see(paused, "▶ go on")
    assert labels(going)[:3] == labels(told)[:3]
    left = await room.see(going, "🗑 delete")
    assert labels(left) == labels(told)[3:]
    assert await room.press(going, "⏸ pause") == "This watch is gone."
    assert await kept(room) == []


async def test_why_says_what_a_watch_looks_at_and_when_it_would_have_told(room: Room) -> None:
    await save(room, "/watch price below 15000")
    why = await room.see(await tell(room, 14_900.0), "Why?")
    assert "Tells at ≤ 15,000 USD; ready again at ≥ 15,150 USD" in why.text
    assert "Source: test, 0 secs old" in why.text
    assert "Last 30 days: <code>" in why.text
    assert "In the last five years this would" in why.text


async def test_many_watches_that_tell_at_once_are_one_message_with_a_way_to_the_list(room: Room) -> None:
    for level in range(14_100, 14_600, 100):
        await save(room, f"/watch price below {level}")
    told = await tell(room, 14_000.0)
    assert told.text.count("👁") == 5
    listed = await room.see(told, "My watches (5)")
    assert "<b>Your watches</b> (5)" in listed.text


async def test_what_a_poll_fires_goes_out_as_one_message_alert_first(room: Room) -> None:
    """On 11 July 2022 the hashrate is a tenth down; two watches of the same chat tell with it."""
    await room.ask("/subscribe")
    await save(room, "/watch price below 20000")
    await save(room, "/watch hashrate drops 12% in 30d")
    for _ in range(7):
        before = len(room.api.sent)
        await room.pass_time(timedelta(days=1))
        await room.delivered()
    (told,) = room.api.sent[before:]
    alert, _, below = told.text.partition("<b>Your watches</b>")
    assert "<b>Critical · Hashrate decline</b>" in alert
    assert "👁 1. <code>price below 20,000 USD</code>" in below
    assert "👁 2. <code>hashrate drops 12 % in 30d</code>" in below
    assert labels(told)[:3] == ["Acknowledge", "Chart", "Why?"]
    assert "⏸ 2 pause" in labels(told)
    assert labels(told)[-1] == "1 week"


async def test_the_list_shows_value_and_distance_and_its_buttons_pause_and_delete(room: Room) -> None:
    await save(room, "/watch price below 15000")
    await save(room, "/watch drawdown > 80%")
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


async def test_a_noisy_watch_is_offered_quieter(room: Room) -> None:
    offered = await room.ask("/watch price crosses ma2")
    assert "more than once a month" in offered.text
    quieter = next(label for label in labels(offered) if label.startswith("Quieter: for "))
    taken = await room.see(offered, quieter)
    assert "price crosses ma2 for" in taken.text
    (words,) = await kept(room)
    assert words.startswith("price crosses ma2 for ")


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
    await fill(room, 50)
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


async def test_in_a_group_an_offer_is_saved_by_an_admin_only(room: Room) -> None:
    offered = await room.ask("/watch price below 15000", GROUP)
    room.api.strangers.add(8)
    assert "Only this chat's admins" in await room.press(offered, "Save", user=8)
    assert await room.press(offered, "Save") == "Saved."


async def test_in_a_channel_a_post_makes_a_watch_and_its_readers_change_nothing(room: Room) -> None:
    room.api.channels.add(CHANNEL)
    offered = await room.ask("/watch price below 15000", CHANNEL)
    room.api.strangers.add(8)
    assert "Only this chat's admins" in await room.press(offered, "Save", user=8)
    assert await room.press(offered, "Save") == "Saved."
    told = await tell(room, 14_900.0)
    assert told.chat_id == CHANNEL
    assert "Only this chat's admins" in await room.press(told, "Why?", user=8)
    assert await kept(room, CHANNEL) == ["price below 15,000 USD"]


async def test_buttons_of_older_versions_and_of_others_are_answered(room: Room) -> None:
    answer = await save(room, "/watch price below 15000")
    assert "older version" in await room.press_data(answer, "w1:what:1")
    assert "older version" in await room.press_data(answer, "w1:pause:x")
    assert "gone" in await room.press_data(answer, "w1:pause:999:0")
    assert "older version" in await room.press_data(answer, "w2:what:1:0")
    assert "gone" in await room.press_data(answer, "w2:why:999:0")
    assert "gone already" in await room.press_data(answer, "w2:drop:999:0")
