"""Merged is not applied: what later runs see, note once, and report."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from commandline import (
    WORLD,
    SmallStage,
    bot_branches,
    group,
    ingress,
    main_head,
    one_root,
    refs,
    remediator,
    run,
    wrapped_git,
)

from remediator.config import Identity

Merge = Callable[[SmallStage], None]
NOTES = "refs/notes/remediator"
OURS = Identity().email
SOURCE = one_root(group("web", ingress("10.0.0.0/8", WORLD)))


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[SmallStage]:
    with SmallStage(tmp_path, SOURCE) as made:
        yield made


def note(stage: SmallStage) -> dict[str, str]:
    asked = ("notes", "--ref=remediator", "show", main_head(stage))
    lines = stage.git(*asked, folder=stage.remote).splitlines()
    return dict(line.split(": ", 1) for line in lines)


def test_a_change_is_noted_when_it_is_applied_and_only_then(stage: SmallStage) -> None:
    first = run(stage)
    assert NOTES not in refs(stage.remote)
    assert first.document is not None
    (waiting,) = first.document["awaiting_apply"]
    assert (waiting["commit"], waiting["overdue"]) == (main_head(stage), False)
    run(stage)
    assert NOTES not in refs(stage.remote)
    stage.apply()
    third = run(stage)
    assert third.status == 0
    assert {"Remediator-Note", "Applied", "Resolved"} <= note(stage).keys()
    assert third.document is not None
    assert third.document["awaiting_apply"] == []
    before = refs(stage.remote)
    run(stage)
    assert refs(stage.remote) == before


def test_observing_notes_nothing(stage: SmallStage) -> None:
    run(stage)
    stage.apply()
    before = refs(stage.remote)
    assert run(stage, "--observe").status == 0
    assert refs(stage.remote) == before


def test_what_waits_too_long_is_reported(stage: SmallStage) -> None:
    run(stage)
    stage.configure(limits="{apply_within_hours: 1}")
    stage.git("fetch", "--quiet", "origin")
    _merged_on_new_years_day(stage)
    ran = run(stage)
    assert "and not applied: live/prod:aws_security_group.web" in ran.err
    assert ran.document is not None
    assert [w["overdue"] for w in ran.document["awaiting_apply"]] == [True]


def _merged_on_new_years_day(stage: SmallStage) -> None:
    """The same history, its merge made on 2026-01-01."""
    raw = stage.git("cat-file", "commit", main_head(stage), folder=stage.remote)
    committer = next(line for line in raw.splitlines() if line.startswith("committer "))
    person = committer.rpartition("> ")[0]
    file = stage.folder / "commit"
    file.write_text(raw.replace(committer, f"{person}> 1767225600 +0000"))
    made = stage.git("hash-object", "-w", "-t", "commit", str(file), folder=stage.remote).strip()
    stage.git("update-ref", "refs/heads/main", made, folder=stage.remote)


def test_a_run_that_is_killed_before_the_push_loses_nothing(stage: SmallStage) -> None:
    run(stage)
    stage.apply()
    env = wrapped_git(
        stage.folder / "bin",
        f'for word in "$@"; do case "$word" in *:{NOTES}) exit 137;; esac; done\nexec "$GIT" "$@"',
    )
    failed = run(stage, env=env)
    assert failed.status == 3
    assert NOTES not in refs(stage.remote)
    assert run(stage).status == 0
    assert "Applied" in note(stage)


def test_a_note_of_another_run_stays(stage: SmallStage) -> None:
    """What another run has noted as applied is not noted again with the time of this one."""
    run(stage)
    stage.apply()
    when = stage.git("show", "-s", "--format=%cI", main_head(stage), folder=stage.remote)
    when = when.strip().replace("+00:00", "Z")
    us = ("-c", "user.name=Remediator", "-c", f"user.email={OURS}")
    asked = ("notes", "--ref=remediator", "add", "-m", f"Applied: {when}")
    stage.git(*us, *asked, main_head(stage), folder=stage.remote)
    run(stage)
    assert note(stage)["Applied"] == when
    assert "Resolved" in note(stage)
    assert remediator("audit", "--config", stage.config).status == 0


# What a scanner found ---------------------------------------------------------------------------

DOOR = {"protocol": "tcp", "from_port": 22, "to_port": 22, "cidrs": [WORLD]}
RULE = f"""\
resource "aws_vpc_security_group_ingress_rule" "ssh" {{
  security_group_id = aws_security_group.web.id
  ip_protocol       = "tcp"
  from_port         = 22
  to_port           = 22
  cidr_ipv4         = "{WORLD}"
}}
"""
BY_CONFIG = "{aws_config: {}, live_rules: false}"


def scanned(stage: SmallStage, merge: Merge | None = None, **finding: Any) -> None:
    """The change of a finding from a file is made for review, and a person merges it."""
    file = stage.folder / "findings.json"
    told = {"class": "open-admin-port", "evidence": DOOR} | finding
    file.write_text(json.dumps({"version": 1, "findings": [told]}))
    ran = run(stage, "--findings", file)
    assert {o["outcome"] for o in ran.outcomes} == {"proposed"}, ran.outcomes
    (merge or merge_by_hand)(stage)


def merge_by_hand(stage: SmallStage) -> None:
    person = stage.folder / "person"
    stage.git("clone", "--quiet", str(stage.remote), str(person), folder=stage.folder)
    (branch,) = bot_branches(stage)
    stage.git("merge", "--quiet", "--no-ff", "-m", "Merge it", f"origin/{branch}", folder=person)
    stage.git("push", "--quiet", "origin", "main", f":{branch}", folder=person)


def awaits(stage: SmallStage) -> list[list[str]]:
    ran = run(stage)
    assert ran.document is not None
    return [w["addresses"] for w in ran.document["awaiting_apply"]]


def in_code(name: str) -> dict[str, str]:
    return {"address": name, "file": "live/prod/main.tf"}


@pytest.mark.parametrize("sources", ["{}", BY_CONFIG])
def test_a_finding_of_the_code_is_followed_by_the_state(stage: SmallStage, sources: str) -> None:
    stage.configure(sources=sources)
    scanned(stage, **in_code("aws_security_group.web"))
    assert awaits(stage) == [["live/prod:aws_security_group.web"]]
    assert NOTES not in refs(stage.remote)
    stage.apply()
    assert awaits(stage) == []
    (group_id,) = [i for i, n in stage.groups().items() if n == "web"]
    assert note(stage)["Applied-How"] == (f"the live rules of {group_id} do not have it any more")
    before = refs(stage.remote)
    run(stage)
    assert refs(stage.remote) == before


def test_a_rule_that_went_is_followed_by_the_state(tmp_path: Path) -> None:
    with SmallStage(tmp_path, one_root(group("web"), RULE)) as stage:
        scanned(stage, **in_code("aws_vpc_security_group_ingress_rule.ssh"))
        assert len(awaits(stage)) == 1
        assert NOTES not in refs(stage.remote)
        stage.apply()
        assert awaits(stage) == []
        assert "Applied" in note(stage)


def _without_digests(stage: SmallStage) -> None:
    """The branch's record names no file any more, and a person merges it."""
    (branch,) = bot_branches(stage)
    raw = stage.git("cat-file", "commit", branch, folder=stage.remote)
    kept = [line for line in raw.splitlines(True) if not line.startswith("After-SHA256: ")]
    assert len(kept) < len(raw.splitlines())
    file = stage.folder / "commit"
    file.write_text("".join(kept))
    made = stage.git("hash-object", "-w", "-t", "commit", str(file), folder=stage.remote).strip()
    stage.git("update-ref", f"refs/heads/{branch}", made, folder=stage.remote)
    merge_by_hand(stage)


def test_a_record_that_names_no_file_says_nothing_of_the_code(tmp_path: Path) -> None:
    with SmallStage(tmp_path, one_root(group("web"), RULE)) as stage:
        finding = in_code("aws_vpc_security_group_ingress_rule.ssh")
        scanned(stage, _without_digests, **finding)
        stage.apply()
        run(stage)
        assert NOTES not in refs(stage.remote)


def test_without_a_state_nobody_knows_where_the_code_is_live(stage: SmallStage) -> None:
    scanned(stage, **in_code("aws_security_group.web"))
    stage.apply()
    stage.client("s3").delete_object(Bucket="example-terraform-states", Key="live/prod.tfstate")
    assert awaits(stage) == []
    assert NOTES not in refs(stage.remote)


def test_a_state_that_has_nothing_says_nothing(tmp_path: Path) -> None:
    """As one is that was moved to another backend."""
    with SmallStage(tmp_path, one_root(group("web"), RULE)) as stage:
        scanned(stage, **in_code("aws_vpc_security_group_ingress_rule.ssh"))
        empty = json.dumps({"version": 4, "serial": 9, "lineage": "x", "resources": []})
        stage.client("s3").put_object(
            Bucket="example-terraform-states", Key="live/prod.tfstate", Body=empty
        )
        assert awaits(stage) == []
        assert NOTES not in refs(stage.remote)


def test_the_state_of_one_workspace_does_not_tell_of_the_others(tmp_path: Path) -> None:
    module = {"modules/names/main.tf": 'output "env" {\n  value = terraform.workspace\n}\n'}
    call = 'module "names" {\n  source = "../../modules/names"\n}\n'
    with SmallStage(tmp_path, one_root(group("web"), RULE, call) | module) as stage:
        scanned(stage, **in_code("aws_vpc_security_group_ingress_rule.ssh"))
        stage.apply()
        assert awaits(stage) == []
        assert NOTES not in refs(stage.remote)


def test_a_door_that_nobody_asks_for_any_more_is_open(tmp_path: Path) -> None:
    """AWS Config has no rule for its port: only the file named it."""
    code = one_root(group("cache", ingress("10.0.0.0/8", WORLD, port=6379)))
    with SmallStage(tmp_path, code) as stage:
        stage.configure(sources=BY_CONFIG)
        evidence = DOOR | {"from_port": 6379, "to_port": 6379}
        scanned(
            stage,
            **{"class": "open-port", "id": "scan-1", "evidence": evidence},
            resource={"id": stage.id_of("cache")},
        )
        assert awaits(stage) == [["live/prod:aws_security_group.cache"]]
        assert NOTES not in refs(stage.remote)
        stage.apply()
        assert awaits(stage) == []
        assert "Applied" in note(stage)
