"""SARIF 2.1.0, which most scanners of code can write.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import unquote

import msgspec

from remediator.detect.reports.reported import Name, Place, Report, Reported, Text

VERSION = "2.1.0"
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")  # two letters at least: `C:` is a drive
_ACCEPTED = (None, "accepted")


class _Form(msgspec.Struct, rename="camel"):
    pass


class _ArtifactLocation(_Form):
    uri: Text | None = None
    uri_base_id: Text | None = None
    index: int = -1


class _Region(_Form):
    start_line: int | None = None


class _PhysicalLocation(_Form):
    artifact_location: _ArtifactLocation | None = None
    region: _Region | None = None


class _Location(_Form):
    physical_location: _PhysicalLocation | None = None


class _Rule(_Form):
    id: Name | None = None
    index: int = -1


class _Suppression(_Form):
    status: str | None = None


class _Result(_Form):
    rule_id: Name | None = None
    rule_index: int = -1
    rule: _Rule | None = None
    kind: str = "fail"
    baseline_state: str | None = None
    suppressions: list[_Suppression] | None = None
    locations: list[_Location] | None = None


class _Driver(_Form):
    name: Name
    rules: list[_Rule] | None = None


class _Tool(_Form):
    driver: _Driver


class _Artifact(_Form):
    location: _ArtifactLocation | None = None


class _Run(_Form):
    tool: _Tool
    results: list[Any] | None = None
    artifacts: list[_Artifact] | None = None
    original_uri_base_ids: dict[str, _ArtifactLocation] | None = None


def entries(document: Any) -> Report | None:
    """(run, result) of every run; None where the document is of another format."""
    if not isinstance(document, dict) or not {"version", "runs"} <= document.keys():
        return None
    if document["version"] != VERSION:
        raise ValueError(f"is SARIF of another version than {VERSION}, which this reads")
    try:
        runs = msgspec.convert(document["runs"], list[_Run])
    except msgspec.ValidationError as why:
        raise ValueError(f"is SARIF that cannot be read: {why}") from None
    return Report([(run, result) for run in runs for result in run.results or ()])


def read(entry: Any) -> tuple[Reported, ...]:
    run: _Run = entry[0]
    result = msgspec.convert(entry[1], _Result)
    driver, check = run.tool.driver, _check(run, result)
    places = [_place(run, found) for found in result.locations or ()] or [Place(())]
    inactive = _inactive(result)
    return tuple(
        Reported(driver.name.casefold(), check, place, inactive=inactive) for place in places
    )


def _check(run: _Run, result: _Result) -> str:
    named = result.rule_id or (result.rule.id if result.rule else None)
    if named:
        return named
    index = result.rule.index if result.rule and result.rule_index < 0 else result.rule_index
    rule: _Rule | None = _at(run.tool.driver.rules, index)
    if rule is None or rule.id is None:
        raise ValueError("it names no rule: there is no ruleId, and no rule at its ruleIndex")
    return rule.id


def _inactive(result: _Result) -> str:
    if result.kind != "fail":
        return f"kind {result.kind[:40]}"
    if result.baseline_state == "absent":
        return "baselineState absent"
    if any(s.status in _ACCEPTED for s in result.suppressions or ()):
        return "suppressed"
    return ""


def _place(run: _Run, location: _Location) -> Place:
    physical = location.physical_location or _PhysicalLocation()
    artifact = physical.artifact_location
    if artifact is not None and artifact.uri is None:
        listed = _at(run.artifacts, artifact.index)
        artifact = listed.location if listed else None
    line = physical.region.start_line if physical.region else None
    files = tuple(dict.fromkeys(_names(run, artifact))) if artifact else ()
    return Place(files, max(line or 0, 0))


def _names(run: _Run, artifact: _ArtifactLocation) -> Iterator[str]:
    """The path below its base, and as it stands; decoded, and for scanners that do not encode
    as it is written."""
    uri = artifact.uri or ""
    base = (run.original_uri_base_ids or {}).get(artifact.uri_base_id or "")
    below = [f"{base.uri.rstrip('/')}/{uri}"] if base and base.uri and not _absolute(uri) else []
    for name in (*below, uri):
        path = _path(name)
        if path:
            yield unquote(path)
            yield path


def _absolute(uri: str) -> bool:
    return uri.startswith("/") or _SCHEME.match(uri) is not None


def _path(uri: str) -> str:
    """Of a relative reference, or of a file URI without its host; no other scheme is a file."""
    scheme = _SCHEME.match(uri)
    if scheme is None:
        return uri
    if scheme[0].casefold() != "file:":
        return ""
    rest = uri[scheme.end() :]
    return "/" + rest[2:].partition("/")[2] if rest.startswith("//") else rest


def _at(items: Sequence[Any] | None, index: int) -> Any:
    return items[index] if items and 0 <= index < len(items) else None
