"""The `--json` document: version 1, an interface. docs/json.md describes every field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from types import MappingProxyType

from remediator.model import Check, Finding, Json, Outcome, Owner, Patch, Proof

VERSION = 1


def document(
    mode: str,
    started_at: datetime,
    finished_at: datetime,
    outcomes: Iterable[Outcome],
    awaiting_apply: Iterable[Json] = (),
    calls: Mapping[str, int] = MappingProxyType({}),
) -> dict[str, Json]:
    """`calls`: how often each operation of AWS was called."""
    return {
        "version": VERSION,
        "mode": mode,
        "started_at": _time(started_at),
        "finished_at": _time(finished_at),
        "outcomes": [_outcome(o) for o in outcomes],
        "awaiting_apply": [*awaiting_apply],
        "aws_calls": dict[str, Json](calls),
    }


def _outcome(outcome: Outcome) -> Json:
    decision = outcome.decision
    checks: list[Json] = [_check(c) for c in decision.checks] if decision else []
    edits: list[Json] = _edits(outcome.patch) if outcome.patch else []
    timings: dict[str, Json] = {name: round(s, 6) for name, s in outcome.timings}
    return {
        "finding": _finding(outcome.finding),
        "outcome": outcome.kind.value,
        "reason": {
            "code": outcome.code,
            "text": outcome.text,
            "advice": [*outcome.advice],
        },
        "terraform": _terraform(outcome.owner),
        "disposition": decision.disposition.word if decision else None,
        "checks": checks,
        "edits": edits,
        "proof": _proof(outcome.proof),
        "commit": outcome.commit,
        "branch": outcome.branch,
        "pull_request": outcome.pull_request,
        "timings": timings,
    }


def _finding(finding: Finding) -> Json:
    r = finding.resource
    return {
        "id": finding.id,
        "class": finding.finding_class,
        "source": finding.source,
        "resource": r.arn or r.id or finding.address or "",
        "account": r.account,
        "region": r.region,
        "created_at": _time(finding.created_at) if finding.created_at else None,
    }


def _terraform(owner: Owner | None) -> Json:
    if owner is None:
        return None
    return {
        "root": owner.root,
        "address": owner.address,
        "file": owner.block.file,
        "line": owner.block.line,
    }


def _check(check: Check) -> Json:
    return {"name": check.name, "verdict": check.verdict.value, "detail": check.detail}


def _edits(patch: Patch) -> list[Json]:
    return [asdict(e) | {"text": e.text.decode(errors="replace")} for e in patch.edits]


def _proof(proof: Proof | None) -> Json:
    if proof is None:
        return None
    return {
        "checks": [_check(c) for c in proof.checks],
        "before": proof.before,
        "after": proof.after,
    }


def _time(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
