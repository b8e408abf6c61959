"""Reads a findings file of any form that we know, by its content and not by its name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from remediator.detect import events
from remediator.detect.access_analyzer import report as access_analyzer
from remediator.detect.findings_file import MIB, load, parse_findings
from remediator.detect.reports import asff, checkov, config_details, ocsf, sarif
from remediator.detect.reports.reported import Inactive, Read, Report, Reported
from remediator.model import Finding, SourceError
from remediator.texts import listed

MAX_BYTES = 128 * MIB
"""Of a scanner's report, all of which is read into memory at once."""

_Entries = Callable[[Any], Report | None]
FORMATS: Mapping[str, tuple[_Entries, Read]] = {
    "Checkov": (checkov.entries, checkov.read),
    "SARIF": (sarif.entries, sarif.read),
    "ASFF": (asff.entries, asff.read),
    "OCSF": (ocsf.entries, ocsf.read),
    "AWS Config": (config_details.entries, config_details.read),
    "EventBridge": (events.entries, events.read),
    "IAM Access Analyzer": (access_analyzer.entries, access_analyzer.read),
}


@dataclass(frozen=True, slots=True)
class FindingsFile:
    """`findings` are complete, `reported` are to be expanded; `problems` are sentences for the
    entries that could not be used, `notes` for those that are left out as they are not active."""

    findings: tuple[Finding, ...] = ()
    reported: tuple[Reported, ...] = ()
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def read_findings_file(path: Path) -> FindingsFile:
    """Raises SourceError for a file that is of none of the forms."""
    return recognised(load(path), path)


def recognised(data: bytes, path: Path) -> FindingsFile:
    """As `read_findings_file`, of bytes that were read already. Pure."""
    keys = _keys(data)
    if keys is None or {"version", "findings"} <= keys:
        findings, problems = parse_findings(data, path)
        return FindingsFile(findings, problems=problems)
    document = events.unwrapped(decoded(data, path))
    for entries, read in FORMATS.values():
        try:
            report = entries(document)
        except ValueError as why:
            raise SourceError(str(path), 1, 1, str(why)) from None
        if report is not None:
            return _file(path, report, read)
    findings, problems = parse_findings(data, path)
    return FindingsFile(findings, problems=problems)


def _keys(data: bytes) -> set[str] | None:
    """Of a JSON object; none of a list; None for what is no JSON at all."""
    try:
        return set(msgspec.json.decode(data, type=dict[str, msgspec.Raw]))
    except msgspec.ValidationError:
        return set()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def decoded(data: bytes, path: Path) -> Any:
    if len(data) > MAX_BYTES:
        raise SourceError(str(path), 1, 1, f"is a report larger than {MAX_BYTES // MIB} MiB")
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _file(path: Path, report: Report, read: Read) -> FindingsFile:
    findings: list[Finding] = []
    reported: list[Reported] = []
    problems: list[str] = []
    inactive: Counter[str] = Counter()
    for number, entry in enumerate(report.entries, 1):
        try:
            found = read(entry)
        except ValueError as why:
            problems.append(f"{path}: entry {number} is left out: {why}")
            continue
        for one in found:
            if isinstance(one, Inactive):
                inactive[one.reason] += 1
            elif isinstance(one, Finding):
                findings.append(one)
            elif one.inactive:
                inactive[one.inactive] += 1
            else:
                reported.append(one)
    notes = [f"{path}: {note}" for note in report.notes]
    if inactive:
        reasons = [f"{reason} ({count})" for reason, count in inactive.most_common()]
        notes.append(f"{path}: entries left out as not active: {listed(reasons, 8)}")
    return FindingsFile(tuple(findings), tuple(reported), tuple(problems), tuple(notes))
