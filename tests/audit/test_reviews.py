"""Who reviewed and merged, of GitHub: in every format of the register, and where it is away."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from commandline import Ran, group, ingress, remediator
from evidence import CLOSED, OPEN, record
from githubhub import Hub, client

from remediator.embedded.github.rules import Requirements
from remediator.embedded.github.world import Token

NAME = "acme/infrastructure"
QUERY = "POST /graphql repository"


@dataclass
class Office:
    """A repository on GitHub, people with their rights, and `remediator audit` on it."""

    hub: Hub
    folder: Path

    def repo(self, who: Token) -> Any:
        return client(self.hub.server, who).get_repo(NAME)

    def change(self, branch: str, before: str, after: str, path: str = "live/main.tf") -> Any:
        """A pull request of ours with a record in its commit."""
        work = self.hub.work
        work.git("fetch", "--quiet", "origin")
        work.git("checkout", "--quiet", "-B", "main", "origin/main")
        work.git("checkout", "--quiet", "-B", branch)
        (work.folder / path).parent.mkdir(exist_ok=True)
        (work.folder / path).write_text(after)
        work.git("add", "--all")
        bot = ("-c", "user.name=Bot", "-c", "user.email=bot@x.org")
        work.git(*bot, "commit", "--quiet", "-m", record(before, after, path))
        work.git("push", "--quiet", "--force", "origin", branch)
        return self.hub.client.create_pull("main", branch, title="Close SSH", body="Why")

    def audit(self, *arguments: str, **env: str | None) -> Ran:
        config = self.folder / "remediator.yaml"
        config.write_text(
            "version: 1\nrepository: {path: work}\nidentity: {name: Bot, email: bot@x.org}\n"
            f"github: {{repository: {NAME}, api_url: '{self.hub.server.api_url}', pace_seconds: 0,"
            " wait_seconds: 0}\n"
        )
        secret = {"REMEDIATOR_GITHUB_TOKEN": self.hub.server.app_token(self.hub.app).value}
        return remediator("audit", "--config", config, *arguments, env=secret | env)

    def document(self, *arguments: str, **env: str | None) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.audit("--format", "json", *arguments, **env).out)
        return found


@pytest.fixture
def office(hub: Hub, tmp_path: Path) -> Office:
    made = Office(hub, tmp_path)
    hub.work.commit("Open", live__main_tf=OPEN)
    hub.work.git("push", "--quiet", "origin", "main")
    return made


def test_who_approved_and_who_merged(office: Office) -> None:
    server, repo = office.hub.server, office.hub.repo
    bob, eve = server.person("bob", repo), server.person("eve", repo, role="read")
    pull = office.change("remediator/one", OPEN, CLOSED)
    for who, event in ((bob, "APPROVE"), (eve, "APPROVE"), (office.hub.alice, "COMMENT")):
        office.repo(who).get_pull(pull.number).create_review(body="Well", event=event)
    office.repo(office.hub.alice).get_pull(pull.number).merge(sha=pull.head.sha)
    (row,) = office.document()["records"]
    assert row["pull_request"] == pull.html_url
    assert row["reviewers"] == ["bob"]
    assert row["forge_merged_by"] == "alice"
    assert row["forge_merged_at"].endswith("Z")
    assert row["auto_merge"] is None
    (cells,) = [c for c in csv.DictReader(io.StringIO(office.audit("--format", "csv").out))
                if c["kind"] == "record"]  # fmt: skip
    assert (cells["reviewers"], cells["forge_merged_by"]) == ("bob", "alice")
    page = office.audit("--format", "html").out
    assert "approved by bob, merged by alice" in page
    assert "GitHub has a pull request for 1 of " in page


def test_an_approval_of_another_commit_and_one_that_was_taken_back(office: Office) -> None:
    bob = office.hub.server.person("bob", office.hub.repo)
    carl = office.hub.server.person("carl", office.hub.repo)
    pull = office.change("remediator/one", OPEN, OPEN + "# first\n")
    for who in (bob, carl):
        office.repo(who).get_pull(pull.number).create_review(body="Yes", event="APPROVE")
    office.repo(carl).get_pull(pull.number).create_review(body="No", event="REQUEST_CHANGES")
    work = office.hub.work
    (work.folder / "live/main.tf").write_text(CLOSED)
    bot = ("-c", "user.name=Bot", "-c", "user.email=bot@x.org")
    work.git(*bot, "commit", "--quiet", "--all", "--amend", "-m", record(OPEN, CLOSED))
    work.git("push", "--quiet", "--force", "origin", "remediator/one")
    office.repo(office.hub.alice).get_pull(pull.number).merge()
    (row,) = office.document()["records"]
    assert row["reviewers"] == ["bob (an earlier commit)"]


def test_auto_merge_names_who_switched_it_on(office: Office) -> None:
    hub = office.hub
    hub.repo.settings.allow_auto_merge = True
    hub.server.add_ruleset(hub.repo, Requirements(contexts=("plan",)))
    pull = office.change("remediator/one", OPEN, CLOSED)
    pull.enable_automerge(merge_method="MERGE")
    office.repo(hub.alice).get_commit(pull.head.sha).create_status("success", context="plan")
    assert hub.client.get_pull(pull.number).merged
    (row,) = office.document()["records"]
    assert row["auto_merge"] == "remediator[bot]"
    assert row["reviewers"] == []


def for_review(office: Office, by: Token) -> Any:
    """A pull request that this one opens, whose record says that it is for review."""
    work = office.hub.work
    work.git("checkout", "--quiet", "-B", "remediator/one", "main")
    (work.folder / "live/main.tf").write_text(CLOSED)
    said = record(OPEN, CLOSED).replace("\nDisposition: auto", "\nDisposition: review")
    assert "\nDisposition: review" in said
    bot = ("-c", "user.name=Bot", "-c", "user.email=bot@x.org")
    work.git(*bot, "commit", "--quiet", "--all", "-m", said)
    work.git("push", "--quiet", "--force", "origin", "remediator/one")
    return office.repo(by).create_pull("main", "remediator/one", title="Close SSH", body="Why")


def codes(office: Office) -> list[str]:
    return [a["code"] for a in office.document("--no-prove")["alarms"]]


def test_what_is_for_review_and_the_bot_merged_unseen_is_an_alarm(office: Office) -> None:
    bot = office.hub.server.app_token(office.hub.app)
    for_review(office, bot).merge()
    ran = office.audit("--format", "json", "--no-prove")
    assert ran.status == 1
    (alarm,) = json.loads(ran.out)["alarms"]
    assert alarm["code"] == "unseen-merge"
    assert "remediator[bot] opened and merged it, and nobody approved" in alarm["text"]


@pytest.mark.parametrize("how", ["approved", "dismissed", "by a person", "by another bot"])
def test_what_somebody_may_have_seen_is_none(office: Office, how: str) -> None:
    """Also where who approved may not write any more, or it was taken back for a push."""
    server, repo = office.hub.server, office.hub.repo
    bot, bob = server.app_token(office.hub.app), server.person("bob", repo)
    pull = for_review(office, bot)
    merger = bot
    if how in ("approved", "dismissed"):
        office.repo(bob).get_pull(pull.number).create_review(body="Yes", event="APPROVE")
        if how == "dismissed":
            ((_, there),) = repo.pulls()
            there.reviews[0].state = "DISMISSED"
        else:
            del repo.collaborators["bob"]
    elif how == "by a person":
        merger = office.hub.alice
    else:
        merger = server.app_token(server.app("merger", "acme"))
    office.repo(merger).get_pull(pull.number).merge()
    assert codes(office) == []


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (lambda text: text, []),
        (lambda text: text.replace("Evaluated-At: 2", "Evaluated-At: 3"), []),
        (
            lambda text: re.sub(r"(?m)^(Check: .*)$", r"\1 The owner agreed.", text),
            ["other-record"],
        ),
        (lambda text: re.sub(r"(?m)^Finding-Id: .*$", "Finding-Id: x", text), ["other-record"]),
    ],
)
def test_a_squash_has_the_record_of_what_it_squashes(
    office: Office, said: Callable[[str], str], expected: list[str]
) -> None:
    """Whoever squashes may write the message: the files and digests are right all the same."""
    pull = office.change("remediator/one", OPEN, CLOSED)
    subject, _, body = said(record(OPEN, CLOSED)).partition("\n")
    alice = office.repo(office.hub.alice).get_pull(pull.number)
    alice.merge(merge_method="squash", commit_title=subject, commit_message=body.strip())
    found = [code for code in codes(office) if code != "foreign-author"]
    assert found == expected


def test_others_merges_are_told_from_pushes(office: Office) -> None:
    """A squash looks like a push to git, and is none."""
    hub = office.hub
    hub.work.git("checkout", "--quiet", "-B", "quick", "main")
    hub.work.commit("Quick fix", live__main_tf=group("web", ingress("10.0.0.0/8")))
    hub.work.git("push", "--quiet", "origin", "quick")
    pull = office.repo(hub.alice).create_pull("main", "quick", title="Quick", body="")
    pull.merge(merge_method="squash")
    found = {u["subject"]: u for u in office.document()["unrecorded"]}
    squashed = next(u for subject, u in found.items() if subject.startswith("Quick"))
    assert (squashed["direct"], squashed["pull_request"]) == (True, pull.html_url)
    assert squashed["forge_merged_by"] == "alice"
    assert found["Open"]["pull_request"] is None


def test_it_asks_by_the_page_and_not_by_the_record(office: Office) -> None:
    for number in range(3):
        before, after = (OPEN, CLOSED) if number % 2 == 0 else (CLOSED, OPEN)
        office.change(f"remediator/x{number}", before, after).merge()
    office.hub.server.traffic.reset()
    assert len([r for r in office.document()["records"] if r["pull_request"]]) == 3
    assert [asked.route for asked, _ in office.hub.server.traffic.log if asked.route == QUERY] == [
        QUERY
    ]
    assert not any(asked.is_write for asked, _ in office.hub.server.traffic.log)


def test_where_github_is_away_the_page_says_so_and_has_the_rest(office: Office) -> None:
    office.change("remediator/one", OPEN, CLOSED).merge()
    office.hub.server.faults.fail("POST /graphql repository", 502, times=None)
    document = office.document()
    assert document["forge"].startswith("GitHub could not be asked who reviewed and merged: ")
    (row,) = document["records"]
    assert (row["reviewers"], row["forge_merged_by"]) == (None, None)
    assert row["merged_by"] is not None
    page = office.audit("--format", "html").out
    assert "GitHub could not be asked who reviewed and merged" in page
    assert "no pull request is known" in page


@pytest.mark.parametrize("name", ["", "no-such-token"])
def test_without_a_token_that_it_takes_the_page_says_so(office: Office, name: str) -> None:
    office.change("remediator/one", OPEN, CLOSED).merge()
    secrets = {"REMEDIATOR_GITHUB_TOKEN": name or None, "GITHUB_TOKEN": None}
    document = office.document(**secrets)
    assert document["forge"].startswith("GitHub could not be asked who reviewed and merged: ")
    assert document["records"][0]["reviewers"] is None


def test_names_from_github_are_shown_as_text(office: Office) -> None:
    """No login has such characters on github.com; that is GitHub's rule, and not ours."""
    bad = "<img src=x onerror=alert(1)>"
    who = office.hub.server.person(bad, office.hub.repo)
    pull = office.change("remediator/one", OPEN, CLOSED)
    office.repo(who).get_pull(pull.number).merge()
    page = office.audit("--format", "html").out
    assert bad not in page
    assert "merged by &lt;img src=x" in page
