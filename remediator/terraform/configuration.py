"""One root module and everything that it calls, evaluated as it is asked for.

https://developer.hashicorp.com/terraform/language/modules
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field, replace
from functools import cached_property
from posixpath import isabs, join, normpath, relpath
from types import MappingProxyType

from remediator.model import Refusal, SourceError
from remediator.terraform import data_sources
from remediator.terraform.address import Key, ModuleStep, address_key
from remediator.terraform.content import Content, json_source
from remediator.terraform.declarations import Declarations
from remediator.terraform.evaluate import Effort, Scope, evaluate, pairs_of, short
from remediator.terraform.expression import Expression
from remediator.terraform.module import Sources
from remediator.terraform.roots import local_source
from remediator.terraform.types import convert, parse_type
from remediator.terraform.value import (
    Handle,
    Hop,
    Known,
    Mapping,
    Sequence,
    Unknown,
    Value,
    as_int,
    as_text,
    failure,
    is_null,
    passed,
    size_of,
)
from remediator.terraform.variables import Definitions

MAX_INSTANCES = 10_000
_STEPS = 300_000
_MAX_MODULES_DEEP = 30
_MAX_BLOCKS = 25_000
"""Of all module instances below one root: modules that call modules multiply."""
_MAX_EXPANDED = 50_000
"""Instances of all blocks of a root."""
NO_NAMES: MappingOf[str, Value] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Expansion:
    """One instance that `count`, `for_each` or neither makes; `names` are each or count.

    `unsure`: the instance stands for all that nobody can count, and its key is not known.
    """

    key: Key
    names: MappingOf[str, Value] = field(default_factory=lambda: NO_NAMES)
    unsure: Unknown | None = None


class Configuration:
    """Evaluates lazily and remembers. One of these belongs to one tree."""

    def __init__(self, sources: Sources, root: str, definitions: Definitions) -> None:
        self.sources, self.directory, self.definitions = sources, root, definitions
        self._begin()

    def _begin(self) -> None:
        self.effort = Effort(_STEPS)
        self.blocks = self.expanded = 0
        self.worked_out: dict[tuple[str, str], object] = {}
        """What others made of it, for them alone to know."""

    @cached_property
    def root(self) -> ModuleInstance:
        return ModuleInstance(self, (), self.directory, None, None, NO_NAMES)

    def forget(self) -> None:
        """To begin anew, should anybody ask again. What it remembers refers back to it, and would
        wait for the garbage collector; so it is freed at once."""
        root = self.__dict__.pop("root", None)
        if isinstance(root, ModuleInstance):
            root.forget()
        self._begin()

    @property
    def is_cut(self) -> bool:
        """Whether it has more instances than are looked through."""
        return self.blocks > _MAX_BLOCKS

    def modules(self) -> Iterator[ModuleInstance]:
        """Every module instance, callers before the called."""
        waiting = [self.root]
        while waiting:
            module = waiting.pop(0)
            yield module
            waiting += module.children

    def along(self, names: Iterable[str]) -> list[ModuleInstance]:
        """The instances that these calls make, one within the other, from the root on."""
        found = [self.root]
        for name in names:
            called = [m.called(name) for m in found]
            found = [m for some in called if not isinstance(some, Refusal) for m in some]
        return found

    def module(self, steps: tuple[ModuleStep, ...]) -> ModuleInstance | Refusal:
        found = self.root
        for step in steps:
            called = found.called(step.name)
            if isinstance(called, Refusal):
                return called
            inside = next((m for m in called if m.path[-1].key == step.key), None)
            inside = inside or next((m for m in called if m.unsure), None)
            if inside is None:
                return Refusal(
                    "locate",
                    "not-in-code",
                    f"the code of {self.directory or 'the top folder'} makes no {step} any more: "
                    "the next apply there destroys what it made",
                )
            found = inside
        return found


class ModuleInstance:
    """A module where it is called: it knows its variables, locals, outputs and resources."""

    def __init__(
        self,
        configuration: Configuration,
        path: tuple[ModuleStep, ...],
        directory: str,
        caller: ModuleInstance | None,
        call: Content | None,
        names: MappingOf[str, Value],
        unsure: Unknown | None = None,
    ) -> None:
        self.configuration, self.path, self.directory = configuration, path, directory
        self.caller, self.call, self.names, self.unsure = caller, call, names, unsure
        self._busy: set[tuple[str, ...]] = set()
        self._begin()

    def _begin(self) -> None:
        self._memory: dict[tuple[str, ...], Value] = {}
        self._called: dict[str, tuple[ModuleInstance, ...] | Refusal] = {}
        # by id, which is good only while its object lives
        self._expanded: dict[int, tuple[Content, tuple[Expansion, ...]]] = {}

    def forget(self) -> None:
        """It and all that it calls; see `Configuration.forget`."""
        for called in self._called.values():
            for module in () if isinstance(called, Refusal) else called:
                module.forget()
        for name in ("declared", "scope"):
            self.__dict__.pop(name, None)
        self._begin()

    def __str__(self) -> str:
        return ".".join(str(step) for step in self.path)

    @cached_property
    def declared(self) -> Declarations | Refusal:
        return self.configuration.sources.declarations(self.directory)

    @cached_property
    def scope(self) -> Scope:
        return Scope(self, self, self.configuration.effort)

    def content(self, kind: str, *labels: str) -> Content | None:
        return None if isinstance(self.declared, Refusal) else self.declared.get(kind, *labels)

    # Names ---------------------------------------------------------------------------------

    def get(self, head: str, word: str, second: str | None, at: Expression) -> Value | None:
        if isinstance(self.declared, Refusal):
            return Unknown(self.declared.text, at)
        words = (head, word) if second is None else (head, word, second)
        return self._once(words, lambda: self._find(head, word, second, at), at)

    def _once(
        self,
        words: tuple[str, ...],
        find: Callable[[], Value | None],
        at: Expression | None = None,
    ) -> Value | None:
        if words in self._memory:
            return self._memory[words]
        if words in self._busy:
            return failure(f"{'.'.join(words)} refers to itself", at)
        self._busy.add(words)
        try:
            value = find()
        finally:
            self._busy.discard(words)
        if value is not None:
            self._memory[words] = value
        return value

    def _find(self, head: str, word: str, second: str | None, at: Expression) -> Value | None:
        match head:
            case "var":
                return self._variable(word, at)
            case "local":
                return self._local(word, at)
            case "module":
                return self._module(word, at)
            case "path":
                return self._path(word, at)
            case "data" if second is not None:
                return self._object("data", word, second, at)
            case "terraform" | "each" | "count" | "self":
                return Unknown(f"`{head}.{word}` is not known from the code", at)
        return self._object("resource", head, word, at)

    def _path(self, word: str, at: Expression) -> Value:
        if word == "root":
            return Known(".")
        if word == "module":
            root = self.configuration.directory
            return Known(relpath(f"/{self.directory}", f"/{root}"))
        return Unknown(f"path.{word} is not known from the code", at)

    def _local(self, name: str, at: Expression) -> Value:
        assert isinstance(self.declared, Declarations)
        expression = self.declared.locals.get(name)
        if expression is None:
            return failure(f"local.{name} is not declared", at)
        hop = Hop(f"local.{name}", expression.file.path, expression.line)
        return self._passed(evaluate(expression, self.scope), hop)

    def _passed(self, value: Value, hop: Hop) -> Value:
        """Every part of it is made anew, and that is work."""
        self.configuration.effort.steps -= size_of(value) // 2
        return passed(value, hop)

    # Variables -----------------------------------------------------------------------------

    def _variable(self, name: str, at: Expression) -> Value:
        content = self.content("variable", name)
        if content is None:
            return failure(f"var.{name} is not declared", at)
        given = self._given(name, content, at)
        value = given
        if given is None or (is_null(given) and _is_false(content.arguments.get("nullable"))):
            value = self._default(name, content, at)
        assert value is not None
        constraint = content.arguments.get("type")
        wanted = parse_type(constraint) if constraint else None
        if constraint is not None and wanted is None:
            return Unknown(f"the type of var.{name} is not understood", constraint)
        return convert(value, wanted) if wanted else value

    def _default(self, name: str, content: Content, at: Expression) -> Value:
        default = content.arguments.get("default")
        if default is None:
            return Unknown(f"no file of the repository sets var.{name}", at)
        hop = Hop(f"var.{name}", default.file.path, default.line)
        return self._passed(evaluate(default, self.scope), hop)

    def _given(self, name: str, content: Content, at: Expression) -> Value | None:
        if self.caller is None:
            return self._assigned(name, at)
        assert self.call is not None
        argument = self.call.arguments.get(name)
        if argument is None:
            return None
        scope = self.caller.scope.having(self.names)
        hop = Hop(f"var.{name} of {self}", argument.file.path, argument.line)
        return self._passed(evaluate(argument, scope), hop)

    def _assigned(self, name: str, at: Expression) -> Value | None:
        definitions = self.configuration.definitions
        if definitions.problems:
            return Unknown(f"var.{name} may be set in a file: {definitions.problems[0]}", at)
        elsewhere = definitions.elsewhere.get(name)
        if elsewhere:
            return Unknown(
                f"var.{name} is set in {elsewhere[0]}, and nothing says whether that file is "
                "given with -var-file; name it under `terraform.var_files` in remediator.yaml",
                at,
            )
        assignment = definitions.assigned.get(name)
        if assignment is None:
            return None
        expression = assignment.expression
        if assignment.literal and any(k in expression.text for k in (b"${", b"%{")):
            return Unknown(f"var.{name} has a text with ${{ or %{{ in JSON", expression)
        hop = Hop(f"var.{name}", expression.file.path, expression.line)
        return self._passed(evaluate(expression, self.scope), hop)

    # Modules -------------------------------------------------------------------------------

    @property
    def children(self) -> list[ModuleInstance]:
        if isinstance(self.declared, Refusal):
            return []
        found: list[ModuleInstance] = []
        for (name,), _ in self.declared.of_kind("module"):
            called = self.called(name)
            found += () if isinstance(called, Refusal) else called
        return found

    def called(self, name: str) -> tuple[ModuleInstance, ...] | Refusal:
        """The instances of a module call; a Refusal for one that cannot be looked into."""
        if name not in self._called:
            self._called[name] = self._calls(name)
        return self._called[name]

    def _calls(self, name: str) -> tuple[ModuleInstance, ...] | Refusal:
        content = self.content("module", name)
        where = self.configuration.directory or "the top folder"
        if content is None:
            return Refusal(
                "locate",
                "not-in-code",
                f"the code of {where} calls no module.{name} any more: the next apply there "
                "destroys what it made",
            )
        directory = self._directory_of(name, content)
        if isinstance(directory, Refusal):
            return directory
        expanded = self.expansions(content)
        declared = self.configuration.sources.declarations(directory)
        blocks = 1 if isinstance(declared, Refusal) else 1 + len(declared.blocks)
        self.configuration.blocks += blocks * len(expanded)
        if self.configuration.blocks > _MAX_BLOCKS:
            return self._too_many(name, content)
        return tuple(
            ModuleInstance(
                self.configuration,
                (*self.path, ModuleStep(name, e.key)),
                directory,
                self,
                content,
                e.names,
                e.unsure,
            )
            for e in expanded
        )

    def _too_many(self, name: str, content: Content) -> Refusal:
        where = self.configuration.directory or "the top folder"
        return Refusal(
            "locate",
            "too-many-instances",
            f"the modules that {where} calls, and those that they call, have more than "
            f"{_MAX_BLOCKS} blocks in all, or take too much work to be evaluated; "
            f"module.{name} at {content.where} is not looked into",
        )

    def _directory_of(self, name: str, content: Content) -> str | Refusal:
        if self.configuration.effort.steps < 0:
            return self._too_many(name, content)
        source = content.arguments.get("source")
        text = as_text(evaluate(source, self.scope)) if source else None
        if len(self.path) >= _MAX_MODULES_DEEP:
            return Refusal(
                "locate",
                "too-deep",
                f"module.{name} at {content.where} is called {_MAX_MODULES_DEEP} modules deep",
            )
        sources = self.configuration.sources
        directory = local_source(self.directory, text or "")
        if directory is None:
            names = ".".join([*(s.name for s in self.path), name])
            directory = sources.installed(self.configuration.directory, names)
        if directory is not None and sources.has_module(directory):
            return self._outside_itself(name, content, directory)
        return Refusal(
            "locate",
            "remote-module",
            f"module.{name} at {content.where} comes from {text!r}, which is not in this "
            "repository; change it there, or its arguments here",
        )

    def _outside_itself(self, name: str, content: Content, directory: str) -> str | Refusal:
        module: ModuleInstance | None = self
        while module is not None and module.directory != directory:
            module = module.caller
        if module is None:
            return directory
        return Refusal(
            "locate",
            "too-deep",
            f"module.{name} at {content.where} is called from within itself, without end",
        )

    def _module(self, name: str, at: Expression) -> Value:
        called = self.called(name)
        if isinstance(called, Refusal):
            return Unknown(called.text, at)
        content = self.content("module", name)
        assert content is not None
        handles = [(m.path[-1].key, Handle(str(m), m.output)) for m in called]
        unsure = tuple(m.unsure for m in called if m.unsure is not None)
        return _by_key(content, handles, unsure)

    def output(self, name: str) -> Value:
        found = self._once(("output", name), lambda: self._output(name))
        assert found is not None
        return found

    def _output(self, name: str) -> Value:
        content = self.content("output", name)
        value = content.arguments.get("value") if content else None
        if content is None or value is None:
            return failure(f"{self or 'the root module'} has no output {name!r}")
        scope = self.scope
        hop = Hop(f"{self}.{name}", value.file.path, value.line)
        return self._passed(evaluate(value, scope), hop)

    # Resources and data sources ------------------------------------------------------------

    def expansions(self, content: Content) -> tuple[Expansion, ...]:
        """The instances of a block; one that is `unsure` where nobody can count them."""
        if id(content) not in self._expanded:
            found = self._expansions(content)
            self.configuration.expanded += len(found)
            self._expanded[id(content)] = (content, found)
        return self._expanded[id(content)][1]

    def _expansions(self, content: Content) -> tuple[Expansion, ...]:
        count, for_each = (content.arguments.get(n) for n in ("count", "for_each"))
        if count is not None:
            return _counted(evaluate(count, self.scope), count, self._room)
        if for_each is not None:
            return _walked(evaluate(for_each, self.scope), for_each, self._room)
        return (Expansion(None),)

    @property
    def _room(self) -> int:
        return max(1, min(MAX_INSTANCES, _MAX_EXPANDED - self.configuration.expanded))

    def scope_of(self, expansion: Expansion) -> Scope:
        return self.scope.having(expansion.names)

    def _object(self, kind: str, type_: str, name: str, at: Expression) -> Value | None:
        content = self.content(kind, type_, name)
        if content is None:
            return None
        address = f"{'data.' if kind == 'data' else ''}{type_}.{name}"
        expanded = self.expansions(content)
        handles = [
            (e.key, Handle(address, self._attribute_of(kind, type_, address, content, e)))
            for e in expanded
            if e.unsure is None
        ]
        unsure = tuple(e.unsure for e in expanded if e.unsure is not None)
        return _by_key(content, handles, unsure)

    def _attribute_of(
        self, kind: str, type_: str, address: str, content: Content, expansion: Expansion
    ) -> Callable[[str], Value]:
        def attribute(name: str) -> Value:
            words = (f"{address}{address_key(expansion.key)}", name)
            found = self._once(words, lambda: compute(name))
            assert found is not None
            return found

        def compute(name: str) -> Value:
            scope = self.scope_of(expansion)
            if kind == "data":
                made = data_sources.attribute(type_, name, content, scope)
                if made is not None:
                    hop = Hop(f"{address}.{name}", content.file.path, content.line)
                    return _handed_on(made, hop)
            argument = content.arguments.get(name)
            own = f"{address}{address_key(expansion.key)}.{name}"
            of = f"{self}.{own}" if self.path else own
            if argument is None:
                return Unknown(f"{address}.{name} is known after the apply only", of=of)
            value = evaluate(argument, scope)
            if is_null(value):
                return Unknown(f"{address}.{name} is known after the apply only", argument, of=of)
            hop = Hop(f"{address}.{name}", argument.file.path, argument.line)
            return self._passed(value, hop)

        return attribute

    # Files ---------------------------------------------------------------------------------

    def _repository_path(self, path: str) -> str | Unknown:
        if isabs(path) or "\0" in path:
            return Unknown(f"the file {path!r} is not in the repository")
        inside = normpath(join(self.configuration.directory or ".", path))
        if inside == ".." or inside.startswith("../"):
            return Unknown(f"the file {path!r} is outside the repository")
        return inside

    def read(self, path: str) -> bytes | Unknown:
        inside = self._repository_path(path)
        if isinstance(inside, Unknown):
            return inside
        try:
            return self.configuration.sources.tree.read(inside)
        except (KeyError, SourceError) as why:
            return Unknown(f"the file {path!r} cannot be read: {why}")

    def exists(self, path: str) -> bool | Unknown:
        """What is not there may be made before the plan: unknown."""
        found = self.read(path)
        return found if isinstance(found, Unknown) else True

    def render(self, path: str, variables: Value) -> Value:
        from remediator.terraform.template_files import render_file

        data, inside = self.read(path), self._repository_path(path)
        if isinstance(data, Unknown) or isinstance(inside, Unknown):
            return data if isinstance(data, Unknown) else Unknown(f"{path!r} is not read")
        return render_file(inside, data, variables, self.scope)

    def json_file(self, path: str) -> Value | None:
        data, inside = self.read(path), self._repository_path(path)
        if isinstance(data, Unknown) or isinstance(inside, Unknown):
            return None
        try:
            _, document = json_source(inside, data)
        except SourceError:
            return None
        if b"${" in data or b"%{" in data:
            return None  # in a plain file these are themselves
        from remediator.terraform.evaluate import nowhere

        return evaluate_document(document, nowhere())


def _handed_on(text: Value, hop: Hop) -> Value:
    """A text that was made of values, each of which went through one more name."""
    match text:
        case Known(structure=structure) if structure is not None:
            return replace(text, structure=passed(structure, hop))
        case Unknown(parts=(tree,)):
            return replace(text, parts=(passed(tree, hop),))
    return text


def evaluate_document(document: Expression, scope: Scope) -> Value:
    from remediator.terraform.evaluate import object_of

    return object_of(document, document.node.children[0], scope)


def _is_false(expression: Expression | None) -> bool:
    return expression is not None and expression.text == b"false"


def _counted(value: Value, at: Expression, most: int) -> tuple[Expansion, ...]:
    number = as_int(value)
    if number is not None and number > most:
        return (_too_many(at),)
    if number is None or number < 0:
        why = value if isinstance(value, Unknown) else Unknown(f"`{short(at)}` is no count", at)
        return (_any_of(why),)
    return tuple(Expansion(i, {"count": Mapping.of([("index", Known(i))])}) for i in range(number))


def _walked(value: Value, at: Expression, most: int) -> tuple[Expansion, ...]:
    """A list is walked over by `for` and `dynamic` alone."""
    is_list = isinstance(value, Sequence) and value.kind != "set"
    pairs = None if is_list else pairs_of(value)
    if pairs is not None and len(pairs) > most:
        return (_too_many(at),)
    if pairs is None:
        why = (
            value if isinstance(value, Unknown) else Unknown(f"`{short(at)}` is no set or map", at)
        )
        return (_any_of(why),)
    found: list[Expansion] = []
    for key, item in pairs:
        text = as_text(key)
        if text is None:
            unsure = key if isinstance(key, Unknown) else Unknown(f"`{short(at)}` has no keys", at)
            found.append(_any_of(unsure))
        else:
            source = key.source if isinstance(key, Known) else None  # of a set, it is the item
            each = Mapping.of([("key", Known(text, source)), ("value", item)])
            found.append(Expansion(text, {"each": each}))
    still_open = value.open if isinstance(value, Sequence | Mapping) else ()
    return (*found, *(_any_of(u) for u in still_open[:1]))


def _too_many(at: Expression) -> Expansion:
    return _any_of(Unknown(f"`{short(at)}` makes more instances than are looked at", at))


def _any_of(why: Unknown) -> Expansion:
    each = Mapping.of([("key", why), ("value", why)])
    return Expansion(None, {"each": each, "count": Mapping.of([("index", why)])}, why)


def _by_key(
    content: Content, handles: list[tuple[Key, Handle]], unsure: tuple[Unknown, ...]
) -> Value:
    """What `module.x` or `aws_x.y` is: an object, or a list or map of them."""
    if "count" in content.arguments:
        return Sequence(tuple(h for _, h in handles), "tuple", None, unsure)
    if "for_each" in content.arguments:
        return Mapping.of(((str(k), h) for k, h in handles), "object", None, unsure)
    return handles[0][1] if handles else unsure[0]
