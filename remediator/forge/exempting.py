"""A ready entry for exemptions.yaml: what a person pastes who wants a finding to be left alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import date

from remediator.model import Finding
from remediator.texts import plain

MAX_ENTRIES = 5
_NOT_IN_A_NAME = re.compile(r"[^a-z0-9]+")
_GLOB = re.compile(r"[*?]")
_ACCOUNT = re.compile(r"\d{12}")


def exemption_snippet(
    findings: Sequence[Finding], addresses: Sequence[str], change_id: str, until: date
) -> str:
    """Entries for the list under `exemptions:`, one a finding, valid by the linter."""
    entries = findings[:MAX_ENTRIES]
    lines: list[str] = []
    for number, finding in enumerate(entries, 1):
        suffix = f"-{number}" if len(entries) > 1 else ""
        lines += _entry(finding, addresses, f"{_name(change_id)}{suffix}", until)
    return "\n".join(lines)


def _entry(finding: Finding, addresses: Sequence[str], name: str, until: date) -> Iterator[str]:
    yield f"  - id: {name}"
    yield "    owner: your-team@example.com"
    yield "    reason: Say here why this is accepted"
    yield f'    expires: "{until}"'
    yield "    match:"
    for key, value in _match(finding, addresses):
        yield f"      {key}: {json.dumps(value, ensure_ascii=False)}"


def _match(finding: Finding, addresses: Sequence[str]) -> Iterator[tuple[str, str]]:
    """By the live id where there is one; a pattern in a name would exempt more than the name."""
    resource = finding.resource
    yield "class", finding.finding_class
    if resource.account and _ACCOUNT.fullmatch(resource.account):
        yield "account", resource.account
    if resource.id and _literal(resource.id):
        yield "resource", resource.id
    elif addresses and _literal(addresses[0]):
        yield "address", addresses[0]


def _literal(value: str) -> bool:
    whole = plain(value, len(value)) == value == value.strip()
    return whole and not _GLOB.search(value) and len(value) <= 2048


def _name(text: str) -> str:
    name = _NOT_IN_A_NAME.sub("-", text.lower()).strip("-")[:56].strip("-")
    return f"x-{name}"[:60].strip("-") if not name[:1].isalpha() else name
