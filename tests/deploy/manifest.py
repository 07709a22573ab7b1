"""The Kubernetes manifest as data, and the environment that it gives the program."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml

DEPLOY: Final = Path(__file__).parents[2] / "deploy"
_PATH: Final = DEPLOY / "kubernetes" / "minerwatch.yaml"
_COMMENTED: Final = re.compile(r"^( *)# (- \{name: .*)$", re.MULTILINE)

Resource = Mapping[str, Any]


def resources(*, webhook: bool = False) -> dict[str, Resource]:
    """The manifest's resources by kind; with `webhook` as its comments say for one."""
    text = _PATH.read_text(encoding="utf-8")
    if webhook:
        text = _COMMENTED.sub(r"\1\2", text)
    return {document["kind"]: document for document in yaml.safe_load_all(text)}


def pod(deployment: Resource) -> Resource:
    """What a deployment says of each pod."""
    spec: Resource = deployment["spec"]["template"]["spec"]
    return spec


def container(deployment: Resource) -> Resource:
    """A deployment's one container."""
    (only,) = pod(deployment)["containers"]
    assert isinstance(only, dict)
    return only


def environment_of(deployment: Resource, secrets: Mapping[str, str]) -> dict[str, str]:
    """The environment that the program gets; `secrets` are the secret's values by key."""
    return {
        each["name"]: each["value"] if "value" in each else secrets[each["valueFrom"]["secretKeyRef"]["key"]]
        for each in container(deployment)["env"]
    }
