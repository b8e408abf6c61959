"""Checkov's own JSON (`checkov -o json`): one report, or a list of one for each framework.

https://www.checkov.io/2.Basics/CLI%20Command%20Reference.html
"""

from __future__ import annotations

from typing import Any

import msgspec

from remediator.detect.reports.reported import Name, Place, Report, Reported, Text

TOOL = "checkov"


class _Record(msgspec.Struct):
    """`repo_file_path` counts from the folder that Checkov ran in, `file_path` from the one it
    was told to scan (`/../../modules/x/main.tf` for a module beside it)."""

    check_id: Name
    resource: Text | None = None
    repo_file_path: Text | None = None
    file_path: Text | None = None
    file_abs_path: Text | None = None
    file_line_range: list[int] | None = None


def entries(document: Any) -> Report | None:
    """The failed checks; None where the document is of another format."""
    reports = document if isinstance(document, list) else [document]
    if not reports or not all(_is_report(report) for report in reports):
        return None
    failed: list[Any] = []
    for report in reports:
        results = report.get("results", {})
        found = results.get("failed_checks", []) if isinstance(results, dict) else None
        if not isinstance(found, list):
            raise ValueError("is a Checkov report whose results.failed_checks is no list")
        failed += found
    return Report(failed)


def _is_report(report: Any) -> bool:
    """What finds nothing to scan prints the counts alone."""
    return isinstance(report, dict) and (
        {"check_type", "results"} <= report.keys() or {"passed", "checkov_version"} <= report.keys()
    )


def read(entry: Any) -> tuple[Reported, ...]:
    record = msgspec.convert(entry, _Record)
    names = (record.repo_file_path, record.file_path, record.file_abs_path)
    files = tuple(dict.fromkeys(name for name in names if name))
    line = record.file_line_range[0] if record.file_line_range else 0
    place = Place(files, max(line, 0), record.resource or None)
    return (Reported(TOOL, record.check_id, place),)
