"""SARIF 2.1.0: Checkov's as it wrote it, and what other scanners write by the specification."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from reportfiles import given, scan

from remediator.detect.reports.reported import Place, Reported
from remediator.model import SourceError


def location(uri: str, line: int | None = 9, **artifact: Any) -> dict[str, Any]:
    region = {} if line is None else {"region": {"startLine": line}}
    return {"physicalLocation": {"artifactLocation": {"uri": uri, **artifact}, **region}}


def result(*locations: dict[str, Any], **changes: Any) -> dict[str, Any]:
    places = list(locations or [location("main.tf")])
    return {"ruleId": "AVD-AWS-0107", "message": {"text": "x"}, "locations": places} | changes


def sarif(*results: Any, version: str = "2.1.0", **run: Any) -> dict[str, Any]:
    tool = {"driver": {"name": "Trivy", "rules": [{"id": "AVD-AWS-0104"}, {"id": "AVD-AWS-0107"}]}}
    return {"version": version, "runs": [{"tool": tool, "results": list(results), **run}]}


def only(folder: Path, document: dict[str, Any]) -> Reported:
    found = given(folder, document)
    assert found.problems == ()
    (entry,) = found.reported
    return entry


def names(folder: Path, document: dict[str, Any]) -> tuple[str, ...]:
    place = only(folder, document).at
    assert isinstance(place, Place)
    return place.files


def test_checkovs_own() -> None:
    found = scan("checkov.sarif")
    assert [(r.tool, r.check, str(r.at)) for r in found.reported[:2]] == [
        ("checkov", "CKV_AWS_24", "live/prod/main.tf:9"),
        ("checkov", "CKV_AWS_260", "live/prod/main.tf:9"),
    ]
    assert any(str(r.at) == "modules/my mod/main.tf:1" for r in found.reported)
    assert len(found.reported) == 14
    (note,) = found.notes
    assert note.endswith("checkov.sarif: entries left out as not active: suppressed (1)")


@pytest.mark.parametrize(
    ("uri", "files"),
    [
        ("live/prod/main.tf", ("live/prod/main.tf",)),
        ("/live/prod/main.tf", ("/live/prod/main.tf",)),
        ("live/my%20mod/main.tf", ("live/my mod/main.tf", "live/my%20mod/main.tf")),
        ("live/my mod/main.tf", ("live/my mod/main.tf",)),
        ("file:///src/live/main.tf", ("/src/live/main.tf",)),
        ("file://build-host/src/main.tf", ("/src/main.tf",)),
        ("FILE:///src/main.tf", ("/src/main.tf",)),
        ("file:///C:/src/main.tf", ("/C:/src/main.tf",)),
        ("C:\\src\\main.tf", ("C:\\src\\main.tf",)),
        ("https://example.com/main.tf", ()),
        ("git::https://example.com/modules.git//x/main.tf", ()),
        ("javascript:alert(1)", ()),
        ("", ()),
        ("../../etc/passwd", ("../../etc/passwd",)),
        ("%2e%2e/%2e%2e/etc/passwd", ("../../etc/passwd", "%2e%2e/%2e%2e/etc/passwd")),
        ("a%00b.tf", ("a\0b.tf", "a%00b.tf")),
        ("%ff.tf", ("\ufffd.tf", "%ff.tf")),
        ("x" * 4000, ("x" * 4000,)),
    ],
)
def test_the_names_of_a_file(tmp_path: Path, uri: str, files: tuple[str, ...]) -> None:
    assert names(tmp_path, sarif(result(location(uri)))) == files


def test_a_base_comes_before_a_relative_name(tmp_path: Path) -> None:
    bases = {"ROOTPATH": {"uri": "file:///src/infra/"}}
    inside = result(location("main.tf", uriBaseId="ROOTPATH"))
    assert names(tmp_path, sarif(inside, originalUriBaseIds=bases)) == (
        "/src/infra/main.tf",
        "main.tf",
    )
    assert names(tmp_path, sarif(inside)) == ("main.tf",)
    absolute = result(location("file:///other/main.tf", uriBaseId="ROOTPATH"))
    assert names(tmp_path, sarif(absolute, originalUriBaseIds=bases)) == ("/other/main.tf",)


def test_a_name_in_the_list_of_artifacts(tmp_path: Path) -> None:
    places = [{"physicalLocation": {"artifactLocation": {"index": 1}}}]
    listed = [{"location": {"uri": "a.tf"}}, {"location": {"uri": "b.tf"}}]
    assert names(tmp_path, sarif(result(*places), artifacts=listed)) == ("b.tf",)
    assert names(tmp_path, sarif(result(*places))) == ()


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ({}, "AVD-AWS-0107"),
        ({"ruleId": None, "ruleIndex": 0}, "AVD-AWS-0104"),
        ({"ruleId": None, "rule": {"id": "x"}}, "x"),
        ({"ruleId": None, "rule": {"index": 1}}, "AVD-AWS-0107"),
    ],
)
def test_the_rule(tmp_path: Path, changes: dict[str, Any], check: str) -> None:
    assert only(tmp_path, sarif(result(**changes))).check == check


def test_each_place_of_a_result_counts(tmp_path: Path) -> None:
    found = given(tmp_path, sarif(result(location("a.tf"), location("b.tf", None))))
    assert [str(r.at) for r in found.reported] == ["a.tf:9", "b.tf"]


def test_a_result_without_a_place_is_not_lost(tmp_path: Path) -> None:
    assert only(tmp_path, sarif(result(locations=[]))).at == Place(())
    assert only(tmp_path, sarif(result(locations=[{}]))).at == Place(())


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"kind": "pass"}, "kind pass"),
        ({"kind": "notApplicable"}, "kind notApplicable"),
        ({"baselineState": "absent"}, "baselineState absent"),
        ({"suppressions": [{"kind": "inSource"}]}, "suppressed"),
        ({"suppressions": [{"status": "rejected"}, {"status": "accepted"}]}, "suppressed"),
    ],
)
def test_what_is_not_active_is_left_out_with_its_reason(
    tmp_path: Path, changes: dict[str, Any], reason: str
) -> None:
    found = given(tmp_path, sarif(result(), result(**changes)))
    assert len(found.reported) == 1
    assert found.notes == (f"{tmp_path / 'report'}: entries left out as not active: {reason} (1)",)


@pytest.mark.parametrize(
    "changes",
    [
        {"suppressions": []},
        {"suppressions": [{"status": "rejected"}, {"status": "underReview"}]},
        {"baselineState": "unchanged"},
        {"kind": "fail", "level": "note"},
    ],
)
def test_what_is_active_stays(tmp_path: Path, changes: dict[str, Any]) -> None:
    assert only(tmp_path, sarif(result(**changes))).inactive == ""


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (result(ruleId=None), "it names no rule"),
        (result(ruleId=None, ruleIndex=7), "it names no rule"),
        (result(ruleId=7), "ruleId"),
        (result(ruleId="x" * 600), "length <= 512"),
        (result(locations="x"), "locations"),
        (result(location("x" * 5000)), "length <= 4096"),
        (result(location("main.tf", uriBaseId=7)), "uriBaseId"),
        ([], "Expected `object`"),
    ],
)
def test_a_result_that_is_none_is_left_out(tmp_path: Path, bad: Any, words: str) -> None:
    found = given(tmp_path, sarif(bad, result()))
    assert len(found.reported) == 1
    assert len(found.problems) == 1
    assert "entry 1 is left out: " in found.problems[0]
    assert words in found.problems[0]


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (sarif(version="2.0.0"), "is SARIF of another version than 2.1.0"),
        ({"version": "2.1.0", "runs": {}}, "Expected `array`"),
        ({"version": "2.1.0", "runs": [{}]}, "missing required field `tool`"),
        ({"version": "2.1.0", "runs": [{"tool": {"driver": {}}}]}, "`name`"),
        (sarif(artifacts=7), "artifacts"),
    ],
)
def test_what_is_no_sarif_stops_it(tmp_path: Path, document: Any, words: str) -> None:
    with pytest.raises(SourceError) as caught:
        given(tmp_path, document)
    assert str(caught.value).startswith(f"{tmp_path / 'report'}:1:1: ")
    assert words in str(caught.value)


def test_a_run_without_results(tmp_path: Path) -> None:
    assert given(tmp_path, sarif()).reported == ()
    run = {"tool": {"driver": {"name": "x"}}, "results": None}
    assert given(tmp_path, {"version": "2.1.0", "runs": [run]}).reported == ()
