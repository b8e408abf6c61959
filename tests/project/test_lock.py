"""requirements.lock is complete, hashed, and names nobody's index or machine."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
LOCK = (TOP / "requirements.lock").read_text()
PROJECT = tomllib.loads((TOP / "pyproject.toml").read_text())
REQUIREMENT = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^\s;]+)", re.MULTILINE)


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared() -> list[str]:
    project = PROJECT["project"]
    extras = [r for extra in project["optional-dependencies"].values() for r in extra]
    return [*project["dependencies"], *extras, *PROJECT["build-system"]["requires"]]


@pytest.mark.parametrize("requirement", sorted(set(declared())))
def test_every_declared_requirement_is_locked(requirement: str) -> None:
    name = re.split(r"[\[<>=~! ;]", requirement, maxsplit=1)[0]
    assert canonical(name) in {canonical(n) for n, _ in REQUIREMENT.findall(LOCK)}


def test_every_locked_version_has_a_hash() -> None:
    entries = re.split(r"(?m)^(?=[a-z0-9])", LOCK.partition("\n")[2])[1:]
    assert len(entries) > 50
    assert [e.split()[0] for e in entries if "--hash=sha256:" not in e] == []


def test_it_names_no_index_and_no_folder() -> None:
    lines = [n for n in LOCK.splitlines() if re.search(r"https?:|file:|--(extra-)?index|--find", n)]
    folders = [n for n in LOCK.splitlines() if re.search(r"(^|\s)/\w", n)]
    assert (lines, folders) == ([], [])
