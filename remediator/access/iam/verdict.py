"""What comes of comparing two policies."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from remediator.access.iam.requests import Request
from remediator.model import Json


class Answer(StrEnum):
    """Of what the policy after allows, against what the policy before does."""

    SAME = "same"
    NARROWER = "narrower"
    WIDER = "wider"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`witness` is a request that only the policy after allows: WIDER has one, and no other.
    `gone` is one that only the policy before allowed, where one was found. `reason` is a sentence.
    """

    answer: Answer
    reason: str
    witness: Request | None = None
    gone: Request | None = None

    @property
    def nothing_new(self) -> bool:
        """Whether it is proven that the policy after allows nothing that the other did not."""
        return self.answer in (Answer.SAME, Answer.NARROWER)


def told(request: Request) -> dict[str, Json]:
    """A request as plain values, for a record. The resource of a trust policy is null."""
    found: dict[str, Json] = {
        "principal": str(request.principal),
        "action": request.action,
        "resource": request.resource,
    }
    if request.context:
        found["context"] = {key: list(texts) for key, texts in sorted(request.context.items())}
    return found


def sentence(request: Request) -> str:
    """ "s3:GetObject on arn:aws:s3:::a by *", and the context, if any."""
    on = f" on {request.resource}" if request.resource is not None else ""
    pairs = [f"{key} = {' and '.join(texts)}" for key, texts in sorted(request.context.items())]
    given = f" with {', '.join(pairs)}" if pairs else ""
    return f"{request.action}{on} by {request.principal}{given}"
