"""What words say in a message about charts: their roles there, and which concepts are charted."""

from typing import Final

from bot.mining.named_spans import MONTHS, SEASONS
from bot.mining.parsing.roles import word_set, words_of

CHARTED: Final = {
    "btc_price": "price", "btc": "price", "price": "price", "drawdown": "drawdown", "high": "drawdown",
    "hashrate": "hashrate", "hash_ribbon": "hashrate", "hashprice": "hashprice", "difficulty": "difficulty",
    "retarget": "difficulty", "compression": "compression", "fees": "fees", "selling": "outflow",
    "income": "income", "puell": "puell", "mpi": "mpi", "stress": "stress", "energy": "energy",
    "power": "energy", "profit": "profit",
}  # fmt: skip
"""The chart of what a word means in the lexicon."""
OTHER_NAMES: Final = {
    word: chart for chart in ("fees", "income", "drawdown") for word in words_of("chart_vocabulary", chart)
}
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
DARK: Final = word_set("chart_vocabulary", "dark")
LIGHT: Final = word_set("chart_vocabulary", "light")
JOINING: Final = word_set("chart_vocabulary", "joining")
CHARTS: Final = word_set("chart_vocabulary", "charts")
FROM_NOW_ON: Final = word_set("chart_vocabulary", "from_now_on")
OF_A_YEAR: Final = word_set("chart_vocabulary", "of_a_year")
SINCE: Final = word_set("chart_vocabulary", "since")
SINCE_BEGINS: Final = words_of("chart_vocabulary", "since_begins")
ONWARDS: Final = word_set("chart_vocabulary", "onwards")
ONWARDS_ENDS: Final = words_of("chart_vocabulary", "onwards_ends")
THIS: Final = word_set("chart_vocabulary", "this")
THIS_BEGINS: Final = words_of("chart_vocabulary", "this_begins")
BETWEEN_YEARS: Final = word_set("chart_vocabulary", "between_years")
BEFORE_YEAR: Final = word_set("chart_vocabulary", "before_year")
YEAR_BEFORE: Final = word_set("chart_vocabulary", "year_before")
THIS_YEAR: Final = word_set("chart_vocabulary", "this_year")
