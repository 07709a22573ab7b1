"""What words say in a message about charts, in five languages: a table of roles (`words/charts.toml`).

A role is more exact than the meaning a word has in the lexicon: “since” and “from” differ from “to” only
where a year stands beside them.
"""

import tomllib
from importlib.resources import files
from typing import Final

from bot.mining.named_spans import MONTHS, SEASONS

_TABLE: Final[dict[str, dict[str, str]]] = tomllib.loads(
    files(__package__).joinpath("words", "charts.toml").read_text(encoding="utf-8")
)


def _words(role: str) -> tuple[str, ...]:
    """The words of all languages with a role."""
    return tuple(
        word.strip() for words in _TABLE[role].values() for word in words.replace("\n", " ").split(",")
    )


CHARTED: Final = {
    "btc_price": "price", "btc": "price", "price": "price", "drawdown": "drawdown", "high": "drawdown",
    "hashrate": "hashrate", "hash_ribbon": "hashrate", "hashprice": "hashprice", "difficulty": "difficulty",
    "retarget": "difficulty", "compression": "compression", "fees": "fees", "selling": "outflow",
    "income": "income", "puell": "puell", "mpi": "mpi", "stress": "stress", "energy": "energy",
    "power": "energy", "profit": "profit",
}  # fmt: skip
"""The chart of what a word means in the lexicon."""
OTHER_NAMES: Final = {word: chart for chart in ("fees", "income", "drawdown") for word in _words(chart)}
"""The chart of a word that means a pool's fee, a machine's profit, or any move elsewhere."""
ZONES: Final = {
    "zone_at": "AT", "zone_be": "BE", "zone_ch": "CH", "zone_cz": "CZ", "zone_de": "DE-LU", "zone_dk": "DK1",
    "zone_fr": "FR", "zone_hu": "HU", "zone_it": "IT-North", "zone_nl": "NL", "zone_no": "NO2",
    "zone_pl": "PL", "zone_se": "SE4", "zone_si": "SI",
}  # fmt: skip
"""Countries as day-ahead zones; of those with several the southern ones, where prices are highest."""
GENERAL: Final = frozenset({"btc_price", "btc", "price"})
"""Subjects that give way to a more special one: the price of hashrate is the hashprice."""
SPAN_CONCEPTS: Final = frozenset(
    {"day", "week", "month", "quarter", "half_year", "year", "forever", *SEASONS, *MONTHS}
)
DARK: Final = frozenset(_words("dark"))
LIGHT: Final = frozenset(_words("light"))
JOINING: Final = frozenset(_words("joining"))
CHARTS: Final = frozenset(_words("charts"))
FROM_NOW_ON: Final = frozenset(_words("from_now_on"))
OF_A_YEAR: Final = frozenset(_words("of_a_year"))
SINCE: Final = frozenset(_words("since"))
SINCE_BEGINS: Final = _words("since_begins")
ONWARDS: Final = frozenset(_words("onwards"))
ONWARDS_ENDS: Final = _words("onwards_ends")
THIS: Final = frozenset(_words("this"))
THIS_BEGINS: Final = _words("this_begins")
BETWEEN_YEARS: Final = frozenset(_words("between_years"))
BEFORE_YEAR: Final = frozenset(_words("before_year"))
YEAR_BEFORE: Final = frozenset(_words("year_before"))
THIS_YEAR: Final = frozenset(_words("this_year"))
