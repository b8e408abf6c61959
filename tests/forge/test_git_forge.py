"""The git adapter against the real git: a checkout, a bare remote, and a colleague."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from gitplace import FILES, IDENTITY, MESSAGE, WHEN, Place, commit, git, make_place

from remediator.forge.git import GitForge, Pushed, Rejected
from remediator.forge.repository import said
from remediator.model import ConfigurationError, SourceError, UpstreamError

MAIN = "refs/heads/main"
BOT = "refs/heads/remediator/x"
EDIT = {"live/prod/sg.tf": b"closed\n"}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return make_place(tmp_path)


def merged(forge: GitForge, base: str, files: dict[str, bytes] = EDIT) -> tuple[str, str]:
    change = forge.build(base, files, MESSAGE, WHEN)
    return change, forge.merge(base, change, "Merge it", WHEN)


def declining(place: Place, script: str, name: str = "pre-receive") -> None:
    hook = place.bare / "hooks" / name
    hook.write_text(f"#!/bin/sh\n{script}\n")
    hook.chmod(0o755)


# Reading -----------------------------------------------------------------------------------


def test_a_commit_is_a_tree_of_its_regular_files(place: Place) -> None:
    forge = place.forge()
    tree = forge.tree(forge.fetch())
    assert [*tree.paths()] == sorted([*FILES, "raw\udcff.tf"])
    assert {p: d.decode() for p, d in tree.read_many(FILES)} == FILES
    assert tree.read("raw\udcff.tf") == b"no UTF-8 in its name\n"


@pytest.mark.parametrize("path", ["link.tf", "nothing.tf", "live", "../main.tf", "/main.tf", ""])
def test_what_is_no_regular_file_is_not_there(place: Place, path: str) -> None:
    forge = place.forge()
    with pytest.raises(KeyError):
        forge.tree(forge.fetch()).read(path)


GREPS = [
    (["sg"], [".tf"], ["live/prod/sg.tf"]),
    (["one", "other"], [".tf"], ["live/prod/other.tf", "main.tf"]),
    (["o.e"], [".tf"], []),
    (["bin"], [".tf"], []),
    (["bin"], [".sh", ".tf"], ["run.sh"]),
    (["-e"], [".tf"], []),
    (["one\n"], [".tf"], ["main.tf"]),
    (["\udcfe"], [".tf"], []),
    (["no UTF-8"], [".tf"], ["raw\udcff.tf"]),
    (["unicode", "quotes", "newline"], [".tf"], ["größe/ünï.tf", "new\nline.tf", 'quo"te.tf']),
    (["sg"], ["*"], []),
    (["one"], [], []),
    ([], [".tf"], []),
]


@pytest.mark.parametrize(("needles", "suffixes", "found"), GREPS)
def test_grep(place: Place, needles: list[str], suffixes: list[str], found: list[str]) -> None:
    forge = place.forge()
    assert [*forge.tree(forge.fetch()).grep(needles, suffixes)] == sorted(found)


def test_reading_may_stop_and_interleave(place: Place) -> None:
    forge = place.forge()
    tree = forge.tree(forge.fetch())
    reading = tree.read_many(FILES)
    assert next(reading)[1] == b"one\n"
    assert tree.read("run.sh") == b"#!/bin/sh\n"
    assert next(reading)[1] == b"sg\n"
    reading.close()  # type: ignore[attr-defined]
    assert tree.read("main.tf") == b"one\n"
    forge.close()
    assert tree.read("main.tf") == b"one\n"


def test_a_huge_file_is_refused_and_the_next_is_read(place: Place) -> None:
    place.colleague_pushes({"huge.tf": "#" * (8 * 1024 * 1024 + 1)})
    forge = place.forge()
    tree = forge.tree(forge.fetch())
    with pytest.raises(SourceError, match=r"huge\.tf:1:1: has 8388609 bytes"):
        tree.read("huge.tf")
    assert tree.read("main.tf") == b"one\n"


def test_replaced_objects_are_not_believed(place: Place) -> None:
    forged = git(place.work, "hash-object", "-w", "--stdin", stdin=b"forged\n")
    git(place.work, "replace", git(place.work, "rev-parse", "HEAD:main.tf"), forged)
    forge = place.forge()
    assert forge.tree(forge.fetch()).read("main.tf") == b"one\n"


# Building ----------------------------------------------------------------------------------


def test_the_edited_tree_is_the_same_but_for_the_edit(place: Place) -> None:
    forge = place.forge()
    base = forge.fetch()
    files = {**EDIT, "run.sh": b"#!/bin/true\n", "a/b/c.tf": b"new\n", "new\nline.tf": b"x\n"}
    made = forge.build(base, files, MESSAGE, WHEN)
    raw = git(place.work, "diff-tree", "-r", "-z", "--no-renames", base, made).split("\0")
    assert {path: about[:14] for about, path in zip(raw[::2], raw[1::2], strict=False)} == {
        "live/prod/sg.tf": ":100644 100644",
        "run.sh": ":100755 100755",
        "a/b/c.tf": ":000000 100644",
        "new\nline.tf": ":100644 100644",
    }
    assert forge.changed(made) == files.keys()
    assert {p: forge.tree(made).read(p) for p in files} == files
    assert git(place.work, "fsck", "--strict", "--no-dangling") == ""


def test_a_commit_is_what_git_would_have_made(place: Place) -> None:
    forge = place.forge()
    base = forge.fetch()
    made = forge.build(base, EDIT, MESSAGE, WHEN)
    (place.other / "live/prod/sg.tf").write_bytes(EDIT["live/prod/sg.tf"])
    environment = {
        **os.environ,
        **{f"GIT_{who}_NAME": IDENTITY[0] for who in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{who}_EMAIL": IDENTITY[1] for who in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{who}_DATE": f"{WHEN.timestamp():.0f} +0000" for who in ("AUTHOR", "COMMITTER")},
    }
    command = ["git", "commit", "-qa", "--cleanup=verbatim", "-F", "-"]
    subprocess.run(
        command, cwd=place.other, env=environment, input=f"{MESSAGE}\n".encode(), check=True
    )
    assert git(place.other, "rev-parse", "HEAD") == made


def test_the_same_input_is_the_same_commit(place: Place) -> None:
    forge = place.forge()
    base = forge.fetch()
    east = WHEN.astimezone(timezone(timedelta(hours=9))).replace(microsecond=5)
    assert merged(forge, base) == merged(forge, base)
    assert forge.build(base, EDIT, MESSAGE, east) == forge.build(base, EDIT, MESSAGE, WHEN)
    assert forge.build(base, EDIT, MESSAGE + "x", WHEN) != forge.build(base, EDIT, MESSAGE, WHEN)


def test_a_merge_has_two_parents_and_the_changes_tree(place: Place) -> None:
    forge = place.forge()
    base = forge.fetch()
    change, merge = merged(forge, base)
    assert git(place.work, "show", "-s", "--format=%P", merge) == f"{base} {change}"
    assert git(place.work, "diff", "--stat", change, merge) == ""
    with pytest.raises(ValueError, match="not made on"):
        forge.merge(merge, change, "m", WHEN)


NO_FILES = ["../out.tf", "/abs.tf", ".git/config", "a/.GIT/hooks/x", "a//b.tf", "", "a/./b.tf"]
NO_FILES += ["a\0b", "link.tf", "live", "main.tf/below.tf", "link.tf/below.tf", "d/" * 300 + "f"]


@pytest.mark.parametrize("path", NO_FILES)
def test_a_path_that_is_no_file_in_the_repository_is_refused(place: Place, path: str) -> None:
    forge = place.forge()
    base = forge.fetch()
    with pytest.raises(SourceError):
        forge.build(base, {path: b"x"}, MESSAGE, WHEN)


def test_a_hostile_message_and_identity_stay_one_commit(place: Place) -> None:
    name = "Evil <x>\ncommitter Other <o@o> 1 +0000\n\nsubject"
    forge = GitForge(place.work, "origin", "main", (name, "a>b@c\n"))
    base = forge.fetch()
    made = forge.commit(forge.build(base, EDIT, "a\0b\ud800\n\nc", WHEN))
    assert (made.parents, made.message) == ((base,), "a\ufffdb?\n\nc\n")
    assert made.committer.email == "ab@c"
    assert "\n" not in made.committer.name
    assert git(place.work, "fsck", "--strict", "--no-dangling") == ""


def test_a_time_needs_a_zone(place: Place) -> None:
    forge = place.forge()
    with pytest.raises(ValueError, match="time zone"):
        forge.build(forge.fetch(), EDIT, MESSAGE, WHEN.replace(tzinfo=None))


def test_an_updated_tree_is_the_new_commits(place: Place) -> None:
    forge = place.forge()
    base = forge.fetch()
    files = {**EDIT, "a/new.tf": b"new\n"}
    change, _ = merged(forge, base, files)
    fresh, quick = forge.tree(change), forge.updated(forge.tree(base), change, files)
    assert [*quick.paths()] == [*fresh.paths()]
    assert [*quick.read_many(quick.paths())] == [*fresh.read_many(fresh.paths())]
    assert [*quick.grep(["new", "closed"], [".tf"])] == sorted([*files, "new\nline.tf"])


@pytest.mark.parametrize(("needles", "suffixes", "found"), GREPS)
def test_an_updated_tree_finds_what_the_new_commit_has(
    place: Place, needles: list[str], suffixes: list[str], found: list[str]
) -> None:
    """What was searched before is not searched again, but for the files that changed."""
    forge = place.forge()
    base = forge.fetch()
    tree = forge.tree(base)
    assert [*tree.grep(needles, suffixes)] == sorted(found)
    for text in (b"nothing any more\n", b"one -e unicode bin\n"):
        files = dict.fromkeys(["main.tf", "a/new.tf", *found], text)
        change, _ = merged(forge, base, files)
        quick = forge.updated(tree, change, files)
        assert [*quick.grep(needles, suffixes)] == [*forge.tree(change).grep(needles, suffixes)]


# Pushing -----------------------------------------------------------------------------------


def test_branch_and_merge_arrive_together(place: Place) -> None:
    forge = place.forge()
    base = forge.fetch()
    change, merge = merged(forge, base)
    answer = forge.push({BOT: change, MAIN: merge}, {BOT: None, MAIN: base})
    assert isinstance(answer, Pushed)
    assert (place.remote_head(), place.remote_head("remediator/x")) == (merge, change)
    assert place.forge().fetch() == merge
    assert git(place.bare, "fsck", "--strict") == ""


def test_the_base_that_moved_is_rejected_whole(place: Place) -> None:
    forge = place.forge()
    base = forge.fetch()
    change, merge = merged(forge, base)
    theirs = place.colleague_pushes({"main.tf": "two\n"})
    answer = forge.push({BOT: change, MAIN: merge}, {BOT: None, MAIN: base})
    assert isinstance(answer, Rejected)
    assert "main" in answer.text
    assert (place.remote_head(), place.remote_head("remediator/x")) == (theirs, None)
    again = forge.fetch()
    assert again == theirs
    change, merge = merged(forge, again)
    pushed = forge.push({BOT: change, MAIN: merge}, {BOT: None, MAIN: again})
    assert isinstance(pushed, Pushed)


def test_a_base_that_was_taken_back_does_not_come_again(place: Place) -> None:
    """What was removed from the base must not return as the merge's history."""
    forge = place.forge()
    base = forge.fetch()
    change, merge = merged(forge, base)
    git(place.bare, "update-ref", MAIN, f"{base}~1")
    answer = forge.push({BOT: change, MAIN: merge}, {BOT: None, MAIN: base})
    assert isinstance(answer, Rejected)
    assert place.remote_head() == git(place.bare, "rev-parse", f"{base}~1")


def test_a_branch_that_somebody_pushed_to_is_not_overwritten(place: Place) -> None:
    forge = place.forge()
    base = forge.fetch()
    first = forge.build(base, EDIT, MESSAGE, WHEN)
    assert isinstance(forge.push({BOT: first}, {BOT: None}), Pushed)
    forge.fetch()
    theirs = place.colleague_pushes({"main.tf": "mine\n"}, "remediator/x")
    second = forge.build(base, {"main.tf": b"ours\n"}, MESSAGE, WHEN)
    assert isinstance(forge.push({BOT: second}, {BOT: first}), Rejected)
    assert isinstance(forge.push({BOT: second}, {BOT: None}), Rejected)
    assert place.remote_head("remediator/x") == theirs
    forge.fetch()
    assert forge.branch_heads() == {"remediator/x": theirs}
    assert not forge.is_ours(theirs)


def test_our_own_branch_is_made_anew_and_deleted(place: Place) -> None:
    forge = place.forge()
    base = forge.fetch()
    first = forge.build(base, EDIT, MESSAGE, WHEN)
    second = forge.build(base, {"main.tf": b"other\n"}, MESSAGE, WHEN)
    assert isinstance(forge.push({BOT: first}, {BOT: None}), Pushed)
    assert isinstance(forge.push({BOT: second}, {BOT: first}), Pushed)
    assert place.remote_head("remediator/x") == second
    assert isinstance(forge.push({BOT: None}, {BOT: first}), Rejected)
    assert isinstance(forge.push({BOT: None}, {BOT: second}), Pushed)
    forge.fetch()
    assert forge.branch_heads() == {}


@pytest.mark.parametrize("ref", [MAIN, "refs/heads/release"])
def test_no_other_branch_is_ever_forced_or_deleted(place: Place, ref: str) -> None:
    git(place.bare, "update-ref", ref, "main")
    forge = place.forge()
    base = forge.fetch()
    aside = forge.build(forge.parent(base), EDIT, MESSAGE, WHEN)
    for new in (aside, None):
        with pytest.raises(ValueError, match="only ever goes forward"):
            forge.push({ref: new}, {ref: base})
    assert place.remote_head() == base


def test_pushing_the_same_again_changes_nothing(place: Place) -> None:
    forge = place.forge()
    base = forge.fetch()
    change, merge = merged(forge, base)
    updates = {BOT: change, MAIN: merge}
    assert isinstance(forge.push(updates, {BOT: None, MAIN: base}), Pushed)
    assert isinstance(forge.push(updates, {BOT: change, MAIN: merge}), Pushed)
    assert place.remote_head() == merge


def test_a_server_without_atomic_pushes_takes_the_branch_first(place: Place) -> None:
    git(place.bare, "config", "receive.advertiseAtomic", "false")
    forge = place.forge()
    base = forge.fetch()
    change, merge = merged(forge, base)
    theirs = place.colleague_pushes({"main.tf": "two\n"})
    answer = forge.push({BOT: change, MAIN: merge}, {BOT: None, MAIN: base})
    assert isinstance(answer, Rejected)
    assert (place.remote_head(), place.remote_head("remediator/x")) == (theirs, change)
    again = forge.fetch()
    second, merge = merged(forge, again)
    pushed = forge.push({BOT: second, MAIN: merge}, {BOT: change, MAIN: again})
    assert pushed == Pushed((BOT, MAIN))
    assert (place.remote_head(), place.remote_head("remediator/x")) == (merge, second)


def test_a_remote_that_declines_is_an_upstream_fault(place: Place) -> None:
    declining(place, "echo 'GH006: Protected branch update failed' >&2; exit 1")
    forge = place.forge()
    base = forge.fetch()
    change, merge = merged(forge, base)
    with pytest.raises(UpstreamError, match=r"pre-receive hook declined.*GH006") as caught:
        forge.push({BOT: change, MAIN: merge}, {BOT: None, MAIN: base})
    assert caught.value.what == "git push origin"
    assert (place.remote_head(), place.remote_head("remediator/x")) == (base, None)


def test_one_ref_declined_declines_all(place: Place) -> None:
    declining(place, 'case "$1" in refs/heads/main) echo no >&2; exit 1;; esac', "update")
    forge = place.forge()
    base = forge.fetch()
    change, merge = merged(forge, base)
    with pytest.raises(UpstreamError, match=r"main: .*hook declined"):
        forge.push({BOT: change, MAIN: merge}, {BOT: None, MAIN: base})
    assert (place.remote_head(), place.remote_head("remediator/x")) == (base, None)


def test_a_push_that_loses_the_race_at_the_server_is_rejected(place: Place) -> None:
    forge = place.forge()
    base = forge.fetch()
    change, merge = merged(forge, base)
    theirs = git(place.bare, "commit-tree", f"{base}^{{tree}}", "-p", base, "-m", "theirs")
    # After the server told us where its base is, and before it takes ours. The push's own
    # quarantine is left, as another push would not be in it.
    quarantine = "unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES"
    declining(place, f"{quarantine}; git update-ref {MAIN} {theirs} {base}")
    answer = forge.push({BOT: change, MAIN: merge}, {BOT: None, MAIN: base})
    assert isinstance(answer, Rejected), answer
    assert (place.remote_head(), place.remote_head("remediator/x")) == (theirs, None)


def test_a_branch_in_the_way_is_no_race(place: Place) -> None:
    git(place.bare, "update-ref", "refs/heads/remediator", "main")
    forge = place.forge()
    made = forge.build(forge.fetch(), EDIT, MESSAGE, WHEN)
    with pytest.raises(UpstreamError, match="'refs/heads/remediator' exists; cannot create"):
        forge.push({BOT: made}, {BOT: None})


# Upstream and configuration faults ---------------------------------------------------------


def test_the_remote_is_away(place: Place) -> None:
    forge = place.forge()
    base = forge.fetch()
    change, merge = merged(forge, base)
    place.bare.rename(place.bare.with_name("gone.git"))
    with pytest.raises(UpstreamError, match="does not appear to be a git repository") as caught:
        forge.fetch()
    assert caught.value.what == "git fetch origin"
    with pytest.raises(UpstreamError, match="does not appear to be a git repository"):
        forge.push({BOT: change, MAIN: merge}, {BOT: None, MAIN: base})


def test_credentials_in_an_address_are_never_shown(place: Place) -> None:
    url = "http://user:s3cret%40@127.0.0.1:1/x.git?private_token=s3cret"
    git(place.work, "remote", "set-url", "origin", url)
    with pytest.raises(UpstreamError, match=r"127\.0\.0\.1") as caught:
        place.forge().fetch()
    assert "s3cret" not in str(caught.value)
    assert "user" not in str(caught.value)


SAID = [
    ("fatal: unable to access 'https://u:p%40@h.org/x.git/': no", "https://***@h.org/x.git/"),
    ("fatal: https://tok:x-oauth@h.org/x not found", "https://***@h.org/x not found"),
    ("fatal: 'ssh://git:a@b@h.org/x' is away", "'ssh://***@h.org/x' is away"),
    ("fatal: http://h.org/x?private_token=t failed", "http://h.org/x?… failed"),
    ("git@h.org: Permission denied (publickey).\nfatal: Could not read.", "git@h.org: Permission"),
    (
        "hint: advice\nfatal: the reason\nerror: failed to push some refs to 'x'",
        "fatal: the reason",
    ),
    ("remote: \x1b[31mred\x07", "\ufffd[31mred\ufffd"),
    ("", "no reason given"),
]


@pytest.mark.parametrize(("stderr", "text"), SAID)
def test_what_git_said_is_told_without_secrets_and_advice(stderr: str, text: str) -> None:
    told = said(stderr.encode())
    assert text in told
    assert not any(secret in told for secret in ("u:p", "tok", "a@b", "=t", "advice", "\x1b"))


def test_there_is_no_such_base(place: Place) -> None:
    with pytest.raises(UpstreamError, match="couldn't find remote ref refs/heads/trunk"):
        place.forge(base="trunk").fetch()


def test_there_is_no_such_remote(place: Place) -> None:
    with pytest.raises(ConfigurationError, match="no remote called upstream"):
        place.forge(remote="upstream")


def test_there_is_no_repository(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="is not a git repository"):
        GitForge(tmp_path, "origin", "main", IDENTITY)
    with pytest.raises(ConfigurationError, match="no such folder"):
        GitForge(tmp_path / "nothing", "origin", "main", IDENTITY)


def test_an_unknown_commit(place: Place) -> None:
    forge = place.forge()
    forge.fetch()
    with pytest.raises(UpstreamError):
        forge.build("0" * 39 + "1", EDIT, MESSAGE, WHEN)
    with pytest.raises(UpstreamError):
        forge.tree("0" * 39 + "1").paths()


# The user's checkout -----------------------------------------------------------------------


def _state(work: Path) -> dict[str, bytes]:
    """Every file but objects and our own refs; a push moves git's own remote-tracking refs."""
    ours = ("objects", "refs/remediator", "refs/remotes", "logs/refs/remotes")
    found = {str(f.relative_to(work)): f for f in work.rglob("*") if f.is_file()}
    skipped = tuple(f".git/{name}" for name in ours)
    return {name: f.read_bytes() for name, f in found.items() if not name.startswith(skipped)}


def test_a_checkout_with_uncommitted_work_stays_as_it_is(place: Place) -> None:
    git(place.work, "checkout", "-q", "-b", "topic")
    (place.work / "main.tf").write_text("unfinished\n")
    (place.work / "staged.tf").write_text("staged\n")
    git(place.work, "add", "staged.tf")
    (place.work / "untracked.tf").write_text("untracked\n")
    fired = place.work.parent / "hook-ran"
    for name in ("pre-push", "reference-transaction", "post-commit"):
        hook = place.work / ".git/hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch {fired}\nexit 1\n")
        hook.chmod(0o755)
    place.colleague_pushes({"main.tf": "theirs\n"})
    git(place.other, "tag", "v1")
    git(place.other, "push", "-q", "origin", "v1")
    before = _state(place.work)
    forge = place.forge()
    base = forge.fetch()
    change, merge = merged(forge, base)
    pushed = forge.push({BOT: change, MAIN: merge}, {BOT: None, MAIN: base})
    assert isinstance(pushed, Pushed)
    assert _state(place.work) == before
    assert not fired.exists()
    assert git(place.work, "branch", "--format=%(refname:short)").split() == ["main", "topic"]
    assert git(place.work, "tag") == ""


def test_fetching_leaves_the_remote_tracking_refs(place: Place) -> None:
    git(place.work, "fetch", "-q", "origin")
    before = git(place.work, "for-each-ref", "refs/remotes")
    place.colleague_pushes({"main.tf": "theirs\n"})
    place.forge().fetch()
    assert git(place.work, "for-each-ref", "refs/remotes") == before


def test_the_environment_of_a_hook_leads_nowhere_else(place: Place, tmp_path: Path) -> None:
    """As when it is started by a git hook of another repository."""
    git(tmp_path, "init", "-q", "elsewhere")
    script = (
        "import sys; from pathlib import Path; from remediator.forge.git import GitForge\n"
        "f = GitForge(Path(sys.argv[1]), 'origin', 'main', ('n', 'e@e')); print(f.fetch())"
    )
    elsewhere = str(tmp_path / "elsewhere/.git")
    environment = {**os.environ, "GIT_DIR": elsewhere, "GIT_INDEX_FILE": "x", "GIT_PREFIX": "y/"}
    command = [sys.executable, "-c", script, str(place.work)]
    done = subprocess.run(command, env=environment, capture_output=True, check=True)
    assert done.stdout.decode().strip() == place.remote_head()


@pytest.mark.parametrize("kind", ["bare", "mirror", "shallow", "worktree", "subfolder", "sha256"])
def test_any_kind_of_clone_will_do(place: Place, kind: str, tmp_path: Path) -> None:
    clone, bare = tmp_path / "clone", place.bare
    if kind == "worktree":
        git(place.work, "worktree", "add", "-q", "--detach", str(clone))
    elif kind == "subfolder":
        clone = place.work / "live/prod"
    elif kind == "sha256":
        git(tmp_path, "init", "-q", "-b", "main", "--object-format=sha256", "clone")
        commit(clone, FILES)
        bare = tmp_path / "bare256.git"
        git(tmp_path, "clone", "-q", "--bare", "clone", str(bare))
        git(clone, "remote", "add", "origin", str(bare))
    else:
        options = ["--depth=1"] if kind == "shallow" else [f"--{kind}"]
        git(tmp_path, "clone", "-q", *options, f"file://{place.bare}", "clone")
    forge = GitForge(clone, "origin", "main", IDENTITY)
    base = forge.fetch()
    change, merge = merged(forge, base)
    pushed = forge.push({BOT: change, MAIN: merge}, {BOT: None, MAIN: base})
    assert isinstance(pushed, Pushed)
    assert git(bare, "rev-parse", "main", "remediator/x").split() == [merge, change]
    assert git(bare, "fsck", "--strict") == ""
    assert forge.is_ours(change)


# Proposals ---------------------------------------------------------------------------------


def test_proposals_say_what_each_branch_holds(place: Place) -> None:
    forge = place.forge()
    base = forge.fetch()
    ours = forge.build(base, EDIT, MESSAGE, WHEN)
    forge.push({BOT: ours}, {BOT: None})
    forge.fetch()
    [proposal] = forge.proposals(forge.branch_heads())
    assert (proposal.branch, proposal.head, proposal.parents) == ("remediator/x", ours, (base,))
    assert proposal.trailers == (("Remediator-Version", "1"),)
    assert str(proposal.author) == "Remediator <bot@example.com>"
    assert proposal.committer.time == WHEN
    assert proposal.ours
    assert forge.is_ours(ours)


def test_ours_stays_ours_when_the_base_goes_on(place: Place) -> None:
    forge = place.forge()
    ours = forge.build(forge.fetch(), EDIT, MESSAGE, WHEN)
    forge.push({BOT: ours}, {BOT: None})
    place.colleague_pushes({"main.tf": "two\n"})
    forge.fetch()
    assert forge.is_ours(ours)


def test_a_shallow_clone_is_completed_to_know_what_is_ours(place: Place, tmp_path: Path) -> None:
    forge = place.forge()
    ours = forge.build(forge.fetch(), EDIT, MESSAGE, WHEN)
    forge.push({BOT: ours}, {BOT: None})
    place.colleague_pushes({"main.tf": "two\n"})
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{place.bare}", "clone")
    shallow = GitForge(tmp_path / "clone", "origin", "main", IDENTITY)
    shallow.fetch()
    assert shallow.is_ours(ours)


def test_what_is_on_top_of_our_own_merge_is_ours(place: Place) -> None:
    forge = place.forge()
    base = forge.fetch()
    change, merge = merged(forge, base)
    forge.push({BOT: change, MAIN: merge}, {BOT: None, MAIN: base})
    assert forge.is_ours(forge.build(merge, {"main.tf": b"x\n"}, MESSAGE, WHEN))


def test_what_is_not_ours(place: Place) -> None:
    forge = place.forge()
    base = forge.fetch()
    ours = forge.build(base, EDIT, MESSAGE, WHEN)
    stranger = GitForge(place.work, "origin", "main", ("Remediator", "else@example.com"))
    stranger.fetch()
    foreign = {
        "no record": forge.build(base, EDIT, "fix", WHEN),
        "a second commit": forge.build(ours, {"main.tf": b"x\n"}, MESSAGE, WHEN),
        "another committer": stranger.build(base, EDIT, MESSAGE, WHEN),
        "a merge": forge.merge(base, ours, MESSAGE, WHEN),
        "no parent": git(place.work, "commit-tree", f"{base}^{{tree}}", "-m", MESSAGE),
    }
    assert [name for name, head in foreign.items() if forge.is_ours(head)] == []


# Dying -------------------------------------------------------------------------------------


def test_killed_between_build_and_push(place: Place) -> None:
    """Nothing but objects is left; the next run makes the very same commits."""
    script = (
        "import os, signal, sys; from pathlib import Path; from datetime import datetime, UTC\n"
        "from remediator.forge.git import GitForge\n"
        f"f = GitForge(Path(sys.argv[1]), 'origin', 'main', {IDENTITY!r}); b = f.fetch()\n"
        f"w = datetime.fromisoformat({WHEN.isoformat()!r})\n"
        f"c = f.build(b, {EDIT!r}, {MESSAGE!r}, w); m = f.merge(b, c, 'Merge it', w)\n"
        "print(c, m, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    command = [sys.executable, "-c", script, str(place.work)]
    died = subprocess.run(command, capture_output=True, check=False)
    assert died.returncode == -9
    assert git(place.work, "fsck", "--strict", "--no-dangling") == ""
    assert list((place.work / ".git").rglob("*.lock")) == []
    forge = place.forge()
    base = forge.fetch()
    change, merge = merged(forge, base)
    assert died.stdout.decode().split() == [change, merge]
    pushed = forge.push({BOT: change, MAIN: merge}, {BOT: None, MAIN: base})
    assert isinstance(pushed, Pushed)


def test_times_before_and_beyond_are_read(place: Place) -> None:
    tree = git(place.work, "rev-parse", "HEAD^{tree}")
    odd = f"tree {tree}\nauthor A <a@b> 99999999999999 +0000\ncommitter nobody at all\n\nx\n"
    made = git(
        place.work, "hash-object", "-t", "commit", "-w", "--literally", "--stdin",
        stdin=odd.encode(),
    )  # fmt: skip
    forge = place.forge()
    found = forge.commit(made)
    assert found.author.time == datetime(1970, 1, 1, tzinfo=UTC)
    assert found.committer.name == "nobody at all"
    assert found.subject == "x"
