"""One module's files, parsed: its blocks by address, and who refers to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from posixpath import basename, dirname

from remediator.model import BlockRef, Refusal, SourceError
from remediator.terraform.syntax import Block, Reference, SourceFile, parse, references
from remediator.tree import Tree

NATIVE = (".tf", ".tofu")
JSON = (".tf.json", ".tofu.json")


@dataclass(frozen=True, slots=True)
class Module:
    """The files directly in one directory; those in JSON syntax are kept as bytes."""

    directory: str
    files: tuple[SourceFile, ...]
    json_files: tuple[tuple[str, bytes], ...]

    def find(self, address: str) -> Block | Refusal | None:
        """The block of that address; a Refusal where files override or repeat it.

        https://developer.hashicorp.com/terraform/language/files/override
        """
        found = [b for f in self.files for b in f.blocks if b.address == address]
        if not found:
            return None
        if len(found) > 1:
            where = ", ".join(f"{b.file.path}:{b.line}" for b in found)
            over = any(is_override(b.file.path) for b in found)
            code, why = (
                ("override-file", "is merged from an override file")
                if over
                else ("address-twice", "is declared more than once")
            )
            return Refusal(
                "locate", code, f"{address} {why} ({where}); make it one block, then run again"
            )
        return found[0]

    def references_to(self, address: str) -> Iterator[tuple[SourceFile, Reference]]:
        """Every mention of a resource outside its own block."""
        wanted = tuple(address.split("."))
        for file in self.files:
            own = [(b.start, b.end) for b in file.blocks if b.address == address]
            for reference in references(file):
                inside = any(s <= reference.start < e for s, e in own)
                if reference.parts[: len(wanted)] == wanted and not inside:
                    yield file, reference

    def json_mentions(self, address: str) -> list[str]:
        """JSON-syntax files that hold the address as text: enough to stop a deletion."""
        return [path for path, data in self.json_files if address.encode() in data]


def is_source(path: str) -> bool:
    """Not a module that `terraform init` downloaded, and not a dot file, which Terraform skips."""
    return "/.terraform/" not in f"/{path}" and not basename(path).startswith(".")


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


class Sources:
    """Parses on demand, and keeps what it parsed: one per tree, dropped with it."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._files: dict[str, SourceFile] = {}
        self._directories: dict[str, list[str]] | None = None

    def file(self, path: str) -> SourceFile:
        """Raises SourceError for a file that does not parse, KeyError for one that is not there."""
        if path not in self._files:
            self._files[path] = parse(path, self.tree.read(path))
        return self._files[path]

    def module(self, directory: str) -> Module | Refusal:
        """A module that does not parse as a whole is refused: its blocks may hide anything."""
        paths = self._in(directory)
        try:
            files = tuple(self.file(p) for p in paths if p.endswith(NATIVE))
        except SourceError as broken:
            return Refusal(
                "locate", "unreadable-source", f"{broken}; correct the file, then run again"
            )
        json = tuple((p, self.tree.read(p)) for p in paths if p.endswith(JSON))
        return Module(directory, files, json)

    def on(self, tree: Tree, changed: frozenset[str]) -> Sources:
        """The sources of a tree that differs from this one in the files `changed` alone."""
        later = Sources(tree)
        later._files = {p: f for p, f in self._files.items() if p not in changed}
        later._directories = self._directories
        return later

    def _in(self, directory: str) -> list[str]:
        if self._directories is None:
            self._directories = {}
            for path in self.tree.paths():
                if path.endswith((*NATIVE, *JSON)) and is_source(path):
                    self._directories.setdefault(dirname(path), []).append(path)
        return self._directories.get(directory, [])
