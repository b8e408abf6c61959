"""Policies of every kind: applied, narrowed by `fix` with the live documents, planned and applied
again by the real terraform."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from commandline import remediator

from remediator.embedded.aws import REGION, EmbeddedAws
from remediator.embedded.terraform import Plan

if TYPE_CHECKING:
    from conftest import NewTerraform

pytestmark = pytest.mark.e2e

ACCOUNT = "123456789012"
STRANGER = "arn:aws:iam::444455556666:root"
TRUST = """\
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "each" {
  for_each = toset(["encoded", "heredoc", "document", "file", "shared", "other", "gone"])

  name               = each.key
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_s3_bucket" "data" {
  bucket = "data-of-the-test"
}
"""
POLICIES = """\
resource "aws_iam_role_policy" "encoded" {
  name = "own"
  role = aws_iam_role.each["encoded"].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Data"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:DeleteObject", "sqs:*"]
        Resource = ["${aws_s3_bucket.data.arn}/*"]
      },
      {
        Effect   = "Allow"
        Action   = "sqs:SendMessage"
        Resource = "*"
      },
    ]
  })
}

resource "aws_iam_role_policy" "heredoc" {
  name   = "own"
  role   = aws_iam_role.each["heredoc"].id
  policy = <<-EOT
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Effect": "Allow",
          "Action": [
            "s3:GetObject",
            "sqs:*Message"
          ],
          "Resource": "${aws_s3_bucket.data.arn}/*"
        }
      ]
    }
  EOT
}

data "aws_iam_policy_document" "own" {
  # old
  statement {
    actions   = ["s3:DeleteObject"]
    resources = ["*"]
  }

  statement {
    actions   = ["s3:GetObject", "s3:DeleteObject"]
    resources = [aws_s3_bucket.data.arn]
  }
}

resource "aws_iam_role_policy" "document" {
  name   = "own"
  role   = aws_iam_role.each["document"].name
  policy = data.aws_iam_policy_document.own.json
}

resource "aws_iam_role_policy" "file" {
  name   = "own"
  role   = aws_iam_role.each["file"].name
  policy = file("${path.module}/policy.json")
}

resource "aws_iam_role_policy" "gone" {
  name = "own"
  role = aws_iam_role.each["gone"].name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sqs:*", Resource = "*" }]
  })
}

resource "aws_iam_policy" "shared" {
  name = "shared"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["s3:GetObject", "s3:DeleteObject"], Resource = "*" }]
  })
}

resource "aws_iam_role_policy_attachment" "shared" {
  for_each = toset(["shared", "other"])

  role       = aws_iam_role.each[each.key].name
  policy_arn = aws_iam_policy.shared.arn
}

resource "aws_iam_role" "inline" {
  name               = "inline"
  assume_role_policy = data.aws_iam_policy_document.trust.json

  inline_policy {
    name = "own"
    policy = jsonencode({
      Version = "2012-10-17"
      Statement = [
        { Effect = "Allow", Action = ["s3:GetObject", "s3:DeleteObject"], Resource = "*" },
      ]
    })
  }
}

resource "aws_iam_role" "partner" {
  name = "partner"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = ["arn:aws:iam::123456789012:root", "arn:aws:iam::444455556666:root"] }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_s3_bucket_policy" "data" {
  bucket = aws_s3_bucket.data.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::444455556666:root" }
      Action    = "s3:GetObject"
      Resource  = "${aws_s3_bucket.data.arn}/*"
    }]
  })
}

resource "aws_iam_user" "ci" {
  name = "ci"
}

resource "aws_iam_access_key" "ci" {
  user = aws_iam_user.ci.name
}

resource "aws_iam_user_policy" "ci" {
  name = "own"
  user = aws_iam_user.ci.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["s3:GetObject", "s3:DeleteObject"], Resource = "*" }]
  })
}
"""
FILE = """\
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": [
        "s3:GetObject",
        "s3:DeleteObject"
      ],
      "Resource": "*"
    }
  ]
}
"""
UPDATED = {
    "aws_iam_role_policy.encoded",
    "aws_iam_role_policy.heredoc",
    "aws_iam_role_policy.document",
    "aws_iam_role_policy.file",
    "aws_iam_policy.shared",
    "aws_iam_role.inline",
    "aws_iam_role.partner",
    "aws_iam_access_key.ci",
    "aws_iam_user_policy.ci",
}
DELETED = {"aws_iam_role_policy.gone", "aws_s3_bucket_policy.data"}
ROLES = ("encoded", "heredoc", "document", "file", "shared", "other", "gone", "inline")


def finding(cls: str, kind: str, arn: str, evidence: dict[str, Any]) -> dict[str, Any]:
    name = arn.rpartition("/")[2]
    resource = {"type": kind, "id": name, "arn": arn, "account": ACCOUNT, "region": "eu-central-1"}
    return {
        "class": cls,
        "id": f"{cls}/{arn}",
        "resource": {**resource, "name": name, "tags": {}},
        "evidence": {"traits": ["service-role", "unknown-account"], **evidence},
        "observed_at": datetime.now(UTC).isoformat(),
    }


def unused(iam: Any, kind: str, name: str) -> dict[str, Any]:
    """Deleting of objects, and all of SQS but receiving and sending by the role `heredoc`."""
    arn = f"arn:aws:iam::{ACCOUNT}:{kind}/{name}"
    named = {f"{kind.capitalize()}Name": name}
    policies = []
    for policy in iam[f"list_{kind}_policies"](**named)["PolicyNames"]:
        document = iam[f"get_{kind}_policy"](**named, PolicyName=policy)["PolicyDocument"]
        policies.append({"id": policy, "kind": "inline", "document": document, "attached": [arn]})
    for one in iam[f"list_attached_{kind}_policies"](**named)["AttachedPolicies"]:
        policy = one["PolicyArn"]
        version = iam["get_policy"](PolicyArn=policy)["Policy"]["DefaultVersionId"]
        document = iam["get_policy_version"](PolicyArn=policy, VersionId=version)
        roles = iam["list_entities_for_policy"](PolicyArn=policy)["PolicyRoles"]
        who = [f"arn:aws:iam::{ACCOUNT}:role/{r['RoleName']}" for r in roles]
        policies.append(
            {
                "id": policy,
                "kind": "customer",
                "document": document["PolicyVersion"]["Document"],
                "attached": who,
            }
        )
    goes: dict[str, list[str]] = {"services": ["sqs"], "actions": ["s3:DeleteObject"]}
    if name == "heredoc":
        goes = {"services": [], "actions": ["sqs:DeleteMessage"]}
    if name == "gone":
        goes = {"services": ["sqs"], "actions": []}
    if name not in ("encoded", "heredoc", "gone"):
        goes["services"] = []
    evidence = {"removable": {**goes, "unexplained": []}, "live": {"policies": policies}}
    return finding("unused-permissions", f"AWS::IAM::{kind.capitalize()}", arn, evidence)


def findings(aws: EmbeddedAws) -> list[dict[str, Any]]:
    client = aws.session().client("iam", REGION)
    iam = {name: getattr(client, name) for name in dir(client) if name[0] != "_"}
    found = [unused(iam, "role", name) for name in ROLES] + [unused(iam, "user", "ci")]
    trust = iam["get_role"](RoleName="partner")["Role"]["AssumeRolePolicyDocument"]
    bucket = json.loads(
        aws.session().client("s3", REGION).get_bucket_policy(Bucket="data-of-the-test")["Policy"]
    )
    for kind, arn, document in (
        ("AWS::IAM::Role", f"arn:aws:iam::{ACCOUNT}:role/partner", trust),
        ("AWS::S3::Bucket", "arn:aws:s3:::data-of-the-test", bucket),
    ):
        evidence = {"principal": {"AWS": STRANGER}, "live": {"document": document}}
        found.append(finding("external-access", kind, arn, evidence))
    (key,) = iam["list_access_keys"](UserName="ci")["AccessKeyMetadata"]
    evidence = {
        "kind": "access-key",
        "access_key_id": key["AccessKeyId"],
        "created_at": "2026-01-01T00:00:00Z",
        "last_accessed": None,
    }
    user = f"arn:aws:iam::{ACCOUNT}:user/ci"
    return [*found, finding("unused-credentials", "AWS::IAM::User", user, evidence)]


def fixed(folder: Path, given: list[dict[str, Any]], *more: str) -> list[dict[str, Any]]:
    (folder / "findings.json").write_text(json.dumps({"version": 1, "findings": given}))
    out, state = folder / "out.json", folder / "infra" / "terraform.tfstate"
    files = ("--findings", folder / "findings.json", "--state", state, "--json", out)
    ran = remediator("fix", folder / "infra", *files, *more)
    assert out.exists(), ran.err
    document: list[dict[str, Any]] = json.loads(out.read_text())["outcomes"]
    return document


def test_the_plan_shows_updates_in_place_and_the_removals_that_were_meant(
    embedded_aws: EmbeddedAws, terraform_cli: NewTerraform, tmp_path: Path
) -> None:
    infra = tmp_path / "infra"
    infra.mkdir()
    (infra / "main.tf").write_text(TRUST + "\n" + POLICIES)
    (infra / "policy.json").write_text(FILE)
    terraform = terraform_cli(infra)
    terraform.init()
    terraform.apply()
    given = findings(embedded_aws)
    outcomes = fixed(tmp_path, given)
    told = {o["finding"]["id"]: (o["outcome"], o["reason"]["text"]) for o in outcomes}
    assert not {i: text for i, text in told.items() if text[0] != "merged"}
    plan = terraform.plan()
    expected = dict.fromkeys(UPDATED, ("update",)) | dict.fromkeys(DELETED, ("delete",))
    assert plan.actions == expected
    assert actions_of(plan, "aws_iam_role_policy.heredoc") == [
        "s3:GetObject",
        "sqs:ReceiveMessage",
        "sqs:SendMessage",
    ]
    terraform.apply()
    assert terraform.plan().actions == {}
    again = fixed(tmp_path, findings_after(embedded_aws))
    assert {o["outcome"] for o in again} == {"drifted", "unmanaged"}, again


def actions_of(plan: Plan, address: str) -> list[str]:
    after = json.loads(plan.change(address)["after"]["policy"])
    found: list[str] = after["Statement"][0]["Action"]
    return found


def findings_after(aws: EmbeddedAws) -> list[dict[str, Any]]:
    """The same findings once more, of an analyzer that has not looked yet."""
    client = aws.session().client("iam", REGION)
    iam = {name: getattr(client, name) for name in dir(client) if name[0] != "_"}
    found = [unused(iam, "role", name) for name in ROLES if name != "gone"]
    evidence = {"principal": {"AWS": STRANGER}, "live": None}
    arn = "arn:aws:s3:::data-of-the-test"
    return [*found, finding("external-access", "AWS::S3::Bucket", arn, evidence)]


MANAGED = {"SQS": "AmazonSQSFullAccess", "S3": "AmazonS3ReadOnlyAccess"}
NARROWED = ("keyed", "listed", "local", "mapped")
OF_AWS = """\
resource "aws_iam_role" "listed" {
  name               = "listed"
  assume_role_policy = data.aws_iam_policy_document.trust.json

  managed_policy_arns = [
    "arn:aws:iam::aws:policy/AmazonSQSFullAccess",
    "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
  ]
}

locals {
  arns = [
    "arn:aws:iam::aws:policy/AmazonSQSFullAccess",
    "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
  ]
}

resource "aws_iam_role" "local" {
  name                = "local"
  assume_role_policy  = data.aws_iam_policy_document.trust.json
  managed_policy_arns = local.arns
}

resource "aws_iam_role" "mapped" {
  name               = "mapped"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy_attachment" "mapped" {
  for_each = {
    queues = "arn:aws:iam::aws:policy/AmazonSQSFullAccess"
    files  = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
  }

  role       = aws_iam_role.mapped.name
  policy_arn = each.value
}

resource "aws_iam_role" "keyed" {
  name               = "keyed"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy_attachment" "keyed" {
  for_each = toset(local.arns_of_keyed)

  role       = aws_iam_role.keyed.name
  policy_arn = each.value
}

locals {
  arns_of_keyed = [for name in ["AmazonSQSFullAccess", "AmazonS3ReadOnlyAccess"] :
  "arn:aws:iam::aws:policy/${name}"]
}
"""
KEYED = 'keyed["arn:aws:iam::aws:policy/AmazonSQSFullAccess"]'


def test_policies_of_aws_give_way_to_ones_with_what_is_used(
    embedded_aws: EmbeddedAws, terraform_cli: NewTerraform, tmp_path: Path
) -> None:
    infra = tmp_path / "infra"
    infra.mkdir()
    (infra / "main.tf").write_text(TRUST + "\n" + OF_AWS)
    terraform = terraform_cli(infra)
    terraform.init()
    terraform.apply()
    outcomes = fixed(tmp_path, [of_aws(embedded_aws, n) for n in NARROWED], "--review")
    told = [(o["outcome"], o["disposition"], o["reason"]["code"]) for o in outcomes]
    assert told == [("proposed", "review", "written")] * 4, outcomes
    created = [f"aws_iam_policy.amazonsqsfullaccess_used_by_{n}" for n in NARROWED]
    plan = terraform.plan()
    assert plan.actions == {
        **dict.fromkeys(created, ("create",)),
        "aws_iam_role.listed": ("update",),
        "aws_iam_role.local": ("update",),
        'aws_iam_role_policy_attachment.mapped["queues"]': ("delete", "create"),
        f"aws_iam_role_policy_attachment.{KEYED}": ("delete", "create"),
    }
    terraform.apply()
    assert terraform.plan().actions == {}
    for name in NARROWED:
        own = f"arn:aws:iam::{ACCOUNT}:policy/AmazonSQSFullAccess-used-by-{name}"
        assert arns_of(embedded_aws, name) == {own, f"arn:aws:iam::aws:policy/{MANAGED['S3']}"}


def arns_of(aws: EmbeddedAws, role: str) -> set[str]:
    iam = aws.session().client("iam", REGION)
    found = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    return {policy["PolicyArn"] for policy in found}


def of_aws(aws: EmbeddedAws, role: str) -> dict[str, Any]:
    iam = aws.session().client("iam", REGION)
    policies = []
    for arn in sorted(arns_of(aws, role)):
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        text = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
        policies.append({"id": arn, "kind": "aws", "document": text, "attached": []})
    goes = {"services": [], "actions": ["sqs:DeleteQueue", "sqs:CreateQueue"]}
    evidence = {"removable": {**goes, "unexplained": []}, "live": {"policies": policies}}
    arn = f"arn:aws:iam::{ACCOUNT}:role/{role}"
    return finding("unused-permissions", "AWS::IAM::Role", arn, evidence)
