"""The register, read from histories that people and the forge made with the real git."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from remediator.audit.history import records, unrecorded
from remediator.forge.trailer import encode
from remediator.model import ConfigurationError, Record, UpstreamError, sha256

START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class History:
    """A repository that grows; each commit is an hour after the one before."""

    path: Path
    hours: int = 0

    def git(self, *arguments: str, stdin: str = "", who: str = "Pat") -> str:
        time = f"{(START + timedelta(hours=self.hours)).timestamp():.0f} +0000"
        people = {
            f"GIT_{role}_{part}": value
            for role in ("AUTHOR", "COMMITTER")
            for part, value in (("NAME", who), ("EMAIL", f"{who}@x.org".lower()), ("DATE", time))
        }
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.path,
            env={**os.environ, **people},
            input=stdin.encode("utf-8", "surrogateescape"),
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode().strip()

    def commit(self, files: Mapping[str, str | None], message: str, who: str = "Pat") -> str:
        self.hours += 1
        for path, text in files.items():
            file = self.path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            if text is None:
                file.unlink()
            else:
                file.write_text(text)
        self.git("add", "-A")
        arguments = ["commit", "-q", "--allow-empty", "--cleanup=verbatim", "-F", "-"]
        self.git(*arguments, stdin=message, who=who)
        return self.git("rev-parse", "HEAD")

    def merge(self, branch: str, message: str = "Merge it", who: str = "Merger") -> str:
        self.hours += 1
        self.git("merge", "-q", "--no-ff", "-m", message, branch, who=who)
        return self.git("rev-parse", "HEAD")

    def change(self, message: str, files: Mapping[str, str | None] | None = None) -> str:
        """A commit of ours on a branch of its own; the base is checked out again."""
        self.git("checkout", "-q", "-B", "remediator/x")
        made = self.commit(files or {"sg.tf": "closed\n"}, message, "Bot")
        self.git("checkout", "-q", "main")
        return made

    def records(self) -> list[Record]:
        return [*records(self.path, self.git("rev-parse", "main"))]

    def unrecorded(self) -> list[str]:
        return [it.commit for it in unrecorded(self.path, self.git("rev-parse", "main"))]


@pytest.fixture
def history(tmp_path: Path) -> History:
    made = History(tmp_path / "repository")
    made.path.mkdir()
    made.git("init", "-q", "-b", "main")
    made.commit({"sg.tf": "open\n", "note.md": "note\n"}, "first")
    return made


def digests(before: Mapping[str, str], after: Mapping[str, str]) -> list[tuple[str, str]]:
    pairs = [("Before-SHA256", f"{sha256(text.encode())} {p}") for p, text in before.items()]
    return pairs + [("After-SHA256", f"{sha256(text.encode())} {p}") for p, text in after.items()]


ALWAYS = (
    ("Finding-Class", "open-admin-port"),
    ("Evaluated-At", "2026-01-01T02:00:00Z"),
    ("Terraform-Address", "aws_security_group.web"),
    ("Disposition", "auto"),
    ("Policy-Row", "row sha256:" + "0" * 64),
    ("Check", "policy: pass: row: auto."),
    ("Proof", "narrower: pass: it is"),
    ("Before", "{}"),
    ("After", "{}"),
)


def message(
    before: Mapping[str, str], after: Mapping[str, str], *more: tuple[str, str], version: str = "1"
) -> str:
    pairs = [("Remediator-Version", version), ("Finding-Id", "f1"), *more]
    given = {key for key, _ in pairs}
    pairs += [pair for pair in ALWAYS if pair[0] not in given]
    pairs += digests(before, after)
    return f"fix(sg): close SSH\n\nbody\n\n{encode(pairs)}\n"


CLOSED = message({"sg.tf": "open\n"}, {"sg.tf": "closed\n"})


# What is a record --------------------------------------------------------------------------


def test_a_merged_change_is_a_record(history: History) -> None:
    change = history.change(CLOSED)
    merge = history.merge("remediator/x")
    [record] = history.records()
    assert replace(record, trailers=()) == Record(
        commit=change,
        merge=merge,
        actor="Bot <bot@x.org>",
        merged_by="Merger <merger@x.org>",
        committed_at=START + timedelta(hours=2),
        merged_at=START + timedelta(hours=3),
        subject="fix(sg): close SSH",
        trailers=(),
        problems=(),
    )
    assert record.all("Finding-Id") == ("f1",)
    assert history.unrecorded() == [history.git("rev-parse", "main^1")]


def test_a_squashed_or_rebased_change_is_a_record(history: History) -> None:
    squashed = CLOSED + "\nCo-authored-by: Pat <pat@x.org>\n"
    commit = history.commit({"sg.tf": "closed\n"}, squashed)
    [record] = history.records()
    assert (record.commit, record.merge, record.problems) == (commit, None, ())
    assert record.merged_at == record.committed_at
    assert record.merged_by == "Pat <pat@x.org>"


def test_a_change_merged_after_the_base_moved_is_a_record(history: History) -> None:
    history.change(CLOSED)
    history.commit({"other.tf": "x\n"}, "meanwhile")
    history.merge("remediator/x")
    [record] = history.records()
    assert record.problems == ()


def test_the_latest_comes_first(history: History) -> None:
    history.change(CLOSED)
    history.merge("remediator/x")
    second = message({"sg.tf": "closed\n"}, {"sg.tf": "again\n"})
    history.change(second, {"sg.tf": "again\n"})
    history.merge("remediator/x")
    found = history.records()
    assert [r.problems for r in found] == [(), ()]
    assert found[0].merged_at > found[1].merged_at


def _two_commits(history: History) -> None:
    history.git("checkout", "-q", "-B", "remediator/x")
    history.commit({"sg.tf": "halfway\n"}, "by hand")
    history.commit({"sg.tf": "closed\n"}, message({"sg.tf": "halfway\n"}, {"sg.tf": "closed\n"}))
    history.git("checkout", "-q", "main")
    history.merge("remediator/x")


def _record_below(history: History) -> None:
    history.change(CLOSED)
    history.git("checkout", "-q", "remediator/x")
    history.commit({"sg.tf": "by hand\n"}, "by hand")
    history.git("checkout", "-q", "main")
    history.merge("remediator/x")


def _trailers_in_the_body(history: History) -> None:
    history.change(f"Quote\n\n{CLOSED}\nThat is what it would say.\n")
    history.merge("remediator/x")


def _no_trailers(history: History) -> None:
    history.change("fix by hand")
    history.merge("remediator/x")


def _merge_that_says_so_itself(history: History) -> None:
    history.change("by hand")
    history.merge("remediator/x", CLOSED)


def _merge_on_the_side(history: History) -> None:
    """What it brings besides its own files would have no record."""
    history.git("checkout", "-q", "-B", "feature")
    history.commit({"backdoor.tf": "x\n"}, "by hand")
    history.git("checkout", "-q", "-B", "remediator/x", "main")
    history.merge("feature", message({}, {"backdoor.tf": "x\n"}))
    history.git("checkout", "-q", "main")
    history.merge("remediator/x")


def _direct_push(history: History) -> None:
    history.commit({"sg.tf": "wide open\n"}, "quick fix")


def _revert(history: History) -> None:
    history.commit({"sg.tf": "closed\n"}, 'Revert "fix"\n\nThis reverts commit 1234.\n')


def _octopus(history: History) -> None:
    for name in ("a", "b"):
        history.git("checkout", "-q", "-B", name, "main")
        history.commit({f"{name}.tf": "x\n"}, message({}, {f"{name}.tf": "x\n"}))
    history.git("checkout", "-q", "main")
    history.git("merge", "-q", "--no-ff", "-m", "both", "a", "b")


NOT_RECORDS = [_two_commits, _record_below, _trailers_in_the_body, _no_trailers]
NOT_RECORDS += [_merge_that_says_so_itself, _merge_on_the_side, _direct_push, _revert, _octopus]


@pytest.mark.parametrize("happens", NOT_RECORDS)
def test_what_is_not_a_record_is_listed_as_unrecorded(history: History, happens: object) -> None:
    assert callable(happens)
    happens(history)
    assert history.records() == []
    assert history.unrecorded()[0] == history.git("rev-parse", "main")


def test_history_that_was_merged_the_wrong_way_round_is_not_hidden(history: History) -> None:
    """`git pull` on a clone, then push: the base's own line becomes the merge's side."""
    start = history.git("rev-parse", "main")
    history.change(CLOSED)
    history.merge("remediator/x")
    history.git("checkout", "-q", "-B", "local", start)
    history.commit({"mine.tf": "x\n"}, "mine")
    pulled = history.merge("main")
    history.git("branch", "-f", "main", "local")
    assert history.records() == []
    assert pulled in history.unrecorded()


# What does not hold ------------------------------------------------------------------------

OTHER = sha256(b"something else")
BAD = {
    "before differs": (
        message({"sg.tf": "else\n"}, {"sg.tf": "closed\n"}),
        None,
        ["sg.tf has another digest than its Before-SHA256 says"],
    ),
    "after differs": (
        message({"sg.tf": "open\n"}, {"sg.tf": "else\n"}),
        None,
        ["sg.tf has another digest than its After-SHA256 says"],
    ),
    "a file that no trailer names": (
        CLOSED,
        {"sg.tf": "closed\n", "note.md": "more\n"},
        [
            "note.md is changed by the commit, and no Before-SHA256 trailer names it",
            "note.md is changed by the commit, and no After-SHA256 trailer names it",
        ],
    ),
    "a file that did not change": (
        message({"sg.tf": "open\n", "note.md": "note\n"}, {"sg.tf": "closed\n"}),
        None,
        ["Before-SHA256 names note.md, which the commit does not change"],
    ),
    "a path that is not there": (
        message({"sg.tf": "open\n"}, {"sg.tf": "closed\n", "nothing.tf": "x"}),
        None,
        ["After-SHA256 names nothing.tf, which the commit does not change"],
    ),
    "a deleted file": (
        message({"sg.tf": "open\n"}, {"sg.tf": "closed\n"}),
        {"sg.tf": None},
        ["After-SHA256 names sg.tf, which the commit does not change"],
    ),
    "no digests": (
        message({}, {}),
        None,
        [
            "sg.tf is changed by the commit, and no Before-SHA256 trailer names it",
            "sg.tf is changed by the commit, and no After-SHA256 trailer names it",
        ],
    ),
    "a file twice": (
        message({"sg.tf": "open\n"}, {"sg.tf": "closed\n"}, ("After-SHA256", f"{OTHER} sg.tf")),
        None,
        ["After-SHA256 names a file twice"],
    ),
    "no digest at all": (
        message({"sg.tf": "open\n"}, {"sg.tf": "closed\n"}, ("After-SHA256", "abc sg.tf")),
        None,
        ["After-SHA256 'abc sg.tf' is not a digest and a path"],
    ),
    "a format of tomorrow": (
        message({"sg.tf": "open\n"}, {"sg.tf": "closed\n"}, version="2"),
        None,
        ["the record's format '2' is not known; this program knows version 1"],
    ),
}


@pytest.mark.parametrize("case", BAD)
@pytest.mark.parametrize("way", ["merged", "squashed"])
def test_each_thing_that_does_not_hold_is_named(history: History, case: str, way: str) -> None:
    text, files, problems = BAD[case]
    if way == "merged":
        history.change(text, files)
        history.merge("remediator/x")
    else:
        history.commit(files or {"sg.tf": "closed\n"}, text)
    [record] = history.records()
    assert [*record.problems] == problems
    unverified = records(history.path, history.git("rev-parse", "main"), verify=False)
    assert [r.problems for r in unverified] == [()]


GOOD = {
    "a new file": (message({}, {"new.tf": "x\n"}), {"new.tf": "x\n"}),
    "a file that goes": (message({"sg.tf": "open\n"}, {}), {"sg.tf": None}),
    "odd names": (
        message({}, {"a b\n%0A.tf": "x\n", "gr\u00f6\u00dfe.tf": "y\n", "raw\udcff.tf": "z\n"}),
        {"a b\n%0A.tf": "x\n", "gr\u00f6\u00dfe.tf": "y\n", "raw\udcff.tf": "z\n"},
    ),
}


@pytest.mark.parametrize("case", GOOD)
def test_what_holds_has_no_problems(history: History, case: str) -> None:
    history.change(*GOOD[case])
    history.merge("remediator/x")
    assert [r.problems for r in history.records()] == [()]


def test_the_first_commit_of_a_history_may_be_a_record(tmp_path: Path) -> None:
    made = History(tmp_path)
    made.git("init", "-q", "-b", "main")
    made.commit({"sg.tf": "x\n"}, message({}, {"sg.tf": "x\n"}))
    assert [r.problems for r in made.records()] == [()]


def _merge_by_hand(history: History, side: str, files: Mapping[str, str]) -> None:
    """A merge whose tree is not what merging makes."""
    history.git("merge", "-q", "--no-ff", "--no-commit", side)
    for path, text in files.items():
        (history.path / path).write_text(text)
    history.git("add", "-A")
    history.hours += 1
    history.git("commit", "-q", "-m", "Merge it")


def test_a_merge_that_smuggles_something_in(history: History) -> None:
    history.change(CLOSED)
    _merge_by_hand(history, "remediator/x", {"backdoor.tf": "x\n"})
    [record] = history.records()
    assert [*record.problems] == [
        "the merge's files are not the change's, though the base had not moved",
        "backdoor.tf is changed by the merge, and not by the change that it merges",
    ]


def test_a_merge_that_rewrites_the_change(history: History) -> None:
    history.change(CLOSED)
    _merge_by_hand(history, "remediator/x", {"sg.tf": "wide open\n"})
    [record] = history.records()
    assert [*record.problems] == [
        "the merge's files are not the change's, though the base had not moved"
    ]


def test_a_merge_that_smuggles_something_in_after_the_base_moved(history: History) -> None:
    history.change(CLOSED)
    history.commit({"other.tf": "x\n"}, "meanwhile")
    _merge_by_hand(history, "remediator/x", {"backdoor.tf": "x\n"})
    [record] = history.records()
    assert [*record.problems] == [
        "backdoor.tf is changed by the merge, and not by the change that it merges"
    ]


# Unrecorded --------------------------------------------------------------------------------

TERRAFORM = ["a.tf", "b/c.tofu", "d.tf.json", "e.tofu.json", "f.tfvars", "g.tfvars.json", "h.tftpl"]


@pytest.mark.parametrize("path", TERRAFORM)
def test_terraform_changed_without_a_record(history: History, path: str) -> None:
    commit = history.commit({path: "x\n", "z.txt": "x\n"}, "quick\n\nbody", "Dev")
    found = next(iter(unrecorded(history.path, commit)))
    assert (found.commit, found.actor, found.subject) == (commit, "Dev <dev@x.org>", "quick")
    assert (found.files, found.time) == ((path,), START + timedelta(hours=2))


def test_terraform_that_goes_is_listed(history: History) -> None:
    history.commit({"sg.tf": None}, "remove")
    assert history.unrecorded()[0] == history.git("rev-parse", "main")


@pytest.mark.parametrize("path", ["a.md", "tf", "a.tfx", "a.tfstate", "a.json", "dir.tf/readme"])
def test_other_files_are_nobodys_business(history: History, path: str) -> None:
    first = history.git("rev-parse", "main")
    history.commit({path: "x\n"}, "other")
    assert history.unrecorded() == [first]


def test_an_empty_commit_is_nobodys_business(history: History) -> None:
    first = history.git("rev-parse", "main")
    history.commit({}, "empty")
    assert history.unrecorded() == [first]


def test_a_merge_is_listed_once_with_all_that_it_brought(history: History) -> None:
    first = history.git("rev-parse", "main")
    history.git("checkout", "-q", "-B", "feature")
    history.commit({"a.tf": "x\n"}, "one")
    history.commit({"b.tf": "x\n"}, "two")
    history.git("checkout", "-q", "main")
    merge = history.merge("feature")
    found = [*unrecorded(history.path, merge)]
    assert [(it.commit, it.files) for it in found] == [
        (merge, ("a.tf", "b.tf")),
        (first, ("sg.tf",)),
    ]


# Faults ------------------------------------------------------------------------------------


def test_a_history_that_is_cut_short_is_refused(history: History, tmp_path: Path) -> None:
    history.commit({"a.tf": "x\n"}, "second")
    history.git("clone", "-q", "--depth=1", f"file://{history.path}", str(tmp_path / "shallow"))
    commit = history.git("rev-parse", "main")
    for read in (records, unrecorded):
        with pytest.raises(ConfigurationError, match=r"cut short.*fetch-depth: 0"):
            [*read(tmp_path / "shallow", commit)]


@pytest.mark.parametrize("name", ["0" * 39 + "1", "nothing", "--all", ""])
def test_a_commit_that_is_not_there(history: History, name: str) -> None:
    with pytest.raises(UpstreamError):
        [*records(history.path, name)]


def test_a_forged_record_hides_nothing_by_a_replaced_object(history: History) -> None:
    commit = history.commit({"sg.tf": "wide open\n"}, "quick fix")
    forged = history.commit({"sg.tf": "closed\n"}, CLOSED)
    history.git("replace", commit, forged)
    history.git("reset", "-q", "--hard", commit)
    assert history.records() == []
    assert history.unrecorded()[0] == commit
