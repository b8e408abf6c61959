"""What the package's source says of itself: every text that an argument of a call can be."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

TOP = Path(__file__).parents[1]
PACKAGE = TOP / "remediator"


@dataclass(frozen=True)
class Call:
    """A call somewhere in the package, and the functions around it, the innermost last."""

    path: Path
    node: ast.Call
    around: tuple[ast.FunctionDef, ...]

    @property
    def name(self) -> str:
        return ast.unparse(self.node.func)

    @property
    def place(self) -> str:
        return f"{os.path.relpath(self.path, TOP)}:{self.node.lineno}"

    def texts(self, position: int, keyword: str) -> set[str]:
        """Every text that an argument can be; fails where the source does not plainly say."""
        return set(_texts(self, self.argument(position, keyword)))

    def argument(self, position: int, keyword: str) -> ast.expr:
        named = {k.arg: k.value for k in self.node.keywords}
        if keyword in named:
            return named[keyword]
        if position >= len(self.node.args):
            pytest.fail(f"{self.place}: {self.name} is given no {keyword}")
        return self.node.args[position]


def calls(*names: str, below: Path = PACKAGE) -> list[Call]:
    """Every call that is written like one of these: `Refusal`, `Check.passed`."""
    files = [below] if below.is_file() else sorted(below.rglob("*.py"))
    return [call for file in files for call in _calls(file) if call.name in names]


@cache
def _calls(file: Path) -> tuple[Call, ...]:
    return tuple(_search(file, ast.parse(file.read_text(encoding="utf-8")), ()))


def _search(file: Path, node: ast.AST, around: tuple[ast.FunctionDef, ...]) -> Iterator[Call]:
    if isinstance(node, ast.Call):
        yield Call(file, node, around)
    inside = (*around, node) if isinstance(node, ast.FunctionDef) else around
    for child in ast.iter_child_nodes(node):
        yield from _search(file, child, inside)


def _texts(call: Call, value: ast.expr) -> Iterator[str]:
    match value:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=one, orelse=other):
            yield from _texts(call, one)
            yield from _texts(call, other)
        case ast.JoinedStr(values=parts):
            yield "".join(str(p.value) if isinstance(p, ast.Constant) else "*" for p in parts)
        case ast.Name(id=name) if call.around:
            yield from _texts_of_name(call, name)
        case _:
            pytest.fail(f"{call.place}: the source does not plainly say {ast.unparse(value)}")


def _texts_of_name(call: Call, name: str) -> Iterator[str]:
    """A local variable is what is assigned to it; a helper's parameter, what its callers give."""
    function = call.around[-1]
    parameters = [a.arg for a in function.args.args]
    if name in parameters:
        yield from _given(call, parameters.index(name), name)
        return
    values = [v for node in ast.walk(function) for v in _assigned(node, name)]
    if not values:
        pytest.fail(f"{call.place}: nothing is assigned to {name}")
    for value in values:
        yield from _texts(call, value)


def _given(call: Call, position: int, name: str) -> Iterator[str]:
    """By its callers: of a private helper those in the same file, else all there are."""
    helper = call.around[-1].name
    givers = calls(helper, below=call.path if helper.startswith("_") else PACKAGE)
    if not givers:
        pytest.fail(f"{call.place}: nobody calls {helper}")
    for giver in givers:
        yield from giver.texts(position, name)


def _assigned(node: ast.AST, name: str) -> Iterator[ast.expr]:
    for target in node.targets if isinstance(node, ast.Assign) else ():
        assert isinstance(node, ast.Assign)
        if isinstance(target, ast.Name) and target.id == name:
            yield node.value
        elif isinstance(target, ast.Tuple):
            names = [ast.unparse(t) for t in target.elts]
            yield from _items(node.value, names.index(name)) if name in names else ()


def _items(value: ast.expr, index: int) -> Sequence[ast.expr]:
    """What is at one place of a tuple, whichever way a condition goes."""
    match value:
        case ast.Tuple(elts=items):
            return [items[index]]
        case ast.IfExp(body=one, orelse=other):
            return [*_items(one, index), *_items(other, index)]
    return [value]
