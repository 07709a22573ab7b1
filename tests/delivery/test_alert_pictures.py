"""Alerts with pictures: one upload for everybody, and text whenever the picture fails."""

import asyncio
from collections.abc import Callable

import pytest

from bot.delivery.alert_pictures import MAX_UPLOADS, MAX_WAIT_S, Draw
from bot.delivery.outcomes import (
    Gone,
    Outcome,
    OutgoingMessage,
    Rejected,
    Retry,
    RetryCause,
    SendRequest,
    Uncertain,
)
from storage.outbox import MessageContent
from tests.delivery.fake_clock import run
from tests.delivery.simulation import Line, Simulation, simulation

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
