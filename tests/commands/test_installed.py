"""What `init` writes for pip: only what the running copy itself was installed from."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from commandline import environment

from remediator.commands.installed import Installed, requirement
from remediator.model import ConfigurationError

COMMIT = "8c3f" * 10
URL = "https://git.example.com/acme/remediator.git"
GIT = {"vcs": "git", "requested_revision": "main", "commit_id": COMMIT}
WORKFLOWS = (".github/workflows/remediator.yml", ".github/workflows/remediator-verify.yml")


def copy(**document: object) -> Installed:
    return Installed("9.8.7", json.dumps(document))


def installed_as(folder: Path, direct_url: dict[str, object] | None) -> Path:
    """What an installer leaves behind of a distribution."""
    about = folder / "site" / "remediator-9.8.7.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: remediator\nVersion: 9.8.7\n")
    if direct_url is not None:
        (about / "direct_url.json").write_text(json.dumps(direct_url))
    return about.parent


def init(folder: Path, site: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    place = folder / "infrastructure"
    place.mkdir()
    program = Path(sys.executable).with_name("remediator")
    command = [program, "init", place, "--repository", "acme/x", "--region", "eu-west-1"]
    env = {**os.environ, **{k: v for k, v in environment().items() if v is not None}}
    return subprocess.run(
        [*command, *arguments],
        env=env | {"PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )


def given_to_pip(folder: Path) -> set[str]:
    """By every step that installs."""
    found: set[str] = set()
    for name in WORKFLOWS:
        document = yaml.safe_load((folder / "infrastructure" / name).read_text())
        steps = [step for job in document["jobs"].values() for step in job.get("steps", ())]
        found |= {step["env"]["REMEDIATOR"] for step in steps if "pip install" in str(step)}
    return found


@pytest.mark.parametrize(
    ("direct_url", "expected"),
    [
        ({"url": URL, "vcs_info": GIT}, f"git+{URL}@{COMMIT}"),
        (None, "remediator==9.8.7"),
    ],
)
def test_the_workflows_install_what_runs_here(
    tmp_path: Path, direct_url: dict[str, object] | None, expected: str
) -> None:
    done = init(tmp_path, installed_as(tmp_path, direct_url))
    assert done.returncode == 0, done.stderr
    assert given_to_pip(tmp_path) == {expected}


def test_of_a_local_folder_it_is_asked_for_and_nothing_is_written(tmp_path: Path) -> None:
    site = installed_as(tmp_path, {"url": f"file://{tmp_path}", "dir_info": {"editable": True}})
    done = init(tmp_path, site)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--install" in done.stderr
    assert list((tmp_path / "infrastructure").iterdir()) == []


def test_what_is_named_goes_before(tmp_path: Path) -> None:
    site = installed_as(tmp_path, {"url": f"file://{tmp_path}", "dir_info": {}})
    assert init(tmp_path, site, "--install", f"git+{URL}@{COMMIT}").returncode == 0
    assert given_to_pip(tmp_path) == {f"git+{URL}@{COMMIT}"}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"url": "ssh://git@git.example.com/acme/r.git", "vcs_info": GIT}, ".git"),
        ({"url": URL, "vcs_info": GIT, "subdirectory": "tools/r"}, "#subdirectory=tools/r"),
    ],
)
def test_it_is_pinned_at_its_commit(document: dict[str, str], expected: str) -> None:
    found = requirement(copy(**document))
    assert found.startswith(f"git+{document['url']}@{COMMIT}")
    assert expected in found


@pytest.mark.parametrize(
    "document",
    [
        {"url": "https://example.com/remediator-0.1.0.tar.gz", "archive_info": {}},
        {"url": "file:///src/remediator", "vcs_info": GIT},
        {"url": "https://user:secret@git.example.com/acme/r", "vcs_info": GIT},
        {"url": "https://${TOKEN}@git.example.com/acme/r", "vcs_info": GIT},
        {"url": "http://git.example.com/acme/r", "vcs_info": GIT},
        {"url": f"{URL}\nevil", "vcs_info": GIT},
        {"url": URL, "vcs_info": GIT | {"commit_id": "main"}},
        {"url": URL, "vcs_info": GIT | {"commit_id": None}},
        {"url": URL, "vcs_info": {"vcs": "hg", "commit_id": COMMIT}},
        {"url": URL, "vcs_info": GIT, "subdirectory": "a b"},
        {"url": 1, "vcs_info": GIT},
        {},
    ],
)
def test_what_no_workflow_could_install_is_asked_for(document: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError, match="--install") as told:
        requirement(copy(**document))
    assert "secret" not in str(told.value)


@pytest.mark.parametrize("text", ["", "[]", "null", "{", "[" * 100_000])
def test_a_record_of_the_installation_that_is_none(text: str) -> None:
    with pytest.raises(ConfigurationError, match="--install"):
        requirement(Installed("1", text))


def test_a_copy_that_was_never_installed() -> None:
    with pytest.raises(ConfigurationError, match="--install"):
        requirement(None)
