"""What a change of IAM and resource policies comes to, evaluated from the code."""

from __future__ import annotations

import json

import pytest
from twotrees import answers, compared

ROLE = 'resource "aws_iam_role" "r" {\n  name = "r"\n  assume_role_policy = %s\n}\n'


def statement(action: str, resource: str = '"*"', effect: str = "Allow", more: str = "") -> str:
    return f'{{ Effect = "{effect}", Action = {action}, Resource = {resource}{more} }}'


def policy(*statements: str, kind: str = "aws_iam_policy", more: str = "") -> str:
    listed = ", ".join(statements)
    return (
        f'resource "{kind}" "p" {{\n{more}  policy = jsonencode({{ Version = "2012-10-17", '
        f"Statement = [{listed}] }})\n}}\n"
    )


def trust(principal: str) -> str:
    return ROLE % (
        'jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", '
        f'Action = "sts:AssumeRole", Principal = {principal} }}] }})'
    )


GET = statement('"s3:GetObject"')
PUT = statement('"s3:PutObject"')
ALL = statement('"s3:*"')
B = '"${aws_s3_bucket.b.arn}/*"'
BUCKET = (
    'resource "aws_ssm_parameter" "v" {}\n'
    'resource "aws_s3_bucket" "b" {}\n'
    'resource "aws_s3_bucket" "c" {}\n'
    'variable "x" {}\n'
)
STORED = "aws_ssm_parameter.v.value"
NOT_SET = 'resource "aws_iam_policy" "p" {\n  policy = var.p\n}\nvariable "p" {}\n'

CASES = [
    ("narrower", policy(ALL), policy(GET)),
    ("narrower", policy(GET, PUT), policy(GET)),
    ("wider", policy(GET), policy(ALL)),
    ("wider", policy(GET), policy(GET, PUT)),
    ("same", policy(GET, PUT), policy(statement('["s3:PutObject", "s3:GetObject"]'))),
    ("narrower", policy(GET), ""),
    ("wider", "", policy(GET)),
    ("narrower", policy(ALL), policy(ALL, statement('"s3:PutObject"', effect="Deny"))),
    ("wider", policy(ALL, statement('"s3:PutObject"', effect="Deny")), policy(ALL)),
    ("unknown", policy(GET), policy('{ Effect = "Permit", Action = "*", Resource = "*" }')),
    ("unknown", policy(GET), NOT_SET),
    # What is known after the apply only is one thing, the same for the same name.
    ("narrower", policy(ALL), policy(statement('"s3:*"', B))),
    ("narrower", policy(statement('"s3:*"', B)), policy(statement('"s3:GetObject"', B))),
    ("wider", policy(statement('"s3:GetObject"', B)), policy(statement('"s3:*"', B))),
    ("wider", policy(statement('"s3:*"', B)), policy(ALL)),
    ("wider", policy(statement('"s3:*"', B)), policy(statement('"s3:*"', B.replace(".b.", ".c.")))),
    (
        "narrower",
        policy(statement('"s3:*"', f"[{B}, aws_s3_bucket.c.arn]")),
        policy(statement('"s3:*"', B)),
    ),
    # A variable that nobody sets may be anything, a wildcard too; so may what somebody stored.
    ("unknown", policy(statement('"s3:*"', B)), policy(statement('"s3:*"', STORED))),
    (
        "unknown",
        policy(statement('"s3:*"', f"[{B}, {STORED}]")),
        policy(statement('"s3:*"', f"[{STORED}]")),
    ),
    ("narrower", policy(statement('"s3:*"', STORED), GET), policy(statement('"s3:*"', STORED))),
    ("unknown", policy(statement('"s3:*"', B)), policy(statement('"s3:*"', "var.x"))),
    (
        "unknown",
        policy(statement('"s3:*"', '"arn:aws:s3:::*"')),
        policy(statement('"s3:*"', "var.x")),
    ),
    ("narrower", policy(statement('"s3:*"', "var.x"), GET), policy(statement('"s3:*"', "var.x"))),
    # A Deny of what is not known may be of nothing; what is negated is the other way round.
    (
        "wider",
        policy(ALL, statement('"s3:*"', B, "Deny")),
        policy(ALL, statement('"s3:*"', B.replace(".b.", ".c."), "Deny")),
    ),
    (
        "unknown",
        policy(ALL, statement('"s3:*"', B, "Deny")),
        policy(statement('"s3:*"', B.replace(".b.", ".c."))),
    ),
    (
        "narrower",
        policy(ALL, statement('"s3:*"', B, "Deny")),
        policy(GET, statement('"s3:*"', B, "Deny")),
    ),
    (
        "unknown",
        policy('{ Effect = "Allow", Action = "s3:*", NotResource = aws_s3_bucket.b.arn }'),
        policy(statement('"s3:*"', B.replace(".b.", ".c."))),
    ),
]


@pytest.mark.parametrize(("answer", "before", "after"), CASES)
def test_an_identity_policy(answer: str, before: str, after: str) -> None:
    assert answers(BUCKET + before, BUCKET + after) == {"p policy": answer}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (policy(ALL), policy(ALL) + "# a comment\n"),
        (policy(ALL), policy(ALL, more='  name = "p"\n')),
        (policy(statement('"s3:*"', B)), policy(statement('"s3:*"', B), more='  name = "p"\n')),
        (policy(statement('"s3:*"', "var.x")), policy(statement('"s3:*"', "var.x")) + "\n"),
    ],
)
def test_what_does_not_change_is_not_told(before: str, after: str) -> None:
    assert answers(BUCKET + before, BUCKET + after) == {}


def test_a_document_as_a_data_source_is_the_same_policy() -> None:
    document = (
        'data "aws_iam_policy_document" "d" {\n  statement {\n    actions = ["s3:%s"]\n'
        '    resources = [aws_s3_bucket.b.arn, "${aws_s3_bucket.b.arn}/*"]\n  }\n}\n'
        'resource "aws_iam_policy" "p" {\n'
        "  policy = data.aws_iam_policy_document.d.json\n}\n"
    )
    written = statement('"s3:%s"', f"[aws_s3_bucket.b.arn, {B}]")
    assert answers(BUCKET + document % "*", BUCKET + document % "GetObject") == {
        "p policy": "narrower"
    }
    assert answers(BUCKET + policy(written % "*"), BUCKET + document % "*") == {}
    assert answers(BUCKET + document % "GetObject", BUCKET + document % "*") == {
        "p policy": "wider"
    }


OTHERS = 'resource "aws_iam_role" "o" {}\nresource "aws_iam_user" "u" {}\n'
TRUST = [
    ("narrower", '"*"', '{ AWS = "arn:aws:iam::111122223333:root" }'),
    ("wider", '{ AWS = "arn:aws:iam::111122223333:root" }', '"*"'),
    (
        "wider",
        '{ Service = "ec2.amazonaws.com" }',
        '{ Service = ["ec2.amazonaws.com", "lambda.amazonaws.com"] }',
    ),
    (
        "narrower",
        '{ AWS = ["arn:aws:iam::111122223333:root", aws_iam_role.o.arn] }',
        "{ AWS = aws_iam_role.o.arn }",
    ),
    ("wider", "{ AWS = aws_iam_role.o.arn }", "{ AWS = [aws_iam_role.o.arn, aws_iam_user.u.arn] }"),
]


@pytest.mark.parametrize(("answer", "before", "after"), TRUST)
def test_a_trust_policy(answer: str, before: str, after: str) -> None:
    assert answers(OTHERS + trust(before), OTHERS + trust(after)) == {"r trust policy": answer}


def test_a_witness_has_the_name_of_what_is_not_known() -> None:
    (found,) = compared(BUCKET + policy(GET), BUCKET + policy(GET, statement('"sqs:*"', B)))
    assert found.answer == "wider"
    assert found.witness is not None
    assert "<aws_s3_bucket.b.arn>/" in found.witness
    assert "unknown-" not in found.witness + found.reason


def test_a_bucket_policy_for_everybody() -> None:
    one = (
        '{ Effect = "Allow", Action = "s3:GetObject", Principal = %s, '
        'Resource = "arn:aws:s3:::b/*" }'
    )
    before = policy(one % '{ AWS = "arn:aws:iam::111122223333:root" }', kind="aws_s3_bucket_policy")
    after = policy(one % '"*"', kind="aws_s3_bucket_policy")
    assert answers(before, after) == {"p resource policy": "wider"}
    assert answers(after, before) == {"p resource policy": "narrower"}


def test_what_has_a_default_is_unknown_without_a_policy() -> None:
    key = 'resource "aws_kms_key" "k" {}\n'
    one = '{ Effect = "Allow", Action = "kms:*", Resource = "*", Principal = "*" }'
    held = policy(one, kind="aws_kms_key").replace('"p"', '"k"')
    assert answers(held, key) == {"k resource policy": "unknown"}
    assert answers(key, held) == {"k resource policy": "unknown"}


def test_inline_policies_of_a_role() -> None:
    role = ROLE % '"{}"'
    block = '  inline_policy {\n    name = "own"\n    policy = %s\n  }\n}\n'
    text = json.dumps(
        json.dumps({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
    )
    assert answers(role, role.rstrip("}\n") + "\n" + block % text) == {
        "r inline policy own": "wider"
    }


ATTACH = (
    'resource "aws_iam_role_policy_attachment" "%s" {\n  role = "r"\n'
    '  policy_arn = "arn:aws:iam::aws:policy/%s"\n}\n'
)


def test_attachments_are_of_the_role_whatever_they_are_called() -> None:
    one = ATTACH % ("a", "ReadOnlyAccess")
    more = one + ATTACH % ("b", "AdministratorAccess")
    (found,) = compared(one, more)
    assert (found.answer, found.witness) == ("wider", "arn:aws:iam::aws:policy/AdministratorAccess")
    assert [d.answer for d in compared(more, one)] == ["narrower"]
    assert compared(one, ATTACH % ("renamed", "ReadOnlyAccess")) == []


def test_a_boundary_limits() -> None:
    role = ROLE % '"{}"'
    bound = role.replace('name = "r"', 'name = "r"\n  permissions_boundary = "%s"')
    first, second = bound % "arn:aws:iam::aws:policy/A", bound % "arn:aws:iam::aws:policy/B"
    assert answers(role, first) == {"r permissions boundary": "narrower"}
    assert answers(first, role) == {"r permissions boundary": "wider"}
    assert answers(first, second) == {"r permissions boundary": "unknown"}


def test_a_permission_of_its_own_form() -> None:
    text = (
        'resource "aws_lambda_permission" "l" {\n  action = "lambda:InvokeFunction"\n'
        '  principal = "%s"\n}\n'
    )
    assert answers("", text % "s3.amazonaws.com") == {"l permission": "wider"}
    assert answers(text % "s3.amazonaws.com", "") == {"l permission": "narrower"}
    assert answers(text % "s3.amazonaws.com", text % "*") == {"l permission": "wider"}


TRUSTING = trust('{ AWS = "arn:aws:iam::111122223333:root" }')
LET_IN = [
    ('{ AWS = "arn:aws:iam::444455556666:root" }', ["auto"]),
    ('{ AWS = ["111122223333", "arn:aws:iam::444455556666:role/x"] }', ["auto"]),
    ('"*"', ["auto"]),
    ('{ AWS = "*" }', ["auto"]),
    ('{ AWS = ["arn:aws:iam::777788889999:root", "*"] }', ["auto"]),
    ('{ AWS = "arn:aws:iam::777788889999:root" }', []),
    ('{ AWS = "arn:aws:iam::111122223333:role/x" }', []),
    ('{ Service = "ec2.amazonaws.com" }', []),
    ("{ AWS = aws_iam_role.o.arn }", []),
]


@pytest.mark.parametrize(("principal", "dispositions"), LET_IN)
def test_whom_a_policy_newly_lets_in(principal: str, dispositions: list[str]) -> None:
    """777788889999 is a partner's: somebody wrote it down before."""
    found = compared(OTHERS + TRUSTING, OTHERS + trust(principal), known=("777788889999",))
    assert [r.disposition for d in found for r in d.reopened] == dispositions


def bucket(who: str, *conditions: str) -> str:
    tests = "".join(f", Condition = {{ {c} }}" for c in conditions)
    one = f'Effect = "Allow", Action = "s3:GetObject", {who}, Resource = "arn:aws:s3:::b/*"{tests}'
    return policy(f"{{ {one} }}", kind="aws_s3_bucket_policy")


OWN = bucket('Principal = { AWS = "arn:aws:iam::111122223333:root" }')
SOURCE = 'StringEquals = { "aws:SourceAccount" = "111122223333" }'
EVERYBODY = 'Principal = "*"'
HALVES = '"aws:SourceIp" = ["0.0.0.0/1", "128.0.0.0/1"]'
PIECES = ", ".join(f'"{first}.0.0.0/8"' for first in range(256))
ITSELF, HERE = "$${aws:PrincipalAccount}", "$${aws:ResourceOrgID}"
PATHS = '"aws:PrincipalOrgPaths" = "o-a1b2c3d4e5/*"'
PUBLIC = [
    (OWN, bucket(EVERYBODY), ["auto"]),
    (OWN, bucket('NotPrincipal = { AWS = "arn:aws:iam::444455556666:root" }'), ["auto"]),
    (OWN, bucket(EVERYBODY, 'IpAddress = { "aws:SourceIp" = "0.0.0.0/0" }'), ["auto"]),
    (OWN, bucket(EVERYBODY, 'Bool = { "aws:SecureTransport" = "true" }'), ["auto"]),
    ("", bucket(EVERYBODY), ["auto"]),
    (bucket(EVERYBODY, SOURCE), bucket(EVERYBODY), ["auto"]),
    (OWN, bucket(EVERYBODY, SOURCE), ["review"]),
    (OWN, bucket(EVERYBODY, 'StringEquals = { "aws:PrincipalOrgID" = "o-a1b2c3d4e5" }'), []),
    (OWN, bucket(EVERYBODY, 'StringLike = { "aws:PrincipalArn" = "arn:aws:iam::*" }'), ["auto"]),
    (
        OWN,
        bucket(EVERYBODY, 'ArnLike = { "aws:PrincipalArn" = "arn:aws:iam::*:role/*" }'),
        ["auto"],
    ),
    (OWN, bucket(EVERYBODY, 'StringLike = { "aws:PrincipalAccount" = "????????????" }'), ["auto"]),
    (OWN, bucket(EVERYBODY, 'StringLike = { "aws:PrincipalOrgID" = "o-*" }'), ["auto"]),
    (OWN, bucket(EVERYBODY, 'ArnLike = { "aws:SourceArn" = "arn:aws:s3:*:*:*" }'), ["auto"]),
    (OWN, bucket(EVERYBODY, f"IpAddress = {{ {HALVES} }}"), ["auto"]),
    (OWN, bucket(EVERYBODY, f'"ForAllValues:StringLike" = {{ {PATHS} }}'), ["auto"]),
    (OWN, bucket(EVERYBODY, f'"ForAnyValue:StringLike" = {{ {PATHS} }}'), []),
    (
        OWN,
        bucket(EVERYBODY, 'ArnLike = { "aws:PrincipalArn" = "arn:aws:iam::111122223333:*" }'),
        [],
    ),
    (OWN, bucket(EVERYBODY, 'StringLike = { "aws:userid" = "AROAEXAMPLE:*" }'), []),
    (OWN, bucket(EVERYBODY, 'IpAddress = { "aws:SourceIp" = "10.0.0.0/8" }'), ["review"]),
    (OWN, bucket(EVERYBODY, f'IpAddress = {{ "aws:SourceIp" = [{PIECES}] }}'), ["auto"]),
    (
        OWN,
        bucket(EVERYBODY, f'StringEquals = {{ "aws:PrincipalAccount" = "{ITSELF}" }}'),
        ["auto"],
    ),
    (OWN, bucket(EVERYBODY, f'StringEquals = {{ "aws:PrincipalOrgID" = "{HERE}" }}'), []),
    (bucket(EVERYBODY), bucket(EVERYBODY), []),
    (bucket(EVERYBODY), bucket(EVERYBODY, SOURCE), []),
    (bucket(EVERYBODY), OWN, []),
]


@pytest.mark.parametrize(("before", "after", "dispositions"), PUBLIC)
def test_a_door_that_is_opened_to_everybody(
    before: str, after: str, dispositions: list[str]
) -> None:
    found = compared(before, after)
    assert [r.disposition for d in found for r in d.reopened] == dispositions


def test_what_was_public_may_grow_elsewhere() -> None:
    """Everybody's part became less, and what came is for the own account."""
    one = '{ Effect = "Allow", Action = "s3:%s", Principal = %s, Resource = "arn:aws:s3:::b/*" }'
    own = '{ AWS = "arn:aws:iam::111122223333:root" }'
    kind = "aws_s3_bucket_policy"
    before = policy(one % ("Get*", '"*"'), one % ("GetObject", own), kind=kind)
    after = policy(one % ("GetObject", '"*"'), one % ("PutObject", own), kind=kind)
    (found,) = compared(before, after, known=("111122223333",))
    assert (found.answer, found.reopened) == ("wider", ())


def permission(more: str = "", principal: str = "*") -> str:
    return (
        'resource "aws_lambda_permission" "l" {\n  action = "lambda:InvokeFunction"\n'
        f'  function_name = "f"\n  principal = "{principal}"\n{more}}}\n'
    )


NAMED = permission('  statement_id = "another"\n')
PERMISSIONS = [
    ("", permission(), ["auto"]),
    (permission(principal="s3.amazonaws.com"), permission(), ["auto"]),
    ("", permission('  source_arn = "*"\n'), ["auto"]),
    ("", permission('  source_arn = "arn:aws:s3:::*"\n'), ["auto"]),
    ("", permission('  source_arn = "arn:aws:s3:::ours"\n'), []),
    ("", permission('  source_account = "111122223333"\n'), []),
    ("", permission('  principal_org_id = "o-a1b2c3d4e5"\n'), []),
    ("", permission(principal="s3.amazonaws.com"), []),
    (permission(), NAMED, []),
]


@pytest.mark.parametrize(("before", "after", "dispositions"), PERMISSIONS)
def test_a_function_that_everybody_may_call(
    before: str, after: str, dispositions: list[str]
) -> None:
    found = compared(before, after)
    assert [r.disposition for d in found for r in d.reopened] == dispositions
