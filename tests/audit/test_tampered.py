"""Histories that somebody has tampered with, each caught by name; and one that nobody has."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from commandline import WORLD, group, ingress
from evidence import CLOSED, NOTES, OPEN, Evidence, access, evidence, record

from remediator.model import sha256


@pytest.fixture
def its(tmp_path: Path) -> Evidence:
    return evidence(tmp_path)


def kept(its: Evidence, name: str = "last.json") -> Path:
    """The report as it was handed to the auditor."""
    file = its.folder / name
    file.write_text(its.audit("--format", "json").out)
    return file


def noted(its: Evidence) -> str:
    merge = its.change()
    its.note(merge, "Remediator-Note: 1\nApplied: 2026-02-01T00:00:00Z")
    return merge


def test_a_history_that_nobody_touched_raises_nothing(its: Evidence) -> None:
    noted(its)
    last = kept(its)
    its.history.commit({"live/other.tf": "# more\n"}, "somebody's change")
    assert its.alarms("--since-anchor", str(last)) == []
    assert its.audit().err == ""


# What a single look tells -------------------------------------------------------------------


def without(key: str) -> str:
    """A record that does not say it."""
    lines = record(OPEN, CLOSED).split("\n")
    return "\n".join(line for line in lines if not line.startswith(f"{key}: "))


WRONG = {"After_SHA256": f"{'0' * 64} live/main.tf"}
SINGLE: list[tuple[str, Callable[[Evidence], object]]] = [
    ("changed-digest", lambda e: e.change(record(OPEN, CLOSED, **WRONG))),
    ("changed-digest", lambda e: e.change(text=OPEN + "# another change\n")),
    ("forged-trailer", lambda e: e.change(record(OPEN, CLOSED, Remediator_Version="9"))),
    ("forged-trailer", lambda e: e.change(record(OPEN, CLOSED) + "\nDisposition: review")),
    ("forged-trailer", lambda e: e.change(without("Check"))),
    ("forged-trailer", lambda e: e.change(without("Disposition"))),
    ("foreign-author", lambda e: e.change(who="Mallory")),
    ("note-without-merge", lambda e: e.note(e.git("rev-parse", "main"), "Applied: never")),
    ("note-before-merge", lambda e: e.note(e.change(), "Applied: 2025-01-01T00:00:00Z")),
    ("note-before-merge", lambda e: e.note(e.change(), "Resolved: when it suited")),
    ("note-before-merge", lambda e: e.note(e.change(), "Applied: 2199-01-01T00:00:00Z")),
    ("foreign-note", lambda e: e.note(e.change(), "Applied: 2026-02-01T00:00:00Z", who="Eve")),
    ("rewritten-note", lambda e: e.note(noted(e), "Applied: 2026-03-01T00:00:00Z", "-f")),
]


@pytest.mark.parametrize(("code", "tamper"), SINGLE)
def test_one_look_tells(its: Evidence, code: str, tamper: Callable[[Evidence], object]) -> None:
    tamper(its)
    assert its.alarms("--no-prove") == [code]
    ran = its.audit("--no-prove", "--format", "html")
    assert ran.status == 1
    assert f">{code}<" in ran.out


def test_the_same_bytes_as_a_symbolic_link(its: Evidence) -> None:
    its.git("checkout", "-q", "-B", "remediator/x")
    its.history.commit({"live/main.tf": CLOSED}, "Close it", "Bot")
    blob = its.git("rev-parse", "HEAD:live/main.tf")
    its.git("update-index", "--cacheinfo", f"120000,{blob},live/main.tf")
    message = record(OPEN, CLOSED)
    its.git("commit", "-q", "--amend", "--cleanup=verbatim", "-F", "-", stdin=message, who="Bot")
    its.git("reset", "-q", "--hard")
    its.git("checkout", "-q", "main")
    its.history.merge("remediator/x", who="Bot")
    document = its.document("--no-prove")
    assert [a["code"] for a in document["alarms"]] == ["changed-digest"]
    assert "is a symbolic link" in document["alarms"][0]["text"]


def test_a_merge_that_took_more_than_the_change(its: Evidence) -> None:
    its.git("checkout", "-q", "-B", "remediator/x")
    its.history.commit({"live/main.tf": CLOSED}, record(OPEN, CLOSED), "Bot")
    its.git("checkout", "-q", "main")
    its.git("merge", "-q", "--no-ff", "--no-commit", "remediator/x")
    its.history.commit({"live/back.tf": "# a back door\n"}, "Merge it", "Bot")
    assert set(its.alarms()) == {"changed-merge"}


LIES = [
    {"Before": access("10.0.0.0/8")},
    {"After": access()},
    {"Terraform_Address": "live:aws_security_group.other"},
]


@pytest.mark.parametrize("lie", LIES)
def test_what_a_record_claims_is_evaluated_again(its: Evidence, lie: dict[str, str]) -> None:
    """All digests are right: only the access that it tells of is not."""
    its.change(record(OPEN, CLOSED, **lie))
    ran = its.audit()
    assert ran.status == 1
    assert "unproven-claim: " in ran.err
    assert its.document()["proven"] == {"hold": 0, "unknown": 0, "wrong": 1}
    unproven = its.document("--no-prove")
    assert (unproven["alarms"], unproven["proven"]) == ([], None)


EGRESS = """\
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
"""
BESIDE = [
    # What its class says nothing of, in the very block that it names.
    (CLOSED[: CLOSED.rindex("}")] + EGRESS + "}\n", {}, "egress of live:aws_security_group.web"),
    (CLOSED, {"Before": "all"}, "its Before is no access"),
    (CLOSED, {"Before": "{}"}, "its Before is no access"),
    (CLOSED, {"After": "none"}, "its After is no access"),
]


@pytest.mark.parametrize(("text", "lie", "why"), BESIDE)
def test_a_record_that_opens_something_or_names_no_access(
    its: Evidence, text: str, lie: dict[str, str], why: str
) -> None:
    """All else is right, as who makes one up can have it."""
    its.change(record(OPEN, text, **lie), text=text)
    document = its.document()
    assert [a["code"] for a in document["alarms"]] == ["unproven-claim"]
    assert why in document["alarms"][0]["text"]
    assert document["proven"] == {"hold": 0, "unknown": 0, "wrong": 1}


def test_a_rule_that_another_one_still_allows(tmp_path: Path) -> None:
    """What goes is in the code, and the access stays: the next change is for the wider rule."""
    wider = ingress(WORLD).replace("from_port   = 22", "from_port   = 20")
    before, after = group("web", ingress(WORLD), wider), group("web", wider)
    its = evidence(tmp_path, {"live/main.tf": before})
    rule = {"from_port": 20, "protocol": "tcp", "source": WORLD, "to_port": 22}
    same = json.dumps({"ingress": [rule]}, sort_keys=True, separators=(",", ":"))
    its.change(record(before, after, Before=same, After=same), text=after)
    document = its.document()
    assert document["alarms"] == []
    assert document["proven"] == {"hold": 1, "unknown": 0, "wrong": 0}


def test_a_true_record_is_proven(its: Evidence) -> None:
    its.change()
    document = its.document()
    assert document["alarms"] == []
    assert document["proven"] == {"hold": 1, "unknown": 0, "wrong": 0}


def test_a_record_whose_class_nobody_knows_is_not_said_to_hold(its: Evidence) -> None:
    its.change(record(OPEN, CLOSED, Finding_Class="of-another-time"))
    assert its.document()["proven"] == {"hold": 0, "unknown": 1, "wrong": 0}
    assert "0 hold, 0 wrong, 1 not known" in its.audit("--format", "html").out


def test_only_what_is_listed_is_proven(its: Evidence) -> None:
    its.change()
    last = kept(its)
    assert its.document("--since-anchor", str(last))["proven"]["hold"] == 0


# What the last report tells -----------------------------------------------------------------


def amended(its: Evidence) -> None:
    """The same change with another story, on a base that was pushed anew."""
    its.git("reset", "-q", "--hard", "HEAD^")
    its.change(record(OPEN, CLOSED, Disposition="review"))


def dropped(its: Evidence) -> None:
    its.git("reset", "-q", "--hard", "HEAD^")
    its.history.commit({"live/main.tf": CLOSED}, "quietly")


def test_an_amended_record(its: Evidence) -> None:
    its.change()
    last = kept(its)
    amended(its)
    assert its.alarms() == []  # alone it looks as if nothing had been
    assert its.alarms("--since-anchor", str(last)) == ["rewritten-base", "amended-record"]


def test_a_rewritten_base(its: Evidence) -> None:
    its.change()
    last = kept(its)
    dropped(its)
    assert its.alarms("--since-anchor", str(last)) == ["rewritten-base", "missing-record"]


def test_an_anchor_alone_is_enough_for_a_rewritten_base(its: Evidence) -> None:
    its.change()
    anchor = its.document()["anchor"]
    assert its.alarms("--since-anchor", anchor) == []
    amended(its)
    assert its.alarms("--since-anchor", anchor) == ["rewritten-base"]
    assert its.alarms("--since-anchor", "0" * 40) == ["rewritten-base"]


def test_a_branch_that_took_the_place_of_the_base(its: Evidence) -> None:
    """An ordinary push, after which the base's own line is another: every record is off it."""
    its.change()
    change, last = its.git("rev-parse", "main^2"), kept(its)
    anchor = its.git("rev-parse", "main")
    its.git("checkout", "-q", "-b", "other", "main~1")
    its.history.commit({"README": "x\n"}, "of no interest", "Dev")
    its.git("merge", "-q", "--no-ff", "-m", "Merge main", "main", who="Dev")
    its.git("branch", "-f", "main", "other")
    its.git("checkout", "-q", "main")
    document = its.document()
    assert document["records"] == []
    assert [(a["code"], a["commit"]) for a in document["alarms"]] == [("hidden-record", change)]
    assert its.alarms("--since-anchor", anchor) == ["rewritten-base"]
    assert its.alarms("--since-anchor", str(last)) == ["rewritten-base", "missing-record"]


def test_a_record_that_came_with_other_commits(its: Evidence) -> None:
    its.git("checkout", "-q", "-B", "remediator/x")
    its.history.commit({"live/main.tf": CLOSED}, record(OPEN, CLOSED), "Bot")
    its.history.commit({"live/main.tf": OPEN}, "and open it again", "Dev")
    its.git("checkout", "-q", "main")
    its.history.merge("remediator/x", who="Dev")
    assert its.alarms() == ["hidden-record"]


def test_notes_that_were_made_anew(its: Evidence) -> None:
    noted(its)
    last = kept(its)
    its.git("update-ref", "-d", NOTES)
    its.note(its.git("rev-parse", "main"), "Applied: 2026-03-01T00:00:00Z")
    assert its.alarms("--since-anchor", str(last)) == ["rewritten-note"]


def test_after_an_anchor_only_what_is_new_is_listed(its: Evidence) -> None:
    its.change()
    last = kept(its)
    assert its.document("--since-anchor", str(last))["records"] == []
    its.history.commit({"live/main.tf": OPEN}, "opened again")
    its.change(record(OPEN, CLOSED, Evaluated_At="2026-01-02T00:00:00Z"))
    found = its.document("--since-anchor", str(last))
    assert (len(found["records"]), len(found["unrecorded"])) == (1, 1)


@pytest.mark.parametrize("text", ["", "{}", "[]", "x", '{"anchor": "--all"}', '{"anchor": 1}'])
def test_a_last_report_that_is_none(its: Evidence, text: str) -> None:
    (its.folder / "last.json").write_text(text)
    ran = its.audit("--since-anchor", str(its.folder / "last.json"))
    assert (ran.status, ran.out) == (2, "")


# Signatures --------------------------------------------------------------------------------


@pytest.fixture
def signed(its: Evidence) -> Evidence:
    if shutil.which("ssh-keygen") is None:
        pytest.skip("there is no ssh-keygen here, which makes the keys for signed commits")
    for name in ("bot", "other"):
        asked = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(its.folder / name)]
        subprocess.run(asked, check=True)
    public = (its.folder / "bot.pub").read_text()
    (its.folder / "signers").write_text(f"bot@x.org {public}")
    its.git("config", "gpg.format", "ssh")
    sign_with(its, "bot")
    return its


def sign_with(its: Evidence, name: str) -> None:
    its.git("config", "user.signingkey", str(its.folder / name))
    its.git("config", "commit.gpgsign", "true")


SIGNERS = {"audit": "{allowed_signers: signers}"}


def test_what_the_bot_signed_is_good(signed: Evidence) -> None:
    signed.change()
    found = signed.document(**SIGNERS)
    assert (found["alarms"], found["records"][0]["signature"]) == ([], "good")
    assert signed.document()["records"][0]["signature"] is None


def test_what_nobody_signed_is_told(its: Evidence) -> None:
    (its.folder / "signers").write_text("")
    its.change()
    found = its.document(**SIGNERS)
    assert (found["alarms"], found["records"][0]["signature"]) == ([], "none")


def test_another_key(signed: Evidence) -> None:
    sign_with(signed, "other")
    signed.change()
    assert set(signed.alarms(**SIGNERS)) == {"unknown-signer"}


def test_a_signature_that_was_moved_to_another_content(signed: Evidence) -> None:
    signed.change()
    raw = signed.git("cat-file", "commit", "HEAD^2")
    file = signed.folder / "forged"
    file.write_text(raw.replace("Disposition: auto", "Disposition: review") + "\n")
    made = signed.git("hash-object", "-w", "-t", "commit", str(file))
    signed.git("reset", "-q", "--hard", "HEAD^")
    signed.history.merge(made)
    assert "bad-signature" in signed.alarms(**SIGNERS)


def test_the_digests_in_these_tests_are_those_of_the_files() -> None:
    """A fixture that is wrong by itself would prove nothing."""
    assert sha256(OPEN.encode()) != sha256(CLOSED.encode())
