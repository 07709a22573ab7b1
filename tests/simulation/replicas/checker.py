"""What must hold of every history of several replicas, beside what must hold of any."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from itertools import pairwise

from tests.simulation import checker
from tests.simulation.bot_api import ChatCondition, Fault
from tests.simulation.checker import OWN_PRICE, cents
from tests.simulation.replicas.cluster import ReplicaHistory
from tests.simulation.replicas.plan import POLL_S, SETTLE_S

TAKEOVER_S = 10.0
_LOOK_S = 1.0  # between two looks at the lease, and what a message takes
_POLL_TAKES_S = 3.0
_DUE_S = 40.0
_CROWD = 10
_NEVER_S = 1e9
_OK, _GONE = 200, 403
_APOLOGY = "Something went wrong"
_TOLD_S = 0.2  # until all know what one has sent
_MINUTE_S = 62.0  # for so long what was sent counts


def violations(history: ReplicaHistory) -> list[str]:
    """Return every violation of what must hold; an empty list is a good history."""
    return [
        *checker.violations(history.of_people),
        *_alerts_are_written_once(history),
        *_nothing_stale_is_written(history),
        *_somebody_leads(history),
        *_one_polls(history),
        *_the_pace_is_kept(history),
        *_everybody_has_a_row(history),
        *_what_is_due_was_sent(history),
        *_posted_questions_are_answered(history),
        *_answers_keep_their_order(history),
    ]


def _alerts_are_written_once(history: ReplicaHistory) -> Iterator[str]:
    """Of one change of a rule there is one alert, and one row for each address."""
    with closing(sqlite3.connect(history.of_people.path)) as db:
        kinds = db.execute(
            "SELECT rule, kind, at FROM alerts WHERE rule LIKE 'price%' ORDER BY id"
        ).fetchall()
        twice = db.execute(
            "SELECT chat_id, topic_id, alert_id, count(*) FROM outbox WHERE alert_id IS NOT NULL "
            "GROUP BY chat_id, topic_id, alert_id HAVING count(*) > 1"
        ).fetchall()
    newest: dict[str, tuple[str, str]] = {}
    for rule, kind, at in kinds:
        before = newest.get(rule)
        if before is not None and before[0] == kind and kind in ("fired", "cleared"):
            yield f"{rule} has {kind} at {before[1]} and again at {at}"
        newest[rule] = kind, at
    for chat, topic, alert, count in twice:
        yield f"chat {chat}/{topic} has {count} rows of alert {alert}"


def _nothing_stale_is_written(history: ReplicaHistory) -> Iterator[str]:
    """Who has lost the lead writes nothing more as a leader."""
    for write in history.writes:
        if write.epoch < write.newest_epoch:
            yield (
                f"{write.by} wrote at {write.at_s:.1f} s as leader {write.epoch} "
                f"when {write.newest_epoch} led"
            )


def _somebody_leads(history: ReplicaHistory) -> Iterator[str]:
    """While a replica has been well for the time of a takeover somebody leads."""
    without_s, epoch_before = None, 0
    for at_s, leader, epoch in history.led:
        if epoch != epoch_before or leader or not history.can_lead(at_s - TAKEOVER_S - _LOOK_S, at_s):
            without_s, epoch_before = None, epoch
        elif without_s is None:
            without_s = at_s
        elif at_s - without_s > TAKEOVER_S + _LOOK_S:
            yield f"nobody led from {without_s:.1f} s to {at_s:.1f} s"
            return


def _one_polls(history: ReplicaHistory) -> Iterator[str]:
    """Polls come in time, and while the lead doesn't change not more often."""
    looks_s = [look.at_s for look in history.of_people.looks]
    longest_s = POLL_S + TAKEOVER_S + _POLL_TAKES_S
    for before_s, after_s in pairwise([0.0, *looks_s, history.ended_s]):
        if after_s - before_s > longest_s and history.can_lead(before_s - TAKEOVER_S, after_s):
            yield f"no poll from {before_s:.0f} s to {after_s:.0f} s"
        is_calm = not history.of_people.disturbed(before_s, after_s) and before_s > TAKEOVER_S
        if is_calm and 0 < after_s - before_s < POLL_S / 2 and after_s < history.ended_s:
            yield f"polls at {before_s:.1f} s and {after_s:.1f} s"


def _the_pace_is_kept(history: ReplicaHistory) -> Iterator[str]:
    """Telegram refuses nobody for sending too fast, unless it does so whatever is sent.

    Two replicas may use a chat's next place at the same moment, since each learns of the other a moment
    later; and what was sent lately is not known when the server has crashed or can't be asked.
    """
    api = history.of_people.api
    for refusal in api.refusals:
        beside = any(
            each.chat_id == refusal.chat_id and 0 <= refusal.at_s - each.at_s < _TOLD_S
            for each in api.deliveries
        )
        if beside or history.cannot_tell(refusal.at_s - _MINUTE_S, refusal.at_s):
            continue
        slow = any(
            each.chat_id == refusal.chat_id and each.condition is ChatCondition.SLOW_MODE
            for each in api.chat_faults
        )
        flooded = any(each.fault in (Fault.FLOOD, Fault.LOSSY) for each in api.outages)
        if refusal.status == 429 and not slow and not flooded:
            yield f"429 for chat {refusal.chat_id} at {refusal.at_s:.2f} s"


def _everybody_has_a_row(history: ReplicaHistory) -> Iterator[str]:
    """Each subscriber of an alert has a row of it, whatever became of the replica that wrote it."""
    people = history.of_people
    with closing(sqlite3.connect(people.path)) as db:
        alerts = db.execute(
            "SELECT id, severity FROM alerts "
            "WHERE rule = 'price_drawdown.critical.intraday' AND kind = 'fired'"
        ).fetchall()
        rows = set(db.execute("SELECT chat_id, topic_id, alert_id FROM outbox").fetchall())
    gone = {each.chat_id for each in people.api.refusals if each.status == _GONE}
    for alert, severity in alerts:
        for chat, topic in people.plan.subscribers:
            numbers = (chat, people.api.migrations.get(chat, chat))
            topics = (topic, 0) if _lost_a_topic(history, chat) else (topic,)
            reached = {(number, place, alert) for number in numbers for place in topics}
            if chat not in gone and not reached & rows and not _asked_for_silence(history, chat):
                yield f"chat {chat}/{topic} has no row of alert {alert}, which is {severity}"


def _asked_for_silence(history: ReplicaHistory, chat: int) -> bool:
    return any(
        other == chat and text.startswith(("/mute", "/quiet")) for _, other, text in history.of_people.said
    )


def _what_is_due_was_sent(history: ReplicaHistory) -> Iterator[str]:
    """At the end, some time after everything is well again, nothing waits that is due."""
    people = history.of_people
    before = (people.ends_at - timedelta(seconds=_DUE_S)).isoformat()
    with closing(sqlite3.connect(people.path)) as db:
        late = db.execute(
            "SELECT id, chat_id, state, coalesce(error, '') FROM outbox WHERE state IN ('pending', 'leased') "
            "AND next_try_at < ? AND queued_at < ?",
            [before, before],
        ).fetchall()
    for row, chat, state, error in late:
        yield f"row {row} to {chat} is {state} and was due {_DUE_S:.0f} s before the end ({error})"


def _lost_a_topic(history: ReplicaHistory, chat: int) -> bool:
    """Whether a topic of a group was deleted, so that what was meant for it comes into the general one."""
    return any(
        each.chat_id == chat and each.condition is ChatCondition.TOPIC_DELETED
        for each in history.of_people.api.chat_faults
    )


def _posted_questions_are_answered(history: ReplicaHistory) -> Iterator[str]:
    """A question that Telegram posted is answered, whatever becomes of the replica that took it in.

    When the server was away while it was handled, the answer may be that something went wrong.
    """
    people = history.of_people
    if not people.plan.updates_by_webhook or people.api.outages:
        return
    for at_s, chat, text in people.said:
        faulty = chat in people.api.migrations or any(each.chat_id == chat for each in people.api.chat_faults)
        price = OWN_PRICE.search(text)
        crowd = sum(other == chat for _, other, _ in people.said)
        if price is None or faulty or crowd > _CROWD or at_s > history.ended_s - SETTLE_S:
            continue
        if not any(
            each.chat_id == chat
            and (cents(price[0]) in each.text or (each.at_s > at_s and _APOLOGY in each.text))
            for each in people.api.deliveries
        ):
            yield f"{text!r} of {chat} at {at_s:.1f} s was never answered"


def _answers_keep_their_order(history: ReplicaHistory) -> Iterator[str]:
    """Who asks again after Telegram was told that the first question is kept is answered in this order."""
    people = history.of_people
    kept_s: dict[int, float] = {}
    for posting in people.api.postings:
        if posting.status == _OK:
            kept_s.setdefault(posting.update_id, posting.at_s)
    answers_s: dict[tuple[int, str], float] = {}
    asked = [(number, *each) for number, each in enumerate(people.said, 1)]
    for number, _, chat, text in asked:
        price = OWN_PRICE.search(text)
        if price is not None and sum(text == other for *_, other in asked) == 1 and number in kept_s:
            answers = [
                each.at_s
                for each in people.api.deliveries
                if each.chat_id == chat and cents(price[0]) in each.text
            ]
            if answers:
                answers_s[chat, text] = answers[0]
    for first, _, chat, text in asked:
        for second, second_s, other, later in asked:
            if chat != other or first >= second or second_s < kept_s.get(first, second_s + 1):
                continue
            if answers_s.get((chat, later), _NEVER_S) < answers_s.get((chat, text), -1.0):
                yield f"chat {chat} was answered {later!r} before {text!r}"
