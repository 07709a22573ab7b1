"""Sentences stored by older versions that read differently now.

Alerts, rule states and digests are stored as texts with values; a text that is written anew keeps its values,
so that what was stored before is said in the new words, in every language.
"""

from typing import Any, Final

_PAIRS: Final = (
    (
        "close of {day} {price} USD against the record of {record} USD on {record_day}",
        "{price} USD at the close of {day}; record {record} USD ({record_day})",
    ),
    (
        "price {price} USD against the record of {record} USD on {record_day}",
        "{price} USD; record {record} USD ({record_day})",
    ),
    (
        "30-day mean {short} EH/s, 60-day mean {long} EH/s",
        "{short} EH/s on average over 30 days, {long} EH/s over 60 days",
    ),
    (
        "7-day mean {now} EH/s, 30 days before {before} EH/s",
        "{now} EH/s on average over 7 days; 30 days earlier it was {before} EH/s",
    ),
    (
        "day-ahead power, {zone}, 7-day mean without its highest day {price} EUR/MWh, above {share} % of "
        "its last 365 days",
        "{zone}: {price} EUR/MWh day-ahead on average over 7 days, without the most expensive one; more "
        "than on {share} % of days in the past year",
    ),
    (
        "day-ahead power, {zone}, 7-day mean without its highest day {price} EUR/MWh; highest before "
        "{before} since {year}",
        "{zone}: {price} EUR/MWh day-ahead on average over 7 days, without the most expensive one; the "
        "highest before was {before} EUR/MWh (data since {year})",
    ),
    (
        "hashprice, 7-day mean {usd} USD/PH/day ({sats} sats)",
        "hashprice {usd} USD/PH/day ({sats} sats) on average over 7 days",
    ),
    (
        "{figure}, above {share} % of its last 365 days",
        "{figure}; it was lower on {share} % of days in the past year",
    ),
    (
        "{figure}; lowest of the 365 days before {lowest} USD",
        "{figure}; the lowest of the 365 days before was {lowest} USD",
    ),
    (
        "{detail}; the halving of {day} alone took half of it",
        "{detail}; the halving on {day} alone cut it in half",
    ),
    (
        "{amount} BTC net left pool wallets in 7 days",
        "{amount} BTC net left the pools' wallets in 7 days",
    ),
    (
        "above {share}% of the last 365 days (mean {mean} BTC, z-score {score})",
        "more than in {share} % of such weeks in the past year (mean {mean} BTC, z-score {score})",
    ),
    (
        "above {share}% of the last 365 days (mean {mean} BTC)",
        "more than in {share} % of such weeks in the past year (mean {mean} BTC)",
    ),
    (
        "the largest of all {span} held",
        "the largest since my data began, {span} ago",
    ),
    (
        "{change}% in 30 days",
        "{change} % in 30 days",
    ),
    (
        "{parts} (pool wallets, a proxy for selling)",
        "{parts}; a proxy for selling",
    ),
    (
        "{series} rests on one source, {source}",
        "{series}: only one source, {source}",
    ),
    (
        "{detail} (resting on one source, {source})",
        "{detail} (only one source, {source})",
    ),
    (
        "public miners' sales are known only to {day}",
        "public miners' sales are only known up to {day}",
    ),
    (
        "price half below its record",
        "price 50 % below its record",
    ),
    (
        "price touched half below its record during the day (no close yet)",
        "price touched 50 % below its record during the day (no close yet)",
    ),
    (
        "hash ribbon inverted by more than its noise (30-day mean 1 % below the 60-day mean)",
        "hash ribbon inverted beyond its usual noise (30-day mean 1 % below the 60-day mean)",
    ),
    (
        "hashrate down a tenth in 30 days (7-day means)",
        "hashrate down 10 % in 30 days (7-day means)",
    ),
    (
        "hashprice in the lowest tenth of its year",
        "hashprice lower than on 90 % of days in the past year",
    ),
    (
        "hashprice the lowest in a year or more",
        "lowest hashprice in a year or more",
    ),
    (
        "a week's net outflow from pool wallets above 95 % of the past year (a proxy for selling)",
        "weekly net outflow from pool wallets higher than in 95 % of weeks in the past year (a proxy for "
        "selling)",
    ),
    (
        "the largest net outflow from pool wallets in a week for a year (a proxy for selling)",
        "largest weekly net outflow from pool wallets in a year (a proxy for selling)",
    ),
    (
        "{zone} power price above 95 % of the past year",
        "power in {zone} more expensive than on 95 % of days in the past year",
    ),
    (
        "{zone} power price the highest on record",
        "power in {zone} more expensive than ever on record",
    ),
)

REWORDED: Final = dict(_PAIRS)
"""Texts as they were stored, with what is said now; both take the same values."""

_FIRST_DRAWDOWN: Final = "{price} USD against the record of {record} USD on {day}"


def reworded(stored: Any) -> Any:
    """JSON with every stored text in today's words."""
    if isinstance(stored, list):
        return [reworded(item) for item in stored]
    if not isinstance(stored, dict):
        return stored
    stored = {name: reworded(value) for name, value in stored.items()}
    if stored.keys() == {"text", "values"}:
        text = stored["text"]
        if text == _FIRST_DRAWDOWN:
            values = [["record_day" if name == "day" else name, value] for name, value in stored["values"]]
            return {"text": "{price} USD; record {record} USD ({record_day})", "values": values}
        return stored | {"text": REWORDED.get(text, text)}
    return stored
