"""Findings whose values come from elsewhere: what each instance in each root comes to.

`code` finds what a block says itself. This looks at the other blocks: those whose ports or CIDRs
come through variables, locals, `for_each`, dynamic blocks or modules.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from posixpath import dirname
from typing import TypeAlias

from remediator.access.doors import Door, open_doors
from remediator.detect.aws_config import SECURITY_GROUP
from remediator.detect.code import (
    SOURCE,
    Evidence,
    doors_of,
    findings_at,
    is_owner,
    is_spelt_out,
)
from remediator.detect.given_tags import given_in, may_give_elsewhere
from remediator.detect.groups import finding_id
from remediator.model import Finding, Refusal, Resource, SourceError
from remediator.remediate import community_module
from remediator.remediate.evaluated import Grants
from remediator.remediate.grants import GROUP, OWNER_TYPES, grants_of
from remediator.remediate.open_instances import grants_of_instance
from remediator.terraform.address import ModuleStep
from remediator.terraform.configuration import Expansion, ModuleInstance
from remediator.terraform.configurations import Configurations
from remediator.terraform.content import Content
from remediator.terraform.declarations import Declarations
from remediator.terraform.default_tags import (
    DEFAULT,
    UNKNOWN,
    given_by,
    is_said,
    leaves_tags,
    passed_on,
    provider_of,
)
from remediator.terraform.effects import full_address
from remediator.terraform.evaluate import Scope, evaluate
from remediator.terraform.module import JSON, NATIVE, Sources, is_override, is_source
from remediator.terraform.syntax import Block, SourceFile, references
from remediator.terraform.value import Mapping, as_text
from remediator.tracing import module_instances

Key: TypeAlias = tuple[str, str, str]
"""A file, the address of a block in it, and ports."""
_TYPES = ["aws_security_group", "aws_vpc_security_group"]


def all_findings_in(
    configurations: Configurations,
    class_name: Callable[[Door], str],
    evidence: Evidence,
    now: datetime,
) -> tuple[tuple[Finding, ...], tuple[SourceError, ...]]:
    """What blocks spell out, and what comes of evaluation where they do not; and the files that
    do not parse. Only files that mention an owning resource type are parsed."""
    found: list[Finding] = []
    looked, sources = _look(configurations.sources), configurations.sources
    given_of = given_in(configurations)
    for file in looked.files():
        for block in filter(is_owner, file.blocks):
            if not looked.is_merged(block):
                found += findings_at(sources, block, class_name, evidence, now, given_of)
            if not is_spelt_out(block):
                looked.unclear.add(dirname(file.path))
    instances = list(_instances(configurations, looked))
    shared = {key for at in instances for key in at.shared}
    told = [f for f in found if (f.file, f.address, _ports_of(f)) not in shared]
    for at in instances:
        told += at.findings(class_name, evidence, now, shared)
    return tuple(told), tuple(looked.broken)


def _ports_of(finding: Finding) -> str:
    return finding.id.rpartition("/")[2]


def evaluated_findings(
    configurations: Configurations,
    class_name: Callable[[Door], str],
    evidence: Evidence,
    now: datetime,
) -> Iterator[Finding]:
    """What comes of evaluation alone."""
    looked = _look(configurations.sources)
    for file in looked.files():
        if not all(is_spelt_out(block) for block in file.blocks if is_owner(block)):
            looked.unclear.add(dirname(file.path))
    for at in _instances(configurations, looked):
        yield from at.findings(class_name, evidence, now)


@dataclass
class _Looked:
    """`overridden`: the directories with override files. `unclear`: those whose modules are to
    be evaluated; `fetched`: those below .terraform."""

    sources: Sources
    native: list[str]
    overridden: frozenset[str]
    unclear: set[str]
    fetched: frozenset[str]
    broken: list[SourceError] = field(default_factory=list)

    def is_merged(self, block: Block) -> bool:
        """Whether the block is but a part of a resource, which is evaluated as a whole."""
        directory = dirname(block.file.path)
        if directory not in self.overridden:
            return False
        declared = self.sources.declarations(directory)
        key = ("resource", block.labels)
        return isinstance(declared, Declarations) and key in declared.overridden

    def files(self) -> Iterator[SourceFile]:
        for path in self.native:
            try:
                yield self.sources.file(path)
            except SourceError as error:
                self.broken.append(error)


def _look(sources: Sources) -> _Looked:
    paths = sources.tree.grep(_TYPES, (*NATIVE, *JSON))
    own = [p for p in paths if is_source(p)]
    with_overrides = {dirname(p) for p in own if is_override(p)}
    return _Looked(
        sources,
        [p for p in own if p.endswith(NATIVE)],
        frozenset(with_overrides),
        {*with_overrides, *(dirname(p) for p in own if p.endswith(JSON))},
        frozenset(dirname(p) for p in paths if not is_source(p)),
    )


def _instances(configurations: Configurations, looked: _Looked) -> Iterator[_At]:
    """Every instance that is there for certain of the blocks that are not spelt out."""
    for directory in sorted(looked.unclear):
        elsewhere = may_give_elsewhere(configurations, directory)
        for at in _of_modules(module_instances(configurations, directory), everything=False):
            yield replace(at, elsewhere=elsewhere)
    for root in sorted({d.partition(".terraform/")[0].rstrip("/") for d in looked.fetched}):
        inside = (m for m in configurations.of(root).modules() if m.directory in looked.fetched)
        yield from _of_modules(inside, everything=True)
    for directory in _callers(looked.sources):
        for module in module_instances(configurations, directory):
            yield from _calls(module)


def _of_modules(modules: Iterable[ModuleInstance], *, everything: bool) -> Iterator[_At]:
    for module in modules:
        if isinstance(module.declared, Refusal) or module.unsure is not None:
            continue
        for labels, content in _blocks(module.declared, everything):
            for expansion in module.expansions(content):
                if expansion.unsure is None:
                    address = full_address(module, "resource", labels, expansion.key)
                    yield _At(module, labels[0], address, content, expansion)


def _blocks(declared: Declarations, everything: bool) -> Iterator[tuple[tuple[str, ...], Content]]:
    for labels, content in declared.of_kind("resource"):
        key = ("resource", labels)
        if labels[0] in OWNER_TYPES and key not in declared.twice:
            block = content.native
            plain = block is not None and key not in declared.overridden and is_spelt_out(block)
            if everything or not plain:
                yield labels, content


def _callers(sources: Sources) -> list[str]:
    """The modules that call a module from elsewhere whose inputs are understood."""
    paths = sources.tree.grep([community_module.NAME], (*NATIVE, *JSON))
    return sorted({dirname(p) for p in paths if is_source(p)})


def _calls(module: ModuleInstance) -> Iterator[_At]:
    if isinstance(module.declared, Refusal) or module.unsure is not None:
        return
    for (name,), content in module.declared.of_kind("module"):
        opaque = isinstance(module.called(name), Refusal)
        if not opaque or not community_module.is_called_by(content, module.scope):
            continue
        for expansion in module.expansions(content):
            if expansion.unsure is None:
                step = ModuleStep(name, expansion.key)
                address = ".".join([*map(str, module.path), str(step)])
                yield _At(module, community_module.KIND, address, content, expansion)


@dataclass(frozen=True)
class _At:
    """One instance of a block. `elsewhere`: others may come, with tags that are not known."""

    module: ModuleInstance
    kind: str
    address: str
    content: Content
    expansion: Expansion
    elsewhere: bool = False

    @property
    def scope(self) -> Scope:
        return self.module.scope_of(self.expansion)

    @cached_property
    def grants(self) -> Grants:
        return grants_of_instance(self.kind, self.content, self.scope)

    @cached_property
    def known(self) -> frozenset[Door]:
        """The doors that the block spells out."""
        block = self.content.native if self._plain() else None
        return frozenset(doors_of([block])) if block else frozenset()

    def _key(self, door: Door) -> Key:
        block = self.content.native
        return self.content.file.path, block.address if block else "", door.ports.key

    @cached_property
    def shared(self) -> frozenset[Key]:
        """The doors that the block spells out in part, and values from elsewhere make as well:
        they are closed together."""
        ports = {d.ports for d in self.known}
        partly = (d for d in _doors(self.grants) if d.ports in ports and self._from_elsewhere(d))
        return frozenset(self._key(door) for door in partly)

    def _from_elsewhere(self, door: Door) -> bool:
        block = self.content.native
        if block is None:
            return False
        same = (g for g in grants_of(block) if g.ports == door.ports)
        told = {(block.file.path, c.literal.start, c.literal.end) for g in same for c in g.cidrs}
        sources = (e.value.source for g in self.grants.grants for e in g.of_door(door))
        return not all(s is not None and s.span in told for s in sources)

    def findings(
        self,
        class_name: Callable[[Door], str],
        evidence: Evidence,
        now: datetime,
        shared: Container[Key] = (),
    ) -> Iterator[Finding]:
        root = self.module.configuration.directory
        for door in _doors(self.grants):
            if door in self.known and self._key(door) not in shared:
                continue
            name = class_name(door)
            yield Finding(
                id=finding_id(name, root, self.address, door.ports.key),
                finding_class=name,
                source=SOURCE,
                resource=self._resource(),
                evidence=evidence(door, ()),
                created_at=None,
                observed_at=now,
                address=self.address,
                file=self.content.file.path,
                line=self.content.line,
                root=root,
            )

    def _plain(self) -> bool:
        """Whether the doors that the block spells out are told already."""
        declared, block = self.module.declared, self.content.native
        if isinstance(declared, Refusal) or block is None:
            return False
        merged = ("resource", block.labels) in declared.overridden
        return not merged and is_source(self.content.file.path)

    def _resource(self) -> Resource:
        """Name and tags of the group are what markers go by: unknown where they are not known."""
        group = self._group()
        if group is None:
            return Resource(SECURITY_GROUP, "", tags=None)
        content, scope = group
        name = content.arguments.get("name")
        text = as_text(evaluate(name, scope)) if name else None
        is_call = self.kind == community_module.KIND
        provider = passed_on(content, DEFAULT) if is_call else provider_of(content)
        own = content.arguments.get("tags")
        surely = own is None or is_said(own, self.module)
        given = UNKNOWN if self.elsewhere else given_by(provider, self.module)
        tags = given.below(_tags(content, scope), surely=surely)
        return Resource(SECURITY_GROUP, "", name=text or "", tags=tags)

    def _group(self) -> tuple[Content, Scope] | None:
        if self.kind in (GROUP, community_module.KIND):
            return self.content, self.scope
        attribute = self.content.arguments.get("security_group_id")
        parts = next((r.parts for r in references(attribute)), ()) if attribute else ()
        if len(parts) != 3 or parts[0] != GROUP or parts[2] != "id":
            return None
        content = self.module.content("resource", *parts[:2])
        if content is None or {"count", "for_each"} & {*content.arguments}:
            return None
        return content, self.module.scope


def _doors(grants: Grants) -> tuple[Door, ...]:
    rules = [(g.ports, e.text) for g in grants.grants if g.ports for e in g.entries]
    return open_doors(rules)


def _tags(content: Content, scope: Scope) -> tuple[tuple[str, str], ...] | None:
    attribute = content.arguments.get("tags")
    if leaves_tags(content):
        return None
    if attribute is None:
        return ()
    value = evaluate(attribute, scope)
    if not isinstance(value, Mapping) or value.open:
        return None
    pairs = [(key, as_text(item)) for key, item in value.entries.items()]
    known = tuple(sorted((k, text) for k, text in pairs if text is not None))
    return known if len(known) == len(pairs) else None
