"""Terraform of many roles, their states, and what they are in IAM: pure, the same every time.

Each role is written in one of five ways, by its number; live it is the same as the others.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

ACCOUNT = "123456789012"
STRANGERS = ("444455556666", "555566667777")
USED = "s3:ListAllMyBuckets"
_SERVICE = "lambda.amazonaws.com"
_MODULE = "../../modules/role"


@dataclass(frozen=True, slots=True)
class Role:
    """One principal. `managed`: its policy is a customer's own and attached. `outsiders`: whom it
    trusts besides AWS's own service."""

    service: str
    number: int
    outsiders: tuple[str, ...] = STRANGERS

    @property
    def name(self) -> str:
        return f"{self.service}-{self.number:02d}"

    @property
    def label(self) -> str:
        return f"role_{self.number:02d}"

    @property
    def arn(self) -> str:
        return f"arn:aws:iam::{ACCOUNT}:role/{self.name}"

    @property
    def policy_arn(self) -> str:
        return f"arn:aws:iam::{ACCOUNT}:policy/{self.name}"

    @property
    def managed(self) -> bool:
        return self.number % 5 == 1

    @property
    def actions(self) -> tuple[str, ...]:
        return ("s3:DeleteBucket", "s3:GetObject", USED, "sqs:SendMessage")

    @property
    def trusted(self) -> tuple[str, ...]:
        return tuple(f"arn:aws:iam::{a}:root" for a in (ACCOUNT, *self.outsiders))

    @property
    def policy(self) -> dict[str, Any]:
        return _document({"Effect": "Allow", "Action": [*self.actions], "Resource": "*"})

    @property
    def trust(self) -> dict[str, Any]:
        who: dict[str, Any] = {"AWS": [*self.trusted]}
        if not self.outsiders:
            who = {"Service": _SERVICE}
        return _document({"Effect": "Allow", "Principal": who, "Action": "sts:AssumeRole"})


def _document(statement: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [statement]}


def roles(services: int, each: int) -> list[Role]:
    return [Role(f"service-{s:03d}", n) for s in range(services) for n in range(each)]


def of_events(each: int) -> Role:
    """One more in the first service, which only AWS's own service assumes: closed automatically."""
    return Role("service-000", len(_WAYS) * each, ())


def root_of(service: str) -> str:
    return f"live/{service}"


# Terraform ----------------------------------------------------------------------------------


def files(every: Sequence[Role]) -> Iterator[tuple[str, str]]:
    """One root a service, one file a way of writing; and the module that all roots call."""
    yield "modules/role/main.tf", _MODULE_TEXT
    by_file: dict[str, list[str]] = {}
    for role in every:
        root, way = root_of(role.service), role.number % len(_WAYS)
        by_file.setdefault(f"{root}/{_WAYS[way][0]}.tf", []).append(_WAYS[way][1](role))
        by_file.setdefault(f"{root}/main.tf", [_PROVIDER_TEXT])
    for path, texts in by_file.items():
        yield path, "\n".join(texts)


def _listed(values: Sequence[str], indent: int) -> str:
    space = " " * indent
    inside = "".join(f"{space}  {json.dumps(v)},\n" for v in values)
    return f"[\n{inside}{space}]"


def _role(role: Role, trust: str) -> str:
    return f"""\
resource "aws_iam_role" "{role.label}" {{
  name               = "{role.name}"
  assume_role_policy = {trust}
}}
"""


def _encoded_trust(role: Role) -> str:
    who = f"AWS = {_listed(role.trusted, 6)}" if role.outsiders else f'Service = "{_SERVICE}"'
    return f"""jsonencode({{
    Version = "2012-10-17"
    Statement = [{{
      Effect    = "Allow"
      Principal = {{ {who} }}
      Action    = "sts:AssumeRole"
    }}]
  }})"""


def _inline(role: Role, actions: str) -> str:
    return f"""\
resource "aws_iam_role_policy" "{role.label}" {{
  name = "own"
  role = aws_iam_role.{role.label}.name
  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{
      Effect   = "Allow"
      Action   = {actions}
      Resource = "*"
    }}]
  }})
}}
"""


def _encoded(role: Role) -> str:
    return f"{_role(role, _encoded_trust(role))}\n{_inline(role, _listed(role.actions, 6))}"


def _local(role: Role) -> str:
    local = f"{role.label}_actions"
    return f"""\
locals {{
  {local} = {_listed(role.actions, 2)}
}}

{_role(role, _encoded_trust(role))}
{_inline(role, f"local.{local}")}"""


def _heredoc(role: Role) -> str:
    policy, trust = (json.dumps(d, indent=2) for d in (role.policy, role.trust))
    return f"""\
resource "aws_iam_role" "{role.label}" {{
  name               = "{role.name}"
  assume_role_policy = <<-EOT
{_indented(trust)}
  EOT
}}

resource "aws_iam_role_policy" "{role.label}" {{
  name   = "own"
  role   = aws_iam_role.{role.label}.name
  policy = <<-EOT
{_indented(policy)}
  EOT
}}
"""


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


def _data(role: Role) -> str:
    trust = f"data.aws_iam_policy_document.{role.label}_trust.json"
    return f"""\
data "aws_iam_policy_document" "{role.label}_trust" {{
  statement {{
    actions = ["sts:AssumeRole"]
    principals {{
      type        = "AWS"
      identifiers = {_listed(role.trusted, 6)}
    }}
  }}
}}

data "aws_iam_policy_document" "{role.label}" {{
  statement {{
    actions   = {_listed(role.actions, 4)}
    resources = ["*"]
  }}
}}

{_role(role, trust)}
resource "aws_iam_policy" "{role.label}" {{
  name   = "{role.name}"
  policy = data.aws_iam_policy_document.{role.label}.json
}}

resource "aws_iam_role_policy_attachment" "{role.label}" {{
  role       = aws_iam_role.{role.label}.name
  policy_arn = aws_iam_policy.{role.label}.arn
}}
"""


def _called(role: Role) -> str:
    return f"""\
module "{role.label}" {{
  source  = "{_MODULE}"
  name    = "{role.name}"
  trusted = {_listed(role.trusted, 2)}
  actions = {_listed(role.actions, 2)}
}}
"""


_WAYS = (
    ("encoded", _encoded),
    ("documents", _data),
    ("heredocs", _heredoc),
    ("modules", _called),
    ("locals", _local),
)
_PROVIDER_TEXT = """\
terraform {
  required_version = ">= 1.5"
}

provider "aws" {
  region = "eu-west-1"
}
"""
_MODULE_TEXT = """\
variable "name" {
  type = string
}

variable "trusted" {
  type = list(string)
}

variable "actions" {
  type = list(string)
}

resource "aws_iam_role" "this" {
  name = var.name
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = var.trusted }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  name = "own"
  role = aws_iam_role.this.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = var.actions
      Resource = "*"
    }]
  })
}
"""


# States -------------------------------------------------------------------------------------


def state(every: Sequence[Role]) -> str:
    """Of the roles of one service."""
    resources = [r for role in every for r in _resources(role)]
    return json.dumps({"version": 4, "terraform_version": "1.11.4", "resources": resources})


def _resources(role: Role) -> Iterator[dict[str, Any]]:
    called = role.number % len(_WAYS) == 3
    name = "this" if called else role.label
    where = {"module": f"module.{role.label}"} if called else {}

    def made(kind: str, **attributes: Any) -> dict[str, Any]:
        instance = {"schema_version": 0, "attributes": attributes}
        return {
            **where,
            "mode": "managed",
            "type": kind,
            "name": name,
            "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
            "instances": [instance],
        }

    trust, policy = (json.dumps(d) for d in (role.trust, role.policy))
    yield made("aws_iam_role", id=role.name, arn=role.arn, name=role.name, assume_role_policy=trust)
    if role.managed:
        arn = role.policy_arn
        yield made("aws_iam_policy", id=arn, arn=arn, name=role.name, policy=policy)
        yield made(
            "aws_iam_role_policy_attachment",
            id=f"{role.name}-{arn}",
            role=role.name,
            policy_arn=arn,
        )
    else:
        own = f"{role.name}:own"
        yield made("aws_iam_role_policy", id=own, name="own", role=role.name, policy=policy)
