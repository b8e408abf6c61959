"""What every finding class offers to the loop, and the registry that holds them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from remediator.model import Check, ConfigurationError, Finding, Refusal, Resource
from remediator.remediate.access import Access
from remediator.remediate.advice import Advice
from remediator.remediate.candidates import Candidate
from remediator.remediate.instances import Case, EvaluatedInstance, Evaluation
from remediator.remediate.rewrite import Rewrite
from remediator.remediate.staying import Staying
from remediator.terraform.address import Address
from remediator.terraform.content import Content
from remediator.terraform.evaluate import Scope
from remediator.terraform.module import Module
from remediator.terraform.state import StateIndex, StateResource
from remediator.terraform.syntax import Block


@dataclass(frozen=True, slots=True)
class Settings:
    """What a rewriting needs to know: of the configuration, and of where it may write.

    `within` is the folder whose files may be edited; "" is the whole repository.
    """

    approved_admin_cidrs: tuple[str, ...] = ()
    within: str = ""

    def writable(self, path: str) -> bool:
        """Below `within`, and not in a module that `terraform init` fetched."""
        inside = not self.within or path.startswith(f"{self.within}/")
        return inside and "/.terraform/" not in f"/{path}"


class FindingClass(Protocol):
    """One file in this folder. Everything here is pure."""

    @property
    def name(self) -> str: ...

    @property
    def title(self) -> str:
        """What is wrong, as the end of "This group has …"."""
        ...

    @property
    def reference(self) -> str:
        """The address of the AWS or CIS text that says so."""
        ...

    @property
    def scope(self) -> str:
        """The scope of a commit's subject: fix(scope): …"""
        ...

    @property
    def resource_types(self) -> tuple[str, ...]: ...

    @property
    def permissions(self) -> tuple[str, ...]:
        """The AWS read permissions that its detection and facts need."""
        ...

    @property
    def traits(self) -> frozenset[str]:
        """Every trait that `traits_of` can give; policy rows may ask for these."""
        ...

    def evidence_problem(self, finding: Finding) -> str | None:
        """Why the evidence cannot be used, for findings that come from a file."""
        ...

    def traits_of(self, finding: Finding) -> frozenset[str]: ...

    def subject(self, finding: Finding) -> str:
        """What the change does, in a commit's subject: "close SSH to the world"."""
        ...

    def kin(self, finding: Finding) -> str:
        """Findings of one kin that come from one value are closed by one change."""
        ...

    def site(self, finding: Finding) -> str:
        """What distinguishes this finding from others in one block ("tcp:22-22")."""
        ...

    def names_in(self, block: Block) -> tuple[str, ...]:
        """The Terraform names that a block goes by: markers look at them too."""
        ...

    @property
    def reads_blocks(self) -> bool:
        """Whether a finding may occur in a block by itself; else only what it comes to counts."""
        ...

    def occurs_in(self, block: Block, finding: Finding) -> bool: ...

    def obscured_in(self, block: Block, finding: Finding) -> tuple[str, ...]:
        """What in the block is no literal and may be the cause, as sentences."""
        ...

    def unsafe_beside(self, blocks: Iterable[Block], joined: Iterable[Address]) -> str | None:
        """Why a change of these blocks may touch what other Terraform resources, which are
        joined to the same live resource, manage."""
        ...

    def uncovered(self, blocks: Iterable[Block], finding: Finding) -> tuple[str, ...]:
        """The parts of the finding that none of these blocks causes."""
        ...

    def missing(self, found: Iterable[str], finding: Finding) -> tuple[str, ...]:
        """The parts of the finding that are not among those found."""
        ...

    def rewrite(
        self, block: Block, finding: Finding, module: Module, settings: Settings
    ) -> Rewrite | Refusal: ...

    def access(self, blocks: Iterable[Block]) -> Access: ...

    def joined(
        self, finding: Finding, index: StateIndex
    ) -> Sequence[tuple[str, StateResource]] | Refusal:
        """(root, resource) of every resource that may cause it by the states; other types than
        `resource_types` say who owns it where none of those does."""
        ...

    def unready(self, finding: Finding) -> Refusal | None:
        """Why nothing can be done about it, whatever the code says."""
        ...

    def informed(
        self,
        findings: Sequence[Finding],
        sure: Callable[[Finding], bool],
        index: StateIndex,
        marked: Callable[[Resource], bool],
    ) -> Sequence[Finding]:
        """The findings of this class, each with what the others of one run and the states say of
        it. `sure`: whether one may be changed without a person; `marked`: whether a resource is
        break-glass."""
        ...

    def spared(self, finding: Finding) -> Sequence[Check]:
        """Why nothing is changed for it, of a finding that was told of the others: what would be
        is kept for break-glass."""
        ...

    def agreed(self, cases: Sequence[Case]) -> Mapping[str, Finding]:
        """By id, the findings of one change reduced to what every one of them lets go where they
        share a value. None is left out."""
        ...

    def stays(self, finding: Finding, instances: Sequence[EvaluatedInstance]) -> Staying:
        """What of the finding a change of these instances leaves. `finding` is an agreed one."""
        ...

    def checks(
        self, finding: Finding, instances: Sequence[EvaluatedInstance], traits: frozenset[str]
    ) -> Sequence[Check]:
        """What else is to be known of it before these instances are changed. `traits` are all
        that are known of the finding's resource."""
        ...

    def drift(self, finding: Finding, instances: Sequence[EvaluatedInstance]) -> str | None:
        """How what is live differs from the code that causes it, as a sentence."""
        ...

    def not_in_code(self, names: str) -> str:
        """That the code of these does not cause it, as the begin of a sentence."""
        ...

    def evaluate(
        self, kind: str, content: Content, scope: Scope, place: tuple[str, str]
    ) -> Evaluation:
        """What one instance of a resource of type `kind` comes to, at a root and address."""
        ...

    def understands_call(self, content: Content, scope: Scope) -> bool:
        """Whether the inputs of this `module` block say what the module makes, though it is not
        here; `evaluate` then takes it as of type "module"."""
        ...

    def candidates(
        self,
        cases: Sequence[Case],
        settings: Settings,
        editable: Callable[[str], bool],
    ) -> Iterator[Candidate] | Refusal:
        """Every edit that might close these findings in their instances, where the values are not
        written in the block itself."""
        ...

    def drifted(self, finding: Finding, instances: Sequence[EvaluatedInstance]) -> Advice:
        """What closes it where the code is right: which apply does, or what to do if none does.

        `instances` are what the states and the code have for the live resource.
        """
        ...

    def unmanaged(self, finding: Finding) -> Advice:
        """How to make Terraform's what no state knows."""
        ...

    def nothing(self) -> Access:
        """The access of an instance that is not there."""
        ...

    def forbidden(self, kind: str, address: str, content: Content) -> Refusal | None:
        """Why no apply would carry out a change of this instance."""
        ...

    def passes_on(self, kind: str) -> bool:
        """Whether a data source of this type does nothing but hand on a value, so that only its
        readers count."""
        ...

    @property
    def piecemeal(self) -> bool:
        """Whether a literal may be taken out by itself, as a part of the change."""
        ...

    def concerns(self, kind: str, argument: str) -> bool:
        """Whether an argument or nested block of such a resource is what findings are about: a
        change for one of them must touch no other."""
        ...

    def gone_with(self, kind: str) -> bool:
        """Whether an instance of this type may go altogether with the finding."""
        ...

    def replaces(self, kind: str) -> bool:
        """Whether the provider replaces an instance of this type when the finding goes."""
        ...

    def creates(self, kind: str) -> bool:
        """Whether a change may make an instance of this type, which by itself allows nothing."""
        ...

    def exact(
        self,
        before: Access,
        after: Access,
        findings: Sequence[Finding],
        settings: Settings,
        whole: bool = True,
    ) -> str | None:
        """What the change takes besides the findings, and where it is to take them as a whole,
        what it leaves of them; None when it is exact."""
        ...


@dataclass(frozen=True, slots=True)
class Registry:
    classes: tuple[FindingClass, ...]

    def __post_init__(self) -> None:
        names = [c.name for c in self.classes]
        if len(set(names)) != len(names):
            raise ConfigurationError(f"two finding classes have one name: {sorted(names)}")

    def get(self, name: str) -> FindingClass | None:
        return next((c for c in self.classes if c.name == name), None)

    def known(self) -> dict[str, frozenset[str]]:
        return {c.name: c.traits for c in self.classes}
