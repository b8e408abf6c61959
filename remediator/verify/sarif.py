"""A check's report as SARIF 2.1.0, for annotations at the lines that a pull request changes.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html and
https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from string import ascii_letters, digits
from types import MappingProxyType

from remediator import __version__
from remediator.model import Json
from remediator.texts import plain
from remediator.verify.claims import Again, Claim
from remediator.verify.difference import Answer, Difference
from remediator.verify.report import Report, shown, witness

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_RULES = {
    "wider": (
        "The change allows more than before",
        "A rule set or policy allows something after the change that it did not allow before.",
    ),
    "unknown": (
        "Whether the change allows more is not known",
        "A rule set or policy changes, and the code alone does not say what it comes to.",
    ),
    "record": (
        "A record claims what is not so",
        "A commit carries a record of Remediator that does not hold when it is computed again.",
    ),
}
_UNRESERVED = frozenset(f"{ascii_letters}{digits}-._~/")
_NOTHING: Mapping[str, Sequence[int]] = MappingProxyType({})
_MOST = 5000
"""Results of a run that GitHub shows."""


def document(report: Report, changed: Mapping[str, Sequence[int]] = _NOTHING) -> dict[str, Json]:
    """What is narrower or the same is no result. `changed` has the lines of each file that are new:
    GitHub shows an annotation only at one of them, so that is where a result stands."""
    told_of = [d for d in report.in_order() if told(d)]
    results = [
        *_records(report, changed),
        *(_result(report, d, _line(d, changed)) for d in told_of),
    ]
    rules: list[Json] = [
        {
            "id": name,
            "name": name.capitalize(),
            "shortDescription": {"text": short},
            "fullDescription": {"text": long},
            "helpUri": "https://docs.aws.amazon.com/securityhub/latest/userguide/",
        }
        for name, (short, long) in _RULES.items()
    ]
    driver: dict[str, Json] = {"name": "Remediator", "version": __version__, "rules": rules}
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "utf16CodeUnits",
                "results": results[:_MOST],
            }
        ],
    }


def told(found: Difference) -> bool:
    return found.answer in (Answer.WIDER, Answer.UNKNOWN)


def _line(found: Difference, changed: Mapping[str, Sequence[int]]) -> int:
    inside = (n for n in changed.get(found.file, ()) if found.line <= n <= found.end)
    return min(inside, default=found.line)


def _result(report: Report, found: Difference, line: int) -> Json:
    fails = report.fails(found)
    level = "error" if fails else "warning" if found.answer is Answer.WIDER else "note"
    words = [f"{shown(found.spot)}: {found.reason}."]
    words += [f"Only the code after allows {found.witness}."] if witness(found) else []
    words += [f"{r.finding_class}: {r.text}; by policy {r.disposition}." for r in found.reopened]
    return _as_result(str(found.answer), level, " ".join(words), found.file, line)


def _records(report: Report, changed: Mapping[str, Sequence[int]]) -> Iterator[Json]:
    for claim in report.claims:
        files = named(claim)
        file = next((f for f in files if changed.get(f)), files[0] if files else "")
        line = min(changed.get(file, ()), default=1)
        for part in claim.parts:
            if part.again is Again.WRONG:
                text = f"The record of {claim.record.commit[:12]}: {part.detail}."
                yield _as_result("record", "error", text, file, line)


def named(claim: Claim) -> list[str]:
    """The files that a record names: whatever somebody wrote there."""
    return [value[65:] for value in claim.record.all("After-SHA256")]


def _as_result(rule: str, level: str, text: str, file: str, line: int) -> Json:
    """Without a file a result cannot be shown; then it is at the repository's top."""
    shown_text = plain(text, 2000)
    place: dict[str, Json] = {
        "artifactLocation": {"uri": _uri(file or ".")},
        "region": {"startLine": max(line, 1)},
    }
    digest = hashlib.sha256(f"{rule}\0{shown_text}".encode(errors="replace")).hexdigest()
    return {
        "ruleId": rule,
        "ruleIndex": [*_RULES].index(rule),
        "level": level,
        "message": {"text": shown_text},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"remediator/v1": digest},
    }


def _uri(path: str) -> str:
    """A relative reference: what RFC 3986 does not reserve, and slashes, stay as they are."""
    data = path.encode("utf-8", "surrogateescape")
    return "".join(chr(b) if chr(b) in _UNRESERVED else f"%{b:02X}" for b in data)
