"""Alerts with pictures: one upload for everybody, and text whenever the picture fails."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest

from bot.delivery.alert_pictures import MAX_BYTES, MAX_UPLOADS, MAX_WAIT_S, Draw, Pictures
from bot.delivery.outcomes import (
    Delivered,
    Gone,
    Outcome,
    OutgoingMessage,
    Picture,
    Rejected,
    Retry,
    RetryCause,
    SendRequest,
    Uncertain,
)
from storage.database import Store
from storage.errors import StorageError
from storage.outbox import MessageContent, MessageSubject, uploaded_pictures
from tests.delivery.fake_clock import run
from tests.delivery.simulation import START, Line, MemoryStore, Simulation, simulation
from tests.fakes.engines import new_database

CHATS = 20


def render(content: MessageContent, _now: object) -> OutgoingMessage:
    marks = "again: " if content.repeat else ""
    return OutgoingMessage(f"{marks}text", caption="caption" if content.picture else None)


class Artist:
    """Draws after `seconds`, or raises."""

    def __init__(self, seconds: float = 0.2, error: Exception | None = None) -> None:
        self.seconds = seconds
        self.error = error
        self.drawn = 0

    async def __call__(self, _content: MessageContent) -> bytes | None:
        self.drawn += 1
        await asyncio.sleep(self.seconds)
        if self.error is not None:
            raise self.error
        return b"a picture"


def tell(
    line: Line, draw: Draw, story: Callable[[Simulation], None] | None = None, chats: int = CHATS
) -> list[SendRequest]:
    """One alert to some chats; gives what arrived."""

    async def play() -> list[SendRequest]:
        async with simulation(line, render=render, draw=draw) as here:
            here.chats(*range(1, chats + 1))
            if story is not None:
                story(here)
            here.alert(1, "critical")
            await here.settled()
            return [request for _, request in line.arrived]

    return run(play())


def uploads(line: Line) -> int:
    return sum(bool(request.picture and request.picture.png) for _, request in line.requests)


def reached(arrived: list[SendRequest]) -> list[int]:
    return sorted(request.chat_id for request in arrived)


def test_a_picture_is_uploaded_once_and_everybody_gets_it() -> None:
    line, artist = Line(), Artist()
    arrived = tell(line, artist)
    assert reached(arrived) == list(range(1, CHATS + 1))
    assert {request.text for request in arrived} == {"caption"}
    assert (artist.drawn, uploads(line)) == (1, 1)
    assert len({request.picture.file_id for request in arrived if request.picture}) == 2  # one had none yet


def test_a_chat_that_wants_text_gets_text() -> None:
    def no_pictures(here: Simulation) -> None:
        here.store.db.execute(
            "INSERT INTO chat_settings (chat_id, topic_id, alert_pictures) VALUES (3, 0, 0)"
        )

    arrived = tell(Line(), Artist(), no_pictures)
    assert {request.chat_id for request in arrived if request.picture is None} == {3}


def test_after_a_restart_nothing_is_uploaded_again() -> None:
    artist = Artist()

    def uploaded(here: Simulation) -> None:
        here.store.db.execute("INSERT INTO uploaded_pictures VALUES ('1::light', 'file 1', '2026-03-01')")

    line = Line()
    arrived = tell(line, artist, uploaded)
    assert (artist.drawn, uploads(line)) == (0, 0)
    assert {request.picture.file_id for request in arrived if request.picture} == {"file 1"}


@pytest.mark.parametrize(
    "artist", [Artist(error=RuntimeError("no memory")), Artist(seconds=60)], ids=["fails", "is slow"]
)
def test_without_a_picture_in_time_text_goes_to_everybody(artist: Artist) -> None:
    line = Line()
    arrived = tell(line, artist)
    assert reached(arrived) == list(range(1, CHATS + 1))
    assert {request.text for request in arrived} == {"text"}
    assert line.times(1)[0] < MAX_WAIT_S + 0.1
    assert line.times(CHATS)[0] < MAX_WAIT_S + 0.1 + CHATS / 20


@pytest.mark.parametrize(
    "refusal",
    [
        Rejected("Bad Request: PHOTO_INVALID_DIMENSIONS"),
        Retry(RetryCause.RIGHTS, "not enough rights to send photos to the chat"),
        Retry(RetryCause.SERVER, "502"),
    ],
    ids=lambda refusal: type(refusal).__name__,
)
def test_where_the_upload_is_refused_text_goes_at_once(refusal: Outcome) -> None:
    line = Line(answer=lambda request, _now: refusal if request.picture else None)
    arrived = tell(line, Artist())
    assert reached(arrived) == list(range(1, CHATS + 1))
    assert {request.text for request in arrived} == {"text"}
    assert uploads(line) == MAX_UPLOADS


def test_a_chat_that_is_gone_does_not_take_the_picture_from_the_others() -> None:
    line = Line(answer=lambda request, _now: Gone("blocked") if request.chat_id == 1 else None)
    arrived = tell(line, Artist())
    assert reached(arrived) == list(range(2, CHATS + 1))
    assert {request.text for request in arrived} == {"caption"}


def test_a_file_id_that_telegram_forgot_is_not_tried_twice() -> None:
    def known(here: Simulation) -> None:
        here.store.db.execute("INSERT INTO uploaded_pictures VALUES ('1::light', 'old', '2026-03-01')")

    refusal = Rejected("Bad Request: wrong file identifier/HTTP URL specified")
    line = Line(answer=lambda request, _now: refusal if request.picture else None)
    arrived = tell(line, Artist(), known, chats=300)
    assert reached(arrived) == list(range(1, 301))
    assert {request.text for request in arrived} == {"text"}
    assert sum(request.picture is not None for _, request in line.requests) < 5


def test_a_critical_alert_whose_picture_was_not_answered_goes_again_as_text() -> None:
    answers = iter([Uncertain("no answer")])
    line = Line(answer=lambda _request, _now: next(answers, None))
    arrived = tell(line, Artist(), chats=1)
    assert [request.text for request in arrived] == ["again: text"]


SUBJECT = MessageSubject("fired", "critical", START, "{}")
CONTENT = MessageContent((SUBJECT,), 1, "alert", "critical", START, picture=True)
FORGOTTEN = Rejected("Bad Request: wrong FILE identifier/HTTP URL specified")


def pictures(artist: Draw) -> tuple[Pictures, MemoryStore]:
    store = MemoryStore(new_database())
    return Pictures(cast(Store, store), artist, lambda: START), store


def kept(store: MemoryStore) -> list[tuple[object, ...]]:
    return store.db.execute("SELECT name, file_id, uploaded_at FROM uploaded_pictures").fetchall()


def test_each_language_and_brightness_of_an_alert_has_a_picture_of_its_own() -> None:
    variants = [
        replace(CONTENT, language=language, dark=dark, alert_group=group)
        for language in (None, "de")
        for dark in (False, True)
        for group in (1, 2)
    ]

    async def story() -> None:
        artist = Artist(0.1)
        album, store = pictures(artist)
        for number, content in enumerate(variants, 1):
            picture = await album.picture(content)
            assert picture is not None
            assert (picture.png, picture.file_id) == (b"a picture", None)
            await album.settle(picture, Delivered(1, f"file {number}"))
        for number, content in enumerate(variants, 1):
            other_text = replace(content, repeat=True, currency="EUR")
            picture = await album.picture(other_text)
            assert picture is not None
            assert (picture.png, picture.file_id) == (b"", f"file {number}")
            assert (picture.name, picture.file_id, START.isoformat()) in kept(store)
        assert (artist.drawn, len(kept(store))) == (len(variants), len(variants))

    run(story())


def test_what_telegram_has_forgotten_is_not_kept_and_the_next_program_draws_it_anew() -> None:
    async def story() -> None:
        artist = Artist()
        album, store = pictures(artist)
        uploaded_pictures.save(store.db, "1::light", "old", START)
        uploaded_pictures.save(store.db, "2::light", "other", START)
        picture = await album.picture(CONTENT)
        assert picture == Picture("1::light", "old")
        await album.settle(picture, Rejected("chat not found"))
        assert await album.picture(CONTENT) == picture, "that was not about the picture"
        await album.settle(picture, FORGOTTEN)
        assert await album.picture(CONTENT) is None
        assert kept(store) == [("2::light", "other", START.isoformat())]
        again = await Pictures(cast(Store, store), artist, lambda: START).picture(CONTENT)
        assert again == Picture("1::light", png=b"a picture")

    run(story())


@pytest.mark.parametrize(("size", "fits"), [(MAX_BYTES, True), (MAX_BYTES + 1, False), (None, False)])
def test_a_picture_that_telegram_would_not_take_is_not_sent(size: int | None, fits: bool) -> None:
    async def draw(_content: MessageContent) -> bytes | None:
        return None if size is None else bytes(size)

    async def story() -> Picture | None:
        return await pictures(draw)[0].picture(CONTENT)

    assert (run(story()) is not None) == fits


def test_one_uploads_while_the_others_wait_and_a_failure_passes_the_turn_on() -> None:
    async def story() -> None:
        album, _ = pictures(Artist(0.1))
        first, *others = [asyncio.create_task(album.picture(CONTENT)) for _ in range(4)]
        await asyncio.sleep(0.5)
        assert (first.done(), [each.done() for each in others]) == (True, [False] * 3)
        for outcome in (Uncertain("no answer"), Gone("blocked")):
            picture = first.result()
            assert picture is not None
            assert picture.png
            await album.settle(picture, outcome)
            await asyncio.sleep(0.01)
            first, *others = others
            assert (first.done(), [each.done() for each in others]) == (True, [False] * len(others))
        last = first.result()
        assert last is not None
        await album.settle(last, Delivered(3, "file"))
        await asyncio.sleep(0.01)
        assert [each.result() for each in others] == [Picture("1::light", "file")]

    run(story())


def test_two_seconds_are_all_that_an_alert_waits_and_the_next_alert_has_its_own() -> None:
    async def story() -> None:
        now = asyncio.get_running_loop().time
        album, _ = pictures(Artist(60))
        for group in (1, 2):
            content = replace(CONTENT, alert_group=group)
            began = now()
            await asyncio.sleep(MAX_WAIT_S / 2 if group == 2 else 0)
            assert await album.picture(content) is None
            waited = now() - began - (MAX_WAIT_S / 2 if group == 2 else 0)
            assert waited == pytest.approx(MAX_WAIT_S, abs=0.01)
            assert await album.picture(replace(content, language="de")) is None
            assert now() - began - waited == pytest.approx(MAX_WAIT_S / 2 if group == 2 else 0, abs=0.01)
        await asyncio.sleep(120)  # let what is drawn come to an end

    run(story())


def test_after_three_failed_uploads_nobody_tries_and_whoever_waits_gets_text() -> None:
    async def story() -> None:
        album, _ = pictures(Artist(0))
        for _ in range(MAX_UPLOADS):
            picture = await album.picture(CONTENT)
            assert picture is not None
            await album.settle(picture, Retry(RetryCause.SERVER, "502"))
        assert [await album.picture(CONTENT) for _ in range(2)] == [None, None]
        unknown = Picture("of an alert long ago", "file")
        await album.settle(unknown, FORGOTTEN)

    run(story())


def test_a_full_disk_costs_the_file_id_and_not_the_message(caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        album, store = pictures(Artist(0))
        picture = await album.picture(CONTENT)
        assert picture is not None
        store.fails = True
        await album.settle(picture, Delivered(1, "file"))
        assert await album.picture(CONTENT) == Picture("1::light", "file")
        assert kept(store) == []

    run(story())
    assert "could not be kept: the disk is full" in caplog.text


def test_a_database_that_is_away_costs_an_upload_and_one_line(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        album, store = pictures(Artist(0))
        monkeypatch.setattr(store, "read", away)
        assert await album.picture(CONTENT) == Picture("1::light", png=b"a picture")

    async def away(_work: object) -> None:
        raise StorageError("the database can't be reached", "look at its server", passing=True)

    run(story())
    assert "a picture is uploaded anew: the database can't be reached" in caplog.text
    assert "Traceback" not in caplog.text


def test_a_picture_whose_figures_can_not_be_read_is_left_out_with_one_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def story() -> None:
        error = StorageError("the database can't be reached", "look at its server", passing=True)
        album, _ = pictures(Artist(0, error))
        assert await album.picture(CONTENT) is None

    run(story())
    assert "an alert goes without its picture: the database can't be reached" in caplog.text
    assert "Traceback" not in caplog.text


def test_only_the_pictures_of_the_latest_alerts_are_kept_in_memory() -> None:
    async def story() -> tuple[int, int]:
        artist = Artist(0)
        album, _ = pictures(artist)
        for group in (*range(1, 66), 2, 1):
            picture = await album.picture(replace(CONTENT, alert_group=group))
            assert picture is not None
            before = artist.drawn
            await album.settle(picture, Gone("blocked"))
        return before, artist.drawn

    assert run(story()) == (66, 66), "the second was still there, the first was drawn again"


@pytest.mark.parametrize("seconds", [3, 30])
def test_a_limit_of_its_chat_keeps_the_picture_for_later(seconds: int) -> None:
    answers = iter([Retry(RetryCause.FLOOD, "429", START + timedelta(seconds=seconds))])
    line = Line(answer=lambda _request, _now: next(answers, None))
    arrived = tell(line, Artist(), chats=1)
    assert [(request.text, request.picture is not None) for request in arrived] == [("caption", True)]
    assert seconds <= line.times(1)[-1] < seconds + 1.5
