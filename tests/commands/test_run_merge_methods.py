"""Repositories that merge in one way only, and a merge queue: `run` comes to its end, and `audit`
reads the same record from whatever history that makes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from commandline import SmallStage
from test_run_moved_base import SOURCE, Hub, hub, other_lines, widened

from remediator.embedded.github.rules import Requirements
from remediator.embedded.on_github import NAME, OnGitHub
from remediator.model import sha256

__all__ = ["hub"]

BEFORE = [{"from_port": 22, "protocol": "tcp", "source": "0.0.0.0/0", "to_port": 22}]
METHODS = ("merge", "squash", "rebase")
APP = "*+remediator[bot]@users.noreply.github.com"


def only(hub: Hub, method: str) -> None:
    settings = hub.repo.settings
    settings.allow_merge_commit = method == "merge"
    settings.allow_squash_merge = method == "squash"
    settings.allow_rebase_merge = method == "rebase"
    if method == "squash":
        with hub.on.config.open("a") as file:
            file.write(f"audit: {{authors: ['{APP}']}}\n")


def required(hub: Hub, **more: Any) -> None:
    hub.on.server.add_ruleset(hub.repo, Requirements(contexts=("plan",), strict=True, **more))
    hub.repo.settings.allow_auto_merge = True


def recorded(hub: Hub, *arguments: str) -> dict[str, Any]:
    """The only record, which holds."""
    status, report = hub.audit(*arguments)
    assert (status, report["alarms"]) == (0, [])
    by_people = {"Infrastructure as it was found", "Exempt nobody", "Say who owns what"}
    assert {u["subject"] for u in report["unrecorded"]} <= by_people
    (record,) = report["records"]
    found: dict[str, Any] = record
    return found


def holds(hub: Hub, record: dict[str, Any]) -> None:
    """What the record tells is what git has."""
    (finding,) = record["findings"]
    assert finding.startswith("open-admin-port/")
    before, after = record["before"], record["after"]
    world = [r for r in before["ingress"] if r["source"] == "0.0.0.0/0" and r["to_port"] == 22]
    assert world == BEFORE
    inside = [(r["source"], r["to_port"]) for r in after["ingress"]]
    assert inside == [("10.0.0.0/8", 22), ("10.0.0.0/8", 443)]
    step = record["merge"] or record["commit"]
    assert hub.git("show", "-s", "--format=%H", step).strip() == hub.head
    assert hub.git("show", "-s", "--format=%an <%ae>", record["commit"]).strip() == record["actor"]
    text = hub.git("show", f"{record['commit']}:live/prod/main.tf")
    message = hub.git("show", "-s", "--format=%B", record["commit"])
    assert f"After-SHA256: {sha256(text.encode())} live/prod/main.tf\n" in message
    assert record["disposition"] == "auto"
    walk = {s["what"]: hub.shell(s["command"]) for s in record["steps"]}
    assert json.loads(walk["access before"]) == before
    assert json.loads(walk["access after"]) == after
    assert walk["digests"].splitlines() == [
        line for line in message.splitlines() if line.startswith(("Before-SHA", "After-SHA"))
    ]
    assert (walk["actor"], walk["it is in the history"]) == (record["actor"], "yes")


@pytest.mark.parametrize("method", METHODS)
def test_merged_at_once(hub: Hub, method: str) -> None:
    only(hub, method)
    ran = hub.run()
    assert (ran.status, ran.only()["outcome"]) == (0, "merged"), ran.err
    assert len(hub.git("show", "-s", "--format=%P", hub.head).split()) == 1 + (method == "merge")
    record = recorded(hub)
    holds(hub, record)
    assert record["merge"] == (hub.head if method == "merge" else None)
    assert ("audit.authors" in ran.err) is (method == "squash")
    again = hub.run()
    assert again.only()["reason"]["code"] == "awaiting-apply"
    assert hub.on.server.traffic.writes == ()


@pytest.mark.parametrize("method", METHODS)
def test_merged_by_auto_merge(hub: Hub, method: str) -> None:
    only(hub, method)
    required(hub)
    assert hub.run().only()["reason"]["code"] == "auto-merge"
    assert hub.run().status == 0
    hub.pass_checks()
    assert hub.run().only()["reason"]["code"] == "awaiting-apply"
    holds(hub, recorded(hub))
    hub.run()
    assert hub.on.server.traffic.writes == ()


@pytest.mark.parametrize("method", METHODS)
def test_what_waits_and_is_made_again_has_the_record_of_the_last_time(
    hub: Hub, method: str
) -> None:
    """The message of a squash is kept from when auto-merge was switched on."""
    only(hub, method)
    required(hub)
    assert hub.run().only()["reason"]["code"] == "auto-merge"
    hub.commit(other_lines)
    assert hub.run().only()["reason"]["code"] == "auto-merge"
    assert len(hub.on.server.traffic.writes) <= 4
    hub.run()
    assert hub.on.server.traffic.writes == ()
    hub.pass_checks()
    assert hub.run().only()["reason"]["code"] == "awaiting-apply"
    status, report = hub.audit()
    assert (status, report["alarms"]) == (0, [])
    (record,) = report["records"]
    holds(hub, record)


@pytest.mark.parametrize("method", ["merge", "rebase"])
@pytest.mark.parametrize("waits", [False, True])
def test_through_a_merge_queue(hub: Hub, method: str, waits: bool) -> None:
    """What the repository allows otherwise does not count: the queue's method does."""
    only(hub, "squash")
    hub.repo.settings.queue_waits = waits
    required(hub, merge_queue=True, queue_method=method)
    assert hub.run().only()["reason"]["code"] == "auto-merge"
    if waits:
        hub.queue_up()
        ran = hub.run()
        assert (ran.only()["reason"]["code"], hub.on.server.traffic.writes) == ("auto-merge", ())
        hub.repo.settings.queue_waits = False
    hub.pass_checks()
    ran = hub.run()
    assert ran.only()["reason"]["code"] == "awaiting-apply"
    holds(hub, recorded(hub))
    hub.run()
    assert hub.on.server.traffic.writes == ()


@pytest.mark.parametrize("classic", [False, True])
def test_a_queue_that_squashes_is_left_to_a_person(hub: Hub, classic: bool) -> None:
    """GitHub writes the message by itself, and nobody can say that the record stays as it is."""
    rules = Requirements(contexts=("plan",), merge_queue=True, queue_method="squash")
    if classic:
        hub.on.server.protect(hub.repo, "main", rules)
    else:
        hub.on.server.add_ruleset(hub.repo, rules)
    hub.repo.settings.allow_auto_merge = True
    ran = hub.run()
    assert ran.only()["reason"]["code"] == "blocked"
    assert "choose another merge method for the queue" in ran.err
    ((_, pull),) = hub.repo.pulls()
    assert (pull.auto_merge, pull.queued, pull.merged_at) == (None, None, None)
    assert hub.run().only()["reason"]["code"] == "blocked"
    assert hub.on.server.traffic.writes == ()


def test_a_queue_without_auto_merge_names_the_setting(hub: Hub) -> None:
    hub.on.server.add_ruleset(hub.repo, Requirements(contexts=("plan",), merge_queue=True))
    ran = hub.run()
    assert ran.only()["reason"]["code"] == "blocked"
    assert "“Allow auto-merge”" in ran.err


def test_what_is_in_the_queue_is_taken_out_once_somebody_objects(hub: Hub) -> None:
    hub.repo.settings.queue_waits = True
    required(hub, merge_queue=True)
    hub.run()
    hub.queue_up()
    hub.object_to()
    ran = hub.run()
    assert ran.only()["reason"]["code"] == "blocked"
    assert "sam asked for changes" in ran.only()["reason"]["text"]
    ((_, pull),) = hub.repo.pulls()
    assert (pull.queued, pull.auto_merge) == (None, None)
    assert "POST /graphql dequeuePullRequest" in hub.on.server.traffic.writes
    hub.run()
    assert hub.on.server.traffic.writes == ()


def test_what_a_person_took_out_of_the_queue_is_not_put_back(hub: Hub) -> None:
    hub.repo.settings.queue_waits = True
    required(hub, merge_queue=True)
    hub.run()
    hub.queue_up()
    hub.take_out()
    for writes in (1, 0):  # the dashboard, once
        ran = hub.run()
        assert ran.only()["reason"]["code"] == "blocked"
        assert "sam took it out of the merge queue" in ran.only()["reason"]["text"]
        assert len(hub.on.server.traffic.writes) == writes
    ((_, pull),) = hub.repo.pulls()
    assert (pull.queued, pull.auto_merge) == (None, None)


def test_what_the_queue_itself_gave_up_is_put_back(hub: Hub) -> None:
    hub.repo.settings.queue_waits = True
    required(hub, merge_queue=True)
    hub.run()
    hub.queue_up()
    hub.fail_checks()
    ((_, pull),) = hub.repo.pulls()
    assert (pull.queued, pull.auto_merge) == (None, None)
    assert hub.run().only()["reason"]["code"] == "auto-merge"


@pytest.mark.parametrize(("said", "lost"), [("COMMIT_MESSAGES", False), ("BLANK", True)])
def test_a_squash_by_hand(hub: Hub, said: str, lost: bool) -> None:
    """In GitHub's own words: the default has the record, the others lose it, and that is said."""
    only(hub, "squash")
    hub.repo.settings.squash_message = said
    hub.on.server.add_ruleset(hub.repo, Requirements(contexts=("plan",), strict=True))
    ran = hub.run()
    assert ("loses its record" in ran.err) is lost
    hub.squash_by_hand()
    if not lost:
        holds(hub, recorded(hub))
        return
    status, report = hub.audit()
    assert (status, report["records"]) == (0, [])
    assert hub.head in {u["commit"] for u in report["unrecorded"]}


@pytest.mark.parametrize("method", ["squash", "rebase"])
@pytest.mark.parametrize(("edit", "good"), [(other_lines, True), (widened, False)])
def test_onto_a_base_that_moved(
    hub: Hub, method: str, edit: Callable[[str], str], good: bool
) -> None:
    """The files are others then: without what came in between they are the record's."""
    only(hub, method)
    hub.before_merge(edit)
    ran = hub.run()
    assert ran.status == (0 if good else 3), ran.err
    assert hub.note()["Proven-Again"].startswith("pass: " if good else "wrong: ")
    assert f"After-SHA256: {sha256(hub.git('show', 'main:live/prod/main.tf').encode())}" not in (
        hub.git("show", "-s", "--format=%B", "main")
    )
    status, report = hub.audit("--no-prove")
    assert (status, report["alarms"]) == (0, [])
    status, report = hub.audit()
    codes = [a["code"] for a in report["alarms"]]
    assert (status, codes) == ((0, []) if good else (1, ["unproven-claim"]))


@pytest.mark.parametrize("method", ["squash", "rebase"])
def test_what_was_put_into_it_besides_is_told(hub: Hub, method: str) -> None:
    """Onto a base that had moved, and with something more in it."""
    only(hub, method)
    hub.before_merge(other_lines)
    hub.run()
    message = hub.git("show", "-s", "--format=%B", "main")
    hub.amend(lambda text: text.replace('"10.0.0.0/8"', '"10.0.0.0/7"', 1), message)
    status, report = hub.audit()
    codes = {a["code"] for a in report["alarms"]}
    assert (status, "changed-digest" in codes) == (1, True)


def test_methods_that_are_the_base_s_own(tmp_path: Path) -> None:
    """A rule of the base narrows what the repository allows."""
    with SmallStage(tmp_path, SOURCE) as stage, OnGitHub(stage) as on:
        hub = Hub(stage, on, on.server.world.repositories[NAME])
        rules = Requirements(pull_request=True, merge_methods=("rebase",))
        on.server.add_ruleset(hub.repo, rules)
        hub.repo.settings.allow_auto_merge = True
        assert hub.run().only()["outcome"] == "merged"
        holds(hub, recorded(hub))
