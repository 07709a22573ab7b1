"""What follows from each outcome: only Telegram's own word about a message ends it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.delivery.outcomes import (
    Delivered,
    Gone,
    Halt,
    Moved,
    Outcome,
    Picture,
    Rejected,
    Retry,
    RetryCause,
    SendRequest,
    Uncertain,
)
from bot.delivery.retry_policy import Disposition, disposition
from storage.outbox import (
    ArrivedParts,
    MessageContent,
    MessageSubject,
    OutboxMessage,
    Priority,
    SendResult,
    SentMessage,
)

NOW = datetime(2022, 6, 18, 12, 0, tzinfo=UTC)
BEGUN = ArrivedParts.of(["first part"])
NOTHING = ArrivedParts()
REQUEST = SendRequest(-1, 7, "text")


def message(
    priority: Priority = Priority.WARNING,
    *,
    severity: str = "warning",
    attempts: int = 0,
    unconfirmed_sends: int = 0,
) -> OutboxMessage:
    subject = MessageSubject("fired", severity, NOW, "{}", "rule", "signal", -0.7)
    content = MessageContent((subject,), 1, "alert", severity, NOW, repeat=unconfirmed_sends > 0)
    return OutboxMessage(
        (4, 5),
        -1,
        7,
        priority,
        NOW + timedelta(hours=24),
        content,
        attempts=attempts,
        unconfirmed_sends=unconfirmed_sends,
    )


def judged(outcome: Outcome, of: OutboxMessage | None = None) -> Disposition:
    return disposition(of or message(), REQUEST, outcome, BEGUN, NOW)


def wait_s(judged: Disposition) -> float:
    assert judged.result.next_try_at is not None
    return (judged.result.next_try_at - NOW).total_seconds()


@pytest.mark.parametrize("priority", list(Priority))
@pytest.mark.parametrize("attempts", [0, 8, 100, 10_000])
def test_a_server_at_fault_never_ends_a_message(priority: Priority, attempts: int) -> None:
    result = judged(Retry(RetryCause.SERVER, "502"), message(priority, attempts=attempts)).result
    assert (result.state, result.attempts, result.error) == ("pending", attempts + 1, "502")
    assert result.arrived == BEGUN


def test_a_server_at_fault_is_tried_again_after_1_2_4_seconds_up_to_five_minutes() -> None:
    waits = [
        wait_s(judged(Retry(RetryCause.SERVER, ""), message(attempts=attempts))) for attempts in range(11)
    ]
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]


@pytest.mark.parametrize("cause", [RetryCause.RIGHTS, RetryCause.DEPARTURES])
def test_what_may_pass_is_tried_every_ten_minutes(cause: RetryCause) -> None:
    outcome = judged(Retry(cause, "no"))
    assert (outcome.result.state, outcome.counted, wait_s(outcome), outcome.change) == (
        "pending",
        "later",
        600,
        None,
    )


def test_telegrams_own_time_is_kept_and_counts_as_no_attempt() -> None:
    outcome = judged(Retry(RetryCause.FLOOD, "429", NOW + timedelta(seconds=9)), message(attempts=3))
    assert (wait_s(outcome), outcome.result.attempts, outcome.counted) == (9, 3, "later")
    assert wait_s(judged(Retry(RetryCause.OFFLINE, "no connection"))) == 1


def test_a_stop_leaves_the_message_as_it_was() -> None:
    outcome = judged(Retry(RetryCause.STOPPED, "stops"), message(attempts=3))
    assert (outcome.result.state, wait_s(outcome), outcome.result.attempts) == ("pending", 0, 3)
    assert (outcome.result.arrived, outcome.result.error, outcome.counted) == (BEGUN, None, "stopped")


def test_what_a_stop_interrupts_goes_again_as_a_possible_repeat() -> None:
    outcome = judged(Retry(RetryCause.INTERRUPTED, "stopped while sending"))
    assert (outcome.result.state, wait_s(outcome), outcome.counted) == ("pending", 0, "again")
    assert (outcome.result.unconfirmed_sends, outcome.result.arrived) == (1, BEGUN)


@pytest.mark.parametrize(("unconfirmed_sends", "counted"), [(0, "sent"), (1, "repeated")])
def test_sent_is_what_telegram_confirmed(unconfirmed_sends: int, counted: str) -> None:
    outcome = judged(Delivered(77), message(unconfirmed_sends=unconfirmed_sends))
    assert (outcome.result.state, outcome.result.message_id, outcome.counted) == ("sent", 77, counted)
    assert outcome.result.ids == (4, 5)


def test_what_begins_anew_since_it_reads_differently_stays_a_possible_repeat() -> None:
    begun = message()._replace(arrived=BEGUN)
    outcome = Retry(RetryCause.OFFLINE, "away", NOW)
    anew = disposition(begun, REQUEST, outcome, ArrivedParts(), NOW).result
    assert (anew.arrived, anew.unconfirmed_sends) == (ArrivedParts(), 1)
    assert disposition(begun, REQUEST, outcome, BEGUN, NOW).result.unconfirmed_sends == 0


@pytest.mark.parametrize("priority", [Priority.CRITICAL, Priority.DIGEST])  # the latter after a silence
def test_a_critical_message_in_doubt_goes_again_ever_more_slowly(priority: Priority) -> None:
    again = [
        judged(Uncertain("lost"), message(priority, severity="critical", unconfirmed_sends=sends))
        for sends in range(6)
    ]
    assert {(item.counted, item.result.state, item.result.error) for item in again} == {
        ("again", "pending", "lost")
    }
    assert [wait_s(item) for item in again] == [1, 60, 1_800, 7_200, 7_200, 7_200]
    assert [item.result.unconfirmed_sends for item in again] == [1, 2, 3, 4, 5, 6]
    assert again[0].result.arrived == BEGUN


@pytest.mark.parametrize("priority", [Priority.WARNING, Priority.INFO, Priority.DIGEST])
def test_any_other_message_in_doubt_counts_as_sent(priority: Priority) -> None:
    outcome = judged(Uncertain("lost"), message(priority))
    assert (outcome.result.state, outcome.counted, outcome.result.error) == ("uncertain", "uncertain", "lost")
    assert outcome.result.unconfirmed_sends == 1


def test_only_a_refusal_of_this_very_message_makes_a_dead_letter() -> None:
    outcome = judged(Rejected("bad", (REQUEST,)))
    assert (outcome.result.state, outcome.result.error, outcome.counted) == ("dead", "bad", "dead")
    assert (outcome.result.arrived, outcome.change) == (BEGUN, None)


def test_a_chat_that_is_gone_is_deactivated() -> None:
    outcome = judged(Gone("blocked"))
    assert (outcome.result.state, outcome.result.error, outcome.counted) == ("cancelled", "blocked", "gone")
    assert outcome.change is not None
    assert outcome.change.keywords == {"chat_id": -1, "reason": "blocked"}


@pytest.mark.parametrize(
    ("moved", "old", "new"),
    [
        (Moved(-100, None, "migrated"), (-1, None), (-100, None)),
        (Moved(-1, 0, "topic gone"), (-1, 7), (-1, 0)),
    ],
)
def test_a_move_takes_everything_along_and_sends_all_of_the_message_there(
    moved: Moved, old: tuple[int, int | None], new: tuple[int, int | None]
) -> None:
    outcome = judged(moved)
    assert (outcome.result.state, wait_s(outcome), outcome.counted) == ("pending", 0, "moved")
    assert outcome.result.arrived == ArrivedParts()
    assert outcome.change is not None
    assert outcome.change.keywords == {"old": old, "new": new}


def test_a_halt_keeps_the_message() -> None:
    outcome = judged(Halt("token"))
    assert (outcome.result.state, wait_s(outcome), outcome.counted) == ("pending", 0, "halted")
    assert outcome.result.arrived == BEGUN


def _at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


_LATER = SendResult((4, 5), "pending", NOW, "why", next_try_at=NOW, attempts=3, arrived=BEGUN)


@pytest.mark.parametrize(
    ("outcome", "severity", "counted", "result"),
    [
        (Delivered(77), "warning", "repeated", SendResult((4, 5), "sent", NOW, message_id=77)),
        (Retry(RetryCause.STOPPED, "why"), "warning", "stopped", _LATER._replace(error=None)),
        (Retry(RetryCause.INTERRUPTED, "why"), "warning", "again", _LATER._replace(unconfirmed_sends=3)),
        (Retry(RetryCause.FLOOD, "why", _at(9)), "warning", "later", _LATER._replace(next_try_at=_at(9))),
        (Retry(RetryCause.WAITS, "why", _at(9)), "warning", "later", _LATER._replace(next_try_at=_at(9))),
        (Retry(RetryCause.FLOOD, "why"), "warning", "later", _LATER._replace(next_try_at=_at(1))),
        (Retry(RetryCause.OFFLINE, "why"), "warning", "later", _LATER._replace(next_try_at=_at(1))),
        (Retry(RetryCause.RIGHTS, "why"), "warning", "later", _LATER._replace(next_try_at=_at(600))),
        (Retry(RetryCause.DEPARTURES, "why"), "warning", "later", _LATER._replace(next_try_at=_at(600))),
        (
            Retry(RetryCause.SERVER, "why"),
            "warning",
            "later",
            _LATER._replace(next_try_at=_at(8), attempts=4),
        ),
        (
            Retry(RetryCause.DESTINATION, "why", _at(60)),
            "warning",
            "later",
            _LATER._replace(next_try_at=_at(60), attempts=4),
        ),
        (Moved(-100, 0, "why"), "warning", "moved", _LATER._replace(arrived=ArrivedParts())),
        (Gone("why"), "warning", "gone", SendResult((4, 5), "cancelled", NOW, "why")),
        (Rejected("why"), "warning", "dead", SendResult((4, 5), "dead", NOW, "why", arrived=BEGUN)),
        (
            Uncertain("why"),
            "critical",
            "again",
            _LATER._replace(next_try_at=_at(1800), unconfirmed_sends=3),
        ),
        (
            Uncertain("why"),
            "warning",
            "uncertain",
            SendResult((4, 5), "uncertain", NOW, "why", unconfirmed_sends=3),
        ),
        (Halt("why"), "warning", "halted", _LATER),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_recorded_of_each_outcome(
    outcome: Outcome, severity: str, counted: str, result: SendResult
) -> None:
    outcome_of = judged(outcome, message(severity=severity, attempts=3, unconfirmed_sends=2))
    assert outcome_of._replace(change=None) == Disposition(result, counted)
    assert (outcome_of.change is not None) == isinstance(outcome, Moved | Gone)


def _alert(number: int) -> MessageSubject:
    return MessageSubject("fired", "warning", NOW, "{}", "rule", "signal", -0.7, number)


_WATCH = MessageSubject("watch", "warning", _at(5), "of a watch")
_SENT = SentMessage(-1, 7, 77, 9, (11, 12), frozenset({11}), (4, 5))


def _kept(
    *subjects: MessageSubject,
    alert_group: int = 9,
    request: SendRequest = REQUEST,
    arrived: ArrivedParts = NOTHING,
    message_id: int | None = 77,
) -> SentMessage | None:
    """What is remembered of a message with these subjects that was delivered."""
    content = MessageContent(subjects, alert_group, "alert", "warning", NOW)
    sent = message()._replace(content=content, continued=frozenset({12}))
    return disposition(sent, request, Delivered(message_id), arrived, NOW).result.sent


def test_of_a_message_that_told_alerts_it_is_kept_what_its_edits_need() -> None:
    both = (_alert(11), _alert(12))
    assert _kept(*both) == _SENT
    assert _kept(*both, _WATCH) == _SENT._replace(watches=((_at(5), "of a watch"),))
    assert _kept(*both, request=replace(REQUEST, picture=Picture("p"))) == _SENT._replace(has_picture=True)


def test_what_a_single_edit_could_not_bring_up_to_date_is_kept_but_not_edited() -> None:
    fixed = _SENT._replace(is_editable=False)
    both = (_alert(11), _alert(12))
    assert _kept(*both, arrived=BEGUN) == fixed
    assert _kept(*both, request=replace(REQUEST, html=False)) == fixed
    assert _kept(*both, alert_group=0) == fixed._replace(alert_group=0)


def test_nothing_is_kept_of_what_told_no_alert_or_has_no_number() -> None:
    assert _kept(_WATCH) is None
    assert _kept(_alert(11), message_id=None) is None
