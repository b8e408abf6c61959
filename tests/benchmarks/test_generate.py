"""The benchmarks' repository is what its description says, or their numbers mean nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import layout
from benchmarks.generate import Built, build, git
from remediator.config import load

FILES, RESOURCES, FINDINGS = 240, 60, 3


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build(tmp_path_factory.mktemp("big") / "a", FILES, RESOURCES, FINDINGS, seed=7)


def test_it_has_the_files_that_were_asked_for(built: Built) -> None:
    assert len(list(built.checkout.rglob("*.tf"))) == FILES
    assert git(built.checkout, "status", "--porcelain") == ""
    assert git(built.checkout, "rev-parse", "origin/main") == built.base


def test_the_same_seed_makes_the_same_commit(built: Built, tmp_path: Path) -> None:
    again = build(tmp_path / "b", FILES, RESOURCES, FINDINGS, seed=7)
    other = build(tmp_path / "c", FILES, RESOURCES, FINDINGS, seed=8)
    assert again.base == built.base
    assert [p.read_bytes() for p in again.states] == [p.read_bytes() for p in built.states]
    assert other.base != built.base


def test_each_finding_has_a_root_of_its_own_with_one_open_door(built: Built) -> None:
    assert len({o.root for o in built.offences}) == FINDINGS
    for offence in built.offences:
        text = (built.checkout / offence.file).read_text()
        closed = layout.closed(text)
        assert text.count(layout.blocks.OFFENDING_BLOCK) == 1
        assert f'name        = "{offence.group}"' in closed
        assert layout.blocks.OFFENDING_BLOCK not in closed


def test_no_other_file_opens_ssh_to_the_world(built: Built) -> None:
    files = {str(p.relative_to(built.checkout)) for p in built.checkout.rglob("*.tf")}
    others = files - {o.file for o in built.offences}
    assert len(others) == FILES - FINDINGS
    for path in others:
        assert layout.blocks.OFFENDING_BLOCK not in (built.checkout / path).read_text()


def test_the_states_hold_the_resources_and_name_the_groups(built: Built) -> None:
    resources = [json.loads(p.read_text())["resources"] for p in built.states]
    assert sum(map(len, resources)) == RESOURCES
    for group_id, root in zip(built.group_ids, resources, strict=True):
        admin = [r for r in root if (r["type"], r["name"]) == ("aws_security_group", "admin")]
        assert [r["instances"][0]["attributes"]["id"] for r in admin] == [group_id]


def test_the_configuration_is_one(built: Built) -> None:
    config = load(built.config)
    assert [r.path for r in config.roots] == [o.root for o in built.offences]
    assert config.repository.path == built.checkout


@pytest.mark.parametrize(
    ("findings", "ids", "says"),
    [(1000, None, "room for"), (2, ["sg-1"], "as many group ids")],
)
def test_what_does_not_fit_is_refused(
    tmp_path: Path, findings: int, ids: list[str] | None, says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        build(tmp_path / "d", 60, 20, findings, group_ids=ids)


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(ValueError, match="is not empty"):
        build(tmp_path, 60, 20, 1)
    assert [p.name for p in tmp_path.iterdir()] == ["mine"]
