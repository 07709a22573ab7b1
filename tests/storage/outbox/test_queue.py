"""Rows are made once, claimed once, settled as told; nothing is lost between."""

from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from bot.signals.rules import Severity
from storage import outbox
from storage.chats.chat_migration import move_address
from storage.database import Database
from storage.migrations import migrate
from storage.outbox import ArrivedParts, NoticeKind, OutboxMessage, Priority, SendResult
from storage.sqlite.file_engine import connect
from tests.fakes.engines import transaction

NOW = datetime(2022, 6, 18, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)


def chat(db: Database, chat_id: int, *, topic: int = 0, active: bool = True, **signals: int) -> None:
    """A chat and its subscriptions, each with its least severity (0 info, 1 warning, 2 critical)."""
    db.execute(
        "INSERT INTO chats (chat_id, topic_id, kind, active, created_at) VALUES (?, ?, 'private', ?, ?)",
        [chat_id, topic, active, NOW.isoformat()],
    )
    for signal, severity in signals.items():
        db.execute("INSERT INTO subscriptions VALUES (?, ?, ?, ?)", [chat_id, topic, signal, severity])


def alert(db: Database, bulletin: int, signal: str, severity: str = "warning") -> int:
    (id_,) = db.execute(
        "INSERT INTO alerts (bulletin, rule, signal, severity, kind, at, value, body) "
        "VALUES (?, ?, ?, ?, 'firing', ?, -0.7, '{}') RETURNING id",
        [bulletin, f"{signal}/{severity}/{bulletin}", signal, severity, NOW.isoformat()],
    ).fetchone()
    return int(id_)


def states(db: Database) -> dict[int, str]:
    return dict(db.execute("SELECT chat_id, state FROM outbox").fetchall())


def test_every_active_subscriber_whose_threshold_is_met_gets_a_row(db: Database) -> None:
    chat(db, 1, price=1)
    chat(db, 2, price=2)
    chat(db, 3, hashrate=0)
    chat(db, 4, active=False, price=0)
    chat(db, -5, topic=7, price=0)
    alert(db, 1, "price", "warning")
    assert outbox.enqueue(db, 1, NOW) == 2
    assert states(db) == {1: "pending", -5: "pending"}


def test_queueing_a_bulletin_again_adds_nothing(db: Database) -> None:
    chat(db, 1, price=0)
    alert(db, 1, "price")
    assert (outbox.enqueue(db, 1, NOW), outbox.enqueue(db, 1, LATER)) == (1, 0)


def test_alerts_of_one_bulletin_go_to_a_chat_as_one_parcel_as_urgent_as_the_gravest(db: Database) -> None:
    chat(db, 1, price=0, hashrate=0)
    chat(db, 2, hashrate=0)
    alert(db, 1, "hashrate", "warning")
    alert(db, 1, "price", "critical")
    outbox.enqueue(db, 1, NOW)
    messages = outbox.claim(db, NOW, 10)
    assert [(p.chat_id, p.content.severity, [s.signal for s in p.content.subjects]) for p in messages] == [
        (1, "critical", ["hashrate", "price"]),
        (2, "warning", ["hashrate"]),
    ]


def test_a_claim_never_cuts_a_parcel_in_two(db: Database) -> None:
    chat(db, 1, price=0, hashrate=0, energy=0)
    chat(db, 2, price=0)
    for signal in ("price", "hashrate", "energy"):
        alert(db, 1, signal)
    outbox.enqueue(db, 1, NOW)
    [message] = outbox.claim(db, NOW, 1)
    assert len(message.content.subjects) == 3
    assert [p.chat_id for p in outbox.claim(db, NOW, 10)] == [2]


def test_graver_rows_are_claimed_first_and_equals_by_due_time(db: Database) -> None:
    chat(db, 1, price=0)
    alert(db, 1, "price", "info")
    outbox.enqueue(db, 1, NOW)
    alert(db, 2, "price", "warning")
    outbox.enqueue(db, 2, LATER)
    alert(db, 3, "price", "warning")
    outbox.enqueue(db, 3, NOW)
    alert(db, 4, "price", "critical")
    outbox.enqueue(db, 4, LATER)
    assert [p.content.alert_group for p in outbox.claim(db, LATER, 10)] == [4, 3, 2, 1]


def test_a_row_is_claimed_once_and_not_before_it_is_due(db: Database) -> None:
    chat(db, 1, price=0)
    alert(db, 1, "price")
    outbox.enqueue(db, 1, LATER)
    assert outbox.claim(db, NOW, 10) == []
    assert outbox.next_due(db) == LATER
    assert len(outbox.claim(db, LATER, 10)) == 1
    assert outbox.claim(db, LATER, 10) == []
    assert outbox.next_due(db) is None


def test_what_expired_or_lost_its_chat_is_cancelled_not_sent(db: Database) -> None:
    chat(db, 1, price=0)
    chat(db, 2, price=0)
    alert(db, 1, "price")
    outbox.enqueue(db, 1, NOW, expire_after=timedelta(minutes=4))
    alert(db, 2, "price")
    outbox.enqueue(db, 2, NOW)
    db.execute("UPDATE chats SET active = false WHERE chat_id = 2")
    assert [(p.content.alert_group, p.chat_id) for p in outbox.claim(db, LATER, 10)] == [(2, 1)]
    assert db.execute("SELECT bulletin, chat_id, error FROM outbox WHERE state = 'cancelled'").fetchall() == [
        (1, 1, "expired"),
        (1, 2, "the chat is gone"),
        (2, 2, "the chat is gone"),
    ]


def test_a_settled_row_keeps_what_happened(db: Database) -> None:
    chat(db, 1, price=0)
    alert(db, 1, "price")
    outbox.enqueue(db, 1, NOW)
    [message] = outbox.claim(db, NOW, 10)
    outbox.record(db, [SendResult(message.ids, "sent", LATER, message_id=77)])
    row = db.execute("SELECT state, message_id, settled_at FROM outbox").fetchone()
    assert row == ("sent", 77, LATER.isoformat())


def test_a_row_put_back_comes_again_when_due_with_its_history(db: Database) -> None:
    chat(db, 1, price=0)
    alert(db, 1, "price")
    outbox.enqueue(db, 1, NOW)
    [message] = outbox.claim(db, NOW, 10)
    begun = ArrivedParts.of(["first part"])
    back = SendResult(
        message.ids,
        "pending",
        NOW,
        "why",
        next_try_at=LATER,
        attempts=2,
        unconfirmed_sends=1,
        arrived=begun,
    )
    outbox.record(db, [back])
    assert outbox.claim(db, NOW, 10) == []
    [again] = outbox.claim(db, LATER, 10)
    assert (again.attempts, again.unconfirmed_sends, again.content.repeat) == (2, 1, True)
    assert again.arrived == begun


def test_after_a_crash_what_was_in_flight_goes_again_as_a_possible_repeat(db: Database) -> None:
    chat(db, 1, price=0, hashrate=0)
    alert(db, 1, "price", "critical")
    outbox.enqueue(db, 1, NOW)
    alert(db, 2, "hashrate", "warning")
    outbox.enqueue(db, 2, NOW)
    outbox.claim(db, NOW, 10)
    result = outbox.recover(db, LATER)
    assert (result.again, result.uncertain) == (2, 0)
    messages = outbox.claim(db, LATER, 10)
    assert [(message.content.severity, message.content.repeat) for message in messages] == [
        ("critical", True),
        ("warning", True),
    ]


def test_a_crash_loop_does_not_repeat_a_message_for_ever(db: Database) -> None:
    chat(db, 1, price=0)
    alert(db, 1, "price", "warning")
    outbox.enqueue(db, 1, NOW)
    claimed = 0
    for _ in range(10):
        claimed += len(outbox.claim(db, NOW, 10))
        outbox.recover(db, NOW)
    assert claimed == 1 + outbox.MAX_UNCONFIRMED_SENDS
    assert states(db) == {1: "uncertain"}


def test_a_critical_alert_never_counts_as_sent_however_often_the_program_crashes_over_it(
    db: Database,
) -> None:
    chat(db, 1, price=0)
    alert(db, 1, "price", "critical")
    outbox.enqueue(db, 1, NOW)
    tries = []
    for minutes in range(0, 5 * 60, 10):
        now = NOW + timedelta(minutes=minutes)
        tries += [minutes for message in outbox.claim(db, now, 10)]
        outbox.recover(db, now)
    assert states(db) == {1: "pending"}
    assert tries == [0, 10, 20, 30, 150, 270], "at once three times, then rarely"
    [message] = outbox.claim(db, NOW + timedelta(hours=7), 10)
    assert message.content.repeat


def test_a_notice_reaches_every_active_chat_or_the_addresses_named_once(db: Database) -> None:
    chat(db, 1)
    chat(db, 2, active=False)
    everyone = outbox.add_notice(db, NoticeKind.BROADCAST, Severity.INFO, '{"text": "hello"}', NOW)
    assert outbox.enqueue_notice(db, everyone, NOW) == 1
    assert outbox.enqueue_notice(db, everyone, NOW) == 0
    some = outbox.add_notice(
        db, NoticeKind.HOLDINGS_FELL, Severity.WARNING, '{"text": "a source is down"}', NOW
    )
    assert outbox.enqueue_notice(db, some, NOW, to=[(8, 0), (9, 3), (9, 3)]) == 2
    messages = outbox.claim(db, NOW, 10)
    assert [(p.content.kind, p.chat_id, p.topic_id, p.content.subjects[0].body) for p in messages] == [
        ("holdings", 8, 0, '{"text": "a source is down"}'),
        ("holdings", 9, 3, '{"text": "a source is down"}'),
        ("broadcast", 1, 0, '{"text": "hello"}'),
    ]


def test_a_digest_may_wait_behind_everything_else(db: Database) -> None:
    chat(db, 1)
    digest = outbox.add_notice(db, NoticeKind.DIGEST, Severity.INFO, "{}", NOW)
    outbox.enqueue_notice(db, digest, NOW, priority=Priority.DIGEST)
    hello = outbox.add_notice(db, NoticeKind.BROADCAST, Severity.INFO, "{}", NOW)
    outbox.enqueue_notice(db, hello, NOW)
    assert [p.content.kind for p in outbox.claim(db, NOW, 10)] == ["broadcast", "digest"]


def test_old_settled_rows_are_pruned_and_waiting_ones_never(db: Database) -> None:
    for number in (1, 2):
        chat(db, number, price=0)
    alert(db, 1, "price")
    outbox.enqueue(db, 1, NOW)
    [message, *_] = outbox.claim(db, NOW, 1)
    outbox.record(db, [SendResult(message.ids, "sent", NOW)])
    assert outbox.prune(db, LATER) == 1
    assert states(db) == {2: "pending"}


def test_a_chat_that_becomes_a_supergroup_takes_everything_along(db: Database) -> None:
    chat(db, -1, price=1)
    chat(db, -1, topic=3, hashrate=2)
    alert(db, 1, "price", "critical")
    outbox.enqueue(db, 1, NOW)
    with transaction(db):
        move_address(db, (-1, None), (-1001, None))
    assert db.execute("SELECT chat_id, topic_id FROM chats ORDER BY topic_id").fetchall() == [
        (-1001, 0),
        (-1001, 3),
    ]
    assert db.execute("SELECT chat_id, signal FROM subscriptions ORDER BY signal").fetchall() == [
        (-1001, "hashrate"),
        (-1001, "price"),
    ]
    assert states(db) == {-1001: "pending"}


def test_a_chat_that_moves_where_it_is_known_already_is_told_once(db: Database) -> None:
    chat(db, -1, price=1)
    chat(db, -1001, price=2)
    alert(db, 1, "price", "critical")
    outbox.enqueue(db, 1, NOW)
    with transaction(db):
        move_address(db, (-1, None), (-1001, None))
    assert states(db) == {-1: "cancelled", -1001: "pending"}
    assert db.execute("SELECT chat_id, min_severity FROM subscriptions").fetchall() == [(-1001, 2)]
    homeless = (
        "SELECT 1 FROM subscriptions WHERE (chat_id, topic_id) NOT IN (SELECT chat_id, topic_id FROM chats)"
    )
    assert db.execute(homeless).fetchone() is None


def test_a_topic_that_is_gone_joins_the_general_one(db: Database) -> None:
    chat(db, -1, topic=3, price=1)
    alert(db, 1, "price", "critical")
    outbox.enqueue(db, 1, NOW)
    with transaction(db):
        move_address(db, (-1, 3), (-1, 0))
    assert db.execute("SELECT chat_id, topic_id FROM outbox").fetchall() == [(-1, 0)]


class OutboxMachine(RuleBasedStateMachine):
    """Queue, claim, settle and crash in any order: every row ends once, critical ones are never dropped."""

    messages: Bundle[OutboxMessage] = Bundle("messages")

    def __init__(self) -> None:
        super().__init__()
        self.db = connect(":memory:")
        migrate(self.db)
        for number in range(1, 6):
            chat(self.db, number, price=0, hashrate=0)
        self.bulletin = 0
        self.queued = 0
        self.held: set[int] = set()
        self.ended: dict[int, str] = {}

    def teardown(self) -> None:
        self.db.close()

    @rule(severity=st.sampled_from(["info", "warning", "critical"]), both=st.booleans())
    def queue(self, severity: str, both: bool) -> None:
        self.bulletin += 1
        alert(self.db, self.bulletin, "price", severity)
        if both:
            alert(self.db, self.bulletin, "hashrate", "warning")
        self.queued += outbox.enqueue(self.db, self.bulletin, NOW)

    @rule(limit=st.integers(1, 8))
    def claim(self, limit: int) -> None:
        for message in outbox.claim(self.db, NOW, limit):
            assert not self.held & set(message.ids)
            assert not self.ended.keys() & set(message.ids)
            self.held |= set(message.ids)

    @rule(state=st.sampled_from(["sent", "dead", "uncertain", "pending"]))
    def settle_all(self, state: outbox.FinalState) -> None:
        ids = tuple(self.held)
        outbox.record(self.db, [SendResult(ids, state, NOW, next_try_at=NOW if state == "pending" else None)])
        if state != "pending":
            self.ended |= dict.fromkeys(ids, state)
        self.held.clear()

    @rule()
    def crash(self) -> None:
        again = {
            row[0]
            for row in self.db.execute("SELECT id FROM outbox WHERE doubts < 3 OR severity = 'critical'")
        }
        outbox.recover(self.db, NOW)
        self.ended |= dict.fromkeys(self.held - again, "uncertain")
        self.held.clear()

    @invariant()
    def every_row_is_accounted_for(self) -> None:
        rows = dict(self.db.execute("SELECT id, state FROM outbox").fetchall())
        assert len(rows) == self.queued
        assert {key for key, state in rows.items() if state == "leased"} == self.held
        assert {key: state for key, state in rows.items() if state not in ("pending", "leased")} == self.ended


TestOutboxMachine = OutboxMachine.TestCase
TestOutboxMachine.settings = settings(max_examples=30, stateful_step_count=25, deadline=None)


def test_leases_that_nobody_works_on_go_back_as_possible_repeats(db: Database) -> None:
    for chat_id in (1, 2, 3):
        chat(db, chat_id, price=0)
    alert(db, 1, "price")
    outbox.enqueue(db, 1, NOW)
    first, second, third = outbox.claim(db, NOW, 10)
    outbox.record(db, [SendResult(third.ids, "sent", NOW)])
    assert outbox.return_lost_leases(db, set(first.ids), LATER) == 1
    rows = db.execute("SELECT id, state, doubts, next_try_at FROM outbox ORDER BY id").fetchall()
    assert [row[1:3] for row in rows] == [("leased", 0), ("pending", 1), ("sent", 0)]
    assert rows[1][3] == LATER.isoformat()
    assert outbox.return_lost_leases(db, set(first.ids), LATER) == 0
    assert [each.ids for each in outbox.claim(db, LATER, 10)] == [second.ids]


def test_nothing_expires_while_the_clock_is_not_to_be_trusted(db: Database) -> None:
    chat(db, 1, price=0)
    alert(db, 1, "price")
    outbox.enqueue(db, 1, NOW)
    far = NOW + timedelta(days=365)
    [message] = outbox.claim(db, far, 10, may_expire=False)
    outbox.record(db, [SendResult(message.ids, "pending", NOW, next_try_at=NOW)])
    assert outbox.claim(db, far, 10) == []
    assert db.execute("SELECT state, error FROM outbox").fetchall() == [("cancelled", "expired")]


def test_what_waits_for_a_chat_that_is_no_longer_served_is_cancelled(db: Database) -> None:
    chat(db, 1, price=0)
    chat(db, 2, price=0)
    alert(db, 1, "price", "warning")
    outbox.enqueue(db, 1, NOW)
    claimed = outbox.claim(db, NOW, 10, allowed=frozenset({1}))
    assert [message.chat_id for message in claimed] == [1]
    assert states(db)[2] == "cancelled"
