"""What one module declares, by name, override files applied."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from remediator.terraform.content import Content, Declared
from remediator.terraform.expression import Expression

Labels = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Declarations:
    """`twice`: addresses that more than one file declares, which Terraform refuses.
    `overridden`: addresses that are put together from several files."""

    directory: str
    blocks: Mapping[tuple[str, Labels], Content] = field(repr=False)
    locals: Mapping[str, Expression] = field(repr=False)
    twice: frozenset[tuple[str, Labels]] = frozenset()
    overridden: frozenset[tuple[str, Labels]] = frozenset()

    def get(self, kind: str, *labels: str) -> Content | None:
        return self.blocks.get((kind, labels))

    def of_kind(self, kind: str) -> list[tuple[Labels, Content]]:
        return [(labels, content) for (k, labels), content in self.blocks.items() if k == kind]


def declarations(
    directory: str, found: Iterable[tuple[str, Sequence[Declared]]], is_override: frozenset[str]
) -> Declarations:
    """`found` are the files' blocks by path. They are read in Terraform's order: by name,
    overrides last, also by name."""
    blocks: dict[tuple[str, Labels], Content] = {}
    local: dict[str, Expression] = {}
    twice: set[tuple[str, Labels]] = set()
    overridden: set[tuple[str, Labels]] = set()
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
