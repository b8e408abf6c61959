"""What a plan's policies come to, against what was predicted of them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from plans import change, plan

from remediator.model import Check, Refusal, Verdict
from remediator.terraform.facets import statements
from remediator.terraform.judge import Expected, judge
from remediator.terraform.plan import Effect

ADDRESS = "aws_iam_role_policy.own"


def document(*actions: str) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": [*actions], "Resource": "*"}],
    }


def values(*actions: str, **more: Any) -> dict[str, Any]:
    policy = json.dumps(document(*actions))
    return {"id": "app:own", "name": "own", "role": "app", "policy": policy, **more}


BOTH, ONE = values("s3:GetObject", "s3:PutObject"), values("s3:GetObject")
EXPECTED = {ADDRESS: Expected(Effect.UPDATE, {"policy": statements(document("s3:GetObject"))})}


def judged(after: dict[str, Any], **more: Any) -> Check | Refusal:
    was = plan(change(ADDRESS, "no-op", BOTH, BOTH))
    return judge(was, plan(change(ADDRESS, "update", after, BOTH, **more)), EXPECTED)


def test_the_plan_is_as_predicted() -> None:
    answer = judged(ONE)
    assert isinstance(answer, Check)
    assert answer.verdict is Verdict.PASS


@pytest.mark.parametrize(
    "after",
    [
        values("s3:PutObject"),
        values("s3:GetObject", name="other"),
        values(),
    ],
    ids=["another policy", "another name too", "no actions"],
)
def test_another_plan_refuses(after: dict[str, Any]) -> None:
    answer = judged(after)
    assert isinstance(answer, Refusal)
    assert answer.code == "plan-differs"


def test_a_policy_that_is_known_after_the_apply_only_is_left_open() -> None:
    answer = judged({k: v for k, v in ONE.items() if k != "policy"}, unknown={"policy": True})
    assert isinstance(answer, Check)
    assert answer.verdict is Verdict.UNKNOWN


def test_a_text_that_is_no_policy_is_left_open() -> None:
    answer = judged({**ONE, "policy": "no policy"})
    assert not (isinstance(answer, Check) and answer.verdict is Verdict.PASS)


def test_a_list_of_one_is_its_item_and_the_order_does_not_count() -> None:
    one = {"Statement": {"Effect": "Allow", "Action": "a:B", "Resource": ["y", "x"]}}
    other = {"Statement": [{"Action": ["a:B"], "Resource": ["x", "y"], "Effect": "Allow"}]}
    assert statements(one) == statements(other)  # type: ignore[arg-type]  # JSON
