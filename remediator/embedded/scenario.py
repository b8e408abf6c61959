"""What the demo's identities did, and what people did to them by hand.

The code is in `identities/`. Everything there was made long ago but `live/fresh`, which is applied
last. By name of the role or user: how many days ago, on what, and which actions.

`EXPECTED` names every row of the table of dispositions and every guardrail, by its identity.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from remediator.embedded.aws import ACCOUNT
from remediator.embedded.use import SIGN_IN, Session, TableOfUse

if TYPE_CHECKING:
    from remediator.embedded.stage import Stage

OLD_ROOTS = ("live/people", "live/services", "live/sharing")
NEW_ROOTS = ("live/fresh",)
MADE = timedelta(days=400)
"""How long ago the old roots were applied."""

TRUSTED, SUPPLIER, VENDOR = "222233334444", "444455556666", "555566667777"
"""The auditors, whom the configuration trusts; an account that nobody knows; one in use."""

ANALYZERS = {"unused": "ACCOUNT_UNUSED_ACCESS", "external": "ACCOUNT"}

_ORDERS = "arn:aws:s3:::example-orders"
_EXPORTS = "arn:aws:s3:::example-exports"
_INVOICES = "arn:aws:sqs:us-east-1:123456789012:sandbox-invoices"
_QUEUE = "arn:aws:sqs:us-east-1:123456789012:orders"
_Did = tuple[float, str, str]

_ROLES: Mapping[str, tuple[_Did, ...]] = {
    "orders-api": (
        (3, f"{_ORDERS}/1", "s3:GetObject s3:PutObject"),
        (5, _ORDERS, "s3:GetBucketLocation"),
        (3, _QUEUE, "sqs:SendMessage sqs:GetQueueUrl"),
    ),
    "invoices": ((4, _INVOICES, "sqs:GetQueueUrl sqs:SendMessage"),),
    "exports": (
        (3, f"{_EXPORTS}/1", "s3:PutObject s3:GetObject"),
        (3, _EXPORTS, "s3:GetBucketLocation s3:ListBucket"),
        (20, _EXPORTS, "s3:PutBucketTagging"),
    ),
    "mailer": ((3, "*", "ses:SendEmail ses:GetAccount"),),
    "thumbnailer": ((4, "*", "s3:GetObject s3:PutObject s3:GetBucketLocation"),),
    "search-crawler": ((3, "*", "dynamodb:DescribeTable"),),
    "search-indexer": ((9, "*", "dynamodb:DescribeTable"),),
    "deployer": ((4, "*", "ecs:DescribeServices ecs:ListTasks"),),
    "reports-job": ((0.25, "arn:aws:s3:::example-reports", "s3:GetBucketLocation"),),
    "quarterly-close": (
        (4, "*", "s3:GetBucketLocation"),
        (93, "*", "s3:PutBucketVersioning"),
        (96, "*", "s3:PutBucketLogging"),
    ),
    "legacy-batch": ((5, "*", "sqs:ReceiveMessage sqs:GetQueueUrl"),),
    "old-migration": ((300, "*", "dynamodb:PutItem"),),
    "db-maintenance": ((4, "*", "cloudwatch:ListMetrics"),),
    "break-glass-admin": ((30, "*", "ec2:DescribeInstances"),),
    "log-collector": ((3, "*", "logs:PutLogEvents"), (10, "*", "logs:CreateLogGroup")),
    "log-shipper": ((3, "*", "logs:PutLogEvents"),),
    "archive": ((3, "*", "sqs:SendMessage sqs:GetQueueUrl"),),
    "everything-but": ((3, "*", "s3:GetObject"),),
    "console-edited": ((3, "*", "sqs:GetQueueUrl"),),
    "console-made-role": ((3, "*", "sqs:GetQueueUrl"),),
    "partner-export": ((30, "*", "sts:GetCallerIdentity"),),
    "audit-reader": ((20, "*", "sts:GetCallerIdentity"),),
    "billing": ((3, "*", "sqs:GetQueueUrl"),),
}
_USERS: Mapping[str, tuple[_Did, ...]] = {
    "anna": ((4, "*", "lambda:ListFunctions"), (9, "*", "codepipeline:ListPipelines")),
    "ben": ((4, "*", "iam:GetUser"),),
    "carla": ((6, "*", "codepipeline:ListPipelines"),),
}


_MERGED, _REVIEW, _REFUSED = ("merged",), ("proposed",), ("refused",)
EXPECTED: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("orders-api", "invoices", "mailer", "thumbnailer", "deployer"), _MERGED),
    **dict.fromkeys(("search-crawler", "search-indexer"), _REVIEW),
    **dict.fromkeys(
        ("partner-export", "example-exchange", "key", "exchange", "images", "uploader"), _MERGED
    ),
    **dict.fromkeys(("exports", "reports-job", "db-maintenance", "vendor-sync", "news"), _REVIEW),
    **dict.fromkeys(("anna", "ben", "log-collector", "log-shipper", "archive"), _REVIEW),
    "carla": ("proposed", "proposed"),
    **dict.fromkeys(("break-glass-admin", "legacy-batch"), ("exempted",)),
    **dict.fromkeys(("quarterly-close", "billing", "everything-but"), _REFUSED),
    **dict.fromkeys(("old-migration", "erik"), _REFUSED),
    "audit-reader": ("alerted",),
    "console-edited": ("drifted",),
    "console-made-role": ("unmanaged",),
}
"""By `short` of the resource's ARN: how its findings must end in the first run."""

_EXEMPTION = """\
  - id: legacy-batch
    owner: batch-team@example.com
    reason: It is moved to another account this quarter
    expires: {expires}
    match:
      class: unused-permissions
      address: aws_iam_role_policy.legacy_batch
"""

_CONFIGURATION = f"""\
sources:
  aws_config: null
  live_rules: false
  access_analyzer: {{}}
trusted_accounts: ["{TRUSTED}"]
"""


def short(arn: str) -> str:
    """The last name of a resource; a KMS key has none, and a secret's has a suffix."""
    if ":kms:" in arn:
        return "key"
    name = arn.rpartition(":")[2].rpartition("/")[2]
    return name.rpartition("-")[0] if ":secretsmanager:" in arn else name


def set_up(stage: Stage, now: datetime, configuration: str = _CONFIGURATION) -> None:
    """From a stage of the old roots to the day of the first run: applied, made older, used, and
    analyzed. `configuration` is added to the stage's."""
    stage.prepare_aws()
    stage.apply()
    by_hand(stage.client("iam"))
    stage.aws.make_older(MADE)
    old, stage.roots = stage.roots, NEW_ROOTS
    stage.apply()
    stage.aws.make_older(timedelta(minutes=1))  # analyzed later, in whole seconds, than it was made
    stage.roots = (*old, *NEW_ROOTS)
    tell(stage.aws.use, ACCOUNT, now)
    analyze(stage.client("accessanalyzer"))
    with stage.config.open("a", encoding="utf-8") as file:
        file.write(configuration)
    expires = now.date() + timedelta(days=90)
    with (stage.checkout / "exemptions.yaml").open("a", encoding="utf-8") as file:
        file.write(_EXEMPTION.format(expires=expires))
    stage.git("commit", "--quiet", "--all", "-m", "Exempt what is moved away")
    stage.git("push", "--quiet", "origin", "main")


def tell(table: TableOfUse, account: str, now: datetime) -> None:
    """Fills the table. The sessions are those of the last days; the others are IAM's to tell."""
    for kind, several in (("role", _ROLES), ("user", _USERS)):
        for name, action, days, resource in _uses(several):
            principal = f"arn:aws:iam::{account}:{kind}/{name}"
            table.used(principal, action, now - timedelta(days=days), resource)
    for session in _sessions(account, now):
        table.session(session)


def _uses(several: Mapping[str, tuple[_Did, ...]]) -> Iterator[tuple[str, str, float, str]]:
    for name, did in several.items():
        for days, resource, actions in did:
            for action in actions.split():
                yield name, action, days, resource


def _sessions(account: str, now: datetime) -> Iterator[Session]:
    def role(name: str) -> str:
        return f"arn:aws:iam::{account}:role/{name}"

    vendor = f"arn:aws:iam::{VENDOR}:role/sync"
    yield Session(role("vendor-sync"), now - timedelta(hours=5), by=vendor)
    yield Session(role("reports-job"), now - timedelta(hours=6), by="events.amazonaws.com")
    for user, days in (("anna", 4), ("ben", 4), ("carla", 6)):
        arn = f"arn:aws:iam::{account}:user/{user}"
        yield Session(arn, now - timedelta(days=days), event=SIGN_IN)


def by_hand(iam: Any) -> None:
    """What somebody did in the console: more in a managed policy, and a role of its own."""
    iam.put_role_policy(
        RoleName="console-edited",
        PolicyName="queues",
        PolicyDocument=_policy("sqs:GetQueueUrl", "sqs:PurgeQueue", "sns:Publish"),
    )
    trust = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",'
        ' "Principal": {"Service": "ec2.amazonaws.com"}}]}'
    )
    iam.create_role(RoleName="console-made-role", AssumeRolePolicyDocument=trust)
    iam.put_role_policy(
        RoleName="console-made-role",
        PolicyName="queues",
        PolicyDocument=_policy("sqs:GetQueueUrl", "sqs:PurgeQueue"),
    )


def _policy(*actions: str) -> str:
    listed = ", ".join(f'"{action}"' for action in actions)
    return (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*",'
        f' "Action": [{listed}]}}]}}'
    )


def analyze(analyzer: Any) -> None:
    """Makes the account's analyzers. Takes a client of Access Analyzer."""
    for name, kind in ANALYZERS.items():
        analyzer.create_analyzer(analyzerName=name, type=kind)
