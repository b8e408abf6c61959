"""GitHub's own description of its REST API, held against what is asked and answered.

The description comes as pydantic models (PyPI GitHubKit-schemas), generated from
https://github.com/github/rest-api-description. Which model belongs to an operation is read from
the source of the client that is generated with them.
"""

from __future__ import annotations

import ast
import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Union

from pydantic import TypeAdapter, ValidationError

VERSION = "githubkit_schemas.v2022_11_28"
"""What GitHub answers with to a client that names no version, as PyGithub does."""

STATUS = ".status is not declared"
"""GitHub's errors carry their status; its description declares that of some of them only."""
ERRORS = ("403", "404", "405", "409", "410", "422")


@dataclass(frozen=True)
class Operation:
    """`types` are expressions over the models of the description."""

    query: Mapping[str, tuple[str, ...]]
    """Names, each with the values that it may have; none: any."""
    body: Any
    answer: Any
    errors: Mapping[str, Any]
    integers: frozenset[str]


class Contract:
    def request(self, operation: str, query: Mapping[str, str], body: bytes) -> list[str]:
        declared = described(operation)
        problems = list(_query(declared, query))
        if body and declared.body is None:
            problems += [f"a body, which is not declared: {body[:200]!r}"] if body != b"{}" else []
        elif body and declared.body is not Any:
            problems += _unfit(declared.body, body)
        elif not body and declared.body is not None and not _takes_nothing(declared.body):
            problems.append("no body, which is required")
        return problems

    def answer(self, operation: str, status: int, body: bytes) -> list[str]:
        declared = described(operation)
        if status < 400:
            if declared.answer is None:
                return [f"a body, which is not declared: {body[:200]!r}"] if body else []
            return list(_unfit(declared.answer, body))
        model = declared.errors.get(str(status))
        return [] if model is None else [p for p in _unfit(model, body) if p != STATUS]


def _query(declared: Operation, query: Mapping[str, str]) -> Iterator[str]:
    for name, value in query.items():
        if name not in declared.query:
            yield f"the query parameter {name!r} is not declared"
        elif declared.query[name] and value not in declared.query[name]:
            yield f"{name}={value!r} is none of {', '.join(declared.query[name])}"
        elif name in declared.integers and not value.isdigit():
            yield f"{name}={value!r} is no number"


def _unfit(model: Any, body: bytes) -> Iterator[str]:
    """In JSON's own types, and with no field that the model does not know."""
    adapter = _adapter(model)
    try:
        value = adapter.validate_json(body, strict=True)
    except ValidationError as error:
        for problem in error.errors(include_url=False, include_context=False)[:5]:
            where = ".".join(str(p) for p in problem["loc"])
            yield f"{where}: {problem['msg']} ({problem['input']!r:.100})"
        return
    kept = adapter.dump_python(value, mode="json", by_alias=True, exclude_unset=True)
    yield from list(_unknown(json.loads(body), kept, ""))[:5]


def _unknown(given: Any, kept: Any, where: str) -> Iterator[str]:
    if isinstance(given, dict) and isinstance(kept, dict):
        for key, value in given.items():
            if key not in kept:
                yield f"{where}.{key} is not declared"
            else:
                yield from _unknown(value, kept[key], f"{where}.{key}")
    elif isinstance(given, list) and isinstance(kept, list):
        for number, (one, other) in enumerate(zip(given, kept, strict=True)):
            yield from _unknown(one, other, f"{where}[{number}]")


def _takes_nothing(model: Any) -> bool:
    for nothing in (b"{}", b"null"):
        try:
            _adapter(model).validate_json(nothing)
        except ValidationError:
            continue
        return True
    return False


@lru_cache(maxsize=500)
def _adapter(model: Any) -> TypeAdapter[Any]:
    return TypeAdapter(model)


@cache
def _source(group: str) -> str:
    spec = find_spec(VERSION)
    assert spec
    assert spec.origin
    return (Path(spec.origin).parent / "rest" / f"{group}.py").read_text("utf-8")


@cache
def described(operation: str) -> Operation:
    """What the description says of an operation. Raises LookupError where it knows none."""
    text = _source(operation.partition("/")[0].replace("-", "_"))
    found = re.search(rf'^        """{re.escape(operation)}$', text, re.MULTILINE)
    if found is None:
        raise LookupError(f"GitHub's description knows no operation {operation}")
    start = text.rindex("\n    def ", 0, found.start())
    end = re.search(r"^    (?:@|async def |def )", text[found.end() :] + "\n    def ", re.M)
    assert end
    piece = textwrap.dedent(text[start : found.end() + end.start()])
    (function,) = ast.parse(piece).body
    assert isinstance(function, ast.FunctionDef)
    return _operation(function)


def _operation(function: ast.FunctionDef) -> Operation:
    body, answer, errors, names = None, None, {}, []
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "type_validate_python":
            body = _type(node.args[0])
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "request":
            for keyword in node.keywords:
                if keyword.arg == "response_model":
                    answer = _type(keyword.value)
                if keyword.arg == "error_models" and isinstance(keyword.value, ast.Dict):
                    pairs = zip(keyword.value.keys, keyword.value.values, strict=True)
                    errors = {ast.literal_eval(k): _type(v) for k, v in pairs if k}
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "params":
            assert isinstance(node.value, ast.Dict)
            names = [ast.literal_eval(key) for key in node.value.keys if key]
    annotations = {
        a.arg: ast.unparse(a.annotation) for a in function.args.kwonlyargs if a.annotation
    }
    return Operation(
        {name: tuple(re.findall(r"'([^']+)'", annotations.get(name, ""))) for name in names},
        body,
        answer,
        {status: model for status, model in errors.items() if status in ERRORS},
        frozenset(n for n in names if annotations.get(n, "") == "Missing[int]"),
    )


def _type(expression: ast.expr) -> Any:
    """A type expression, over the models by name. Nothing else can stand in it."""
    models = import_module(f"{VERSION}.models")
    if isinstance(expression, ast.Constant) and expression.value is None:
        return None
    if isinstance(expression, ast.Name):
        plain = {"str": str, "int": int, "bool": bool, "list": list, "dict": dict, "Any": Any}
        return plain.get(expression.id) or getattr(models, expression.id)
    if isinstance(expression, ast.Subscript):
        inner = expression.slice
        parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
        name = getattr(expression.value, "id", "")
        if name == "Annotated":
            return _type(parts[0])
        if name == "Union":
            return Union[tuple(_type(p) or type(None) for p in parts)]  # noqa: UP007
        return _type(expression.value)[tuple(_type(p) for p in parts)]
    raise LookupError(ast.unparse(expression))
