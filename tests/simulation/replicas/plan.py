"""What happens in one history of several replicas, drawn from its seed before anything runs."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from tests.simulation import plan as one_program
from tests.simulation.plan import CHATS, RECORD_USD, TOPIC, TOPIC_CHAT, Action, Plan

POLL_S: Final = 30.0
SETTLE_S: Final = 90.0
"""Everything is well for this long at the end, so that what is due must have been delivered."""

_LONGEST_S: Final = 40.0  # of one fault of the world


class Blow(StrEnum):
    """What can befall a replica."""

    KILL = "kill"  # its connections close at once
    VANISH = "vanish"  # nobody hears of it: its connections stay until the server gives them up
    STOP = "stop"  # nothing runs on it for a while, then everything goes on
    END = "end"  # it is asked to end
    CUT = "cut"  # its connections to the server close
    PART = "part"  # it can't reach the server for a while


class Moment(StrEnum):
    """Where a replica can be when a blow comes."""

    WRITING = "writing"  # in a leader's transaction, before one of its statements
    COMMITTING = "committing"
    COMMITTED = "committed"  # and nobody here knows yet
    SENDING = "sending"  # a message has left
    SENT = "sent"  # and its answer is on the way
    CLAIMING = "claiming"  # in a transaction beside others, before one of its statements
    TAKEN = "taken"  # an update that was posted is its own, and it doesn't know yet


@dataclass(frozen=True, slots=True)
class Strike:
    """A blow for whoever is the `nth` to come to a moment, or `after_s` it; it lasts for `length_s`."""

    moment: Moment
    nth: int
    blow: Blow
    length_s: float
    after_s: float = 0.0


@dataclass(slots=True)
class ReplicaPlan:
    """One history: what people and the world do, and what befalls the replicas (their numbers from 0)."""

    world: Plan
    replicas: int
    clocks_ahead_s: tuple[float, ...]
    actions: list[Action] = field(default_factory=list)
    strikes: list[Strike] = field(default_factory=list)
    flaky_s: list[tuple[float, float]] = field(default_factory=list)
    """Spans in which connections to the server break now and then."""

    def ends_s(self) -> float:
        """When the world is well for good."""
        world = self.world
        return max(
            [
                world.length_s,
                *(each.end_s for each in world.outages),
                *(each.end_s for each in world.chat_faults),
                *(each.end_s for each in world.source_faults),
                *(each.end_s for each in world.hook_outages),
                *(action.at_s for action in (*world.actions, *self.actions)),
                *(until_s for _, until_s in self.flaky_s),
            ]
        )


def draw(seed: int) -> ReplicaPlan:
    """Draw a history. Each has only some kinds of faults, so that one kind doesn't hide another."""
    dice = random.Random(seed)
    length_s = dice.choice((60.0, 90.0, 120.0))
    addresses = [
        (chat, TOPIC if chat == TOPIC_CHAT else 0) for chat in dice.sample(CHATS, dice.randint(2, 5))
    ]
    world = Plan(
        seed, length_s, _prices(dice, length_s), {address: dice.choice((1, 1, 2)) for address in addresses}
    )
    world.hot_s = tuple(POLL_S * dice.randint(1, int(length_s / POLL_S)) for _ in range(2))
    replicas = dice.choice((2, 2, 3))
    furthest_s = dice.choice((0.2, 2.0, 2.0, 20.0))
    ahead_s = tuple(dice.uniform(-furthest_s, furthest_s) for _ in range(replicas))
    plan = ReplicaPlan(world, replicas, ahead_s)
    for of_world in dice.sample(_WORLD, dice.randint(1, 3)):
        of_world(world, dice)
    for of_replicas in dice.sample(_REPLICAS, dice.randint(1, 3)):
        of_replicas(plan, dice)
    _shorten(world)
    return plan


def _prices(dice: random.Random, length_s: float) -> list[tuple[float, float]]:
    critical, others = dice.sample(range(717, 799), 40), dice.sample(range(100, 400), 40)
    first = dice.choice((critical, others, others)).pop()
    prices = [(0.0, RECORD_USD * (1 - first / 1_000))]
    at_s = 0.0
    while (at_s := at_s + dice.uniform(10, 60)) < length_s:
        prices.append((at_s, RECORD_USD * (1 - dice.choice((critical, critical, others)).pop() / 1_000)))
    return prices


def _shorten(world: Plan) -> None:
    """End what is wrong with the world in time: these histories are short."""

    def until_s(begin_s: float, end_s: float) -> float:
        return min(end_s, begin_s + _LONGEST_S)

    world.outages = [replace(each, end_s=until_s(each.begin_s, each.end_s)) for each in world.outages]
    world.hook_outages = [
        replace(each, end_s=until_s(each.begin_s, each.end_s)) for each in world.hook_outages
    ]
    world.source_faults = [
        replace(each, end_s=until_s(each.begin_s, each.end_s)) for each in world.source_faults
    ]
    world.chat_faults = [replace(each, end_s=until_s(each.begin_s, each.end_s)) for each in world.chat_faults]
    world.actions = [action for action in world.actions if action.what in ("say", "notice")]
    world.actions = [action for action in world.actions if action.at_s < world.length_s]


def _moments(dice: random.Random, plan: ReplicaPlan, most: int) -> list[float]:
    """Some moments: anywhere, or about the time of a poll."""
    world = plan.world
    return [
        dice.uniform(1, world.length_s)
        if dice.random() < 0.5
        else max(1.0, dice.choice(world.hot_s) + dice.uniform(-0.3, 2.0))
        for _ in range(dice.randint(1, most))
    ]


def _length_s(blow: Blow, dice: random.Random) -> float:
    match blow:
        case Blow.STOP:
            return dice.choice((1.0, 3.5, 4.5, 6.0, 8.0, 20.0, 60.0))
        case Blow.PART:
            return dice.choice((0.5, 4.0, 6.0, 15.0))
        case Blow.CUT:
            return 0.0
    return dice.choice((0.5, 3.0, 8.0, 20.0))


def _blows(plan: ReplicaPlan, dice: random.Random) -> None:
    kinds = dice.sample(list(Blow), 2)
    for at_s in _moments(dice, plan, 4):
        blow = dice.choice(kinds)
        number = dice.randrange(plan.replicas)
        plan.actions.append(Action(at_s, blow, (number, _length_s(blow, dice))))


def _strikes(plan: ReplicaPlan, dice: random.Random) -> None:
    moments = dice.sample(list(Moment), 2)
    blows = dice.sample((Blow.KILL, Blow.VANISH, Blow.STOP, Blow.CUT, Blow.PART), 2)
    for _ in range(dice.randint(1, 3)):
        moment, blow = dice.choice(moments), dice.choice(blows)
        most = {Moment.WRITING: 200, Moment.CLAIMING: 600}.get(moment, 20)
        plan.strikes.append(Strike(moment, dice.randint(1, most), blow, _length_s(blow, dice)))


def _server_restarts(plan: ReplicaPlan, dice: random.Random) -> None:
    for at_s in _moments(dice, plan, 2):
        what = dice.choice(("server restarts", "server crashes"))
        plan.actions.append(Action(at_s, what, dice.choice((0.2, 2.0, 6.0, 15.0))))


def _flaky_server(plan: ReplicaPlan, dice: random.Random) -> None:
    for at_s in _moments(dice, plan, 2):
        plan.flaky_s.append((at_s, at_s + dice.choice((5.0, 20.0, 40.0))))


def _questions_to_one_that_is_stopped(plan: ReplicaPlan, dice: random.Random) -> None:
    """What is posted while a replica is stopped waits there; when it goes on it has lost its number."""
    world = plan.world
    world.updates_by_webhook = True
    at_s, stopped_s = dice.uniform(12, world.length_s - 20), dice.choice((7.0, 9.0, 12.0))
    plan.actions.append(Action(at_s, Blow.STOP, (dice.randrange(plan.replicas), stopped_s)))
    for _ in range(6):
        _ask(plan, dice, at_s + dice.uniform(0, stopped_s), dice.choice(list(world.subscribers)))


def _questions_one_after_the_other(plan: ReplicaPlan, dice: random.Random) -> None:
    """Somebody asks again while the replica hangs, or is gone, that has taken the first question."""
    world = plan.world
    world.updates_by_webhook = True
    blow = dice.choice((Blow.STOP, Blow.STOP, Blow.KILL, Blow.VANISH))
    length_s = dice.choice((2.0, 4.0, 8.0)) if blow is Blow.STOP else dice.choice((3.0, 8.0))
    at_s, address = dice.uniform(12, world.length_s - 20), dice.choice(list(world.subscribers))
    after_s = dice.uniform(0.0, 0.012)  # Telegram is told at once that it is kept; the answer takes longer
    if blow is Blow.STOP and length_s > 4.0:
        after_s = 0.0  # another replica answers meanwhile what this one has not begun
    plan.strikes.append(Strike(Moment.TAKEN, _asked(plan) + 1, blow, length_s, after_s))
    for _ in range(3):
        _ask(plan, dice, at_s, address)
        at_s += dice.uniform(0.4, 1.5)


def _ends_while_it_sends(plan: ReplicaPlan, dice: random.Random) -> None:
    """A replica is no more, or stopped for long, when something it sent has arrived or may have."""
    chats = [chat for chat, _ in plan.world.subscribers]
    at_s = dice.uniform(6, 20)
    for number in range(400, 408):
        chat = dice.choice(chats)
        plan.world.actions.append(Action(at_s, "notice", (chat, f"token-{number}-{abs(chat)}", "")))
        at_s += dice.choice((0.0, 0.0, 1.0, 3.0))
    moment, blow = (
        dice.choice((Moment.SENDING, Moment.SENT)),
        dice.choice((Blow.KILL, Blow.VANISH, Blow.STOP)),
    )
    plan.strikes.append(Strike(moment, dice.randint(1, 8), blow, 8.0))


def _asked(plan: ReplicaPlan) -> int:
    return sum(action.what == "say" for action in plan.world.actions)


def _ask(plan: ReplicaPlan, dice: random.Random, at_s: float, address: tuple[int, int]) -> None:
    """Ask at a price of power that nobody else asks about."""
    chat, topic = address
    text = f"/breakeven s19 0.0{500 + _asked(plan)}"
    plan.world.actions.append(Action(at_s, "say", (chat, text, topic)))


def _busy_chat(plan: ReplicaPlan, dice: random.Random) -> None:
    """A chat is written to more often than Telegram allows, by all replicas together."""
    world = plan.world
    chat, _ = dice.choice(list(world.subscribers))
    count, gap_s = (26, 0.7) if chat < 0 else (8, 0.3)
    at_s = dice.uniform(10, max(11, world.length_s - 30))
    for number in range(300, 300 + count):
        world.actions.append(Action(at_s, "notice", (chat, f"token-{number}-{abs(chat)}", "")))
        at_s += gap_s


_WORLD: Final[tuple[Callable[[Plan, random.Random], None], ...]] = (
    one_program._outages,
    one_program._chat_faults,
    one_program._notices,
    one_program._people,
    one_program._webhook,
    one_program._belongings,
    one_program._posted_updates,
    one_program._lone_provider,
    one_program._torn_messages,
    one_program._mention_storm,
)
_REPLICAS: Final[tuple[Callable[[ReplicaPlan, random.Random], None], ...]] = (
    _blows,
    _blows,
    _strikes,
    _strikes,
    _server_restarts,
    _flaky_server,
    _questions_to_one_that_is_stopped,
    _questions_one_after_the_other,
    _busy_chat,
    _ends_while_it_sends,
)
