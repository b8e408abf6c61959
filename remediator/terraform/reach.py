"""What an edit can reach inside one root: by every word of a block, so rather too much.

A block whose text does not name a resource, local, variable, output or module that is reached does
not read it. What reads files is always reached, and so is all of a module whose call is. Only for
plain blocks in native syntax; where there is anything else, all of it is reached.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from posixpath import dirname

from remediator.model import Refusal
from remediator.terraform.configuration import Configuration, ModuleInstance
from remediator.terraform.declarations import Key
from remediator.terraform.module import NATIVE, Sources, is_override

Path = tuple[str, ...]
"""Of a module instance."""
Reached = Mapping[Path, frozenset[Key]]

_WORD = re.compile(rb"[0-9A-Za-z_\x80-\xff-]+")
_KEPT = 1024


class Reach:
    """From some files that differ between two sources."""

    def __init__(self, before: Sources, after: Sources, files: Iterable[str]) -> None:
        paths = [*files]
        plain = all(path.endswith(NATIVE) and not is_override(path) for path in paths)
        self._changed: dict[str, frozenset[Key] | None] = {}
        for directory in {dirname(path) for path in paths}:
            self._changed[directory] = _changed(before, after, directory) if plain else None

    def within(self, configuration: Configuration) -> Reached | None:
        """By module instance of the edited root, what must be evaluated again. None: all of it."""
        if None in self._changed.values():
            return None
        found: dict[Path, frozenset[Key]] = {}
        self._look(configuration.root, False, found)
        return found

    def _look(self, module: ModuleInstance, whole: bool, found: dict[Path, frozenset[Key]]) -> bool:
        """Notes what is reached in a module and below it; whether that module's outputs are."""
        declared = module.declared
        if isinstance(declared, Refusal):
            return True
        texts = declared.texts
        reached = {key for key, text in texts.items() if text is None or b"file" in text}
        reached |= set(texts) if whole else self._changed.get(module.directory) or frozenset()
        calls = {name: module.called(name) for (name,), _ in declared.of_kind("module")}
        below = {n: () if isinstance(c, Refusal) else c for n, c in calls.items()}
        handed = set[str]()
        for name, some in below.items():
            told = [self._look(inside, whole, found) for inside in some]
            handed |= {name} if any(told) else set()
        looked = set(below) if whole else set[str]()  # each once: modules go deep
        while True:
            _close(reached, handed, texts)
            called = {name for name in below if ("module", (name,)) in reached} - looked
            if not called:
                break
            for name in called:
                for inside in below[name]:
                    self._look(inside, True, found)
            handed, looked = handed | called, looked | called
        found[path_of(module)] = frozenset(reached)
        return any(kind == "output" for kind, _ in reached)


def path_of(module: ModuleInstance) -> Path:
    return tuple(str(step) for step in module.path)


def _close(reached: set[Key], handed: set[str], texts: Mapping[Key, bytes | None]) -> None:
    """Adds what names something that is reached, until nothing does."""
    waiting = [*reached, *(("module", (name,)) for name in handed)]
    while waiting:
        needed = [_named_by(key) for key in waiting]
        waiting = []
        for key, text in texts.items():
            if key not in reached and text is not None:
                words = _words(text)
                if any(need <= words for need in needed):
                    reached.add(key)
                    waiting.append(key)


@lru_cache(maxsize=_KEPT)
def _named_by(key: Key) -> frozenset[bytes]:
    """The words without which nothing can name it: a resource's type and name, or the name."""
    return frozenset(label.encode() for label in key[1])


@lru_cache(maxsize=_KEPT)
def _words(text: bytes) -> frozenset[bytes]:
    return frozenset(_WORD.findall(text))


def _changed(before: Sources, after: Sources, directory: str) -> frozenset[Key] | None:
    """None where it cannot be told by the blocks' texts."""
    was, now = before.declarations(directory), after.declarations(directory)
    if isinstance(was, Refusal) or isinstance(now, Refusal) or before.has_overrides(directory):
        return None
    old, new = was.texts, now.texts
    if None in old.values() or None in new.values():
        return None
    return frozenset(key for key in {*old, *new} if old.get(key) != new.get(key))
