"""What a change makes of one rule set or policy: the answer, and what shows it."""

from __future__ import annotations

from dataclasses import dataclass

from remediator.access.iam.verdict import Answer

__all__ = ["Answer", "Difference", "Reopened", "Spot"]


@dataclass(frozen=True, slots=True)
class Spot:
    """Where it is: the root module's directory, the address in it, and what of it is compared
    ("ingress", "trust policy", …)."""

    root: str
    address: str
    what: str


@dataclass(frozen=True, slots=True)
class Reopened:
    """What a change newly opens is a finding: `finding_class` and the policy's row for it, with
    the `disposition` that it would have. `text` says what is open."""

    finding_class: str
    row: str
    disposition: str
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """`witness` is what only the code after allows: WIDER has one. `gone` is what only the code
    before allowed. `reason` is a sentence. `file` and `line` are of the code after, or where it is
    gone, of the code before. `line` is 0 where it is not known; `end` is the block's last one."""

    spot: Spot
    answer: Answer
    reason: str
    file: str
    line: int
    witness: str | None = None
    gone: tuple[str, ...] = ()
    reopened: tuple[Reopened, ...] = ()
    end: int = 0
