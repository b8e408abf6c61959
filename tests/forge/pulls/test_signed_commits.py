"""Commits that are made through the API, so that GitHub signs them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from runs import World, run_git, world

from remediator.forge import trailer

BRANCH = "remediator/open-admin-port-a"


@pytest.fixture
def w(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        made.sign = True
        yield made


def commit(w: World) -> object:
    return w.as_pat().get_commit(w.only().head.sha).raw_data


def test_it_is_verified_and_has_the_whole_record(w: World) -> None:
    assert w.run().codes() == {"a": "review"}
    made = w.as_pat().get_commit(w.only().head.sha)
    assert made.raw_data["commit"]["verification"]["verified"]
    assert made.commit.author.email == w.email
    record = dict(trailer.decode(made.commit.message))
    assert record["Finding-Class"] == "open-admin-port"
    assert w.state()["branches"] == ["refs/heads/main", f"refs/heads/{BRANCH}"]
    again = w.run()
    assert (again.codes(), again.writes) == ({"a": "waiting"}, ())


def test_it_takes_one_write_more_and_the_pull_request_stays_open(w: World) -> None:
    first = w.run()
    assert len([r for r in first.writes if r.startswith("POST") and "issues" not in r]) == 3
    w.push({"live/prod/a.tf": "more\nopen\n"})
    assert w.run().codes() == {"a": "review"}
    assert [p.number for p in w.pulls("all")] == [1]
    assert w.only().commits == 1
    assert w.run().writes == ()


def test_an_automatic_one_is_merged_with_its_signature(w: World) -> None:
    assert w.run(auto=["a"]).codes() == {"a": "merged"}
    assert w.base_file("a") == "shut"
    assert w.run(auto=["a"]).codes() == {"a": "awaiting-apply"}


def test_a_person_who_commits_on_the_web_is_somebody_else(w: World) -> None:
    w.run()
    repo, file = w.as_pat(), "live/prod/a.tf"
    repo.update_file(file, "mine", "mine\n", repo.get_contents(file, BRANCH).sha, BRANCH)
    assert w.run().codes() == {"a": "foreign-branch"}


def test_another_address_than_the_owners_is_not_taken_for_ours_later(w: World) -> None:
    """Known by its recorded head alone, it is still kept up."""
    w.run()
    w.sign = False
    again = w.run()
    assert (again.codes(), again.writes) == ({"a": "waiting"}, ())


def test_a_commit_that_somebody_put_where_ours_is_made_is_not_merged(w: World) -> None:
    """GitHub's answer was lost, and whoever may write was there at that moment."""
    making = "POST /graphql createCommitOnBranch"
    done: list[bool] = []

    def hook(asked: Any) -> None:
        if asked.route == making and not done:
            done.append(True)
            (name,) = [b.name for b in w.as_pat().get_branches() if "signing" in b.name]
            w.push({"live/prod/more.tf": "open\n"}, name)

    w.server.faults.fail(making, 502)
    w.server.traffic.before.append(hook)
    assert w.run(auto=["a"]).codes()["a"] != "merged"
    assert done
    w.server.traffic.before.clear()
    assert w.run(auto=["a"]).codes() == {"a": "merged"}
    assert "more.tf" not in run_git(w.repo.git.path, "ls-tree", "-r", "main")
    assert w.state()["branches"] == ["refs/heads/main"]
