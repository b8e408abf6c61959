"""Which form a file has is told by its content; what is none of them is said, and nothing else."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import strategies
from reportfiles import ARN, SCANS, given, scan

from remediator.detect.findings_file import load, parse_findings
from remediator.detect.reports import recognise
from remediator.detect.reports.recognise import FORMATS, read_findings_file
from remediator.model import SourceError

OWN = {
    "version": 1,
    "findings": [{"class": "open-admin-port", "resource": {"id": "sg-1"}, "id": "x"}],
}


@pytest.mark.parametrize("file", sorted(SCANS.glob("checkov*")), ids=lambda f: f.name)
@pytest.mark.parametrize("name", ["findings.json", "report.sarif", "x", "state.tfstate"])
def test_the_name_of_the_file_says_nothing(tmp_path: Path, file: Path, name: str) -> None:
    (tmp_path / name).write_bytes(file.read_bytes())
    assert read_findings_file(tmp_path / name).reported == scan(file.name).reported


def test_the_tools_own_form_is_read_as_ever(tmp_path: Path) -> None:
    found = given(tmp_path, OWN)
    assert (found.reported, [f.id for f in found.findings]) == ((), ["x"])
    file = tmp_path / "report"
    assert parse_findings(load(file), file) == (found.findings, found.problems)


@pytest.mark.parametrize("more", ["runs", "Findings", "check_type", "detail"])
def test_the_tools_own_form_is_strict_still(tmp_path: Path, more: str) -> None:
    with pytest.raises(SourceError, match="is not a findings file"):
        given(tmp_path, OWN | {more: []})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not json",
        "[]",
        "{}",
        "7",
        "null",
        '"text"',
        "[[]]",
        "[1, 2]",
        '{"Resources": []}',
        '{"detail": {"findings": []}}',
        '{"detail": []}',
        '{"class_uid": 2003}',
        '{"results": {"failed_checks": []}}',
        '{"version": "2.1.0"}',
        '{"version": 1}',
        "[" * 100_000,
        '{"runs":' * 100_000,
        '{"version": 1, "findings": ' + "[" * 100_000,
        '{"check_type": "x", "results": {"failed_checks": ' + "[" * 100_000,
        '{"Findings": [' + '{"a":' * 100_000,
        '{"check_type": "terraform", "results": {"failed_ch',
        "\ud800",
    ],
    ids=lambda text: ascii(text[:30]),
)
def test_what_is_none_of_them_is_said(tmp_path: Path, text: str) -> None:
    (tmp_path / "report").write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(SourceError) as caught:
        read_findings_file(tmp_path / "report")
    assert str(caught.value).startswith(f"{tmp_path / 'report'}:1:1: is not a findings file (")
    assert "nor a report of Checkov, in SARIF, ASFF or OCSF" in str(caught.value)


def test_an_answer_without_a_finding_is_one(tmp_path: Path) -> None:
    """`aws accessanalyzer list-findings-v2` and its like print this where nothing is wrong."""
    for text in ('{"findings": []}', '{"EvaluationResults": []}'):
        found = given(tmp_path, text)
        assert (found.findings, found.reported, found.problems, found.notes) == ((), (), (), ())


def test_a_byte_order_mark_in_front_says_nothing(tmp_path: Path) -> None:
    assert given(tmp_path, "\ufeff" + json.dumps(OWN)) == given(tmp_path, OWN)


def test_a_deep_entry_of_the_own_form_is_left_out(tmp_path: Path) -> None:
    deep = '{"a":' * 20_000 + "1" + "}" * 20_000
    entry = json.dumps(OWN["findings"][0])  # type: ignore[index]
    text = f'{{"version": 1, "findings": [{entry}, {{"class": "x", "evidence": {deep}}}]}}'
    try:
        found = given(tmp_path, text)
    except SourceError as whole:
        assert "is not a findings file" in str(whole)  # noqa: PT017 - either answer is right
    else:
        assert (len(found.findings), len(found.problems)) == (1, 1)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"none\.json:1:1: cannot be read: No such file"):
        read_findings_file(tmp_path / "none.json")


def test_a_report_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recognise, "MAX_BYTES", 1000)
    with pytest.raises(SourceError, match="is a report larger than "):
        scan("checkov.json")
    assert given(tmp_path, OWN).findings


def test_many_reasons_are_cut(tmp_path: Path) -> None:
    codes = [f"code-{n}" for n in range(30)]
    entries = [
        {"class_uid": 2004, "finding_info": {"uid": c}, "metadata": {"event_code": "x"}}
        | {"status_code": c, "resources": [{"uid": ARN}]}
        for c in codes
    ]
    (note,) = given(tmp_path, entries).notes
    assert note.endswith("code-7 (1) and 22 more")


ANY = strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.integers() | strategies.text(),
    lambda inner: strategies.lists(inner) | strategies.dictionaries(strategies.text(), inner),
    max_leaves=20,
)
KEYS = (
    *("check_type", "results", "failed_checks", "version", "runs", "tool", "driver", "name"),
    *("Findings", "detail", "findings", "ProductArn", "AwsAccountId", "Resources", "Id"),
    *("class_uid", "finding_info", "metadata", "uid", "ruleId", "locations", "Compliance"),
)
SHAPED = strategies.recursive(
    ANY | strategies.sampled_from(["2.1.0", 2004, 1, "FAILED"]),
    lambda inner: (
        strategies.dictionaries(strategies.sampled_from(KEYS), inner, max_size=6)
        | strategies.lists(inner, max_size=3)
    ),
    max_leaves=30,
)


@drawn(SHAPED)
def test_no_document_does_worse_than_a_sentence(document: Any) -> None:
    for entries, read in FORMATS.values():
        with suppress(ValueError):
            report = entries(document)
            for entry in report.entries if report else ():
                with suppress(ValueError):
                    assert all(found.check for found in read(entry))
