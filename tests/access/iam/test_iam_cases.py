"""Verdicts by name: what is the same, what is narrower, and what cannot be told.

Each row is compared both ways: what is narrower one way is wider the other, or unknown.
"""

from __future__ import annotations

from typing import Any

import pytest
from iam_policies import (
    ACCOUNT,
    OTHER,
    S3,
    allow,
    bucket,
    but,
    deny,
    iam,
    policy,
    session,
    trust,
    when,
)

from remediator.access.iam import Answer, allows, compare_documents, policy_of

SAME, NARROWER, WIDER, UNKNOWN = Answer
Row = tuple[str, Any, Any]


def both_ways(a: Any, b: Any) -> tuple[Answer, Answer]:
    found = []
    for after, before in ((a, b), (b, a)):
        verdict = compare_documents(after, before)
        assert verdict.reason
        assert (verdict.witness is not None) == (verdict.answer is Answer.WIDER)
        if verdict.witness:
            assert allows(policy_of(after), verdict.witness) is True
            assert allows(policy_of(before), verdict.witness) is False
        found.append(verdict.answer)
    return found[0], found[1]


HOME = f"{S3}home/${{aws:username}}"
MFA = "aws:MultiFactorAuthPresent"
VPC = "aws:SourceVpc"

THE_SAME: list[Row] = [
    ("the case of an action", allow("S3:getobject"), allow("s3:GetObject")),
    ("a string and a list of it", allow("s3:Get*"), allow(["s3:Get*"])),
    ("an action twice", allow(["s3:Get*", "s3:GetObject"]), allow("s3:Get*")),
    ("the form of all actions", allow("*:*"), allow("*")),
    ("stars in a row", allow("s3:**"), allow("s3:*")),
    ("wildcards in another order", allow("s3:*?*"), allow("s3:?*")),
    ("a Sid", allow(Sid="One"), allow(Sid="Two")),
    ("nothing is excepted of all", but(allow("*"), "Action"), deny("s3:*")),
    ("a denied statement", deny("s3:*"), deny("iam:*")),
    ("a variable's case", allow(resource=HOME), allow(resource=HOME.replace("{aws:", "{AWS:"))),
    ("a key's case", allow(**when("Bool", MFA, True)), allow(**when("Bool", MFA.upper(), "true"))),
    (
        "the ARN operators",
        allow(**when("ArnLike", "a:b", "*")),
        allow(**when("ArnEquals", "a:b", "*")),
    ),
    ("an empty condition", allow(Condition={}), allow()),
    ("an account by number and by ARN", trust({"AWS": ACCOUNT}), trust({"AWS": iam("root")})),
    ("everybody", trust("*"), trust({"AWS": "*"})),
    ("everybody and somebody", trust({"AWS": ["*", ACCOUNT]}), trust("*")),
    (
        "an account and one in it",
        trust({"AWS": [ACCOUNT, iam("role/x")]}),
        trust({"AWS": ACCOUNT}),
    ),
    (
        "a role and its session",
        trust({"AWS": [iam("role/p/x"), session("x", "s")]}),
        trust({"AWS": iam("role/p/x")}),
    ),
]


@pytest.mark.parametrize(("a", "b"), [r[1:] for r in THE_SAME], ids=[r[0] for r in THE_SAME])
def test_the_same(a: Any, b: Any) -> None:
    assert both_ways(policy(a), policy(b)) == (SAME, SAME)


LESS: list[Row] = [
    ("one action of a wildcard", allow("s3:GetObject"), allow("s3:Get*")),
    ("a question mark of a star", allow("s3:Get?"), allow("s3:Get*")),
    ("a wildcard in the middle", allow("s3:Get*Acl"), allow("s3:G*l")),
    ("a service of everything", allow("s3:*"), allow("*")),
    ("a resource", allow(resource=f"{S3}b/x"), allow(resource=f"{S3}b/*")),
    ("a resource's case", allow(resource=f"{S3}B"), allow(resource=[f"{S3}B", f"{S3}b"])),
    (
        "sections of an ARN",
        allow(resource="arn:aws:sqs:eu-west-1:*:q"),
        allow(resource="arn:aws:sqs:*"),
    ),
    (
        "more that is excepted",
        but(allow(["iam:*", "s3:*"]), "Action"),
        but(allow("iam:*"), "Action"),
    ),
    ("an exception", but(allow("iam:*"), "Action"), allow("*")),
    ("all but some of it", allow("s3:*"), but(allow("iam:*"), "Action")),
    ("an excepted resource", but(allow(resource=f"{S3}b/*"), "Resource"), allow()),
    ("a variable instead of a star", allow(resource=f"{HOME}/*"), allow(resource=f"{S3}home/*")),
    ("one variable of two", allow(resource=HOME), allow(resource=f"{HOME}*")),
    ("a condition more", allow(**when("Bool", MFA, True)), allow()),
    (
        "a value less",
        allow(**when("StringEquals", VPC, "a")),
        allow(**when("StringEquals", VPC, "a", "b")),
    ),
    (
        "a value more that may not be",
        allow(**when("StringNotEquals", VPC, "a", "b")),
        allow(**when("StringNotEquals", VPC, "a")),
    ),
    (
        "a text of a pattern",
        allow(**when("StringEquals", VPC, "ab")),
        allow(**when("StringLike", VPC, "a*")),
    ),
    (
        "a smaller pattern",
        allow(**when("StringLike", VPC, "ab*")),
        allow(**when("StringLike", VPC, "a*")),
    ),
    (
        "a network of a network",
        allow(**when("IpAddress", "aws:SourceIp", "10.1.0.0/16")),
        allow(**when("IpAddress", "aws:SourceIp", "10.0.0.0/8")),
    ),
    (
        "a smaller number",
        allow(**when("NumericLessThan", "s3:max-keys", 5)),
        allow(**when("NumericLessThanEquals", "s3:max-keys", 10)),
    ),
    (
        "an earlier end",
        allow(**when("DateLessThan", "aws:CurrentTime", "2026-01-01T00:00:00Z")),
        allow(**when("DateLessThan", "aws:CurrentTime", "2027-01-01T00:00:00Z")),
    ),
    (
        "without IfExists",
        allow(**when("Bool", MFA, True)),
        allow(**when("BoolIfExists", MFA, True)),
    ),
    ("another Deny", policy(allow("s3:*"), deny("s3:Put*")), policy(allow("s3:*"))),
    ("a wider Deny", policy(allow("s3:*"), deny("s3:P*")), policy(allow("s3:*"), deny("s3:Put*"))),
    (
        "a Deny with a condition less",
        policy(allow(), deny(resource=f"{S3}b")),
        policy(allow(), deny(resource=f"{S3}b", **when("Bool", MFA, False))),
    ),
    ("an Allow less", policy(allow("s3:*")), policy(allow("s3:*"), allow("iam:*"))),
    (
        "an Allow less that a Deny spoilt in part",
        policy(allow("s3:*")),
        policy(allow("s3:*"), allow("iam:*"), deny("iam:Get*")),
    ),
    ("one of an account", trust({"AWS": iam("role/x")}), trust({"AWS": ACCOUNT})),
    ("a session of a role", trust({"AWS": session("x", "s")}), trust({"AWS": iam("role/x")})),
    ("an account of everybody", trust({"AWS": ACCOUNT}), trust("*")),
    ("a service of everybody", trust({"Service": "ec2.amazonaws.com"}), trust("*")),
    ("one principal less", trust({"AWS": [ACCOUNT]}), trust({"AWS": [ACCOUNT, OTHER]})),
    (
        "everybody of an organization",
        bucket("*", **when("StringEquals", "aws:PrincipalOrgID", "o-1")),
        bucket("*"),
    ),
    ("a Deny for one", policy(bucket("*"), bucket({"AWS": ACCOUNT}, "Deny")), policy(bucket("*"))),
    (
        "a Deny for more",
        policy(bucket("*"), bucket("*", "Deny", **when("Bool", "aws:SecureTransport", False))),
        policy(bucket("*")),
    ),
    (
        "fewer that are not denied",
        policy(bucket("*"), but(bucket({"AWS": [ACCOUNT, iam("role/x")]}, "Deny"), "Principal")),
        policy(
            bucket("*"), but(bucket({"AWS": [ACCOUNT, iam("role/x"), OTHER]}, "Deny"), "Principal")
        ),
    ),
]


def whole(one: Any) -> Any:
    return one if "Statement" in one else policy(one)


@pytest.mark.parametrize(("a", "b"), [r[1:] for r in LESS], ids=[r[0] for r in LESS])
def test_narrower_one_way_and_wider_the_other(a: Any, b: Any) -> None:
    assert both_ways(whole(a), whole(b)) == (NARROWER, WIDER)


BOTH: list[Row] = [
    ("one action for another", allow("s3:GetObject"), allow("s3:PutObject")),
    ("one resource for another", allow(resource=f"{S3}a"), allow(resource=f"{S3}b")),
    ("a wider action on less", allow("s3:*", f"{S3}a"), allow("s3:Get*", f"{S3}*")),
    (
        "one variable for another",
        allow(resource=f"{S3}${{aws:userid}}/"),
        allow(resource=f"{S3}${{aws:username}}/"),
    ),
    (
        "an old policy's variable is text",
        policy(allow(resource=HOME), version="2008-10-17"),
        policy(allow(resource=f"{S3}home/x")),
    ),
    (
        "one value for another",
        allow(**when("StringEquals", VPC, "a")),
        allow(**when("StringEquals", VPC, "b")),
    ),
    ("one account for another", trust({"AWS": ACCOUNT}), trust({"AWS": OTHER})),
    ("paths of a role", trust({"AWS": iam("role/a/x")}), trust({"AWS": iam("role/b/x")})),
    (
        "keys that are free",
        allow(**when("Bool", MFA, True)),
        allow(**when("StringEquals", VPC, "a")),
    ),
]


@pytest.mark.parametrize(("a", "b"), [r[1:] for r in BOTH], ids=[r[0] for r in BOTH])
def test_wider_both_ways_for_it_also_removes(a: Any, b: Any) -> None:
    assert both_ways(whole(a), whole(b)) == (WIDER, WIDER)


CANNOT_BE_TOLD: list[tuple[str, Any, Any, Answer, Answer]] = [
    (
        "IfExists on a key that is always there",
        allow(**when("BoolIfExists", "aws:SecureTransport", True)),
        allow(**when("Bool", "aws:SecureTransport", True)),
        UNKNOWN,
        NARROWER,
    ),
    (
        "keys that may depend on each other",
        allow(**when("StringEquals", VPC, "a")),
        allow(**when("StringEquals", "aws:SourceVpce", "b")),
        UNKNOWN,
        UNKNOWN,
    ),
    (
        "the source's ARN and its account",
        allow(**when("ArnLike", "aws:SourceArn", "arn:aws:s3:::b")),
        allow(**when("StringEquals", "aws:SourceAccount", ACCOUNT)),
        UNKNOWN,
        UNKNOWN,
    ),
    (
        "ForAllValues",
        allow(**when("ForAllValues:StringEquals", "aws:CalledVia", "a")),
        allow(**when("ForAnyValue:StringEquals", "aws:CalledVia", "a")),
        UNKNOWN,
        UNKNOWN,
    ),
    (
        "a number that is none",
        allow(**when("NumericLessThan", "s3:max-keys", "x")),
        allow(**when("NumericLessThan", "s3:max-keys", "y")),
        UNKNOWN,
        UNKNOWN,
    ),
    (
        "a list without values",
        allow(**when("StringEquals", VPC)),
        allow(**when("StringNotEquals", VPC)),
        UNKNOWN,
        UNKNOWN,
    ),
    (
        "more variables that may be unresolved",
        allow(resource=HOME),
        allow(resource=[HOME, f"{S3}${{aws:userid}}"]),
        UNKNOWN,
        WIDER,
    ),
    (
        "an id and an account",
        policy(bucket({"AWS": ACCOUNT})),
        policy(bucket({"AWS": ACCOUNT}), bucket({"CanonicalUser": "a" * 64}, "Deny")),
        UNKNOWN,
        NARROWER,
    ),
]


@pytest.mark.parametrize(
    ("a", "b", "one", "other"),
    [r[1:] for r in CANNOT_BE_TOLD],
    ids=[r[0] for r in CANNOT_BE_TOLD],
)
def test_what_cannot_be_told(a: Any, b: Any, one: Answer, other: Answer) -> None:
    assert both_ways(whole(a), whole(b)) == (one, other)


def test_kinds_are_not_compared() -> None:
    assert both_ways(policy(allow()), policy(trust("*"))) == (UNKNOWN, UNKNOWN)
    assert both_ways(policy(bucket("*")), policy(trust("*"))) == (UNKNOWN, UNKNOWN)


def test_a_union_of_patterns_covers_what_none_of_them_does() -> None:
    before = policy(but(allow("s3:Get*"), "Action"), allow("s3:*"))
    assert both_ways(policy(allow("*")), before) == (SAME, SAME)
    parts = policy(
        allow("s3:Get*", f"{S3}a"),
        allow("s3:*", f"{S3}b"),
        but(allow("s3:Get*", f"{S3}a"), "Action"),
    )
    assert both_ways(policy(allow("s3:*", [f"{S3}a", f"{S3}b"])), parts) == (NARROWER, WIDER)


def test_what_a_deny_hides_is_not_new() -> None:
    after = policy(allow("*"), but(deny("s3:Get*"), "Action"))
    assert both_ways(after, policy(allow("s3:Get*"))) == (SAME, SAME)


def test_a_witness_says_who_what_and_where() -> None:
    before = policy(allow(["s3:GetObject", "s3:PutObject"], f"{S3}b/x*"))
    after = policy(allow("s3:GetObject", f"{S3}b/*"))
    verdict = compare_documents(after, before)
    assert verdict.witness is not None
    assert verdict.witness.action == "s3:GetObject"
    assert verdict.witness.resource == f"{S3}b/any"
    assert verdict.reason == (
        "only the policy after allows s3:GetObject on arn:aws:s3:::b/any by the identity that has "
        "the policy"
    )


def test_a_narrower_policy_says_how_it_is_proven_and_what_is_gone() -> None:
    verdict = compare_documents(policy(allow("s3:GetObject")), policy(allow("s3:Get*")))
    assert "1 changed, and all that they match was allowed before" in verdict.reason
    assert verdict.gone is not None
    assert verdict.gone.action.lower().startswith("s3:get")


def test_a_context_is_told_where_it_counts() -> None:
    after = policy(bucket("*"))
    before = policy(bucket("*", **when("Bool", "aws:SecureTransport", True)))
    verdict = compare_documents(after, before)
    assert verdict.witness is not None
    assert dict(verdict.witness.context) == {"aws:securetransport": ("false",)}
    assert "with aws:securetransport = false" in verdict.reason
