"""Tries edits of every kind on a folder of repositories, and checks what they promise.

    python -m benchmarks.fidelity FOLDER [--md]

Each folder in FOLDER is a repository. Nothing in it is written. Needs terraform on PATH. The
table says, by kind of edit: how many were made, of how many the result parses, of how many the
bytes outside are identical and exactly the tokens that were meant have changed, how many files
python-hcl2 can read (json, for JSON syntax) and of how many it sees a change at that block alone,
how many files `terraform fmt` leaves alone before and after, and how many lines changed that
neither the edit nor fmt accounts for. Exit status 1: a promise is broken.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import islice
from multiprocessing import Pool
from pathlib import Path

from benchmarks.fidelity.tally import COLUMNS, Tally, table
from benchmarks.fidelity.trial import File, tried

ENDINGS = (".tf", ".tofu", ".tfvars", ".tf.json", ".tofu.json", ".tfvars.json")
BATCH = 40


def main() -> int:
    given = _arguments()
    folder = Path(given.folder)
    repositories = sorted(p for p in folder.iterdir() if p.is_dir())
    files = [f for r in repositories for f in _files(r, given.most)]
    batches = [(given.places, batch) for batch in _batches(files, BATCH)]
    total = Tally()
    with Pool(given.processes) as pool:
        for done, part in enumerate(pool.imap_unordered(_one_batch, batches), start=1):
            total.add(part)
            if not given.md and done % 50 == 0:
                print(f"{done} of {len(batches)} batches, {len(total.failures)} failures")
    _show(total, repositories, given.md)
    return int(not total.kept)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Try edits on the files of real repositories.")
    parser.add_argument("folder", help="a folder of repositories")
    parser.add_argument("--md", action="store_true", help="print Markdown")
    parser.add_argument("--places", type=int, default=2, help="of each kind in a file")
    parser.add_argument("--most", type=int, default=0, help="files a repository; 0 is all")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    return parser.parse_args()


def _files(repository: Path, most: int) -> list[File]:
    found = [
        path
        for top, folders, names in os.walk(repository)
        if not _skip(folders)
        for path in (Path(top, name) for name in names)
        if path.name.endswith(ENDINGS) and not path.name.startswith(".") and path.is_file()
    ]
    named = [(p, p.relative_to(repository).as_posix()) for p in found if not p.is_symlink()]
    if most and len(named) > most:
        named = sorted(named, key=lambda one: sha256(one[1].encode()).digest())[:most]
    return [File(repository.name, name, str(path)) for path, name in sorted(named)]


def _skip(folders: list[str]) -> bool:
    """Takes these out of the walk; never skips the folder itself."""
    folders[:] = sorted(f for f in folders if f not in (".git", ".terraform"))
    return False


def _batches(files: Iterable[File], size: int) -> Iterator[list[File]]:
    rest = iter(files)
    while batch := list(islice(rest, size)):
        yield batch


def _one_batch(given: tuple[int, list[File]]) -> Tally:
    with tempfile.TemporaryDirectory() as scratch:
        return tried(given[1], given[0], Path(scratch))


def _show(total: Tally, repositories: Sequence[Path], markdown: bool) -> None:
    rows = [
        [r.name.replace("+", "/", 1), _commit(r), *(f"{total.files[r.name, w]:,}" for w in _WHAT)]
        for r in repositories
    ]
    sums = [sum(n for (_, what), n in total.files.items() if what == w) for w in _WHAT]
    rows.append(["all", "", *(f"{n:,}" for n in sums)])
    print(table(["repository", "commit", *_WHAT], rows, markdown), end="\n\n")
    refused = [[said, read, f"{n:,}"] for (said, read), n in total.refused.most_common()]
    if refused:
        header = ["refused because", "terraform fmt", "files"]
        print(table(header, refused, markdown), end="\n\n")
    print(table(["edit", *COLUMNS], total.edit_rows(), markdown))
    for failure in total.failures:
        print(f"BROKEN  {failure}")


_WHAT = ("files", "parsed", "refused", "fmt-clean", "edits")


def _commit(repository: Path) -> str:
    done = subprocess.run(
        ["git", "-C", str(repository), "rev-parse", "HEAD"],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip()[:12] if (repository / ".git").exists() else ""


if __name__ == "__main__":
    raise SystemExit(main())
