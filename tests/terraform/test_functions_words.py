"""How the tests write calls and what comes of them, and the same for `terraform console`."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from remediator.terraform.functions.call import Call
from remediator.terraform.functions.table import call
from remediator.terraform.literal import string_literal
from remediator.terraform.syntax import parse
from remediator.terraform.value import (
    Handle,
    Known,
    Mapping,
    Sequence,
    Unknown,
    Value,
    number_text,
)


@dataclass(frozen=True)
class Of:
    """`Of("list", [1, 2])` is `tolist([1, 2])`; also "set" and "map"."""

    kind: str
    items: Any


@dataclass(frozen=True)
class Calls:
    """A call within a call."""

    name: str
    arguments: tuple[Any, ...]


def L(*items: Any) -> Of:  # noqa: N802
    return Of("list", list(items))


def S(*items: Any) -> Of:  # noqa: N802
    return Of("set", list(items))


def M(**entries: Any) -> Of:  # noqa: N802
    return Of("map", entries)


def C(name: str, *arguments: Any) -> Calls:  # noqa: N802
    return Calls(name, arguments)


def D(text: str) -> Fraction:  # noqa: N802
    return Fraction(text)


# Our side ----------------------------------------------------------------------------------

HERE = parse("here.tf", b'x = f("here")\n').body.attributes[0].value


class Folder:
    """Files by their paths."""

    def __init__(self, files: dict[str, bytes] | None = None) -> None:
        self.files = files or {}

    def read(self, path: str) -> bytes | Unknown:
        return self.files.get(path, Unknown(f"no file {path}"))

    def exists(self, path: str) -> bool | Unknown:
        return path in self.files

    def render(self, path: str, variables: Value) -> Value:
        return Sequence((Known(path), variables))

    def json_file(self, path: str) -> Value | None:
        return None


def value(plain: Any) -> Value:
    if isinstance(plain, Known | Sequence | Mapping | Unknown | Handle):
        return plain
    if isinstance(plain, Calls):
        return called(plain.name, *plain.arguments)
    if isinstance(plain, Of):
        return called(f"to{plain.kind}", plain.items)
    if isinstance(plain, list | tuple):
        return Sequence(tuple(map(value, plain)))
    if isinstance(plain, dict):
        return Mapping.of((k, value(v)) for k, v in plain.items())
    return Known(plain)


def called(name: str, *arguments: Any, around: Folder | None = None) -> Value:
    values = tuple(map(value, arguments))
    return call(Call(name, values, HERE, around or Folder()))


FAILS, UNKNOWN = "it fails", "it is not known"


def plain(found: Value) -> Any:
    """As JSON would have it; FAILS and UNKNOWN for what is neither."""
    match found:
        case Unknown():
            return FAILS if found.fails else UNKNOWN
        case Known():
            return found.value
        case Sequence():
            return UNKNOWN if found.open else [plain(item) for item in found.items]
        case Mapping():
            return UNKNOWN if found.open else {k: plain(v) for k, v in found.entries.items()}
    return UNKNOWN


# Terraform's side ----------------------------------------------------------------------------


def hcl(given: Any) -> str:
    match given:
        case None:
            return "null"
        case bool():
            return "true" if given else "false"
        case str():
            return string_literal(given)
        case int() | Fraction():
            return str(number_text(given))
        case Of():
            return f"to{given.kind}({hcl(given.items)})"
        case Calls():
            return expression(given.name, given.arguments)
        case list() | tuple():
            return "[" + ", ".join(map(hcl, given)) + "]"
        case dict():
            return "{" + ", ".join(f"{hcl(k)} = {hcl(v)}" for k, v in given.items()) + "}"
    raise TypeError(given)


def expression(name: str, arguments: Iterable[Any]) -> str:
    return f"{name}({', '.join(map(hcl, arguments))})"


def terraform_says(expressions: list[str], folder: Path) -> list[Any]:
    """What the real Terraform makes of them, in one process: FAILS for an error."""
    program = shutil.which("terraform")
    assert program
    lines = [f'  [can({e}), try(jsonencode({e}), "null")],' for e in expressions]
    (folder / "main.tf").write_text("\n".join(["locals {", "results = [", *lines, "]", "}", ""]))
    done = subprocess.run(
        [program, "console"],
        input="base64encode(jsonencode(local.results))\n",
        cwd=folder,
        env={**os.environ, "TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(base64.b64decode(done.stdout.strip().strip('"')))
    return [json.loads(text, parse_float=Fraction) if can else FAILS for can, text in told]
