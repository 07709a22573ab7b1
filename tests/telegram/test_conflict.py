"""Several programs poll with one token: exactly one goes on."""

from dataclasses import dataclass, field
from random import Random

import pytest

from bot.telegram.conflict import ConflictPolicy


@dataclass
class _Player:
    """A program that polls: `ends` is when its request would be answered, `wakes` when it asks next."""

    policy: ConflictPolicy
    wakes: float
    ends: float | None = None
    gave_up: float | None = None


@dataclass
class _Telegram:
    """Ends the earlier of two requests, after `delay_s` on the way, and lets the later one wait."""

    delay_s: float
    players: list[_Player] = field(default_factory=list)

    def play(self, until: float) -> None:
        now = 0.0
        while now < until:
            events = [
                (moment, number)
                for number, player in enumerate(self.players)
                if player.gave_up is None
                for moment in (player.wakes if player.ends is None else player.ends,)
            ]
            now, number = min(events)
            player = self.players[number]
            if player.ends is not None:
                player.policy.on_answer(now)
                player.ends, player.wakes = None, now
                continue
            player.policy.on_request(now)
            for rival in self.players:
                if rival is not player and rival.ends is not None and rival.gave_up is None:
                    self._cut_off(rival, now + self.delay_s)
            player.ends = now + self.delay_s + player.policy.poll_s

    def _cut_off(self, rival: _Player, now: float) -> None:
        wait = rival.policy.on_conflict(now)
        rival.ends = None
        if wait is None:
            rival.gave_up = now
        else:
            rival.wakes = now + wait


def _play(starts: list[float], *, seed: int, delay_s: float = 0.1, until: float = 300.0) -> list[_Player]:
    random = Random(seed).random
    telegram = _Telegram(delay_s, [_Player(ConflictPolicy(random), start) for start in starts])
    telegram.play(until)
    return telegram.players


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("apart", [0.0, 0.01, 0.3, 0.95, 1.95, 2.0, 9.9, 10.1, 45.0, 200.0])
@pytest.mark.parametrize("delay_s", [0.05, 0.3, 1.2])
def test_of_two_programs_exactly_one_goes_on(delay_s: float, apart: float, seed: int) -> None:
    players = _play([0.0, apart], seed=seed, delay_s=delay_s)
    assert [player.gave_up is None for player in players].count(True) == 1


@pytest.mark.parametrize("seed", range(20))
def test_of_three_started_together_exactly_one_goes_on(seed: int) -> None:
    players = _play([0.0, 0.2, 0.4], seed=seed)
    assert [player.gave_up is None for player in players].count(True) == 1


def test_who_was_there_goes_on_and_the_newcomer_gives_up_within_a_quarter_of_a_minute() -> None:
    first, second = _play([0.0, 65.0], seed=1)
    assert first.gave_up is None
    assert second.gave_up is not None
    assert 5 < second.gave_up - 65 < 15


def test_who_was_there_outlasts_newcomers_that_are_started_again_and_again() -> None:
    players = _play([0.0, *(60.0 + 15 * n for n in range(200))], seed=1, until=3_600)
    assert players[0].gave_up is None
    assert all(player.gave_up is not None for player in players[1:-1])


def test_who_heard_nothing_for_a_minute_may_be_replaced() -> None:
    policy = ConflictPolicy(Random(1).random)
    policy.on_request(0)
    policy.on_answer(10)
    assert policy.is_established
    policy.on_failure(30)
    assert policy.is_established, "a hiccup of the network changes nothing"
    policy.on_failure(71)
    assert not policy.is_established
