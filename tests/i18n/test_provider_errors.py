"""What was wrong with providers is said in the chat's language, where the catalogues know it."""

from datetime import UTC, datetime, timedelta

from bot.i18n import provider_errors
from bot.i18n.provider_errors import told
from bot.i18n.translator import LocaleTranslator, translator_for
from bot.signals.series import Reading
from bot.sources.consensus import Candidate, Jump, Tolerance, Undecided, choose

NOON = datetime(2026, 9, 19, 12, tzinfo=UTC)


class Marked(LocaleTranslator):
    """A language that puts every text it knows in brackets: what has none was not recognised."""

    def __init__(self) -> None:
        super().__init__("en")
        self.code = "xx"

    def __call__(self, text: str, /, **values: object) -> str:
        return f"[{super().__call__(text, **values)}]"


T = Marked()


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
        verdict = choose(asked, held, Jump(0.1, 0.1))
        assert isinstance(verdict, Undecided)
        assert words in told(verdict.reason, T)


def test_faults_of_several_providers_are_told_one_by_one() -> None:
    said = told(
        "kraken answered 503 (service unavailable); rests until 13:00 UTC; it gave no answer within 10 s; "
        "mempool sent a block that is not in the best chain; no key",
        T,
    )
    assert said == (
        "kraken [answered 503 (service unavailable)]; "
        "[rests until 13:00 UTC; it [gave no answer within 10 s]]; "
        "mempool sent a block that is not in the best chain; [no key]"
    )


def test_english_stays_as_it_is() -> None:
    for text in ("kraken answered 503 (x); no key", "", "anything", "{parts}"):
        assert told(text, translator_for("en")) == text


def test_no_pattern_stands_twice() -> None:
    assert len(set(provider_errors.PATTERNS)) == len(provider_errors.PATTERNS)
