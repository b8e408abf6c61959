"""Once GitHub has merged, that is what is told, whatever fails after it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from runs import World, world

MERGING = "PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge"


def away_once_merged(w: World, *routes: str) -> None:
    def hook(asked: Any) -> None:
        if asked.route == MERGING:
            for route in routes:
                w.server.faults.fail(route, 502, times=None)

    w.server.traffic.before.append(hook)


@pytest.mark.parametrize("routes", [("GIT push",), ("GIT fetch", "GIT refs")])
@pytest.mark.parametrize("opened", [False, True])
def test_git_is_away(tmp_path: Path, routes: tuple[str, ...], opened: bool) -> None:
    """Its branch could not be deleted, or the base not be read."""
    with world(tmp_path, "a", "b") as w:
        if opened:
            w.server.faults.fail(MERGING, 405)
            w.run(["a"], auto=["a"])
            w.server.faults.clear()
        away_once_merged(w, *routes)
        ran = w.run(auto=["a"])
        assert ran.codes()["a"] == "merged"
        assert ran.problems
        w.server.faults.clear()
        w.server.traffic.before.clear()
        assert w.base_file("a") == "shut"
        assert w.run().codes() == {"a": "awaiting-apply", "b": "review"}
        assert w.run().writes == ()
        (merged,) = [p for p in w.pulls("closed") if p.merged_at]
        assert merged.get_issue_comments().totalCount == 0
        assert [b.name for b in w.as_pat().get_branches() if merged.head.ref == b.name] == []
