"""What happens in one simulated history, drawn from its seed before anything runs."""

import random
from dataclasses import dataclass, field
from datetime import time, timedelta
from typing import Final

from tests.simulation.bot_api import ChatCondition, ChatFault, Fault, Outage
from tests.simulation.sources import PROVIDERS, SourceFault
from tests.simulation.webhook_receiver import HookFault, HookOutage

RECORD_USD: Final = 69_000.0
CHATS: Final = (11, 12, 13, -1021, -1022)
TOPIC_CHAT, TOPIC = -1022, 5
SETTLE_S: Final = 900.0
"""Everything is well for this long at the end, so that what is due must have been delivered."""

DIFFICULTY: Final = 1.2e14
MACHINE_THS: Final = 95.0
MACHINE_W: Final = 3_250.0
_KWH_PER_BTC: Final = MACHINE_W * 24 / 1_000 * DIFFICULTY * 2**32 / (MACHINE_THS * 1e12 * 86_400 * 3.125)

_QUESTIONS = (
    "/status",
    "/help",
    "/breakeven s19 0.07",
    "/watches",
    "/mute 1h",
    "/mute 10m",
    "/mute off",
    "/quiet 22-7 UTC",
    "/quiet 8:10-8:40 UTC",
    "/quiet off",
)


@dataclass(frozen=True, slots=True)
class Action:
    """Something that happens at `at_s`: what, and its argument."""

    at_s: float
    what: str
    argument: object = None


@dataclass(frozen=True, slots=True)
class Belongings:
    """What an address keeps: a watch on the price, machines at a price of power, a digest at a time of day.

    Each figure is one address's alone, so that a message that tells of it shows whose it is.
    """

    watch_usd: int
    power_price_usd_per_kwh: float
    digest_at: time | None

    @property
    def breakeven_usd(self) -> float:
        """The price of a bitcoin below which the machines cost more than they earn."""
        return self.power_price_usd_per_kwh * _KWH_PER_BTC

    @property
    def figures(self) -> tuple[str, str]:
        """How people read of the watch and of the machines."""
        return f"{self.watch_usd:,}", f"{self.breakeven_usd:,.0f}"


@dataclass(slots=True)
class Plan:
    """One history. `prices` are (from which second, USD); each price occurs once and so names its moment."""

    seed: int
    length_s: float
    prices: list[tuple[float, float]]
    subscribers: dict[tuple[int, int], int]  # address → least severity
    outages: list[Outage] = field(default_factory=list)
    chat_faults: list[ChatFault] = field(default_factory=list)
    migrations: list[tuple[float, int, int]] = field(default_factory=list)
    source_faults: list[SourceFault] = field(default_factory=list)
    belongings: dict[tuple[int, int], Belongings] = field(default_factory=dict)
    updates_by_webhook: bool = False
    lost_answers: float = 0.0
    has_webhook: bool = False
    hook_outages: list[HookOutage] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    hot_s: tuple[float, ...] = ()
    """Moments that faults of all kinds gather at: what one alone can't do, two together may."""

    def price_usd(self, at_s: float) -> float:
        """Return the price at a moment."""
        return [usd for begin_s, usd in self.prices if begin_s <= at_s][-1]


def draw(seed: int) -> Plan:
    """Draw a history. Each has only some kinds of faults, so that one kind doesn't hide another."""
    dice = random.Random(seed)
    length_s = dice.choice((900.0, 900.0, 1_800.0, 1_800.0, 3_600.0, 7_200.0))
    prices = _prices(dice, length_s)
    addresses = [
        (chat, TOPIC if chat == TOPIC_CHAT else 0) for chat in dice.sample(CHATS, dice.randint(2, 5))
    ]
    plan = Plan(seed, length_s, prices, {address: dice.choice((1, 1, 2)) for address in addresses})
    plan.hot_s = tuple(_after_a_change(dice, plan) for _ in range(dice.randint(1, 2)))
    kinds = (
        _outages,
        _chat_faults,
        _notices,
        _people,
        _clock_jumps,
        _ends,
        _full_disk,
        _repeated_ends,
        _mention_storm,
        _lies,
        _lone_provider,
        _wrong_clock,
        _webhook,
        _belongings,
        _posted_updates,
        _second_programs,
        _torn_messages,
    )
    for kind in dice.sample(kinds, dice.randint(2, 6)):
        kind(plan, dice)
    plan.actions.sort(key=lambda action: action.at_s)
    return plan


def _prices(dice: random.Random, length_s: float) -> list[tuple[float, float]]:
    drops = {
        "normal": dice.sample(range(100, 400), 60),
        "warning": dice.sample(range(510, 640), 60),
        "near": dice.sample(range(675, 697), 22),  # a lie, or a small move, away from critical
        "edge": dice.sample(range(703, 717), 14),  # such a small move
        "critical": dice.sample(range(717, 799), 60),
    }
    prices = [(0.0, RECORD_USD * (1 - drops["normal"].pop() / 1_000))]
    at_s, level = 0.0, "normal"
    while (at_s := at_s + dice.uniform(60, 1_200)) < length_s and len(prices) < 40:
        is_small_move = level == "near" and dice.random() < 0.5
        level = (
            "edge" if is_small_move else dice.choice(("normal", "warning", "near", "critical", "critical"))
        )
        if drops[level]:
            prices.append((at_s, RECORD_USD * (1 - drops[level].pop() / 1_000)))
    return prices


def _after_a_change(dice: random.Random, plan: Plan) -> float:
    """A moment when the poll that sees a change of price is at work, or what it brought is sent."""
    begin_s, _ = dice.choice(plan.prices)
    return 60 * (begin_s // 60 + 1) + dice.uniform(-0.3, 2.5)


def _moments(dice: random.Random, plan: Plan, most: int) -> list[float]:
    """Some moments: anywhere, soon after something changed, just when it is dealt with, or at a hot one."""
    moments = []
    for _ in range(dice.randint(1, most)):
        match dice.choice(("anywhere", "soon", "at once", "hot", "hot")):
            case "anywhere":
                moments.append(dice.uniform(0, plan.length_s))
            case "soon":
                moments.append(dice.choice(plan.prices)[0] + dice.uniform(0, 90))
            case "at once":
                moments.append(_after_a_change(dice, plan))
            case _:
                moments.append(
                    max(0.0, dice.choice(plan.hot_s) + dice.choice((0.5, 20, 120)) * dice.uniform(-1, 1))
                )
    return moments


def _outages(plan: Plan, dice: random.Random) -> None:
    for at_s in _moments(dice, plan, 4):
        length_s = dice.choice((1.0, 20.0, 150.0, 400.0, 1_000.0))
        fault = dice.choice(list(Fault))
        status = (
            dice.choice((400, 401, 403, 404, 413, 502))
            if fault is Fault.PROXY_PAGE
            else dice.choice((500, 502))
        )
        plan.outages.append(Outage(fault, at_s, at_s + dice.uniform(0.5, 1.5) * length_s, status))


def _chat_faults(plan: Plan, dice: random.Random) -> None:
    for at_s in _moments(dice, plan, 3):
        chat, topic = dice.choice(list(plan.subscribers))
        conditions = [ChatCondition.BLOCKED, ChatCondition.SLOW_MODE, ChatCondition.NO_RIGHTS]
        if topic:
            conditions += [ChatCondition.TOPIC_CLOSED, ChatCondition.TOPIC_DELETED]
        if chat < 0:
            conditions += [ChatCondition.MIGRATED, ChatCondition.SLOW_MODE]
        condition = dice.choice(conditions)
        if condition is ChatCondition.MIGRATED:
            plan.migrations.append((at_s, chat, chat - 100_000))
        else:
            ends_s = plan.length_s if condition is ChatCondition.BLOCKED else at_s + dice.uniform(5, 3_000)
            plan.chat_faults.append(ChatFault(chat, condition, at_s, ends_s))
        if condition in (ChatCondition.SLOW_MODE, ChatCondition.NO_RIGHTS):
            plan.actions += [Action(at_s + 61 * step, "say", (chat, "/help", topic)) for step in range(1, 3)]


def _notices(plan: Plan, dice: random.Random) -> None:
    for number, at_s in enumerate(_moments(dice, plan, 8)):
        chat, _ = dice.choice(list(plan.subscribers))
        words = dice.choice((0, 0, 900, 3_000))  # more than one message holds
        long = " ".join(f"{number}w{index}" for index in range(words))
        plan.actions.append(Action(at_s, "notice", (chat, f"token-{number}-{abs(chat)}", long)))


def _torn_messages(plan: Plan, dice: random.Random) -> None:
    """Something goes wrong between two parts of a long message, so long that its rest reads differently."""
    for number, at_s in enumerate(_moments(dice, plan, 2), 70):
        chat, _ = dice.choice(list(plan.subscribers))
        long = " ".join(f"{number}w{index}" for index in range(3_000))
        plan.actions.append(Action(at_s, "notice", (chat, f"token-{number}-{abs(chat)}", long)))
        begin_s = at_s + dice.uniform(0.2, 4.0)
        fault = dice.choice((Fault.SERVER_ERROR, Fault.UNREACHABLE, Fault.FLOOD))
        plan.outages.append(Outage(fault, begin_s, begin_s + dice.choice((20.0, 950.0))))
        if dice.random() < 0.5:
            plan.actions.append(Action(begin_s + dice.uniform(5, 60), "kill", 5.0))


def _people(plan: Plan, dice: random.Random) -> None:
    for at_s in _moments(dice, plan, 8):
        chat, topic = dice.choice(list(plan.subscribers))
        plan.actions.append(Action(at_s, "say", (chat, dice.choice(_QUESTIONS), topic)))
    if dice.random() < 0.5:  # a mute that ends during the history, with something put off in between
        chat, topic = dice.choice(list(plan.subscribers))
        at_s = dice.uniform(0, plan.length_s / 2)
        plan.actions += [
            Action(at_s, "say", (chat, "/mute 8h", topic)),
            Action(at_s + dice.uniform(300, plan.length_s / 2), "say", (chat, "/mute off", topic)),
        ]


def _mention_storm(plan: Plan, dice: random.Random) -> None:
    at_s = dice.uniform(0, plan.length_s)
    groups = [chat for chat, _ in plan.subscribers if chat < 0]
    if groups:
        chat = dice.choice(groups)
        plan.actions += [Action(at_s + index / 50, "say", (chat, "/help", 0)) for index in range(60)]
        plan.actions.append(Action(at_s + 3, "stop", dice.uniform(1, 60)))


def _lies(plan: Plan, dice: random.Random) -> None:
    """One provider lies, now and then; beside it others are down. Never more than one lies."""
    liar, *others = dice.sample(PROVIDERS, len(PROVIDERS))
    for at_s in _moments(dice, plan, 4):
        factor = dice.choice((0.2, 0.45, 0.93, 0.99, 1.01, 1.06, 1.8, 5.0))
        ends_s = at_s + dice.choice((30.0, 200.0, 900.0))
        plan.source_faults.append(SourceFault(liar, at_s, ends_s, factor))
        for provider in others[: dice.randint(0, 2)]:  # at its word alone, or against one other's
            plan.source_faults.append(
                SourceFault(provider, at_s - 5, ends_s + dice.choice((-20, 5, 300)), None)
            )


def _belongings(plan: Plan, dice: random.Random) -> None:
    """Watches, fleets and digests, of most addresses."""
    watches, prices = dice.sample(range(21_011, 40_011, 97), 5), dice.sample(range(150, 300), 5)
    for address, watch_usd, price in zip(plan.subscribers, watches, prices, strict=False):
        if dice.random() < 0.8:
            minutes = dice.randint(2, max(3, int(plan.length_s / 60)))
            at = time(8 + minutes // 60, minutes % 60) if dice.random() < 0.7 else None
            plan.belongings[address] = Belongings(watch_usd, price / 10_000, at)


def _second_programs(plan: Plan, dice: random.Random) -> None:
    """Somebody starts the program a second time: on the same database, or elsewhere with the same token."""
    plan.actions += [Action(at_s, "second program") for at_s in _moments(dice, plan, 2)]
    if dice.random() < 0.7:
        at_s = dice.uniform(0, plan.length_s)
        plan.actions.append(Action(at_s, "rival", dice.choice((20.0, 300.0, 600.0))))


def _posted_updates(plan: Plan, dice: random.Random) -> None:
    """Telegram posts updates to the program's webhook; some answers get lost, so that it posts them again."""
    plan.updates_by_webhook = True
    plan.lost_answers = dice.choice((0.0, 0.1, 0.5))
    for number, at_s in enumerate(_moments(dice, plan, 8)):
        chat, topic = dice.choice(list(plan.subscribers))
        text = dice.choice((*_QUESTIONS, f"/breakeven s19 0.0{100 + number}"))
        plan.actions.append(Action(at_s, "say", (chat, text, topic)))


def _webhook(plan: Plan, dice: random.Random) -> None:
    """Alerts go to a webhook too, whose receiver is not always well."""
    plan.has_webhook = True
    for at_s in _moments(dice, plan, 4):
        fault = dice.choice(list(HookFault))
        plan.hook_outages.append(HookOutage(fault, at_s, at_s + dice.choice((1.0, 60.0, 400.0))))


def _clock_jumps(plan: Plan, dice: random.Random) -> None:
    for moment_s in _moments(dice, plan, 2):
        at_poll_s = 60 * (moment_s // 60) + dice.uniform(-0.3, 0.3)
        at_s = at_poll_s if dice.random() < 0.5 else moment_s
        by = timedelta(seconds=dice.choice((-1, 1)) * dice.choice((90, 3_600, 7_200, 90_000, 31_536_000)))
        plan.actions.append(Action(at_s, "jump", by))
        if abs(by) > timedelta(hours=3) or dice.random() < 0.5:  # a glitch: right again after a moment
            plan.actions.append(Action(at_s + dice.choice((0.5, 10.0, 40.0)), "jump", -by))


def _wrong_clock(plan: Plan, dice: random.Random) -> None:
    """The clock is wrong for a while, also from a start on; what is queued meanwhile can't be sent."""
    at_s = dice.choice((0.4, *_moments(dice, plan, 1)))
    by = timedelta(seconds=dice.choice((-1, -1, 1)) * dice.choice((7_200, 90_000, 31_536_000)))
    length_s = dice.choice((10.0, 90.0, 300.0))
    plan.actions += [Action(at_s, "jump", by), Action(at_s + length_s, "jump", -by)]
    plan.hot_s += (at_s + length_s,)
    if dice.random() < 0.7:
        chat, _ = dice.choice(list(plan.subscribers))
        queued_s = at_s + dice.uniform(0, length_s)
        plan.actions.append(Action(queued_s, "notice", (chat, f"token-{90}-{abs(chat)}", "")))
        fault = dice.choice((Fault.UNREACHABLE, Fault.SERVER_ERROR, Fault.FLOOD))
        plan.outages.append(Outage(fault, queued_s - 5, at_s + length_s + dice.uniform(-5, 150)))


def _lone_provider(plan: Plan, dice: random.Random) -> None:
    """Only one provider answers for a while, and tells the truth."""
    for at_s in _moments(dice, plan, 4):
        ends_s = at_s + dice.choice((90.0, 300.0, 900.0))
        for provider in dice.sample(PROVIDERS, 2):
            plan.source_faults.append(SourceFault(provider, at_s - 65, ends_s, None))


def _ends(plan: Plan, dice: random.Random) -> None:
    for at_s in _moments(dice, plan, 3):
        plan.actions.append(Action(at_s, dice.choice(("kill", "stop")), dice.choice((0.5, 5.0, 60.0, 900.0))))


def _repeated_ends(plan: Plan, dice: random.Random) -> None:
    """Kill the program while it sends what the poll after a change of price has brought, and again soon."""
    for changed_s, _ in dice.sample(plan.prices, min(3, len(plan.prices))):
        kill_s = 60 * (changed_s // 60 + 1) + dice.uniform(0.2, 0.9)
        plan.actions.append(Action(kill_s, "kill", 60 - kill_s % 60 - 0.001))  # polls keep to whole minutes
    for _ in range(dice.randint(0, 2)):
        kill_s += dice.uniform(0.5, 90)
        plan.actions.append(Action(kill_s, "kill", dice.uniform(0.5, 5)))


def _full_disk(plan: Plan, dice: random.Random) -> None:
    for at_s in _moments(dice, plan, 2):
        plan.actions.append(Action(at_s, "disk full"))
        plan.actions.append(Action(at_s + dice.choice((2.0, 60.0, 300.0)), "disk free"))
