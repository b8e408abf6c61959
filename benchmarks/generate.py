"""Makes a big infrastructure repository, the same for one seed.

    python -m benchmarks.generate FOLDER --files 10000 --resources 20000 --findings 1

FOLDER then has `remote.git` (bare), `checkout` (a clone), `states/` and `remediator.yaml`.
"""

from __future__ import annotations

import argparse
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import layout, states
from benchmarks.layout import Offence, group_name

__all__ = ["Built", "build", "group_name"]

_WHEN = "Platform Team <platform@example.com> 1767225600 +0000"
_SMALL_STATE = 12


@dataclass(frozen=True, slots=True)
class Built:
    """`group_ids[n]` is the live id of `offences[n]`. `base` is the commit on main."""

    folder: Path
    remote: Path
    checkout: Path
    config: Path
    states: tuple[Path, ...]
    base: str
    offences: tuple[Offence, ...]
    group_ids: tuple[str, ...]

    @property
    def addresses(self) -> tuple[str, ...]:
        return tuple(f"{o.root}:{o.address}" for o in self.offences)


def build(
    folder: Path,
    files: int = 10_000,
    resources: int = 20_000,
    findings: int = 1,
    seed: int = 1,
    *,
    group_ids: Sequence[str] | None = None,
    endpoint: str | None = None,
) -> Built:
    """`folder` must be empty or absent. `group_ids` are the live ids of the groups called
    `group_name(0)` and on, where an AWS already has them; `endpoint` is that AWS's address.

    Raises ValueError for more findings than the files have room for.
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise ValueError(f"{folder} is not empty")
    ids = tuple(group_ids or (f"sg-{n + 1:017x}" for n in range(findings)))
    if len(ids) != findings:
        raise ValueError(f"{findings} findings need as many group ids, not {len(ids)}")
    places = layout.planned(files, findings, seed)
    remote, checkout = folder / "remote.git", folder / "checkout"
    base = commit(remote, layout.contents(places, findings, seed))
    git(folder, "clone", "-q", str(remote), str(checkout))
    offences = layout.offences(places, findings)
    written = _write_states(folder, offences, ids, resources, seed)
    config = _write_config(folder, offences, written, endpoint)
    return Built(folder, remote, checkout, config, written, base, offences, ids)


def git(folder: Path, *arguments: str, stdin: bytes | None = None) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, input=stdin, check=True, capture_output=True
    )
    return done.stdout.decode().strip()


def commit(remote: Path, files: Iterable[tuple[str, str]]) -> str:
    """One fast-import stream: ten thousand files in a second, and no work tree."""
    git(remote.parent, "init", "-q", "--bare", "-b", "main", remote.name)
    message = b"Infrastructure as it is\n"
    stream = [
        b"commit refs/heads/main\n",
        f"author {_WHEN}\ncommitter {_WHEN}\ndata {len(message)}\n".encode(),
        message,
    ]
    for path, text in files:
        data = text.encode()
        stream.append(f"M 100644 inline {path}\ndata {len(data)}\n".encode() + data + b"\n")
    git(remote, "fast-import", "--quiet", stdin=b"".join(stream))
    return git(remote, "rev-parse", "main")


def _write_states(
    folder: Path, offences: Sequence[Offence], ids: Sequence[str], resources: int, seed: int
) -> tuple[Path, ...]:
    """One a root that has a finding: the first holds nearly all resources, the others a dozen."""
    (folder / "states").mkdir()
    small = min(_SMALL_STATE, resources // (2 * len(offences)) or 1) if offences else 0
    written = []
    for n, (offence, group_id) in enumerate(zip(offences, ids, strict=True)):
        count = small if n else resources - small * (len(offences) - 1)
        path = folder / "states" / f"{offence.group}.tfstate"
        path.write_text(states.state(offence.group, group_id, count, seed, offence.root))
        written.append(path)
    return tuple(written)


def _write_config(
    folder: Path, offences: Sequence[Offence], written: Sequence[Path], endpoint: str | None
) -> Path:
    lines = ["version: 1", "mode: enforce", "repository:", "  path: checkout"]
    lines += ["aws:", f"  regions: [{states.REGION}]"]
    lines += [f"  endpoint_url: {endpoint}"] if endpoint else []
    lines += ["roots:"] if offences else []
    for offence, path in zip(offences, written, strict=True):
        lines += [f"  - path: {offence.root}", f"    state: states/{path.name}"]
    config = folder / "remediator.yaml"
    config.write_text("\n".join(lines) + "\n")
    return config


def main() -> None:
    parser = argparse.ArgumentParser(description="Make a big infrastructure repository.")
    parser.add_argument("folder", type=Path, help="must be empty or absent")
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--resources", type=int, default=20_000)
    parser.add_argument("--findings", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    built = build(given.folder, given.files, given.resources, given.findings, given.seed)
    print(f"{given.files} files at {built.base[:12]}, {len(built.states)} states, {built.config}")
    for address, group_id in zip(built.addresses[:10], built.group_ids, strict=False):
        print(f"  {group_id}  {address}")


if __name__ == "__main__":
    main()
