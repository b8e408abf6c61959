"""Findings from a file in the tool's own JSON form, documented in docs/findings.md.

{"version": 1, "findings": [{"class": "open-admin-port", "resource": {"id": "sg-…"}, …}]}
"""

from __future__ import annotations

from codecs import BOM_UTF8
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from remediator.detect.aws_config import SECURITY_GROUP
from remediator.detect.groups import finding_id
from remediator.model import UNOBSERVED, Finding, Resource, SourceError

MIB = 1024 * 1024
MAX_BYTES = 256 * MIB


class ResourceForm(msgspec.Struct, forbid_unknown_fields=True):
    id: str = ""
    type: str = SECURITY_GROUP
    arn: str | None = None
    account: str | None = None
    region: str | None = None
    name: str = ""
    tags: dict[str, str] | None = None


class FindingForm(msgspec.Struct, forbid_unknown_fields=True, rename={"finding_class": "class"}):
    finding_class: str
    resource: ResourceForm = msgspec.field(default_factory=ResourceForm)
    evidence: dict[str, Any] = {}
    id: str | None = None
    source: str | None = None
    created_at: datetime | None = None
    observed_at: datetime | None = None
    address: str | None = None
    file: str | None = None


class FileForm(msgspec.Struct, forbid_unknown_fields=True):
    version: int
    findings: list[msgspec.Raw]


def load(path: Path) -> bytes:
    """Raises SourceError for what cannot be read, or is larger than any file of findings."""
    where = str(path)
    try:
        data = path.read_bytes()
    except OSError as why:
        raise SourceError(where, 1, 1, f"cannot be read: {why.strerror}") from None
    if len(data) > MAX_BYTES:
        raise SourceError(where, 1, 1, f"is larger than {MAX_BYTES // MIB} MiB")
    return data.removeprefix(BOM_UTF8)  # as some shells write it in front


def parse_findings(data: bytes, path: Path) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """The findings, and a sentence for each entry that could not be used.

    Raises SourceError for a file that is not this form at all.
    """
    where = str(path)
    try:
        form = msgspec.json.decode(data, type=FileForm)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as why:
        raise SourceError(
            where,
            1,
            1,
            f'is not a findings file ({{"version": 1, "findings": […]}}), nor a report of '
            f"Checkov, in SARIF, ASFF or OCSF: {why}",
        ) from None
    if form.version != 1:
        raise SourceError(where, 1, 1, f"is of version {form.version}; this reads version 1")
    findings, problems = [], []
    for number, raw in enumerate(form.findings, 1):
        try:
            findings.append(_finding(msgspec.json.decode(raw, type=FindingForm), path.name))
        except (ValueError, RecursionError) as why:
            problems.append(f"{where}: finding {number} is left out: {why}")
    return tuple(findings), tuple(problems)


def _finding(form: FindingForm, file_name: str) -> Finding:
    if not form.resource.id and not (form.address and form.file):
        raise ValueError('it names no resource: give resource.id, or "address" and "file"')
    r = form.resource
    _agree(r)
    site = str(form.evidence.get("protocol", ""))
    site += f":{form.evidence.get('from_port', '')}-{form.evidence.get('to_port', '')}"
    tags = None if r.tags is None else tuple(sorted(r.tags.items()))
    place = [r.account or "", r.region or "", r.id] if r.id else [form.file or "", form.address]
    return Finding(
        id=form.id or finding_id(form.finding_class, *(p or "" for p in place), site),
        finding_class=form.finding_class,
        source=form.source or f"file:{file_name}",
        resource=Resource(r.type, r.id, r.arn, r.account, r.region, r.name, tags),
        evidence=form.evidence,
        created_at=_utc(form.created_at),
        observed_at=_utc(form.observed_at) or UNOBSERVED,
        address=form.address,
        file=form.file,
    )


def _agree(resource: ResourceForm) -> None:
    """Exemptions and own accounts are asked by what a finding says: not by one of two answers."""
    parts = (resource.arn or "").split(":", 5)
    own = parts[3:5] if len(parts) == 6 else ["", ""]
    for name, said, at in zip(
        ("region", "account"), (resource.region, resource.account), own, strict=True
    ):
        if said and at and said != at:
            raise ValueError(f"resource.{name} is {said}, and in resource.arn {at}: correct one")


def _utc(time: datetime | None) -> datetime | None:
    if time is None:
        return None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
