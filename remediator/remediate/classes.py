"""What every finding class offers to the loop, and the registry that holds them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from remediator.model import ConfigurationError, Finding, Json, Refusal
from remediator.remediate.rewrite import Rewrite
from remediator.terraform.address import Address
from remediator.terraform.module import Module
from remediator.terraform.syntax import Block


class Access(Protocol):
    """What one or more blocks allow. `within` is the subset relation."""

    def within(self, wider: Access) -> bool: ...

    def canonical(self) -> Json: ...

    def lines(self) -> tuple[str, ...]:
        """One sentence a rule, for people."""
        ...


@dataclass(frozen=True, slots=True)
class Settings:
    """What the configuration says that a rewriting needs to know."""

    approved_admin_cidrs: tuple[str, ...] = ()


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

    def site(self, finding: Finding) -> str:
        """What distinguishes this finding from others in one block ("tcp:22-22")."""
        ...

    def names_in(self, block: Block) -> tuple[str, ...]:
        """The Terraform names that a block goes by: markers look at them too."""
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

    def rewrite(
        self, block: Block, finding: Finding, module: Module, settings: Settings
    ) -> Rewrite | Refusal: ...

    def access(self, blocks: Iterable[Block]) -> Access: ...

    def exact(
        self, before: Access, after: Access, finding: Finding, settings: Settings
    ) -> str | None:
        """What the change takes or leaves besides the finding; None when it is exact."""
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
