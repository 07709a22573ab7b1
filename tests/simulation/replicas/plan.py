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


@dataclass(frozen=True, slots=True)
class Strike:
    """A blow for whoever is the `nth` to come to a moment; it lasts for `length_s`."""

    moment: Moment
    nth: int
    blow: Blow
    length_s: float


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
)
