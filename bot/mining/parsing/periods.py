"""Spans of time within a phrase: “btc per month”, “Jahresgewinn”, “ganancia anual”."""

import re
from typing import Final

_WITHIN: Final = {
    "week": re.compile(r"\b(?:weekly|a week|per week)\b|^wochen|wöchentlich|semanal|недельн|周收|周利|每周"),
    "month": re.compile(
        r"\b(?:monthly|a month|per month)\b|^monats|monatlich|mensual|месячн|月收|月利|月产|月供|月租|月入"
        "|月赚|月挣|每个?月"
    ),
    "year": re.compile(
        r"\b(?:yearly|annual|annually|a year|per year)\b|^jahres|jährlich|\banual|годов|年收|年利|年产|年入"
        "|年赚|每年"
    ),
}


def period_within(text: str) -> str:
    """The week, month or year that a phrase names within; "" where it names none."""
    return next((period for period, pattern in _WITHIN.items() if pattern.search(text)), "")
