"""What the doctor says of the sources."""

from dataclasses import replace
from datetime import timedelta

import pytest
from syrupy.assertion import SnapshotAssertion

from bot.sources.diagnostics import Finding, diagnose_sources
from bot.sources.series_config import PROVIDERS
from tests.fakes.faults import Fault
from tests.fakes.providers import Providers
from tests.sources.conftest import NOW, Build
from tests.sources.truth import held_before


def lines(findings: list[Finding]) -> str:
    return "\n".join(
        f"{'well' if each.ok else 'ILL '} {each.check}: {each.detail}"
        + (f" → {each.remedy}" * bool(each.remedy))
        for each in findings
    )


def of(findings: list[Finding], check: str) -> Finding:
    return next(each for each in findings if each.check == check)


async def test_everything_is_well(fakes: Providers, build: Build, snapshot: SnapshotAssertion) -> None:
    findings = await diagnose_sources(build(), NOW, held_before(fakes.world, "before"))
    assert all(each.ok for each in findings)
    assert {f"source {name}" for name in PROVIDERS} <= {each.check for each in findings}
    assert lines(findings) == snapshot


async def test_much_is_ill(fakes: Providers, build: Build, snapshot: SnapshotAssertion) -> None:
    fakes.faults = {
        "bitview": Fault.HTML,
        "kraken": Fault.TOO_MANY,
        "eia": Fault.FORBIDDEN,
        "frankfurter": Fault.NULL,
        "energy_charts": Fault.BROKEN,
    }
    true = fakes.world.price
    fakes.spoil["coinbase"] = lambda world: replace(world, price=lambda at: true(at) * 1.1)
    feeds = build(without=("fred", "glassnode"))
    assert lines(await diagnose_sources(feeds, NOW, {})) == snapshot


async def test_an_ill_provider_is_named_with_those_that_stand_in(fakes: Providers, build: Build) -> None:
    fakes.faults["mempool"] = Fault.UNAVAILABLE
    finding = of(await diagnose_sources(build(), NOW, {}), "source mempool")
    assert not finding.ok
    assert "answered 503" in finding.detail
    assert "bitview" in finding.remedy
    assert "MEMPOOL_URL" in finding.remedy


async def test_a_series_that_nobody_gives_is_told_with_who_could(fakes: Providers, build: Build) -> None:
    finding = of(await diagnose_sources(build("kraken"), NOW, {}), "series btc.hashrate")
    assert not finding.ok
    assert finding.remedy == "it needs one of: mempool, bitview, coinmetrics, blockchain_info"


async def test_the_doctor_asks_even_what_rests_and_leaves_the_plan_alone(
    fakes: Providers, build: Build
) -> None:
    feeds = build("kraken")
    fakes.faults["kraken"] = Fault.BROKEN
    await feeds.gather(NOW, {})
    del fakes.faults["kraken"]
    assert of(await diagnose_sources(feeds, NOW, {}), "source kraken").ok
    resting = await feeds.gather(NOW + timedelta(seconds=30), {})
    assert resting.readings == ()


@pytest.mark.parametrize("fault", [Fault.HANG, Fault.HTML, Fault.BODY_LIST, Fault.WORDS, Fault.MISSING])
async def test_no_fault_upsets_the_doctor(fault: Fault, fakes: Providers, build: Build) -> None:
    fakes.faults = dict.fromkeys(PROVIDERS, fault)
    findings = await diagnose_sources(build(timeout_s=0.2 if fault is Fault.HANG else 5.0), NOW, {})
    assert {f"source {name}" for name in PROVIDERS} <= {each.check for each in findings}
    assert all("secret-key" not in each.detail + each.remedy for each in findings)
