"""From a resource instance to the values that make it what it is, wherever they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from posixpath import dirname

from tree_sitter import Node

from remediator.model import BlockRef, Finding, Owner, Refusal
from remediator.remediate.classes import FindingClass
from remediator.remediate.instances import Case, EvaluatedInstance
from remediator.remediate.staying import NOTHING, Staying
from remediator.terraform import grammar
from remediator.terraform.address import Address, ModuleStep, countless, module_steps
from remediator.terraform.configuration import Expansion, ModuleInstance
from remediator.terraform.configurations import Configurations
from remediator.terraform.documents import HeredocFile
from remediator.terraform.effects import full_address
from remediator.terraform.syntax import Block, SourceFile
from remediator.terraform.value import Source

MODULE = "module"
"""The kind of an instance that is the call of a module which is not here."""


@dataclass(frozen=True, slots=True)
class Traced:
    """A finding, and the instances whose values cause it; the values stand somewhere else.
    `staying` is what of it the change will not close, once that is agreed."""

    finding: Finding
    finding_class: FindingClass
    owners: tuple[Owner, ...]
    instances: tuple[EvaluatedInstance, ...]
    joined: tuple[Address, ...] = ()
    staying: Staying = NOTHING

    @property
    def blocks(self) -> tuple[Block, ...]:
        found = (i.content.native for i in self.instances)
        return tuple(block for block in found if block is not None)

    @property
    def cases(self) -> tuple[Case, ...]:
        return tuple(Case(instance, self.finding) for instance in self.instances)

    @property
    def sources(self) -> tuple[Source | None, ...]:
        return tuple(s for i in self.instances for s in i.evaluation.sources(self.finding))

    @property
    def site(self) -> tuple[str, ...]:
        """Findings whose values stand in the same places are closed by one change."""
        kind = (self.finding.finding_class, self.finding_class.kin(self.finding), "traced")
        known = [s for s in self.sources if s is not None]
        if len(known) < len(self.sources) or not known:
            return (*kind, *sorted(f"{o.block.directory}:{o.block.address}" for o in self.owners))
        return (*kind, *sorted({container(s) for s in known}))

    @property
    def uncovered(self) -> tuple[str, ...]:
        """The parts of the finding that none of these instances causes."""
        found = [part for i in self.instances for part in i.evaluation.parts(self.finding)]
        return self.finding_class.missing(found, self.finding)

    @property
    def trail(self) -> tuple[str, ...]:
        """For people: each literal, and the names between it and the rule."""
        lines = []
        for source in self.sources:
            if source is not None:
                at = f"{source.expression.file.path}:{source.expression.line}"
                lines.append(" → ".join([at, *(str(hop) for hop in source.via)]))
        return tuple(dict.fromkeys(lines))


def findings_at(
    members: Sequence[Traced],
) -> Callable[[tuple[str, str]], tuple[Finding, ...]]:
    """The findings of an instance, by its root and address; of one that has none of its own, all
    that a change for the others may take along."""
    every = tuple(m.finding for m in members)
    own: dict[tuple[str, str], tuple[Finding, ...]] = {}
    for case in (case for m in members for case in m.cases):
        key = (case.instance.root, case.instance.address)
        own[key] = (*own.get(key, ()), case.finding)
    return lambda key: own.get(key, every)


def container(source: Source) -> str:
    """The file and the top-level block or argument in it, or the one local: what stays when
    lines move."""
    expression = source.expression
    if isinstance(expression.file, HeredocFile):
        expression = expression.file.within
    file, node = expression.file, expression.node
    name = _top(file.data, node)
    local = _outermost_argument(file.data, node) if name == "locals" else ""
    return f"{file.path}:{name}.{local}" if local else f"{file.path}:{name}"


def _outermost_argument(data: bytes, node: Node | None) -> str:
    name = ""
    while node is not None:
        if node.kind_id == grammar.ATTRIBUTE:
            name = grammar.attribute_name(data, node).decode(errors="replace")
        node = node.parent
    return name


def names_at(file: SourceFile, start: int, end: int) -> set[str]:
    """The top-level blocks, arguments or JSON keys that these bytes are in, or go over."""
    found = file.tree.root_node.descendant_for_byte_range(start, max(start, end - 1))
    name = _top(file.data, found)
    if name:
        return {name}
    over = (d for d in _definitions(file) if d.start_byte < end and start < d.end_byte)
    return {_top(file.data, definition) for definition in over}


def _definitions(file: SourceFile) -> Sequence[Node]:
    root = file.tree.root_node
    document = next((n for n in root.children if n.type == "object"), None)
    if document is not None:
        return [n for n in document.children if n.kind_id == grammar.OBJECT_ELEM]
    nodes = grammar.anatomy(root)[1]
    return [n for n in nodes if n.kind_id in (grammar.BLOCK, grammar.ATTRIBUTE)]


def _top(data: bytes, node: Node | None) -> str:
    named = ""
    while node is not None:
        if node.kind_id == grammar.BLOCK:
            named = _block_name(grammar.header(data, node))
        elif node.kind_id == grammar.ATTRIBUTE and not named:
            named = grammar.attribute_name(data, node).decode(errors="replace")
        elif node.kind_id == grammar.OBJECT_ELEM and _in_document(node):
            named = grammar.text(data, node.children[0]).decode(errors="replace").strip('"')
        node = node.parent
    return named


def _block_name(header: tuple[str, ...]) -> str:
    return ".".join(header[1:] if header[0] == "resource" else header)


def _in_document(node: Node) -> bool:
    above = node.parent.parent if node.parent else None
    return above is not None and above.type == "config_file"


def instance_of(
    root: str, address: Address, cls: FindingClass, configurations: Configurations
) -> EvaluatedInstance | Refusal | None:
    """The instance as the code of its root makes it; None where the code has it no more."""
    known, key = configurations.of(root).worked_out, (cls.name, str(address))
    if key not in known:
        known[key] = _instance_of(root, address, cls, configurations)
    found = known[key]
    assert found is None or isinstance(found, EvaluatedInstance | Refusal)
    return found


def _instance_of(
    root: str, address: Address, cls: FindingClass, configurations: Configurations
) -> EvaluatedInstance | Refusal | None:
    module = configurations.of(root).module(address.modules)
    if isinstance(module, Refusal):
        return call_of(root, address.modules, cls, configurations) or module
    if isinstance(module.declared, Refusal):
        return module.declared
    if _twice(module, address.type, address.name):
        return Refusal(
            "locate",
            "address-twice",
            f"{address.block} is declared more than once in {module.directory or 'the top folder'}"
            "; make it one block, then run again",
        )
    content = module.content("resource", address.type, address.name)
    if content is None:
        return None
    expanded = module.expansions(content)
    chosen = next((e for e in expanded if e.unsure is None and e.key == address.key), None)
    chosen = chosen or next((e for e in expanded if e.unsure is not None), None)
    return (
        None if chosen is None else evaluated(root, module, address.type, address.name, chosen, cls)
    )


def instance_at(
    root: str, address: str, kind: str, cls: FindingClass, configurations: Configurations
) -> EvaluatedInstance | Refusal | None:
    """The resource instance, or the module call, of that address; see `instance_of`."""
    if kind == MODULE:
        return call_of(root, module_steps(address), cls, configurations)
    return instance_of(root, Address.parse(address), cls, configurations)


def call_of(
    root: str, steps: Sequence[ModuleStep], cls: FindingClass, configurations: Configurations
) -> EvaluatedInstance | None:
    """The call of a module that is not here, where the class understands its inputs."""
    found = configurations.of(root).root
    for step in steps:
        called = found.called(step.name)
        if isinstance(called, Refusal):
            calls = calls_in(found, cls)
            return next((c for c in calls if c.address == _path(found, step)), None)
        inside = next((m for m in called if m.path[-1].key == step.key), None)
        if inside is None:
            return None
        found = inside
    return None


def calls_in(module: ModuleInstance, cls: FindingClass) -> Iterator[EvaluatedInstance]:
    """The calls that a module makes of modules which are not here and are understood."""
    if isinstance(module.declared, Refusal):
        return
    root = module.configuration.directory
    for (name,), content in module.declared.of_kind("module"):
        if not isinstance(module.called(name), Refusal):
            continue
        if not cls.understands_call(content, module.scope):
            continue
        for expansion in module.expansions(content):
            address = _path(module, ModuleStep(name, expansion.key))
            scope = module.scope_of(expansion)
            evaluation = cls.evaluate(MODULE, content, scope, (root, address))
            yield EvaluatedInstance(root, address, MODULE, module, content, expansion, evaluation)


def _path(module: ModuleInstance, step: ModuleStep) -> str:
    return ".".join([*map(str, module.path), str(step)])


def instances_of_block(
    directory: str, kind: str, name: str, cls: FindingClass, configurations: Configurations
) -> list[EvaluatedInstance]:
    """Every instance of a block, in every root that reaches it; where nobody can count them,
    one that stands for all."""
    found: list[EvaluatedInstance] = []
    for module in module_instances(configurations, directory):
        content = module.content("resource", kind, name)
        if content is not None and not _twice(module, kind, name):
            root = module.configuration.directory
            expanded = module.expansions(content)
            found += [evaluated(root, module, kind, name, e, cls) for e in expanded]
    return found


def _twice(module: ModuleInstance, kind: str, name: str) -> bool:
    declared = module.declared
    return isinstance(declared, Refusal) or ("resource", (kind, name)) in declared.twice


def module_instances(configurations: Configurations, directory: str) -> Iterator[ModuleInstance]:
    """Every instance of a module, in every root that reaches it."""
    for found in instances_by_path(configurations, directory):
        yield from found


def instances_by_path(
    configurations: Configurations, directory: str
) -> Iterator[Sequence[ModuleInstance]]:
    """The same, by each way of calls that leads there. None where no instance is made, or where
    the calls cannot be looked into."""
    for root, names in configurations.modules.reached_from(directory):
        yield configurations.of(root).along(names)


def evaluated(
    root: str, module: ModuleInstance, kind: str, name: str, expansion: Expansion, cls: FindingClass
) -> EvaluatedInstance:
    content = module.content("resource", kind, name)
    assert content is not None
    address = full_address(module, "resource", (kind, name), expansion.key, expansion)
    evaluation = cls.evaluate(kind, content, module.scope_of(expansion), (root, address))
    return EvaluatedInstance(root, address, kind, module, content, expansion, evaluation)


def _block_address(instance: EvaluatedInstance) -> str:
    if instance.kind == MODULE:
        return f"{MODULE}.{module_steps(instance.address)[-1].name}"
    return Address.parse(countless(instance.address)).block


def owner_of(instance: EvaluatedInstance) -> Owner:
    content = instance.content
    block = content.native
    start, end = (block.start, block.end) if block else (content.place, content.place)
    path = content.file.path
    address = _block_address(instance)
    reference = BlockRef(path, start, end, content.line, dirname(path), address)
    return Owner(instance.root, instance.address, reference)
