"""Fixtures that several rooms share: the embedded AWS, and the real terraform against it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from githubcontract import Contract
from githubhub import Checkout, Hub, client

from remediator.embedded.aws import REGION, EmbeddedAws
from remediator.embedded.github.server import EmbeddedGitHub
from remediator.embedded.mirror import find_provider_mirror, write_cli_config
from remediator.embedded.terraform import OVERRIDE_FILE, Terraform, provider_override

NewTerraform = Callable[[Path], Terraform]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first: at the end one worker would wait for the other's."""
    items.sort(key=lambda item: item.get_closest_marker("e2e") is None)


@pytest.fixture
def aws_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """Fake credentials, and nothing of this machine's AWS configuration."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "no-such-file"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    return monkeypatch


@pytest.fixture(scope="session")
def embedded_server() -> Iterator[EmbeddedAws]:
    """One server for all tests of a worker; most want `embedded_aws`, which is empty."""
    with EmbeddedAws() as server:
        yield server


@pytest.fixture
def embedded_aws(embedded_server: EmbeddedAws, aws_environment: pytest.MonkeyPatch) -> EmbeddedAws:
    embedded_server.reset()
    return embedded_server


@pytest.fixture(scope="session")
def terraform_cli(
    embedded_server: EmbeddedAws, tmp_path_factory: pytest.TempPathFactory
) -> NewTerraform:
    """Makes a `Terraform` of a root module's folder, turned to the embedded AWS."""
    mirror = find_provider_mirror(os.environ)
    if mirror is None or shutil.which("terraform") is None:
        missing = "terraform on PATH and a mirror of the AWS provider (REMEDIATOR_PROVIDER_MIRROR)"
        if os.environ.get("REMEDIATOR_REQUIRE_E2E") == "1":
            pytest.fail(f"REMEDIATOR_REQUIRE_E2E=1, but there is no {missing}")
        pytest.skip(f"needs {missing}")
    config = write_cli_config(tmp_path_factory.mktemp("terraform"), mirror)

    def make(folder: Path) -> Terraform:
        override = provider_override(embedded_server.endpoint, REGION)
        (folder / OVERRIDE_FILE).write_text(override, encoding="utf-8")
        return Terraform(folder, config)

    return make


@pytest.fixture
def embedded_github(tmp_path: Path) -> Iterator[EmbeddedGitHub]:
    """A GitHub of the test's own. What does not fit GitHub's description fails the test."""
    with EmbeddedGitHub(tmp_path / "github", contract=Contract()) as server:
        yield server
        assert server.violations == []


@pytest.fixture
def hub(embedded_github: EmbeddedGitHub, tmp_path: Path) -> Hub:
    """A GitHub with one repository, one person and one App, and PyGithub in the App's name."""
    repo = embedded_github.repository("acme/infrastructure")
    alice = embedded_github.person("alice", repo, role="write")
    app = embedded_github.app("remediator", "acme")
    work = Checkout(tmp_path / "work", embedded_github, repo, alice)
    work.commit("Infrastructure", main_tf="# one\n", CODEOWNERS="*.tf @alice\n")
    work.git("push", "--quiet", "origin", "main")
    return Hub(embedded_github, repo, work, alice, app, client(embedded_github, app))
