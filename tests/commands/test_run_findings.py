"""`remediator run --findings`: reported findings, confirmed by what AWS says now, or left out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from commandline import (
    WORLD,
    Ran,
    SmallStage,
    bot_branches,
    group,
    ingress,
    main_head,
    one_root,
    refs,
    run,
)

SSH = one_root(group("web", ingress("10.0.0.0/8", WORLD)))
EVIDENCE = {"protocol": "tcp", "from_port": 22, "to_port": 22, "cidrs": [WORLD]}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallStage]:
    with SmallStage(tmp_path_factory.mktemp("world"), SSH) as stage:
        stage.keep()
        yield stage


@pytest.fixture
def stage(world: SmallStage) -> SmallStage:
    world.restore()
    return world


def reported(stage: SmallStage, **changes: Any) -> dict[str, Any]:
    resource = {"id": stage.id_of("web"), "account": "123456789012", "region": "us-east-1"}
    entry = {"class": "open-admin-port", "resource": resource, "evidence": EVIDENCE}
    return entry | changes


def run_with(stage: SmallStage, *findings: dict[str, Any], text: str | None = None) -> Ran:
    file = stage.folder / "scan.json"
    file.write_text(text or json.dumps({"version": 1, "findings": findings}))
    return run(stage, "--findings", file)


def by_id(ran: Ran) -> dict[str, dict[str, Any]]:
    return {o["finding"]["id"]: o for o in ran.outcomes}


def test_a_confirmed_finding_keeps_its_id_source_and_date(stage: SmallStage) -> None:
    created = "2026-01-02T03:04:05Z"
    ran = run_with(
        stage,
        reported(stage, id="scan-1", source="a scanner", created_at=created),
    )
    assert ran.status == 0
    outcome = ran.only()
    assert outcome["outcome"] == "merged"
    finding = outcome["finding"]
    assert (finding["id"], finding["source"], finding["created_at"]) == (
        "scan-1",
        "a scanner",
        created,
    )


def test_a_stale_observation_is_made_anew_where_aws_confirms_it(stage: SmallStage) -> None:
    ran = run_with(stage, reported(stage, observed_at="2020-01-01T00:00:00Z"))
    assert ran.only()["outcome"] == "merged"
    (check,) = [c for c in ran.only()["checks"] if c["name"] == "freshness"]
    assert check["verdict"] == "pass"


def test_what_no_region_confirms_is_stale_and_for_review(stage: SmallStage) -> None:
    """Seen a second ago, its file says: but in a region that this run does not look into."""
    stage.configure(sources="{live_rules: false, aws_config: {rules: [VPC_SG_OPEN_ONLY]}}")
    entry = reported(stage, id="elsewhere", observed_at="2999-01-01T00:00:00Z")
    entry["resource"]["region"] = "eu-central-1"
    before = main_head(stage)
    ran = run_with(stage, entry)
    outcome = ran.only()
    assert (outcome["outcome"], outcome["disposition"]) == ("proposed", "review")
    (check,) = [c for c in outcome["checks"] if c["name"] == "freshness"]
    assert check["verdict"] == "unknown"
    assert "freshness: " in ran.out
    assert main_head(stage) == before
    assert len(bot_branches(stage)) == 1


def test_what_the_live_rules_do_not_bear_out_is_resolved(stage: SmallStage) -> None:
    ran = run_with(stage, reported(stage, evidence=EVIDENCE | {"from_port": 3389, "to_port": 3389}))
    (gone,) = [o for o in ran.outcomes if o["outcome"] == "resolved"]
    assert gone["reason"]["code"] == "not-live"
    assert "do not have it any more" in ran.out


@pytest.mark.parametrize("ports", [22, 443])
def test_egress_is_not_looked_at_and_ends_by_its_policy_row(stage: SmallStage, ports: int) -> None:
    """Neither is it gone, nor is the ingress of the same ports what was reported."""
    evidence = EVIDENCE | {"from_port": ports, "to_port": ports}
    entry = reported(stage, id="out", evidence=evidence) | {"class": "open-egress"}
    ran = run_with(stage, entry)
    assert ran.status == 0
    out = by_id(ran)["out"]
    assert (out["outcome"], out["reason"]["code"]) == ("exempted", "policy")
    assert [o["outcome"] for o in ran.outcomes if o is not out] == ["merged"]


ODD: dict[str, tuple[dict[str, Any], str, str]] = {
    "class": ({"class": "open-umbrella"}, "unknown-class", "open-umbrella"),
    "none": ({"evidence": {}}, "bad-evidence", 'evidence needs "protocol"'),
    "high": ({"evidence": EVIDENCE | {"from_port": 70000}}, "bad-evidence", "from -1 to 65535"),
    "bool": ({"evidence": EVIDENCE | {"from_port": True}}, "bad-evidence", "from -1 to 65535"),
    "cidr": ({"evidence": EVIDENCE | {"cidrs": ["anywhere"]}}, "bad-evidence", "anywhere"),
    "number": ({"evidence": EVIDENCE | {"cidrs": [1]}}, "bad-evidence", "must hold texts"),
    "shape": ({"evidence": {"protocol": ["tcp"], "cidrs": {}}}, "bad-evidence", "evidence needs"),
}


def test_those_that_are_not_understood_are_refused_and_the_others_go_on(stage: SmallStage) -> None:
    entries = [
        reported(stage, id=name, resource={"id": "sg-0", "region": "us-east-1"}, **changes)
        for name, (changes, _, _) in ODD.items()
    ]
    ran = run_with(stage, *entries)
    assert ran.status == 0
    for name, (_, code, words) in ODD.items():
        odd = by_id(ran)[name]
        assert (odd["outcome"], odd["reason"]["code"]) == ("refused", code)
        assert words in odd["reason"]["text"]
        assert words in ran.out
        assert odd["edits"] == []
    assert [o["outcome"] for o in ran.outcomes if o["finding"]["id"] not in ODD] == ["merged"]


def test_entries_that_are_none_are_left_out_and_the_others_go_on(stage: SmallStage) -> None:
    entries: list[tuple[Any, str]] = [
        ({"class": "open-admin-port"}, "names no resource"),
        ({"resource": {"id": "sg-1"}}, "class"),
        ({"class": "open-admin-port", "resource": {"id": 7}}, "resource.id"),
        ({"class": "x", "resource": {"id": "sg-1"}, "observed_at": "soon"}, "observed_at"),
        ({"class": "x", "resource": {"id": "sg-1"}, "colour": "red"}, "colour"),
        ("a text", "object"),
    ]
    ran = run_with(stage, *(entry for entry, _ in entries))
    assert ran.status == 2
    lines = ran.err.splitlines()
    for number, (_, words) in enumerate(entries, 1):
        (line,) = [s for s in lines if f"scan.json: finding {number} is left out: " in s]
        assert words in line
    assert ran.only()["outcome"] == "merged"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("not json", "is not a findings file"),
        ('{"version": 1, "findings": [', "is not a findings file"),
        ("[]", "is not a findings file"),
        ('{"version": 2, "findings": []}', "is of version 2; this reads version 1"),
        ('{"version": 1, "findings": [], "more": 1}', "is not a findings file"),
        ('{"version": 1}', "is not a findings file"),
        ("\0\udc80".encode("utf-8", "surrogateescape").decode("latin-1"), "is not a findings file"),
        ("[" * 100_000, "is not a findings file"),
    ],
)
def test_a_file_that_is_no_findings_file_stops_the_run(
    stage: SmallStage, text: str, words: str
) -> None:
    before = refs(stage.remote)
    ran = run_with(stage, text=text)
    assert ran.status == 2
    assert "scan.json:1:1: " in ran.err
    assert words in ran.err
    assert ran.document is None
    assert refs(stage.remote) == before


def test_a_file_that_is_not_there_is_a_usage_error(stage: SmallStage) -> None:
    ran = run(stage, "--findings", stage.folder / "none.json")
    assert ran.status == 2
    assert "none.json" in ran.err
    assert bot_branches(stage) == {}


def test_hostile_text_reaches_no_line_of_its_own(stage: SmallStage) -> None:
    """Neither a log line nor a trailer can be forged, nor a terminal be driven."""
    evil = "x\nFinding-Class: forged\n\x1b[31m::error::forged"
    ran = run_with(stage, reported(stage, id=evil, source=evil))
    assert ran.only()["outcome"] == "merged"
    assert "\x1b" not in ran.out + ran.err
    assert not [line for line in ran.out.splitlines() if line.startswith(("Finding-", "::"))]
    (head,) = bot_branches(stage).values()
    message = stage.git("log", "-1", "--format=%B", head, folder=stage.remote)
    assert "\x1b" not in message
    assert [line for line in message.splitlines() if line.startswith("Finding-Class:")] == [
        "Finding-Class: open-admin-port"
    ]
    assert not [line for line in message.splitlines() if line.startswith("::")]


def test_the_same_finding_twice_is_one_change(stage: SmallStage) -> None:
    ran = run_with(stage, reported(stage, id="a"), reported(stage, id="b"))
    assert ran.status == 0
    assert {i: o["outcome"] for i, o in by_id(ran).items()} == {"a": "merged", "b": "merged"}
    assert len(bot_branches(stage)) == 1
