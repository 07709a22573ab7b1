"""/chart and its buttons."""

import pytest
from syrupy.assertion import SnapshotAssertion

from bot.charts.job import Drawing, DrawingError
from bot.charts.picture import Picture
from bot.charts.picture_cache import ChartCache, DrawingBusyError
from bot.i18n.translator import LocaleTranslator
from tests.handlers.program_client import BOB, CHANNEL, GROUP, ProgramClient


async def test_a_picture_and_its_buttons(client: ProgramClient, snapshot: SnapshotAssertion) -> None:
    sent = await client.ask("/chart")
    assert sent.method == "sendPhoto"
    assert sent.uploads["photo"].startswith(b"\x89PNG")
    assert sent.text == snapshot
    assert [(each["text"], each["callback_data"]) for each in sent.buttons] == snapshot


@pytest.mark.parametrize(
    ("words", "caption"),
    [
        ("hashrate 90d", "<b>Hashrate</b> · 90d"),
        ("10y energy", "<b>Energy DE-LU</b> · 10y"),
        ("de-lu", "<b>Energy DE-LU</b> · 1y"),
        ("price_drawdown, 6m", "<b>Drawdown</b> · 183d"),
        ("comisiones 2021", "<b>Fees</b> · 2021"),
        ("график сложности за год", "<b>Difficulty</b> · 1y"),
        ("s19 7c 90d", "<b>Profit s19 7c</b> · 90d"),
        ("stress index all", "<b>Stress index</b> · all"),
        ("btc.hashprice 4y dark", "<b>Hashprice</b> · 4y"),
        ("price since the last halving", "<b>Price</b> · 11 May 2020 – 4 Jul 2022"),
        ("Hashrate letzten Winter", "<b>Hashrate</b> · 1 Dec 2021 – 28 Feb 2022"),
        ("цена с 2020 по 2021", "<b>Price</b> · 1 Jan 2020 – 31 Dec 2021"),
        ("难度 2021年3月", "<b>Difficulty</b> · 1 Mar 2021 – 31 Mar 2021"),
    ],
)
async def test_series_and_span_in_any_order(client: ProgramClient, words: str, caption: str) -> None:
    assert (await client.ask(f"/chart {words}")).text.startswith(caption)


@pytest.mark.parametrize(
    ("words", "text", "example"),
    [
        ("<weather> 90d", "I have no chart of “&lt;weather&gt;”.", "/chart hashrate 90d"),
        ("price and hashrate", "One chart at a time: Price or Hashrate?", "/chart price"),
        ("fees 90d 2022", "One chart at a time: 90d or 2022?", "/chart 90d"),
        ("price 2d", "A chart shows 7 days or more.", "/chart price 7d"),
        ("profit", "Which machine&#x27;s profit?", "/chart s19 7c 1y"),
        ("price 2031", "in this span no bitcoin price is known", "/chart hashrate 90d"),
        ("DE-LU FR", "One chart at a time: DE-LU or FR?", "/chart DE-LU"),
        ("s91 90d", "did you mean", "/chart "),
        ("s19", "", ""),
    ],
)
async def test_what_cannot_be_drawn_is_said_in_a_sentence_with_an_example(
    client: ProgramClient, words: str, text: str, example: str
) -> None:
    sent = await client.ask(f"/chart {words}")
    assert text in sent.text
    assert example in sent.text
    assert sent.method == ("sendMessage" if text else "sendPhoto")


async def test_every_example_of_a_refusal_works(client: ProgramClient) -> None:
    for example in (
        "/chart hashrate 90d",
        "/chart price 7d",
        "/chart s19 7c 1y",
        "/chart 90d",
        "/chart DE-LU",
    ):
        assert (await client.ask(example)).method == "sendPhoto"


async def test_the_caption_says_what_the_headline_of_the_picture_says(client: ProgramClient) -> None:
    lines = (await client.ask("/chart drawdown")).text.splitlines()
    assert lines[0] == "<b>Drawdown</b> · 1y"
    assert "from the record" in lines[1]


async def test_a_zone_without_data_says_so(client: ProgramClient) -> None:
    refused = (await client.ask("/chart power.SE4")).text
    assert "There is nothing to draw: no day-ahead power, SE4 is known." in refused
    assert "/chart hashrate 90d" in refused


async def test_buttons_change_the_picture_in_place(client: ProgramClient) -> None:
    sent = await client.ask("/chart")
    changed = await client.press_for_message(sent, "90d")
    assert (changed.method, changed.message_id) == ("editMessageMedia", sent.message_id)
    assert "• 90d •" in [each["text"] for each in changed.buttons]
    darker = await client.press_for_message(changed, "Dark")
    assert "Light" in [each["text"] for each in darker.buttons]
    assert "90d" in darker.fields["media"]
    other = await client.press_for_message(darker, "Hashrate")
    assert "Hashrate" in other.fields["media"]


async def test_an_old_button_is_answered_kindly(client: ProgramClient) -> None:
    sent = await client.ask("/chart")
    for data in ("c1:weather:365:0:", "c1:price:365:0:XX", "c1:price", "c2:price:x:0:"):
        assert "older version" in await client.press_data(sent, data)


async def test_in_a_topic_and_in_a_channel(client: ProgramClient) -> None:
    assert (await client.ask("/chart", GROUP, topic=5)).topic_id == 5
    client.api.channels.add(CHANNEL)
    client.api.strangers.add(BOB)
    sent = await client.ask("/chart", CHANNEL)
    assert "Only this chat's admins" in await client.press(sent, "90d", user=BOB)


async def test_a_chart_from_a_button_is_dark_where_the_chat_wants_it(client: ProgramClient) -> None:
    settings = await client.ask("/settings")
    await client.press_for_message(
        settings, next(b["text"] for b in settings.buttons if "Charts" in b["text"])
    )
    chart = await client.press_for_message(await client.ask("/difficulty"), "Chart")
    assert chart.text.startswith("<b>Difficulty</b> · 1y")
    assert "Light" in [one["text"] for one in chart.buttons]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (DrawingBusyError(), "Many pictures are being drawn just now"),
        (DrawingError("the drawing process failed"), "The picture could not be drawn"),
    ],
)
@pytest.mark.parametrize("asked", ["/chart", "/share"])
async def test_a_picture_that_is_not_drawn_is_told(
    client: ProgramClient, monkeypatch: pytest.MonkeyPatch, error: DrawingError, said: str, asked: str
) -> None:
    async def drawing(_charts: ChartCache, _picture: Picture, _t: LocaleTranslator) -> Drawing:
        raise error

    monkeypatch.setattr(ChartCache, "drawing", drawing)
    assert said in (await client.ask(asked)).text
