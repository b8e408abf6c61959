"""A copy of a tree for terraform to work in: equal to it, and nothing outside is touched."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from remediator.model import SourceError
from remediator.terraform.scratch import Copy
from remediator.tree import MemoryTree, OverlayTree
from remediator.worktree import WorkTree

FILES = {"main.tf": b"a", "modules/x/main.tf": b"b\r\n\xff", "scripts/run.sh": b"#!/bin/sh\n"}


def there(folder: Path) -> dict[str, bytes]:
    found = (p for p in folder.rglob("*") if p.is_file())
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in found}


def test_it_is_equal(tmp_path: Path) -> None:
    Copy(tmp_path / "tree").bring(MemoryTree(FILES))
    assert there(tmp_path) == {f"tree/{path}": data for path, data in FILES.items()}
    assert os.access(tmp_path / "tree/scripts/run.sh", os.X_OK)


def test_it_is_kept_in_step(tmp_path: Path) -> None:
    copy = Copy(tmp_path)
    first = copy.bring(MemoryTree(FILES))
    edited = copy.bring(OverlayTree(MemoryTree(FILES), {"main.tf": b"edited"}))
    assert there(tmp_path) == {**FILES, "main.tf": b"edited"}
    fewer = copy.bring(MemoryTree({"main.tf": b"a"}))
    assert there(tmp_path) == {"main.tf": b"a"}
    assert len({first, edited, fewer}) == 3
    assert copy.bring(MemoryTree(FILES)) == first
    assert there(tmp_path) == FILES


def test_a_folder_becomes_a_file_and_a_folder_again(tmp_path: Path) -> None:
    copy = Copy(tmp_path)
    for files in ({"a/b/c": b"1"}, {"a": b"2"}, {"a/b": b"3", "d": b"4"}):
        copy.bring(MemoryTree(files))
        assert there(tmp_path) == files


def test_what_terraform_wrote_beside_it_stays(tmp_path: Path) -> None:
    copy = Copy(tmp_path)
    copy.bring(MemoryTree(FILES))
    (tmp_path / "modules/x/.terraform.lock.hcl").write_bytes(b"lock")
    copy.bring(MemoryTree({"main.tf": b"a"}))
    assert there(tmp_path) == {"main.tf": b"a", "modules/x/.terraform.lock.hcl": b"lock"}


@pytest.mark.parametrize(
    "path",
    [
        "../outside",
        "/outside",
        "a/../../outside",
        "a//b",
        "./a",
        ".git/config",
        "a/.git/hooks/x",
        ".terraform/modules/modules.json",
        "live/.terraform/x",
        "nul\0",
        "",
    ],
)
def test_no_path_leads_out_of_it(tmp_path: Path, path: str) -> None:
    Copy(tmp_path / "in" / "tree").bring(MemoryTree({path: b"x", "main.tf": b"a"}))
    assert there(tmp_path) == {"in/tree/main.tf": b"a"}


def test_links_are_not_followed(tmp_path: Path) -> None:
    source, secret = tmp_path / "source", tmp_path / "secret"
    source.mkdir()
    secret.write_bytes(b"secret")
    (source / "main.tf").write_bytes(b"a")
    (source / "link.tf").symlink_to(secret)
    (source / "folder").symlink_to(tmp_path)
    Copy(tmp_path / "copy").bring(WorkTree(source))
    assert there(tmp_path / "copy") == {"main.tf": b"a"}


class WithLarge(MemoryTree):
    """Refuses some files, as every tree does with those that are too large."""

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        for path in paths:
            if path.endswith(".zip"):
                raise SourceError(path, 1, 1, "is too large")
            yield path, self.read(path)


def test_files_that_are_too_large_are_left_out(tmp_path: Path) -> None:
    Copy(tmp_path).bring(WithLarge({**FILES, "a.zip": b"", "m/z.zip": b""}))
    assert there(tmp_path) == FILES


def test_what_is_there_is_not_written_again(tmp_path: Path) -> None:
    copy = Copy(tmp_path)
    copy.bring(MemoryTree(FILES))
    for path in FILES:
        os.utime(tmp_path / path, ns=(1, 1))
    copy.bring(OverlayTree(MemoryTree(FILES), {"main.tf": b"edited"}))
    kept = {path for path in FILES if (tmp_path / path).stat().st_mtime_ns == 1}
    assert kept == FILES.keys() - {"main.tf"}
