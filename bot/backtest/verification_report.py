"""The verification as plain values for programs, and as the tables of docs/rules.md."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import date
from math import isnan
from typing import Any

from bot.backtest.statistics import Share
from bot.backtest.verification import Verification


def verification_report(verification: Verification) -> dict[str, Any]:
    """The verification as plain values for JSON."""
    return {key: _plain(value) for key, value in asdict(verification).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return None if isinstance(value, float) and isnan(value) else value


def verification_lines(verification: Verification) -> Iterator[str]:
    """The tables of docs/rules.md (Markdown)."""
    yield (
        "| detector | episodes | detected of falls ≥ 5 % | ≥ 10 % | of events | false alarms | "
        "days to the fall | to the price low |"
    )
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for one in verification.detectors:
        shares = (one.detected_5, one.detected_10, one.events, one.false_alarms)
        leads = (one.lead_to_fall_days, one.lead_to_price_low_days)
        cells = [*map(_share, shares), *map(_days, leads)]
        yield f"| {one.name} | {one.episodes} | {' | '.join(cells)} |"
    for score in verification.forecasts:
        yield ""
        yield (
            f"`{score.name}`, {score.days:,} days, happened on {score.base_rate:.1%}: Brier "
            f"{score.brier:.4f} against {score.brier_climatology:.4f} of climatology, "
            f"skill {score.skill:+.2f} [{score.skill_low:+.2f}, {score.skill_high:+.2f}] "
            "(90 %, blocks of 90 days)."
        )
        yield ""
        yield "| said | days | mean said | happened |"
        yield "| --- | --- | --- | --- |"
        for one_bin in score.bins:
            said = f"{one_bin.low:.0%}–{one_bin.high:.0%}"
            yield f"| {said} | {one_bin.days} | {one_bin.said:.0%} | {one_bin.happened:.0%} |"
    yield ""
    yield "| the other data | capitulations | the same |"
    yield "| --- | --- | --- |"
    for regime in verification.regimes:
        yield f"| {regime.name} | {len(regime.capitulations)} | {'yes' if regime.same else 'NO'} |"
    yield ""
    yield "| threshold | moved | capitulations | days | followed by −5 % in 30 days |"
    yield "| --- | --- | --- | --- | --- |"
    for move in verification.sensitivity:
        moved = f"{move.change:+.0%}" if move.change else "–"
        yield f"| {move.threshold} | {moved} | {move.episodes} | {move.days} | {move.hits} |"
    sent = verification.messages
    yield ""
    yield "| year | " + " | ".join(map(str, sent.by_year)) + " |"
    yield "| --- |" + " --- |" * len(sent.by_year)
    yield "| messages | " + " | ".join(map(str, sent.by_year.values())) + " |"
    yield ""
    yield (
        f"Of the {sent.windows:,} windows of 365 days without a capitulation {sent.within_twelve:.1%} "
        f"hold at most 12 messages; median {sent.median:.0f}, most {sent.most}."
    )


def _share(value: Share) -> str:
    if value.n == 0:
        return "–"
    return f"{value.hits} of {value.n} ({value.low:.0%}–{value.high:.0%})"


def _days(days: float | None) -> str:
    return "–" if days is None else f"{days:.0f} d"
