"""Bugs put back on purpose: each must be found within 500 histories.

`python -m tests.simulation.seeded_bugs [NAME …]` prints the seed that finds each.
"""

import argparse
import asyncio
import fcntl
import multiprocessing
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any, Final
from unittest.mock import patch

import bot.delivery.relay as relay_module
from bot.app.program import Program
from bot.delivery import retry_policy
from bot.delivery.destinations import destination_transport, signature
from bot.delivery.destinations.destination_transport import DestinationTransport
from bot.delivery.outcomes import Delivered, Gone, Moved, Rejected, Retry, RetryCause, Uncertain
from bot.delivery.pacer import Pacer
from bot.delivery.relay import Relay
from bot.delivery.retry_policy import Disposition
from bot.delivery.sender import Sender
from bot.ops.scheduler import Scheduler
from bot.pipeline.poller import Poller
from bot.signals.series import Confidence
from bot.sources import consensus
from bot.sources.consensus import Verdict
from bot.telegram import request as request_module
from bot.telegram.conflict import ConflictPolicy
from bot.telegram.update_inbox import UpdateInbox
from storage import outbox
from storage.chats import digests, received_updates, watch_evaluation, watches
from storage.errors import StorageError
from storage.outbox import ArrivedParts, Lane, MessageContent, SendResult, clock_jump, sent_messages
from tests.simulation import sources
from tests.simulation.__main__ import check

MOST_SEEDS: Final = 500

_disposition = retry_policy.disposition


def _patched(change: Callable[..., Disposition | None]) -> AbstractContextManager[object]:
    """Let `change` decide first what follows from an outcome; None leaves it to the policy."""

    def disposition(message: Any, sent_to: Any, outcome: Any, arrived: Any, now: Any) -> Disposition:
        changed = change(message, outcome, now)
        return changed if changed is not None else _disposition(message, sent_to, outcome, arrived, now)

    return patch.object(relay_module, "disposition", disposition)


def what_is_over_stays_as_it_was() -> AbstractContextManager[object]:
    """Messages of incidents that go on or end are not edited."""
    return patch.object(sent_messages, "mark_changed", lambda *_: None)


@contextmanager
def rendering_shared_by_number() -> Iterator[None]:
    """S1: messages with as many subjects share one rendering."""

    def key(content: MessageContent) -> tuple[object, ...]:
        sign = (content.alert_group > 0) - (content.alert_group < 0)
        return (sign, len(content.subjects), content.repeat, content.severity)

    with (
        patch.object(MessageContent, "__eq__", lambda self, other: key(self) == key(other)),
        patch.object(MessageContent, "__hash__", lambda self: hash(key(self))),
    ):
        yield


@contextmanager
def any_429_stops_everything() -> Iterator[None]:
    """S2: one chat's limit pauses the whole bot for as long as Telegram asks."""

    def flooded(self: Any, _chat: object, seconds: float) -> None:
        self.floods += 1
        self._paused_until = max(self._paused_until, self._time() + seconds)

    with patch.object(Pacer, "flooded", flooded):
        yield


@contextmanager
def eight_server_errors_are_a_dead_letter() -> Iterator[None]:
    """S4: a message is given up after eight answers of 5xx."""

    def change(message: Any, outcome: Any, now: Any) -> Disposition | None:
        if isinstance(outcome, Retry) and outcome.cause is RetryCause.SERVER and message.attempts >= 7:
            return Disposition(SendResult(message.ids, "dead", now, outcome.why), "dead")
        return None

    with _patched(change):
        yield


@contextmanager
def a_proxy_page_is_telegrams_word() -> Iterator[None]:
    """S5: a page with status 403 unsubscribes, one with 401 stops the bot."""
    checked = request_module._checked

    def believing(status: int, body: bytes, **named: bool) -> tuple[int, bytes]:
        if body.startswith(b"<") and status in (400, 401, 403, 404):
            return status, request_module._as_refusal("Forbidden")
        return checked(status, body, **named)

    with patch.object(request_module, "_checked", believing):
        yield


@contextmanager
def an_empty_rest_is_never_settled() -> Iterator[None]:
    """S6: a message whose parts have all arrived ends without a result, and nobody looks for lost leases."""
    conclude = Relay._conclude

    def forgetful(self: Any, message: Any, attempt: Any) -> None:
        if not (isinstance(attempt.outcome, Delivered) and attempt.arrived.count):
            conclude(self, message, attempt)

    async def blind(_self: object, _now: object) -> None:
        return

    with patch.object(Relay, "_conclude", forgetful), patch.object(Relay, "_check_leases", blind):
        yield


@contextmanager
def parts_are_skipped_whatever_the_text() -> Iterator[None]:
    """S6: as many parts are left out as arrived of another text."""

    def remaining(self: Any, message: Any) -> tuple[Sequence[object], ArrivedParts]:
        requests = self._requests(message, message.content)
        return requests[message.arrived.count :], message.arrived

    with ExitStack() as patches:
        patches.enter_context(patch.object(Sender, "_remaining", remaining))
        yield


@contextmanager
def jobs_wait_for_the_old_clock() -> Iterator[None]:
    """S7: after the clock was set back, jobs wait until it has caught up."""
    with (
        patch.object(Scheduler, "rebase", lambda _self: None),
        patch.object(Scheduler, "check", lambda _self: None),
    ):
        yield


@contextmanager
def jobs_are_planned_by_a_glitch() -> Iterator[None]:
    """A job that ran while the clock was ahead for half a second runs again a day later."""
    with patch.object(Scheduler, "check", lambda _self: None):
        yield


@contextmanager
def a_glitch_expires_messages() -> Iterator[None]:
    """S7: messages expire although the clock has just jumped."""
    claim = outbox.claim

    def at_once(db: Any, now: Any, limit: int, **named: Any) -> Any:
        return claim(db, now, limit, **{**named, "may_expire": True})

    with patch.object(outbox, "claim", at_once):
        yield


@contextmanager
def stamps_of_a_wrong_clock_stay() -> Iterator[None]:
    """What was queued while the clock was set back expires when it is right again."""
    with patch.object(clock_jump, "_move_along", lambda *_: 0):
        yield


@contextmanager
def a_clock_that_was_ahead_dates_the_newest_price() -> Iterator[None]:
    """What was read by a clock that was ahead counts as the newest until its time has come."""

    async def keep(_self: object, _now: object) -> None:
        return

    with patch.object(Poller, "_forget_ahead", keep):
        yield


@contextmanager
def stopping_waits_for_answers() -> Iterator[None]:
    """S8: the end waits until every answer has been sent."""

    async def patiently(self: Any) -> None:
        await self._processor.wait_until_idle()

    async def without_limit(_seconds: float, _what: str, work: Any) -> None:
        await work

    with (
        patch.object(Program, "_stop_answering", patiently),
        patch.object(Program, "_within", staticmethod(without_limit)),
    ):
        yield


@contextmanager
def a_repeat_is_not_marked() -> Iterator[None]:
    """What a killed program may have sent goes again without a mark."""

    def recover(db: Any, now: Any, lane: Lane) -> Any:
        again = db.execute(
            f"UPDATE outbox SET state = 'pending', next_try_at = ? WHERE state = 'leased' AND {lane}",
            [now.isoformat()],
        ).rowcount
        return outbox.RecoveredRows(again, 0)

    with patch.object(outbox, "recover", recover):
        yield


@contextmanager
def a_crash_counts_as_sent() -> Iterator[None]:
    """What a killed program may have sent counts as sent, a critical alert too."""

    def recover(db: Any, now: Any, lane: Lane) -> Any:
        uncertain = db.execute(
            f"UPDATE outbox SET state = 'uncertain', settled_at = ? WHERE state = 'leased' AND {lane}",
            [now.isoformat()],
        ).rowcount
        return outbox.RecoveredRows(0, uncertain)

    with patch.object(outbox, "recover", recover):
        yield


@contextmanager
def results_are_lost_with_a_full_disk() -> Iterator[None]:
    """Results that couldn't be written are forgotten, and nobody looks for lost leases."""
    record_and_claim = Relay._record_and_claim

    async def careless(self: Any) -> Any:
        try:
            return await record_and_claim(self)
        except StorageError:
            self._results.clear()
            raise

    async def blind(_self: object, _now: object) -> None:
        return

    with patch.object(Relay, "_record_and_claim", careless), patch.object(Relay, "_check_leases", blind):
        yield


@contextmanager
def a_moved_group_is_gone() -> Iterator[None]:
    """A group that became a supergroup is unsubscribed."""

    def change(message: Any, outcome: Any, now: Any) -> Disposition | None:
        if isinstance(outcome, Moved):
            return _disposition(message, message, Gone(outcome.why), ArrivedParts(), now)
        return None

    with _patched(change):
        yield


@contextmanager
def missing_rights_are_a_refusal() -> Iterator[None]:
    """A chat that takes no messages for a while loses what it was to be told."""

    def change(message: Any, outcome: Any, now: Any) -> Disposition | None:
        if isinstance(outcome, Retry) and outcome.cause is RetryCause.RIGHTS:
            return _disposition(message, message, Rejected(outcome.why), ArrivedParts(), now)
        return None

    with _patched(change):
        yield


@contextmanager
def a_lost_answer_counts_as_sent() -> Iterator[None]:
    """A critical alert without an answer is not sent again."""

    def change(message: Any, outcome: Any, now: Any) -> Disposition | None:
        if isinstance(outcome, Uncertain):
            return Disposition(SendResult(message.ids, "uncertain", now, outcome.why), "uncertain")
        return None

    with _patched(change):
        yield


@contextmanager
def a_mute_swallows_messages() -> Iterator[None]:
    """What is put off during a mute is called sent."""
    claim = outbox.claim

    def swallowing(db: Any, now: Any, limit: int, **named: Any) -> Any:
        messages = claim(db, now, limit, **named)
        for message in messages:
            if message.content.alert_group == 0 and len(message.ids) > 1:
                outbox.record(db, [SendResult(message.ids[1:], "sent", now, message_id=1)])
        return [m._replace(ids=m.ids[:1]) if m.content.alert_group == 0 else m for m in messages]

    with patch.object(outbox, "claim", swallowing):
        yield


@contextmanager
def delivery_sleeps_through_news() -> Iterator[None]:
    """The relay looks into the outbox every ten minutes only."""

    async def sleep(_self: object, _seconds: float) -> bool:
        await asyncio.sleep(timedelta(minutes=10).total_seconds())
        return True

    with patch.object(Relay, "_sleep", sleep):
        yield


@contextmanager
def the_first_provider_is_believed() -> Iterator[None]:
    """S3: what the first provider says is taken, whatever the others say."""

    def decide(candidates: Any, *_: object, **__: object) -> Verdict:
        return Verdict((replace(candidates[0].newest, confidence=Confidence.CONFIRMED),))

    with patch.object(sources, "decide", decide):
        yield


@contextmanager
def one_word_is_enough() -> Iterator[None]:
    """S3: a value that one provider gives counts as confirmed."""
    decide = consensus.decide

    def credulous(*arguments: Any, **named: Any) -> Verdict:
        verdict = decide(*arguments, **named)
        believed = tuple(replace(each, confidence=Confidence.CONFIRMED) for each in verdict.readings)
        return replace(verdict, readings=believed)

    with patch.object(sources, "decide", credulous):
        yield


@contextmanager
def contradictions_settle_nothing_for_good() -> Iterator[None]:
    """A series that was contested once is not believed any more."""
    contested: list[bool] = []
    decide = consensus.decide

    def sulking(candidates: Any, *arguments: Any, **named: Any) -> Verdict:
        verdict = decide(candidates, *arguments, **named)
        if verdict.rejected:
            contested.append(True)
        return Verdict((), unsettled=verdict.unsettled) if contested else verdict

    with patch.object(sources, "decide", sulking):
        yield


@contextmanager
def any_answer_of_a_webhook_is_good() -> Iterator[None]:
    """An event counts as arrived whatever its receiver answers."""
    with patch.object(destination_transport, "outcome_of", lambda *_: Delivered(None)):
        yield


@contextmanager
def every_try_has_an_id_of_its_own() -> Iterator[None]:
    """A receiver can't tell a repeat from news."""
    headers = signature.headers
    numbers = count()

    def numbered(secrets: Any, _id: str, at: Any, body: bytes) -> Any:
        return headers(secrets, f"msg_{next(numbers)}", at, body)

    with patch.object(signature, "headers", numbered):
        yield


@contextmanager
def a_webhook_without_an_answer_has_it() -> Iterator[None]:
    """An event whose connection broke counts as arrived."""
    post = DestinationTransport._post

    async def trusting(self: Any, destination: Any, body: bytes) -> Any:
        outcome = await post(self, destination, body)
        is_cut = isinstance(outcome, Retry) and outcome.why.startswith("no usable answer")
        return Delivered(None) if is_cut else outcome

    with patch.object(DestinationTransport, "_post", trusting):
        yield


@contextmanager
def a_digest_comes_with_every_tick() -> Iterator[None]:
    """The next digest isn't planned when one was queued."""
    scheduled = digests.scheduled

    def unchanged(db: Any, settings: Any, now: Any) -> Any:
        return settings if settings.digest_next is not None else scheduled(db, settings, now)

    with patch.object(digests, "scheduled", unchanged):
        yield


@contextmanager
def a_digest_that_is_late_is_left_out() -> Iterator[None]:
    """A digest whose minute has passed is planned for the next day."""
    queue_due = digests.queue_due

    def in_time(db: Any, now: Any, words: Any) -> int:
        db.execute(
            "UPDATE chat_settings SET digest_next = ? WHERE digest_next < ?",
            [(now + timedelta(days=1)).isoformat(), (now - timedelta(minutes=1)).isoformat()],
        )
        return queue_due(db, now, words)

    with patch.object(digests, "queue_due", in_time):
        yield


@contextmanager
def a_fleets_notice_goes_to_everybody() -> Iterator[None]:
    """What one owner is to be told of his machines is queued for every chat."""
    enqueue = outbox.enqueue_notice

    def for_all(db: Any, notice: int, now: Any, **_: object) -> int:
        return enqueue(db, notice, now)

    with patch.object(outbox, "enqueue_notice", for_all):
        yield


@contextmanager
def everybody_reads_of_the_first_watch() -> Iterator[None]:
    """Watches that tell by the same figures share one text, whenever their messages are claimed."""
    fired_bodies = watches.fired_bodies
    first: dict[int, Any] = {}  # outside the claim: most of them claim a single message

    def shared(db: Any, keys: Any) -> Any:
        bodies = fired_bodies(db, keys)
        return {key: first.setdefault(key[0], body) for key, body in bodies.items()}

    with patch.object(watches, "fired_bodies", shared):
        yield


@contextmanager
def a_watch_is_looked_at_once() -> Iterator[None]:
    """Watches are evaluated by the first figures only."""
    evaluate = watch_evaluation.evaluate
    seen: list[int] = []

    def once(db: Any, figures: Any, now: Any, alert_group: Any = None) -> int:
        seen.append(1)
        return evaluate(db, figures if len(seen) == 1 else (), now, alert_group)

    with patch.object(watch_evaluation, "evaluate", once):
        yield


@contextmanager
def a_database_can_be_opened_twice() -> Iterator[None]:
    """S13: nothing keeps a second program from the database."""
    with patch.object(fcntl, "flock", lambda *_: None):
        yield


@contextmanager
def both_programs_give_up() -> Iterator[None]:
    """Of two programs with one token, whoever is cut off ends."""
    with patch.object(ConflictPolicy, "on_conflict", lambda *_: None):
        yield


@contextmanager
def neither_program_gives_up() -> Iterator[None]:
    """Of two programs with one token, whoever is cut off asks again."""
    with patch.object(ConflictPolicy, "on_conflict", lambda *_: 1.0):
        yield


@contextmanager
def a_posted_update_is_lost() -> Iterator[None]:
    """Every other update is accepted from Telegram and forgotten."""
    receive = UpdateInbox.receive

    async def forgetful(self: Any, raw: Any) -> None:
        if raw["update_id"] % 2:
            await receive(self, raw)

    with patch.object(UpdateInbox, "receive", forgetful):
        yield


@contextmanager
def a_repeated_update_is_answered_again() -> Iterator[None]:
    """An update that Telegram posts a second time counts as another."""
    keep = received_updates.keep

    def forgetting(db: Any, updates: Any, now: Any) -> None:
        db.executemany(
            "DELETE FROM received_updates WHERE update_id = ? AND raw IS NULL",
            [(update.update_id,) for update in updates],
        )
        keep(db, updates, now)

    with patch.object(received_updates, "keep", forgetting):
        yield


BUGS: Final = {
    bug.__name__: bug
    for bug in (
        rendering_shared_by_number,
        any_429_stops_everything,
        eight_server_errors_are_a_dead_letter,
        a_proxy_page_is_telegrams_word,
        an_empty_rest_is_never_settled,
        parts_are_skipped_whatever_the_text,
        jobs_wait_for_the_old_clock,
        jobs_are_planned_by_a_glitch,
        a_glitch_expires_messages,
        stamps_of_a_wrong_clock_stay,
        a_clock_that_was_ahead_dates_the_newest_price,
        stopping_waits_for_answers,
        a_repeat_is_not_marked,
        a_crash_counts_as_sent,
        results_are_lost_with_a_full_disk,
        a_moved_group_is_gone,
        missing_rights_are_a_refusal,
        a_lost_answer_counts_as_sent,
        a_mute_swallows_messages,
        what_is_over_stays_as_it_was,
        delivery_sleeps_through_news,
        the_first_provider_is_believed,
        one_word_is_enough,
        contradictions_settle_nothing_for_good,
        any_answer_of_a_webhook_is_good,
        every_try_has_an_id_of_its_own,
        a_webhook_without_an_answer_has_it,
        a_digest_comes_with_every_tick,
        a_digest_that_is_late_is_left_out,
        a_fleets_notice_goes_to_everybody,
        everybody_reads_of_the_first_watch,
        a_watch_is_looked_at_once,
        a_database_can_be_opened_twice,
        both_programs_give_up,
        neither_program_gives_up,
        a_posted_update_is_lost,
        a_repeated_update_is_answered_again,
    )
}


def _check_with(task: tuple[str, int]) -> tuple[int, list[str]]:
    name, seed = task
    with BUGS[name]():
        return seed, check(seed)


def find(name: str, jobs: int, most: int = MOST_SEEDS) -> tuple[int, str] | None:
    """Return the first seed that finds a bug, with the violation; None when none does."""
    with multiprocessing.get_context("fork").Pool(jobs, maxtasksperchild=40) as pool:
        for seed, wrong in pool.imap(_check_with, ((name, seed) for seed in range(most))):
            if wrong:
                return seed, wrong[0]
    return None


def report(names: Iterable[str], find: Callable[[str], tuple[int, str] | None], most: int) -> int:
    """Print what finds each bug within `most` histories; the status is 1 when one escapes."""
    escaped = 0
    for name in names:
        found = find(name)
        escaped += found is None
        said = f"not found in {most} histories" if found is None else f"found by seed {found[0]}: {found[1]}"
        sys.stdout.write(f"{name}: {said[:160]}\n")
        sys.stdout.flush()
    return 1 if escaped else 0


def main() -> int:
    """Look for every bug; the status is 1 when one escapes."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.seeded_bugs", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BUGS))
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    given = parser.parse_args()
    return report(given.names or BUGS, lambda name: find(name, given.jobs or 1), MOST_SEEDS)


if __name__ == "__main__":
    sys.exit(main())
