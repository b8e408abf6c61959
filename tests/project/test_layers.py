"""The house: imports point downwards only, and the core knows no I/O, clock or chance."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2] / "remediator"

FLOORS = (
    ("cli", "__main__"),
    ("commands",),
    ("loop",),
    ("changes",),
    ("embedded", "prove", "prove_evaluated", "planning", "verify"),
    ("placing", "proof_steps", "beside", "users", "marked"),
    ("observe",),
    ("estate", "detect", "evaluate", "audit", "checkout"),
    ("tracing",),
    ("remediate", "show", "outcomes"),
    ("forge",),
    ("workplace", "worktree", "config"),
    ("terraform", "replace", "settings"),
    ("aws", "access", "yamlfile", "fields"),
    ("tree", "sentences"),
    ("texts",),
    ("model", "kept", "__init__"),
)
"""From the roof to the ground. A name is a module or a package of ours."""

PURE = (
    "loop",
    "changes",
    "prove",
    "prove_evaluated",
    "proof_steps",
    "placing",
    "planning",
    "users",
    "marked",
    "verify",
    "observe",
    "tracing",
    "estate",
    "workplace",
    "outcomes",
    "tree",
    "texts",
    "access",
    "remediate",
    "terraform",
    "model",
)
ADAPTERS = (
    "terraform/backend.py",
    "terraform/process.py",
    "terraform/runner.py",
    "terraform/scratch.py",
)
FORBIDDEN = {
    "boto3",
    "botocore",
    "git",
    "io",
    "os",
    "random",
    "requests",
    "shutil",
    "socket",
    "subprocess",
    "tempfile",
    "threading",
    "time",
    "urllib",
    "uuid",
}


def modules() -> list[Path]:
    return sorted(p for p in TOP.rglob("*.py"))


def place(path: Path) -> str:
    return path.relative_to(TOP).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def floor(name: str) -> int:
    return next(n for n, names in enumerate(FLOORS) if name in names)


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(TOP)))
def test_imports_point_downwards(path: Path) -> None:
    here = floor(place(path))
    for name in imports(path):
        parts = name.split(".")
        if parts[0] != "remediator" or parts[1] == place(path) or parts[1] == "__version__":
            continue
        assert floor(parts[1]) > here, f"{name} is not below {path.relative_to(TOP)}"


@pytest.mark.parametrize(
    "path", [p for p in modules() if place(p) in PURE], ids=lambda p: str(p.relative_to(TOP))
)
def test_the_core_is_pure(path: Path) -> None:
    if path.relative_to(TOP).as_posix() in ADAPTERS:
        return
    used = {name.split(".")[0] for name in imports(path)}
    assert not used & FORBIDDEN
    calls = [n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Call)]
    names = {n.func.attr for n in calls if isinstance(n.func, ast.Attribute)}
    assert not names & {"now", "today", "read_text", "read_bytes", "write_text", "write_bytes"}
    assert "open" not in {n.func.id for n in calls if isinstance(n.func, ast.Name)}


def test_no_blanket_handlers() -> None:
    """`except Exception` hides what went wrong; a bare one too."""
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ExceptHandler):
                assert node.type is not None, path
                assert not (isinstance(node.type, ast.Name) and node.type.id == "Exception"), path
