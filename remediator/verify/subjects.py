"""What a root module's code has that says who may do what: rule sets, policies, attachments."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from remediator.access.iam import Kind
from remediator.model import Refusal
from remediator.remediate import community_module
from remediator.remediate.grants import GROUP
from remediator.terraform.address import ModuleStep
from remediator.terraform.configuration import Configuration, Expansion, ModuleInstance
from remediator.terraform.content import Content
from remediator.terraform.effects import by_argument, full_address
from remediator.terraform.evaluate import Scope, evaluate
from remediator.terraform.nested import nested_blocks
from remediator.terraform.syntax import references
from remediator.terraform.value import Mapping, Sequence, Unknown, Value, as_text, is_null
from remediator.verify.difference import Spot
from remediator.verify.documents import AFTER_APPLY, Document, document_of
from remediator.verify.policy_types import (
    ATTACHED,
    ATTACHING,
    BOUND,
    BOUNDARY,
    DOCUMENTS,
    IDENTITY_POLICY,
    PERMISSION,
    PERMITTING,
    Held,
)
from remediator.verify.rules import TYPES, Rules, rules_of

_ASIDE = frozenset(("name", "name_prefix", "description", "tags", "tags_all", "timeouts"))
_INLINE = Held("policy", IDENTITY_POLICY, Kind.IDENTITY)


@dataclass(frozen=True, slots=True)
class Names:
    """What is attached or granted, each by what is known of it."""

    items: frozenset[str] = frozenset()

    def __or__(self, other: Names) -> Names:
        return Names(self.items | other.items)


@dataclass(frozen=True, slots=True)
class Subject:
    """`held` is of documents alone. `name` and `tags` are the group's, None where not known.
    `words` are digests of what the code says of it, for what of it is not known."""

    spot: Spot
    value: Rules | Document | Names
    file: str
    line: int
    end: int
    held: Held | None = None
    name: str = ""
    tags: tuple[tuple[str, str], ...] | None = None
    members: tuple[str, ...] = field(default=())
    words: tuple[Callable[[], bytes], ...] = field(default=(), compare=False, repr=False)

    @property
    def digest(self) -> frozenset[bytes]:
        return frozenset(words() for words in self.words)

    def parts(self) -> Iterator[tuple[str, bytes]]:
        """Each resource that it is put together from, and a digest of what the code says of it."""
        for address, words in zip(self.members, self.words, strict=True):
            yield address, words()

    @property
    def is_known(self) -> bool:
        match self.value:
            case Rules():
                named = {rule.source.partition(": ")[2] for rule in self.value.rules}
                return all(_is_one_thing(text) for text in (*named, *self.value.unread))
            case Document():
                return not self.value.loose and not self.value.problem
        return True


def _is_one_thing(text: str) -> bool:
    """A literal, or what only the apply will tell: the same words are the same thing."""
    return text.endswith(AFTER_APPLY) or " " not in text


def subjects(configuration: Configuration) -> dict[Spot, Subject]:
    """By where they are. Rules of one group are one rule set, whichever resources they are in."""
    found: dict[Spot, Subject] = {}
    for made in _all(configuration):
        before = found.get(made.spot)
        found[made.spot] = made if before is None else _joined(before, made)
    return found


def _joined(first: Subject, second: Subject) -> Subject:
    members = (*first.members, *second.members)
    words = (*first.words, *second.words)
    lead = second if second.spot.address in second.members else first
    match first.value, second.value:
        case (Rules() as a, Rules() as b):
            return replace(lead, value=a | b, members=members, words=words)
        case (Names() as a, Names() as b):
            return replace(lead, value=a | b, members=members, words=words)
    problem = f"{first.spot.address} is in the code twice"
    return replace(lead, value=Document(problem=problem), members=members, words=words)


def _all(configuration: Configuration) -> Iterator[Subject]:
    for module in configuration.modules():
        if isinstance(module.declared, Refusal):
            continue
        for labels, content in module.declared.of_kind("resource"):
            if _concerns(labels[0]):
                for expansion in module.expansions(content):
                    yield from _At(module, labels, content, expansion).subjects()
        for labels, content in module.declared.of_kind("module"):
            if isinstance(module.called(labels[0]), Refusal) and community_module.is_called_by(
                content, module.scope
            ):
                for expansion in module.expansions(content):
                    yield from _At(module, labels, content, expansion, call=True).subjects()


def _concerns(kind: str) -> bool:
    return kind in TYPES or kind in DOCUMENTS or kind in ATTACHING or kind in (*BOUND, *PERMITTING)


@dataclass(frozen=True)
class _At:
    """One instance of a block."""

    module: ModuleInstance
    labels: tuple[str, ...]
    content: Content
    expansion: Expansion
    call: bool = False

    @cached_property
    def kind(self) -> str:
        return community_module.KIND if self.call else self.labels[0]

    @cached_property
    def scope(self) -> Scope:
        return self.module.scope_of(self.expansion)

    @cached_property
    def address(self) -> str:
        if self.call:
            step = ModuleStep(self.labels[0], self.expansion.key)
            return ".".join([*map(str, self.module.path), str(step)])
        return full_address(
            self.module, "resource", self.labels, self.expansion.key, self.expansion
        )

    @cached_property
    def unsure(self) -> Unknown | None:
        return self.expansion.unsure or self.module.unsure

    def argument(self, name: str) -> Value | None:
        expression = self.content.arguments.get(name)
        return None if expression is None else evaluate(expression, self.scope)

    def subjects(self) -> Iterator[Subject]:
        if self.kind in TYPES:
            yield from self._rule_sets()
        for held in DOCUMENTS.get(self.kind, ()):
            if held.argument in self.content.arguments:
                yield self._document(held, self.argument(held.argument), held.what)
        if self.kind == "aws_iam_role":
            yield from self._inline()
        if self.kind in ATTACHING:
            yield from self._attached()
        if self.kind in BOUND and not is_null(self.argument("permissions_boundary")):
            yield self._names(self.address, BOUNDARY, "permissions_boundary")
        if self.kind in PERMITTING:
            given = sorted(self.content.arguments)
            said = [f"{name} = {_shown(self.argument(name))}" for name in given]
            yield self._made(self.address, PERMISSION, Names(frozenset({", ".join(said)})))

    def _made(self, address: str, what: str, value: Rules | Document | Names) -> Subject:
        spot = Spot(self.module.configuration.directory, address, what)
        file, line, native = self.content.file, self.content.line, self.content.native
        end = file.line(native.end) if native else line
        return Subject(spot, value, file.path, line, end, members=(address,), words=(self._words,))

    def _words(self) -> bytes:
        """Without what says nothing of access."""
        said = by_argument(self.module, self.content, self.expansion)
        return b"".join(d for name, d in sorted(said.items()) if name not in _ASIDE)

    def _rule_sets(self) -> Iterator[Subject]:
        address = self._group()
        for direction in TYPES[self.kind][1]:
            rules = rules_of(self.kind, direction, self.content, self.scope)
            if self.unsure is not None:
                more = f"how many there are of {self.address}: {self.unsure.reason}"
                rules = Rules(rules.rules, rules.unread | {more})
            if rules.rules or rules.unread or address == self.address:
                made = self._made(address, direction, rules)
                name, tags = as_text(self.argument("name")) or "", self._tags()
                yield replace(made, name=name, tags=tags, members=(self.address,))

    def _tags(self) -> tuple[tuple[str, str], ...] | None:
        value = self.argument("tags")
        if value is None:
            return ()
        if not isinstance(value, Mapping) or value.open:
            return None
        pairs = [(key, as_text(item)) for key, item in value.entries.items()]
        known = tuple((key, text) for key, text in pairs if text is not None)
        return known if len(known) == len(pairs) else None

    def _group(self) -> str:
        """The address of the group that a rule is of, where the code names it in so many words."""
        attribute = self.content.arguments.get("security_group_id")
        parts = next((r.parts for r in references(attribute)), ()) if attribute else ()
        if len(parts) != 3 or parts[0] != GROUP or parts[2] != "id":
            return self.address
        group = self.module.content("resource", *parts[:2])
        if group is None or {"count", "for_each"} & {*group.arguments}:
            return self.address
        return full_address(self.module, "resource", parts[:2], None)

    def _document(self, held: Held, value: Value | None, what: str) -> Subject:
        document = document_of(value)
        if self.unsure is not None:
            document = Document(problem=f"how many there are of it: {self.unsure.reason}")
        return replace(self._made(self.address, what, document), held=held)

    def _inline(self) -> Iterator[Subject]:
        blocks = nested_blocks(self.content, "inline_policy", self.scope)
        for number, block in enumerate(blocks.blocks):
            name = as_text(block.argument("name")) or str(number)
            yield self._document(_INLINE, block.argument("policy"), f"inline policy {name}")
        for unknown in blocks.open:
            yield self._document(_INLINE, Unknown(unknown.reason), "inline policies")

    def _attached(self) -> Iterator[Subject]:
        argument, owners = ATTACHING[self.kind]
        if argument not in self.content.arguments:
            return
        names = [_shown(v) for o in owners if not is_null(v := self.argument(o))]
        address = f"{self.kind} of {' and '.join(names)}" if names else self.address
        yield replace(self._names(address, ATTACHED, argument), members=(self.address,))

    def _names(self, address: str, what: str, argument: str) -> Subject:
        value = self.argument(argument)
        items = value.items + value.open if isinstance(value, Sequence) else (value,)
        found = {_shown(item) for item in items if not is_null(item)}
        if self.unsure is not None:
            found = {f"{name}, any number of times" for name in found}
        return self._made(address, what, Names(frozenset(found)))


def _shown(value: Value | None) -> str:
    """One value in words, equal for equal values."""
    text = as_text(value)
    if text is not None:
        return text
    if isinstance(value, Unknown):
        return value.reason.removesuffix(AFTER_APPLY)
    if isinstance(value, Sequence):
        return f"[{', '.join(_shown(item) for item in (*value.items, *value.open))}]"
    if isinstance(value, Mapping):
        pairs = (f"{key} = {_shown(item)}" for key, item in value.entries.items())
        return f"{{{', '.join([*pairs, *map(_shown, value.open)])}}}"
    return "null"
