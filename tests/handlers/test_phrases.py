"""What the core says in English is known to the catalogues: none of it stays English in another language."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.ledger.progress import Progress
from bot.mining.ledger import SeenMovement
from bot.signals.history import History
from bot.signals.indicators import Measured, Missing
from bot.signals.outflow_indicators import miner_outflow_percentile
from bot.signals.outflow_sources import PROXY, evidence_name
from bot.signals.rules import default_rules
from bot.signals.series import SERIES, ZONES, Reading, end_of_day
from bot.sources.agreement import Candidate, Jump, Open, Tolerance, settle
from handlers import phrases
from handlers.phrases import retell, retell_faults
from handlers.tongue import Tongue, speak

NOON = datetime(2026, 9, 19, 12, tzinfo=UTC)


class Marked(Tongue):
    """A language that puts every text it knows in brackets: what has none was not recognised."""

    def __init__(self) -> None:
        super().__init__("en")
        self.code = "xx"

    def __call__(self, text: str, /, **values: object) -> str:
        return f"[{super().__call__(text, **values)}]"


T = Marked()


def known(text: str) -> bool:
    return retell(text, T).startswith("[")


def test_titles_formulas_and_names_are_known() -> None:
    for rule in default_rules(ZONES):
        assert known(rule.title), rule.title
        assert known(rule.formula), rule.formula
        for series in rule.inputs:
            assert known(SERIES[series].title)
    for source in ("ledger:mempool.space", "bgeometrics", "glassnode", "cryptoquant", "coingecko", "else"):
        assert known(evidence_name(source))
    assert known(PROXY)


@pytest.mark.parametrize(("seen", "registered", "one"), [(0, 0, 9), (1, 0, 9), (1, 1, 9), (0, 0, 1)])
def test_where_coins_went_is_known(seen: int, registered: int, one: int) -> None:
    movement = SeenMovement(
        "ab", date(2026, 9, 18), 9, "Pool", 10, "x", one, seen_before=bool(seen), registered=bool(registered)
    )
    assert known(movement.label)


@pytest.mark.parametrize("last_week", [50.0, 150.0])
def test_the_ledgers_sentence_is_known_in_every_part(last_week: float) -> None:
    history, first = History(), date(2025, 6, 1)
    for index in range(475):
        day = first + timedelta(days=index)
        for series, value in (
            ("btc.miner_outflow", last_week if index >= 468 else 100.0 + index % 9),
            ("btc.miner_reserve", 40_000.0 - index),
        ):
            history.add(Reading(series, value, end_of_day(day), "ledger:mempool.space", NOON, day))
    measured = miner_outflow_percentile(history, end_of_day(first + timedelta(days=474)))
    assert isinstance(measured, Measured)
    told = retell(measured.detail, T)
    parts = re.sub(r"\[[^][]*\[[^][]*\][^][]*\]|\[[^][]*\]", "", told.removeprefix("["))
    assert set(parts.removesuffix("(pool wallets, a proxy for selling)]")) == {",", " "}


def test_how_far_the_ledger_has_got_is_known() -> None:
    for found in (400, 200):
        progress = Progress(400, found, 12, 90, 30, 1_000, 2_500, timedelta(minutes=90))
        assert retell(progress.text, T).count("[") == 2


def test_why_no_value_is_trusted_is_known() -> None:
    def candidate(source: str, value: float) -> Candidate:
        reading = Reading("btc.price", value, NOON, source, NOON)
        return Candidate(source, (reading,), Tolerance(0.01))

    held = Reading("btc.price", 20_000.0, NOON - timedelta(hours=1), "kraken", NOON)
    for asked, words in (
        ([candidate("kraken", 20_000.0), candidate("coinbase", 40_000.0)], "[says"),
        ([candidate("kraken", 40_000.0)], "[jumped"),
        ([], "[no provider"),
    ):
        verdict = settle(asked, held, Jump(0.1, 0.1))
        assert isinstance(verdict, Open)
        assert words in retell(f"btc.price has no trustworthy value: {verdict.reason}", T)


def test_faults_of_several_providers_are_told_one_by_one() -> None:
    told = retell_faults(
        "kraken answered 503 (service unavailable); rests until 13:00 UTC; it gave no answer within 10 s; "
        "mempool sent a block that is not in the best chain; no key",
        T,
    )
    assert told == (
        "kraken [answered 503 (service unavailable)]; "
        "[rests until 13:00 UTC; it [gave no answer within 10 s]]; "
        "mempool sent a block that is not in the best chain; [no key]"
    )


def test_english_stays_as_the_core_says_it() -> None:
    english = speak("en")
    for text in ("kraken answered 503 (x); no key", "", "anything", "{parts}"):
        assert retell(text, english) == retell_faults(text, english) == text


def test_missing_history_is_known() -> None:
    lack = miner_outflow_percentile(History(), NOON)
    assert isinstance(lack, Missing)
    assert known(lack.reason)
    assert len(set(phrases.PATTERNS)) == len(phrases.PATTERNS)
