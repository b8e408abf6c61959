"""The demo's identities, by its own applier: what is made, changed and removed, and found."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import pytest
from accounts import findings

from remediator.embedded.aws import ACCOUNT
from remediator.embedded.replay import denied
from remediator.embedded.scenario import NEW_ROOTS, OLD_ROOTS, SUPPLIER, set_up
from remediator.embedded.stage import BUCKET, Stage

NOW = datetime.now(UTC)
ROOTS = (*OLD_ROOTS, *NEW_ROOTS)


@dataclass(frozen=True)
class World:
    stage: Stage
    unused: dict[str, set[str]]
    external: dict[str, str]

    def state(self, root: str) -> dict[str, Any]:
        s3 = self.stage.client("s3")
        return json.loads(s3.get_object(Bucket=BUCKET, Key=f"{root}.tfstate")["Body"].read())


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("identities")
    with (
        as_file(files("remediator.embedded") / "identities") as source,
        Stage(folder, False, NOW.date(), source, OLD_ROOTS) as stage,
    ):
        set_up(stage, NOW)
        made = stage.client("accessanalyzer").list_analyzers()["analyzers"]
        arns = {analyzer["name"]: analyzer["arn"] for analyzer in made}
        unused: dict[str, set[str]] = {}
        for found in findings(stage.session, arns["unused"]):
            unused.setdefault(found["resource"].rpartition("/")[2], set()).add(found["findingType"])
        external = {
            found["resource"].rpartition(":")[2].rpartition("/")[2]: found["resourceType"]
            for found in findings(stage.session, arns["external"])
        }
        yield World(stage, unused, external)


def test_every_identity_is_found_as_it_is_meant(world: World) -> None:
    permission = {"UnusedPermission"}
    assert world.unused == {
        **dict.fromkeys(
            [
                *("orders-api", "invoices", "exports", "mailer", "thumbnailer"),
                *("search-crawler", "search-indexer", "deployer", "reports-job"),
                *("quarterly-close", "legacy-batch", "db-maintenance", "break-glass-admin"),
                *("log-collector", "log-shipper", "archive", "everything-but"),
                *("console-edited", "console-made-role", "billing", "anna", "ben"),
            ],
            permission,
        ),
        "carla": {"UnusedPermission", "UnusedIAMUserAccessKey"},
        "uploader": {"UnusedIAMUserAccessKey"},
        "erik": {"UnusedIAMUserPassword"},
        "old-migration": {"UnusedIAMRole"},
    }


def test_everybody_from_outside_is_found(world: World) -> None:
    secret = next(name for name in world.external if name.startswith("exchange-"))
    key = next(name for name, kind in world.external.items() if kind == "AWS::KMS::Key")
    assert world.external == {
        "partner-export": "AWS::IAM::Role",
        "vendor-sync": "AWS::IAM::Role",
        "audit-reader": "AWS::IAM::Role",
        "example-exchange": "AWS::S3::Bucket",
        "news": "AWS::SNS::Topic",
        "images": "AWS::ECR::Repository",
        secret: "AWS::SecretsManager::Secret",
        key: "AWS::KMS::Key",
    }


def test_nothing_that_is_used_is_denied(world: World) -> None:
    """Where moto can tell: the roles for others have no policies, and are only assumed."""
    uses = [use for use in world.stage.aws.use.uses if not use.action.startswith("sts:")]
    gone = {use.principal.rpartition("/")[2] for use in denied(uses)}
    assert gone == set()


def test_the_state_has_what_terraform_would_write(world: World) -> None:
    found = {
        (one["type"], one["name"]): [i["attributes"] for i in one["instances"]]
        for root in ROOTS
        for one in world.state(root)["resources"]
    }
    (role,) = found["aws_iam_role", "orders_api"]
    assert role["arn"] == f"arn:aws:iam::{ACCOUNT}:role/orders-api"
    assert role["unique_id"].startswith("AROA")
    assert role["tags"] == {"Team": "orders"}
    (inline,) = found["aws_iam_role_policy", "orders_api"]
    assert inline["id"] == "orders-api:orders-api"
    assert json.loads(inline["policy"])["Statement"][0]["Sid"] == "Invoices"
    (policy,) = found["aws_iam_policy", "exports"]
    assert policy["id"] == policy["arn"] == f"arn:aws:iam::{ACCOUNT}:policy/teams/data/exports"
    assert len(found["aws_iam_role_policy_attachment", "log"]) == 2
    (deployer,) = found["aws_iam_role", "deployer"]
    assert [one["name"] for one in deployer["inline_policy"]] == ["deploy"]
    assert "secret" not in found["aws_iam_access_key", "carla"][0]
    assert (SUPPLIER in found["aws_s3_bucket_policy", "exchange"][0]["policy"]) is True


def edited(stage: Stage, path: str, before: str, after: str) -> None:
    file = stage.checkout / path
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after), encoding="utf-8")


def pushed(stage: Stage, *roots: str) -> None:
    for arguments in (
        ("add", "--all"),
        ("commit", "-qm", "Change"),
        ("push", "-q", "origin", "main"),
    ):
        stage.git(*arguments)
    kept, stage.roots = stage.roots, roots
    stage.apply()
    stage.roots = kept


def test_changes_are_applied_in_place_and_what_is_gone_is_removed(
    tmp_path: Path, aws_environment: pytest.MonkeyPatch
) -> None:
    with (
        as_file(files("remediator.embedded") / "identities") as source,
        Stage(tmp_path, False, NOW.date(), source, OLD_ROOTS) as stage,
    ):
        stage.prepare_aws()
        stage.apply()
        iam, s3 = stage.client("iam"), stage.client("s3")
        before = iam.get_role(RoleName="partner-export")["Role"]["RoleId"]
        edited(stage, "live/sharing/roles.tf", f'"arn:aws:iam::{SUPPLIER}:root", # the supp', "# ")
        edited(stage, "live/services/invoices.tf", '"sqs:SendMessage",', '"sqs:SendMessage"')
        edited(stage, "live/services/invoices.tf", '            "sqs:DeleteQueue"\n', "")
        edited(stage, "live/services/deployer.tf", '"iam:PassRole"', '"iam:GetRole"')
        edited(stage, "live/services/wide.tf", '"arn:aws:iam::aws:policy/AmazonSQSFullAccess"', "")
        active = 'user   = aws_iam_user.carla.name\n  status = "Active"'
        edited(stage, "live/people/users.tf", active, active.replace("Active", "Inactive"))
        resources = stage.checkout / "live/sharing/resources.tf"
        text = resources.read_text(encoding="utf-8")
        cut = text.index('resource "aws_s3_bucket_policy"'), text.index('resource "aws_sns_topic"')
        resources.write_text(text[: cut[0]] + text[cut[1] :], encoding="utf-8")
        anna = (
            'resource "aws_iam_user_login_profile" "anna" {\n  user = aws_iam_user.anna.name\n}\n'
        )
        edited(stage, "live/people/users.tf", anna, "")
        (stage.checkout / "live/people/groups.tf").rename(stage.checkout / "live/people/groups.txt")
        edited(stage, "live/people/users.tf", "policy_arn = aws_iam_policy.builds.arn", _POLICY)
        pushed(stage, *OLD_ROOTS)
        role = iam.get_role(RoleName="partner-export")["Role"]
        assert role["RoleId"] == before
        assert SUPPLIER not in json.dumps(role["AssumeRolePolicyDocument"])
        policy = f"arn:aws:iam::{ACCOUNT}:policy/invoices"
        versions = iam.list_policy_versions(PolicyArn=policy)["Versions"]
        assert [v["VersionId"] for v in versions if v["IsDefaultVersion"]] == ["v2"]
        inline = iam.get_role_policy(RoleName="deployer", PolicyName="deploy")["PolicyDocument"]
        assert "iam:PassRole" not in json.dumps(inline)
        attached = iam.list_attached_role_policies(RoleName="archive")["AttachedPolicies"]
        assert attached == []
        (key,) = iam.list_access_keys(UserName="carla")["AccessKeyMetadata"]
        assert key["Status"] == "Inactive"
        assert iam.list_groups()["Groups"] == []
        assert "anna" not in {user["UserName"] for user in iam.list_users()["Users"]}
        with pytest.raises(s3.exceptions.ClientError, match="NoSuchBucketPolicy"):
            s3.get_bucket_policy(Bucket="example-exchange")


_POLICY = 'policy_arn = "arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess"'
