"""`templatefile`: a file of the repository as a template, with the variables it is given.

https://developer.hashicorp.com/terraform/language/functions/templatefile
"""

from __future__ import annotations

from dataclasses import replace

from remediator.terraform.evaluate import Scope
from remediator.terraform.grammar import parse_tree, solid
from remediator.terraform.syntax import SourceFile
from remediator.terraform.templates import render_lines
from remediator.terraform.value import Mapping, Unknown, Value, failure


class TemplateFile(SourceFile):
    """A template as it lies on disk, byte for byte: the whole of it is the body of one heredoc."""


def render_file(path: str, data: bytes, variables: Value, scope: Scope) -> Value:
    """The text that it makes. What stands in the file itself has its place there as source."""
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
    file = _parsed(path, data)
    if file is None:
        return Unknown(f"the template {path!r} is not understood")
    inside = Scope(_Variables(path), scope.around, scope.effort, variables.entries)
    (attribute,) = file.body.attributes
    node = solid(attribute.value.node)[0].children[0]
    return render_lines(attribute.value, node, 0, len(data), inside)


def _parsed(path: str, data: bytes) -> TemplateFile | None:
    """Parsed within a heredoc, whose beginning is then cut from the tree: every node is where its
    bytes are in the file."""
    marker = b"EOT"
    while marker in data:
        marker += b"_"
    head = b"x = <<" + marker + b"\n"
    tree = parse_tree(head + data + b"\n" + marker + b"\n")
    if tree.root_node.has_error:
        return None
    tree.edit(0, len(head), 0, (0, 0), (1, 0), (0, 0))
    file = TemplateFile(path, data, tree)
    return file if len(file.body.attributes) == 1 else None


class _Variables:
    """A template file knows nothing but what it is given."""

    def __init__(self, path: str) -> None:
        self.path = path

    def get(self, head: str, word: str, second: str | None, at: object) -> Value | None:
        return failure(f"the template {self.path!r} is not given {head!r}")
