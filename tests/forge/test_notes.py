"""Notes on merged changes, with the real git: written once, merged with another writer's."""

from __future__ import annotations

from pathlib import Path

import pytest
from gitplace import WHEN, Place, git, make_place

from remediator.forge.git import GitForge
from remediator.forge.notes import Notes, rewritten
from remediator.forge.repository import Repository
from remediator.model import UpstreamError

REF = "refs/notes/remediator"
APPLIED, RESOLVED = ("Applied", "2026-03-04T05:06:07Z"), ("Resolved", "2026-03-05T00:00:00Z")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return make_place(tmp_path)


def opened(place: Place) -> tuple[GitForge, Notes, str]:
    forge = place.forge()
    base = forge.fetch()
    return forge, forge.notes(), base


def shown(place: Place, commit: str) -> str:
    return git(place.bare, "notes", "--ref=remediator", "show", commit)


def test_git_itself_reads_what_is_written(place: Place) -> None:
    _, notes, base = opened(place)
    assert notes.all() == {}
    assert notes.add({base: [APPLIED]}, WHEN, 3) == 1
    assert shown(place, base) == "Remediator-Note: 1\nApplied: 2026-03-04T05:06:07Z"
    assert "Bot" not in git(place.bare, "log", "--format=%an", REF)
    assert git(place.bare, "log", "--format=%an <%ae>", REF) == "Remediator <bot@example.com>"


def test_a_key_is_written_once_and_others_are_added(place: Place) -> None:
    forge, notes, base = opened(place)
    notes.add({base: [APPLIED]}, WHEN, 3)
    forge.fetch()
    later = ("Applied", "2027-01-01T00:00:00Z")
    assert notes.add({base: [later, RESOLVED]}, WHEN, 3) == 1
    lines = shown(place, base).splitlines()
    assert lines == ["Remediator-Note: 1", ": ".join(APPLIED), ": ".join(RESOLVED)]
    forge.fetch()
    before = git(place.bare, "rev-parse", REF)
    assert notes.add({base: [APPLIED, RESOLVED]}, WHEN, 3) == 0
    assert git(place.bare, "rev-parse", REF) == before
    assert [*rewritten(Repository(place.work), notes.head())] == []


def test_a_concurrent_writer_loses_nothing(place: Place) -> None:
    """Somebody pushes between our fetch and our push: both notes are there afterwards."""
    _, notes, base = opened(place)
    git(
        place.other, "notes", "--ref=remediator", "add", "-m", "Applied: 2026-01-01T00:00:00Z", base
    )
    git(place.other, "push", "-q", "origin", REF)
    first = git(place.bare, "rev-parse", REF)
    assert notes.add({base: [APPLIED, RESOLVED]}, WHEN, 3) == 1
    assert "Applied: 2026-01-01T00:00:00Z" in shown(place, base)
    assert APPLIED[1] not in shown(place, base)
    assert RESOLVED[1] in shown(place, base)
    git(place.bare, "merge-base", "--is-ancestor", first, REF)


def test_a_remote_that_always_moves_is_a_fault(place: Place) -> None:
    _, notes, base = opened(place)
    hook = place.bare / "hooks" / "pre-receive"
    script = "git -c user.name=P -c user.email=p@x.org notes --ref=remediator add -f -m x HEAD"
    hook.write_text(f"#!/bin/sh\nunset GIT_QUARANTINE_PATH\n{script}\n")
    hook.chmod(0o755)
    with pytest.raises(UpstreamError):
        notes.add({base: [APPLIED]}, WHEN, 2)
    assert "Applied" not in git(place.bare, "notes", "--ref=remediator", "show", "HEAD")


def test_notes_that_git_has_spread_over_folders(place: Place) -> None:
    _, notes, base = opened(place)
    tree = f"100644 blob {git(place.other, 'hash-object', '-w', '--stdin', stdin=b'word')}"
    inner = git(place.other, "mktree", stdin=f"{tree}\t{base[2:]}\n".encode())
    outer = git(place.other, "mktree", stdin=f"040000 tree {inner}\t{base[:2]}\n".encode())
    made = git(place.other, "commit-tree", "-m", "notes", outer)
    git(place.other, "push", "-q", "origin", f"{made}:{REF}")
    place.forge().fetch()
    assert notes.all()[base].text == "word"
    notes.add({base: [APPLIED]}, WHEN, 3)
    assert shown(place, base).splitlines()[0] == "word"
    assert ": ".join(APPLIED) in shown(place, base)
    assert len(git(place.bare, "ls-tree", "-r", REF).splitlines()) == 1


def test_a_newline_forges_no_line(place: Place) -> None:
    forge, notes, base = opened(place)
    notes.add({base: [("Applied-How", "x\nResolved: 2020-01-01T00:00:00Z")]}, WHEN, 3)
    forge.fetch()
    note = notes.all()[base]
    assert note.one("Resolved") is None
    assert note.one("Applied-How") == "x\nResolved: 2020-01-01T00:00:00Z"


@pytest.mark.parametrize("command", ["changed", "removed"])
def test_a_note_that_was_rewritten_is_told(place: Place, command: str) -> None:
    forge, notes, base = opened(place)
    notes.add({base: [APPLIED]}, WHEN, 3)
    git(place.other, "fetch", "-q", "origin", f"{REF}:{REF}")
    if command == "changed":
        git(place.other, "notes", "--ref=remediator", "add", "-f", "-m", "Applied: never", base)
    else:
        git(place.other, "notes", "--ref=remediator", "remove", base)
    git(place.other, "push", "-q", "origin", REF)
    forge.fetch()
    ((name, by),) = rewritten(Repository(place.work), notes.head())
    assert (name, by) == (base, git(place.bare, "rev-parse", REF))


def test_nothing_of_the_users_repository_moves(place: Place) -> None:
    _, notes, base = opened(place)
    before = git(place.work, "for-each-ref", "refs/notes", "refs/heads")
    notes.add({base: [APPLIED]}, WHEN, 3)
    assert git(place.work, "for-each-ref", "refs/notes", "refs/heads") == before
