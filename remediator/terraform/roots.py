"""Root modules, and which module calls which. Text is searched first; few files are parsed.

https://developer.hashicorp.com/terraform/language/modules/sources
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice
from posixpath import basename, dirname, join, normpath

from remediator.model import Refusal, SourceError
from remediator.terraform.backend import Backend
from remediator.terraform.content import declared_in_json, json_source
from remediator.terraform.literal import decode
from remediator.terraform.module import JSON, NATIVE, is_override, is_source
from remediator.terraform.resolve import as_text, resolve
from remediator.terraform.syntax import Block, Body, SourceFile, parse
from remediator.tree import Tree

_MAX_DEPTH = 64
_MAX_PATHS = 10_000
_KEPT = 64
"""Directories whose paths from their roots are remembered."""
_NOT_PLAIN = frozenset(("count", "for_each", "providers"))
_WORKSPACE = "terraform.workspace"
_LOCAL_STARTS = ('"./', '"../', '".."')
_SUBDIRECTORY = re.compile(rb"(?=//([^/\"\n][^\"\n]{0,999})[\"\n])")
_LOCAL_SOURCE = re.compile(rb'"(\.\.?/(?:[^"\\\n]|\\.)*|\.\.)"')


@dataclass(frozen=True, slots=True)
class Root:
    """A directory that terraform is run in; "" is the repository's top.

    `backend` is a Refusal where the code that may name it cannot be read.
    """

    directory: str
    backend: Backend | Refusal | None = None


@dataclass(frozen=True, slots=True)
class ModuleCall:
    """`directory` is None for a module that is remote, or outside the repository. `plain`: it
    makes one instance, with the providers that a module has without being given any."""

    name: str
    caller: str
    source: str
    directory: str | None
    file: str
    line: int
    plain: bool = False


class Modules:
    """The module calls of one tree. Sources are searched as text; only what is asked for is
    parsed, so that the cost grows with the modules that a finding touches."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._parsed: dict[str, tuple[ModuleCall, ...]] = {}
        self._unread: set[str] = set()
        self._parses: dict[str, bool] = {}
        self._applied: dict[str, bool] = {}
        self._above: dict[str, frozenset[str]] = {}
        self._named: dict[str, Mapping[str, ModuleCall]] = {}
        self._reached = lru_cache(_KEPT)(self._reached_from)

    @cached_property
    def _by_directory(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path in self._tree.paths():
            if path.endswith((*NATIVE, *JSON)) and is_source(path):
                found.setdefault(dirname(path), []).append(path)
        return found

    @cached_property
    def _mentions(self) -> dict[str, list[str]]:
        """By directory, the files with a text that could be a module source leading there."""
        found: dict[str, list[str]] = {}
        for path, data in self._tree.read_many(self._tree.grep(_LOCAL_STARTS, (*NATIVE, *JSON))):
            if not is_source(path):
                continue
            written = {m[1].decode(errors="replace") for m in _LOCAL_SOURCE.finditer(data)}
            sources = {decode(text) or "" for text in written}
            for directory in {local_source(dirname(path), s) for s in sources} - {None}:
                assert directory is not None
                found.setdefault(directory, []).append(path)
        return found

    @cached_property
    def _with_values(self) -> frozenset[str]:
        """The directories with variable files that terraform loads by itself."""
        auto = (".auto.tfvars", ".auto.tfvars.json")
        own = ("terraform.tfvars", "terraform.tfvars.json")
        paths = self._tree.paths()
        return frozenset(dirname(p) for p in paths if p.endswith(auto) or basename(p) in own)

    def has_workspaces(self, root: str) -> bool:
        """Whether it, or a module that it calls, says what it makes by the workspace."""
        return root in self._by_workspace

    @cached_property
    def _by_workspace(self) -> frozenset[str]:
        paths = self._tree.grep([_WORKSPACE], (*NATIVE, *JSON))
        return frozenset(root for d in {dirname(p) for p in paths} for root in self.roots_of(d))

    def search(self) -> None:
        """Searches now what would else be searched when it is first asked for."""
        _ = self._mentions, self._by_workspace

    def calls(self, directory: str) -> tuple[ModuleCall, ...]:
        paths = self._by_directory.get(directory, ())
        return tuple(call for path in paths for call in self._calls_in(path))

    def callers(self, directory: str) -> tuple[ModuleCall, ...]:
        return tuple(self._calling(directory))

    def is_called(self, directory: str) -> bool:
        return any(True for _ in self._calling(directory))

    def _calling(self, directory: str) -> Iterator[ModuleCall]:
        for path in self._mentions.get(directory, ()):
            yield from (c for c in self._calls_in(path) if c.directory == directory)

    def unread_callers(self, directory: str) -> list[str]:
        """Files that may call the module, and that cannot be read or name it in another way."""
        found = [p for p in self._mentions.get(directory, ()) if not self._can_be_read(p)]
        return found + self._naming_in_a_repository(directory) if directory else found

    def _naming_in_a_repository(self, directory: str) -> list[str]:
        """Files with a text such as "…//modules/vpc?ref=v1"."""
        found: dict[str, None] = {}
        for text, path in self._subdirectories[bisect_left(self._subdirectories, (directory,)) :]:
            if not text.startswith(directory):
                break
            found[path] = None
        return list(found)

    @cached_property
    def _subdirectories(self) -> list[tuple[str, str]]:
        """Sorted: what follows each `//`, which names a directory in a repository, and its file."""
        paths = filter(is_source, self._tree.grep(["//"], (*NATIVE, *JSON)))
        return sorted(
            (m[1].decode("utf-8", "surrogateescape"), path)
            for path, data in self._tree.read_many(paths)
            for m in _SUBDIRECTORY.finditer(data)
        )

    def _can_be_read(self, path: str) -> bool:
        if path not in self._parses:
            self._parses[path] = _parses(self._tree, path)
        return self._parses[path]

    def _calls_in(self, path: str) -> tuple[ModuleCall, ...]:
        """A file that does not parse calls nothing here: its own module is refused as a whole."""
        if path not in self._parsed:
            data = self._tree.read(path)
            try:
                self._parsed[path] = tuple(_calls_in(path, data))
            except SourceError:
                self._parsed[path] = ()
                self._unread.add(path)
        return self._parsed[path]

    def descend(self, root: str, names: tuple[str, ...]) -> str | Refusal:
        """The directory of module.a.module.b below a root."""
        directory = root
        for name in names:
            call = self._by_name(directory).get(name)
            if call is None:
                return Refusal(
                    "locate",
                    "not-in-code",
                    f"the state knows module.{name} in {directory or 'the top folder'}, and the "
                    "code no longer calls it: the next apply there destroys what it made",
                )
            if call.directory is None:
                return Refusal(
                    "locate",
                    "remote-module",
                    f"module.{name} at {call.file}:{call.line} comes from {call.source!r}, which "
                    "is not in this repository; change it there, or its arguments here",
                )
            directory = call.directory
        return directory

    def _by_name(self, directory: str) -> Mapping[str, ModuleCall]:
        """The first of each name."""
        if directory not in self._named:
            self._named[directory] = {c.name: c for c in reversed(self.calls(directory))}
        return self._named[directory]

    def plain_way(self, root: str, names: Sequence[str]) -> tuple[str, ...] | None:
        """The directories from a root along these calls, where each call makes one instance and
        nothing else than the providers by default goes along; None where that is not plain."""
        way = [root]
        for name in names:
            calls = [c for c in self.calls(way[-1]) if c.name == name]
            paths = self._by_directory.get(way[-1], ())
            odd = any(is_override(path) or path in self._unread for path in paths)
            if len(calls) != 1 or odd or not calls[0].plain or calls[0].directory is None:
                return None
            way.append(calls[0].directory)
        return tuple(way)

    def reached_from(self, directory: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Every (root, module names) that leads here: at the most _MAX_PATHS of them. A directory
        that nobody calls is a root, and so is one with a backend of its own."""
        return self._reached(directory)

    def _reached_from(self, directory: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
        return tuple(sorted(set(islice(self._paths(directory, (), ()), _MAX_PATHS))))

    def _paths(
        self, directory: str, below: tuple[str, ...], seen: tuple[str, ...]
    ) -> Iterator[tuple[str, tuple[str, ...]]]:
        callers = self.callers(directory)
        if not callers or self._is_applied(directory):
            yield directory, below
        if len(seen) >= _MAX_DEPTH or directory in seen:
            return
        for call in callers:
            yield from self._paths(call.caller, (call.name, *below), (*seen, directory))

    def roots_of(self, directory: str) -> set[str]:
        """Every root that leads here."""
        above = self.above(directory)
        return {d for d in above if not self.is_called(d) or self._is_applied(d)}

    def above(self, directory: str) -> frozenset[str]:
        """Itself, and the directories of all modules that lead to it."""
        if directory not in self._above:
            seen, waiting = {directory}, [directory]
            while waiting:
                callers = {call.caller for call in self.callers(waiting.pop())}
                waiting += callers - seen
                seen |= callers
            self._above[directory] = frozenset(seen)
        return self._above[directory]

    def _is_applied(self, directory: str) -> bool:
        """Whether it says where its own state is, or has values of its own, though others call
        it."""
        if directory in self._with_values:
            return True
        if directory not in self._applied:
            paths = [p for p in self._by_directory.get(directory, ()) if p.endswith(NATIVE)]
            self._applied[directory] = isinstance(
                _backends(self._tree, paths).get(directory), Backend
            )
        return self._applied[directory]


def _parses(tree: Tree, path: str) -> bool:
    try:
        data = tree.read(path)
        _ = json_source(path, data) if path.endswith(JSON) else parse(path, data)
    except SourceError:
        return False
    return True


def _calls_in(path: str, data: bytes) -> Iterator[ModuleCall]:
    """Raises SourceError where the file does not parse."""
    if b"module" not in data:
        return
    if path.endswith(JSON):
        yield from _calls_in_json(path, data)
        return
    for block in parse(path, data).blocks:
        if block.type == "module" and len(block.labels) == 1:
            source = _text(block.body, "source") or ""
            caller = dirname(path)
            directory = local_source(caller, source)
            plain = _NOT_PLAIN.isdisjoint(a.name for a in block.body.attributes)
            yield ModuleCall(block.labels[0], caller, source, directory, path, block.line, plain)


def _calls_in_json(path: str, data: bytes) -> Iterator[ModuleCall]:
    _, document = json_source(path, data)
    caller = dirname(path)
    for kind, labels, content in declared_in_json(document):
        written = content.arguments.get("source")
        if kind == "module" and written is not None:
            source = as_text(resolve(written)) or ""
            directory = local_source(caller, source)
            yield ModuleCall(labels[0], caller, source, directory, path, content.line)


def local_source(caller: str, source: str) -> str | None:
    """The directory of a local module; None for any other source, or one outside."""
    if not source.startswith(("./", "../")) and source != "..":
        return None
    directory = normpath(join(caller or ".", source))
    if directory == ".." or directory.startswith("../"):
        return None
    return "" if directory == "." else directory


def discover(tree: Tree, modules: Modules) -> tuple[Root, ...]:
    """Every directory with Terraform that no module calls, or that has a backend of its own."""
    backends = _backends(tree, tree.grep(["backend", "cloud"], NATIVE))
    directories = {
        dirname(p) for p in tree.paths() if p.endswith((*NATIVE, *JSON)) and is_source(p)
    }
    return tuple(
        Root(directory, backends.get(directory))
        for directory in sorted(directories)
        if isinstance(backends.get(directory), Backend) or not modules.is_called(directory)
    )


def named_roots(tree: Tree, directories: Sequence[str]) -> tuple[Root, ...]:
    """These roots, each with its own backend."""
    wanted = set(directories)
    paths = [p for p in tree.paths() if p.endswith(NATIVE) and dirname(p) in wanted]
    backends = _backends(tree, paths)
    return tuple(Root(directory, backends.get(directory)) for directory in directories)


def _backends(tree: Tree, paths: Iterable[str]) -> dict[str, Backend | Refusal]:
    """By directory. A file that does not parse may hold the backend that no other file has."""
    found: dict[str, Backend | Refusal] = {}
    for path, data in tree.read_many(paths):
        if not is_source(path) or not (b"backend" in data or b"cloud" in data):
            continue
        try:
            found |= {dirname(path): backend for backend in _declared(parse(path, data))}
        except SourceError as broken:
            found.setdefault(dirname(path), _unreadable(broken))
    return found


def _declared(file: SourceFile) -> Iterator[Backend]:
    for block in (b for b in file.blocks if b.type == "terraform"):
        for inner in (*block.body.nested("backend"), *block.body.nested("cloud")):
            yield _backend(inner)


def _unreadable(broken: SourceError) -> Refusal:
    text = f"{broken}; correct the file, then run again"
    return Refusal("locate", "unreadable-source", text)


def _backend(block: Block) -> Backend:
    body = block.body
    return Backend(
        kind=block.labels[0] if block.labels else block.type,
        bucket=_text(body, "bucket"),
        key=_text(body, "key"),
        region=_text(body, "region"),
        prefix=_text(body, "workspace_key_prefix") or "env:",
        path=_text(body, "path"),
    )


def _text(body: Body, name: str) -> str | None:
    attribute = body.attribute(name)
    return as_text(resolve(attribute.value)) if attribute else None
