"""docs/findings.md: its example loads, and it has every key of the form and no other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from documents import code, fenced, page, rows, section

from remediator.commands.assembly import class_name
from remediator.detect.findings_file import MAX_BYTES, MIB, FileForm, FindingForm, ResourceForm
from remediator.detect.reports.recognise import read_findings_file
from remediator.model import UNOBSERVED, Finding
from remediator.remediate.registry import registry
from remediator.remediate.world_open import door_of, evidence_of

TEXT = page("docs/findings.md")


@pytest.fixture
def findings(tmp_path: Path) -> tuple[Finding, ...]:
    (text,) = fenced(TEXT, "json")
    (tmp_path / "findings.json").write_text(text)
    file = read_findings_file(tmp_path / "findings.json")
    assert (file.problems, file.notes, file.reported) == ((), (), ())
    return file.findings


def test_the_example_is_understood(findings: tuple[Finding, ...]) -> None:
    live, in_code = findings
    for finding in findings:
        cls = registry().get(finding.finding_class)
        assert cls is not None
        assert cls.evidence_problem(finding) is None
        assert class_name(door_of(finding)) == finding.finding_class
    assert (live.resource.name, live.resource.tags) == ("web", (("Team", "platform"),))
    assert (in_code.resource.tags, in_code.observed_at) == (None, UNOBSERVED)
    assert (in_code.file, in_code.source) == ("live/prod/cache.tf", "file:findings.json")


def told(heading: str) -> list[str]:
    return [code(row[0]) for row in rows(section(TEXT, heading))]


@pytest.mark.parametrize(
    ("heading", "form"),
    [("## The file", FileForm), ("## A finding", FindingForm), ("## A resource", ResourceForm)],
)
def test_the_keys_are_those_of_the_form(heading: str, form: type) -> None:
    fields = form.__struct_encode_fields__  # type: ignore[attr-defined]  # msgspec's own
    assert sorted(told(heading)) == sorted(fields)


def test_the_evidence_is_that_of_the_classes(findings: tuple[Finding, ...]) -> None:
    assert told("## Evidence") == [*evidence_of(door_of(findings[0]))]


def test_the_classes_and_the_limit_are_told() -> None:
    for cls in registry().classes:
        assert f"`{cls.name}`" in section(TEXT, "## A finding")
    assert f"{MAX_BYTES // MIB} MiB" in section(TEXT, "## The file")


def test_a_key_that_is_not_told_leaves_the_entry_out(tmp_path: Path) -> None:
    document = json.loads(fenced(TEXT, "json")[0])
    document["findings"][0]["colour"] = "red"
    (tmp_path / "findings.json").write_text(json.dumps(document))
    file = read_findings_file(tmp_path / "findings.json")
    assert len(file.findings) == 1
    assert "finding 1 is left out: " in file.problems[0]


@pytest.mark.parametrize(
    ("name", "value", "left_out"),
    [
        ("account", "444455556666", True),
        ("region", "us-east-1", True),
        ("account", None, False),
        ("arn", "arn:aws:s3:::logs", False),
    ],
)
def test_a_resource_in_two_places_leaves_the_entry_out(
    name: str, value: str | None, left_out: bool, tmp_path: Path
) -> None:
    document = json.loads(fenced(TEXT, "json")[0])
    resource = document["findings"][0]["resource"]
    resource["arn"] = "arn:aws:ec2:eu-central-1:111122223333:security-group/sg-1"
    resource |= {"account": "111122223333", "region": "eu-central-1"} | {name: value}
    (tmp_path / "findings.json").write_text(json.dumps(document))
    file = read_findings_file(tmp_path / "findings.json")
    assert [f"resource.{name} is {value}, and in resource.arn" in p for p in file.problems] == (
        [True] if left_out else []
    )
