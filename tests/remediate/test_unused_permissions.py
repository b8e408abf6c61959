"""Unused permissions, through `fix --findings --state`: what is rewritten, and what is not."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from policies import (
    CONFIG,
    allow,
    arn,
    attached,
    customer,
    inline,
    live,
    mend,
    policy,
    resource,
    role,
    unused,
)

Findings = Iterable[Mapping[str, Any]]


@dataclass(frozen=True)
class Case:
    """`swaps` are texts of the files before, and what stands there after."""

    files: Mapping[str, str] | str
    resources: list[dict[str, Any]]
    findings: list[dict[str, Any]]
    swaps: tuple[tuple[str, str], ...]
    disposition: str = "auto"
    because: str = ""
    checks: tuple[str, ...] = field(default=())


def by_path(files: Mapping[str, str] | str) -> dict[str, str]:
    return {"main.tf": files} if isinstance(files, str) else {**files}


ROLE = 'resource "aws_iam_role" "app" {\n  name = "app"\n}\n\n'


def own(text: str, head: str = ROLE) -> str:
    """An inline policy of the role `app`, whose argument `policy` is the text."""
    return (
        f'{head}resource "aws_iam_role_policy" "own" {{\n  name = "own"\n  role = "app"\n'
        f"  policy = {text}\n}}\n"
    )


BEFORE = policy(allow("s3:GetObject", "s3:DeleteBucket", "sqs:SendMessage"))
STATE = [role("app"), inline("own", "app")]


def with_provider(one: dict[str, Any], alias: str) -> dict[str, Any]:
    return {**one, "provider": f'provider["registry.terraform.io/hashicorp/aws"].{alias}'}


FAR_TOPIC = "arn:aws:sns:us-east-1:777788889999:news:6b1b2c1e-0000-4000-8000-000000000000"
FAR = {"attributes": {"id": "far", "name": "far", "arn": arn("role", "far", "777788889999")}}


def found(document: object = BEFORE, **more: Any) -> list[dict[str, Any]]:
    actions = more.pop("actions", ["s3:DeleteBucket"])
    services = more.pop("services", [])
    return [unused("app", actions, services, [live("own", document)], **more)]


ENCODED = """jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:DeleteBucket", "sqs:SendMessage"]
      Resource = "*"
    }]
  })"""
HEREDOC = """<<EOT
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": [
        "s3:GetObject",
        "s3:DeleteBucket",
        "sqs:SendMessage"
      ],
      "Resource": "*"
    }
  ]
}
EOT"""
JSON = """\
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["s3:GetObject", "s3:DeleteBucket", "sqs:SendMessage"],
    "Resource": "*"
  }
}
"""
DATA = """\
data "aws_iam_policy_document" "own" {
  # what the app does
  statement {
    actions   = ["s3:GetObject", "s3:DeleteBucket", "sqs:SendMessage"]
    resources = ["*"]
  }
}

"""
CREATE = ", ".join(
    f'"sns:Create{name}"' for name in ("PlatformApplication", "SMSSandboxPhoneNumber", "Topic")
)
QUEUE = (
    'jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sqs:*", '
    'Resource = "*" }] })'
)


def block(name: str, text: str) -> str:
    return f'\n  inline_policy {{\n    name   = "{name}"\n    policy = {text}\n  }}\n'


LINE = ', "s3:DeleteBucket"'
GONE = ((LINE, ""),)

REWRITTEN = {
    "jsonencode": Case(own(ENCODED), STATE, found(), GONE),
    "a heredoc": Case(own(HEREDOC), STATE, found(), (('        "s3:DeleteBucket",\n', ""),)),
    "a file": Case(
        {"main.tf": own('file("${path.module}/p.json")'), "p.json": JSON}, STATE, found(), GONE
    ),
    "a policy document": Case(
        own("data.aws_iam_policy_document.own.json", DATA), STATE, found(), GONE
    ),
    "a policy document with a bucket that is not known": Case(
        own(
            "data.aws_iam_policy_document.own.json",
            ROLE + DATA.replace('["*"]', '[aws_s3_bucket.b.arn, "${aws_s3_bucket.b.arn}/*"]'),
        ),
        STATE,
        found(policy({**BEFORE["Statement"][0], "Resource": ["arn:b/*", "arn:b"]})),
        GONE,
    ),
    "a policy document through a local and a variable": Case(
        {
            "main.tf": 'module "app" {\n  source = "./app"\n  policy = local.p\n}\n\n'
            "locals {\n  p = data.aws_iam_policy_document.own.json\n}\n\n"
            + DATA.replace('["*"]', "[aws_s3_bucket.b.arn]"),
            "app/main.tf": own("var.policy", ROLE + 'variable "policy" {}\n\n'),
        },
        [
            {**role("app"), "module": "module.app"},
            {**inline("own", "app"), "module": "module.app"},
        ],
        found(policy({**BEFORE["Statement"][0], "Resource": "arn:b"})),
        GONE,
    ),
    "a local": Case(
        own(
            ENCODED.replace('["s3:GetObject", "s3:DeleteBucket", "sqs:SendMessage"]', "local.a"),
            'locals {\n  a = ["s3:GetObject", "s3:DeleteBucket", "sqs:SendMessage"]\n}\n\n',
        ),
        STATE,
        found(),
        GONE,
    ),
    "a variable's default": Case(
        own(
            ENCODED.replace('["s3:GetObject", "s3:DeleteBucket", "sqs:SendMessage"]', "var.a"),
            'variable "a" {\n  default = ["s3:GetObject", "s3:DeleteBucket", "sqs:SendMessage"]\n'
            "}\n\n",
        ),
        STATE,
        found(),
        GONE,
        "review",
        "overridable",
    ),
    "concat": Case(
        own(
            ENCODED.replace(
                '["s3:GetObject", "s3:DeleteBucket", "sqs:SendMessage"]',
                'concat(["s3:GetObject", "s3:DeleteBucket"], ["sqs:SendMessage"])',
            )
        ),
        STATE,
        found(),
        GONE,
    ),
    "a resource that is not known": Case(
        own(ENCODED.replace('"*"', '["${aws_s3_bucket.b.arn}/*", aws_s3_bucket.b.arn]')),
        STATE,
        found(policy({**BEFORE["Statement"][0], "Resource": ["arn:b/*", "arn:b"]})),
        GONE,
    ),
    "a heredoc with a bucket that is not known": Case(
        own(HEREDOC.replace('"*"', '"${aws_s3_bucket.b.arn}/*"')),
        STATE,
        found(policy({**BEFORE["Statement"][0], "Resource": "arn:aws:s3:::b/*"})),
        (('        "s3:DeleteBucket",\n', ""),),
    ),
    "other letters": Case(
        own(ENCODED.replace("s3:DeleteBucket", "S3:deletebucket")),
        STATE,
        found(),
        ((', "S3:deletebucket"', ""),),
    ),
    "a whole service": Case(
        own(ENCODED),
        STATE,
        found(actions=[], services=["sqs"]),
        ((', "sqs:SendMessage"', ""),),
    ),
    "a wildcard": Case(
        own(ENCODED.replace('"sqs:SendMessage"', '"sqs:Delete*"')),
        STATE,
        found(
            policy(allow("s3:GetObject", "s3:DeleteBucket", "sqs:Delete*")),
            actions=["sqs:DeleteQueue"],
        ),
        (('"sqs:Delete*"', '"sqs:DeleteMessage"'),),
    ),
    "a wildcard alone": Case(
        own(
            ENCODED.replace(
                '["s3:GetObject", "s3:DeleteBucket", "sqs:SendMessage"]', '"sqs:*Message"'
            )
        ),
        STATE,
        found(
            policy({"Effect": "Allow", "Action": "sqs:*Message", "Resource": "*"}),
            actions=["sqs:DeleteMessage"],
        ),
        (('"sqs:*Message"', '["sqs:ReceiveMessage", "sqs:SendMessage"]'),),
    ),
    "a wildcard on a line of its own": Case(
        own(HEREDOC.replace('"sqs:SendMessage"', '"sqs:*Message"')),
        STATE,
        found(
            policy(allow("s3:GetObject", "s3:DeleteBucket", "sqs:*Message")),
            actions=["sqs:DeleteMessage"],
        ),
        (('"sqs:*Message"', '"sqs:ReceiveMessage",\n        "sqs:SendMessage"'),),
    ),
    "a statement": Case(
        own(
            ENCODED.replace(
                "Statement = [{",
                'Statement = [{\n      Sid      = "Old"\n      Effect   = "Allow"\n'
                '      Action   = "s3:DeleteBucket"\n      Resource = "*"\n      }, {',
            ).replace('"s3:DeleteBucket", ', "")
        ),
        STATE,
        found(
            policy(
                {"Sid": "Old", "Effect": "Allow", "Action": "s3:DeleteBucket", "Resource": "*"},
                allow("s3:GetObject", "sqs:SendMessage"),
            )
        ),
        (
            (
                (
                    '{\n      Sid      = "Old"\n      Effect   = "Allow"\n'
                    '      Action   = "s3:DeleteBucket"\n      Resource = "*"\n      }, '
                ),
                "",
            ),
        ),
    ),
    "a statement block and its comment": Case(
        own(
            "data.aws_iam_policy_document.own.json",
            DATA.replace(', "s3:DeleteBucket"', "").replace(
                "  # what",
                '  # old\n  statement {\n    actions   = ["s3:DeleteBucket"]\n'
                '    resources = ["*"]\n  }\n\n  # what',
            ),
        ),
        STATE,
        found(policy(allow("s3:DeleteBucket"), allow("s3:GetObject", "sqs:SendMessage"))),
        (
            (
                (
                    '  # old\n  statement {\n    actions   = ["s3:DeleteBucket"]\n'
                    '    resources = ["*"]\n  }\n\n'
                ),
                "",
            ),
        ),
    ),
    "a Deny stays": Case(
        own(
            ENCODED.replace(
                "Statement = [{",
                'Statement = [{\n      Effect   = "Deny"\n      Action   = "s3:DeleteBucket"\n'
                '      Resource = "*"\n      }, {',
            )
        ),
        STATE,
        found(
            policy(
                {"Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"},
                *BEFORE["Statement"],
            )
        ),
        GONE,
    ),
    "two policies of one role": Case(
        own(ENCODED)
        + own(ENCODED).replace('"own"', '"more"').replace("SendMessage", "ReceiveMessage"),
        [*STATE, inline("more", "app", "more")],
        [
            unused(
                "app",
                ["s3:DeleteBucket"],
                [],
                [
                    live("own", BEFORE),
                    live(
                        "more",
                        policy(allow("s3:GetObject", "s3:DeleteBucket", "sqs:ReceiveMessage")),
                    ),
                ],
            )
        ],
        GONE,
    ),
    "an inline policy of which nothing is left": Case(
        own(ENCODED)
        + "\n"
        + own(ENCODED.replace("s3:GetObject", "s3:PutObject")).replace("own", "more"),
        [*STATE, inline("more", "app", "more")],
        [
            unused(
                "app",
                ["s3:GetObject", "s3:DeleteBucket"],
                ["sqs"],
                [
                    live("own", BEFORE),
                    live(
                        "more", policy(allow("s3:PutObject", "s3:DeleteBucket", "sqs:SendMessage"))
                    ),
                ],
            )
        ],
        ((own(ENCODED, "") + "\n", ""), (', "s3:DeleteBucket", "sqs:SendMessage"', "")),
    ),
    "two wildcards of one statement": Case(
        own(ENCODED.replace('"s3:DeleteBucket"', '"sns:Create*", "sns:*Topic"')),
        STATE,
        found(
            policy(allow("s3:GetObject", "sns:Create*", "sns:*Topic", "sqs:SendMessage")),
            actions=["sns:DeleteTopic", "sns:CreatePlatformEndpoint"],
        ),
        (('"sns:Create*", "sns:*Topic"', f'{CREATE}, "sns:ListSubscriptionsByTopic"'),),
    ),
    "a wildcard that two statements have": Case(
        own(
            """jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = concat(["sns:*Topic"], local.more)
      Resource = "*"
      }, {
      Effect   = "Allow"
      Action   = local.more
      Resource = "*"
    }]
  })""",
            ROLE + 'locals {\n  more = ["sns:Create*"]\n}\n\n',
        ),
        STATE,
        found(
            policy(
                allow("sns:*Topic", "sns:Create*"),
                allow("sns:Create*"),
            ),
            actions=["sns:DeleteTopic", "sns:CreatePlatformEndpoint"],
        ),
        (
            ('["sns:*Topic"]', '["sns:CreateTopic", "sns:ListSubscriptionsByTopic"]'),
            ('["sns:Create*"]', f"[{CREATE}]"),
        ),
    ),
    "inline_policy": Case(
        'resource "aws_iam_role" "app" {\n  name = "app"\n\n  inline_policy {\n    name   = "own"\n'
        f"    policy = {ENCODED}\n  }}\n}}\n",
        [role("app")],
        found(),
        GONE,
    ),
    "the last inline_policy": Case(
        'resource "aws_iam_role" "app" {\n  name = "app"\n\n  inline_policy {\n    name   = "own"\n'
        f"    policy = {ENCODED}\n  }}\n}}\n",
        [role("app")],
        found(actions=["s3:GetObject", "s3:DeleteBucket"], services=["sqs"]),
        (
            (
                f'inline_policy {{\n    name   = "own"\n    policy = {ENCODED}\n  }}',
                "inline_policy {}",
            ),
        ),
    ),
    "all inline_policy blocks": Case(
        'resource "aws_iam_role" "app" {\n  name = "app"\n'
        f"{block('own', ENCODED)}{block('queue', QUEUE)}}}\n",
        [role("app")],
        [
            unused(
                "app",
                ["s3:GetObject", "s3:DeleteBucket"],
                ["sqs"],
                [live("own", BEFORE), live("queue", policy(allow("sqs:*")))],
            )
        ],
        (
            (block("own", ENCODED), "\n  inline_policy {}\n"),
            (block("queue", QUEUE), ""),
        ),
    ),
    "a user": Case(
        own(ENCODED).replace("role_policy", "user_policy").replace("role =", "user ="),
        [
            resource("aws_iam_user", "app", id="app", name="app", arn=arn("user", "app")),
            resource("aws_iam_user_policy", "own", id="app:own", name="own", user="app"),
        ],
        found(kind="user"),
        GONE,
    ),
    "a group, whose members nobody counts": Case(
        own(ENCODED).replace("role_policy", "group_policy").replace("role =", "group ="),
        [
            resource("aws_iam_group", "app", id="app", name="app", arn=arn("group", "app")),
            resource("aws_iam_group_policy", "own", id="app:own", name="own", group="app"),
        ],
        found(kind="group"),
        GONE,
        "review",
        "who-else",
    ),
}


CUSTOMER = f'resource "aws_iam_policy" "shared" {{\n  name   = "shared"\n  policy = {ENCODED}\n}}\n'
SHARED = [role("app"), role("job"), customer("shared"), attached("a", "app", "shared")]
BOTH = [*SHARED, attached("j", "job", "shared")]


def shared(name: str, actions: list[str], who: object = ("app", "job")) -> dict[str, Any]:
    names = [arn("role", n) for n in who] if isinstance(who, tuple) else who
    document = live(arn("policy", "shared"), BEFORE, "customer", names)
    return unused(name, actions, [], [document])


REWRITTEN |= {
    "a customer policy": Case(
        CUSTOMER, SHARED, [shared("app", ["s3:DeleteBucket"], ("app",))], GONE
    ),
    "attached live only": Case(
        CUSTOMER,
        [role("app"), customer("shared")],
        [shared("app", ["s3:DeleteBucket"], ("app",))],
        GONE,
    ),
    "attached by managed_policy_arns": Case(
        CUSTOMER,
        [role("app", managed_policy_arns=[arn("policy", "shared")]), customer("shared")],
        [shared("app", ["s3:DeleteBucket"], ("app",))],
        GONE,
    ),
    "both leave it unused": Case(
        CUSTOMER,
        BOTH,
        [shared("app", ["s3:DeleteBucket"]), shared("job", ["s3:DeleteBucket"])],
        GONE,
    ),
    "only what both leave unused goes": Case(
        CUSTOMER,
        BOTH,
        [
            shared("app", ["s3:DeleteBucket", "s3:GetObject"]),
            shared("job", ["s3:DeleteBucket", "sqs:SendMessage"]),
        ],
        GONE,
        "review",
        "proof:gone: what may go is gone; access-analyzer:app, access-analyzer:job stays: "
        "s3:getobject of aws_iam_policy.shared stays for role job; "
        "sqs:sendmessage of aws_iam_policy.shared stays for role app",
    ),
    "the other has no finding": Case(
        CUSTOMER, BOTH, [shared("app", ["s3:DeleteBucket"])], GONE, "review", "who-else: the policy"
    ),
    "the other is attached live only": Case(
        CUSTOMER,
        SHARED,
        [shared("app", ["s3:DeleteBucket"])],
        GONE,
        "review",
        "who-else: the policy is also that of role job",
    ),
    "nobody knows who has it": Case(
        CUSTOMER,
        SHARED,
        [shared("app", ["s3:DeleteBucket"], None)],
        GONE,
        "review",
        "who-else: whom",
    ),
    "another's boundary": Case(
        CUSTOMER,
        [*SHARED[1:], role("app"), role("bound", permissions_boundary=arn("policy", "shared"))],
        [shared("app", ["s3:DeleteBucket"], ("app",))],
        GONE,
        "review",
        "who-else: the policy is also that of role bound, as their boundary",
    ),
    "a group has it": Case(
        CUSTOMER,
        [
            *SHARED,
            resource(
                "aws_iam_group_policy_attachment",
                "g",
                id="g",
                group="staff",
                policy_arn=arn("policy", "shared"),
            ),
        ],
        [shared("app", ["s3:DeleteBucket"], ("app",))],
        GONE,
        "review",
        "who-else: the policy is also that of group staff",
    ),
    "a person's": Case(own(ENCODED), STATE, found(traits=["human-user"]), GONE, "review", ""),
    "nobody says whose it is": Case(
        own(ENCODED), STATE, found(traits=[]), GONE, "review", "identity: nobody"
    ),
    "the live policy is not known": Case(
        own(ENCODED),
        STATE,
        [unused("app", ["s3:DeleteBucket"], [], None)],
        GONE,
        "review",
        "live-policy",
    ),
    "a part of it is granted elsewhere": Case(
        own(ENCODED),
        STATE,
        found(actions=["s3:DeleteBucket", "ec2:RunInstances"]),
        GONE,
        "review",
        "whole-finding: not found in the code: ec2:runinstances",
    ),
    "AWS recommends to keep it": Case(
        own(ENCODED),
        STATE,
        found(
            recommendation={
                "steps": [
                    {
                        "action": "CREATE_POLICY",
                        "existing": "own",
                        "policy": '{"Version":"2012-10-17","Statement":[{"Effect":"Allow",'
                        '"Action":"s3:Delete*","Resource":"*"}]}',
                    }
                ]
            }
        ),
        GONE,
        "review",
        "recommendation: AWS recommends to keep s3:DeleteBucket",
    ),
    "AWS recommends the same": Case(
        own(ENCODED),
        STATE,
        found(
            recommendation={
                "steps": [
                    {
                        "action": "CREATE_POLICY",
                        "existing": "own",
                        "policy": '{"Version":"2012-10-17","Statement":[{"Effect":"Allow",'
                        '"Action":"s3:GetObject","Resource":"*"}]}',
                    },
                    {"action": "DETACH_POLICY", "existing": "x", "policy": None},
                ]
            }
        ),
        GONE,
    ),
    "whole services alone are known": Case(
        own(ENCODED),
        STATE,
        [
            {
                **found()[0],
                "evidence": {
                    "traits": ["service-role"],
                    "unused": [{"service": "sqs", "actions": None}],
                    "live": {"policies": [live("own", BEFORE)]},
                },
            }
        ],
        ((', "sqs:SendMessage"', ""),),
        "review",
        "use-data",
    ),
    "a further action may be granted": Case(
        own(
            ENCODED.replace(
                '["s3:GetObject", "s3:DeleteBucket", "sqs:SendMessage"]',
                '["s3:GetObject", "s3:DeleteBucket", "${var.x}:Get"]',
            ),
            'variable "x" {}\n\n',
        ),
        STATE,
        found(policy(allow("s3:GetObject", "s3:DeleteBucket", "sns:Get"))),
        GONE,
        "review",
        "other-rules",
    ),
}

TWICE = HEREDOC.replace('"Action": [', '"Action": "s3:ListBucket",\n      "Action": [')
SERVICES = ENCODED.replace('"sqs:SendMessage"', '"sq?:SendMessage"')


def analyzed(status: str, changed: str) -> list[dict[str, Any]]:
    """Analyzed on 1 November; the policy changed then."""
    finding = found(analyzer={"status": status, "analyzed_at": "2026-11-01T00:00:00+00:00"})[0]
    finding["evidence"]["live"]["policies"][0]["updated_at"] = changed
    return [finding]


def recommended(*actions: str) -> dict[str, Any]:
    text = json.dumps(policy(allow(*actions)))
    return {"steps": [{"action": "CREATE_POLICY", "existing": "own", "policy": text}]}


# Evidence that says itself that it is not enough ----------------------------------------------

REWRITTEN |= {
    "a live policy that no code has grants it too": Case(
        own(ENCODED),
        STATE,
        [
            unused(
                "app",
                ["s3:DeleteBucket"],
                [],
                [live("own", BEFORE), live("by-hand", policy(allow("s3:Delete*")))],
            )
        ],
        GONE,
        "review",
        "proof:gone: what may go is gone; access-analyzer:app stays: by-hand grants it live",
    ),
    "a live policy that no code has grants something else": Case(
        own(ENCODED),
        STATE,
        [
            unused(
                "app",
                ["s3:DeleteBucket"],
                [],
                [live("own", BEFORE), live("by-hand", policy(allow("s3:List*")))],
            )
        ],
        GONE,
    ),
    "a policy that changed after it was analyzed": Case(
        own(ENCODED),
        STATE,
        analyzed("ACTIVE", "2026-11-02T00:00:00Z"),
        GONE,
        "review",
        "finding-age: own changed after it was analyzed at 2026-11-01",
    ),
    "a policy that changed before it was analyzed": Case(
        own(ENCODED), STATE, analyzed("ACTIVE", "2026-10-31T00:00:00Z"), GONE
    ),
    "a finding that somebody archived": Case(
        own(ENCODED),
        STATE,
        analyzed("ARCHIVED", "2026-10-31T00:00:00Z"),
        GONE,
        "review",
        "finding-status: the analyzer has the finding as ARCHIVED",
    ),
    "AWS recommends to keep what no catalogue knows": Case(
        own(ENCODED),
        STATE,
        found(recommendation=recommended("s3:GetObject", "s3:BrandNewThing")),
        GONE,
        "review",
        "recommendation: AWS recommends to keep s3:brandnewthing (in no catalogue)",
    ),
    "a wildcard over services": Case(
        own(SERVICES.replace("sq?:SendMessage", "*:DeleteBucket")),
        STATE,
        found(policy(allow("s3:GetObject", "s3:DeleteBucket", "*:DeleteBucket"))),
        (
            (
                '["s3:GetObject", "s3:DeleteBucket", "*:DeleteBucket"]',
                (
                    '["s3:GetObject", "lightsail:DeleteBucket", "s3-outposts:DeleteBucket", '
                    '"s3express:DeleteBucket"]'
                ),
            ),
        ),
        "review",
        "wildcard-service: *:DeleteBucket is written out service by service",
    ),
    "letters that are written as escapes": Case(
        own(HEREDOC.replace("s3:DeleteBucket", "s3:Delete\\u0042ucket")),
        STATE,
        found(),
        (('        "s3:Delete\\u0042ucket",\n', ""),),
    ),
    "a variable of the policy language": Case(
        own(ENCODED.replace('"*"', '"arn:aws:s3:::b/$${aws:username}/*"')),
        STATE,
        found(policy({**BEFORE["Statement"][0], "Resource": "arn:aws:s3:::b/${aws:username}/*"})),
        GONE,
    ),
}

EACH = """\
resource "aws_iam_role_policy" "own" {
  for_each = toset(["app", "job"])

  name   = "own"
  role   = each.key
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:DeleteBucket", "sqs:SendMessage"]
      Resource = "*"
    }]
  })
}
"""
OF_EACH = [
    role("app"),
    role("job"),
    *(
        resource("aws_iam_role_policy", "own", n, id=f"{n}:own", name="own", role=n)
        for n in ("app", "job")
    ),
]


def each(name: str, *actions: str) -> dict[str, Any]:
    return unused(name, actions, [], [live("own", BEFORE)])


REWRITTEN |= {
    "every instance has it": Case(
        EACH, OF_EACH, [each("app", "s3:DeleteBucket"), each("job", "s3:DeleteBucket")], GONE
    ),
    "of every instance what all leave unused": Case(
        EACH,
        OF_EACH,
        [each("app", "s3:DeleteBucket", "s3:GetObject"), each("job", "s3:DeleteBucket")],
        GONE,
        "review",
        "proof:gone: what may go is gone; access-analyzer:app stays: s3:getobject of "
        'aws_iam_role_policy.own["app"] stays for others whose policies have the same text',
    ),
    "another instance has no finding": Case(
        EACH, OF_EACH, [each("app", "s3:DeleteBucket")], GONE, "review", "blast-radius"
    ),
}


def of_root(finding: dict[str, Any]) -> dict[str, Any]:
    root = {"type": "AWS::IAM::User", "id": "root", "arn": "arn:aws:iam::111122223333:root"}
    return {**finding, "resource": root}


NOT_ACTION = policy({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"})
ONLY = ENCODED.replace('"s3:GetObject", ', "").replace(', "sqs:SendMessage"', "")
REWRITTEN |= {
    "an inline policy that another provider of the same account makes": Case(
        own(ENCODED),
        [
            *(with_provider(role(name), "a") for name in ("app", "other")),
            with_provider(role("job"), "b"),
            with_provider(inline("own", "app"), "b"),
        ],
        found(),
        GONE,
    ),
    "one of the role's own provider, beside another account's": Case(
        own(ENCODED),
        [
            *(with_provider(one, "a") for one in STATE),
            with_provider({**role("far"), "instances": [FAR]}, "b"),
        ],
        found(),
        GONE,
    ),
    "one beside a subscription to another account's topic": Case(
        own(ENCODED),
        [*STATE, resource("aws_sns_topic_subscription", "far", arn=FAR_TOPIC)],
        found(),
        GONE,
    ),
}
REFUSED = {
    "a heredoc with a comma too many, which is no JSON": (
        own(HEREDOC.replace('"Resource": "*"\n', '"Resource": "*",\n')),
        STATE,
        found(),
        "unknown-value",
    ),
    "a heredoc with a comment, which is no JSON": (
        own(HEREDOC.replace('        "s3:DeleteBucket",\n', '        "s3:DeleteBucket", # why\n')),
        STATE,
        found(),
        "unknown-value",
    ),
    "a whole inline policy that a list names": (
        own(ENCODED) + '\nresource "aws_iam_role_policies_exclusive" "app" {\n'
        '  role_name    = "app"\n  policy_names = ["own"]\n}\n',
        STATE,
        found(actions=["s3:GetObject", "s3:DeleteBucket"], services=["sqs"]),
        "exclusive-list",
    ),
    "NotAction": (
        own(ENCODED.replace("Action  ", "NotAction")),
        STATE,
        found(
            policy(
                {"Effect": "Allow", "NotAction": BEFORE["Statement"][0]["Action"], "Resource": "*"}
            ),
            actions=["s3:PutObject"],
        ),
        "not-action",
    ),
    "a customer policy of which nothing is left": (
        CUSTOMER.replace(ENCODED, ONLY),
        SHARED,
        [
            unused(
                "app",
                ["s3:DeleteBucket"],
                [],
                [
                    live(
                        arn("policy", "shared"),
                        policy(allow("s3:DeleteBucket")),
                        "customer",
                        [arn("role", "app")],
                    )
                ],
            )
        ],
        "empty-policy",
    ),
    "a policy that is not known": (
        own("var.p", ROLE + 'variable "p" {}\n\n'),
        STATE,
        found(),
        "unknown-value",
    ),
    "a computed action": (
        own(
            ENCODED.replace('"s3:DeleteBucket"', '"${local.s}:DeleteBucket"'),
            'locals {\n  s = "s3"\n}\n\n',
        ),
        STATE,
        found(),
        "no-place",
    ),
    "ignored changes": (
        own(ENCODED).replace(
            '  role = "app"\n',
            '  role = "app"\n  lifecycle {\n    ignore_changes = [policy]\n  }\n',
        ),
        STATE,
        found(),
        "ignored-changes",
    ),
    "a key twice in one object": (own(TWICE), STATE, found(), "unknown-value"),
    "a key twice in a file": (
        {
            "main.tf": own('file("${path.module}/p.json")'),
            "p.json": JSON.replace('"Action"', '"Action": "s3:*", "Action"'),
        },
        STATE,
        found(),
        "unknown-value",
    ),
    "no use data": (
        own(ENCODED),
        STATE,
        [{**found()[0], "evidence": {"unused": [{"service": "s3", "actions": []}]}}],
        "no-use-data",
    ),
    "nothing may go": (own(ENCODED), STATE, found(actions=[]), "nothing-removable"),
    "no catalogue knows it": (
        own(ENCODED.replace("s3:DeleteBucket", "s3:Fancy")),
        STATE,
        found(actions=["s3:Fancy"]),
        "nothing-removable",
    ),
    "the others use all of it": (
        CUSTOMER,
        BOTH,
        [shared("app", ["s3:DeleteBucket"]), shared("job", ["s3:GetObject"])],
        "used-by-others",
    ),
    "instances that agree on nothing": (
        EACH,
        OF_EACH,
        [each("app", "s3:DeleteBucket"), each("job", "s3:GetObject")],
        "used-by-others",
    ),
    "the root account": (own(ENCODED), STATE, [of_root(found()[0])], "root-account"),
    "the root account, and nothing is known of its use": (
        own(ENCODED),
        STATE,
        [of_root({**found()[0], "evidence": {"unused": []}})],
        "root-account",
    ),
    "no ARN": (
        own(ENCODED),
        STATE,
        [{**found()[0], "resource": {"id": "app", "type": "AWS::IAM::Role"}}],
        "no-arn",
    ),
    "whose account it is cannot be told": (
        own(ENCODED),
        [inline("own", "app")],
        found(),
        "ambiguous-account",
    ),
    "made with another provider than the role": (
        own(ENCODED),
        [with_provider(role("app"), "a"), with_provider(inline("own", "app"), "b")],
        found(),
        "ambiguous-account",
    ),
    "made in a root of several accounts whose state says no provider": (
        own(ENCODED),
        [*STATE, resource("aws_sqs_queue", "q", arn="arn:aws:sqs:eu-central-1:777788889999:q")],
        found(),
        "ambiguous-account",
    ),
    "larger than AWS takes": (
        own(ENCODED.replace('["s3:GetObject", "s3:DeleteBucket", "sqs:SendMessage"]', '"*"')),
        STATE,
        found(
            policy({"Effect": "Allow", "Action": "*", "Resource": "*"}),
            actions=["ec2:DescribeVpcs", "iam:GetRole", "s3:GetObject"],
            services=["sqs"],
        ),
        "no-safe-place",
    ),
    "evidence that is none": (
        own(ENCODED),
        STATE,
        [{**found()[0], "evidence": {"removable": {"actions": ["s3:*"]}}}],
        "bad-evidence",
    ),
    "a policy that AWS would not take": (
        own(ENCODED.replace('"2012-10-17"', '"2013-01-01"')),
        STATE,
        found({**BEFORE, "Version": "2013-01-01"}),
        "no-safe-place",
    ),
    "an output that others may read": (
        own(
            ENCODED.replace('Effect   = "Allow"', 'Effect   = "${var.x}"'),
            ROLE + 'variable "x" {}\n',
        ),
        STATE,
        found(),
        "unknown-value",
    ),
}

DRIFTED = {
    "another live policy": (
        own(ENCODED),
        STATE,
        found(policy(allow("s3:GetObject", "s3:DeleteBucket"))),
        "live policy",
    ),
    "the code does not grant it": (
        own(ENCODED),
        STATE,
        found(actions=["ec2:RunInstances"]),
        "does not grant",
    ),
    "another Sid is no other policy, another resource is": (
        own(ENCODED),
        STATE,
        found(policy({**BEFORE["Statement"][0], "Resource": "arn:aws:s3:::b"})),
        "live policy",
    ),
}


@pytest.mark.parametrize("case", REWRITTEN.values(), ids=REWRITTEN)
def test_rewritten(case: Case, tmp_path: Path) -> None:
    made = mend(tmp_path, case.files, case.resources, case.findings)
    told = [(o["outcome"], o["reason"], made.checks()) for o in made.outcomes]
    expected = by_path(case.files)
    for old, new in case.swaps:
        assert any(old in text for text in expected.values()), old
        expected = {path: text.replace(old, new) for path, text in expected.items()}
    assert made.files == expected, told
    assert {o["outcome"] for o in made.outcomes} == {
        "merged" if case.disposition == "auto" else "proposed"
    }, told
    assert {o["disposition"] for o in made.outcomes} == {case.disposition}, told
    lowering = " | ".join(f"{name}: {detail}" for name, detail in made.checks().items())
    assert case.because in lowering


@pytest.mark.parametrize(("files", "resources", "findings", "code"), REFUSED.values(), ids=REFUSED)
def test_refused(
    files: str,
    resources: list[dict[str, Any]],
    findings: list[dict[str, Any]],
    code: str,
    tmp_path: Path,
) -> None:
    made = mend(tmp_path, files, resources, findings)
    told = [(o["outcome"], o["reason"]) for o in made.outcomes]
    assert made.files == by_path(files)
    assert {(o["outcome"], o["reason"]["code"]) for o in made.outcomes} == {("refused", code)}, told
    assert all(len(o["reason"]["text"]) > 30 for o in made.outcomes)


@pytest.mark.parametrize(("files", "resources", "findings", "says"), DRIFTED.values(), ids=DRIFTED)
def test_drifted(
    files: str,
    resources: list[dict[str, Any]],
    findings: list[dict[str, Any]],
    says: str,
    tmp_path: Path,
) -> None:
    made = mend(tmp_path, files, resources, findings)
    assert made.files == by_path(files)
    assert made.only["outcome"] == "drifted", made.only["reason"]
    assert says in made.only["reason"]["text"]


# Others of a shared policy who are not to be changed ------------------------------------------

BREAKING = """\
version: 1
exemptions: []
markers:
  break-glass:
    names: ["*emergency*"]
"""


@pytest.mark.parametrize("label", ["emergency", "job"])
def test_a_policy_that_a_break_glass_role_has_is_not_narrowed_unseen(
    label: str, tmp_path: Path
) -> None:
    """By the name of the role, or only by what its block is called."""
    other = "job" if label == "emergency" else "emergency"
    resources = [
        role("app"),
        role(label, other),
        customer("shared"),
        attached("a", "app", "shared"),
        attached("j", other, "shared"),
    ]
    who = ("app", other)
    given = [shared("app", ["s3:DeleteBucket"], who), shared(other, ["s3:DeleteBucket"], who)]
    made = mend(tmp_path, CUSTOMER, resources, given, config=BREAKING)
    assert [o["outcome"] for o in made.outcomes] == ["exempted", "exempted"]
    (mine,) = [o for o in made.outcomes if o["finding"]["id"].endswith("app")]
    assert mine["reason"]["code"] == "who-else"
    assert f"{arn('policy', 'shared')} (of role {other})" in mine["reason"]["text"]
    assert made.files["main.tf"] == CUSTOMER


@pytest.mark.parametrize("known", ["live", "state"])
def test_a_policy_that_a_break_glass_role_has_is_exempt_by_live_or_by_state(
    known: str, tmp_path: Path
) -> None:
    resources = [*SHARED]
    who: tuple[str, ...] | None = ("app",)
    if known == "state":
        resources += [role("emergency"), attached("e", "emergency", "shared")]
    given = [shared("app", ["s3:DeleteBucket"], who)]
    if known == "live":
        (document,) = given[0]["evidence"]["live"]["policies"]
        document["break_glass"] = [arn("role", "rescue")]
    made = mend(tmp_path, CUSTOMER, resources, given, config=BREAKING)
    assert (made.only["outcome"], made.only["reason"]["code"]) == ("exempted", "who-else")
    assert made.files["main.tf"] == CUSTOMER


def test_a_break_glass_role_s_boundary_is_exempt(tmp_path: Path) -> None:
    bound = role("emergency", permissions_boundary=arn("policy", "shared"))
    given = [shared("app", ["s3:DeleteBucket"], ("app",))]
    made = mend(tmp_path, CUSTOMER, [*SHARED, bound], given, config=BREAKING)
    assert (made.only["outcome"], made.only["reason"]["code"]) == ("exempted", "who-else")


def test_what_is_not_shared_with_break_glass_may_go(tmp_path: Path) -> None:
    """The shared policy keeps all; the role's own loses what is unused, for review."""
    both = f"{own(ENCODED)}\n{CUSTOMER}"
    resources = [*STATE, customer("shared"), attached("a", "app", "shared")]
    resources += [role("emergency"), attached("e", "emergency", "shared")]
    given = shared("app", ["s3:DeleteBucket"], ("app", "emergency"))
    given["evidence"]["live"]["policies"].append(live("own", BEFORE))
    made = mend(tmp_path, both, resources, [given], config=BREAKING)
    assert (made.only["outcome"], made.only["disposition"]) == ("proposed", "review")
    assert "role emergency" in made.checks()["who-else"]
    assert made.files["main.tf"].endswith(CUSTOMER)
    assert made.files["main.tf"] != both
    assert "stays for role emergency, which is break-glass" in str(made.only["proof"])


KEEPS = json.dumps(policy(allow("s3:GetObject", "s3:DeleteBucket", "sqs:SendMessage")))
FOR_A_PERSON: dict[str, dict[str, Any]] = {
    "nobody says who it is": {"traits": []},
    "archived": {"analyzer": {"status": "ARCHIVED"}, "traits": ["service-role", "known-account"]},
    "kept by AWS's recommendation": {
        "recommendation": {
            "steps": [
                {"action": "CREATE_POLICY", "existing": arn("policy", "shared"), "policy": KEEPS}
            ]
        },
        "traits": ["service-role", "known-account"],
    },
}


@pytest.mark.parametrize("evidence", FOR_A_PERSON.values(), ids=FOR_A_PERSON)
def test_who_is_for_review_lets_go_of_no_shared_policy(
    evidence: dict[str, Any], tmp_path: Path
) -> None:
    """Traits that differ make changes of their own: that of the one must not be for the other."""
    other = shared("job", ["s3:DeleteBucket"])
    other = {**other, "evidence": {**other["evidence"], **evidence}}
    made = mend(tmp_path, CUSTOMER, BOTH, [shared("app", ["s3:DeleteBucket"]), other])
    assert "merged" not in [o["outcome"] for o in made.outcomes], made.outcomes
    assert {o["disposition"] for o in made.outcomes if o["edits"]} == {"review"}


EXEMPT = """\
version: 1
exemptions:
  - id: shared
    owner: platform@example.com
    reason: It is replaced this quarter
    expires: 2999-12-31
    match:
      arn: {}
"""


@pytest.mark.parametrize(("name", "outcome"), [("shared", "exempted"), ("other", "merged")])
def test_a_policy_is_exempt_by_its_arn(name: str, outcome: str, tmp_path: Path) -> None:
    (tmp_path / "exempt.yaml").write_text(EXEMPT.format(arn("policy", name)))
    config = CONFIG.replace("exemptions: []", "exemptions: [exempt.yaml]")
    given = [shared("app", ["s3:DeleteBucket"], ("app",))]
    made = mend(tmp_path, CUSTOMER, SHARED, given, config=config)
    assert made.only["outcome"] == outcome, made.only["reason"]


@pytest.mark.parametrize(
    ("address", "outcome"),
    [
        ("aws_iam_role.app", "exempted"),
        ("aws_iam_role_policy.own", "exempted"),
        ("aws_iam_role.other", "merged"),
    ],
)
def test_a_role_is_exempt_by_its_own_address(address: str, outcome: str, tmp_path: Path) -> None:
    exempt = EXEMPT.replace("arn: {}", f"address: {address}")
    (tmp_path / "exempt.yaml").write_text(exempt)
    config = CONFIG.replace("exemptions: []", "exemptions: [exempt.yaml]")
    made = mend(tmp_path, own(ENCODED), STATE, found(), config=config)
    assert made.only["outcome"] == outcome, made.only["reason"]


@pytest.mark.parametrize(
    ("form", "disposition"),
    [
        ("s3:DeleteBucket", "review"),
        ({"steps": {"policy": KEEPS}}, "review"),
        ({"steps": [KEEPS]}, "review"),
        ({"steps": [{"policy": {"Statement": []}}]}, "review"),
        ({"steps": [{"action": "DETACH_POLICY", "policy": None}]}, "auto"),
        (None, "auto"),
    ],
)
def test_what_aws_recommends_is_not_overlooked_for_its_form(
    form: object, disposition: str, tmp_path: Path
) -> None:
    made = mend(tmp_path, own(ENCODED), STATE, found(recommendation=form))
    assert made.only["disposition"] == disposition
    assert ("recommendation" in made.checks()) is (disposition == "review")


EMERGENCY = 'markers:\n  break-glass:\n    names: ["{}"]\n'


@pytest.mark.parametrize(
    ("label", "name", "mark", "outcome"),
    [
        ("fire", "app", "fire", "exempted"),  # as the code calls it
        ("it", "other", "app", "exempted"),  # as its ARN does
        ("it", "other", "fire", "merged"),
    ],
)
def test_a_role_is_break_glass_by_each_of_its_names(
    label: str, name: str, mark: str, outcome: str, tmp_path: Path
) -> None:
    """The policy's block refers to no role, and the finding may call it otherwise."""
    (given,) = found()
    given["resource"]["name"] = name
    config = CONFIG.replace("markers: {}\n", EMERGENCY.format(mark))
    text = own(ENCODED, ROLE.replace('"aws_iam_role" "app"', f'"aws_iam_role" "{label}"'))
    made = mend(tmp_path, text, [role(label, "app"), STATE[1]], [given], config=config)
    assert made.only["outcome"] == outcome, made.only["reason"]


def test_the_root_account_is_for_review_and_told_what_to_do(tmp_path: Path) -> None:
    made = mend(tmp_path, own(ENCODED), STATE, [of_root(found()[0])])
    assert made.only["disposition"] == "review"
    text = made.only["reason"]["text"]
    assert text.startswith("the root account of 111122223333 has permissions that are not used")
    assert "MFA" in text


def gone(made: Any) -> tuple[str, str]:
    (proof,) = [c for c in made.only["proof"]["checks"] if c["name"] == "gone"]
    return proof["verdict"], proof["detail"]


def test_what_the_evidence_keeps_is_told_with_the_proof(tmp_path: Path) -> None:
    finding = found()[0]
    why = "data-plane action, use is not tracked"
    names = ("s3:GetObject", "ec2:RunInstances")
    finding["evidence"]["removable"]["kept"] = [{"action": a, "why": why} for a in names]
    made = mend(tmp_path, own(ENCODED), STATE, [finding])
    assert made.only["outcome"] == "merged"
    verdict, detail = gone(made)
    assert verdict == "pass"
    assert detail == (
        "what may go is gone, and a second run changes nothing; found unused, and kept: "
        f"s3:GetObject ({why})"
    )


@pytest.mark.parametrize("text", [HEREDOC, ENCODED], ids=["heredoc", "jsonencode"])
def test_two_policies_of_one_file_are_two_changes(text: str, tmp_path: Path) -> None:
    """One of them must not be refused, or reviewed, for what the other is."""
    job = own(text).replace('"app"', '"job"').replace('"own" {', '"job" {')
    resources = [*STATE, role("job"), inline("job", "job")]
    given = [*found(), unused("job", ["s3:DeleteBucket"], [], [live("own", BEFORE)])]
    made = mend(tmp_path, own(text) + job, resources, given)
    assert {o["outcome"] for o in made.outcomes} == {"merged"}
    assert [len(o["edits"]) for o in made.outcomes] == [1, 1]
    assert "s3:DeleteBucket" not in made.files["main.tf"]


def test_a_hostile_name_stays_one_line(tmp_path: Path) -> None:
    name = "app\nChange-Id: forged\n**bold** <b>"
    resources = [role("app", name), inline("own", name)]
    given = unused(name, ["s3:DeleteBucket"], [], [live("own", BEFORE)])
    made = mend(tmp_path, own(ENCODED), resources, [given])
    texts = [c["detail"] for c in made.only["checks"]] + [made.only["reason"]["text"]]
    assert not [text for text in texts if "\n" in text]


def test_the_record_says_what_is_not_known_as_it_is_written(tmp_path: Path) -> None:
    text = own(ENCODED.replace('"*"', "aws_s3_bucket.b.arn"))
    live_ = policy({**BEFORE["Statement"][0], "Resource": "arn:b"})
    made = mend(tmp_path, text, STATE, found(live_))
    proof = made.only["proof"]
    assert "(not known: aws_s3_bucket.b.arn)" in proof["before"]
    assert "unknown-" not in proof["before"] + proof["after"]


@pytest.mark.parametrize("first", [0, 1])
def test_what_another_finding_of_it_keeps_goes_by_a_person(tmp_path: Path, first: int) -> None:
    """As of two analyzers that look back for a different time."""
    both = [*found(), *found(actions=[])]
    both[1] |= {"id": "access-analyzer:other"}
    kept = {"action": "s3:DeleteBucket", "why": "used 60 days ago"}
    both[1]["evidence"]["removable"]["kept"] = [kept]
    made = mend(tmp_path, own(ENCODED), STATE, both if first == 0 else both[::-1])
    by_id = {o["finding"]["id"]: o for o in made.outcomes}
    mine = by_id["access-analyzer:app"]
    assert mine["outcome"] == "proposed", mine["reason"]
    told = {c["name"]: c["detail"] for c in mine["checks"]}
    assert "another finding of it keeps s3:DeleteBucket" in told["who-else"]


TAGGED = "version: 1\nexemptions: []\nmarkers:\n  break-glass:\n    tags: {BreakGlass: ['true']}\n"


@pytest.mark.parametrize("role_of", ['"app"', "aws_iam_role.app.name"], ids=["text", "reference"])
@pytest.mark.parametrize("where", ["own", "default"])
def test_a_break_glass_tag_holds_before_it_is_applied(
    where: str, role_of: str, tmp_path: Path
) -> None:
    """Of the role, or of all that its provider makes; live it has none."""
    tags = 'tags = { BreakGlass = "true" }\n'
    head = ROLE.replace("}\n", f"  {tags}}}\n") if where == "own" else ROLE
    text = own(ENCODED, head).replace('role = "app"', f"role = {role_of}")
    if where == "default":
        text = f'provider "aws" {{\n  default_tags {{\n    {tags}  }}\n}}\n\n{text}'
    made = mend(tmp_path, text, STATE, found(), config=TAGGED)
    assert made.only["outcome"] == "exempted", made.only["reason"]
    assert made.files["main.tf"] == text


@pytest.mark.parametrize(
    ("tags", "live", "disposition"),
    [
        ("{ BreakGlass = var.glass }", {}, "review"),
        ('merge({ BreakGlass = "true" }, var.glass)', {}, "review"),
        ("{ BreakGlass = var.glass }", {"BreakGlass": "false"}, "auto"),
        ("{ Other = var.glass }", {}, "auto"),
        ("{ BreakGlass = null }", {}, "auto"),
    ],
    ids=["variable", "overridden", "known live", "another tag", "none"],
)
def test_a_tag_of_an_unknown_value_may_mark(
    tags: str, live: dict[str, str], disposition: str, tmp_path: Path
) -> None:
    head = ROLE.replace("}\n", f"  tags = {tags}\n}}\n") + 'variable "glass" {}\n\n'
    (finding,) = found()
    finding["resource"]["tags"] = live
    made = mend(tmp_path, own(ENCODED, head), STATE, [finding], config=TAGGED)
    assert made.only["disposition"] == disposition
    assert ("markers" in made.checks()) == (disposition == "review")


def test_a_default_tag_of_an_unknown_value_may_mark(tmp_path: Path) -> None:
    tags = "default_tags {\n    tags = { BreakGlass = var.glass }\n  }"
    head = f'variable "glass" {{}}\n\nprovider "aws" {{\n  {tags}\n}}\n\n{ROLE}'
    made = mend(tmp_path, own(ENCODED, head), STATE, found(), config=TAGGED)
    assert (made.only["disposition"], [*made.checks()]) == ("review", ["markers"])


def test_each_module_instance_has_its_own_tags(tmp_path: Path) -> None:
    """The second of two that one call makes: what marks it is not what the first has."""
    call = (
        'module "r" {\n  source   = "./r"\n  for_each = { app = "false", zed = "true" }\n'
        "  name     = each.key\n  glass    = each.value\n}\n"
    )
    head = (
        'variable "name" {}\nvariable "glass" {}\n\nresource "aws_iam_role" "app" {\n'
        "  name = var.name\n  tags = { BreakGlass = var.glass }\n}\n\n"
    )
    text = own(ENCODED, head).replace('role = "app"', "role = var.name")
    states = [
        {**one, "module": f'module.r["{name}"]'}
        for name in ("app", "zed")
        for one in (role("app", name), inline("own", name))
    ]
    given = [live("own", BEFORE)]
    findings = [unused(name, ["s3:DeleteBucket"], (), given) for name in ("app", "zed")]
    made = mend(tmp_path, {"main.tf": call, "r/main.tf": text}, states, findings, config=TAGGED)
    ends = {o["finding"]["id"].rpartition(":")[2]: o["outcome"] for o in made.outcomes}
    assert ends["zed"] == "exempted"
    assert ends["app"] != "merged", "one text makes both"
    assert made.files["r/main.tf"] == text


def test_another_role_s_tag_in_the_code_is_not_this_one_s(tmp_path: Path) -> None:
    other = (
        'resource "aws_iam_role" "other" {\n  name = "o"\n  tags = { BreakGlass = "true" }\n}\n\n'
    )
    made = mend(tmp_path, own(ENCODED, other + ROLE), STATE, found(), config=TAGGED)
    assert made.only["outcome"] == "merged", made.only["reason"]
