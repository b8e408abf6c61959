"""The hook that other repositories install with pre-commit: its form, and that its command is one.

https://pre-commit.com/#creating-new-hooks
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from commandline import WORLD, group, ingress, remediator

from remediator.terraform.module import NATIVE

FILE = Path(__file__).parents[2] / ".pre-commit-hooks.yaml"
KEYS = {"id", "name", "description", "entry", "language", "files", "pass_filenames"}


@pytest.fixture(scope="module")
def hook() -> dict[str, Any]:
    (found,) = yaml.safe_load(FILE.read_text())
    assert isinstance(found, dict)
    return found


def test_its_form(hook: dict[str, Any]) -> None:
    assert hook.keys() == KEYS | {"require_serial"}
    assert hook["id"] == "remediator-fix"
    assert hook["language"] == "python"
    assert hook["pass_filenames"] is False
    assert hook["require_serial"] is True


@pytest.mark.parametrize("name", ["main.tf", "live/prod/main.tf", "a b/x.tofu"])
def test_it_runs_where_terraform_changes(hook: dict[str, Any], name: str) -> None:
    assert re.search(hook["files"], name)
    assert name.endswith(NATIVE)


@pytest.mark.parametrize("name", ["main.tf.json", "main.tfvars", "notes.txt", "tf", "x.tf.bak"])
def test_it_does_not_run_for_what_it_cannot_edit(hook: dict[str, Any], name: str) -> None:
    assert not re.search(hook["files"], name)


def test_its_command_rewrites_the_checkout_that_it_runs_in(
    hook: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "main.tf").write_text(group("web", ingress("10.0.0.0/8", WORLD)))
    command, *arguments = shlex.split(hook["entry"])
    assert command == "remediator"
    assert remediator(*arguments, folder=tmp_path).status == 0
    assert (tmp_path / "main.tf").read_text() == group("web", ingress("10.0.0.0/8"))
    assert remediator(*arguments, folder=tmp_path).status == 0
