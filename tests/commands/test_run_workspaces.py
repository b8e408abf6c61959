"""A root has a state for each of its workspaces, and only those that are named are read."""

from __future__ import annotations

from pathlib import Path

import pytest
from commandline import WORLD, SmallStage, group, ingress, one_root, run

NAMES = 'output "env" {\n  value = terraform.workspace\n}\n'
CALL = 'module "names" {\n  source = "../../modules/names"\n}\n'
WEB = group("web", ingress("10.0.0.0/8", WORLD))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (one_root(WEB), "merged"),
        (one_root(WEB) | {"live/prod/names.tf": NAMES}, "proposed"),
        (one_root(WEB, CALL) | {"modules/names/main.tf": NAMES}, "proposed"),
        (one_root(WEB) | {"modules/names/main.tf": NAMES}, "merged"),
    ],
    ids=["none", "in the root", "in a module that it calls", "in another module"],
)
def test_what_other_workspaces_made_is_not_known(
    code: dict[str, str], expected: str, tmp_path: Path
) -> None:
    with SmallStage(tmp_path, code) as stage:
        ran = run(stage)
        assert [o["outcome"] for o in ran.outcomes] == [expected]
        checks = [c["detail"] for o in ran.outcomes for c in o["checks"]]
        told = any("live/prod has workspaces" in detail for detail in checks)
        assert told is (expected == "proposed")
