"""How long it takes to mine an amount of bitcoin, in words."""

from datetime import timedelta
from typing import Final

from bot.i18n.message import Translator, sentences
from bot.mining.formatting import change, number, plain
from bot.mining.mining_time import MiningTime

_DAYS_OF_YEAR: Final = 365.25
_LONG_DAYS: Final = 2.0 * _DAYS_OF_YEAR
"""What takes longer is said in years."""


def sentence(result: MiningTime, t: Translator) -> str:
    """The time an amount takes, the day on which it is mined, and what changes until then."""
    amount = f"{plain(result.request.amount_btc, t, 8)} BTC"
    growth = result.request.difficulty_growth
    path = t("difficulty {change} a month", change=change(growth, t)) if growth else t("difficulty as now")
    if result.days is None:
        # Translators: {amount} is an amount of bitcoin, {path} “difficulty as now” or “difficulty +3.0 % a
        # month”.
        return t("{amount}: not within a hundred years ({path}).", amount=amount, path=path)
    day = t.calendar_day((result.now.at + timedelta(days=result.days)).date())
    if result.days > _LONG_DAYS:
        years = number(result.days / _DAYS_OF_YEAR, 1, t)
        # Translators: {amount} is an amount of bitcoin, {years} a number above 2 with its fraction,
        # {day} a day, {path} “difficulty as now” or “difficulty +3.0 % a month”.
        lead = t(
            "Mining {amount} takes {years} years, until {day} ({path}).",
            amount=amount,
            years=years,
            day=day,
            path=path,
        )
    else:
        # Translators: {amount} is an amount of bitcoin, {day} a day, {path} “difficulty as now” or
        # “difficulty +3.0 % a month”.
        lead = t.plural(
            "Mining {amount} takes {n} day, until {day} ({path}).",
            "Mining {amount} takes {n} days, until {day} ({path}).",
            max(1, round(result.days)),
            amount=amount,
            day=day,
            path=path,
        )
    if not result.halvings:
        return lead
    halvings = t.plural(
        "{n} halving falls into that time and is reckoned in.",
        "{n} halvings fall into that time and are reckoned in.",
        result.halvings,
    )
    return sentences([lead, halvings], t)
