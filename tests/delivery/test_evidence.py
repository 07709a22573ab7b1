"""What is believed of Telegram's answers: a limit over all chats, an outage, chats that are gone."""

from itertools import pairwise

import pytest

from bot.delivery.chat_limits import GROUP_LIMIT, GROUP_S, GROUP_WINDOW_S, REPLY_BURST, STRICT_S, ChatLimits
from bot.delivery.departures import DOUBT_S, Departures
from bot.delivery.flood_evidence import MIN_CHATS, FloodEvidence
from bot.delivery.outage import Outage
from bot.delivery.outcomes import RetryCause


def test_three_chats_in_a_row_are_evidence_and_two_are_not() -> None:
    evidence = FloodEvidence()
    assert [evidence.flooded(chat, 600, 0.1 * chat) for chat in (1, 2, 3, 4)] == [False, False, True, True]
    assert MIN_CHATS == 3


def test_one_chat_is_never_evidence() -> None:
    evidence = FloodEvidence()
    assert not any(evidence.flooded(1, 1, 0.01 * number) for number in range(100))


def test_a_delivery_between_breaks_the_run() -> None:
    evidence = FloodEvidence()
    evidence.flooded(1, 600, 0.0)
    evidence.flooded(2, 600, 0.0)
    evidence.delivered(0.0)
    assert not evidence.flooded(3, 600, 0.0)
    assert not evidence.flooded(4, 600, 0.0)
    assert evidence.flooded(5, 600, 0.0)


@pytest.mark.parametrize(("gap_s", "is_run"), [(2.0, True), (2.01, False)])
def test_429s_more_than_two_seconds_apart_are_no_run(gap_s: float, is_run: bool) -> None:
    evidence = FloodEvidence()
    evidence.flooded(1, 600, 0.0)
    evidence.flooded(2, 600, gap_s)
    assert evidence.flooded(3, 600, 2 * gap_s) is is_run


@pytest.mark.parametrize(
    ("delivered", "seconds", "is_evidence"),
    [(27, 3, True), (28, 3, False), (27, 3.1, False), (0, 3, False)],
)
def test_short_429s_for_a_tenth_of_a_seconds_messages_are_evidence(
    delivered: int, seconds: float, is_evidence: bool
) -> None:
    """Deliveries come between, so it is no run; with none at all it would be one."""
    evidence = FloodEvidence()
    for chat in (1, 2):
        evidence.flooded(chat, seconds, 0.5)
        evidence.delivered(0.5)
    for _ in range(delivered - 2):
        evidence.delivered(0.5)
    assert evidence.flooded(3 if delivered else 1, seconds, 0.9) is is_evidence


def test_a_second_later_the_count_begins_anew() -> None:
    evidence = FloodEvidence()
    for chat in (1, 2):
        evidence.flooded(chat, 1, 0.0)
        evidence.delivered(0.0)
    evidence.delivered(1.5)
    assert not evidence.flooded(3, 1, 1.5)


def test_one_failed_connection_is_an_outage_with_growing_pauses() -> None:
    outage, now, pauses = Outage(), 0.0, []
    for _ in range(10):
        outage.failed(RetryCause.OFFLINE, now)
        outage.failed(RetryCause.OFFLINE, now)  # sent together with the first: counts as one
        pauses.append(outage.paused_for(now))
        now += pauses[-1]
        assert outage.paused_for(now) == 0
    assert pauses == [0.5, 1, 2, 4, 8, 16, 30, 30, 30, 30]


def test_a_server_at_fault_is_an_outage_after_five_answers() -> None:
    outage = Outage()
    pauses = []
    for _ in range(5):
        outage.failed(RetryCause.SERVER, 7.0)
        pauses.append(outage.paused_for(7.0))
    assert pauses == [0, 0, 0, 0, 0.5]
    outage.failed(RetryCause.SERVER, 7.5)
    assert outage.paused_for(7.5) == 1.0


def test_an_answer_ends_the_outage() -> None:
    outage = Outage()
    for _ in range(5):
        outage.failed(RetryCause.SERVER, 0.0)
    outage.failed(RetryCause.OFFLINE, 10.0)
    outage.ended()
    assert outage.paused_for(20.0) == 0
    outage.failed(RetryCause.SERVER, 20.0)
    assert outage.paused_for(20.0) == 0
    outage.failed(RetryCause.OFFLINE, 20.0)
    assert outage.paused_for(20.0) == 0.5


def _refused(departures: Departures, chats: range, now: float = 0.0) -> list[bool]:
    for chat in chats:
        departures.refused(chat, now)
    return [departures.is_doubtful(chat, now + 5) for chat in chats]


@pytest.mark.parametrize(("chats", "doubtful"), [(1, False), (2, False), (3, True), (30, True)])
def test_three_chats_that_refuse_at_once_are_doubted(chats: int, doubtful: bool) -> None:
    assert _refused(Departures(5.0), range(chats)) == [doubtful] * chats


@pytest.mark.parametrize(("delivered", "doubtful"), [(2, True), (3, False)])
def test_most_of_those_written_to_must_refuse(delivered: int, doubtful: bool) -> None:
    departures = Departures(5.0)
    departures.refused(0, 0.0)
    for chat in range(delivered):
        departures.delivered(100 + chat, 0.0)
    assert _refused(departures, range(3)) == [doubtful] * 3


def test_one_chat_that_refuses_often_is_one_chat() -> None:
    departures = Departures(5.0)
    for _ in range(10):
        departures.refused(1, 0.0)
    assert not departures.is_doubtful(1, 5.0)


def test_deliveries_long_before_say_nothing() -> None:
    departures = Departures(5.0)
    departures.refused(50, 0.0)
    for chat in range(100, 200):
        departures.delivered(chat, 0.0)
    departures.refused(51, 10.0)
    departures.refused(52, 10.0)
    assert not departures.is_doubtful(52, 10.0)
    departures.refused(53, 10.1)
    assert departures.is_doubtful(52, 10.1)


def test_refusals_long_before_do_not_count() -> None:
    departures = Departures(5.0)
    departures.refused(1, 0.0)
    departures.refused(2, 0.0)
    departures.refused(3, 10.1)
    assert not departures.is_doubtful(3, 10.1)


def test_a_chat_is_doubted_for_half_an_hour_and_anew_when_it_was_there_again() -> None:
    departures = Departures(5.0)

    def doubtful(now: float) -> bool:
        for chat in (1, 2, 3):
            departures.refused(chat, now)
        return departures.is_doubtful(1, now)

    assert [doubtful(at) for at in (0.0, DOUBT_S - 1, DOUBT_S)] == [True, True, False]
    assert doubtful(DOUBT_S + 10)  # believed once, then the count begins anew
    departures.delivered(1, DOUBT_S + 100)
    assert doubtful(2 * DOUBT_S + 20)


def test_a_private_chat_may_have_a_burst_and_then_one_a_second() -> None:
    limits = ChatLimits(is_group=False, gap_s=1.0)
    sent = []
    now = 0.0
    for _ in range(REPLY_BURST + 5):
        now = max(now, limits.reply_ready_at(now))
        limits.take(now)
        sent.append(now)
    assert sent == [*[0] * REPLY_BURST, 1, 2, 3, 4, 5]


def test_after_its_429_a_chat_waits_as_long_as_asked_and_gets_no_burst_for_a_while() -> None:
    limits = ChatLimits(is_group=False, gap_s=1.0)
    limits.block(0.0, 30)
    limits.block(0.0, 3)  # a shorter one takes nothing back
    assert limits.reply_ready_at(0.0) == 30
    limits.take(30.0)
    assert limits.reply_ready_at(30.0) == 31
    limits.take(STRICT_S)
    assert limits.reply_ready_at(STRICT_S) <= STRICT_S


def test_a_group_has_twenty_a_minute_and_longer_gaps_after_a_429() -> None:
    limits = ChatLimits(is_group=True, gap_s=1.0)
    for _ in range(GROUP_LIMIT):
        limits.take(0.0)
    assert limits.ready_at() == limits.reply_ready_at(0.0) == GROUP_WINDOW_S
    strict = ChatLimits(is_group=True, gap_s=1.0)
    strict.block(0.0, 0)
    strict.take(0.0)
    assert strict.ready_at() == GROUP_S


@pytest.mark.parametrize("has_answered_429", [False, True])
def test_a_crowd_that_asks_in_a_group_keeps_no_alert_away_for_long(has_answered_429: bool) -> None:
    limits = ChatLimits(is_group=True, gap_s=1.0)
    if has_answered_429:
        limits.block(0.0, 0)
    now, waits_s = 0.0, []
    while now < 300.0:  # somebody always waits for an answer
        now = max(now, limits.reply_ready_at(now))
        limits.take(now)
        waits_s.append((now, limits.ready_at() < limits.reply_ready_at(now)))
    free = [at for at, is_free in waits_s if is_free]
    assert free[0] < 58.0, "an alert fits in before the next answer"
    assert all(later - before < 61.0 for before, later in pairwise(free))


def test_a_chat_can_be_forgotten_when_nothing_of_it_matters_any_more() -> None:
    fresh = ChatLimits(is_group=False, gap_s=1.0)
    assert fresh.is_idle(0.0)
    fresh.take(0.0)
    assert [fresh.is_idle(at) for at in (1.0, 1.1)] == [False, True]
    fresh.block(0.0, 5)
    assert [fresh.is_idle(at) for at in (STRICT_S, STRICT_S + 0.1)] == [False, True]
    group = ChatLimits(is_group=True, gap_s=1.0)
    group.take(0.0)
    assert [group.is_idle(at) for at in (GROUP_WINDOW_S, GROUP_WINDOW_S + 0.1)] == [False, True]
    blocked = ChatLimits(is_group=False, gap_s=1.0)
    blocked.block(0.0, 3 * STRICT_S)
    assert not blocked.is_idle(2 * STRICT_S)
