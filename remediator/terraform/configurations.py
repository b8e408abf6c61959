"""The configurations of a repository's roots, evaluated when they are asked for."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from posixpath import dirname

from remediator.terraform.configuration import Configuration
from remediator.terraform.effects import Snapshot, snapshot
from remediator.terraform.module import JSON, NATIVE, Sources
from remediator.terraform.reach import Reach
from remediator.terraform.roots import Modules
from remediator.terraform.variables import definitions, is_definitions

_KEPT = 8
_KEPT_SNAPSHOTS = 512
_COMPUTED_NAME = re.compile(
    rb"""file[a-z0-9]*[ \t]*\(\s*(?!\\?"(?:\$\{path\.\w+\})?[^"\\$%]*\\?"\s*[,)])"""
)
"""A function that reads a file whose name is not written out; quotes in JSON are escaped."""


@dataclass(frozen=True, slots=True)
class _Last:
    """Snapshots from before the edit, of roots that it reaches."""

    snapshots: Mapping[str, Snapshot]
    reach: Reach


class Configurations:
    """Belongs to one tree. `var_files`: by root, what the pipeline gives with -var-file.
    `last_edit` is for who makes an edited tree of it: what was made last."""

    def __init__(
        self, sources: Sources, modules: Modules, var_files: Mapping[str, Sequence[str]]
    ) -> None:
        self.sources, self.modules, self.var_files = sources, modules, var_files
        self._found: dict[str, Configuration] = {}
        self._snapshots: dict[str, Snapshot] = {}
        self._last: _Last | None = None
        self.last_edit: tuple[Mapping[str, bytes], object] | None = None

    def of(self, root: str) -> Configuration:
        found = self._found.pop(root, None)
        if found is None:
            paths = self.sources.shared.definitions
            named, modules = self.var_files.get(root, ()), self.sources.shared.directories
            given = definitions(self.sources.tree, paths, root, named, modules)
            found = Configuration(self.sources, root, given)
        self._found[root] = found
        while len(self._found) > _KEPT:
            self._found.pop(next(iter(self._found))).forget()
        return found

    def forget(self) -> None:
        """Lets go of what was evaluated, once nobody works with this tree any more."""
        for configuration in self._found.values():
            configuration.forget()
        self._found.clear()

    def snapshot(self, root: str) -> Snapshot:
        if root not in self._snapshots:
            self._snapshots[root] = self._snapshot(root)
            while len(self._snapshots) > _KEPT_SNAPSHOTS:
                self._snapshots.pop(next(iter(self._snapshots)))
        return self._snapshots[root]

    def _snapshot(self, root: str) -> Snapshot:
        configuration = self.of(root)
        last = self._last.snapshots.get(root) if self._last else None
        if last is None or self._last is None:
            return snapshot(configuration)
        return snapshot(configuration, last, self._last.reach.within(configuration))

    def edited(self, sources: Sources, files: Collection[str]) -> Configurations:
        """Of a tree with the same paths and module calls, where these files differ. What is known
        of roots that they do not reach stays, and of the others what they do not reach in them."""
        made = Configurations(sources, self.modules, self.var_files)
        reached = self.reached_from(files)
        made._snapshots = {r: s for r, s in self._snapshots.items() if r not in reached}
        known = {r: s for r, s in self._snapshots.items() if r in reached}
        if known:
            made._last = _Last(known, Reach(self.sources, sources, files))
        return made

    def reached_from(self, files: Iterable[str]) -> set[str]:
        """Every root whose configuration may read one of these files."""
        found: set[str] = set()
        for path in files:
            if is_definitions(path):
                found |= self._defined_by(path)
            elif path.endswith((*NATIVE, *JSON)):
                found |= self.modules.roots_of(dirname(path))
            if path.endswith(".json") or not path.endswith((*NATIVE, ".tfvars")):
                found |= self._naming(path)
        return found

    def _defined_by(self, path: str) -> set[str]:
        """What is named for one root may still be loaded by the one that it stands in."""
        named = {root for root, files in self.var_files.items() if path in files}
        return {*named, dirname(path)}

    def _naming(self, path: str) -> set[str]:
        """Roots that reach a module which has the file's name in its text, or computes the name
        of a file that it reads."""
        name, tree = path.rpartition("/")[2], self.sources.tree
        modules = {dirname(p) for p in tree.grep([name], (*NATIVE, *JSON))}
        readers = tree.read_many(tree.grep(["file"], (*NATIVE, *JSON)))
        modules |= {dirname(p) for p, data in readers if _COMPUTED_NAME.search(data)}
        return {root for module in modules for root in self.modules.roots_of(module)}
