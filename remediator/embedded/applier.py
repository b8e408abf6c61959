"""Who applies the demo's Terraform: a small stand-in, or the real terraform."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from remediator.embedded.apply import State, apply, state_file
from remediator.embedded.desired import desired
from remediator.embedded.mirror import find_provider_mirror, write_cli_config
from remediator.embedded.resources import Clients
from remediator.embedded.terraform import OVERRIDE_FILE, Terraform, provider_override
from remediator.model import ConfigurationError
from remediator.terraform.configurations import Configurations
from remediator.terraform.module import Sources
from remediator.terraform.roots import Modules
from remediator.worktree import WorkTree

_LOCAL_STATE = 'terraform {\n  backend "local" {}\n}\n'


class Applier(Protocol):
    def apply(self, checkout: Path, root: str, clients: Clients) -> bytes:
        """Makes AWS what the root's code says; answers its state."""
        ...


class OwnApplier:
    """Enough of Terraform for the demo's repository, where terraform is not installed."""

    def __init__(self) -> None:
        self._states: dict[str, State] = {}

    def apply(self, checkout: Path, root: str, clients: Clients) -> bytes:
        tree = WorkTree(checkout)
        configurations = Configurations(Sources(tree), Modules(tree), {})
        wanted = desired(configurations.of(root))
        self._states[root] = apply(clients, wanted, self._states.get(root, {}))
        return state_file(self._states[root])


class RealApplier:
    """terraform from PATH with the real AWS provider, turned to the emulated AWS by an override
    file that is never committed. Raises ConfigurationError where no provider can be found."""

    def __init__(
        self, folder: Path, endpoint: str, region: str, environ: Mapping[str, str]
    ) -> None:
        mirror = find_provider_mirror(environ)
        if mirror is None:
            raise ConfigurationError(
                "--terraform needs the AWS provider in a filesystem mirror; name the mirror's "
                "folder in REMEDIATOR_PROVIDER_MIRROR"
            )
        self._cli, self._endpoint = write_cli_config(folder, mirror), endpoint
        self._override = _LOCAL_STATE + provider_override(endpoint, region)
        self._ready: set[str] = set()

    @property
    def environment(self) -> Mapping[str, str]:
        """What leads a user's own terraform to the emulated AWS, without the override file."""
        return {"TF_CLI_CONFIG_FILE": str(self._cli), "AWS_ENDPOINT_URL": self._endpoint}

    def apply(self, checkout: Path, root: str, clients: Clients) -> bytes:
        self._at(checkout, root).apply()
        return (checkout / root / "terraform.tfstate").read_bytes()

    def plan(self, checkout: Path, root: str) -> dict[str, tuple[str, ...]]:
        return self._at(checkout, root).plan().actions

    def _at(self, checkout: Path, root: str) -> Terraform:
        terraform = Terraform(checkout / root, self._cli)
        if root not in self._ready:
            (checkout / root / OVERRIDE_FILE).write_text(self._override, encoding="utf-8")
            terraform.init()
            self._ready.add(root)
        return terraform
