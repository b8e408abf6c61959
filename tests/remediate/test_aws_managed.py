"""Policies that AWS manages and that are too wide: detached, or replaced by one with the rest."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from policies import allow, arn, customer, live, mend, policy, resource, role, unused

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
USED = re.findall(r'"(sqs:.+?)"', REPLACED)


def attachment(policy_arn: str = FULL) -> dict[str, Any]:
    kind = "aws_iam_role_policy_attachment"
    return resource(kind, "sqs", id="app-1", role="app", policy_arn=policy_arn)


def found(*actions: str, services: tuple[str, ...] = ()) -> dict[str, Any]:
    return unused("app", actions, services, [live(FULL, TEXTS[FULL], "aws", ())])


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


def test_what_is_used_takes_its_place_in_the_list_of_a_role(tmp_path: Path) -> None:
    before = with_arns(f'["{FULL}", "{READ}"]')
    given = unused("app", ["sqs:DeleteQueue"], [], [live(a, TEXTS[a], "aws", ()) for a in TEXTS])
    made = mend(tmp_path, before, [role("app", managed_policy_arns=[FULL, READ])], [given])
    after = with_arns(f'[aws_iam_policy.amazonsqsfullaccess_used_by_app.arn, "{READ}"]')
    assert made.files["main.tf"] == after.rstrip("\n") + "\n" + REPLACED + "\n", made.only["reason"]
    assert (made.only["outcome"], made.only["disposition"]) == ("proposed", "review")
    assert {"aws-managed"} <= {*made.checks()}


@pytest.mark.parametrize("wrapped", ["{}", "toset({})"])
def test_two_of_a_list_one_item_a_line(wrapped: str, tmp_path: Path) -> None:
    listed = '[\n    "{}", # queues\n    "{}",\n  ]'
    before = with_arns(wrapped.format(listed.format(FULL, READ)))
    policies = [live(a, TEXTS[a], "aws", ()) for a in TEXTS]
    given = unused("app", ["sqs:DeleteQueue", "s3:GetObject"], [], policies)
    made = mend(tmp_path, before, [role("app", managed_policy_arns=[FULL, READ])], [given])
    text = made.files["main.tf"]
    sqs, s3 = ("amazonsqsfullaccess_used_by_app", "amazons3readonlyaccess_used_by_app")
    there = [f"aws_iam_policy.{label}.arn" for label in (sqs, s3)]
    changed = wrapped.format(listed.replace('"{}"', "{}").format(*there))
    assert f"managed_policy_arns = {changed}\n" in text, made.only["reason"]
    assert REPLACED in text
    assert f'\n\nresource "aws_iam_policy" "{s3}" {{' in text
    assert made.only["disposition"] == "review"


MAP = """\
resource "aws_iam_role_policy_attachment" "sqs" {{
  for_each = {{
    queues = {}
    files  = "{}"
  }}

  role       = aws_iam_role.app.name
  policy_arn = each.value
}}
"""


def of_map(*actions: str, services: tuple[str, ...] = ()) -> tuple[list[Any], list[Any]]:
    policies = [live(a, TEXTS[a], "aws", ()) for a in TEXTS]
    resources = [role("app"), of_each("queues"), of_each("files", READ)]
    return resources, [unused("app", actions, services, policies)]


def test_what_is_used_takes_its_place_in_a_map(tmp_path: Path) -> None:
    """The keys of the map stay known, and so does how many instances there are."""
    made = mend(tmp_path, ROLE + MAP.format(f'"{FULL}"', READ), *of_map("sqs:DeleteQueue"))
    after = MAP.format("aws_iam_policy.amazonsqsfullaccess_used_by_app.arn", READ)
    assert made.files["main.tf"] == ROLE + after + REPLACED, made.only["reason"]
    assert (made.only["outcome"], made.only["disposition"]) == ("proposed", "review")
    assert "aws-managed" in made.checks()


def test_what_is_used_takes_its_place_in_a_local(tmp_path: Path) -> None:
    before = with_arns("local.arns") + LOCAL.format(f'["{FULL}"]')
    made = mend(
        tmp_path, before, [role("app", managed_policy_arns=[FULL])], [found("sqs:DeleteQueue")]
    )
    after = LOCAL.format("[aws_iam_policy.amazonsqsfullaccess_used_by_app.arn]")
    assert made.files["main.tf"].endswith(after), made.only["reason"]
    assert with_arns("local.arns").rstrip("\n") in made.files["main.tf"]
    assert REPLACED in made.files["main.tf"]
    assert made.only["disposition"] == "review"


def test_what_is_used_takes_its_place_in_the_map_of_a_local(tmp_path: Path) -> None:
    each = ATTACHED.format("each.value").replace("  role ", "  for_each = local.arns\n\n  role ")
    before = ROLE + each + "\n" + LOCAL.format(f'{{ queues = "{FULL}", files = "{READ}" }}')
    made = mend(tmp_path, before, *of_map("sqs:DeleteQueue"))
    name = "aws_iam_policy.amazonsqsfullaccess_used_by_app.arn"
    after = LOCAL.format(f'{{ queues = {name}, files = "{READ}" }}')
    assert made.files["main.tf"] == ROLE + each + REPLACED + "\n" + after, made.only["reason"]
    assert made.only["disposition"] == "review"


def by_key(label: str, policy_arn: str) -> str:
    return f'each.key == "{policy_arn}" ? aws_iam_policy.{label}.arn : '


SQS, S3 = "amazonsqsfullaccess_used_by_app", "amazons3readonlyaccess_used_by_app"


def test_of_a_set_only_the_instance_with_that_key_changes(tmp_path: Path) -> None:
    """The set stays as it is: terraform must know its values before it applies."""
    before = in_set(FULL, READ)
    resources = [role("app"), of_each(FULL), of_each(READ, READ)]
    made = mend(tmp_path, before, resources, of_map("sqs:DeleteQueue")[1])
    after = before.replace("= each.value", f"= {by_key(SQS, FULL)}each.value")
    assert made.files["main.tf"] == after + REPLACED, made.only["reason"]
    assert (made.only["outcome"], made.only["disposition"]) == ("proposed", "review")
    (addresses,) = [c for c in made.only["proof"]["checks"] if c["name"] == "addresses"]
    assert addresses["verdict"] == "pass"
    assert READ not in addresses["detail"]


def test_two_of_a_set(tmp_path: Path) -> None:
    before = in_set(FULL, READ)
    resources = [role("app"), of_each(FULL), of_each(READ, READ)]
    given = of_map("sqs:DeleteQueue", "s3:GetObject")[1]
    made = mend(tmp_path, before, resources, given)
    both = f"= {by_key(S3, READ)}{by_key(SQS, FULL)}each.value"
    assert before.replace("= each.value", both) in made.files["main.tf"], made.only["reason"]


def test_a_further_one_of_a_set(tmp_path: Path) -> None:
    """One gave way before, and its policy is in the state."""
    before = (
        in_set(FULL, READ).replace("= each.value", f"= {by_key(SQS, FULL)}each.value") + REPLACED
    )
    mine = arn("policy", "AmazonSQSFullAccess-used-by-app")
    text = policy({"Sid": "All", "Effect": "Allow", "Action": USED, "Resource": "*"})
    policies = [
        live(mine, text, "customer", [arn("role", "app")]),
        live(READ, TEXTS[READ], "aws", ()),
    ]
    resources = [role("app"), of_each(FULL, mine), of_each(READ, READ), customer(SQS, mine[31:])]
    made = mend(tmp_path, before, resources, [unused("app", ["s3:GetObject"], [], policies)])
    both = f"= {by_key(S3, READ)}{by_key(SQS, FULL)}each.value"
    assert both in made.files["main.tf"], made.only["reason"]
    assert made.only["disposition"] == "review"


def test_of_a_map_from_elsewhere_only_the_own_entry_changes(tmp_path: Path) -> None:
    """Two roles have the same policy, and the finding names one of them."""
    block = ATTACHED.format("each.value").replace("aws_iam_role.app.name", "each.key")
    before = block.replace("  role ", "  for_each = var.arns\n\n  role ")
    before += f'\nvariable "arns" {{\n  default = {{ app = "{FULL}", job = "{FULL}" }}\n}}\n'
    kind = "aws_iam_role_policy_attachment"
    resources = [
        resource(kind, "sqs", n, id=f"{n}-1", role=n, policy_arn=FULL) for n in ("app", "job")
    ]
    made = mend(tmp_path, ROLE + before, [role("app"), *resources], [found("sqs:DeleteQueue")])
    own = f'= each.key == "app" ? aws_iam_policy.{SQS}.arn : each.value'
    assert made.files["main.tf"].startswith(
        ROLE
        + block.partition("policy_arn")[0].replace("  role ", "  for_each = var.arns\n\n  role ")
    ), made.only["reason"]
    assert own in made.files["main.tf"], made.only["reason"]
    assert "job" not in str(made.only["proof"]["after"])


def test_a_local_of_two_that_use_different_parts_is_left(tmp_path: Path) -> None:
    before = with_arns("local.arns") + JOB + LOCAL.format(f'["{FULL}"]')
    resources = [role(n, managed_policy_arns=[FULL]) for n in ("app", "job")]
    policies = [live(FULL, TEXTS[FULL], "aws", ())]
    given = [unused(n, ["sqs:DeleteQueue"], [], policies) for n in ("app", "job")]
    made = mend(tmp_path, before, resources, given)
    assert made.files["main.tf"] == before
    assert {o["reason"]["code"] for o in made.outcomes} == {"no-place"}
    said = made.outcomes[0]["reason"]["text"]
    assert "main.tf:14 is shared by identities that use different parts" in said


def test_it_leaves_a_map_where_all_of_it_is_unused(tmp_path: Path) -> None:
    made = mend(tmp_path, ROLE + MAP.format(f'"{FULL}"', READ), *of_map(services=("sqs",)))
    after = ROLE + MAP.replace("    queues = {}\n", "").replace("files  =", "files =").format(READ)
    assert made.files["main.tf"] == after, made.only["reason"]
    assert made.only["disposition"] == "review"


def test_it_leaves_a_set_where_all_of_it_is_unused(tmp_path: Path) -> None:
    sets = EACH.replace('toset(["a"])', f'toset(["{FULL}", "{READ}"])')
    before = sets.replace(f' "{FULL}"\n}}', " each.value\n}")
    resources = [role("app"), of_each(FULL), of_each(READ, READ)]
    made = mend(tmp_path, before, resources, of_map(services=("sqs",))[1])
    assert made.files["main.tf"] == before.replace(f'"{FULL}", ', ""), made.only["reason"]
    assert made.only["disposition"] == "review"


@pytest.mark.parametrize("unused_", ["sqs:DeleteQueue", "s3:GetObject"])
def test_the_policy_in_its_place_is_narrowed_where_it_is_written(
    unused_: str, tmp_path: Path
) -> None:
    """Once it is applied the role has a policy of the code, and that one is read."""
    own = "aws_iam_policy.amazonsqsfullaccess_used_by_app.arn"
    before = with_arns(f'[{own}, "{READ}"]') + REPLACED.lstrip("\n")
    name = "AmazonSQSFullAccess-used-by-app"
    label = "amazonsqsfullaccess_used_by_app"
    text = {"Sid": "All", "Effect": "Allow", "Action": USED, "Resource": "*"}
    there = live(arn("policy", name), policy(text), "customer", [arn("role", "app")])
    resources = [
        role("app", managed_policy_arns=[arn("policy", name), READ]),
        customer(label, name),
    ]
    given = unused("app", [unused_], [], [there, live(READ, TEXTS[READ], "aws", ())])
    made = mend(tmp_path, before, resources, [given])
    if unused_.startswith("sqs"):  # it is gone already
        assert made.files["main.tf"] == before
        assert made.only["outcome"] == "drifted", made.only
    else:
        assert (
            f"[{own}, aws_iam_policy.amazons3readonlyaccess_used_by_app.arn]"
            in made.files["main.tf"]
        )


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


def of_each(key: str, policy_arn: str = FULL) -> dict[str, Any]:
    kind = "aws_iam_role_policy_attachment"
    return resource(kind, "sqs", key, id=f"app-{key}", role="app", policy_arn=policy_arn)


def in_set(*arns: str) -> str:
    """Each of these ARNs is a key."""
    listed = ", ".join(f'"{a}"' for a in arns)
    return EACH.replace('toset(["a"])', f"toset([{listed}])").replace(
        f' "{FULL}"\n}}', " each.value\n}"
    )


COUNTED_BY = """\
resource "aws_ssm_parameter" "policies" {
  for_each = toset(aws_iam_role.app.managed_policy_arns)

  name  = each.key
  type  = "String"
  value = "attached"
}
"""
OWN = "aws_iam_role.app.managed_policy_arns"
OTHERS = COUNTED_BY.replace(OWN, "local.arns")
LOCAL = "locals {{\n  arns = {}\n}}\n"
JOB = 'resource "aws_iam_role" "job" {\n  name = "job"\n\n  managed_policy_arns = local.arns\n}\n\n'
TAKEN = '  name   = "taken"\n  policy = jsonencode({ Statement = [] })\n'
EACH = SOURCE.replace("  role ", '  for_each = toset(["a"])\n\n  role ')


def with_arns(text: str, more: str = "") -> str:
    """The role with this `managed_policy_arns`, and `more` before its name."""
    return ROLE.replace('name = "app"', f'{more}name = "app"\n\n  managed_policy_arns = {text}')


REFUSED = {
    "in the list of a role of several instances": (
        with_arns(f'["{FULL}"]', "count = 1\n  "),
        [resource("aws_iam_role", "app", 0, id="app", name="app", arn=arn("role", "app"))],
        "aws-managed",
    ),
    "in the default of a variable": (
        with_arns("var.arns") + f'variable "arns" {{\n  default = ["{FULL}"]\n}}\n',
        [role("app", managed_policy_arns=[FULL])],
        "aws-managed",
    ),
    "in a local that another role has": (
        with_arns("local.arns") + JOB + LOCAL.format(f'["{FULL}"]'),
        [role("app", managed_policy_arns=[FULL]), role("job", managed_policy_arns=[FULL])],
        "no-safe-place",
    ),
    "in a local that others count by": (
        with_arns("local.arns") + LOCAL.format(f'["{FULL}"]') + OTHERS,
        [role("app", managed_policy_arns=[FULL])],
        "no-safe-place",
    ),
    "in a list that is made": (
        with_arns(f'concat(["{FULL}"], var.more)') + 'variable "more" {\n  default = []\n}\n',
        [role("app", managed_policy_arns=[FULL])],
        "aws-managed",
    ),
    "in a list that others count by": (
        with_arns(f'["{FULL}"]') + COUNTED_BY,
        [role("app", managed_policy_arns=[FULL])],
        "no-safe-place",
    ),
    "its label is taken": (
        with_arns(f'["{FULL}"]')
        + f'resource "aws_iam_policy" "amazonsqsfullaccess_used_by_app" {{\n{TAKEN}}}\n',
        [role("app", managed_policy_arns=[FULL])],
        "aws-managed",
    ),
    "computed of the keys of a set": (
        in_set(FULL).replace("= each.value", "= trimspace(each.value)"),
        [role("app"), of_each(FULL)],
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


KEPT = """\
resource "aws_iam_role_policy_attachments_exclusive" "app" {{
  role_name   = {}
  policy_arns = [{}]
}}
"""


@pytest.mark.parametrize("services", [(), ("sqs",)], ids=["a part", "all of it"])
@pytest.mark.parametrize("who", ["aws_iam_role.app.name", '"app"', "var.who"])
def test_what_attaches_it_again_is_named(
    who: str, services: tuple[str, ...], tmp_path: Path
) -> None:
    text = SOURCE + KEPT.format(who, f'"{FULL}"') + 'variable "who" {}\n'
    given = found("sqs:DeleteQueue", services=services)
    made = mend(tmp_path, text, [role("app"), attachment()], [given])
    assert made.files["main.tf"] == text
    assert made.only["reason"]["code"] == "aws-managed"
    assert "attachments_exclusive.app (main.tf:9) attaches" in made.only["reason"]["text"]


@pytest.mark.parametrize(
    ("who", "arns"),
    [
        ('"another"', f'"{FULL}"'),
        ("aws_iam_role.app.name", f'"{READ}"'),
        ("aws_iam_role.app.name", "aws_iam_role_policy_attachment.sqs.policy_arn"),
    ],
    ids=["another's", "another policy", "what the attachment says"],
)
def test_what_does_not_attach_it_again(who: str, arns: str, tmp_path: Path) -> None:
    text = SOURCE + KEPT.format(who, arns)
    made = mend(tmp_path, text, [role("app"), attachment()], [found("sqs:DeleteQueue")])
    assert made.only["outcome"] == "proposed", made.only["reason"]
    assert (
        "policy_arn = aws_iam_policy.amazonsqsfullaccess_used_by_app.arn" in made.files["main.tf"]
    )


def said_of(name: str, folder: Path) -> str:
    text, resources, _ = REFUSED[name]
    said: str = mend(folder, text, resources, [found("sqs:DeleteQueue")]).only["reason"]["text"]
    return said


def test_the_refusal_says_why_the_keys_of_a_set_cannot_be_it(tmp_path: Path) -> None:
    said = said_of("of every instance", tmp_path)
    assert "attach aws_iam_policy.amazonsqsfullaccess_used_by_app.arn to this identity" in said
    assert "not as a key of for_each, for terraform must know those before it applies" in said


def test_the_refusal_says_that_the_label_is_taken(tmp_path: Path) -> None:
    said = said_of("its label is taken", tmp_path)
    assert said.endswith("; aws_iam_policy.amazonsqsfullaccess_used_by_app is there already")


def test_the_refusal_says_who_counts_by_it(tmp_path: Path) -> None:
    said = said_of("in a list that others count by", tmp_path)
    assert "how many instances aws_ssm_parameter.policies has would not be known" in said


def test_what_is_larger_than_a_policy_may_be_is_not_written(tmp_path: Path) -> None:
    many = [
        allow(f"sqs:{name}", on=f"arn:aws:sqs:*:*:{'q' * 200}{n}")
        for n, name in enumerate(["SendMessage", "DeleteQueue"] * 25)
    ]
    given = unused("app", ["sqs:DeleteQueue"], [], [live(FULL, policy(*many), "aws", ())])
    before = with_arns(f'["{FULL}"]')
    made = mend(tmp_path, before, [role("app", managed_policy_arns=[FULL])], [given])
    assert made.files["main.tf"] == before
    assert made.only["reason"]["code"] == "aws-managed"
    assert "characters, and AWS takes 6144" in made.only["reason"]["text"]


def test_the_refusal_says_what_to_write_and_where(tmp_path: Path) -> None:
    said = said_of("in the list of a role of several instances", tmp_path)
    assert said == (
        f"aws_iam_role.app[0] (main.tf:5) attaches {FULL}, which AWS manages and of which "
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
