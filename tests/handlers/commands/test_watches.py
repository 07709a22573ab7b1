"""Personal watches as people meet them."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from bot.signals.series import Reading
from bot.watches.parser import parse_watch
from storage.chats import chats, watches
from storage.chats.chats import Address
from storage.database import Database
from tests.fakes.telegram import Sent
from tests.handlers.program_client import ADA, CHANNEL, GROUP, ProgramClient, running_program


def labels(sent: Sent) -> list[str]:
    return [str(each["text"]) for each in sent.buttons]


async def fill(client: ProgramClient, count: int) -> None:
    """Let Ada keep so many watches more."""
    watch = parse_watch("price below 900", client.now.date())

    def add(db: Database) -> None:
        chats.remember(db, Address(ADA), "private", client.now)
        for _ in range(count):
            watches.add(db, Address(ADA), watch, "price below 900 USD", {}, client.now)

    await client.store.write(add)


async def tell(client: ProgramClient, price_usd: float) -> Sent:
    """What a price of this moment makes the bot say first."""
    before = len(client.api.sent)
    await cross(client, price_usd)
    await client.delivered()
    return next(sent for sent in client.api.sent[before:] if sent.method == "sendMessage")


async def cross(client: ProgramClient, price_usd: float) -> None:
    """A price of this moment, and a look at it."""
    client.now += timedelta(minutes=5)
    client.program.poller.history.add(Reading("btc.price", price_usd, client.now, "test", client.now))
    await client.program.poll()


async def kept(client: ProgramClient, chat: int = ADA) -> list[str]:
    """The words of the watches a chat keeps."""
    return [each.text for each in await client.store.read(lambda db: watches.of_chat(db, Address(chat)))]


async def save(client: ProgramClient, line: str) -> Sent:
    """Ask for a watch and tap Save; gives the message as it is then."""
    return await client.press_for_message(await client.ask(line), "Save")


async def test_a_watch_shows_its_past_and_value_and_is_saved_by_a_tap(
    client: ProgramClient,
) -> None:
    offered = await client.ask("/watch price below 15000")
    assert "<code>price below 15,000 USD</code>" in offered.text
    assert "In the last five years this would have told you <b>" in offered.text
    assert "has to fall" in offered.text
    assert labels(offered) == ["Save", "Cancel"]
    assert await kept(client) == []
    taken = await client.press_for_message(offered, "Save")
    assert taken.message_id == offered.message_id
    assert "Saved. /watches lists what you have." in taken.text
    assert labels(taken) == ["⏸ pause", "🗑 delete"]
    assert await kept(client) == ["price below 15,000 USD"]


async def test_days_to_the_halving_have_to_fall_by_days(client: ProgramClient) -> None:
    offered = await client.ask("/watch halving below 30 days")
    assert re.search(r"now \d+ days, has to fall \d+ days", offered.text)


async def test_what_was_cancelled_is_not_saved(client: ProgramClient) -> None:
    offered = await client.ask("/watch price below 15000")
    assert "Not saved" in (await client.press_for_message(offered, "Cancel")).text
    assert "This offer is over; send the line again." in await client.press(offered, "Save")
    assert await kept(client) == []


async def test_two_taps_save_once_and_the_second_does_no_harm(client: ProgramClient) -> None:
    offered = await client.ask("/watch price crosses ma2")
    quieter = next(label for label in labels(offered) if label.startswith("Quieter: for "))
    assert await client.press(offered, "Save") == "Saved."
    for label in ("Save", quieter, "Cancel"):
        assert await client.press(offered, label) == "You have this one already."
    assert await kept(client) == ["price crosses ma2"]


async def test_the_same_watch_twice_is_kept_once(client: ProgramClient) -> None:
    await save(client, "/watch price below 15000")
    again = await client.ask("/watch btc < 15k")
    assert await client.press(again, "Save") == "You have this one already."
    assert await kept(client) == ["price below 15,000 USD"]


async def test_a_second_line_leaves_the_first_offer_open(client: ProgramClient) -> None:
    first = await client.ask("/watch price below 15000")
    second = await client.ask("/watch price below 14000")
    await client.press_for_message(second, "Save")
    await client.press_for_message(first, "Save")
    assert await kept(client) == ["price below 15,000 USD", "price below 14,000 USD"]


async def test_of_very_many_offers_the_oldest_are_over(client: ProgramClient) -> None:
    first = await client.ask("/watch price below 15000")
    for level in range(100, 120):
        await client.ask(f"/watch price below {level}")
    assert "send the line again" in await client.press(first, "Save")


async def test_an_offer_outlasts_a_restart_and_tells_from_where_the_figure_was(tmp_path: Path) -> None:
    async with running_program(tmp_path) as client:
        offered = await client.ask("/watch price below 15000")
        data = offered.buttons[0]["callback_data"]
    async with running_program(tmp_path) as client:
        assert await client.press_data(await client.ask("/watches"), data) == "Saved."
        assert "👁 <code>price below 15,000 USD</code>" in (await tell(client, 14_900.0)).text


async def test_an_offer_is_over_after_a_week(client: ProgramClient) -> None:
    offered = await client.ask("/watch price below 15000")
    later = client.now + watches.OFFERED_FOR
    assert await client.store.write(lambda db: watches.sweep(db, later, 10)) == 0
    later += timedelta(seconds=1)
    assert await client.store.write(lambda db: watches.sweep(db, later, 10)) == 1
    assert "This offer is over" in await client.press(offered, "Save")
    assert await client.store.read(watches.last_seen) == {}


async def test_an_offer_is_saved_only_while_there_is_room(client: ProgramClient) -> None:
    first, second = [await client.ask(f"/watch price below {level}") for level in (15_000, 14_000)]
    await fill(client, 49)
    await client.press_for_message(first, "Save")
    assert "as many watches as I keep" in await client.press(second, "Save")
    listed = await client.ask("/watches")
    await client.press_for_message(listed, "🗑 1 delete")
    assert await client.press(second, "Save") == "Saved."


async def test_an_offer_tells_nothing_before_it_is_saved(client: ProgramClient) -> None:
    await client.ask("/watch price below 15000")
    before = len(client.api.sent)
    await cross(client, 14_900.0)
    await client.delivered()
    assert client.api.sent[before:] == []


async def test_a_crossed_level_is_told_with_value_source_and_age(
    client: ProgramClient,
) -> None:
    await save(client, "/watch price below 15000")
    message = await tell(client, 14_900.0)
    assert message.chat_id == ADA
    assert "👁 <code>price below 15,000 USD</code>" in message.text
    assert "<b>14,900 USD</b>" in message.text
    assert "Source: test, less than a minute old" in message.text


@pytest.mark.both_engines
async def test_the_buttons_under_a_watch_pause_and_delete_it_in_place(
    client: ProgramClient,
) -> None:
    await save(client, "/watch price below 15000")
    message = await tell(client, 14_900.0)
    assert labels(message)[:3] == ["⏸ pause", "🗑 delete", "Why?"]
    paused = await client.press_for_message(message, "⏸ pause")
    assert paused.message_id == message.message_id
    assert labels(paused)[:3] == ["▶ go on", "🗑 delete", "Why?"]
    (stored,) = await client.store.read(lambda db: watches.of_chat(db, Address(ADA)))
    assert stored.switch == "paused"
    going = await client.press_for_message(paused, "▶ go on")
    assert labels(going)[:3] == labels(message)[:3]
    left = await client.press_for_message(going, "🗑 delete")
    assert labels(left) == labels(message)[3:]
    assert await client.press(going, "⏸ pause") == "This watch is gone."
    assert await kept(client) == []


async def test_why_says_what_a_watch_looks_at_and_when_it_would_have_told(client: ProgramClient) -> None:
    await save(client, "/watch price below 15000")
    why = await client.press_for_message(await tell(client, 14_900.0), "Why?")
    assert "Tells at ≤ 15,000 USD; ready again at ≥ 15,150 USD" in why.text
    assert "Source: test, less than a minute old" in why.text
    assert "Last 30 days: <code>" in why.text
    assert "In the last five years this would" in why.text


async def test_many_watches_at_once_are_one_message_with_a_way_to_the_list(
    client: ProgramClient,
) -> None:
    for level in range(14_100, 14_600, 100):
        await save(client, f"/watch price below {level}")
    message = await tell(client, 14_000.0)
    assert message.text.count("👁") == 5
    listed = await client.press_for_message(message, "My watches (5)")
    assert "<b>Your watches</b> (5)" in listed.text


@pytest.mark.both_engines
async def test_what_a_poll_fires_goes_out_as_one_message_alert_first(client: ProgramClient) -> None:
    """On 11 July 2022 the hashrate is a tenth down; two watches of the same chat tell with it."""
    await client.ask("/subscribe")
    await save(client, "/watch price below 20000")
    await save(client, "/watch hashrate drops 12% in 30d")
    for _ in range(7):
        before = len(client.api.sent)
        await client.pass_time(timedelta(days=1))
        await client.delivered()
    (result,) = client.api.sent[before:]
    alert, _, below = result.text.partition("\n\n")
    assert "<b>The hashrate fell 14 % in 30 days</b>" in alert
    assert "👁 1. <code>price below 20,000 USD</code>" in below
    assert "👁 2. <code>hashrate drops 12 % in 30d</code>" in below
    assert labels(result)[:3] == ["Acknowledge", "Chart", "Why?"]
    assert "⏸ 2 pause" in labels(result)
    assert labels(result)[-1] == "1 week"


async def test_the_list_shows_value_and_distance_and_can_pause_and_delete(
    client: ProgramClient,
) -> None:
    await save(client, "/watch price below 15000")
    await save(client, "/watch drawdown > 80%")
    listed = await client.ask("/watches")
    assert "<b>Your watches</b> (2)" in listed.text
    assert "has to fall" in listed.text
    assert labels(listed) == ["⏸ 1 pause", "🗑 1 delete", "⏸ 2 pause", "🗑 2 delete"]
    paused = await client.press_for_message(listed, "⏸ 1 pause")
    assert "⏸ paused" in paused.text
    assert "▶ 1 go on" in labels(paused)
    going = await client.press_for_message(paused, "▶ 1 go on")
    assert "⏸ paused" not in going.text
    left = await client.press_for_message(going, "🗑 1 delete")
    assert "(1)" in left.text
    assert "drawdown above 80 %" in left.text


async def test_a_noisy_watch_is_offered_quieter(client: ProgramClient) -> None:
    offered = await client.ask("/watch price crosses ma2")
    assert "more than once a month" in offered.text
    quieter = next(label for label in labels(offered) if label.startswith("Quieter: for "))
    taken = await client.press_for_message(offered, quieter)
    assert "price crosses ma2 for" in taken.text
    (words,) = await kept(client)
    assert words.startswith("price crosses ma2 for ")


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("prise belw 60k", "/watch price below 60,000 USD"),
        ("price below cheap", "is no number"),
        ("power XX above 100", "I know no power zone"),
        ("drawdown > 155%", "between 0 and 100"),
        ("<b>x</b> > 3", "“&lt;b”"),
    ],
)
async def test_a_wrong_line_gets_one_sentence_and_the_nearest_right_one(
    client: ProgramClient, line: str, text: str
) -> None:
    answer = await client.ask(f"/watch {line}")
    assert text in answer.text
    assert "For example: <code>/watch " in answer.text


async def test_without_a_line_it_shows_how(client: ProgramClient) -> None:
    assert "<code>/watch price below 60000</code>" in (await client.ask("/watch")).text
    assert "Watches of your own" in (await client.ask("/watches")).text


async def test_a_chat_has_no_more_watches_than_the_operator_allows(client: ProgramClient) -> None:
    await fill(client, 50)
    listed = await client.ask("/watches")
    assert "(50)" in listed.text
    assert len(labels(listed)) == 21
    turned = await client.press_for_message(listed, "▶")
    assert labels(turned)[0] == "⏸ 11 pause"
    assert "as many as I keep" in (await client.ask("/watch price below 900")).text


async def test_in_a_group_only_admins_make_watches(client: ProgramClient) -> None:
    client.api.strangers.add(8)
    refused = await client.ask("/watch price below 15000", GROUP, user=8)
    assert "Only this chat's admins" in refused.text


async def test_in_a_group_an_offer_is_saved_by_an_admin_only(client: ProgramClient) -> None:
    offered = await client.ask("/watch price below 15000", GROUP)
    client.api.strangers.add(8)
    assert "Only this chat's admins" in await client.press(offered, "Save", user=8)
    assert await client.press(offered, "Save") == "Saved."


async def test_in_a_channel_a_post_makes_a_watch_and_readers_change_nothing(
    client: ProgramClient,
) -> None:
    client.api.channels.add(CHANNEL)
    offered = await client.ask("/watch price below 15000", CHANNEL)
    client.api.strangers.add(8)
    assert "Only this chat's admins" in await client.press(offered, "Save", user=8)
    assert await client.press(offered, "Save") == "Saved."
    message = await tell(client, 14_900.0)
    assert message.chat_id == CHANNEL
    assert not message.buttons
    assert "Only this chat's admins" in await client.press_data(message, "w2:why:1:0", user=8)
    assert await kept(client, CHANNEL) == ["price below 15,000 USD"]


async def test_buttons_of_older_versions_and_of_others_are_answered(client: ProgramClient) -> None:
    answer = await save(client, "/watch price below 15000")
    assert "older version" in await client.press_data(answer, "w1:what:1")
    assert "older version" in await client.press_data(answer, "w1:pause:x")
    assert "gone" in await client.press_data(answer, "w1:pause:999:0")
    assert "older version" in await client.press_data(answer, "w2:what:1:0")
    assert "gone" in await client.press_data(answer, "w2:why:999:0")
    assert "gone already" in await client.press_data(answer, "w2:drop:999:0")
