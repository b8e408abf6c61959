"""The `--json` document: version 1, an interface. docs/json.md describes every field."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from types import MappingProxyType

from remediator.model import Check, Finding, Json, Outcome, Owner, Patch, Proof

VERSION = 1


@dataclass(frozen=True, slots=True)
class Document:
    """What stands before the outcomes, and behind them. Those of a whole account are never in
    memory as JSON, nor as text: they would be many times what the run itself needs."""

    head: Mapping[str, Json]
    outcomes: Sequence[Outcome]
    tail: Mapping[str, Json]

    def pieces(self, *, indented: bool) -> Iterator[str]:
        """Its text, piece by piece, each an outcome at the most; without a newline at the end."""
        end, colon, inner = ("\n", ": ", "  ") if indented else ("", ":", "")
        yield "{" + end
        for name, value in self.head.items():
            yield f"{inner}{json.dumps(name)}{colon}{_text(value, inner)},{end}"
        yield f'{inner}"outcomes"{colon}['
        for number, outcome in enumerate(self.outcomes):
            comma = "," if number else ""
            yield f"{comma}{end}{2 * inner}{_text(_outcome(outcome), 2 * inner)}"
        yield f"{end}{inner}]" if self.outcomes else "]"
        for name, value in self.tail.items():
            yield f",{end}{inner}{json.dumps(name)}{colon}{_text(value, inner)}"
        yield end + "}"


def _text(value: Json, inner: str) -> str:
    """`inner`: what its lines begin with; empty for all in one line."""
    import msgspec

    if not inner:
        return json.dumps(value, separators=(",", ":"))
    try:
        text = msgspec.json.format(json.dumps(value), indent=2)
    except msgspec.DecodeError:  # half a character, which a string of Python's may hold
        text = json.dumps(value, indent=2)
    return text.replace("\n", f"\n{inner}")  # no string in JSON has a line's end


def document(
    mode: str,
    started_at: datetime,
    finished_at: datetime,
    outcomes: Sequence[Outcome],
    awaiting_apply: Iterable[Json] = (),
    calls: Mapping[str, int] = MappingProxyType({}),
) -> Document:
    """`calls`: how often each operation of AWS was called."""
    head: dict[str, Json] = {
        "version": VERSION,
        "mode": mode,
        "started_at": _time(started_at),
        "finished_at": _time(finished_at),
    }
    tail: dict[str, Json] = {"awaiting_apply": [*awaiting_apply], "aws_calls": {**calls}}
    return Document(head, outcomes, tail)


def _outcome(outcome: Outcome) -> Json:
    decision = outcome.decision
    checks: list[Json] = [_check(c) for c in decision.checks] if decision else []
    edits: list[Json] = _edits(outcome.patch) if outcome.patch else []
    decided = decision.decided if decision else None
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
        "disposition": decided.word if decided is not None else None,
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
