"""Checkov's JSON, as Checkov itself wrote it (tests/scans)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from reportfiles import given, scan

from remediator.detect.reports.reported import Place
from remediator.model import SourceError

MAIN = ("/live/prod/main.tf", "/src/infrastructure/live/prod/main.tf")


def record(**changes: Any) -> dict[str, Any]:
    known = {
        "check_id": "CKV_AWS_24",
        "file_path": "/main.tf",
        "file_line_range": [9, 36],
        "resource": "aws_security_group.web",
    }
    return known | changes


def report(*records: Any) -> dict[str, Any]:
    return {"check_type": "terraform", "results": {"failed_checks": list(records)}}


def test_a_list_of_several_frameworks() -> None:
    found = scan("checkov.json")
    assert (found.findings, found.problems, found.notes) == ((), (), ())
    first = found.reported[0]
    assert (first.tool, first.check, first.id) == ("checkov", "CKV_AWS_24", None)
    assert first.at == Place(MAIN, 9, "aws_security_group.web")
    assert first.source == "checkov:CKV_AWS_24"
    assert {r.check for r in found.reported} == {
        *("CKV_AWS_24", "CKV_AWS_25", "CKV_AWS_260", "CKV_AWS_277", "CKV_AWS_382"),
        *("CKV2_AWS_5", "CKV_DOCKER_2"),
    }
    assert len(found.reported) == 15


def test_one_framework_with_passed_and_skipped_checks() -> None:
    assert [r.check for r in scan("checkov-terraform.json").reported] == [
        *("CKV_AWS_24", "CKV_AWS_260", "CKV_AWS_382", "CKV_AWS_25", "CKV_AWS_24")
    ]


def test_a_module_beside_the_scanned_folder() -> None:
    (inner, _) = [
        r.at
        for r in scan("checkov-subfolder.json").reported
        if isinstance(r.at, Place) and r.check == "CKV_AWS_24" and "modules" in r.at.files[0]
    ]
    assert inner == Place(
        (
            "/modules/my mod/main.tf",
            "/../../modules/my mod/main.tf",
            "/src/infrastructure/modules/my mod/main.tf",
        ),
        1,
        "module.m.aws_security_group.inner[0]",
    )


def test_nothing_to_scan() -> None:
    assert scan("checkov-nothing.json").reported == ()


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"resource": "x"}, "check_id"),
        (record(check_id=24), "Expected `str`, got `int` - at `$.check_id`"),
        (record(check_id=""), "check_id"),
        (record(check_id="x" * 600), "length <= 512"),
        (record(file_path="x" * 5000), "length <= 4096"),
        (record(file_line_range="9-36"), "file_line_range"),
        (record(resource={}), "resource"),
        ("a text", "Expected `object`"),
        (None, "Expected `object`"),
    ],
)
def test_an_entry_that_is_none_is_left_out_and_the_others_go_on(
    tmp_path: Path, bad: Any, words: str
) -> None:
    found = given(tmp_path, report(record(), bad, record(check_id="CKV_AWS_25")))
    assert [r.check for r in found.reported] == ["CKV_AWS_24", "CKV_AWS_25"]
    (problem,) = found.problems
    assert problem.startswith(f"{tmp_path / 'report'}: entry 2 is left out: ")
    assert words in problem


@pytest.mark.parametrize("lines", [[], [-4, 1], None])
def test_no_line_is_line_0(tmp_path: Path, lines: Any) -> None:
    (entry,) = given(tmp_path, report(record(file_line_range=lines))).reported
    assert entry.at == Place(("/main.tf",), 0, "aws_security_group.web")


@pytest.mark.parametrize("results", [{"failed_checks": {}}, {"failed_checks": None}, [], "x"])
def test_a_report_without_a_list_of_checks_stops_it(tmp_path: Path, results: Any) -> None:
    document = {"check_type": "terraform", "results": results}
    with pytest.raises(SourceError, match="report:1:1: is a Checkov report whose results"):
        given(tmp_path, document)


def test_one_report_of_several_that_is_none_stops_it(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is not a findings file"):
        given(tmp_path, [report(record()), {"check_type": "terraform"}])
