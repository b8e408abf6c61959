"""The repository at one commit together with its states: where a finding's Terraform is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from posixpath import dirname
from types import MappingProxyType
from typing import TypeAlias

from remediator.model import Finding, Instance, Owner, Refusal, place
from remediator.remediate.classes import FindingClass
from remediator.remediate.instances import EvaluatedInstance
from remediator.terraform.address import Address
from remediator.terraform.configurations import Configurations
from remediator.terraform.module import Sources, block_ref
from remediator.terraform.roots import Modules
from remediator.terraform.state import StateIndex, StateResource
from remediator.terraform.syntax import Block
from remediator.tracing import (
    MODULE,
    Traced,
    instance_at,
    instance_of,
    instances_of_block,
    owner_of,
)
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
    configurations: Configurations

    @staticmethod
    def of(
        tree: Tree, states: States, var_files: Mapping[str, Sequence[str]] = MappingProxyType({})
    ) -> Estate:
        sources, modules = Sources(tree), Modules(tree)
        return Estate(sources, modules, states, Configurations(sources, modules, var_files))

    def edited(self, files: Mapping[str, bytes]) -> Estate:
        """The same estate with files replaced; what was parsed of the others stays parsed. Asked
        for the same again, as it is when a change is weighed, proven and made, it is the same."""
        last = self.configurations.last_edit
        if last is not None and last[0] == files and isinstance(last[1], Estate):
            return last[1]
        self._forget_last()
        made = self._edited(files)
        self.configurations.last_edit = (dict(files), made)
        return made

    def succeeded(self, files: Mapping[str, bytes]) -> Estate:
        """`edited`, for good. This one keeps nothing of it, or the first would hold all of them;
        what it evaluated is let go of."""
        made = self.edited(files)
        self.configurations.last_edit = None
        self.configurations.forget()
        return made

    def _forget_last(self) -> None:
        last = self.configurations.last_edit
        if last is not None and isinstance(last[1], Estate):
            last[1].configurations.forget()

    def _edited(self, files: Mapping[str, bytes]) -> Estate:
        tree = OverlayTree(self.sources.tree, files)
        sources = Sources(tree, like=self.sources, differing=files)
        configurations = self.configurations.edited(sources, files)
        return replace(self, sources=sources, configurations=configurations)

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

    @property
    def uncovered(self) -> tuple[str, ...]:
        """The parts of the finding that none of these blocks causes."""
        return self.finding_class.uncovered(self.blocks, self.finding)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The code does not cause it: it is not known to any state, or the code is right already."""

    managed: bool
    text: str
    owners: tuple[Owner, ...] = ()
    advice: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gone:
    """The states have a resource that may cause it, and the code has that no more.

    `places` are all that may have caused it, in the code or not; `why` is what to say of it
    where no record tells who closed it.
    """

    places: tuple[str, ...]
    why: Refusal


Place: TypeAlias = Located | Traced | Elsewhere | Gone | Refusal


def locate(finding: Finding, cls: FindingClass, estate: Estate) -> Place:
    """From the live resource, or from the address that a finding in the code carries."""
    if not cls.resource_types:
        return _not_rewritten(cls)
    if (unready := cls.unready(finding)) is not None:
        return unready
    if finding.address is not None and finding.file is not None:
        return _by_address(finding, cls, estate, finding.address, dirname(finding.file))
    return _by_state(finding, cls, estate)


def _not_rewritten(cls: FindingClass) -> Refusal:
    return Refusal(
        "locate",
        "not-rewritten",
        f"{cls.name} has no rewriting: change it by hand, or let its policy row say exempt or "
        "alert",
    )


def _by_address(
    finding: Finding, cls: FindingClass, estate: Estate, address: str, directory: str
) -> Place:
    if not _may_own(address, cls, evaluated=finding.root is not None):
        where = directory or "the top folder"
        return Refusal(
            "locate",
            "unsupported-owner",
            f"{address} in {where} is of a resource type that this version does not rewrite for "
            f"{cls.name}; change it by hand",
        )
    if finding.root is not None:
        return _by_evaluation(finding, cls, estate, finding.root, address)
    block = estate.block(directory, address)
    if isinstance(block, Refusal):
        return _several_files(finding, cls, estate, address, directory) or block
    if block is None:
        return _not_there(address, directory)
    owner = Owner(directory, address, block_ref(block))
    seen = _Seen([(owner, block)])
    if len(block.labels) == 2 and not cls.occurs_in(block, finding):
        kind, name = block.labels
        found = instances_of_block(directory, kind, name, cls, estate.configurations)
        seen.instances += [(owner_of(i), i) for i in found]
    answer = _sift(finding, cls, seen)
    if isinstance(answer, Located | Traced):
        return replace(answer, joined=_joined_in_code(address, directory, cls, estate))
    return answer


def _joined_in_code(
    address: str, directory: str, cls: FindingClass, estate: Estate
) -> tuple[Address, ...]:
    """The resources of its module that name this one: without a state, who may belong to it."""
    module = estate.sources.module(directory)
    if isinstance(module, Refusal):
        return ()
    own = Address.parse(address).type
    found: dict[str, None] = {}
    for file, reference in module.references_to(address):
        for block in file.blocks:
            inside = block.start <= reference.start < block.end
            if inside and block.type == "resource" and block.labels[:1] != (own,):
                found |= {block.address: None} if block.labels[0] in cls.resource_types else {}
    return tuple(Address.parse(a) for a in found)


def _may_own(address: str, cls: FindingClass, *, evaluated: bool) -> bool:
    """Also where it is no address: then there is nothing of that name to find. The call of a
    module that is not here is looked at by its inputs."""
    try:
        parsed = Address.parse(address)
    except ValueError:
        return True
    if parsed.type == MODULE:
        return evaluated
    return parsed.mode == "managed" and parsed.type in cls.resource_types


def _several_files(
    finding: Finding, cls: FindingClass, estate: Estate, address: str, directory: str
) -> Place | None:
    """A resource that is in JSON syntax or put together from override files is evaluated."""
    kind, _, name = address.partition(".")
    found = instances_of_block(directory, kind, name, cls, estate.configurations)
    seen = _Seen(instances=[(owner_of(i), i) for i in found])
    return _sift(finding, cls, seen) if found else None


def _not_there(address: str, directory: str) -> Refusal:
    where = directory or "the top folder"
    return Refusal("locate", "not-in-code", f"there is no {address} in {where}")


def _by_evaluation(
    finding: Finding, cls: FindingClass, estate: Estate, root: str, address: str
) -> Place:
    """One instance, which a finding in the code names in full."""
    try:
        parsed = Address.parse(address)
    except ValueError as why:
        return Refusal("locate", "not-in-code", str(why))
    kind = parsed.type
    instance = instance_at(root, address, kind, cls, estate.configurations)
    if isinstance(instance, Refusal):
        return instance
    if instance is None:
        return _not_there(address, root)
    return _sift(finding, cls, _Seen(instances=[(owner_of(instance), instance)]))


def _by_state(finding: Finding, cls: FindingClass, estate: Estate) -> Place:
    known = cls.joined(finding, estate.states.index)
    if isinstance(known, Refusal):
        return known
    joined = [(root, r) for root, r in known if r.address.type in cls.resource_types]
    if known and not joined:
        return _other_owner(finding, *known[0])
    if not joined:
        return _unknown_to_states(finding, cls, estate)
    seen = _Seen()
    for root, resource in joined:
        _look(finding, cls, estate, root, resource, seen)
    answer = _sift(finding, cls, seen)
    if isinstance(answer, Traced) and (why := cls.drift(finding, answer.instances)):
        return Elsewhere(True, why, answer.owners)
    if isinstance(answer, Located | Traced):
        ingress = (r for _, r in known if r.attributes.type != "egress")
        return replace(answer, joined=tuple(r.address for r in ingress))
    return answer


def _look(
    finding: Finding,
    cls: FindingClass,
    estate: Estate,
    root: str,
    resource: StateResource,
    seen: _Seen,
) -> None:
    """What the code has for one resource of a state: the block where it says so itself, else the
    instance as it comes to."""
    block = _block_of(root, resource, estate) if cls.reads_blocks else None
    if isinstance(block, Block) and cls.occurs_in(block, finding):
        if all((b.file.path, b.start) != (block.file.path, block.start) for _, b in seen.blocks):
            seen.blocks.append((_owner(root, resource, block, estate), block))
        return
    instance = instance_of(root, resource.address, cls, estate.configurations)
    if isinstance(instance, Refusal):
        block = block or _block_of(root, resource, estate)
        seen.refusals.append(block if isinstance(block, Refusal) else instance)
    elif instance is None:
        seen.gone.append((root, resource))
    else:
        owner = replace(owner_of(instance), unseen=_workspaces(estate, root))
        seen.instances.append((owner, instance))


def _workspaces(estate: Estate, root: str) -> tuple[str, ...]:
    """Why a root may come to something else than its code does by itself."""
    if root in estate.states.single and estate.modules.has_workspaces(root):
        return (_WORKSPACES.format(root or "the top folder"),)
    return ()


_WORKSPACES = "{} has workspaces, and the state of one was read"


def _other_owner(finding: Finding, root: str, resource: StateResource) -> Refusal:
    where = root or "the top folder"
    return Refusal(
        "locate",
        "unsupported-owner",
        f"{finding.resource.id} is {resource.address} in the state of {where}, a resource type "
        "that this version does not rewrite; change it by hand",
    )


def _unknown_to_states(finding: Finding, cls: FindingClass, estate: Estate) -> Elsewhere | Refusal:
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
    advice = cls.unmanaged(finding)
    return Elsewhere(
        False,
        f"no Terraform state knows {finding.resource.id}; {advice.text}, or name its state under "
        "`roots` in remediator.yaml",
        advice=advice.lines,
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
    if root in estate.states.single and estate.modules.has_workspaces(root):
        return _WORKSPACES.format(where)
    return ""


def group_of(resource: StateResource) -> str:
    """The security group that an instance belongs to, or is."""
    return resource.attributes.security_group_id or resource.attributes.id or ""


@dataclass(slots=True)
class _Seen:
    """Everything that may cause a finding, as it is looked through."""

    blocks: list[tuple[Owner, Block]] = field(default_factory=list)
    instances: list[tuple[Owner, EvaluatedInstance]] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    gone: list[tuple[str, StateResource]] = field(default_factory=list)

    @property
    def owners(self) -> list[Owner]:
        return [o for o, _ in (*self.blocks, *self.instances)]


def _sift(finding: Finding, cls: FindingClass, seen: _Seen) -> Place:
    """Of all that could cause it, what does: a literal in the block first."""
    literal = [(o, b) for o, b in seen.blocks if cls.occurs_in(b, finding)]
    if literal:
        owners, blocks = zip(*literal, strict=True)
        return Located(finding, cls, owners, blocks)
    traced = [(o, i) for o, i in seen.instances if i.evaluation.causes(finding)]
    if traced:
        owners, instances = zip(*traced, strict=True)
        return Traced(finding, cls, owners, instances)
    if seen.refusals:
        return seen.refusals[0]
    if seen.gone:
        return _gone(seen.gone, seen.owners)
    unsure = [text for _, i in seen.instances for text in i.evaluation.unsure(finding)]
    if not seen.instances:
        unsure = [text for _, b in seen.blocks for text in cls.obscured_in(b, finding)]
    if unsure:
        return Refusal(
            "locate",
            "unknown-value",
            f"the value is not known from the code: {'; '.join(dict.fromkeys(unsure[:3]))}; "
            "change it where it comes from",
        )
    names = ", ".join(sorted(o.address for o in seen.owners))
    advice = cls.drifted(finding, [i for _, i in seen.instances])
    return Elsewhere(
        True,
        f"{cls.not_in_code(names)}; {advice.text}",
        tuple(seen.owners),
        advice.lines,
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
