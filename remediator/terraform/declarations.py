"""What one module declares, by name, override files applied."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from remediator.terraform.content import Content, Declared
from remediator.terraform.expression import Expression

Labels = tuple[str, ...]
Key = tuple[str, Labels]
"""A block by type and labels; a local value as `("locals", (name,))`."""


@dataclass(frozen=True)
class Declarations:
    """`twice`: addresses that more than one file declares, which Terraform refuses.
    `overridden`: addresses that are put together from several files."""

    directory: str
    blocks: Mapping[Key, Content] = field(repr=False)
    locals: Mapping[str, Expression] = field(repr=False)
    twice: frozenset[Key] = frozenset()
    overridden: frozenset[Key] = frozenset()

    def get(self, kind: str, *labels: str) -> Content | None:
        return self.blocks.get((kind, labels))

    def of_kind(self, kind: str) -> list[tuple[Labels, Content]]:
        return [(labels, content) for (k, labels), content in self.blocks.items() if k == kind]

    @cached_property
    def texts(self) -> Mapping[Key, bytes | None]:
        """As they are written. None where it is not, or not only, in one block of native
        syntax."""
        found: dict[Key, bytes | None] = {}
        for key, content in self.blocks.items():
            block = content.native
            odd = block is None or key in self.overridden or key in self.twice
            found[key] = None if odd or block is None else block.file.data[block.start : block.end]
        for name, expression in self.locals.items():
            native = not expression.file.path.endswith(".json")
            found["locals", (name,)] = expression.text if native else None
        return found


def declarations(
    directory: str, found: Iterable[tuple[str, Sequence[Declared]]], is_override: frozenset[str]
) -> Declarations:
    """`found` are the files' blocks by path. They are read in Terraform's order: by name,
    overrides last, also by name."""
    blocks: dict[Key, Content] = {}
    local: dict[str, Expression] = {}
    twice: set[Key] = set()
    overridden: set[Key] = set()
    for path, some in sorted(found, key=lambda one: (one[0] in is_override, one[0])):
        for kind, labels, content in some:
            key = (kind, labels)
            if kind == "locals":
                local |= content.arguments
            elif path in is_override:
                overridden.add(key)
                below = blocks.get(key)
                blocks[key] = content.over(below) if below else content
            elif key in blocks:
                twice.add(key)
            else:
                blocks[key] = content
    return Declarations(directory, blocks, local, frozenset(twice), frozenset(overridden))
