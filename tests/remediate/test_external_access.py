"""Access from outside, through `fix --findings --state`: what is taken, and what is not."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from policies import ACCOUNT, arn, mend, resource, role, unused

STRANGER, FRIEND = "444455556666", "777788889999"
ROOT = f"arn:aws:iam::{STRANGER}:root"


def found(
    of: str,
    document: object,
    principal: object = None,
    traits: tuple[str, ...] = ("unknown-account",),
    **more: Any,
) -> dict[str, Any]:
    finding = unused("x")
    return {
        **finding,
        "class": "external-access",
        "id": f"access-analyzer:{of}",
        "resource": {**finding["resource"], "arn": of, "id": of.rpartition(":")[2]},
        "evidence": {
            "principal": principal or {"AWS": ROOT},
            "live": None if document is None else {"document": document},
            "traits": [*traits],
            **more,
        },
    }


def trust(*principals: str, service: str | None = None, **more: object) -> dict[str, Any]:
    who: dict[str, Any] = {"AWS": [*principals]} if principals else {}
    who |= {"Service": service} if service else {}
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": who, "Action": "sts:AssumeRole", **more}],
    }


def app(text: str, head: str = "") -> str:
    inside = f'  name = "app"\n  assume_role_policy = {text}\n'
    return f'{head}resource "aws_iam_role" "app" {{\n{inside}}}\n'


TWO = f'["arn:aws:iam::{ACCOUNT}:root", "{ROOT}"]'


def encoded(principal: str) -> str:
    return (
        'jsonencode({\n    Version = "2012-10-17"\n    Statement = [{\n'
        f'      Effect    = "Allow"\n      Principal = {principal}\n'
        '      Action    = "sts:AssumeRole"\n    }]\n  })'
    )


DOCUMENT = """\
data "aws_iam_policy_document" "trust" {{
  statement {{
    actions = ["sts:AssumeRole"]

{}
  }}
}}

"""
PRINCIPALS = """\
    principals {{
      type        = "{}"
      identifiers = [{}]
    }}"""


def document(*principals: tuple[str, str]) -> str:
    blocks = "\n\n".join(PRINCIPALS.format(kind, ids) for kind, ids in principals)
    return app("data.aws_iam_policy_document.trust.json", DOCUMENT.format(blocks))


ROLE = [role("app")]
APP = arn("role", "app")
OWN = f"arn:aws:iam::{ACCOUNT}:root"
BOTH = trust(OWN, ROOT)


@dataclass(frozen=True)
class Case:
    before: str
    resources: list[dict[str, Any]]
    finding: dict[str, Any]
    old: str
    new: str
    disposition: str = "auto"
    because: str = ""


def bucket(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [*statements]}


def policy_of(kind: str, joined: str, document: object) -> str:
    text = json.dumps(document, indent=2)
    return f'resource "{kind}" "p" {{\n  {joined}\n  policy = <<EOT\n{text}\nEOT\n}}\n'


def lets(who: object, action: str, on: str | None = "*", **more: object) -> dict[str, Any]:
    on_ = {} if on is None else {"Resource": on}
    return {"Effect": "Allow", "Principal": who, "Action": action, **on_, **more}


KEEP = {"AWS": OWN}
OUT = {"AWS": ROOT}
KINDS: dict[str, tuple[str, str, str, list[dict[str, Any]], str, str | None]] = {
    "S3": (
        "aws_s3_bucket_policy",
        'bucket = "logs"',
        "arn:aws:s3:::logs",
        [resource("aws_s3_bucket_policy", "p", id="logs", bucket="logs")],
        "s3:GetObject",
        "arn:aws:s3:::logs/*",
    ),
    "KMS": (
        "aws_kms_key",
        "description = null",
        f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/k-1",
        [resource("aws_kms_key", "p", id="k-1", arn=f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/k-1")],
        "kms:Decrypt",
        "*",
    ),
    "a KMS key's policy": (
        "aws_kms_key_policy",
        'key_id = "k-1"',
        f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/k-1",
        [resource("aws_kms_key_policy", "p", id="k-1", key_id="k-1")],
        "kms:Decrypt",
        "*",
    ),
    "SQS": (
        "aws_sqs_queue_policy",
        "queue_url = aws_sqs_queue.q.id",
        f"arn:aws:sqs:eu-central-1:{ACCOUNT}:jobs",
        [
            resource(
                "aws_sqs_queue_policy",
                "p",
                id="x",
                queue_url=f"https://sqs.eu-central-1.amazonaws.com/{ACCOUNT}/jobs",
            )
        ],
        "sqs:SendMessage",
        "*",
    ),
    "a queue's own": (
        "aws_sqs_queue",
        'name = "jobs"',
        f"arn:aws:sqs:eu-central-1:{ACCOUNT}:jobs",
        [
            resource(
                "aws_sqs_queue",
                "p",
                id="http://localhost/jobs",
                arn=f"arn:aws:sqs:eu-central-1:{ACCOUNT}:jobs",
            )
        ],
        "sqs:SendMessage",
        "*",
    ),
    "SNS": (
        "aws_sns_topic_policy",
        "arn = aws_sns_topic.t.arn",
        f"arn:aws:sns:eu-central-1:{ACCOUNT}:news",
        [
            resource(
                "aws_sns_topic_policy", "p", id="x", arn=f"arn:aws:sns:eu-central-1:{ACCOUNT}:news"
            )
        ],
        "sns:Publish",
        "*",
    ),
    "Secrets Manager": (
        "aws_secretsmanager_secret_policy",
        "secret_arn = aws_secretsmanager_secret.s.arn",
        f"arn:aws:secretsmanager:eu-central-1:{ACCOUNT}:secret:db-AbCdEf",
        [
            resource(
                "aws_secretsmanager_secret_policy",
                "p",
                id="x",
                secret_arn=f"arn:aws:secretsmanager:eu-central-1:{ACCOUNT}:secret:db-AbCdEf",
            )
        ],
        "secretsmanager:GetSecretValue",
        "*",
    ),
    "ECR": (
        "aws_ecr_repository_policy",
        "repository = aws_ecr_repository.r.name",
        f"arn:aws:ecr:eu-central-1:{ACCOUNT}:repository/team/app",
        [
            resource("aws_ecr_repository_policy", "p", id="team/app", repository="team/app"),
            resource(
                "aws_ecr_repository",
                "r",
                id="team/app",
                name="team/app",
                arn=f"arn:aws:ecr:eu-central-1:{ACCOUNT}:repository/team/app",
            ),
        ],
        "ecr:BatchGetImage",
        None,
    ),
}
PERMISSION = (
    'resource "aws_lambda_permission" "partner" {\n  function_name = "f"\n'
    f'  action        = "lambda:InvokeFunction"\n  principal     = "{STRANGER}"\n}}\n'
)
FUNCTION = f"arn:aws:lambda:eu-central-1:{ACCOUNT}:function:f"
LAMBDA = [
    resource("aws_lambda_permission", "partner", id="AllowPartner", function_name="f"),
    resource("aws_lambda_function", "f", id="f", function_name="f", arn=FUNCTION),
]
INVOKE = "lambda:InvokeFunction"
S3_KIND, S3_HEAD, S3_ARN, S3_STATE, _, _ = KINDS["S3"]


def of_bucket(document: object) -> str:
    return policy_of(S3_KIND, S3_HEAD, document)


def in_bucket(before: object, after: str, finding: dict[str, Any], **more: Any) -> Case:
    text = of_bucket(before)
    return Case(text, S3_STATE, finding, text, after, **more)


STATEMENTS = [
    lets(KEEP, "s3:GetObject", "arn:aws:s3:::logs/*"),
    lets(OUT, "s3:GetObject", "arn:aws:s3:::logs/*", Sid="Partner"),
]
PUBLIC = [*STATEMENTS[:1], lets("*", "s3:GetObject", "arn:aws:s3:::logs/*")]
DELIVERY: dict[str, Any] = {
    **lets(OUT, "", "arn:aws:s3:::logs*"),
    "Action": ["s3:PutObject", "s3:GetBucketAcl"],
}

REWRITTEN = {
    "out of a list": Case(
        app(encoded(f"{{ AWS = {TWO} }}")), ROLE, found(APP, BOTH), f', "{ROOT}"', ""
    ),
    "an account by its number": Case(
        app(encoded(f'{{ AWS = ["{OWN}", "{STRANGER}"] }}')),
        ROLE,
        found(APP, trust(OWN, STRANGER)),
        f', "{STRANGER}"',
        "",
    ),
    "an account by its number, which AWS keeps as an ARN": Case(
        app(encoded(f'{{ AWS = ["{OWN}", "{STRANGER}"] }}')),
        ROLE,
        found(APP, BOTH, {"AWS": STRANGER}),
        f', "{STRANGER}"',
        "",
    ),
    "a condition's number, which AWS keeps as a text": Case(
        app(
            encoded(f"{{ AWS = {TWO} }}").replace(
                '      Action    = "sts:AssumeRole"\n',
                '      Action    = "sts:AssumeRole"\n      Condition = { NumericLessThan = '
                '{ "aws:MultiFactorAuthAge" = [3600] } }\n',
            )
        ),
        ROLE,
        found(
            APP,
            trust(OWN, ROOT, Condition={"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}),
        ),
        f', "{ROOT}"',
        "",
    ),
    "one of two types": Case(
        app(
            encoded(
                f'{{\n        AWS     = "{ROOT}"\n        Service = "ec2.amazonaws.com"\n      }}'
            )
        ),
        ROLE,
        found(
            APP,
            {
                **trust(),
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"AWS": ROOT, "Service": "ec2.amazonaws.com"},
                        "Action": "sts:AssumeRole",
                    }
                ],
            },
        ),
        f'        AWS     = "{ROOT}"\n',
        "",
    ),
    "out of a policy document": Case(
        document(("AWS", f'"{OWN}", "{ROOT}"')), ROLE, found(APP, BOTH), f', "{ROOT}"', ""
    ),
    "a principals block": Case(
        document(("Service", '"ec2.amazonaws.com"'), ("AWS", f'"{ROOT}"')),
        ROLE,
        found(APP, trust(ROOT, service="ec2.amazonaws.com")),
        "\n\n" + PRINCIPALS.format("AWS", f'"{ROOT}"'),
        "",
    ),
    "a local list": Case(
        app(encoded("{ AWS = local.who }"), f"locals {{\n  who = {TWO}\n}}\n\n"),
        ROLE,
        found(APP, BOTH),
        f', "{ROOT}"',
        "",
    ),
    "a federated principal": Case(
        app(
            encoded(f'{{ AWS = "{OWN}", Federated = "accounts.google.com" }}').replace(
                "sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"
            )
        ),
        ROLE,
        found(APP, None, {"Federated": "accounts.google.com"}),
        ', Federated = "accounts.google.com"',
        "",
        "review",
        "live-policy",
    ),
    "a statement": in_bucket(
        bucket(*STATEMENTS),
        of_bucket(bucket(STATEMENTS[0])),
        found(S3_ARN, bucket(*STATEMENTS), actions=["s3:GetObject"]),
    ),
    "the whole policy": in_bucket(bucket(STATEMENTS[1]), "", found(S3_ARN, bucket(STATEMENTS[1]))),
    "an account that another state here has": Case(
        app(encoded(f"{{ AWS = {TWO} }}")),
        [*ROLE, resource("aws_iam_role", "there", id="there", arn=arn("role", "there", STRANGER))],
        found(APP, BOTH),
        f', "{ROOT}"',
        "",
        "review",
        "outsider",
    ),
    "who delivers logs to a bucket": in_bucket(
        bucket(STATEMENTS[0], DELIVERY),
        of_bucket(bucket(STATEMENTS[0])),
        found(S3_ARN, bucket(STATEMENTS[0], DELIVERY)),
        disposition="review",
        because="log-delivery",
    ),
    "who delivers them by a wildcard": in_bucket(
        bucket(STATEMENTS[0], {**DELIVERY, "Action": ["s3:PutObject*", "s3:GetBucketAcl"]}),
        of_bucket(bucket(STATEMENTS[0])),
        found(
            S3_ARN,
            bucket(STATEMENTS[0], {**DELIVERY, "Action": ["s3:GetBucketAcl", "s3:PutObject*"]}),
        ),
        disposition="review",
        because="log-delivery",
    ),
    "who may write its policy, too": in_bucket(
        bucket(STATEMENTS[0], {**DELIVERY, "Action": "s3:Put*"}),
        of_bucket(bucket(STATEMENTS[0])),
        found(S3_ARN, bucket(STATEMENTS[0], {**DELIVERY, "Action": "s3:Put*"})),
    ),
    "who reads a bucket, too": in_bucket(
        bucket(*STATEMENTS, DELIVERY),
        of_bucket(bucket(STATEMENTS[0])),
        found(S3_ARN, bucket(*STATEMENTS, DELIVERY)),
    ),
    "everybody": in_bucket(
        bucket(*PUBLIC),
        of_bucket(bucket(PUBLIC[0])),
        found(S3_ARN, bucket(*PUBLIC), {"AWS": "*"}, is_public=True),
        disposition="review",
        because="policy: external-access-public",
    ),
    "a Lambda permission": Case(
        PERMISSION, LAMBDA, found(FUNCTION, bucket(lets(OUT, INVOKE, FUNCTION))), PERMISSION, ""
    ),
    "nobody says whose account it is": Case(
        app(encoded(f"{{ AWS = {TWO} }}")),
        ROLE,
        found(APP, BOTH, traits=()),
        f', "{ROOT}"',
        "",
        "review",
        "account: nobody says",
    ),
    "somebody is working through it": Case(
        app(encoded(f"{{ AWS = {TWO} }}")),
        ROLE,
        found(APP, BOTH, traits=("unknown-account", "active-session")),
        f', "{ROOT}"',
        "",
        "review",
        "policy: external-access-active",
    ),
    "another principal is not known": Case(
        app(encoded(f'{{ AWS = ["{ROOT}", var.partner] }}'), 'variable "partner" {}\n\n'),
        ROLE,
        found(APP, trust(ROOT, FRIEND)),
        f'"{ROOT}", ',
        "",
        "review",
        "other-rules",
    ),
}
for _name, (_kind, _head, _arn, _state, _action, _on) in KINDS.items():
    _before = {
        "Version": "2012-10-17",
        "Statement": [lets({"AWS": [OWN, ROOT]}, _action, _on)],
    }
    REWRITTEN[f"{_name}: a list"] = Case(
        policy_of(_kind, _head, _before),
        _state,
        found(_arn, _before),
        f'"{OWN}",\n          "{ROOT}"',
        f'"{OWN}"',
    )


STAR = lets("*", "s3:GetObject", "arn:aws:s3:::logs/*", Sid="All")
REWRITTEN |= {
    "who is let in with everybody, too": in_bucket(
        bucket(STAR, STATEMENTS[1]),
        of_bucket(bucket(STAR)),
        found(S3_ARN, bucket(STAR, STATEMENTS[1])),
        disposition="review",
        because=f"proof:gone: what may go is gone; access-analyzer:{S3_ARN} stays: statement All",
    ),
    "a service": Case(
        app(encoded(f'{{ AWS = "{OWN}", Service = "lambda.amazonaws.com" }}')),
        ROLE,
        found(
            APP,
            trust(OWN, service="lambda.amazonaws.com"),
            {"Service": "lambda.amazonaws.com"},
        ),
        ', Service = "lambda.amazonaws.com"',
        "",
        "review",
        "outsider: lambda.amazonaws.com names no account",
    ),
    "an account that the finding does not name": Case(
        app(encoded(f"{{ AWS = {TWO} }}")),
        ROLE,
        found(APP, BOTH, accounts=[FRIEND]),
        f', "{ROOT}"',
        "",
        "review",
        "outsider: 444455556666 is not of the accounts",
    ),
    "a finding that somebody archived": Case(
        app(encoded(f"{{ AWS = {TWO} }}")),
        ROLE,
        found(APP, BOTH, analyzer={"status": "ARCHIVED"}),
        f', "{ROOT}"',
        "",
        "review",
        "finding-status: the analyzer has the finding as ARCHIVED",
    ),
}
KEY_HEAD, KEY_STATE, KEY_ARN = KINDS["KMS"][:2], KINDS["KMS"][3], KINDS["KMS"][2]
LOCKED = bucket(lets(OUT, "kms:*"), lets({"AWS": arn("role", "x")}, "kms:Decrypt"))
ROOTS = bucket(lets(KEEP, "kms:*"), lets(OUT, "kms:*"))

REFUSED = {
    "a key that nobody could change any more": (
        policy_of(*KEY_HEAD, LOCKED),
        KEY_STATE,
        found(KEY_ARN, LOCKED),
        "no-safe-place",
    ),
    "a key's own account": (
        policy_of(*KEY_HEAD, ROOTS),
        KEY_STATE,
        found(KEY_ARN, ROOTS, KEEP),
        "own-account",
    ),
    "a role's own account": (
        app(encoded(f"{{ AWS = {TWO} }}")),
        ROLE,
        found(APP, BOTH, {"AWS": [OWN, ROOT]}),
        "own-account",
    ),
    "the only one of a trust policy": (
        app(encoded(f'{{ AWS = "{ROOT}" }}')),
        ROLE,
        found(APP, trust(ROOT)),
        "empty-policy",
    ),
    "the only one of a key's policy": (
        policy_of(*KINDS["KMS"][:2], bucket(lets(OUT, "kms:*"))),
        KINDS["KMS"][3],
        found(KINDS["KMS"][2], bucket(lets(OUT, "kms:*"))),
        "empty-policy",
    ),
    "a computed principal": (
        app(
            encoded(f'{{ AWS = ["{OWN}", "arn:aws:iam::${{local.partner}}:root"] }}'),
            f'locals {{\n  partner = "{STRANGER}"\n}}\n\n',
        ),
        ROLE,
        found(APP, BOTH),
        "no-place",
    ),
    "NotPrincipal": (
        of_bucket(
            bucket(
                {
                    "Effect": "Allow",
                    "NotPrincipal": KEEP,
                    "Action": "s3:GetObject",
                    "Resource": "arn:aws:s3:::logs/*",
                }
            )
        ),
        S3_STATE,
        found(S3_ARN, None),
        "not-principal",
    ),
    "a policy that is not known": (
        app("var.trust", 'variable "trust" {}\n\n'),
        ROLE,
        found(APP, BOTH),
        "unknown-value",
    ),
    "a function whose account is not told": (
        PERMISSION,
        LAMBDA[:1],
        found(FUNCTION, bucket(lets(OUT, INVOKE, FUNCTION))),
        "ambiguous-account",
    ),
    "a function of another provider than the permission": (
        PERMISSION,
        [{**one, "provider": f"provider.aws.{n}"} for n, one in enumerate(LAMBDA)],
        found(FUNCTION, bucket(lets(OUT, INVOKE, FUNCTION))),
        "ambiguous-account",
    ),
    "evidence that is none": (
        app(encoded(f"{{ AWS = {TWO} }}")),
        ROLE,
        {**found(APP, BOTH), "evidence": {}},
        "bad-evidence",
    ),
    "ignored changes": (
        app(encoded(f"{{ AWS = {TWO} }}")).replace(
            '  name = "app"\n', '  name = "app"\n  lifecycle {\n    ignore_changes = all\n  }\n'
        ),
        ROLE,
        found(APP, BOTH),
        "ignored-changes",
    ),
    "kept alive": (
        PERMISSION.replace("}\n", "  lifecycle {\n    prevent_destroy = true\n  }\n}\n"),
        LAMBDA,
        found(FUNCTION, bucket(lets(OUT, INVOKE, FUNCTION))),
        "prevent-destroy",
    ),
}
OTHERS = {
    "a known account": (
        app(encoded(f"{{ AWS = {TWO} }}")),
        ROLE,
        found(APP, BOTH, traits=("known-account",)),
        "alerted",
    ),
    "break-glass": (
        app(encoded(f"{{ AWS = {TWO} }}")),
        ROLE,
        found(APP, BOTH, traits=("unknown-account", "break-glass")),
        "exempted",
    ),
    "another action's statement": (
        app(encoded(f"{{ AWS = {TWO} }}")),
        ROLE,
        found(APP, BOTH, actions=["sts:TagSession"]),
        "drifted",
    ),
    "another principal": (
        app(encoded(f"{{ AWS = {TWO} }}")),
        ROLE,
        found(APP, BOTH, {"AWS": f"arn:aws:iam::{STRANGER}:role/x"}),
        "drifted",
    ),
    "another account's number in the live policy": (
        app(encoded(f'{{ AWS = ["{OWN}", "{STRANGER}"] }}')),
        ROLE,
        found(APP, trust(OWN, FRIEND), {"AWS": STRANGER}),
        "drifted",
    ),
    "another live policy": (
        app(encoded(f"{{ AWS = {TWO} }}")),
        ROLE,
        found(APP, trust(OWN, ROOT, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})),
        "drifted",
    ),
    "a Lambda permission that is not live": (
        PERMISSION,
        LAMBDA,
        found(FUNCTION, bucket(lets({"AWS": OWN}, INVOKE, FUNCTION))),
        "drifted",
    ),
    "a Lambda permission whose live statement is a Deny": (
        PERMISSION,
        LAMBDA,
        found(FUNCTION, bucket({**lets(OUT, INVOKE, FUNCTION), "Effect": "Deny"})),
        "drifted",
    ),
    "a Deny of it": (
        app(encoded(f"{{ AWS = {TWO} }}").replace('"Allow"', '"Deny"')),
        ROLE,
        found(APP, None),
        "drifted",
    ),
    "no state knows it": (
        app(encoded(f"{{ AWS = {TWO} }}")),
        [role("other")],
        found(APP, BOTH),
        "unmanaged",
    ),
}


@pytest.mark.parametrize("case", REWRITTEN.values(), ids=REWRITTEN)
def test_rewritten(case: Case, tmp_path: Path) -> None:
    made = mend(tmp_path, case.before, case.resources, [case.finding])
    told = (made.only["outcome"], made.only["reason"], made.checks())
    assert case.old in case.before
    assert made.files["main.tf"] == case.before.replace(case.old, case.new), told
    assert made.only["outcome"] == ("merged" if case.disposition == "auto" else "proposed"), told
    assert made.only["disposition"] == case.disposition, told
    rows = [c for c in made.only["checks"] if c["name"] == "policy"]
    said = [f"policy: {c['detail']}" for c in rows]
    said += [f"{n}: {d}" for n, d in made.checks().items()]
    assert any(text.startswith(case.because) for text in said), said
    if case.disposition == "auto":
        assert not made.checks()


@pytest.mark.parametrize(("before", "resources", "finding", "code"), REFUSED.values(), ids=REFUSED)
def test_refused(
    before: str, resources: list[dict[str, Any]], finding: dict[str, Any], code: str, tmp_path: Path
) -> None:
    made = mend(tmp_path, before, resources, [finding])
    assert made.files["main.tf"] == before
    assert (made.only["outcome"], made.only["reason"]["code"]) == ("refused", code), made.only
    assert len(made.only["reason"]["text"]) > 30


@pytest.mark.parametrize(("before", "resources", "finding", "outcome"), OTHERS.values(), ids=OTHERS)
def test_left_alone(
    before: str,
    resources: list[dict[str, Any]],
    finding: dict[str, Any],
    outcome: str,
    tmp_path: Path,
) -> None:
    made = mend(tmp_path, before, resources, [finding])
    assert made.files["main.tf"] == before
    assert made.only["outcome"] == outcome, made.only["reason"]


def test_two_strangers_of_one_policy_are_one_change(tmp_path: Path) -> None:
    other = f"arn:aws:iam::{FRIEND}:root"
    before = app(encoded(f'{{ AWS = ["{ROOT}", "{OWN}", "{other}"] }}'))
    live = trust(ROOT, OWN, other)
    second = {**found(APP, live, {"AWS": other}), "id": "access-analyzer:second"}
    made = mend(tmp_path, before, ROLE, [found(APP, live), second])
    assert made.files["main.tf"] == app(encoded(f'{{ AWS = ["{OWN}"] }}'))
    assert [o["outcome"] for o in made.outcomes] == ["merged", "merged"]


MRK = f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/mrk-1"
KEYS = [
    resource("aws_kms_key", "here", id="mrk-1", arn=MRK, key_id="mrk-1"),
    resource("aws_kms_key_policy", "p", id="mrk-1", key_id="mrk-1"),
    resource("aws_kms_key_policy", "q", id="mrk-1", key_id="mrk-1"),
]


@pytest.mark.parametrize(
    ("providers", "outcome"), [(("a", "a", "b"), "merged"), ((None, None, None), "refused")]
)
def test_of_a_key_of_several_regions_only_the_one_that_is_meant_is_edited(
    providers: tuple[str | None, ...], outcome: str, tmp_path: Path
) -> None:
    text = bucket(lets(KEEP, "kms:*"), lets(OUT, "kms:Decrypt"))
    of_p = policy_of("aws_kms_key_policy", 'key_id = "mrk-1"', text)
    of_q = of_p.replace('"p"', '"q"').replace("{\n", "{\n  provider = aws.b\n", 1)
    states = [{**k, "provider": p} for k, p in zip(KEYS, providers, strict=True)]
    made = mend(tmp_path, f"{of_p}\n{of_q}", states, [found(MRK, text)])
    assert made.only["outcome"] == outcome, made.only["reason"]
    assert made.files["main.tf"].endswith(f"\n{of_q}")
    assert (of_p in made.files["main.tf"]) == (outcome != "merged")
