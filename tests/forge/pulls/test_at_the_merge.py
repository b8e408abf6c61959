"""What people did between our listing and our merge."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from runs import NAME, World, client, world

from remediator.embedded.github.rules import Requirements

MERGING = "PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge"
OPENING = "POST /repos/{owner}/{repo}/pulls"


def once(w: World, route: str, act: Callable[[], None]) -> None:
    """Before the first request to this route is answered."""
    done: list[bool] = []

    def hook(asked: Any) -> None:
        if asked.route == route and not done:
            done.append(True)
            act()

    w.server.traffic.before.append(hook)


def test_it_is_not_merged_into_another_base(tmp_path: Path) -> None:
    """GitHub merges into whatever the base is then."""
    with world(tmp_path) as w:
        w.server.faults.fail(MERGING, 405)
        w.run(auto=["a"])
        w.server.faults.clear()
        number = w.only().number
        w.git("push", "-q", "origin", "HEAD:refs/heads/other")
        once(w, "POST /graphql nodes", lambda: w.as_pat().get_pull(number).edit(base="other"))
        (outcome,) = w.run(auto=["a"]).outcomes
        assert outcome.code == "blocked"
        assert "its base is other now" in outcome.text
        assert not w.as_pat().get_pull(number).merged


def test_one_that_was_opened_at_the_same_moment_is_asked_for(tmp_path: Path) -> None:
    """GitHub knows one of a branch: what somebody said of it counts."""
    with world(tmp_path) as w:
        ann = client(w.server, w.server.person("ann", w.repo)).get_repo(NAME)

        def act() -> None:
            (head,) = [b.name for b in w.as_pat().get_branches() if b.name != "main"]
            pull = w.as_pat().create_pull("main", head, title="Mine", body="")
            ann.get_pull(pull.number).create_review(body="no", event="REQUEST_CHANGES")

        once(w, OPENING, act)
        (outcome,) = w.run(auto=["a"]).outcomes
        assert outcome.code == "blocked"
        assert "ann asked for changes" in outcome.text
        assert w.base_file("a") == "open"


def test_what_another_bot_left_to_merge_in_another_way(tmp_path: Path) -> None:
    """Workflows do that to all that bots open; a squash of theirs may not have the record."""
    with world(tmp_path) as w:
        w.server.add_ruleset(w.repo, Requirements(contexts=("plan",)))
        w.repo.settings.allow_auto_merge = True
        other = w.server.app_token(w.server.app("merger", "example-org"))
        w.run()
        theirs = client(w.server, other).get_repo(NAME).get_pull(w.only().number)
        w.run(auto=["a"])
        theirs.disable_automerge()
        theirs.enable_automerge(merge_method="SQUASH")
        assert w.only().raw_data["auto_merge"]["merge_method"] == "squash"
        assert len(w.run(auto=["a"]).writes) == 2
        assert w.only().raw_data["auto_merge"]["merge_method"] == "merge"
        assert w.run(auto=["a"]).writes == ()
