"""What a change of phase has said already."""

from datetime import timedelta

import pytest

from bot.i18n.message import NOTHING, message
from bot.signals.alert import Alert, AlertKind
from bot.signals.inhibition import inhibits
from bot.signals.phase import Phase, SignalEvidence
from bot.signals.rules import COMPOSITE, Severity
from tests.signals.builders import T0

INFO, WARNING, CRITICAL = Severity.INFO, Severity.WARNING, Severity.CRITICAL


def phase(after: Phase, named: Severity | None = None) -> Alert:
    leg = SignalEvidence(
        "energy_price", named is not None, True, named, T0, T0, message("dear power"), NOTHING
    )
    what = (COMPOSITE, COMPOSITE, CRITICAL, AlertKind.PHASE, T0, message(f"→ {after}"))
    return Alert(*what, before=Phase.CALM, after=after, evidence=(leg,))


def later(severity: Severity, kind: AlertKind = AlertKind.FIRED) -> Alert:
    at = T0 + timedelta(days=1)
    return Alert(f"energy_price.{severity.word}", "energy_price", severity, kind, at, message("dear power"))


@pytest.mark.parametrize("after", list(Phase))
@pytest.mark.parametrize("named", [None, WARNING, CRITICAL])
@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("ended", [True, False])
def test_critical_news_and_ends_are_never_absorbed(
    after: Phase, named: Severity | None, together: bool, ended: bool
) -> None:
    text = phase(after, named)
    for each in (later(CRITICAL), later(CRITICAL, AlertKind.REMINDER), later(WARNING, AlertKind.CLEARED)):
        assert not inhibits(text, each, together=together, ended=ended)
    for kind in (AlertKind.NO_DATA, AlertKind.DATA_BACK):
        assert not inhibits(text, later(WARNING, kind), together=together, ended=ended)


@pytest.mark.parametrize(
    ("after", "named", "ended", "absorbed"),
    [
        (Phase.STRESS, None, False, False),
        (Phase.STRESS, INFO, False, False),
        (Phase.STRESS, WARNING, False, True),
        (Phase.STRESS, CRITICAL, False, True),
        (Phase.STRESS, CRITICAL, True, False),
        (Phase.CAPITULATION, None, False, True),
        (Phase.CAPITULATION, WARNING, True, True),
        (Phase.RECOVERY, WARNING, False, False),
        (Phase.CALM, WARNING, False, False),
    ],
)
def test_a_warning_soon_after_a_change_of_phase(
    after: Phase, named: Severity | None, ended: bool, absorbed: bool
) -> None:
    for kind in (AlertKind.FIRED, AlertKind.REMINDER):
        assert inhibits(phase(after, named), later(WARNING, kind), together=False, ended=ended) is absorbed
        assert inhibits(phase(after, named), later(WARNING, kind), together=True, ended=ended)
