"""What happens in one history of several replicas, drawn from its seed before anything runs."""

import random
from dataclasses import dataclass, field
from typing import Final

from tests.simulation.plan import CHATS, RECORD_USD, TOPIC, TOPIC_CHAT, Action, Plan

POLL_S: Final = 30.0
SETTLE_S: Final = 90.0
"""Everything is well for this long at the end, so that what is due must have been delivered."""


@dataclass(slots=True)
class ReplicaPlan:
    """One history: what people and the world do, and what befalls the replicas (their numbers from 0)."""

    world: Plan
    replicas: int
    clocks_ahead_s: tuple[float, ...]
    actions: list[Action] = field(default_factory=list)


def draw(seed: int) -> ReplicaPlan:
    """Draw a history."""
    dice = random.Random(seed)
    length_s = dice.choice((60.0, 90.0, 120.0))
    addresses = [
        (chat, TOPIC if chat == TOPIC_CHAT else 0) for chat in dice.sample(CHATS, dice.randint(2, 5))
    ]
    prices = [(0.0, RECORD_USD * 0.8)]
    at_s, levels = 0.0, dice.sample(range(720, 799), 40)
    while (at_s := at_s + dice.uniform(20, 90)) < length_s:
        fall = levels.pop() if dice.random() < 0.6 else dice.randint(100, 400)
        prices.append((at_s, RECORD_USD * (1 - fall / 1_000)))
    world = Plan(seed, length_s, prices, {address: dice.choice((1, 1, 2)) for address in addresses})
    replicas = dice.choice((2, 3))
    plan = ReplicaPlan(world, replicas, tuple(dice.uniform(-1, 1) for _ in range(replicas)))
    for number in range(dice.randint(1, 4)):
        chat = dice.choice(addresses)[0]
        world.actions.append(
            Action(dice.uniform(5, length_s), "notice", (chat, f"token-{number}-{abs(chat)}", ""))
        )
    plan.actions.append(
        Action(dice.uniform(10, length_s), "kill", (dice.randrange(replicas), dice.choice((1.0, 20.0))))
    )
    return plan
