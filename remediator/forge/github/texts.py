"""The short things that we say in comments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from remediator.forge.markdown import code, escaped
from remediator.model import Change

_MAX = 60_000


def stopped_text(head: str) -> str:
    return (
        f"Somebody else pushed to this branch ({head[:12]}), so I leave it alone from here on, "
        "and it will not be merged by itself. It is yours: merge it, or close it. "
        "`/remediator recreate` throws the other commits away and starts again."
    )


def objected(said: Sequence[str]) -> str:
    return f"{', '.join(said)}: it waits until that is taken back"


def closed_text(why: str) -> str:
    text = escaped(why, 600)
    return f"Closed, because {text}. If that changes, I open a new pull request."


def explanation(change: Change | None) -> str:
    """Every check and proof in full, and the evaluated access."""
    if change is None:
        return "There is no change for this now."
    text = "\n".join(_lines(change))
    return text if len(text) <= _MAX else text[:_MAX].rsplit("\n", 1)[0] + "\n- …"


def _lines(change: Change) -> Iterator[str]:
    decision, proof = change.decision, change.proof
    word, row = decision.disposition.word, code(decision.policy_row)
    yield f"Decided **{word}** by policy row {row}: {escaped(decision.rationale, 600)}"
    yield ""
    for check in decision.checks:
        yield f"- check {code(check.name)} {check.verdict}: {escaped(check.detail, 600)}"
    for check in proof.checks:
        yield f"- proof {code(check.name)} {check.verdict}: {escaped(check.detail, 600)}"
    for trail in change.trail[:20]:
        yield f"- traced through {code(trail, 600)}"
    yield f"- access before: {code(proof.before, 4000)}"
    yield f"- access after: {code(proof.after, 4000)}"
