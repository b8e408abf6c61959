"""A folder as a tree, and edits written into it: never outside of it, never half."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from remediator.model import ConfigurationError, SourceError, sha256
from remediator.tree import MAX_FILE_BYTES, MemoryTree
from remediator.worktree import WorkTree

FILES = {
    "main.tf": b"one\r\n",
    "live/prod/sg.tf": b"sg 22\n",
    "live/odd name\n.tf": b"odd\n",
    "größe.tf": "größe\n".encode(),
    "raw\udcff.tf": b"raw\n",
    "empty.tf": b"",
    "note.md": b"sg 22\n",
    "terraform/x.tf": b"x\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    top = tmp_path / "work"
    for path, data in FILES.items():
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_bytes(data)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.tf").write_bytes(b"sg secret\n")
    for hidden in (".git/config", "live/.terraform/providers/m.tf", "live/.git"):
        (top / hidden).parent.mkdir(parents=True, exist_ok=True)
        (top / hidden).write_bytes(b"sg hidden\n")
    (top / "link.tf").symlink_to("main.tf")
    (top / "out.tf").symlink_to(outside / "secret.tf")
    (top / "away").symlink_to(outside)
    (top / "loop").symlink_to(top)
    os.mkfifo(top / "pipe.tf")
    return top


def everything(top: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in top.rglob("*") if p.is_file() and not p.is_symlink()}


def written(folder: Path, files: dict[str, bytes]) -> WorkTree:
    tree = WorkTree(folder)
    tree.write(files, {p: sha256(FILES[p]) for p in files if p in FILES})
    return tree


# Modules that `terraform init` fetched ---------------------------------------------------------


def test_fetched_modules_are_read_and_never_written(folder: Path) -> None:
    path = "live/.terraform/modules/web/main.tf"
    (folder / path).parent.mkdir(parents=True)
    (folder / path).write_bytes(b"fetched\n")
    tree = WorkTree(folder)
    assert path in tree.paths()
    with pytest.raises(SourceError):
        tree.write({path: b"edited\n"}, {path: sha256(b"fetched\n")})
    assert (folder / path).read_bytes() == b"fetched\n"


# Reading -----------------------------------------------------------------------------------


def test_regular_files_only(folder: Path) -> None:
    tree = WorkTree(folder)
    assert [*tree.paths()] == sorted(FILES)
    assert dict(tree.read_many(FILES)) == FILES


OUT = ["link.tf", "out.tf", "away/secret.tf", "loop/main.tf", "../outside/secret.tf", "pipe.tf"]
OUT += ["/etc/passwd", "nothing.tf", "live", "", ".git/config", "live/../main.tf", "a\0b"]


@pytest.mark.parametrize("path", OUT)
def test_nothing_else_is_there(folder: Path, path: str) -> None:
    with pytest.raises(KeyError):
        WorkTree(folder).read(path)


GREPS = [
    (["sg"], [".tf"]),
    (["sg", "one\r\n"], [".tf", ".md"]),
    (["ö"], [".tf"]),
    ([""], [".tf"]),
    ([], [".tf"]),
    (["sg"], []),
    (["SG"], [".tf"]),
    (["raw"], [".tf"]),
]


@pytest.mark.parametrize(("needles", "suffixes"), GREPS)
def test_grep_finds_what_memory_finds(
    folder: Path, needles: list[str], suffixes: list[str]
) -> None:
    assert WorkTree(folder).grep(needles, suffixes) == MemoryTree(FILES).grep(needles, suffixes)


def test_a_huge_file_is_found_and_refused(folder: Path) -> None:
    (folder / "huge.tf").write_bytes(b"#" * MAX_FILE_BYTES + b"needle")
    tree = WorkTree(folder)
    assert tree.grep(["needle"], [".tf"]) == ["huge.tf"]
    with pytest.raises(SourceError, match="has 8388614 bytes"):
        tree.read("huge.tf")


def test_a_file_that_becomes_a_link_is_not_followed(folder: Path) -> None:
    tree = WorkTree(folder)
    tree.paths()
    (folder / "main.tf").unlink()
    (folder / "main.tf").symlink_to(folder.parent / "outside/secret.tf")
    with pytest.raises(SourceError, match="cannot be read"):
        tree.read("main.tf")


def test_there_is_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no such folder"):
        WorkTree(tmp_path / "nothing")


# Writing -----------------------------------------------------------------------------------


def test_files_are_replaced_whole(folder: Path) -> None:
    (folder / "main.tf").chmod(0o751)
    before = everything(folder)
    tree = written(folder, {"main.tf": b"two\r\n", "live/prod/sg.tf": b"closed"})
    expected = {str(folder / "main.tf"): b"two\r\n", str(folder / "live/prod/sg.tf"): b"closed"}
    assert everything(folder) == {**before, **expected}
    assert (folder / "main.tf").stat().st_mode & 0o7777 == 0o751
    assert tree.read("main.tf") == b"two\r\n"
    assert [*tree.paths()] == sorted(FILES)


def test_a_new_file_is_made_with_its_folders(folder: Path) -> None:
    tree = written(folder, {"a/b/new.tf": b"new"})
    assert tree.read("a/b/new.tf") == b"new"
    assert "a/b/new.tf" in tree.paths()


CHANGED = {
    "edited since": lambda top: (top / "main.tf").write_bytes(b"theirs"),
    "gone since": lambda top: (top / "main.tf").unlink(),
    "a link since": lambda top: (
        (top / "main.tf").unlink(),
        (top / "main.tf").symlink_to(top / "live/prod/sg.tf"),
    ),
    "a folder since": lambda top: ((top / "main.tf").unlink(), (top / "main.tf").mkdir()),
}


@pytest.mark.parametrize("how", CHANGED)
def test_what_changed_since_it_was_read_is_not_lost(folder: Path, how: str) -> None:
    CHANGED[how](folder)
    before = everything(folder)
    with pytest.raises((SourceError, ConfigurationError)):
        written(folder, {"live/prod/sg.tf": b"closed", "main.tf": b"two"})
    assert everything(folder) == before


def test_a_file_that_came_since_is_not_overwritten(folder: Path) -> None:
    with pytest.raises(SourceError, match=r"main\.tf.*changed since it was read"):
        WorkTree(folder).write({"main.tf": b"mine"}, {})
    assert (folder / "main.tf").read_bytes() == FILES["main.tf"]


LEAD_OUT = ["../outside/new.tf", "/new.tf", "away/secret.tf", "away/new.tf", "loop/main.tf", ""]
LEAD_OUT += [".", ".git/config", ".git/hooks/new", "live/.terraform/x.tf", "a/../../x.tf"]
LEAD_OUT += ["a//b", "a\0b"]


@pytest.mark.parametrize("path", LEAD_OUT)
def test_no_path_leads_out(folder: Path, path: str) -> None:
    before = everything(folder.parent)
    with pytest.raises(SourceError, match="does not name a file inside"):
        WorkTree(folder).write({"main.tf": b"x", path: b"x"}, {"main.tf": sha256(b"one\r\n")})
    assert everything(folder.parent) == before


def test_a_link_is_not_written_through(folder: Path) -> None:
    secret = sha256(b"sg secret\n")
    with pytest.raises(SourceError):
        WorkTree(folder).write({"out.tf": b"x"}, {"out.tf": secret})
    assert (folder.parent / "outside/secret.tf").read_bytes() == b"sg secret\n"
    assert (folder / "out.tf").is_symlink()


def test_a_folder_in_the_way_leaves_all_as_it_was(folder: Path) -> None:
    (folder / "dir.tf").mkdir()
    before = everything(folder)
    with pytest.raises(ConfigurationError, match=r"dir\.tf cannot be written"):
        written(folder, {"main.tf": b"two", "dir.tf": b"x"})
    assert everything(folder) == before


@contextmanager
def unprivileged() -> Iterator[Path]:
    """A folder of an ordinary user's, for whom modes mean something, also where tests are root."""
    with tempfile.TemporaryDirectory() as name:
        user = os.geteuid() or 65534
        os.chown(name, user, -1)
        was = os.geteuid()
        os.seteuid(user)
        try:
            yield Path(name)
        finally:
            os.seteuid(was)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs another user's file in a sticky folder")
def test_one_that_cannot_be_replaced_puts_all_back() -> None:
    """In a sticky folder another user's file can be written, but not replaced (rename(2))."""
    with unprivileged() as top:
        (top / "own").mkdir()
        (top / "own/a.tf").write_bytes(b"x")
        (top / "own/a.tf").chmod(0o640)
        os.seteuid(0)
        (top / "sticky").mkdir()
        (top / "sticky/b.tf").write_bytes(b"x")
        (top / "sticky/b.tf").chmod(0o666)
        (top / "sticky").chmod(0o1777)
        os.seteuid(65534)
        names = ["own/a.tf", "own/new.tf", "sticky/b.tf"]
        expected = {name: sha256(b"x") for name in names if name != "own/new.tf"}
        with pytest.raises(ConfigurationError, match=r"b\.tf cannot be written.*nothing was"):
            WorkTree(top).write(dict.fromkeys(names, b"y"), expected)
        assert everything(top) == {str(top / n): b"x" for n in ("own/a.tf", "sticky/b.tf")}
        assert (top / "own/a.tf").stat().st_mode & 0o7777 == 0o640


def test_a_read_only_folder_is_said() -> None:
    with unprivileged() as top:
        (top / "open").mkdir()
        (top / "shut").mkdir()
        for name in ("open/a.tf", "shut/b.tf"):
            (top / name).write_bytes(b"x")
        (top / "shut").chmod(0o555)
        tree, digest = WorkTree(top), sha256(b"x")
        with pytest.raises(ConfigurationError, match=r"shut/b\.tf cannot be written: Permission"):
            tree.write(
                {"open/a.tf": b"y", "shut/b.tf": b"y"}, {"open/a.tf": digest, "shut/b.tf": digest}
            )
        (top / "shut").chmod(0o755)
        assert everything(top) == {str(top / n): b"x" for n in ("open/a.tf", "shut/b.tf")}


def test_a_read_only_file_stays_as_it_is() -> None:
    with unprivileged() as top:
        (top / "a.tf").write_bytes(b"x")
        (top / "a.tf").chmod(0o444)
        with pytest.raises(ConfigurationError, match=r"a\.tf cannot be written"):
            WorkTree(top).write({"a.tf": b"y"}, {"a.tf": sha256(b"x")})
        assert everything(top) == {str(top / "a.tf"): b"x"}


def test_a_folder_that_cannot_be_read_is_said() -> None:
    with unprivileged() as top:
        (top / "shut").mkdir(mode=0)
        with pytest.raises(ConfigurationError, match=r"shut/? cannot be read: Permission denied"):
            WorkTree(top).paths()
        (top / "shut").chmod(0o755)
