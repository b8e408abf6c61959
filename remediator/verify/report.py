"""What a check of two commits came to, and whether it fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from remediator.model import Disposition, Json
from remediator.texts import plain
from remediator.verify.claims import Again, Claim, Part
from remediator.verify.difference import Answer, Difference, Spot

VERSION = 1
WIDER, WIDER_AUTO, UNKNOWN, NEVER = "wider", "wider:auto-classes", "unknown", "never"
FAIL_ON = (WIDER_AUTO, WIDER, UNKNOWN, NEVER)
ORDER = (Answer.WIDER, Answer.UNKNOWN, Answer.NARROWER, Answer.SAME)


@dataclass(frozen=True, slots=True)
class Report:
    """`compared` says which two trees, in a sentence; `notes` are for a person."""

    base: str
    head: str
    compared: str
    differences: tuple[Difference, ...]
    claims: tuple[Claim, ...]
    fail_on: frozenset[str]
    notes: tuple[str, ...] = ()

    def in_order(self) -> list[Difference]:
        """The worst first."""
        key = {answer: number for number, answer in enumerate(ORDER)}
        return sorted(self.differences, key=lambda d: (not self.fails(d), key[d.answer]))

    def fails(self, difference: Difference) -> bool:
        if any(r.disposition == Disposition.AUTO.word for r in difference.reopened) and (
            self.fail_on & {WIDER, WIDER_AUTO}
        ):
            return True
        if difference.answer is Answer.WIDER:
            return WIDER in self.fail_on
        return difference.answer is Answer.UNKNOWN and UNKNOWN in self.fail_on

    @property
    def failures(self) -> tuple[str, ...]:
        """One sentence each. A record that is wrong always fails."""
        return (*self._wrong(), *map(_failure, filter(self.fails, self.in_order())))

    def _wrong(self) -> Iterator[str]:
        for claim in self.claims:
            for part in claim.parts:
                if part.again is Again.WRONG:
                    yield f"{claim.record.commit[:12]} claims what is not so: {part.detail}"

    def counts(self) -> dict[str, int]:
        return {answer.value: sum(d.answer is answer for d in self.differences) for answer in ORDER}

    def summary(self) -> str:
        told = ", ".join(f"{n} {name}" for name, n in self.counts().items() if n)
        parts = [told or "no rule set or policy changes"]
        wrong = sum(c.is_wrong for c in self.claims)
        if self.claims:
            holding = len(self.claims) - wrong
            parts.append(f"{holding} of {len(self.claims)} records proven again")
        return "; ".join(parts)


def _failure(difference: Difference) -> str:
    spot = shown(difference.spot)
    opened = [r for r in difference.reopened if r.disposition == Disposition.AUTO.word]
    if opened:
        first = opened[0]
        return (
            f"{spot} opens {first.text}: {first.finding_class}, which the policy closes by itself "
            f"({first.row})"
        )
    return f"{spot} is {difference.answer}: {difference.reason}"


def witness(found: Difference) -> str:
    """What only the code after allows, where the reason does not name it already."""
    return "" if found.witness is None or found.witness in found.reason else found.witness


def shown(spot: Spot) -> str:
    where = f"{spot.root}:{spot.address}" if spot.root else spot.address
    return f"{where} ({spot.what})"


# JSON --------------------------------------------------------------------------------------


def document(report: Report) -> dict[str, Json]:
    """docs/verify.md describes every field."""
    counts: dict[str, Json] = {**report.counts()}
    return {
        "version": VERSION,
        "base": report.base,
        "head": report.head,
        "compared": report.compared,
        "counts": counts,
        "fails": bool(report.failures),
        "failures": [*report.failures],
        "differences": [_difference(d, report.fails(d)) for d in report.in_order()],
        "records": [_claim(claim) for claim in report.claims],
        "notes": [*report.notes],
    }


def _difference(found: Difference, fails: bool) -> Json:
    reopened: list[Json] = [
        {"class": r.finding_class, "row": r.row, "disposition": r.disposition, "text": r.text}
        for r in found.reopened
    ]
    return {
        "root": found.spot.root,
        "address": found.spot.address,
        "what": found.spot.what,
        "answer": found.answer.value,
        "reason": found.reason,
        "witness": found.witness,
        "gone": [*found.gone],
        "reopened": reopened,
        "file": found.file or None,
        "line": found.line or None,
        "fails": fails,
    }


def _claim(claim: Claim) -> Json:
    return {
        "commit": claim.record.commit,
        "findings": [*claim.record.all("Finding-Id")],
        "addresses": [*claim.record.all("Terraform-Address")],
        "checks": [_part(part) for part in claim.parts],
        "holds": claim.holds,
        "wrong": claim.is_wrong,
    }


def _part(part: Part) -> Json:
    return {"name": part.name, "verdict": part.again.value, "detail": plain(part.detail, 2000)}
