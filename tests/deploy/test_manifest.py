"""The Kubernetes manifest: right by Kubernetes' own schemas, and true of the program."""

import copy
from typing import Any

import kubernetes_validate
import pytest

from bot.cli.stop_signals import STOP_WITHIN_S
from bot.settings import Settings
from tests.deploy.manifest import container, environment_of, pod, resources

OLDEST, NEWEST = "1.25", "1.37"
SECRETS = {"token": "123456789:AbC", "database-url": "postgresql://minerwatch:x@db.example.org/minerwatch"}


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
@pytest.mark.parametrize("webhook", [False, True])
def test_every_resource_is_right_by_the_schemas_of_kubernetes(version: str, webhook: bool) -> None:
    kinds = resources(webhook=webhook)
    assert set(kinds) == {"Deployment", "Service", "PodDisruptionBudget"}
    for resource in kinds.values():
        kubernetes_validate.validate(resource, version, strict=True)


def test_the_schemas_see_a_mistake() -> None:
    wrong: Any = copy.deepcopy(resources()["Deployment"])
    wrong["spec"]["template"]["spec"]["terminationGracePeriod"] = 10
    with pytest.raises(kubernetes_validate.ValidationError, match="terminationGracePeriod"):
        kubernetes_validate.validate(wrong, NEWEST, strict=True)


@pytest.mark.parametrize("webhook", [False, True])
def test_the_program_takes_the_environment_it_is_given(
    webhook: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = environment_of(resources(webhook=webhook)["Deployment"], SECRETS)
    assert {name.lower() for name in environment} <= set(Settings.model_fields)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    settings = Settings(_env_file=None)
    assert settings.token == SECRETS["token"]
    assert settings.database == SECRETS["database-url"]
    assert (settings.webhook_url is not None) == webhook


def test_probes_and_the_service_name_ports_on_which_the_program_listens() -> None:
    kinds = resources(webhook=True)
    environment = environment_of(kinds["Deployment"], SECRETS)
    ports = {each["name"]: each["containerPort"] for each in container(kinds["Deployment"])["ports"]}
    port = environment.get("WEBHOOK_PORT", Settings.model_fields["webhook_port"].default)
    assert ports == {"metrics": int(environment["METRICS_PORT"]), "webhook": int(port)}
    probes = [container(kinds["Deployment"])[name]["httpGet"] for name in ("readinessProbe", "livenessProbe")]
    assert [(probe["path"], probe["port"]) for probe in probes] == [
        ("/healthz", "metrics"), ("/livez", "metrics"),
    ]  # fmt: skip
    for name in ("METRICS_HOST", "WEBHOOK_HOST"):
        assert environment[name] == "0.0.0.0", "the loopback of a pod is reached from nowhere"
    (service_port,) = kinds["Service"]["spec"]["ports"]
    assert service_port["targetPort"] in ports


def test_an_update_leaves_time_to_stop_and_never_fewer_replicas() -> None:
    kinds = resources()
    deployment = kinds["Deployment"]
    assert pod(deployment)["terminationGracePeriodSeconds"] >= 2 * STOP_WITHIN_S
    strategy = deployment["spec"]["strategy"]
    assert strategy["type"] == "RollingUpdate"
    assert strategy["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    assert kinds["PodDisruptionBudget"]["spec"]["minAvailable"] < deployment["spec"]["replicas"]
    assert container(deployment)["readinessProbe"]["timeoutSeconds"] > 3, "as long as the page may take"


def test_everything_selects_the_pods() -> None:
    kinds = resources()
    labels = kinds["Deployment"]["spec"]["template"]["metadata"]["labels"]
    (spread,) = pod(kinds["Deployment"])["topologySpreadConstraints"]
    for selector in (
        kinds["Deployment"]["spec"]["selector"]["matchLabels"],
        kinds["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
        kinds["Service"]["spec"]["selector"],
        spread["labelSelector"]["matchLabels"],
    ):
        assert selector.items() <= labels.items()


def test_what_is_mounted_is_there() -> None:
    deployment = resources()["Deployment"]
    volumes = {volume["name"] for volume in pod(deployment)["volumes"]}
    mounts = {mount["name"]: mount["mountPath"] for mount in container(deployment)["volumeMounts"]}
    assert set(mounts) == volumes
    assert "/tmp" in mounts.values(), "the one place where the program writes"
