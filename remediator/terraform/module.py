"""One module's files, parsed: its blocks by address, and who refers to them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from posixpath import basename, dirname, isabs, join, normpath

from remediator.kept import Kept
from remediator.model import BlockRef, Refusal, SourceError
from remediator.terraform import json_syntax
from remediator.terraform.content import Declared, declared, declared_in_json, json_source
from remediator.terraform.declarations import Declarations, declarations
from remediator.terraform.syntax import Block, Reference, SourceFile, parse, references_in
from remediator.terraform.variables import is_definitions
from remediator.tree import Tree

NATIVE = (".tf", ".tofu")
JSON = (".tf.json", ".tofu.json")
_KEPT_BYTES = 1 << 19
"""Of source text whose trees are kept; a tree is a hundred times as large as its text."""
_KEPT_MODULES = 32
_KEPT_ANSWERS = 20_000


@dataclass(frozen=True, slots=True)
class Module:
    """The files directly in one directory; those in JSON syntax by path, as `json_syntax` reads."""

    directory: str
    files: tuple[SourceFile, ...]
    json_files: tuple[tuple[str, json_syntax.Node], ...]

    def find(self, address: str) -> Block | Refusal | None:
        """The block of that address; a Refusal where files override or repeat it, or hold it in
        JSON syntax.

        https://developer.hashicorp.com/terraform/language/files/override
        """
        found = [b for f in self.files for b in f.at(address)]
        in_json = [path for path, node in self.json_files if json_syntax.declares(node, address)]
        if len(found) + len(in_json) > 1:
            where = ", ".join([*(f"{b.file.path}:{b.line}" for b in found), *in_json])
            over = any(is_override(path) for path in (*(b.file.path for b in found), *in_json))
            code, why = (
                ("override-file", "is merged from an override file")
                if over
                else ("address-twice", "is declared more than once")
            )
            return Refusal(
                "locate", code, f"{address} {why} ({where}); make it one block, then run again"
            )
        if in_json:
            return Refusal(
                "locate",
                "json-syntax",
                f"{address} is written in JSON syntax in {in_json[0]}, which this version does not "
                "edit; change it by hand",
            )
        return found[0] if found else None

    def references_to(self, address: str) -> Iterator[tuple[SourceFile, Reference]]:
        """Every mention of a resource outside its own block, `resource.type.name` too.

        https://developer.hashicorp.com/terraform/language/expressions/references
        """
        wanted = tuple(address.split("."))
        words = [word.encode() for word in reversed(wanted)]
        for file in (f for f in self.files if words[0] in f.data):
            own = {b.start for b in file.at(address)}
            for reference in references_in(file, words, own):
                parts = reference.parts[1:] if reference.parts[0] == "resource" else reference.parts
                if parts[: len(wanted)] == wanted:
                    yield file, reference

    def json_mentions(self, address: str) -> list[str]:
        """JSON-syntax files that hold the address in any text: enough to stop a deletion."""
        return [path for path, node in self.json_files if json_syntax.mentions(node, address)]


def is_source(path: str) -> bool:
    """Not a module that `terraform init` downloaded, and not a dot file, which Terraform skips."""
    made = ("/.terraform/", "/.terragrunt-cache/")
    return not any(part in f"/{path}" for part in made) and not basename(path).startswith(".")


def is_override(path: str) -> bool:
    stem = basename(path)
    for suffix in (*JSON, *NATIVE):
        if stem.endswith(suffix):
            name = stem.removesuffix(suffix)
            return name == "override" or name.endswith("_override")
    return False


def block_ref(block: Block) -> BlockRef:
    path = block.file.path
    return BlockRef(path, block.start, block.end, block.line, dirname(path), block.address)


def _one(_: object) -> int:
    return 1


class _Shared:
    """What the sources of nearly equal trees have in common: parsed files, and where all are."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._parsed: Kept[tuple[str, bytes], SourceFile] = Kept(_KEPT_BYTES)
        self._declared: Kept[SourceFile, Sequence[Declared]] = Kept(_KEPT_BYTES)
        self.counter = count(1)
        self.declarations: Kept[tuple[str, int], Declarations | Refusal] = Kept(_KEPT_MODULES)
        self.told: Kept[tuple[str, int, bytes | None], bool] = Kept(_KEPT_ANSWERS)
        """Whether a directory, in one version, holds a text; None: whether it parses."""
        self._manifests: dict[str, Mapping[str, str]] = {}

    def parse(self, path: str, data: bytes) -> SourceFile:
        return self._parsed.get((path, data), lambda: parse(path, data), lambda _: len(data))

    def declared(self, file: SourceFile) -> Sequence[Declared]:
        size = len(file.data)
        return self._declared.get(file, lambda: tuple(declared(file)), lambda _: size)

    @cached_property
    def directories(self) -> Mapping[str, Sequence[str]]:
        found: dict[str, list[str]] = {}
        for path in self._tree.paths():
            if path.endswith((*NATIVE, *JSON)) and is_source(path):
                found.setdefault(dirname(path), []).append(path)
        return found

    @cached_property
    def with_installed(self) -> Mapping[str, Sequence[str]]:
        """The same, and the folders of fetched modules."""
        found = {directory: [*paths] for directory, paths in self.directories.items()}
        for path in self._tree.paths():
            if "/.terraform/" in f"/{path}" and path.endswith((*NATIVE, *JSON)):
                found.setdefault(dirname(path), []).append(path)
        return found

    @cached_property
    def definitions(self) -> Sequence[str]:
        """The variable definitions files (tfvars)."""
        return [p for p in self._tree.paths() if is_definitions(p) and is_source(p)]

    def manifest(self, root: str) -> Mapping[str, str]:
        if root not in self._manifests:
            path = join(root, ".terraform/modules/modules.json")
            self._manifests[root] = _installed_modules(self._tree, path, root)
        return self._manifests[root]


def _installed_modules(tree: Tree, path: str, root: str) -> dict[str, str]:
    """By module path, its folder inside the repository. What is not understood is not there."""
    try:
        document = json.loads(tree.read(path))
    except (KeyError, ValueError, SourceError, RecursionError):
        return {}
    entries = document.get("Modules") if isinstance(document, dict) else None
    found = {}
    for entry in entries if isinstance(entries, list) else ():
        key, folder = (entry.get(n) if isinstance(entry, dict) else None for n in ("Key", "Dir"))
        if isinstance(key, str) and isinstance(folder, str) and not isabs(folder):
            inside = normpath(join(root or ".", folder))
            if inside != ".." and not inside.startswith("../"):
                found[key] = "" if inside == "." else inside
    return found


class Sources:
    """Parses on demand, and keeps what it parsed last."""

    def __init__(
        self, tree: Tree, like: Sources | None = None, differing: Iterable[str] = ()
    ) -> None:
        """`like`: the sources of a tree with the same paths, all of them but `differing` with the
        same bytes."""
        self.tree = tree
        self.shared: _Shared = like.shared if like else _Shared(tree)
        self._naming: dict[tuple[str, str], Sequence[str]] = {}
        self.versions: Mapping[str, int] = {}
        """Of the directories that differ from the first of these trees, as one of its own."""
        if like is not None:
            version = next(self.shared.counter)
            self.versions = {**like.versions, **{dirname(path): version for path in differing}}

    def file(self, path: str) -> SourceFile:
        """Raises SourceError for a file that does not parse, KeyError for one that is not there."""
        return self.shared.parse(path, self.tree.read(path))

    def paths(self, directory: str) -> Sequence[str]:
        """Of a module's files, also where it was fetched."""
        return self.shared.with_installed.get(directory, ())

    def naming(self, text: str, suffix: str) -> Sequence[str]:
        """The files of the tree with this ending that hold the text: searched once."""
        if (text, suffix) not in self._naming:
            self._naming[text, suffix] = self.tree.grep([text], [suffix])
        return self._naming[text, suffix]

    def mentions(self, directory: str, text: bytes) -> bool:
        """Whether some file of a module holds the text."""
        paths = self.paths(directory)
        return self.shared.told.get(
            (directory, self.versions.get(directory, 0), text),
            lambda: any(text in self.tree.read(path) for path in paths),
            _one,
        )

    def parses(self, directory: str) -> bool:
        """Whether every file of a module can be read."""
        return self.shared.told.get(
            (directory, self.versions.get(directory, 0), None),
            lambda: not isinstance(self.module(directory), Refusal),
            _one,
        )

    def find(self, directory: str, address: str) -> Block | None:
        """The one block of that address; None where it is not there, not alone or not readable.

        Cheaper than the whole module: only files that hold the name are parsed, and those in
        JSON syntax, which may escape it.
        """
        if any(path.endswith(JSON) for path in self.shared.directories.get(directory, ())):
            module = self.module(directory)
            found = None if isinstance(module, Refusal) else module.find(address)
            return found if isinstance(found, Block) else None
        name = address.rpartition(".")[2].encode()
        blocks: list[Block] = []
        for path in self.shared.directories.get(directory, ()):
            if name in self.tree.read(path):
                with suppress(SourceError):
                    blocks += self.file(path).at(address)
        return blocks[0] if len(blocks) == 1 else None

    def module(self, directory: str) -> Module | Refusal:
        """A module that does not parse as a whole is refused: its blocks may hide anything."""
        paths = self.shared.directories.get(directory, ())
        try:
            files = tuple(self.file(p) for p in paths if p.endswith(NATIVE))
            documents = tuple((p, self._json(p)) for p in paths if p.endswith(JSON))
        except SourceError as broken:
            return Refusal(
                "locate", "unreadable-source", f"{broken}; correct the file, then run again"
            )
        return Module(directory, files, documents)

    def declarations(self, directory: str) -> Declarations | Refusal:
        """What a module declares, in both syntaxes, with overrides applied."""
        version = self.versions.get(directory, 0)
        return self.shared.declarations.get(
            (directory, version), lambda: self._declarations(directory), _one
        )

    def _declarations(self, directory: str) -> Declarations | Refusal:
        paths = self.shared.with_installed.get(directory, ())
        try:
            found = [(p, self.shared.declared(self.file(p))) for p in paths if p.endswith(NATIVE)]
            documents = [json_source(p, self.tree.read(p))[1] for p in paths if p.endswith(JSON)]
        except SourceError as broken:
            return Refusal(
                "locate", "unreadable-source", f"{broken}; correct the file, then run again"
            )
        overrides = frozenset(p for p in paths if is_override(p))
        found += [(d.file.path, tuple(declared_in_json(d))) for d in documents]
        return declarations(directory, found, overrides)

    def has_module(self, directory: str) -> bool:
        """Whether there are files; an installed module may be a link to somewhere else."""
        return directory in self.shared.with_installed

    def has_overrides(self, directory: str) -> bool:
        return any(is_override(p) for p in self.shared.directories.get(directory, ()))

    def installed(self, root: str, names: str) -> str | None:
        """Where `terraform init` put the module of that path (`web.rules`) below a root."""
        return self.shared.manifest(root).get(names)

    def _json(self, path: str) -> json_syntax.Node:
        try:
            return json_syntax.read(self.tree.read(path))
        except ValueError as why:
            raise SourceError(path, 1, 1, f"cannot be read as JSON: {why}") from None
