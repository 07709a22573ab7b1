"""What must hold of every history, whatever happened in it."""

import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain, pairwise

from bot.delivery.alert_report import alert_uid
from storage.chats.chats import ELSEWHERE
from storage.signals import alerts
from tests.simulation.bot_api import Delivery
from tests.simulation.history import History
from tests.simulation.machine import POLL_S
from tests.simulation.plan import RECORD_USD, SETTLE_S
from tests.simulation.sources import JUMP, TOLERANCE
from tests.simulation.virtual_time import BEGIN

REPEAT = "Possible repeat"
_DUE = timedelta(minutes=5)
_LONGEST_WAIT = timedelta(hours=24)  # for the end of quiet hours
_MARK_S = 30  # replies to a chat that asked much may come between a mark and the rest of its message
_ROWS = """
    SELECT o.id, o.chat_id, o.topic_id, o.state, coalesce(o.error, ''), o.message_id, o.next_try_at,
        o.queued_at, a.id, coalesce(a.rule, ''), coalesce(a.kind, n.kind), o.severity, a.value, n.body,
        o.doubts
    FROM outbox o LEFT JOIN alerts a ON a.id = o.alert_id LEFT JOIN notices n ON n.id = o.notice_id
    ORDER BY o.id
"""
_TOKEN = re.compile(r"token-\d+-\d+")
_FIGURE = re.compile(r"(?:below|at|break-even) ([\d,]+) USD")
OWN_PRICE = re.compile(r"0\.0\d{3}")
_WORD = re.compile(r"\b\d+w\d+\b")


@dataclass(frozen=True, slots=True)
class _Row:
    """An outbox row with what it is about. `value` is how people read an alert's figure."""

    id: int
    chat_id: int
    topic_id: int
    state: str
    error: str
    message_id: int | None
    next_try_at: datetime
    queued_at: datetime
    alert: int | None
    rule: str
    kind: str
    severity: str
    value: str
    token: str
    words: frozenset[str]
    doubts: int


def violations(history: History) -> list[str]:
    """Return every violation of what must hold; an empty list is a good history."""
    all_rows = _rows(history)
    rows = [row for row in all_rows if row.chat_id > ELSEWHERE]
    return [
        *history.faults,
        *_webhook_is_told(history, [row for row in all_rows if row.chat_id <= ELSEWHERE]),
        *_settled(history, rows),
        *_sent_is_seen(history, rows),
        *_critical_is_answered(rows),
        *_nothing_leaks(history, rows),
        *_copies_are_marked(history),
        *_order(history, rows),
        *_truth(history),
        *_standing(history),
        *_last_word(history, rows),
        *_nothing_says_what_is_over(history),
        *_chats_stay(history),
        *_polls_go_on(history),
        *_questions_are_answered(history),
        *_belongings_stay(history),
        *_watches_and_fleets_tell(history, rows),
        *_digests_come_once(history, rows),
        *_posted_updates_are_answered_once(history),
        *_one_program_goes_on(history),
    ]


def _rows(history: History) -> list[_Row]:
    with closing(sqlite3.connect(history.path)) as db:
        stored = db.execute(_ROWS).fetchall()
    rows = []
    for *message, due, queued, alert, rule, kind, severity, figure, body, doubts in stored:
        value = "" if figure is None or not rule.startswith("price") else f"−{abs(figure) * 100:.1f}"
        match = _TOKEN.search(body or "")
        words = frozenset(_WORD.findall(body or "")) if match else frozenset()
        about = alert, rule, kind, severity, value, match[0] if match else "", words, doubts
        rows.append(_Row(*message, datetime.fromisoformat(due), datetime.fromisoformat(queued), *about))  # type: ignore[call-arg]  # nine columns
    return rows


def _settled(history: History, rows: list[_Row]) -> Iterator[str]:
    """At the end, with everything well, nothing due waits; nothing is dead that Telegram didn't refuse."""
    faulty = {
        each.chat_id
        for each in history.api.refusals
        if "too long" in each.description or "parse" in each.description
    }
    for row in rows:
        due = row.next_try_at < history.ends_at - _DUE and row.queued_at < history.ends_at - _DUE
        if row.state == "leased" and due:
            yield f"row {row.id} to {row.chat_id} is leased for ever"
        elif row.state == "pending" and due and not _reachability_lost(history, row.chat_id):
            yield f"row {row.id} to {row.chat_id} is due and was not sent ({row.error})"
        elif row.state == "pending" and row.next_try_at > history.ends_at + _LONGEST_WAIT:
            yield f"row {row.id} to {row.chat_id} waits until {row.next_try_at}"
        elif row.state == "dead" and row.chat_id not in faulty:
            yield f"row {row.id} to {row.chat_id} is dead though Telegram did not refuse it ({row.error})"
        elif row.state == "cancelled" and row.error == "expired" and not history.is_mistimed():
            yield f"row {row.id} to {row.chat_id} expired in a history shorter than its life"


def _reachability_lost(history: History, chat_id: int) -> bool:
    """Whether the chat itself can have been at fault at the end."""
    end_s = history.uptimes_s[-1][1]
    return any(each.chat_id == chat_id and each.end_s > end_s - SETTLE_S for each in history.api.chat_faults)


def _by_message(history: History) -> dict[tuple[int, int], list[Delivery]]:
    deliveries = defaultdict(list)
    for delivery in history.api.deliveries:
        deliveries[delivery.chat_id, delivery.message_id].append(delivery)
    return deliveries


def _sent_is_seen(history: History, rows: list[_Row]) -> Iterator[str]:
    """What counts as sent was seen by its chat, with the figure it is about."""
    by_message = _by_message(history)
    for row in rows:
        if row.state != "sent":
            continue
        result = _texts(history, row)
        moved = row.chat_id in history.api.migrations.values()
        if row.message_id is not None and (row.chat_id, row.message_id) not in by_message and not moved:
            yield f"row {row.id} to {row.chat_id} is sent, but message {row.message_id} never came"
        about = row.token or row.value
        if about and not any(about in delivery.text for delivery in result):
            yield f"row {row.id} to {row.chat_id} is sent, but its chat never saw {about}"
        missing = row.words.difference(*(_WORD.findall(each.text) for each in result)) if row.words else ()
        if missing:
            yield f"row {row.id} to {row.chat_id} is sent without {len(missing)} words, as {min(missing)}"


def _texts(history: History, row: _Row) -> list[Delivery]:
    """Messages of a row's chat, before and after it moved."""
    moved = {new: old for old, new in history.api.migrations.items()}
    chats = {row.chat_id, moved.get(row.chat_id, row.chat_id)}
    return [each for each in history.api.deliveries if each.chat_id in chats]


def _critical_is_answered(rows: list[_Row]) -> Iterator[str]:
    """A critical message never counts as sent without an answer."""
    for row in rows:
        if row.severity == "critical" and row.state == "uncertain":
            yield f"critical row {row.id} to {row.chat_id} counts as sent without an answer ({row.error})"


def _nothing_leaks(history: History, rows: list[_Row]) -> Iterator[str]:
    """No chat sees what was queued for another one alone."""
    moved = {new: old for old, new in history.api.migrations.items()}
    for delivery in history.api.deliveries:
        home = moved.get(delivery.chat_id, delivery.chat_id)
        for token in _TOKEN.findall(delivery.text):
            if int(token.rpartition("-")[2]) != abs(home):
                yield f"chat {delivery.chat_id} saw {token}"
    alerts = {(row.chat_id, row.value) for row in rows if row.value}
    homes = {row.chat_id for row in rows}
    for delivery in history.api.deliveries:
        if delivery.chat_id in homes and any(data.startswith("k1:") for data in delivery.data):
            now = re.findall(r"Now: <b>(\S+)\s%", delivery.text)
            for value in now:
                if (delivery.chat_id, value) not in alerts:
                    yield f"chat {delivery.chat_id} was told of {value}, which is no alert of its own"


def _copies_are_marked(history: History) -> Iterator[str]:
    """A second copy of a message says that it may be one."""
    values: dict[tuple[object, ...], Delivery] = {}
    marked_s: dict[int, float] = {}
    only_marked: set[int] = set()  # chats that got a mark and wait for the rest of its message, however long
    for delivery in history.api.deliveries:
        if delivery.edit:
            continue
        if REPEAT in delivery.text:  # the mark may be in an earlier part of the message
            marked_s[delivery.chat_id] = delivery.at_s
            if not _plain(delivery.text):
                only_marked.add(delivery.chat_id)
        is_marked = (
            delivery.at_s - marked_s.get(delivery.chat_id, -60) < _MARK_S or delivery.chat_id in only_marked
        )
        tokens = tuple(_TOKEN.findall(delivery.text))
        groups = tuple(data for data in delivery.data if data.startswith("k1:"))
        what = tokens or groups
        key = (delivery.chat_id, what, _plain(delivery.text))
        if not what:
            continue
        only_marked.discard(delivery.chat_id)
        if key in values and not is_marked and not values[key].answered:
            yield f"chat {delivery.chat_id} got {what} twice, the second without a mark"
        if key in values and values[key].answered and not is_marked and not _stopped(history, values[key]):
            yield f"chat {delivery.chat_id} got {what} again though the first was confirmed"
        values[key] = delivery


def _stopped(history: History, delivery: Delivery) -> bool:
    """Whether the program ended, or was struck, before it can have recorded the answer."""
    ends_s = chain((end_s for _, end_s in history.uptimes_s), history.struck_s)
    return any(abs(end_s - delivery.at_s) < 1.0 for end_s in ends_s)


def _plain(text: str) -> str:
    """The text without the marks and without ages, which grow."""
    lines = [
        line
        for line in text.splitlines()
        if REPEAT not in line and " old " not in line and "Delayed" not in line
    ]
    return re.sub(r"\d+ (secs?|mins?|hrs?|seconds?|minutes?|hours?)", "#", "\n".join(lines).strip())


def _order(history: History, rows: list[_Row]) -> Iterator[str]:
    """Of one rule a chat is told in the order of what happened."""
    by_message = _by_message(history)
    values: dict[tuple[int, int, str], list[tuple[int, float]]] = defaultdict(list)
    for row in rows:
        if row.state == "sent" and row.alert is not None and row.message_id is not None and not row.doubts:
            for delivery in by_message.get((row.chat_id, row.message_id), [])[:1]:
                values[row.chat_id, row.topic_id, row.rule].append((row.alert, delivery.at_s))
    for (chat, _, rule), moments in values.items():
        moments.sort()
        for (first, first_s), (second, second_s) in pairwise(moments):
            planned_by_a_wrong_clock = any(abs(jump_s - second_s) < 60 for jump_s, _ in history.jumps)
            if second_s < first_s and not planned_by_a_wrong_clock:
                yield f"chat {chat} was told alert {second} of {rule} before alert {first}"


def _last_word(history: History, rows: list[_Row]) -> Iterator[str]:
    """What a chat heard last of a rule is how things are, or the news still waits for its time.

    A group that became a supergroup is the same chat: what was cancelled before keeps its old number.
    """
    now = history.api.migrations
    newest: dict[tuple[int, int, str], list[_Row]] = defaultdict(list)
    for row in rows:
        if row.alert is not None and row.rule != "capitulation":
            newest[now.get(row.chat_id, row.chat_id), row.topic_id, row.rule].append(row)
    for (chat, _, rule), of_rule in newest.items():
        of_rule.sort(key=lambda row: row.alert or 0)
        last = of_rule[-1]
        absorbed = last.error.startswith("said by")
        if last.state in ("pending", "sent", "uncertain") or absorbed or last.error == "the chat is gone":
            continue
        messages = [row for row in of_rule if row.state in ("sent", "uncertain", "pending")]
        if any(_blocked(history, row.chat_id) for row in of_rule) or (
            last.error == "expired" and history.is_mistimed()
        ):
            continue
        if last.state == "cancelled" and (not messages or messages[-1].kind != last.kind):
            heard = messages[-1].kind if messages else "nothing"
            yield f"chat {chat} heard {heard} last of {rule}, which is {last.kind} now ({last.error})"


def _truth(history: History) -> Iterator[str]:
    """Nothing is told that no confirmed price bears out, and nothing critical on one provider's word."""
    look_at = {look.now.isoformat(): look for look in history.looks}
    with closing(sqlite3.connect(history.path)) as db:
        alerts = db.execute(
            "SELECT id, rule, kind, severity, at, value, body LIKE '%only one source%' FROM alerts "
            "WHERE rule LIKE 'price%' AND value IS NOT NULL"
        ).fetchall()
    for number, rule, kind, severity, at, value, says_alone in alerts:
        look = look_at.get(at)
        if look is None:
            yield f"alert {number} of {rule} is about {at}, when nobody looked"
            continue
        drawdown = look.truth_usd / RECORD_USD - 1
        is_alone = look.supporters < 2
        if abs(value - drawdown) > (JUMP if is_alone else TOLERANCE) * (1 + drawdown) + 0.001:
            yield f"alert {number} of {rule} says {value:.3f}; {drawdown:.3f} was true at {look.at_s:.0f} s"
        if kind == "fired" and is_alone and (severity == "critical" or not says_alone):
            yield f"alert {number} of {rule} rests on one provider and is {severity} or doesn't say so"


def _standing(history: History) -> Iterator[str]:
    """At the end, long after the last lie, the rules stand as the true price says."""
    if not history.looks:
        return
    drawdown = history.plan.price_usd(history.looks[-1].at_s) / RECORD_USD - 1
    with closing(sqlite3.connect(history.path)) as db:
        newest = db.execute(
            "SELECT kind FROM alerts WHERE rule = 'price_drawdown.critical.intraday' "
            "AND kind IN ('fired', 'cleared') ORDER BY id DESC LIMIT 1"
        ).fetchone()
    is_firing = newest is not None and newest[0] == "fired"
    if is_firing != (drawdown <= -0.7) and not -0.7 < drawdown <= -0.65:
        stands = "fires" if is_firing else "does not fire"
        yield f"at the end the price is {drawdown:.3f} from its record, and the rule {stands}"


def _webhook_is_told(history: History, rows: list[_Row]) -> Iterator[str]:
    """Every alert reaches the webhook, genuine, under one id; what waits at the end is not due."""
    with closing(sqlite3.connect(history.path)) as db:
        bodies = dict(db.execute("SELECT id, body FROM alerts").fetchall())
    ids: dict[str, set[str]] = defaultdict(set)
    for event in history.received:
        ids[event.uid].add(event.id)
        if not event.is_genuine:
            yield f"the webhook got an event at {event.at_s:.0f} s whose signature is wrong"
    for uid, several in ids.items():
        if len(several) > 1:
            yield f"the webhook got {uid} under {len(several)} ids"
    for row in rows:
        uid = alert_uid(alerts.parse(bodies[row.alert])) if row.alert is not None else ""
        due = row.next_try_at < history.ends_at - _DUE and row.queued_at < history.ends_at - _DUE
        if row.state == "sent" and uid not in ids:
            yield f"row {row.id} to the webhook is sent, but {uid} never came"
        elif row.state in ("dead", "uncertain") or (row.state == "cancelled" and row.error == "expired"):
            yield f"row {row.id} to the webhook is {row.state} ({row.error})"
        elif row.state in ("pending", "leased") and due:
            yield f"row {row.id} to the webhook is {row.state} and due ({row.error})"


def _nothing_says_what_is_over(history: History) -> Iterator[str]:
    """No message that can be edited still offers to acknowledge what was over well before the end."""
    with closing(sqlite3.connect(history.path)) as db:
        alerts = db.execute("SELECT id, incident, kind, at, body FROM alerts ORDER BY id").fetchall()
        told = db.execute(
            "SELECT s.chat_id, s.message_id, a.incident FROM sent_alerts s "
            "JOIN alerts a ON a.id = s.alert_id "
            "JOIN sent_messages m ON m.chat_id = s.chat_id AND m.topic_id = s.topic_id "
            "AND m.message_id = s.message_id WHERE s.is_shown AND m.is_editable"
        ).fetchall()
    newest = {incident: (kind, at, body) for _, incident, kind, at, body in alerts}
    over = {
        incident
        for incident, (kind, at, body) in newest.items()
        if kind == "cleared"
        and json.loads(body).get("stands") is None
        and datetime.fromisoformat(at) < history.ends_at - timedelta(minutes=30)
    }
    incidents = defaultdict(set)
    for chat, message, incident in told:
        incidents[chat, message].add(incident)
    for (chat, message), deliveries in _by_message(history).items():
        is_over = incidents[chat, message] and incidents[chat, message] <= over
        if deliveries[0].at_s > history.uptimes_s[-1][1] - 60:  # is edited soon
            continue
        says_so = not any(data.startswith("k1:") for data in deliveries[-1].data)
        is_reachable = not _blocked(history, chat) and not _reachability_lost(history, chat)
        if is_over and not says_so and is_reachable:
            yield f"message {message} in {chat} says that something fires which is over"


def _blocked(history: History, chat_id: int) -> bool:
    return any(each.chat_id == chat_id and each.condition == "blocked" for each in history.api.chat_faults)


def _chats_stay(history: History) -> Iterator[str]:
    """Only a chat that Telegram itself called gone is deactivated."""
    now = history.api.migrations
    gone = {
        chat
        for each in history.api.refusals
        if each.status == 403
        for chat in (each.chat_id, now.get(each.chat_id, each.chat_id))
    }
    with closing(sqlite3.connect(history.path)) as db:
        for chat, reason in db.execute("SELECT chat_id, inactive_reason FROM chats WHERE active = 0"):
            if chat not in gone and chat not in history.api.migrations:
                yield f"chat {chat} was deactivated though it is there ({reason})"


def _polls_go_on(history: History) -> Iterator[str]:
    """While the program runs it polls, whatever the wall clock does.

    The first poll of a start fills the database before it asks anybody: it waits for a disk that is full.
    """
    for start_s, end_s in history.uptimes_s:
        looks_s = [look.at_s for look in history.looks if start_s <= look.at_s <= end_s]
        first_s = looks_s[0] if looks_s else end_s
        begin_s = max(
            [
                start_s,
                *(free_s for full_s, free_s in history.disk_full_s if full_s < first_s and free_s > start_s),
            ]
        )
        moments = [min(begin_s, first_s), *looks_s, end_s]
        for before_s, after_s in pairwise(moments):
            if after_s - before_s > 3 * POLL_S + 60:
                yield f"no poll from {before_s:.0f} s to {after_s:.0f} s"


def _questions_are_answered(history: History) -> Iterator[str]:
    """Who asks while the world is well is answered within a minute."""
    for at_s, chat, text in history.said:
        crowd = sum(abs(other_s - at_s) < 120 and other == chat for other_s, other, _ in history.said)
        if crowd > 10 or history.disturbed(at_s - 420, at_s + 60) or chat in history.api.migrations:
            continue
        if any(
            each.chat_id == chat and each.begin_s - 60 <= at_s <= each.end_s + 300
            for each in history.api.chat_faults
        ):
            continue
        if not any(
            each.chat_id == chat and at_s <= each.at_s <= at_s + 60 for each in history.api.deliveries
        ):
            yield f"{text!r} in {chat} at {at_s:.0f} s was not answered within a minute"


def _belongings_stay(history: History) -> Iterator[str]:
    """Nobody reads of another chat's watch, machines or what they cost."""
    moved = {new: old for old, new in history.api.migrations.items()}
    owners = defaultdict(set)  # two may have the same by chance
    for (chat, _), each in history.plan.belongings.items():
        for figure in each.figures:
            owners[figure].add(chat)
    for delivery in history.api.deliveries:
        for figure in _FIGURE.findall(delivery.text):
            if figure in owners and not owners[figure] & {delivery.chat_id, moved.get(delivery.chat_id)}:
                yield f"chat {delivery.chat_id} reads of {figure} USD, which is {min(owners[figure])}'s"


def _watches_and_fleets_tell(history: History, rows: list[_Row]) -> Iterator[str]:
    """When the price that several providers gave has passed a level, whoever waits for it is told.

    By what chats saw too: a clock a year ahead deletes rows that are settled for good.
    """
    prices = [look.believed_usd for look in history.looks[:-2] if look.believed_usd and look.supporters > 1]
    kinds = {(row.chat_id, row.kind) for row in rows}
    for each in history.api.deliveries:
        if "👁 <code>" in each.text:
            kinds.add((each.chat_id, "watch"))
        if "Your fleet is below cost" in each.text:
            kinds.add((each.chat_id, "fleet"))
    for (chat, _), belongings in history.plan.belongings.items():
        if _blocked(history, chat) or chat in history.api.migrations:
            continue
        for kind, level in (("watch", float(belongings.watch_usd)), ("fleet", belongings.breakeven_usd)):
            above = next((n for n, usd in enumerate(prices) if usd > level * 1.06), None)
            has_fallen = above is not None and any(usd < level * 0.94 for usd in prices[above:])
            if has_fallen and (chat, kind) not in kinds:
                yield f"chat {chat} was not told by its {kind} that the price fell below {level:,.0f} USD"


def _digests_come_once(history: History, rows: list[_Row]) -> Iterator[str]:
    """A digest comes once a day at its time, to a chat that is there and not muted."""
    if any(abs(by) > timedelta(hours=3) for _, by in history.jumps):
        return
    for (chat, _), belongings in history.plan.belongings.items():
        if belongings.digest_at is None or chat in history.api.migrations or _blocked(history, chat):
            continue
        number = sum(row.kind == "digest" and row.chat_id == chat for row in rows)
        due = datetime.combine(BEGIN.date(), belongings.digest_at, UTC)
        is_muted = any(other == chat and "/mute" in text for _, other, text in history.said)
        if number > 1:
            yield f"chat {chat} got {number} digests in one day"
        elif number == 0 and due < history.ends_at - _DUE and not is_muted and not history.jumps:
            yield f"chat {chat} got no digest at {belongings.digest_at}"


def _posted_updates_are_answered_once(history: History) -> Iterator[str]:
    """However often Telegram posts an update, it is answered once, if that could be noted."""
    asked = [match[0] for *_, text in history.said if (match := OWN_PRICE.search(text))]
    for price in asked:
        answers = [each for each in history.api.deliveries if cents(price) in each.text and not each.edit]
        is_clean = not any(
            _stopped(history, each) or not each.answered or _is_disk_full(history, each.at_s)
            for each in answers
        )
        if len(answers) > asked.count(price) and is_clean:
            yield f"a question about {price} USD/kWh was answered {len(answers)} times"


def _is_disk_full(history: History, at_s: float) -> bool:
    return any(begin_s - 1 <= at_s <= end_s for begin_s, end_s in history.disk_full_s)


def cents(price: str) -> str:
    """How an answer repeats a price of power."""
    return f"Understood: power {float(price) * 100:.3g} c/"


def _one_program_goes_on(history: History) -> Iterator[str]:
    """Of two programs with one token one gives up, and never both."""
    for began_s, ended_s, gave_up in history.rivals_s:
        if history.disturbed(began_s - 30, ended_s):
            continue
        has_main_given_up = any(began_s < at_s <= ended_s for at_s in history.gave_up_s)
        if gave_up and has_main_given_up:
            yield f"two programs with one token gave up over each other after {began_s:.0f} s"
        if ended_s - began_s > 180 and not gave_up and not has_main_given_up:
            yield f"two programs with one token went on for {ended_s - began_s:.0f} s"
