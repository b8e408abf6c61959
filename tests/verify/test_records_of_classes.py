"""What every finding class makes is proven again from the two trees, and compared as narrower.

The cases are those of the classes' own tables, through `fix --findings --state`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from twotrees import written

from remediator.model import Record, place
from remediator.remediate.registry import registry
from remediator.tree import MemoryTree
from remediator.verify.claims import Claim, Rules, prove_again
from remediator.verify.trees import Side, affected, differences

sys.path.append(str(Path(__file__).parents[1] / "remediate"))
import policies
import test_aws_managed
import test_external_access
import test_unused_permissions

NOW = datetime(2026, 1, 1, tzinfo=UTC)
RULES = Rules(registry(), written().policy)
Files = Mapping[str, str]


def sides(before: Files, after: Files) -> tuple[Side, Side]:
    trees = [MemoryTree({p: t.encode() for p, t in files.items()}) for files in (before, after)]
    return Side(trees[0], {}), Side(trees[1], {})


def claimed(before: Files, after: Files, outcome: Mapping[str, Any], **lies: str) -> Claim:
    """As the record of the change says it; `lies` replace a trailer."""
    at, proof = outcome["terraform"], outcome["proof"]
    said = {
        "Finding-Class": outcome["finding"]["class"],
        "Disposition": outcome["disposition"],
        "Before": proof["before"],
        "After": proof["after"],
    }
    said |= {key.replace("_", "-"): value for key, value in lies.items()}
    named = {place(at["root"], at["address"]), *json.loads(proof["before"])}
    trailers = [*said.items(), *(("Terraform-Address", name) for name in sorted(named))]
    record = Record("c", "m", "Bot", "Bot", NOW, NOW, "fix", tuple(trailers))
    changed = [path for path in before if before[path] != after[path]]
    return prove_again(record, changed, *sides(before, after), RULES)


def given(case: Any) -> tuple[dict[str, str], Iterable[Any], Iterable[Any]]:
    files = getattr(case, "files", None) or case.before
    by_path = {"main.tf": files} if isinstance(files, str) else {**files}
    findings = getattr(case, "findings", None) or [case.finding]
    return {p: dedent(t) for p, t in by_path.items()}, case.resources, findings


CASES = {
    f"{module.__name__}: {name}": case
    for module in (test_unused_permissions, test_external_access)
    for name, case in module.REWRITTEN.items()
}


@pytest.mark.parametrize("name", CASES)
def test_it_is_proven_again(name: str, tmp_path: Path) -> None:
    files, resources, findings = given(CASES[name])
    made = policies.mend(tmp_path, files, resources, findings)
    outcomes = [outcome for outcome in made.outcomes if outcome["proof"]]
    if len(outcomes) != 1:
        pytest.skip("several changes on top of each other: each is a commit of its own")
    claim = claimed(files, made.files, outcomes[0])
    parts = {part.name: (part.again.value, part.detail) for part in claim.parts}
    del parts["policy"]  # the record of these tests names no row
    assert {answer for answer, _ in parts.values()} == {"pass"}, parts
    lie = claimed(files, made.files, outcomes[0], After=outcomes[0]["proof"]["before"])
    assert lie.is_wrong


def replaced(folder: Path) -> tuple[dict[str, str], policies.Mended]:
    """A role's policy of AWS's, and one of the code with what is used in its place."""
    files = {"main.tf": test_aws_managed.with_arns(f'["{test_aws_managed.FULL}"]')}
    resources = [policies.role("app", managed_policy_arns=[test_aws_managed.FULL])]
    found = test_aws_managed.found("sqs:DeleteQueue")
    return files, policies.mend(folder, files, resources, [found])


def answers(claim: Claim) -> dict[str, str]:
    return {p.name: p.again.value for p in claim.parts if p.name not in ("policy", "digests")}


def test_what_takes_the_place_of_aws_s_is_named_and_its_width_not_known(tmp_path: Path) -> None:
    """The text of AWS's policy is not in the two trees."""
    files, made = replaced(tmp_path)
    claim = claimed(files, made.files, made.only)
    assert answers(claim) == {"addresses": "pass", "access": "pass", "narrower": "unknown"}
    assert not claim.is_wrong


def test_another_policy_than_the_record_s_is_found(tmp_path: Path) -> None:
    files, made = replaced(tmp_path)
    wider = {"main.tf": made.files["main.tf"].replace('"sqs:AddPermission"', '"iam:*"')}
    assert answers(claimed(files, wider, made.only))["access"] == "wrong"


def test_a_policy_that_was_there_is_not_created(tmp_path: Path) -> None:
    """Its After names it: it would widen one that others have."""
    files, made = replaced(tmp_path)
    own = 'resource "aws_iam_policy" "mine" {{\n  policy = jsonencode({{ Statement = {} }})\n}}\n'
    before = {"main.tf": files["main.tf"] + own.format("[]")}
    allow = '[{ Effect = "Allow", Action = "*", Resource = "*" }]'
    after = {"main.tf": made.files["main.tf"] + own.format(allow)}
    told = json.loads(made.only["proof"]["after"]) | {"aws_iam_policy.mine": {"policy": {}}}
    claim = claimed(before, after, made.only, After=json.dumps(told))
    assert answers(claim)["addresses"] == "wrong"


@pytest.mark.parametrize("name", CASES)
def test_nothing_of_it_is_wider(name: str, tmp_path: Path) -> None:
    """Compared by `verify` itself, which knows nothing of finding classes."""
    files, resources, findings = given(CASES[name])
    made = policies.mend(tmp_path, files, resources, findings)
    both = sides(files, made.files)
    changed = [path for path in files if files[path] != made.files[path]]
    found = [d for r in affected(*both, changed) for d in differences(*both, r, written())]
    assert found
    assert {d.answer.value for d in found} <= {"narrower", "same", "unknown"}, found
