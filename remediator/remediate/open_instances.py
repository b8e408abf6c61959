"""World-open ingress whose values come from elsewhere: what is open, and where it can be closed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from remediator.access.doors import Door
from remediator.access.network import parse_cidr
from remediator.model import Edit, Finding
from remediator.remediate import community_module
from remediator.remediate.candidates import (
    Candidate,
    Rank,
    Span,
    elements,
    literals,
    of_sources,
    without,
)
from remediator.remediate.closing import Closing
from remediator.remediate.evaluated import (
    Entry,
    Evaluated,
    Grants,
    grants_in,
    iterator_of,
    rules_of,
)
from remediator.remediate.grants import GROUP
from remediator.remediate.group_access import GroupAccess
from remediator.remediate.instances import Case, EvaluatedInstance
from remediator.terraform.content import Content
from remediator.terraform.edit import (
    remove_block,
    replace_block_by_attribute,
    set_or_insert_attribute,
    string_literal,
)
from remediator.terraform.evaluate import Scope, evaluate
from remediator.terraform.expression import Expression
from remediator.terraform.syntax import Block
from remediator.terraform.value import Known, Source, Unknown, as_text, is_null
from remediator.terraform.value import Sequence as ListOf
from remediator.texts import listed

DoorOf = Callable[[Finding], Door]
_LISTS = ("cidr_blocks", "ipv6_cidr_blocks", "ingress_cidr_blocks", "ingress_ipv6_cidr_blocks")
_LAST = 100
"""A distance beyond every list or object that a literal stands in."""


@dataclass(frozen=True)
class OpenInstance:
    """The ingress of one instance. Implements `instances.Evaluation`.

    `keeps_live_rules`: a group without any `ingress` block is not told to have none.
    """

    grants: Grants
    door_of: DoorOf
    keeps_live_rules: bool = False

    @staticmethod
    def of(kind: str, content: Content, scope: Scope, door_of: DoorOf) -> OpenInstance:
        keeps = kind == GROUP and _is_unset(content, scope)
        return OpenInstance(grants_of_instance(kind, content, scope), door_of, keeps)

    @cached_property
    def access(self) -> GroupAccess:
        unread = sorted(u.reason for u in self.grants.all_unsure())
        return GroupAccess(rules_of(self.grants.grants), tuple(unread))

    @property
    def empty(self) -> str | None:
        if self.keeps_live_rules and not self.grants.grants and not self.grants.unsure:
            return "no `ingress` would be left, and the provider then keeps the live rules"
        found = next((g for g in self.grants.grants if g.empty), None)
        return f"the rule for {found.ports} would be left without a source" if found else None

    @property
    def exclusive(self) -> bool:
        """Of a group: whether an apply takes away every rule that it does not have."""
        return bool(self.grants.grants) or not self.keeps_live_rules

    def open(self, finding: Finding) -> list[Evaluated]:
        door = self.door_of(finding)
        return [g for g in self.grants.grants if g.of_door(door)]

    def guilty(self, finding: Finding) -> bool:
        return bool(self.open(finding))

    def causes(self, finding: Finding) -> bool:
        return self.guilty(finding)

    def sources(self, finding: Finding) -> list[Source | None]:
        door = self.door_of(finding)
        return [e.value.source for g in self.open(finding) for e in g.of_door(door)]

    def parts(self, finding: Finding) -> list[str]:
        door = self.door_of(finding)
        return [e.text for g in self.open(finding) for e in g.of_door(door)]

    def doubts(self, finding: Finding) -> tuple[str, ...]:
        found = [f"may open it too: {text}" for text in self.unsure(finding)[:3]]
        ports = self.door_of(finding).ports
        left = (g for g in self.grants.grants if g.ports == ports and g.may_be_empty)
        maybe = dict.fromkeys(_reason(u) for g in left for u in g.maybe)
        return (*found, *(f"may be nobody, which AWS does not take: {text}" for text in maybe))

    def unsure(self, finding: Finding) -> tuple[str, ...]:
        possible = self.grants.unsure_at(self.door_of(finding).ports)
        return tuple(dict.fromkeys(_reason(u) for u in possible))


def _is_unset(group: Content, scope: Scope) -> bool:
    argument = group.arguments.get("ingress")
    return argument is None or is_null(evaluate(argument, scope))


def grants_of_instance(kind: str, content: Content, scope: Scope) -> Grants:
    """Of a resource, or of the call of a module whose inputs are understood."""
    if kind != community_module.KIND:
        return grants_in(kind, content, scope)
    if community_module.is_called_by(content, scope):
        return community_module.grants_of_call(content, scope)
    return Grants(())


def _reason(unknown: Unknown) -> str:
    at = unknown.expression
    return f"{unknown.reason} at {at.file.path}:{at.line}" if at else unknown.reason


# Where it can be closed --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Opened:
    """An instance with a finding, and what is to be closed there."""

    instance: EvaluatedInstance
    evaluation: OpenInstance
    finding: Finding
    closing: Closing

    @staticmethod
    def of(case: Case, closing: Closing) -> Opened:
        evaluation = case.instance.evaluation
        assert isinstance(evaluation, OpenInstance)
        return Opened(case.instance, evaluation, case.finding, closing)

    @property
    def grants(self) -> list[Evaluated]:
        return self.evaluation.open(self.finding)

    @property
    def entries(self) -> list[Entry]:
        return [e for g in self.grants for e in g.of_door(self.closing.door)]

    def fresh(self) -> Iterator[tuple[Entry, list[str]]]:
        """By what goes, the approved CIDRs to let in instead: those that are not in already."""
        same = [g for g in self.evaluation.grants.grants if g.ports == self.closing.door.ports]
        inside = {parse_cidr(e.text) for g in same for e in g.entries}
        for entry in self.entries:
            approved = self.closing.approved_within([entry.text])
            fresh = [c for c in approved if parse_cidr(c) not in inside]
            if fresh:
                yield entry, fresh


def candidates(opened: Sequence[Opened], editable: Callable[[str], bool]) -> Iterator[Candidate]:
    """Literals first, then what they stand in, the module call, a filter, and the rule itself."""
    sources = [e.value.source for o in opened for e in o.entries]
    known = list({s.span: s for s in sources if s is not None}.values())
    fresh = [(entry, texts) for o in opened for entry, texts in o.fresh()]
    missing = list(dict.fromkeys(text for _, texts in fresh for text in texts))
    lacks = f"{listed(missing)} is approved, and would not be let in" if missing else ""
    if all(s is not None for s in sources):
        if fresh:
            given = {e.value.source.span: texts for e, texts in fresh if e.value.source}
            yield from literals(known, editable, given)
        yield from (replace(c, lacks=lacks) for c in of_sources(known, editable))
    makers = [g.maker for o in opened for g in o.grants]
    if makers and all(makers):
        found = _makers([m for m in makers if m is not None], editable)
        yield from (replace(c, lacks=lacks) for c in found)
    yield from _at_calls(opened, known, editable)
    yield from _filters(opened, editable)
    if missing:
        bare = [replace(o, closing=replace(o.closing, approved=())) for o in opened]
        yield from (replace(c, lacks=lacks) for c in _filters(bare, editable))
    yield from (replace(c, lacks=lacks) for c in _each(opened, editable))
    yield from (replace(c, lacks=lacks) for c in _rules(opened, editable))


def _makers(makers: Sequence[Source], editable: Callable[[str], bool]) -> Iterator[Candidate]:
    """Whole rules, by the literals that name them or their ports."""
    unique = list({m.span: m for m in makers}.values())
    yield from elements(unique, _LAST, editable)


# At the module call ------------------------------------------------------------------------


def _at_calls(
    opened: Sequence[Opened], sources: Sequence[Source], editable: Callable[[str], bool]
) -> Iterator[Candidate]:
    """An argument of the call, for a variable that the value goes through: the variable's
    default without the world, or what is given now, filtered. Who is not called at that level
    has the value filtered where it is used."""
    depth = max((len(o.instance.module.path) for o in opened), default=0)
    for level in range(depth):
        made: dict[tuple[str, int, str], _AtCall] = {}
        rest: list[Opened] = []
        for one in opened:
            arguments = _arguments(one, level, sources, [o.closing for o in opened], editable)
            made |= arguments
            if not any(m.edits for m in arguments.values()):
                rest.append(one)
        found = [m for m in made.values() if m.edits]
        beside = next(_filters(rest, editable), None)
        if not found or (rest and beside is None):
            continue
        filters = any(m.filters for m in found)
        rank = Rank.FILTER if filters or beside else Rank.CALL
        what = f"{'filter' if filters else 'set'} {', '.join(m.place for m in found)}"
        edits = [edit for m in found for edit in m.edits]
        if beside is not None:
            edits += beside.edits
        more = f", and {beside.what}" if beside else ""
        yield Candidate(rank, level, tuple(edits), f"{what} in the module call{more}")


def _arguments(
    one: Opened,
    level: int,
    sources: Sequence[Source],
    closings: Sequence[Closing],
    editable: Callable[[str], bool],
) -> dict[tuple[str, int, str], _AtCall]:
    """Those of the call so many levels above the instance that its values go through."""
    module = one.instance.module
    if len(module.path) <= level:
        return {}
    for _ in range(level):
        module = module.caller or module
    call = module.call
    if call is None or not editable(call.file.path):
        return {}
    made = {}
    for name in _variables(sources, str(module), module.directory):
        value = module.get("var", name, None, _any(call))
        made[(call.file.path, call.place, name)] = _argument(call, name, value, closings)
    return made


@dataclass(frozen=True, slots=True)
class _AtCall:
    edits: tuple[Edit, ...]
    place: str
    filters: bool = False


def _any(content: Content) -> Expression:
    return next(iter(content.arguments.values()))


def _variables(sources: Sequence[Source], module: str, directory: str) -> list[str]:
    """The variables of this module that the values went through."""
    names: dict[str, None] = {}
    for source in sources:
        for hop in source.via:
            word = hop.text.removeprefix("var.")
            if hop.text == f"var.{word}" and hop.file.rpartition("/")[0] == directory:
                names[word] = None
            elif word.endswith(f" of {module}"):
                names[word.removesuffix(f" of {module}")] = None
    return list(names)


def _argument(call: Content, name: str, value: object, closings: Sequence[Closing]) -> _AtCall:
    place = f"{name} at {call.where}"
    unwanted = _unwanted(closings, value)
    if call.native is None or not unwanted or not isinstance(value, ListOf) or value.open:
        return _AtCall((), place)
    given = call.arguments.get(name)
    if given is not None:
        return _AtCall(_filter(given, unwanted, closings[0]), place, filters=True)
    texts = [as_text(item) for item in value.items]
    if None in texts:
        return _AtCall((), place)
    kept = [t for t in texts if t is not None and t not in unwanted]
    fresh = [f for f in closings[0].approved_within(unwanted) if f not in kept]
    items = ", ".join(string_literal(t) for t in (*kept, *fresh))
    return _AtCall(set_or_insert_attribute(call.native.body, name, f"[{items}]"), place)


def _unwanted(closings: Sequence[Closing], value: object) -> list[str]:
    """The texts of a list that are CIDRs of a door."""
    wrong = {parse_cidr(cidr) for closing in closings for cidr in closing.door.cidrs}
    items = value.items if isinstance(value, ListOf) else ()
    found = []
    for item in items:
        text = item.value if isinstance(item, Known) else None
        if isinstance(text, str) and _network(text) in wrong:
            found.append(text)
    return list(dict.fromkeys(found))


def _network(text: str) -> object:
    try:
        return parse_cidr(text)
    except ValueError:
        return None


# At the point of use -----------------------------------------------------------------------


def _filters(opened: Sequence[Opened], editable: Callable[[str], bool]) -> Iterator[Candidate]:
    """The list that the rule takes, or that makes its instances, less the world."""
    uses: dict[tuple[str, int], tuple[_Use, dict[str, None]]] = {}
    for one in opened:
        for grant in one.grants:
            for entry in grant.of_door(one.closing.door):
                use = _use(one.instance, grant, entry)
                if use is None or not editable(use.expression.file.path):
                    return
                at = (use.expression.file.path, use.expression.start)
                uses.setdefault(at, (use, {}))[1][entry.text] = None
    if uses:
        closing = opened[0].closing
        made = (_filter(u.expression, [*t], closing, u.wants_set) for u, t in uses.values())
        edits = tuple(edit for some in made for edit in some)
        where = ", ".join(dict.fromkeys(path for path, _ in uses))
        yield Candidate(Rank.FILTER, 0, edits, f"filter the value where it is used, in {where}")


@dataclass(frozen=True, slots=True)
class _Use:
    """The expression of a list of texts; the `for_each` of a resource takes no list, but a set."""

    expression: Expression
    wants_set: bool = False


def _use(instance: EvaluatedInstance, grant: Evaluated, entry: Entry) -> _Use | None:
    """The argument itself, where no walk over something else makes it; or the `for_each` that
    walks over the CIDRs."""
    if entry.argument in _LISTS and grant.body is not None:
        given = grant.body.arguments.get(entry.argument)
        walked = (b"each", b"count", iterator_of(grant.dynamic).encode())
        if given is not None and not any(name + b"." in given.text for name in walked):
            return _Use(given)
    walker = grant.dynamic or instance.content
    over = walker.arguments.get("for_each")
    value = evaluate(over, instance.module.scope) if over is not None else None
    items = value.items if isinstance(value, ListOf) else ()
    if over is None or not any(as_text(item) == entry.text for item in items):
        return None
    return _Use(over, grant.dynamic is None)


def _filter(
    use: Expression, unwanted: Sequence[str], closing: Closing, wants_set: bool = False
) -> tuple[Edit, ...]:
    """`toset(x)` stays a set."""
    fresh = closing.approved_within(unwanted)
    if use.kind == "call" and use.function == "toset" and len(use.arguments) == 1:
        return tuple(without(use.arguments[0], unwanted, fresh))
    return tuple(without(use, unwanted, fresh, as_set=wants_set))


# The rule itself ---------------------------------------------------------------------------


def _rules(opened: Sequence[Opened], editable: Callable[[str], bool]) -> Iterator[Candidate]:
    """Blocks that let in nobody but the world. One that holds the literals itself is only what
    they stand in; one that is fed from elsewhere is more than that."""
    holders: dict[tuple[str, int], tuple[EvaluatedInstance, Block]] = {}
    inside = True
    for one in opened:
        for grant in one.grants:
            holder = grant.dynamic or grant.body
            block = holder.native if holder else None
            if block is None or block.type == "module" or not editable(block.file.path):
                return
            holders[(block.file.path, block.start)] = (one.instance, block)
            sources = [e.value.source for e in grant.of_door(one.closing.door)]
            inside = inside and all(s is not None and s.is_within(block) for s in sources)
    if holders:
        where = ", ".join(dict.fromkeys(path for path, _ in holders))
        rank = Rank.ELEMENT if inside else Rank.RULE
        edits = tuple(_removals(list(holders.values())))
        yield Candidate(rank, _LAST, edits, f"remove the rule itself, in {where}")


def _each(opened: Sequence[Opened], editable: Callable[[str], bool]) -> Iterator[Candidate]:
    """Blocks that let in nobody but the world go, and of others the literals."""
    holders: dict[tuple[str, int], tuple[EvaluatedInstance, Block]] = {}
    sources: dict[Span, Source] = {}
    inside = True
    for one in opened:
        for grant in one.grants:
            wrong = [e.value.source for e in grant.of_door(one.closing.door)]
            known = [s for s in wrong if s is not None]
            if grant.stays_without(one.closing.door):
                if len(known) < len(wrong):
                    return
                sources |= {s.span: s for s in known}
                continue
            block = grant.body.native if grant.body and not grant.dynamic else None
            if block is None or block.type == "module" or not editable(block.file.path):
                return
            holders[(block.file.path, block.start)] = (one.instance, block)
            inside = inside and len(known) == len(wrong) and all(s.is_within(block) for s in known)
    taken = next(literals([*sources.values()], editable), None)
    if holders and taken is not None:
        where = ", ".join(dict.fromkeys(path for path, _ in holders))
        edits = (*_removals(list(holders.values())), *taken.edits)
        rank = Rank.ELEMENT if inside else Rank.RULE
        yield Candidate(rank, _LAST, edits, f"{taken.what}, and remove the rule itself, in {where}")


def _removals(holders: Sequence[tuple[EvaluatedInstance, Block]]) -> Iterator[Edit]:
    """Of a group that would have no `ingress` left, one becomes an empty list."""
    by_resource: dict[tuple[str, int], list[Block]] = {}
    contents = {}
    for instance, block in holders:
        key = (instance.content.file.path, instance.content.place)
        by_resource.setdefault(key, []).append(block)
        contents[key] = instance.content
    for key, blocks in by_resource.items():
        content = contents[key]
        left = len(content.nested("ingress") + content.dynamic("ingress")) - len(blocks)
        if blocks[0].type != "resource" and not left:
            yield from replace_block_by_attribute(blocks.pop(0), "ingress", "[]")
        for block in blocks:
            yield from remove_block(block)
