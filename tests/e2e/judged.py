"""What the evaluator says of a configuration, held against what the real terraform made of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from remediator.model import Refusal
from remediator.terraform import value as v
from remediator.terraform.configuration import Configuration, Expansion, ModuleInstance
from remediator.terraform.content import Content
from remediator.terraform.effects import full_address
from remediator.terraform.evaluate import evaluate
from remediator.terraform.functions.convert import in_order
from remediator.terraform.functions.numeric import rounded
from remediator.terraform.module import Sources
from remediator.terraform.variables import definitions
from remediator.tree import MemoryTree

META = frozenset(("count", "for_each", "depends_on", "provider", "lifecycle"))
Json = Any


@dataclass
class Verdict:
    """`known` and `unknown` count values that hold no others."""

    known: int = 0
    unknown: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, other: Verdict) -> None:
        self.known += other.known
        self.unknown += other.unknown
        self.wrong += other.wrong


# The two sides -----------------------------------------------------------------------------


def configuration(
    folder: Path, var_files: Iterable[str] = (), installed: bool = False
) -> Configuration:
    """The folder as the evaluator reads it, before terraform has left anything there but, it may
    be, installed modules."""
    found = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and (installed or ".terraform" not in path.parts)
    }
    sources = Sources(MemoryTree(found))
    return Configuration(
        sources, "", definitions(sources.tree, sources.shared.definitions, "", tuple(var_files))
    )


def loads(text: str | bytes) -> Json:
    """JSON with every digit of its numbers."""
    return json.loads(text, parse_float=Fraction)


@pytest.fixture(scope="session", autouse=True)
def need_terraform() -> None:
    """A test module that imports this is skipped without terraform; it needs no provider."""
    if shutil.which("terraform") is None:
        if os.environ.get("REMEDIATOR_REQUIRE_E2E") == "1":
            pytest.fail("REMEDIATOR_REQUIRE_E2E=1, but there is no terraform on PATH")
        pytest.skip("needs terraform on PATH")


def applied(folder: Path, var_files: Iterable[str] = ()) -> Json:
    """The state's values after an apply, of a configuration that needs no provider."""
    if (folder / "terraform.tfstate").exists():
        raise AssertionError(f"{folder} is applied already")
    if any(b"module" in path.read_bytes() for path in folder.glob("*.tf*")):
        terraform(folder, "init")
    given = [f"-var-file={name}" for name in var_files]
    terraform(folder, "apply", "-auto-approve", "-compact-warnings", *given)
    return loads(terraform(folder, "show", "-json"))["values"]


def terraform(folder: Path, command: str, *arguments: str) -> bytes:
    color = () if command == "show" else ("-no-color",)
    done = subprocess.run(
        ["terraform", command, *color, *arguments],
        cwd=folder,
        env={name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        | {"TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1", "TF_INPUT": "0"},
        capture_output=True,
        check=False,
        timeout=120,
    )
    if done.returncode:
        raise AssertionError(f"terraform {command}: {done.stderr.decode()}")
    return done.stdout


def resources(module: Json) -> Iterator[Json]:
    """Of a state's or a plan's module, and of those it calls."""
    yield from module.get("resources", ())
    for child in module.get("child_modules", ()):
        yield from resources(child)


def evaluated(
    of: Configuration, kind: str = "resource"
) -> Iterator[tuple[str, ModuleInstance, Content, Expansion]]:
    for module in of.modules():
        assert not isinstance(module.declared, Refusal), module.declared.text
        for labels, content in module.declared.of_kind(kind):
            for expansion in module.expansions(content):
                yield (
                    full_address(module, kind, labels, expansion.key, expansion),
                    module,
                    content,
                    expansion,
                )


# Comparing ---------------------------------------------------------------------------------


def judged(of: Configuration, state: Json) -> Verdict:
    """Every argument of every resource, and every output of the root module."""
    verdict = Verdict()
    assert not isinstance(of.root.declared, Refusal), of.root.declared.text
    made = {r["address"]: r["values"] for r in resources(state.get("root_module", {}))}
    said = {address: rest for address, *rest in evaluated(of)}
    if not any("[?]" in address for address in said):
        verdict.wrong += [f"{a} is made by terraform alone" for a in made.keys() - said.keys()]
    for address, (module, content, expansion) in said.items():
        if "[?]" in address:
            verdict.unknown += 1
        elif address not in made:
            verdict.wrong.append(f"{address} is not made by terraform")
        else:
            arguments(content, module, expansion, made[address], address, verdict)
    for (name,), _ in of.root.declared.of_kind("output"):
        output(of, state.get("outputs", {}), name, verdict)
    return verdict


def output(of: Configuration, outputs: Json, name: str, verdict: Verdict) -> None:
    """An output that is null is in no state."""
    made = outputs.get(name, {"value": None})
    compare(of.root.output(name), made["value"], made.get("type"), f"output.{name}", verdict)


def arguments(
    content: Content,
    module: ModuleInstance,
    expansion: Expansion,
    made: Mapping[str, Json],
    where: str,
    verdict: Verdict,
) -> None:
    for name, expression in content.arguments.items():
        if name in META or name not in made:
            continue
        value = evaluate(expression, module.scope_of(expansion))
        compare(value, made[name], None, f"{where}.{name}", verdict)


def compare(value: v.Value, made: Json, type_: Json, where: str, verdict: Verdict) -> None:
    """Counts what agrees, and says what does not. `type_` is terraform's, where it is told."""
    before = len(verdict.wrong)
    _compare(value, made, type_, where, verdict)
    del verdict.wrong[before + 3 :]  # of one value the first differences are enough


def _compare(value: v.Value, made: Json, type_: Json, where: str, verdict: Verdict) -> None:
    match value:
        case v.Unknown():
            verdict.unknown += 1
            if value.fails:
                verdict.wrong.append(f"{where}: is {made!r}, and was said to fail: {value.reason}")
            _parts(value, made, where, verdict)
        case v.Handle():
            verdict.unknown += 1
        case v.Known():
            verdict.known += 1
            if not same_scalar(value.value, made):
                verdict.wrong.append(f"{where}: is {made!r}, not {value.value!r}")
        case v.Sequence():
            _sequence(value, made, type_, where, verdict)
        case v.Mapping():
            _mapping(value, made, type_, where, verdict)


def same_scalar(ours: v.Scalar, made: Json) -> bool:
    if isinstance(made, int | Fraction) and not isinstance(made, bool):
        is_number = isinstance(ours, int | Fraction) and not isinstance(ours, bool)
        return is_number and rounded(ours) == rounded(made)
    return type(ours) is type(made) and ours == made


def _parts(value: v.Unknown, made: Json, where: str, verdict: Verdict) -> None:
    """What is known of a text that is not: pieces in order, or the values of a document."""
    if not value.parts or not isinstance(made, str):
        return
    if len(value.parts) == 1 and isinstance(value.parts[0], v.Sequence | v.Mapping):
        _compare(value.parts[0], loads(made), None, f"{where} (decoded)", verdict)
        return
    at = 0
    for part in value.parts:
        text = v.as_text(part)
        if text is None:
            continue
        found = made.find(text, at)
        if found < 0:
            verdict.wrong.append(f"{where}: {made!r} does not have the part {text!r}")
            return
        at = found + len(text)


def _sequence(value: v.Sequence, made: Json, type_: Json, where: str, verdict: Verdict) -> None:
    if not isinstance(made, list):
        verdict.wrong.append(f"{where}: is {made!r}, and no list")
        return
    if isinstance(type_, list) and (value.kind == "set") != (type_[0] == "set"):
        verdict.wrong.append(f"{where}: is a {type_[0]}, not a {value.kind}")
    if in_order(value).open:
        verdict.unknown += 1
        left = iter(made) if value.kind != "set" else None
        for item in value.items:
            if not any(possible(item, one) for one in (made if left is None else left)):
                verdict.wrong.append(f"{where}: {made!r} does not have {v.canonical(item)}")
        return
    if len(value.items) != len(made):
        verdict.wrong.append(f"{where}: has {len(made)} items, not {len(value.items)}: {made!r}")
        return
    verdict.known += 1
    for i, (item, one) in enumerate(zip(value.items, made, strict=True)):
        _compare(item, one, _item_type(type_, i), f"{where}[{i}]", verdict)


def _mapping(value: v.Mapping, made: Json, type_: Json, where: str, verdict: Verdict) -> None:
    if not isinstance(made, dict):
        verdict.wrong.append(f"{where}: is {made!r}, and no object")
        return
    absent = value.entries.keys() - made.keys()
    more = made.keys() - value.entries.keys()
    if absent or (more and not value.open):
        verdict.wrong.append(f"{where}: has keys {sorted(made)}, not {sorted(value.entries)}")
        return
    verdict.unknown += bool(value.open)
    verdict.known += not value.open
    for key, item in value.entries.items():
        _compare(item, made[key], _entry_type(type_, key), f"{where}.{key}", verdict)


def _item_type(type_: Json, position: int) -> Json:
    if not isinstance(type_, list):
        return None
    return type_[1][position] if type_[0] == "tuple" else type_[1]


def _entry_type(type_: Json, key: str) -> Json:
    if not isinstance(type_, list):
        return None
    return type_[1].get(key) if type_[0] == "object" else type_[1]


def possible(value: v.Value, made: Json) -> bool:
    """Whether the value may turn out to be this."""
    trial = Verdict()
    _compare(value, made, None, "", trial)
    return not trial.wrong
