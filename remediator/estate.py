"""The repository at one commit together with its states: where a finding's Terraform is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from posixpath import dirname
from typing import TypeAlias

from remediator.model import Finding, Instance, Owner, Refusal, place
from remediator.remediate.classes import FindingClass
from remediator.terraform.address import Address
from remediator.terraform.module import Sources, block_ref
from remediator.terraform.roots import Modules
from remediator.terraform.state import StateIndex, StateResource
from remediator.terraform.syntax import Block
from remediator.tree import OverlayTree, Tree


@dataclass(frozen=True, slots=True)
class States:
    """`read` are the roots whose states are in the index, `single` those of them with one state;
    `missing` says why others are not. A root in neither is one that the configuration does not
    name: nobody knows what it made."""

    index: StateIndex
    read: frozenset[str]
    single: frozenset[str]
    missing: Mapping[str, Refusal]


@dataclass(frozen=True, slots=True)
class Estate:
    """`sources` and `modules` belong to one tree; `states` to the run."""

    sources: Sources
    modules: Modules
    states: States

    @staticmethod
    def of(tree: Tree, states: States) -> Estate:
        return Estate(Sources(tree), Modules(tree), states)

    def edited(self, files: Mapping[str, bytes]) -> Estate:
        """The same estate with files replaced; what was parsed of the others stays parsed."""
        tree = OverlayTree(self.sources.tree, files)
        return replace(self, sources=Sources(tree, like=self.sources))

    def block(self, directory: str, address: str) -> Block | Refusal | None:
        module = self.sources.module(directory)
        return module if isinstance(module, Refusal) else module.find(address)


@dataclass(frozen=True, slots=True)
class Located:
    """A finding, and every block whose code causes it, with the owner that each one is.

    `joined` are all resources of ingress that the states join to the same live resource.
    """

    finding: Finding
    finding_class: FindingClass
    owners: tuple[Owner, ...]
    blocks: tuple[Block, ...]
    joined: tuple[Address, ...] = ()

    @property
    def site(self) -> tuple[str, ...]:
        """Findings of one site are closed by one change."""
        where = sorted(f"{o.block.directory}:{o.block.address}" for o in self.owners)
        return (self.finding.finding_class, self.finding_class.site(self.finding), *where)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The code does not cause it: it is not known to any state, or the code is right already."""

    managed: bool
    text: str
    owners: tuple[Owner, ...] = ()


@dataclass(frozen=True, slots=True)
class Gone:
    """The states have a resource that may cause it, and the code has that no more.

    `places` are all that may have caused it, in the code or not; `why` is what to say of it
    where no record tells who closed it.
    """

    places: tuple[str, ...]
    why: Refusal


Place: TypeAlias = Located | Elsewhere | Gone | Refusal


def locate(finding: Finding, cls: FindingClass, estate: Estate) -> Place:
    """From the live resource, or from the address that a finding in the code carries."""
    if finding.address is not None and finding.file is not None:
        return _by_address(finding, cls, estate, finding.address, dirname(finding.file))
    return _by_state(finding, cls, estate)


def _by_address(
    finding: Finding, cls: FindingClass, estate: Estate, address: str, directory: str
) -> Place:
    block = estate.block(directory, address)
    if isinstance(block, Refusal):
        return block
    if block is None:
        return Refusal(
            "locate", "not-in-code", f"there is no {address} in {directory or 'the top folder'}"
        )
    owner = Owner(directory, address, block_ref(block))
    return _sift(finding, cls, [(owner, block)])


def _by_state(finding: Finding, cls: FindingClass, estate: Estate) -> Place:
    known = estate.states.index.of_group(finding.resource.id)
    joined = [(root, r) for root, r in known if r.address.type in cls.resource_types]
    if known and not joined:
        return _other_owner(finding, *known[0])
    if not joined:
        return _unknown_to_states(finding, estate)
    found: list[tuple[Owner, Block]] = []
    refusals: list[Refusal] = []
    gone: list[tuple[str, StateResource]] = []
    seen: set[tuple[str, int]] = set()
    for root, resource in joined:
        block = _block_of(root, resource, estate)
        if isinstance(block, Refusal):
            refusals.append(block)
        elif block is None:
            gone.append((root, resource))
        elif (block.file.path, block.start) not in seen:
            seen.add((block.file.path, block.start))
            found.append((_owner(root, resource, block, estate), block))
    answer = _sift(finding, cls, found, refusals, gone)
    if isinstance(answer, Located):
        ingress = (r for _, r in known if r.attributes.type != "egress")
        return replace(answer, joined=tuple(r.address for r in ingress))
    return answer


def _other_owner(finding: Finding, root: str, resource: StateResource) -> Refusal:
    where = root or "the top folder"
    return Refusal(
        "locate",
        "unsupported-owner",
        f"{finding.resource.id} is {resource.address} in the state of {where}, a resource type "
        "that this version does not rewrite; change it by hand",
    )


def _unknown_to_states(finding: Finding, estate: Estate) -> Elsewhere | Refusal:
    missing = estate.states.missing
    if missing:
        root, why = next(iter(sorted(missing.items())))
        more = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
        return Refusal(
            "locate",
            "state-missing",
            f"no state that could be read knows {finding.resource.id}, but the state of "
            f"{root or 'the top folder'}{more} could not be read: {why.text}",
        )
    return Elsewhere(
        False,
        f"no Terraform state knows {finding.resource.id}; import it into the root that should "
        "own it, or name its state under `roots` in remediator.yaml",
    )


def _block_of(root: str, resource: StateResource, estate: Estate) -> Block | Refusal | None:
    address = resource.address
    directory = estate.modules.descend(root, address.module_names)
    if isinstance(directory, Refusal):
        return directory
    return estate.block(directory, address.block)


def _owner(root: str, resource: StateResource, block: Block, estate: Estate) -> Owner:
    reference = block_ref(block)
    reached = estate.modules.reached_from(reference.directory)
    instances = tuple(
        Instance(other, str(r.address), group_of(r))
        for other, names in reached
        for r in estate.states.index.of_block(other, names, reference.address)
    )
    unseen = dict.fromkeys(_unseen(estate, other) for other, _ in reached)
    return Owner(root, str(resource.address), reference, instances, tuple(u for u in unseen if u))


def _unseen(estate: Estate, root: str) -> str:
    """Why a root may have made instances that no state which was read knows."""
    where = root or "the top folder"
    if root not in estate.states.read:
        missing = estate.states.missing.get(root)
        return f"{where} ({missing.text if missing else 'not among the configured roots'})"
    if root in estate.states.single and estate.sources.mentions(root, b"terraform.workspace"):
        return f"{where} has workspaces, and the state of one was read"
    return ""


def group_of(resource: StateResource) -> str:
    """The security group that an instance belongs to, or is."""
    return resource.attributes.security_group_id or resource.attributes.id or ""


def _sift(
    finding: Finding,
    cls: FindingClass,
    found: Sequence[tuple[Owner, Block]],
    refusals: Sequence[Refusal] = (),
    gone: Sequence[tuple[str, StateResource]] = (),
) -> Place:
    """Of all blocks that could cause it, those that do."""
    guilty = [(o, b) for o, b in found if cls.occurs_in(b, finding)]
    if guilty:
        owners, blocks = zip(*guilty, strict=True)
        return Located(finding, cls, owners, blocks)
    if refusals:
        return refusals[0]
    if gone:
        return _gone(gone, [o for o, _ in found])
    obscured = [text for _, block in found for text in cls.obscured_in(block, finding)]
    if obscured:
        return Refusal(
            "locate",
            "not-literal",
            f"the value does not stand in the code as a literal: {'; '.join(obscured[:3])}; "
            "change it where it comes from",
        )
    names = ", ".join(sorted(o.address for o, _ in found))
    return Elsewhere(
        True,
        f"the code of {names} does not open this, so it was opened outside Terraform; "
        "look at it, and apply or import",
        tuple(o for o, _ in found),
    )


def _gone(gone: Sequence[tuple[str, StateResource]], owners: Sequence[Owner]) -> Gone:
    root, resource = gone[0]
    why = Refusal(
        "locate",
        "not-in-code",
        f"the state of {root or 'the top folder'} has {resource.address}, and the code no longer "
        "does: the next apply there destroys it",
    )
    places = [place(root, str(r.address)) for root, r in gone]
    return Gone((*places, *(place(o.root, o.address) for o in owners)), why)
