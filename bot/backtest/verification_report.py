"""The verification as plain values for programs, and as the tables of docs/rules.md."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from math import isnan
from typing import Any

from bot.backtest.statistics import Share
from bot.backtest.verification import Verification


def verification_report(verification: Verification) -> dict[str, Any]:
    """The verification as plain values for JSON."""
    names = [field.name for field in fields(verification) if field.name != "past"]
    return {name: _plain(getattr(verification, name)) for name in names}


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return None if isinstance(value, float) and isnan(value) else value


def verification_lines(verification: Verification) -> Iterator[str]:
    """All tables, one after the other (Markdown)."""
    tables = (
        detector_table,
        forecast_tables,
        index_table,
        regime_table,
        sensitivity_table,
        message_table,
    )
    for number, table in enumerate(tables):
        if number:
            yield ""
        yield from table(verification)


def detector_table(verification: Verification) -> Iterator[str]:
    """Phase, rules and baselines against falls of difficulty and public events."""
    yield (
        "| detector | episodes | detected of falls ≥ 5 % | ≥ 10 % | of events | false alarms | "
        "days to the fall | to the price low |"
    )
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for detector in verification.detectors:
        shares = (detector.detected_5, detector.detected_10, detector.events, detector.false_alarms)
        leads = (detector.lead_to_fall_days, detector.lead_to_price_low_days)
        cells = [*map(share_words, shares), *map(_days, leads)]
        yield f"| {detector.name} | {detector.episodes} | {' | '.join(cells)} |"


def forecast_tables(verification: Verification) -> Iterator[str]:
    """Skill and calibration of the odds."""
    for number, score in enumerate(verification.forecasts):
        if number:
            yield ""
        yield (
            f"`{score.name}`, {score.days:,} days, base rate {score.base_rate:.1%}: Brier score "
            f"{score.brier:.4f} against {score.brier_climatology:.4f} for the base rate, "
            f"skill {score.skill:+.2f} [{score.skill_low:+.2f}, {score.skill_high:+.2f}] "
            "(90 %, blocks of 90 days)."
        )
        yield ""
        yield "| forecast | days | mean forecast | observed |"
        yield "| --- | --- | --- | --- |"
        for each in score.bins:
            band = f"{each.low:.0%}–{each.high:.0%}"
            yield f"| {band} | {each.days} | {each.predicted:.0%} | {each.happened:.0%} |"


def index_table(verification: Verification) -> Iterator[str]:
    """What values of the stress index were followed by."""
    yield "| stress index | days | followed by −5 % within 30 days | stays followed by it |"
    yield "| --- | --- | --- | --- |"
    for band in verification.index:
        cells = (f"{band.low}–{band.high}", band.days, f"{band.days_followed:.0%}", share_words(band.fell))
        yield f"| {' | '.join(map(str, cells))} |"


def regime_table(verification: Verification) -> Iterator[str]:
    """Whether the state of the other data changes the capitulations, or any phase."""
    yield "| other data | capitulations | same days | days in another phase |"
    yield "| --- | --- | --- | --- |"
    for regime in verification.regimes:
        same = "yes" if regime.same else "NO"
        yield f"| {regime.name} | {len(regime.capitulations)} | {same} | {regime.other_days} |"


def sensitivity_table(verification: Verification) -> Iterator[str]:
    """What levels and holds moved by a fifth change."""
    yield "| level or hold | moved | capitulations | days | followed by −5 % in 30 days |"
    yield "| --- | --- | --- | --- | --- |"
    for move in verification.sensitivity:
        moved = f"{move.change:+.0%}".replace("-", "−") if move.change else "–"
        yield f"| {move.threshold} | {moved} | {move.episodes} | {move.days} | {move.hits} |"


def message_table(verification: Verification) -> Iterator[str]:
    """Messages a year."""
    counts = verification.messages
    yield "| year | " + " | ".join(map(str, counts.by_year)) + " |"
    yield "| --- |" + " --- |" * len(counts.by_year)
    yield "| messages | " + " | ".join(map(str, counts.by_year.values())) + " |"
    yield ""
    yield (
        f"Of the {counts.windows:,} windows of 365 days without a capitulation, {counts.within_twelve:.1%} "
        f"contain at most 12 messages; median {counts.median:.0f}, maximum {counts.most}."
    )


def share_words(value: Share) -> str:
    """“7 of 10 (42%–89%)”, with the 90 % Wilson interval."""
    if value.n == 0:
        return "–"
    return f"{value.hits} of {value.n} ({value.low:.0%}–{value.high:.0%})"


def _days(days: float | None) -> str:
    return "–" if days is None else f"{days:.0f}"
