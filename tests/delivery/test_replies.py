"""Replies through python-telegram-bot: in order, first in line, and undisturbed by a 429."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import pytest
from telegram import Update
from telegram.error import BadRequest, Forbidden
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    ContextTypes,
    MessageHandler,
    filters,
)

from bot.delivery.pacer import Pacer, reply_rank
from bot.telegram import rate_limiter
from bot.telegram.error_outcomes import ReplyDroppedError, is_passing
from bot.telegram.rate_limiter import MAX_WAITING, Moved, PacedRateLimiter
from bot.telegram.request import AiohttpRequest, UnansweredError
from bot.telegram.update_processor import ChatOrderedProcessor
from storage.outbox import Priority
from tests.delivery.fake_clock import run
from tests.fakes import telegram as fake
from tests.fakes.telegram import FakeTelegram

T = TypeVar("T")
Context = ContextTypes.DEFAULT_TYPE
App = Application[Any, Any, Any, Any, Any, Any]


async def echo(update: Update, context: Context) -> None:
    assert update.effective_message is not None
    await update.effective_message.reply_text(update.effective_message.text or "")


@asynccontextmanager
async def application(
    api: FakeTelegram, pacer: Pacer, *, concurrent: int = 64, moved: Moved | None = None
) -> AsyncIterator[App]:
    """A bot that repeats what it is told, polling the fake server."""
    app = (
        ApplicationBuilder()
        .token(api.token)
        .base_url(f"{api.url}/bot")
        .request(AiohttpRequest(read_timeout=2))
        .get_updates_request(AiohttpRequest(1, read_timeout=2))
        .rate_limiter(PacedRateLimiter(pacer, moved))
        .concurrent_updates(ChatOrderedProcessor(concurrent))
        .build()
    )
    app.add_handler(MessageHandler(filters.TEXT, echo))
    async with app:
        await app.start()
        assert app.updater is not None
        await app.updater.start_polling(timeout=2)
        try:
            yield app
        finally:
            await app.updater.stop()
            await app.stop()


async def test_a_chat_is_answered_in_the_order_it_asked_and_many_chats_at_once() -> None:
    async with FakeTelegram(latency_s=0.02) as api, application(api, Pacer(float("inf"))):
        for number in range(3):
            for chat in range(1, 41):
                api.say(chat, str(number))
        await api.until_sent(120)
    assert all(api.texts(chat) == ["0", "1", "2"] for chat in range(1, 41))


async def test_a_chat_that_floods_the_bot_delays_nobody_else() -> None:
    release = asyncio.Event()
    calls = []

    async def slow(update: Update, context: Context) -> None:
        calls.append(update.update_id)
        await release.wait()

    async with FakeTelegram() as api, application(api, Pacer(float("inf")), concurrent=2) as app:
        app.add_handler(MessageHandler(filters.Chat(1), slow), group=-1)
        for number in range(50):
            api.say(1, str(number))
        api.say(2, "hello")
        await api.until(lambda: api.texts(2) == ["hello"])
        app.handlers[0].clear()
        release.set()
        await api.until(lambda: len(calls) == 50)
    assert calls == sorted(calls)


async def test_updates_left_in_line_are_processed_before_the_bot_stops() -> None:
    async with FakeTelegram() as api:
        async with application(api, Pacer(float("inf"))) as app:
            for number in range(3):
                api.say(1, str(number))
            await api.until_sent(1)
            del app
        assert api.texts(1) == ["0", "1", "2"]


async def test_a_reply_goes_before_deliveries_that_wait() -> None:
    pacer = Pacer(30)

    async def deliver(chat: int) -> None:
        async with pacer.slot(chat, Priority.CRITICAL):
            await asyncio.sleep(0)

    async with FakeTelegram() as api, application(api, pacer):
        waiting = [asyncio.create_task(deliver(chat)) for chat in range(100, 400)]
        api.say(1, "hello")
        await api.until_sent(1)
        still_waiting = sum(not task.done() for task in waiting)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    assert still_waiting > 250


async def test_a_reply_refused_by_429_is_sent_when_allowed() -> None:
    pacer = Pacer(30)
    async with FakeTelegram() as api, application(api, pacer):
        api.script(1, fake.flood(1))
        api.say(1, "hello")
        await api.until_sent(1)
    assert (api.texts(1), pacer.floods) == (["hello"], 1)


async def test_answering_a_button_press_never_waits() -> None:
    pacer = Pacer(30)

    async def pressed(update: Update, context: Context) -> None:
        assert update.callback_query is not None
        await update.callback_query.answer("done")

    async with FakeTelegram() as api, application(api, pacer) as app:
        app.add_handler(CallbackQueryHandler(pressed))
        for chat in (7, 8, 9):
            pacer.flooded(chat, 60)
        api.press(1, 1, "v1:why:3")
        await api.until(lambda: api.calls["answerCallbackQuery"] == 1)


async def test_an_update_of_no_chat_is_processed_all_the_same() -> None:
    done = []

    async def work() -> None:
        done.append(1)

    processor = ChatOrderedProcessor(4)
    async with processor:
        await processor.process_update("not an update", work())
        await processor.process_update(Update(1), work())
    assert done == [1, 1]


async def test_a_fault_of_a_gateway_is_tried_through_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limiter, "RETRY_S", 0.0)
    failures = []

    async def note(_update: object, context: Context) -> None:
        failures.append(context.error)

    async with FakeTelegram() as api, application(api, Pacer(float("inf"))) as app:
        app.add_error_handler(note)
        api.script(1, fake.BAD_GATEWAY)
        api.script(2, *[fake.BAD_GATEWAY] * 2)
        api.say(2, "hello")
        api.say(1, "hello")
        await api.until(lambda: bool(failures) and len(api.sent) == 1)
    assert api.texts(1) == ["hello"]
    assert [failure is not None and is_passing(failure) for failure in failures] == [True]


async def test_an_answer_that_never_came_is_not_given_twice() -> None:
    failures = []

    async def note(_update: object, context: Context) -> None:
        failures.append(context.error)

    async with FakeTelegram() as api, application(api, Pacer(float("inf"))) as app:
        app.add_error_handler(note)
        api.script(1, fake.Reset(after=True))
        api.say(1, "hello")
        await api.until(lambda: bool(failures))
    assert api.texts(1) == ["hello"]
    assert [failure is not None and is_passing(failure) for failure in failures] == [True]


@pytest.mark.parametrize("refusal", [fake.TOPIC_CLOSED, fake.TOPIC_DELETED])
async def test_where_a_topic_is_closed_or_gone_the_general_topic_is_answered(refusal: fake.Refuse) -> None:
    moves = []

    async def moved(old: tuple[int, int | None], new: tuple[int, int | None]) -> None:
        moves.append((old, new))

    async with FakeTelegram() as api, application(api, Pacer(float("inf")), moved=moved):
        api.script(-1, refusal)
        api.say(-1, "hello", topic_id=7)
        await api.until_sent(1)
    assert [(sent.text, sent.topic_id) for sent in api.sent] == [("hello", 0)]
    assert moves == ([((-1, 7), (-1, 0))] if refusal is fake.TOPIC_DELETED else [])


async def test_a_chat_that_moved_is_answered_at_its_new_address() -> None:
    moves = []

    async def moved(old: tuple[int, int | None], new: tuple[int, int | None]) -> None:
        moves.append((old, new))

    async with FakeTelegram() as api, application(api, Pacer(float("inf")), moved=moved):
        api.standing[-1] = fake.migrated(-1001)
        api.say(-1, "hello")
        await api.until_sent(1)
    assert api.texts(-1001) == ["hello"]
    assert moves == [((-1, None), (-1001, None))]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (BadRequest("Not enough rights to send text messages to the chat"), True),
        (BadRequest("Topic_closed"), True),
        (BadRequest("Can't parse entities"), False),
        (BadRequest("Message text is empty"), False),
        (Forbidden("bot was kicked"), True),
        (UnansweredError("no answer"), True),
        (KeyError("value"), False),
    ],
)
def test_what_passes_is_no_error_of_the_program(error: Exception, expected: bool) -> None:
    assert is_passing(error) is expected


def _limited(story: Callable[[PacedRateLimiter, Pacer], Coroutine[Any, Any, T]]) -> T:
    async def play() -> T:
        pacer = Pacer(30)
        return await story(PacedRateLimiter(pacer), pacer)

    return run(play())


async def _reply(limiter: PacedRateLimiter, chat: int) -> str:
    async def call() -> str:
        return "sent"

    try:
        answer: str = await limiter.process_request(call, (), {}, "sendMessage", {"chat_id": chat}, None)
    except ReplyDroppedError as error:
        return str(error)
    return answer


def test_the_line_of_a_chat_is_bounded_and_others_are_not_held_up() -> None:
    async def story(limiter: PacedRateLimiter, pacer: Pacer) -> tuple[list[str], str, str]:
        pacer.flooded(5, 10)
        line = [asyncio.create_task(_reply(limiter, 5)) for _ in range(200)]
        await asyncio.sleep(1)
        other = await _reply(limiter, 6)
        answers = await asyncio.gather(*line)
        return answers, other, await _reply(limiter, 5)

    answers, other, afterwards = _limited(story)
    assert (answers.count("sent"), other, afterwards) == (MAX_WAITING, "sent", "sent")
    assert answers[:MAX_WAITING] == ["sent"] * MAX_WAITING  # the newest are dropped


def test_whoever_asks_for_little_is_answered_before_those_who_ask_for_much() -> None:
    async def story(limiter: PacedRateLimiter, _: Pacer) -> float:
        reply_rank.set(5.0)
        storm = [asyncio.create_task(_reply(limiter, chat)) for chat in range(1, 301)]
        await asyncio.sleep(1)
        reply_rank.set(1.0)
        asked = asyncio.get_running_loop().time()
        await _reply(limiter, 1_000)
        waited = asyncio.get_running_loop().time() - asked
        assert await asyncio.gather(*storm) == ["sent"] * 300
        return waited

    assert _limited(story) < 0.1


def test_a_reply_that_is_a_minute_late_is_dropped() -> None:
    async def story(limiter: PacedRateLimiter, pacer: Pacer) -> tuple[str, float]:
        pacer.flooded(-1, 3000)
        return await _reply(limiter, -1), asyncio.get_running_loop().time()

    answer, waited = _limited(story)
    assert answer == "no slot within 60 s"
    assert 60 <= waited < 61
