"""What deploy/ names exists in the program."""

import json
import re
from pathlib import Path

from bot.ops.exposition import exposition
from tests.ops.test_health import WELL

DEPLOY = Path(__file__).parent.parent / "deploy"
_METRIC = re.compile(r"\b(?:minerwatch|process)_[a-z_]+")


def _named(text: str) -> set[str]:
    return set(_METRIC.findall(text))


def test_every_metric_of_rules_and_dashboard_is_exposed() -> None:
    exposed = _named(exposition(WELL).decode())
    rules = _named((DEPLOY / "prometheus-rules.yaml").read_text(encoding="utf-8"))
    dashboard = json.loads((DEPLOY / "grafana-dashboard.json").read_text(encoding="utf-8"))
    shown = _named(" ".join(target["expr"] for panel in dashboard["panels"] for target in panel["targets"]))
    assert len(rules) > 8
    assert len(shown) > 8
    assert rules <= exposed
    assert shown <= exposed


def test_the_tests_of_the_rules_name_rules_that_exist() -> None:
    rules = set(re.findall(r"- alert: (\w+)", (DEPLOY / "prometheus-rules.yaml").read_text(encoding="utf-8")))
    tested = re.findall(
        r"alertname: (\w+)", (DEPLOY / "prometheus-rules.test.yaml").read_text(encoding="utf-8")
    )
    assert set(tested) <= rules


def test_systemd_is_told_what_the_program_tells() -> None:
    unit = (DEPLOY / "minerwatch.service").read_text(encoding="utf-8")
    assert "Type=notify\n" in unit
    assert "WatchdogSec=" in unit
    assert "RestartPreventExitStatus=2\n" in unit
