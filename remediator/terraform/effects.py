"""What a configuration comes to, address by address, and where two of them differ.

An argument that is known counts by its value. One that is not counts by its words and by
everything that they name: so a change of a value is seen wherever it may go.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from remediator.model import Refusal
from remediator.terraform.address import UNCOUNTED, Key, ModuleStep, address_key
from remediator.terraform.configuration import Configuration, Expansion, ModuleInstance
from remediator.terraform.content import Content
from remediator.terraform.declarations import Key as BlockKey
from remediator.terraform.evaluate import Scope, evaluate
from remediator.terraform.expression import Expression
from remediator.terraform.reach import Path, Reached, path_of
from remediator.terraform.syntax import references
from remediator.terraform.value import Value, as_bool, canonical, is_known, unknowns

Digest = bytes
_MAX_DEPTH = 100
_REPEATING = frozenset(("count", "for_each"))
_WITHOUT_VALUE = frozenset(("depends_on",))


@dataclass(frozen=True, slots=True)
class Place:
    """A resource or data source instance, or an output of the root module."""

    root: str
    address: str
    kind: str

    def __str__(self) -> str:
        return f"{self.root}:{self.address}" if self.root else self.address


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`digests`: every resource and data source instance of a root, and the root's outputs.
    `failing`: where Terraform would stop with an error, and which. `is_cut`: it has more
    instances than were looked through. `made`: by module instance and block, which they are."""

    digests: dict[Place, Digest]
    failing: dict[Place, str]
    is_cut: bool = False
    made: dict[tuple[Path, BlockKey], tuple[Place, ...]] = field(default_factory=dict, repr=False)


def snapshot(
    configuration: Configuration, last: Snapshot | None = None, reached: Reached | None = None
) -> Snapshot:
    """`last`, and what of it may have changed since: the rest is taken over as it was."""
    kept = None
    if last is not None and reached is not None and not last.failing and not last.is_cut:
        kept = _Kept(last.digests, last.made, reached)
    found = _Found(configuration.directory, _Reader(), kept)
    for module in configuration.modules():
        path = path_of(module)
        for kind in ("resource", "data", "module"):
            for labels, content in _of_kind(module, kind):
                # Where nobody can look inside a module, its arguments are all that is known of it.
                if kind != "module" or isinstance(module.called(labels[0]), Refusal):
                    found.block(module, path, kind, labels, content)
        for labels, content in _of_kind(module, "variable"):
            found.variable(module, path, labels[0], content)
    for labels, content in _of_kind(configuration.root, "output"):
        found.output(configuration.root, labels, content)
    made = {block: tuple(places) for block, places in found.made.items()}
    return Snapshot(found.digests, found.failing, configuration.is_cut, made)


@dataclass(frozen=True, slots=True)
class _Kept:
    """What the last snapshot has of blocks that nothing reached since."""

    digests: Mapping[Place, Digest]
    made: Mapping[tuple[Path, BlockKey], tuple[Place, ...]]
    reached: Reached

    def has(self, block: tuple[Path, BlockKey]) -> bool:
        """Not of a module instance that nobody looked at."""
        path, key = block
        return path in self.reached and key not in self.reached[path]

    def places(self, block: tuple[Path, BlockKey]) -> tuple[Place, ...] | None:
        return self.made.get(block) if self.has(block) else None


class _Found:
    """What a reader has read, place by place, or what was kept of it."""

    def __init__(self, root: str, reader: _Reader, kept: _Kept | None) -> None:
        self.root, self.reader, self.kept = root, reader, kept
        self.digests: dict[Place, Digest] = {}
        self.failing: dict[Place, str] = {}
        self.made: dict[tuple[Path, BlockKey], list[Place]] = {}

    def block(
        self,
        module: ModuleInstance,
        path: Path,
        kind: str,
        labels: tuple[str, ...],
        content: Content,
    ) -> None:
        """A resource, a data source, or the call of a module that is not here."""
        block = (path, (kind, labels))
        if self._is_kept(block):
            return
        for expansion in module.expansions(content):
            if kind == "module":
                step = ModuleStep(labels[0], expansion.key)
                address = ".".join([*map(str, module.path), str(step)])
            else:
                address = full_address(module, kind, labels, expansion.key, expansion)
            digest = self.reader.instance(module, content, expansion)
            self._add(block, address, labels[0] if kind != "module" else kind, digest)

    def output(self, module: ModuleInstance, labels: tuple[str, ...], content: Content) -> None:
        block = (path_of(module), ("output", labels))
        if not self._is_kept(block):
            digest = self.reader.content(module, content, module.scope)
            self._add(block, f"output.{labels[0]}", "output", digest)

    def variable(self, module: ModuleInstance, path: Path, name: str, content: Content) -> None:
        if self.kept is not None and self.kept.has((path, ("variable", (name,)))):
            return  # it did not fail
        self.reader.conditions("validation", content, module.scope)
        self._failed(".".join([*map(str, module.path), f"var.{name}"]), "variable")

    def _is_kept(self, block: tuple[Path, BlockKey]) -> bool:
        places = self.kept.places(block) if self.kept is not None else None
        if places is None or self.kept is None:
            return False
        self.digests |= {place: self.kept.digests[place] for place in places}
        self.made[block] = [*places]
        return True

    def _add(self, block: tuple[Path, BlockKey], address: str, kind: str, digest: Digest) -> None:
        place = Place(self.root, address, kind)
        self.digests[place] = digest
        self.made.setdefault(block, []).append(place)
        self._failed(address, kind)

    def _failed(self, address: str, kind: str) -> None:
        """Notes the first error since the last one was noted."""
        if self.reader.failure is not None:
            self.failing.setdefault(Place(self.root, address, kind), self.reader.failure)
            self.reader.failure = None


def _of_kind(module: ModuleInstance, kind: str) -> list[tuple[tuple[str, ...], Content]]:
    return [] if isinstance(module.declared, Refusal) else module.declared.of_kind(kind)


def full_address(
    module: ModuleInstance,
    kind: str,
    labels: tuple[str, ...],
    key: Key,
    expansion: Expansion | None = None,
) -> str:
    """`module.a["x"].aws_security_group.web[0]`; `[?]` where the key is not known."""
    prefix = "data." if kind == "data" else ""
    unsure = expansion is not None and expansion.unsure is not None
    own = f"{prefix}{'.'.join(labels)}{UNCOUNTED if unsure else address_key(key)}"
    return ".".join([*(str(step) for step in module.path), own])


def differing(before: Mapping[Place, Digest], after: Mapping[Place, Digest]) -> set[Place]:
    return {p for p in {*before, *after} if before.get(p) != after.get(p)}


class _Reader:
    """Remembers what names come to, so that each is read once."""

    def __init__(self) -> None:
        self._names: dict[tuple[int, str, str], Digest] = {}
        self._keep: list[ModuleInstance] = []
        self._depth = 0
        self.failure: str | None = None

    def instance(self, module: ModuleInstance, content: Content, expansion: Expansion) -> Digest:
        """What `for_each` makes of the others is not an instance's own."""
        skipped = _WITHOUT_VALUE if expansion.unsure else _WITHOUT_VALUE | _REPEATING
        scope = module.scope_of(expansion)
        for lifecycle in content.nested("lifecycle"):
            self.conditions("precondition", lifecycle, scope)
        return self.content(module, content, scope, skipped)

    def conditions(self, kind: str, content: Content, scope: Scope) -> None:
        """Notes the first that does not hold."""
        for block in content.nested(kind):
            condition = block.arguments.get("condition")
            if condition and as_bool(evaluate(condition, scope)) is False:
                self._fails(f"the {kind} at {block.where} does not hold")

    def _fails(self, why: str) -> None:
        self.failure = self.failure or why

    def content(
        self,
        module: ModuleInstance,
        content: Content,
        scope: Scope,
        skipped: frozenset[str] = frozenset(),
    ) -> Digest:
        """All arguments and nested blocks, in an order that does not depend on their layout."""
        digest = hashlib.sha256()
        for name, expression in sorted(content.arguments.items()):
            if name in skipped:
                continue
            digest.update(name.encode() + b"=" + self.expression(module, expression, scope))
        for kind, labels, inner in content.blocks:
            if inner.native is None:
                continue  # in JSON syntax an argument already
            digest.update(f"\0{kind} {labels}".encode() + self.content(module, inner, scope))
        return digest.digest()

    def expression(self, module: ModuleInstance, expression: Expression, scope: Scope) -> Digest:
        value = evaluate(expression, scope)
        if is_known(value):
            return _hash(repr(canonical(value)))
        failed = _failing(value)
        if failed is not None:
            self._fails(failed)
        said = [repr(canonical(value)), *self._said(module, expression, scope)]
        return _hash("\0".join(said))

    def _said(self, module: ModuleInstance, expression: Expression, scope: Scope) -> Iterator[str]:
        """The words of an expression, and what each name in it comes to."""
        data, node = expression.file.data, expression.node
        yield " ".join(data[node.start_byte : node.end_byte].decode(errors="replace").split())
        for reference in references(expression):
            head = reference.parts[0]
            if head in scope.local:
                yield repr(canonical(scope.local[head]))
            elif len(reference.parts) > 1 and head in ("var", "local", "module"):
                yield self._name(module, head, reference.parts).hex()
            else:
                yield self._resource(module, reference.parts).hex()

    def _resource(self, module: ModuleInstance, parts: tuple[str, ...]) -> Digest:
        """Which instances a resource or data source that is named has: who reads it as a whole
        reads that."""
        labels = parts[:3] if parts[0] == "data" else ("resource", *parts[:2])
        content = module.content(*labels) if len(labels) == 3 else None
        if content is None or not {"count", "for_each"} & {*content.arguments}:
            return b""
        key = (id(module), "resource", ".".join(labels))
        if key not in self._names:
            self._names[key] = b"itself"
            self._keep.append(module)
            keys = [repr((e.key, e.unsure is None)) for e in module.expansions(content)]
            self._names[key] = _hash("\0".join(keys))
        return self._names[key]

    def _name(self, module: ModuleInstance, head: str, parts: tuple[str, ...]) -> Digest:
        word = ".".join(parts[1:3]) if head == "module" else parts[1]
        key = (id(module), head, word)
        if key not in self._names:
            self._names[key] = b"itself"
            self._keep.append(module)  # an id is only good while its object lives
            self._depth += 1
            self._names[key] = (
                self._meaning(module, head, parts) if self._depth < _MAX_DEPTH else b"deep"
            )
            self._depth -= 1
        return self._names[key]

    def _meaning(self, module: ModuleInstance, head: str, parts: tuple[str, ...]) -> Digest:
        if head == "local":
            found = None if isinstance(module.declared, Refusal) else module.declared.locals
            expression = found.get(parts[1]) if found else None
            return self._in(module, expression)
        if head == "var":
            return self._variable(module, parts[1])
        return self._module(module, parts)

    def _in(self, module: ModuleInstance, expression: Expression | None) -> Digest:
        if expression is None:
            return b"nothing"
        return self.expression(module, expression, module.scope)

    def _variable(self, module: ModuleInstance, name: str) -> Digest:
        content = module.content("variable", name)
        default = content.arguments.get("default") if content else None
        if module.caller is None:
            assignment = module.configuration.definitions.assigned.get(name)
            given = self._in(module, assignment.expression) if assignment else b""
            return _hash(given.hex() + self._in(module, default).hex())
        assert module.call is not None
        argument = module.call.arguments.get(name)
        if argument is None:
            return self._in(module, default)
        scope = module.caller.scope.having(module.names)
        return self.expression(module.caller, argument, scope)

    def _module(self, module: ModuleInstance, parts: tuple[str, ...]) -> Digest:
        """An output of a called module, of every instance; of one that is not here, its call."""
        called = module.called(parts[1])
        call = module.content("module", parts[1])
        if isinstance(called, Refusal) or len(parts) < 3:
            return b"" if call is None else self.content(module, call, module.scope)
        said = b""
        for inside in called:
            output = inside.content("output", parts[2])
            said += self._in(inside, output.arguments.get("value") if output else None)
        return hashlib.sha256(said).digest()


def by_argument(
    module: ModuleInstance, content: Content, expansion: Expansion
) -> dict[str, Digest]:
    """Of one instance each argument, and the nested blocks of each type together."""
    reader, scope = _Reader(), module.scope_of(expansion)
    found: dict[str, list[Digest]] = {}
    for name, expression in content.arguments.items():
        if name not in _REPEATING and not (name == "dynamic" and content.native is None):
            found.setdefault(name, []).append(reader.expression(module, expression, scope))
    for kind, labels, inner in content.blocks:
        name = labels[0] if kind == "dynamic" and labels else kind
        found.setdefault(name, []).append(reader.content(module, inner, scope))
    return {name: b"".join(some) for name, some in found.items()}


def _failing(value: Value) -> str | None:
    return next((u.reason for u in unknowns(value) if u.fails), None)


def _hash(text: str) -> Digest:
    return hashlib.sha256(text.encode(errors="surrogatepass")).digest()
