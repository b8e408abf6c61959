"""A ready entry for exemptions.yaml: what a person pastes who wants a finding to be left alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import date

from remediator.model import Finding

MAX_ENTRIES = 5
_NOT_IN_A_NAME = re.compile(r"[^a-z0-9]+")
_CLASS = re.compile(r"[a-z][a-z0-9-]*")
_ACCOUNT = re.compile(r"[0-9]{12}")
_ID = re.compile(r"[A-Za-z0-9_./:@+=,-]{1,500}")
# As the linter takes it (evaluate/patterns.py), without its `*` and `?`.
_ADDRESS = re.compile(
    r"[A-Za-z_][A-Za-z0-9_.-]*(?:\[(?:[0-9]+|\"[A-Za-z0-9_./ -]*\")\][A-Za-z0-9_.-]*)*"
)


def exemption_snippet(
    findings: Sequence[Finding], addresses: Sequence[str], change_id: str, until: date
) -> str:
    """Entries for the list under `exemptions:`, one a finding, valid by the linter.

    `addresses` are the owners', without their roots. "" where nothing names the resource exactly:
    an entry for its class alone would exempt far more.
    """
    matches = [m for f in findings[:MAX_ENTRIES] if (m := _match(f, addresses))]
    lines: list[str] = []
    for number, match in enumerate(matches, 1):
        suffix = f"-{number}" if len(matches) > 1 else ""
        lines += _entry(match, f"{_name(change_id)}{suffix}", until)
    return "\n".join(lines)


def _entry(match: Sequence[tuple[str, str]], name: str, until: date) -> Iterator[str]:
    yield f"  - id: {name}"
    yield "    owner: your-team@example.com"
    yield "    reason: Say here why this is accepted"
    yield f'    expires: "{until}"'
    yield "    match:"
    for key, value in match:
        yield f"      {key}: {json.dumps(value, ensure_ascii=False)}"


def _match(finding: Finding, addresses: Sequence[str]) -> list[tuple[str, str]]:
    """By the live id where there is one. A `*` in a name would exempt more than the name."""
    resource, address = finding.resource, finding.address or next(iter(addresses), "")
    if not _CLASS.fullmatch(finding.finding_class):
        return []
    if _ID.fullmatch(resource.id) and not resource.id.startswith("arn:"):
        named = ("resource", resource.id)
    elif _ADDRESS.fullmatch(address) and "." in address:
        named = ("address", address)
    else:
        return []
    account = resource.account or ""
    known = [("account", account)] if _ACCOUNT.fullmatch(account) else []
    return [("class", finding.finding_class), *known, named]


def _name(text: str) -> str:
    name = _NOT_IN_A_NAME.sub("-", text.lower()).strip("-")[:56].strip("-")
    return f"x-{name}"[:60].strip("-") if not name[:1].isalpha() else name
