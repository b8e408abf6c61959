"""Two weeks of observing, summed up: from documents as `run --json` writes them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from commandline import WORLD, SmallStage, group, ingress, one_root, refs, remediator, run
from documents import KNOWN, page

from remediator import yamlfile
from remediator.evaluate.exemptions import exemptions_of, lint
from remediator.observe.candidates import Observation, documents, observation
from remediator.observe.suggest import exemptions_yaml
from remediator.observe.told import document, lines

START = datetime(2026, 3, 1, tzinfo=UTC)
ACCOUNT = "111122223333"


def outcome(name: str, kind: str = "merged", **more: Any) -> dict[str, Any]:
    arn = f"arn:aws:ec2:eu-central-1:{ACCOUNT}:security-group/{name}"
    place = {"root": "live", "address": f"aws_security_group.{name}", "file": "m.tf", "line": 3}
    finding = {
        "id": f"open-admin-port/{name}",
        "class": "open-admin-port",
        "resource": more.pop("resource", arn),
        "account": ACCOUNT,
    }
    checks = more.pop("checks", [])
    disposition = {"merged": "auto", "proposed": "review"}.get(kind)
    return {
        "finding": finding,
        "outcome": kind,
        "reason": {"code": "x", "text": f"why {kind}", **more.pop("reason", {})},
        "terraform": place,
        "disposition": disposition,
        "checks": [{"name": n, "verdict": v, "detail": d} for n, v, d in checks],
        **more,
    }


def runs(*days: list[dict[str, Any]], mode: str = "observe") -> Observation:
    """One run a day."""
    found = [
        {
            "version": 1,
            "mode": mode,
            "started_at": (START + timedelta(days=n)).isoformat(),
            "outcomes": outcomes,
        }
        for n, outcomes in enumerate(days)
    ]
    return observation((f"run {n}", one) for n, one in enumerate(found))


LOWERED = [("active-session", "lowers", "a session 3 h ago"), ("policy", "pass", "auto")]
SUGGESTED = [
    ("steady automatic", [[outcome("a")], [outcome("a")]], False),
    ("sometimes lowered", [[outcome("a", "proposed", checks=LOWERED)], [outcome("a")]], True),
    ("sometimes refused", [[outcome("a")], [outcome("a", "refused")]], True),
    ("review in every run", [[outcome("a", "proposed")], [outcome("a", "proposed")]], True),
    ("review in one run", [[], [outcome("a", "proposed")]], False),
    ("one run alone", [[outcome("a", "proposed")]], False),
    ("comes and goes", [[outcome("a")], [], [outcome("a")]], True),
    ("gone", [[outcome("a")], [outcome("a", "proposed")], []], False),
    ("exempt already", [[outcome("a")], [outcome("a", "exempted")]], False),
    ("only told", [[outcome("a", "alerted")], [outcome("a", "alerted")]], False),
]


@pytest.mark.parametrize(
    ("days", "suggested"), [s[1:] for s in SUGGESTED], ids=[s[0] for s in SUGGESTED]
)
def test_which_exemptions_are_suggested(days: list[list[dict[str, Any]]], suggested: bool) -> None:
    found = runs(*days)
    assert ("  - id: " in exemptions_yaml(found)) == suggested
    (candidate,) = document(found)["candidates"]  # type: ignore[misc]
    assert isinstance(candidate, dict)
    assert bool(candidate["suggested"]) == suggested


def test_the_linter_names_what_a_person_must_fill_in_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "suggested.yaml"
    text = exemptions_yaml(runs([outcome("a")], [outcome("b"), outcome("a")]), every=True)
    file.write_text(text)
    problems = [str(p) for p in lint([file], KNOWN, date(2026, 3, 20))]
    assert len(problems) == 4
    for word in ("owner", "expires"):
        assert sum(f".{word}: " in p for p in problems) == 2, problems
    filled = text.replace('owner: ""', "owner: web").replace('expires: ""', 'expires: "2026-06-30"')
    file.write_text(filled)
    assert lint([file], KNOWN, date(2026, 3, 20)) == []
    (first, second) = exemptions_of([yamlfile.parse("x", filled.encode())], KNOWN).entries
    assert dict(first.match)["arn"].endswith("security-group/a")
    assert first.id != second.id


HOSTILE = ['x"\n  - id: y', "*", "a\u202eb", "# x", "arn:aws:ec2:*:*:security-group/*", "'" * 300]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_exempts_nothing_else(name: str) -> None:
    one = outcome(name, resource=name)
    one["terraform"]["address"] = name
    text = exemptions_yaml(runs([one], [one]), every=True)
    filled = text.replace('owner: ""', "owner: web").replace('expires: ""', 'expires: "2026-06-30"')
    entries = exemptions_of([yamlfile.parse("x", filled.encode())], KNOWN).entries
    assert len(entries) <= 1
    for entry in entries:
        assert "*" not in "".join(pattern for _, pattern in entry.match)
    told = "\n".join(lines(runs([one])))
    assert "\n  - id: y" not in told
    assert "\u202e" not in told + text


def test_each_candidate_says_why() -> None:
    found = runs([outcome("a", "proposed", checks=LOWERED)], [outcome("a")], [outcome("b")])
    told = "\n".join(lines(found))
    assert "3 runs from 2026-03-01 to 2026-03-03 (2 d)" in told
    assert "1 merged: would have been merged without a person" in told
    assert "open-admin-port/a, last 2026-03-02" in told  # gone in the last run
    assert "observe for two weeks before you enforce" in told
    again = "\n".join(lines(runs([outcome("a", "proposed", checks=LOWERED)], [outcome("a")])))
    assert "active-session: a session 3 h ago" in again
    assert "seen in 2 of 2 runs; also proposed" in again
    assert "1 of them were decided otherwise in another run" in again


def test_two_weeks_are_two_weeks() -> None:
    assert not runs(*[[outcome("a")]] * 14).long_enough
    assert runs(*[[outcome("a")]] * 15).long_enough
    assert "observe for two weeks" not in "\n".join(lines(runs(*[[outcome("a")]] * 15)))


def test_what_is_merged_already_would_not_be_merged() -> None:
    found = runs([outcome("a", reason={"code": "awaiting-apply"})])
    assert found.candidates == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"version": 2}',
        '{"version": 1, "mode": "enforce", "outcomes": [], "started_at": "2026-03-01T00:00:00Z"}',
        '{"version": 1, "mode": "observe", "outcomes": [], "started_at": "today"}',
        '{"version": 1, "mode": "observe", "outcomes": 1, "started_at": "2026-03-01T00:00:00Z"}',
    ],
)
def test_what_is_no_document_is_told_and_passed_over(text: str) -> None:
    found = observation(documents("x.json", text.encode() + b"\n"))
    assert (found.candidates, found.runs) == ((), ())
    assert len(found.problems) == (1 if text else 0)


@pytest.mark.parametrize(
    "odd", [None, 1, {}, {"finding": {}}, {"finding": {"id": "x"}, "outcome": 5}]
)
def test_an_outcome_of_another_form_is_passed_over(odd: Any) -> None:
    assert [c.id for c in runs([odd, outcome("a")]).candidates] == ["open-admin-port/a"]


# The command -------------------------------------------------------------------------------


def test_observing_runs_are_kept_and_summed_up(tmp_path: Path) -> None:
    (tmp_path / "w").mkdir()
    source = one_root(group("web", ingress(WORLD)), group("bastion", ingress(WORLD)))
    with SmallStage(tmp_path / "w", source) as stage:
        stage.configure(mode="observe", observations="seen")
        before = refs(stage.remote)
        for _ in range(2):
            assert run(stage).status == 0
        assert refs(stage.remote) == before
        folder = stage.folder / "seen"
        (file,) = folder.iterdir()
        kept = [json.loads(line) for line in file.read_text().splitlines()]
        assert len(kept) == 2
        for day, document in enumerate(kept, 1):  # runs of one second would be one run
            document["started_at"] = f"2026-11-0{day}T03:17:00Z"
        file.write_text("".join(f"{json.dumps(document)}\n" for document in kept))
        with file.open("a") as torn:
            torn.write('{"version": 1, "mo')
        assert run(stage).status == 0
        ran = remediator("report", "observation", folder)
        assert ran.status == 1
        assert f"{file}:3: it is no JSON document of a run" in ran.err
        assert "merged: would have been merged without a person" in ran.out
        assert "aws_security_group.web" in ran.out
        suggested = stage.folder / "suggested.yaml"
        remediator("report", "observation", folder, "--exemptions", suggested)
        assert (
            "aws_security_group.bastion" in suggested.read_text() or "sg-" in suggested.read_text()
        )
        check = remediator("exemptions", "check", suggested, "--config", stage.config)
        assert check.status == 1
        assert "owner" in check.out
        again = remediator("report", "observation", folder, "--exemptions", suggested)
        assert (again.status, again.out) == (2, "")
        as_json = remediator("report", "observation", folder, "--format", "json")
        assert {c["outcome"] for c in json.loads(as_json.out)["candidates"]} >= {
            "merged",
            "proposed",
        }


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    ran = remediator("report", "observation", tmp_path / "nowhere.json")
    assert (ran.status, ran.out) == (2, "")
    assert "nowhere.json cannot be read" in ran.err


def test_a_folder_without_runs(tmp_path: Path) -> None:
    ran = remediator("report", "observation", tmp_path)
    assert (ran.status, ran.out) == (2, "")
    assert f"{tmp_path} has no run that observed" in ran.err


def test_enforcing_runs_keep_nothing(tmp_path: Path) -> None:
    with SmallStage(tmp_path, one_root(group("web", ingress(WORLD)))) as stage:
        stage.configure(observations="seen")
        run(stage)
        assert not (stage.folder / "seen").exists()


def test_the_page_has_every_key() -> None:
    text = page("docs/observation.md")
    made = document(runs([outcome("a")]))
    (candidate,) = made["candidates"]  # type: ignore[misc]
    assert isinstance(candidate, dict)
    for key in (*made, *candidate):
        assert f"`{key}`" in text or f"`candidates[].{key}`" in text, key
