"""The compose files: what they name is defined, and the program knows it."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from bot.cli.stop_signals import STOP_WITHIN_S
from bot.settings import Settings
from tests.deploy.manifest import DEPLOY

FILES = ("compose.yaml", "compose.postgres.yaml")
_KEYS = {
    *("build", "cap_drop", "depends_on", "env_file", "environment", "healthcheck", "image", "init"),
    *("logging", "mem_limit", "pids_limit", "read_only", "restart", "secrets", "security_opt", "shm_size"),
    *("stop_grace_period", "tmpfs", "volumes"),
}
"""Keys of a service that these files use, all of the Compose Specification."""

Services = Mapping[str, Mapping[str, Any]]


def _text(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def _file(name: str) -> Mapping[str, Any]:
    content = yaml.safe_load(_text(name))
    assert isinstance(content, dict)
    return content


def _replicas(services: Services) -> Services:
    """The services that run the program."""
    return {name: service for name, service in services.items() if service["image"] == "minerwatch"}


@pytest.mark.parametrize("name", FILES)
def test_everything_named_is_defined(name: str) -> None:
    content = _file(name)
    services: Services = content["services"]
    assert {key for key in content if not key.startswith("x-")} == {"services", "secrets", "volumes"}
    assert _replicas(services)
    for service in services.values():
        assert set(service) <= _KEYS
        assert set(service.get("secrets", ())) <= set(content["secrets"])
        assert {volume.partition(":")[0] for volume in service.get("volumes", ())} <= set(content["volumes"])
        for other, condition in service.get("depends_on", {}).items():
            assert condition == {"condition": "service_healthy"}
            assert "healthcheck" in services[other]


@pytest.mark.parametrize("name", FILES)
def test_the_program_knows_each_setting_and_reads_its_secret(name: str) -> None:
    for service in _replicas(_file(name)["services"]).values():
        assert {key.lower() for key in service["environment"]} <= set(Settings.model_fields)
        secret = service["environment"]["TELEGRAM_BOT_TOKEN_FILE"].removeprefix("/run/secrets/")
        assert secret in service["secrets"]
    for key in re.findall(r"# ([A-Z_]+): ", _text(name)):
        assert key.lower() in Settings.model_fields, "what a comment says may be set, too"


@pytest.mark.parametrize("name", FILES)
def test_there_is_time_to_stop_and_an_image_to_build(name: str) -> None:
    for service in _replicas(_file(name)["services"]).values():
        assert int(service["stop_grace_period"].removesuffix("s")) >= 2 * STOP_WITHIN_S
        build = service["build"]
        assert (DEPLOY / build["context"] / build["dockerfile"]).resolve() == DEPLOY / "Containerfile"
        assert service["read_only"]
        assert service["tmpfs"][0].startswith("/tmp:"), "the one place where the program writes"


def test_replicas_share_one_database_and_are_alike() -> None:
    services = _file("compose.postgres.yaml")["services"]
    first, second = _replicas(services).values()
    assert first == second
    url = re.sub(r"\$\{DATABASE_PASSWORD[^}]*\}", "secret", first["environment"]["DATABASE_URL"])
    user = services["database"]["environment"]["POSTGRES_USER"]
    assert url == f"postgresql://{user}:secret@database/{user}", (
        "the server makes a database of the user's name"
    )


def test_what_has_to_be_set_before_is_said_at_the_top() -> None:
    for name in FILES:
        text = _text(name)
        top = text[: text.index("services:")]
        for variable in re.findall(r"\$\{([A-Z_]+)", text):
            assert variable in top
        assert "`token`" in top


def test_the_image_is_built_on_bases_that_stay_the_same() -> None:
    bases = re.findall(r"^FROM (\S+)", _text("Containerfile"), re.MULTILINE)
    assert len(bases) == 3
    for base in bases:
        assert re.fullmatch(r"docker\.io/library/(python|node):[\w.-]+@sha256:[0-9a-f]{64}", base)
    assert len(set(bases)) == 2, "what is installed in one Python runs in the same"
