"""Policies that AWS manages and that are too wide: detached, or replaced by one with the rest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from policies import allow, live, mend, policy, resource, role, unused

FULL = "arn:aws:iam::aws:policy/AmazonSQSFullAccess"
READ = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
TEXTS = {
    FULL: policy({"Sid": "All", "Effect": "Allow", "Action": ["sqs:*"], "Resource": "*"}),
    READ: policy(allow("s3:GetObject", "s3:ListBucket"), allow("s3-object-lambda:GetObject")),
}
ROLE = 'resource "aws_iam_role" "app" {\n  name = "app"\n}\n\n'
ATTACHED = """\
resource "aws_iam_role_policy_attachment" "sqs" {{
  role       = aws_iam_role.app.name
  policy_arn = {}
}}
"""
REPLACED = """\

resource "aws_iam_policy" "amazonsqsfullaccess_used_by_app" {
  name = "AmazonSQSFullAccess-used-by-app"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "All"
        Effect = "Allow"
        Action = [
          "sqs:AddPermission",
          "sqs:CancelMessageMoveTask",
          "sqs:ChangeMessageVisibility",
          "sqs:CreateQueue",
          "sqs:DeleteMessage",
          "sqs:GetQueue*",
          "sqs:List*",
          "sqs:PurgeQueue",
          "sqs:ReceiveMessage",
          "sqs:RemovePermission",
          "sqs:SendMessage",
          "sqs:SetQueueAttributes",
          "sqs:StartMessageMoveTask",
          "sqs:TagQueue",
          "sqs:UntagQueue",
        ]
        Resource = "*"
      },
    ]
  })
}
"""


def attachment(arn: str = FULL) -> dict[str, Any]:
    kind = "aws_iam_role_policy_attachment"
    return resource(kind, "sqs", id="app-1", role="app", policy_arn=arn)


def found(*actions: str, services: tuple[str, ...] = (), arn: str = FULL) -> dict[str, Any]:
    return unused("app", actions, services, [live(arn, TEXTS[arn], "aws", ())])


SOURCE = ROLE + ATTACHED.format(f'"{FULL}"')


def test_what_is_used_of_it_is_attached_in_its_place(tmp_path: Path) -> None:
    made = mend(tmp_path, SOURCE, [role("app"), attachment()], [found("sqs:DeleteQueue")])
    after = ROLE + ATTACHED.format("aws_iam_policy.amazonsqsfullaccess_used_by_app.arn") + REPLACED
    assert made.files["main.tf"] == after, made.only["reason"]
    assert (made.only["outcome"], made.only["disposition"]) == ("proposed", "review")
    assert "aws-managed" in made.checks()


def test_it_is_detached_where_all_of_it_is_unused(tmp_path: Path) -> None:
    made = mend(tmp_path, SOURCE, [role("app"), attachment()], [found(services=("sqs",))])
    assert made.files["main.tf"] == ROLE.rstrip("\n") + "\n", made.only["reason"]
    assert (made.only["outcome"], made.only["disposition"]) == ("proposed", "review")


def test_it_leaves_the_list_of_a_role(tmp_path: Path) -> None:
    arns = f'["{FULL}", "{READ}"]'
    before = ROLE.replace('"app"\n}', f'"app"\n\n  managed_policy_arns = {arns}\n}}')
    given = unused("app", [], ["sqs"], [live(a, TEXTS[a], "aws", ()) for a in TEXTS])
    made = mend(tmp_path, before, [role("app", managed_policy_arns=[FULL, READ])], [given])
    assert made.files["main.tf"] == before.replace(f'"{FULL}", ', ""), made.only["reason"]
    assert made.only["disposition"] == "review"


EXCLUSIVE = """\
resource "aws_iam_policy_attachment" "sqs" {{
  name       = "sqs"
  roles      = ["app", "job"]
  policy_arn = {}
}}
"""


def exclusive() -> dict[str, Any]:
    kind, roles = "aws_iam_policy_attachment", ["app", "job"]
    return resource(kind, "sqs", id="sqs", name="sqs", roles=roles, policy_arn=FULL)


EACH = SOURCE.replace("  role ", '  for_each = toset(["a"])\n\n  role ')
REFUSED = {
    "in the list of a role": (
        ROLE.replace('"app"\n}', f'"app"\n\n  managed_policy_arns = ["{FULL}"]\n}}'),
        [role("app", managed_policy_arns=[FULL])],
        "aws-managed",
    ),
    "of every instance": (
        EACH,
        [
            role("app"),
            resource(
                "aws_iam_role_policy_attachment",
                "sqs",
                "a",
                id="app-1",
                role="app",
                policy_arn=FULL,
            ),
        ],
        "aws-managed",
    ),
    "exclusive, for others too": (
        ROLE + EXCLUSIVE.format(f'"{FULL}"'),
        [role("app"), exclusive()],
        "aws-managed",
    ),
    "which one is not known": (
        ROLE + ATTACHED.format("data.aws_iam_policy.full.arn"),
        [role("app"), attachment()],
        "unknown-value",
    ),
    "ignored": (
        SOURCE.replace(
            "  role ", "  lifecycle {\n    ignore_changes = [policy_arn]\n  }\n\n  role "
        ),
        [role("app"), attachment()],
        "ignored-changes",
    ),
}


@pytest.mark.parametrize(("text", "resources", "code"), REFUSED.values(), ids=REFUSED)
def test_refused(text: str, resources: list[dict[str, Any]], code: str, tmp_path: Path) -> None:
    made = mend(tmp_path, text, resources, [found("sqs:DeleteQueue")])
    assert made.files["main.tf"] == text
    assert (made.only["outcome"], made.only["reason"]["code"]) == ("refused", code), made.only


@pytest.mark.parametrize("services", [(), ("sqs",)], ids=["a part", "all of it"])
def test_an_exclusive_attachment_is_not_taken_from_the_others(
    services: tuple[str, ...], tmp_path: Path
) -> None:
    text = ROLE + EXCLUSIVE.format(f'"{FULL}"')
    given = found("sqs:DeleteQueue", services=services)
    made = mend(tmp_path, text, [role("app"), exclusive()], [given])
    assert made.files["main.tf"] == text
    said = made.only["reason"]["text"]
    assert "aws_iam_policy_attachment.sqs (main.tf:8)" in said
    assert "is exclusive: it is for all others that it names" in said


def test_the_refusal_says_what_to_write_and_where(tmp_path: Path) -> None:
    text, resources, _ = REFUSED["in the list of a role"]
    said = mend(tmp_path, text, resources, [found("sqs:DeleteQueue")]).only["reason"]["text"]
    assert said == (
        f"aws_iam_role.app (main.tf:4) attaches {FULL}, which AWS manages and of which "
        'sqs:deletequeue is unused; copy its text into a resource "aws_iam_policy" '
        '"amazonsqsfullaccess_used_by_app" without that, and write '
        "aws_iam_policy.amazonsqsfullaccess_used_by_app.arn there in the place of the ARN"
    )


@pytest.mark.parametrize(
    "policies",
    [None, [], [live(READ, TEXTS[READ], "aws", ())]],
    ids=["nothing is known", "it is not among the live ones", "another is"],
)
def test_a_text_that_is_not_known_is_not_guessed(policies: Any, tmp_path: Path) -> None:
    given = unused("app", ["sqs:DeleteQueue"], [], policies)
    made = mend(tmp_path, SOURCE, [role("app"), attachment()], [given])
    assert made.files["main.tf"] == SOURCE
    assert made.only["outcome"] == "drifted"
