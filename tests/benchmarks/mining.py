"""CPU of a question parsed, answered and rendered, against splitting the same text and adding up in one line.

The baseline is what the arithmetic alone costs: cut the words apart and evaluate the closed form. Budget:
1 ms of CPU at the median; 20 ms for the longest message Telegram allows.
"""

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from statistics import median

from bot.data.catalogue import load_machines
from bot.i18n.translator import translator_for
from bot.mining.answer import answer
from bot.mining.errors import InvalidQuestion
from bot.mining.market import Fact, Market
from bot.mining.parsing.question_parser import parse_command
from bot.mining.parsing.understanding import understand
from bot.mining.question import Question
from handlers.views.breakeven import breakeven, keyboard

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
MARKET = Market(
    AT,
    Fact(81_445.0, AT, "benchmark"),
    Fact(132.757e12, AT, "benchmark"),
    Fact(0.0188, AT, "benchmark"),
    eur_usd=Fact(1.15, AT, "benchmark"),
)
QUESTIONS = (
    "s19 0.07",
    "s19j pro 104 6.5c fee=2% uptime=95%",
    "110TH 3250W 6.5c fee=2% uptime=95% pue=1.05",
    "whatsminer m30s++ 65 EUR/MWh price=45k",
)
MESSAGES = (
    "what's breakeven for an S19 at 7 cents?",
    "kann ein S19 bei 8 ct noch verdienen?",
    "would an S21 make money at 8 cents with bitcoin at 60k?",
)
WORST = ("s19 " * 100, "9" * 400, "1." * 200, "(" * 400, "s19j" * 100, "break even " * 30)
LONG = (
    "what is the break even of a miner " * 117,
    "s19 " * 1000,
    "🤖" * 2048,
    "a1 " * 1365,
    "电费多少" * 1000,
    "price=40000 " * 340,
    "fee=1% " * 580,
    "s19 x10 " * 510,
    "低功耗模式" * 800,
    "()" * 2048,
)
BUDGET_MS = 1.0
LONG_BUDGET_MS = 20.0
WORST_BUDGET_MS = 2.0
"""400 characters, a tenth of a long message."""


def main() -> None:
    """Print the medians and their ratio to the baseline."""
    catalogue = load_machines()

    def baseline(text: str) -> float:
        words = text.split()
        return 95e12 * 86_400 / (132.757e12 * 2**32) * 3.1438 * 81_445 - 3.25 * 24 * 0.07 * len(words)

    def command(text: str) -> object:
        return answer(parse_command(text, catalogue), MARKET)

    def rendered(text: str) -> object:
        result = answer(parse_command(text, catalogue), MARKET)
        return breakeven(result, translator_for("en")), keyboard(result, catalogue, translator_for("en"))

    def message(text: str) -> object:
        question = understand(text, catalogue)
        return answer(question, MARKET) if isinstance(question, Question) else question

    def refused(text: str) -> object:
        try:
            return command(text)
        except InvalidQuestion as failure:
            return failure

    base = _median_ms(baseline, QUESTIONS)
    _row("baseline: split and one formula", base, base)
    for name, work, texts in (
        ("command, parsed and answered", command, QUESTIONS),
        ("command, rendered with buttons too", rendered, QUESTIONS),
        ("plain words, parsed and answered", message, MESSAGES),
        ("worst texts, refused", refused, WORST),
    ):
        _row(name, _median_ms(work, texts), base)
    for text in LONG:
        _row(
            f"4,096 characters of {text[:12]!r}",
            _median_ms(refused, (text[:4096],), 20),
            base,
            LONG_BUDGET_MS,
        )
    worst = max((_median_ms(refused, (text,)), text[:12]) for text in WORST)
    _row(f"the worst of them ({worst[1]!r}…)", worst[0], base, WORST_BUDGET_MS)


def _median_ms(work: Callable[[str], object], texts: tuple[str, ...], rounds: int = 200) -> float:
    spent = []
    for _ in range(rounds):
        for text in texts:
            began = time.process_time_ns()
            work(text)
            spent.append((time.process_time_ns() - began) / 1e6)
    return median(spent)


def _row(name: str, milliseconds: float, base: float, budget: float = BUDGET_MS) -> None:
    verdict = "" if milliseconds <= budget else f"  over the budget of {budget:g} ms"
    sys.stdout.write(f"{name:<44} {milliseconds:8.4f} ms  ×{milliseconds / base:,.0f}{verdict}\n")


if __name__ == "__main__":
    main()
