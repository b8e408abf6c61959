"""Merged changes of keys, attachments and Lambda's permissions: applied is what is live, once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from commandline import SmallStage, main_head, refs, run, somebody_pushes
from identityworld import REGION, STRANGER, World, allow, document, trusting
from test_run_applied import _merged_on_new_years_day
from test_run_applied_policies import FILE, notes, staged

from remediator.aws.permissions import action_of
from remediator.commands.permissions import DECLARED
from remediator.embedded.aws import ACCOUNT
from remediator.embedded.stage import BUCKET

AWS = "arn:aws:iam::aws:policy"
TRUST = """\
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
"""
KEY = """\
resource "aws_iam_user" "ci" {
  name = "ci"
}

resource "aws_iam_access_key" "ci" {
  user = aws_iam_user.ci.name
}
"""
ROLE = f"""\
resource "aws_iam_role" "wide" {{
  name = "wide"
{TRUST}}}

resource "aws_iam_role_policy_attachment" "sqs" {{
  role       = aws_iam_role.wide.name
  policy_arn = "{AWS}/AmazonSQSFullAccess"
}}
"""
IDLE = f"""
resource "aws_iam_role_policy_attachment" "sns" {{
  role       = aws_iam_role.wide.name
  policy_arn = "{AWS}/AmazonSNSFullAccess"
}}
"""
LISTED = f"""\
resource "aws_iam_role" "wide" {{
  name = "wide"
  managed_policy_arns = [
    "{AWS}/AmazonSQSFullAccess",
    "{AWS}/AmazonSNSFullAccess",
  ]
{TRUST}}}
"""
PERSON = f"""\
resource "aws_iam_user" "ci" {{
  name = "ci"
}}

resource "aws_iam_user_policy_attachment" "sqs" {{
  user       = aws_iam_user.ci.name
  policy_arn = "{AWS}/AmazonSQSFullAccess"
}}
"""
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:report"
PERMISSIONS = f"""\
resource "aws_lambda_permission" "stranger" {{
  function_name = "{FUNCTION}"
  principal     = "{STRANGER}"
  action        = "lambda:InvokeFunction"
}}

resource "aws_lambda_permission" "bucket" {{
  function_name = "{FUNCTION}"
  principal     = "s3.amazonaws.com"
  action        = "lambda:InvokeFunction"
  source_arn    = "arn:aws:s3:::reports-of-acme"
}}
"""
Stages = Callable[..., SmallStage]


@pytest.fixture
def stages(tmp_path: Path) -> Iterator[Stages]:
    made: list[SmallStage] = []

    def make(*texts: str) -> SmallStage:
        used = {"wide": ["sqs:ListQueues"]} if "aws_iam_role" in texts[0] else {}
        made.append(staged(tmp_path, used, *texts))
        return made[-1]

    yield make
    for stage in made:
        stage.__exit__(None, None, None)


def merged(stage: SmallStage, outcome: str = "proposed") -> SmallStage:
    """The change is made, and merged by a person where it is for review."""
    ends = [o["outcome"] for o in run(stage).outcomes]
    assert outcome in ends, ends
    for branch in [b for b in refs(stage.remote) if b.startswith("refs/heads/remediator/")]:
        place = stage.folder / "person"
        stage.git("clone", "--quiet", str(stage.remote), str(place), folder=stage.folder)
        name = branch.removeprefix("refs/heads/")
        stage.git("merge", "--quiet", "--no-ff", "-m", "Merge it", f"origin/{name}", folder=place)
        stage.git("push", "--quiet", "origin", "main", folder=place)
        stage.git("push", "--quiet", "origin", f":{name}", folder=place)
    return stage


def waiting(stage: SmallStage) -> list[tuple[list[str], bool]]:
    """Of what a run says is not applied, the addresses and whether it is overdue."""
    ran = run(stage)
    assert ran.status == 0, ran.err
    assert ran.document is not None
    return [(w["addresses"], w["overdue"]) for w in ran.document["awaiting_apply"]]


def applied(stage: SmallStage) -> list[str]:
    return [n["Applied-How"] for n in notes(stage).values() if "Applied" in n]


# Keys -----------------------------------------------------------------------------------------


def key(stage: SmallStage) -> dict[str, Any]:
    (found,) = stage.client("iam").list_access_keys(UserName="ci")["AccessKeyMetadata"]
    return dict(found)


def test_a_key_is_applied_once_it_is_inactive(stages: Stages) -> None:
    stage = merged(stages(KEY), "merged")
    ran = run(stage)
    assert ran.document is not None
    assert ran.document["aws_calls"]["iam:ListAccessKeys"] == 1
    assert "iam:ListAccessKeys" in {p.action for p in DECLARED}
    assert waiting(stage) == [(["live/prod:aws_iam_access_key.ci"], False)]
    assert notes(stage) == {}
    stage.apply()
    assert key(stage)["Status"] == "Inactive"
    assert waiting(stage) == []
    assert applied(stage) == [
        "the live status of live/prod:aws_iam_access_key.ci is the record's after"
    ]
    before = refs(stage.remote)
    assert waiting(stage) == []
    assert refs(stage.remote) == before


def test_a_key_that_is_gone_is_not_inactive(stages: Stages) -> None:
    """Somebody deleted it by hand, and the state still has it."""
    stage = merged(stages(KEY), "merged")
    stage.client("iam").delete_access_key(UserName="ci", AccessKeyId=key(stage)["AccessKeyId"])
    overdue(stage, "live/prod:aws_iam_access_key.ci; what is live is neither")


def test_a_key_of_a_user_who_is_gone_is_not_inactive(stages: Stages) -> None:
    stage = merged(stages(KEY), "merged")
    iam = stage.client("iam")
    iam.delete_access_key(UserName="ci", AccessKeyId=key(stage)["AccessKeyId"])
    iam.delete_user(UserName="ci")
    assert waiting(stage) == [(["live/prod:aws_iam_access_key.ci"], False)]
    assert applied(stage) == []


def test_a_key_that_waits_too_long_is_reported(stages: Stages) -> None:
    overdue(merged(stages(KEY), "merged"), "live/prod:aws_iam_access_key.ci; apply it")


@pytest.mark.parametrize("fault", ["deny", "throttle"])
def test_a_key_that_nobody_tells_of_is_not_applied(stages: Stages, fault: str) -> None:
    stage = merged(stages(KEY), "merged")
    stage.apply()
    getattr(stage.aws.faults, fault)("iam:ListAccessKeys")
    ran = run(stage)
    assert ran.status == 3
    assert "iam:ListAccessKeys" in ran.err
    assert ran.document is not None
    assert ran.document["awaiting_apply"] == []
    assert applied(stage) == []


def test_a_key_whose_state_is_not_read_is_not_applied(stages: Stages) -> None:
    stage = merged(stages(KEY), "merged")
    stage.apply()
    stage.client("s3").delete_object(Bucket=BUCKET, Key="live/prod.tfstate")
    assert waiting(stage) == []
    assert applied(stage) == []


def test_an_account_that_is_not_looked_into_is_not_known(stages: Stages) -> None:
    """The state is of an account that this run does not see any more."""
    stage = merged(stages(KEY), "merged")
    stage.apply()
    state = stage.client("s3").get_object(Bucket=BUCKET, Key="live/prod.tfstate")["Body"].read()
    moved = state.replace(f"iam::{ACCOUNT}:".encode(), f"iam::{STRANGER}:".encode())
    stage.client("s3").put_object(Bucket=BUCKET, Key="live/prod.tfstate", Body=moved)
    assert waiting(stage) == []
    assert applied(stage) == []


# Policies of AWS's --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "addresses"),
    [
        ((ROLE,), ["aws_iam_role_policy_attachment.sqs"]),
        (
            (ROLE, IDLE),
            ["aws_iam_role_policy_attachment.sns", "aws_iam_role_policy_attachment.sqs"],
        ),
        ((LISTED,), ["aws_iam_role.wide"]),
    ],
    ids=["in its place", "one goes", "a role's list"],
)
def test_a_policy_of_aws_s_is_applied_once_it_gave_way(
    stages: Stages, texts: tuple[str, ...], addresses: list[str]
) -> None:
    stage = merged(stages(*texts))
    where = [f"live/prod:{a}" for a in addresses]
    ((told, late),) = waiting(stage)
    assert (sorted(told), late) == (where, False)
    assert notes(stage) == {}
    stage.apply()
    assert waiting(stage) == []
    (how,) = applied(stage)
    assert how.startswith("what is attached live at live/prod:")
    assert how.endswith(" is the record's after")
    before = refs(stage.remote)
    assert waiting(stage) == []
    assert refs(stage.remote) == before


def test_of_a_person_too(stages: Stages) -> None:
    stage = stages(PERSON)
    World(stage.aws, stage.aws.session((REGION,))).used(
        f"arn:aws:iam::{ACCOUNT}:user/ci", "sqs:ListQueues"
    )
    merged(stage)
    assert waiting(stage) == [(["live/prod:aws_iam_user_policy_attachment.sqs"], False)]
    stage.apply()
    iam = stage.client("iam")
    iam.create_group(GroupName="queues")
    iam.attach_group_policy(GroupName="queues", PolicyArn=f"{AWS}/AmazonSQSFullAccess")
    iam.add_user_to_group(GroupName="queues", UserName="ci")
    assert waiting(stage) == []  # a group's policies are no attachment of the member's own
    assert len(applied(stage)) == 1


def test_detached_by_hand_is_not_what_the_change_made(stages: Stages) -> None:
    stage = merged(stages(ROLE))
    stage.client("iam").detach_role_policy(RoleName="wide", PolicyArn=f"{AWS}/AmazonSQSFullAccess")
    overdue(stage, "live/prod:aws_iam_role_policy_attachment.sqs; what is live is neither")


def test_attached_again_by_hand_is_not_applied(stages: Stages) -> None:
    stage = merged(stages(ROLE))
    stage.apply()
    stage.client("iam").attach_role_policy(RoleName="wide", PolicyArn=f"{AWS}/AmazonSQSFullAccess")
    overdue(stage, "live/prod:aws_iam_role_policy_attachment.sqs; apply it")


def test_what_took_its_place_and_was_changed_by_hand_is_not_applied(stages: Stages) -> None:
    stage = merged(stages(ROLE))
    stage.apply()
    iam = stage.client("iam")
    (own,) = iam.list_policies(Scope="Local")["Policies"]
    iam.create_policy_version(
        PolicyArn=own["Arn"], PolicyDocument=document(allow("sqs:*")), SetAsDefault=True
    )
    assert waiting(stage) == [(["live/prod:aws_iam_role_policy_attachment.sqs"], False)]
    assert applied(stage) == []


@pytest.mark.parametrize("text", [ROLE, LISTED], ids=["attachment", "list"])
def test_what_nobody_tells_of_is_not_applied(stages: Stages, text: str) -> None:
    stage = merged(stages(text))
    stage.apply()
    stage.aws.faults.deny("iam:GetAccountAuthorizationDetails")
    ran = run(stage)
    assert ran.status == 3
    assert ran.document is not None
    assert ran.document["awaiting_apply"] == []
    assert applied(stage) == []


# Lambda's permissions -------------------------------------------------------------------------


@pytest.fixture
def function(stages: Stages) -> SmallStage:
    """A function that a bucket and a stranger may call; what the stranger may is merged away."""
    stage = stages("")
    trust = trusting({"Service": "lambda.amazonaws.com"})
    role = stage.client("iam").create_role(RoleName="f", AssumeRolePolicyDocument=trust)
    functions = stage.client("lambda")
    functions.create_function(
        FunctionName="report",
        Runtime="python3.12",
        Role=role["Role"]["Arn"],
        Handler="x.y",
        Code={"ZipFile": b"PK"},
    )
    let_in(stage, "stranger", Principal=STRANGER)
    let_in(stage, "bucket", Principal="s3.amazonaws.com", SourceArn="arn:aws:s3:::reports-of-acme")
    text = stage.git("show", f"{main_head(stage)}:{FILE}", folder=stage.remote)
    somebody_pushes(stage, FILE, f"{text}\n{PERMISSIONS}")
    permissions_in_state(stage, "stranger", "bucket")
    return merged(stage, "merged")


def let_in(stage: SmallStage, name: str, **who: str) -> None:
    stage.client("lambda").add_permission(
        FunctionName="report", StatementId=name, Action="lambda:InvokeFunction", **who
    )


def permissions_in_state(stage: SmallStage, *names: str) -> None:
    """As Terraform leaves it: the demo's applier knows no permissions."""
    resources = [
        {"mode": "managed", "type": "aws_lambda_permission", "name": name, "instances": [
            {"attributes": {"id": name, "statement_id": name, "function_name": FUNCTION}}]}
        for name in names
    ]  # fmt: skip
    state = json.dumps({"version": 4, "resources": resources})
    stage.client("s3").put_object(Bucket=BUCKET, Key="live/prod.tfstate", Body=state.encode())


def apply_permissions(stage: SmallStage) -> None:
    stage.client("lambda").remove_permission(FunctionName="report", StatementId="stranger")
    permissions_in_state(stage, "bucket")


def test_a_permission_is_applied_once_it_is_gone(function: SmallStage) -> None:
    assert waiting(function) == [(["live/prod:aws_lambda_permission.stranger"], False)]
    assert notes(function) == {}
    apply_permissions(function)
    assert waiting(function) == []
    assert applied(function) == [
        "the live policy of live/prod:aws_lambda_permission.stranger is the record's after"
    ]
    before = refs(function.remote)
    assert waiting(function) == []
    assert refs(function.remote) == before


def test_what_is_asked_for_a_permission_is_declared(function: SmallStage) -> None:
    apply_permissions(function)
    ran = run(function)
    assert ran.document is not None
    called = {action_of(*name.split(":")) for name in ran.document["aws_calls"]}
    assert called <= {p.action for p in DECLARED} | {"s3:GetObject"}
    assert "lambda:GetPolicy" in called


def test_a_permission_that_waits_too_long_is_reported(function: SmallStage) -> None:
    overdue(function, "live/prod:aws_lambda_permission.stranger; apply it")


def test_a_permission_that_was_given_again_by_hand_is_not_gone(function: SmallStage) -> None:
    apply_permissions(function)
    let_in(function, "again", Principal=STRANGER)
    run(function)
    assert applied(function) == []


def test_a_permission_that_nobody_tells_of_is_not_gone(function: SmallStage) -> None:
    apply_permissions(function)
    function.aws.faults.deny("lambda:GetPolicy")
    ran = run(function)
    assert (ran.status, "lambda:GetPolicy" in ran.err) == (3, True)
    assert applied(function) == []


def overdue(stage: SmallStage, words: str) -> None:
    """It is not applied, and so late that it is told."""
    stage.configure(limits="{apply_within_hours: 1}")
    stage.git("fetch", "--quiet", "origin")
    _merged_on_new_years_day(stage)
    ran = run(stage)
    assert f"and not applied: {words}" in ran.err
    assert ran.document is not None
    assert [w["overdue"] for w in ran.document["awaiting_apply"]] == [True]
    assert applied(stage) == []
