"""One resource instance as the evaluated configuration has it, and what a class makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from remediator.model import Finding
from remediator.remediate.access import Access
from remediator.terraform.configuration import Expansion, ModuleInstance
from remediator.terraform.content import Content
from remediator.terraform.value import Source


class Evaluation(Protocol):
    """What an instance allows, and which values make a finding of it."""

    @property
    def access(self) -> Access: ...

    @property
    def empty(self) -> str | None:
        """A rule or statement that names nobody any more, which AWS would not take."""
        ...

    def guilty(self, finding: Finding) -> bool:
        """Whether it has something that is to go."""
        ...

    def causes(self, finding: Finding) -> bool:
        """Whether it has what the finding is about, also where that must stay for others."""
        ...

    def sources(self, finding: Finding) -> Sequence[Source | None]:
        """Of each value that makes the finding, its literal; None where it is computed."""
        ...

    def parts(self, finding: Finding) -> Sequence[str]:
        """The parts of the finding that this instance causes, as `missing` understands them."""
        ...

    def unsure(self, finding: Finding) -> tuple[str, ...]:
        """What is not known and may be the cause, as sentences."""
        ...

    def doubts(self, finding: Finding) -> tuple[str, ...]:
        """What of an instance after a change is not known, and may be the finding still or no
        valid rule at all, as sentences."""
        ...


@dataclass(frozen=True, slots=True)
class EvaluatedInstance:
    """`root` and `address` say which; `module`, `content` and `expansion` where it comes from."""

    root: str
    address: str
    kind: str
    module: ModuleInstance = field(repr=False)
    content: Content = field(repr=False)
    expansion: Expansion = field(repr=False)
    evaluation: Evaluation = field(repr=False)


@dataclass(frozen=True, slots=True)
class Case:
    """An instance, and a finding that it causes."""

    instance: EvaluatedInstance
    finding: Finding
