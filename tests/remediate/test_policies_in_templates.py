"""Unused permissions in a policy that a template makes: closed there, for review."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from policies import mend
from test_unused_permissions import BEFORE, JSON, LINE, STATE, found, own, policy

CALL = 'templatefile("${path.module}/p.tftpl", { resource = %s })'
TEMPLATE = JSON.replace('"*"', '"${resource}"')
WALK = '["s3:GetObject"%{ for a in ["s3:DeleteBucket", "sqs:SendMessage"] }, "${a}"%{ endfor }]'
WALKED = TEMPLATE.replace('["s3:GetObject", "s3:DeleteBucket", "sqs:SendMessage"]', WALK)
OF_BUCKET = policy({**BEFORE["Statement"][0], "Resource": "arn:aws:s3:::b/*"})


def files(template: str, resource: str = '"*"') -> dict[str, str]:
    return {"main.tf": own(CALL % resource), "p.tftpl": template}


REWRITTEN = {
    "a resource is inserted": (files(TEMPLATE), BEFORE),
    "nothing is inserted": (files(JSON), BEFORE),
    "what is inserted is not known": (
        files(TEMPLATE.replace("${resource}", "${resource}/*"), "aws_s3_bucket.b.arn"),
        OF_BUCKET,
    ),
}


@pytest.mark.parametrize(("given", "live"), REWRITTEN.values(), ids=REWRITTEN)
def test_rewritten(given: dict[str, str], live: Any, tmp_path: Path) -> None:
    made = mend(tmp_path, given, STATE, found(live))
    told = [(o["outcome"], o["reason"], made.checks()) for o in made.outcomes]
    assert made.files == {**given, "p.tftpl": given["p.tftpl"].replace(LINE, "")}, told
    assert {(o["outcome"], o["disposition"]) for o in made.outcomes} == {("proposed", "review")}
    assert "p.tftpl has no second reader" in " | ".join(made.checks().values())


def test_an_action_that_a_walk_makes_is_refused(tmp_path: Path) -> None:
    given = files(WALKED)
    made = mend(tmp_path, given, STATE, found())
    assert made.files == given
    assert [o["outcome"] for o in made.outcomes] == ["refused"], made.outcomes
    assert len(made.only["reason"]["text"]) > 30


def test_a_template_without_the_action_is_left_alone(tmp_path: Path) -> None:
    given = files(TEMPLATE.replace(LINE, ""))
    made = mend(tmp_path, given, STATE, found())
    assert made.files == given
    assert made.only["outcome"] == "drifted"
