"""Prints the part of requirements.lock that the installed project needs at run time.

Without the extras: so a check of the wheel finds an import that is declared only for the tests.
Run with the environment of tools/setup, from the repository's top folder.
"""

import re
import sys
from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def needed(name: str, extras: frozenset[str], seen: set[tuple[str, frozenset[str]]]) -> set[str]:
    """Canonical names of what `name` requires here, and of what that requires."""
    if (name, extras) in seen:
        return set()
    seen.add((name, extras))
    names = set()
    for requirement in map(Requirement, requires(name) or ()):
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": e}) for e in extras or {""}):
            other = canonicalize_name(requirement.name)
            names |= {other} | needed(other, frozenset(requirement.extras), seen)
    return names


def entries(lock: str) -> dict[str, str]:
    """Each entry of the lock, with its hashes, by the canonical name it begins with."""
    parts = re.split(r"(?m)^(?=[A-Za-z0-9])", lock)
    return {canonicalize_name(part.partition("==")[0]): part for part in parts if "==" in part}


def main() -> None:
    names = needed("remediator", frozenset(), set())
    locked = entries(Path("requirements.lock").read_text(encoding="utf-8"))
    sys.stdout.write("".join(locked[name] for name in sorted(names)))


main()
