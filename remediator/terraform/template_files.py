"""`templatefile`: a file of the repository as a template, with the variables it is given.

https://developer.hashicorp.com/terraform/language/functions/templatefile
"""

from __future__ import annotations

from dataclasses import replace

from remediator.terraform.evaluate import Scope
from remediator.terraform.grammar import parse_tree, solid
from remediator.terraform.syntax import SourceFile
from remediator.terraform.templates import render_lines
from remediator.terraform.value import Handle, Known, Mapping, Sequence, Unknown, Value, failure


def render_file(path: str, data: bytes, variables: Value, scope: Scope) -> Value:
    """The text that it makes. Its own literals have no source: they stand in no expression."""
    if isinstance(variables, Unknown):
        return replace(variables, parts=())
    if not isinstance(variables, Mapping):
        return failure(f"the variables for {path!r} are no object")
    if variables.open:
        return replace(variables.open[0], parts=())
    try:
        data.decode()
    except UnicodeDecodeError:
        return failure(f"{path!r} is no text")
    marker = b"EOT"
    while marker in data:
        marker += b"_"
    head = b"x = <<" + marker + b"\n"
    text = head + data + b"\n" + marker + b"\n"
    file = SourceFile(path, text, parse_tree(text))
    attribute = file.body.attribute("x")
    if file.tree.root_node.has_error or attribute is None:
        return Unknown(f"the template {path!r} is not understood")
    inside = Scope(_Variables(path), scope.around, scope.effort, variables.entries)
    node = solid(attribute.value.node)[0].children[0]
    made = render_lines(attribute.value, node, len(head), len(head) + len(data), inside)
    return _sourceless(made, file)


def _sourceless(value: Value, file: SourceFile) -> Value:
    """Spans in the text that was parsed are not spans of the file on disk."""
    if isinstance(value, Sequence):
        value = replace(value, items=tuple(_sourceless(i, file) for i in value.items))
    if isinstance(value, Mapping):
        entries = ((key, _sourceless(item, file)) for key, item in value.entries.items())
        value = Mapping.of(entries, value.kind, value.source, value.open)
    if isinstance(value, Unknown):
        return replace(value, parts=tuple(_sourceless(p, file) for p in value.parts))
    if isinstance(value, Known) and value.structure is not None:
        value = replace(value, structure=_sourceless(value.structure, file))
    if isinstance(value, Handle) or value.source is None:
        return value
    return replace(value, source=None) if value.source.expression.file is file else value


class _Variables:
    """A template file knows nothing but what it is given."""

    def __init__(self, path: str) -> None:
        self.path = path

    def get(self, head: str, word: str, second: str | None, at: object) -> Value | None:
        return failure(f"the template {self.path!r} is not given {head!r}")
