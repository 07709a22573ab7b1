"""Every fault of every provider over real HTTP: nothing untrue is read, and the reason can be understood."""

import re

import pytest

from bot.sources.series_config import PROVIDERS, SERIES_CONFIGS, power
from bot.sources.types import SourceReport
from tests.fakes.faults import Fault
from tests.fakes.providers import Providers
from tests.sources.conftest import NOW, Build
from tests.sources.truth import held_before, untrue

HARMLESS = {Fault.PARTIAL: "a running day is dropped, whatever it says"}

UNTOLD = {
    ("fred", Fault.FROZEN): "five days more are within the age at which it is stale",
    ("eia_web", Fault.FROZEN): "five days more are within the age at which it is stale",
    ("glassnode", Fault.FROZEN): "five days are within the age at which it is stale",
    ("cryptoquant", Fault.FROZEN): "five days are within the age at which it is stale",
    ("bgeometrics", Fault.FUTURE): "it is a week late anyhow, so five days ahead are still past",
    ("bgeometrics", Fault.MISSING): "holes of a few days are usual",
    ("fred", Fault.MISSING): "a day without trade looks the same",
    ("ecb", Fault.MISSING): "a holiday looks the same",
    ("energy_charts", Fault.MISSING): "an hour left out makes its own day incomplete, and no more",
    ("awattar", Fault.MISSING): "an hour left out makes its own day incomplete, and no more",
    ("smard", Fault.MISSING): "an hour left out makes its own day incomplete, and no more",
    ("ecb", Fault.SHORT): "the newest day is all that is wanted",
}
"""What can't be told from a healthy answer, and why that does no harm."""

UNTOLD_AT_FIRST = {
    ("energy_charts", Fault.NEGATIVE): "prices do fall below zero; only the jump gives it away",
    ("awattar", Fault.NEGATIVE): "prices do fall below zero; only the jump gives it away",
    ("smard", Fault.NEGATIVE): "prices do fall below zero; only the jump gives it away",
}
"""What can't be told when nothing is held yet."""

READABLE = re.compile(r"[a-z][^{}\[\]<>\"\n]{8,300}")


def report_of(name: str, reports: tuple[SourceReport, ...]) -> SourceReport:
    return next(report for report in reports if report.source == name)


@pytest.mark.parametrize("fault", list(Fault))
@pytest.mark.parametrize("provider", list(PROVIDERS))
async def test_alone(provider: str, fault: Fault, fakes: Providers, build: Build) -> None:
    result = held_before(fakes.world, provider)
    fakes.faults[provider] = fault
    timeout_s = 0.2 if fault is Fault.HANG else 5.0
    round_result = await build(provider, timeout_s=timeout_s).gather(NOW, result)
    readings = round_result.readings
    if (provider, fault) not in UNTOLD_AT_FIRST:
        readings += (await build(provider, timeout_s=timeout_s).gather(NOW, {})).readings
    assert [reason for reading in readings if (reason := untrue(fakes.world, reading))] == []
    if (provider, fault) not in fakes.effective or fault in HARMLESS:
        assert report_of(provider, round_result.reports).ok
        return
    report = report_of(provider, round_result.reports)
    if (provider, fault) not in UNTOLD:
        assert not report.ok
        assert report.error
        assert READABLE.fullmatch(str(report.error)), report.error
        assert "secret-key" not in str(report.error)
        assert "127.0.0.1" not in str(report.error)


ONLY_FROM = {
    name: {
        lane.series
        for lane in (*SERIES_CONFIGS, power("FR"))
        if {q.provider for q in lane.offers if not lane.zone or not q.zones or lane.zone in q.zones} == {name}
    }
    for name in PROVIDERS
}


SOME = [Fault.RESET, Fault.NULL, Fault.SHIFT_UP, Fault.FROZEN]


@pytest.mark.parametrize("fault", SOME)
@pytest.mark.parametrize("provider", list(PROVIDERS))
async def test_the_others_stand_in(provider: str, fault: Fault, fakes: Providers, build: Build) -> None:
    result = held_before(fakes.world, provider)
    fakes.faults[provider] = fault
    round_result = await build().gather(NOW, result)
    assert [reason for reading in round_result.readings if (reason := untrue(fakes.world, reading))] == []
    assert {refusal.series for refusal in round_result.refused} <= ONLY_FROM[provider]
    assert [report.source for report in round_result.reports if not report.ok] in ([], [provider])
