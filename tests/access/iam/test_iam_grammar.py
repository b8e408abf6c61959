"""What is a policy and what is none: IAM's grammar, and moto's validator for a second opinion."""

from __future__ import annotations

import json
from typing import Any

import pytest
from iam_policies import ACCOUNT, S3, allow, bucket, but, iam, policy, session, trust, when
from moto.iam.exceptions import MalformedPolicyDocument
from moto.iam.policy_validation import IAMPolicyDocumentValidator

from remediator.access.iam import (
    Answer,
    Kind,
    MalformedPolicyError,
    compare_documents,
    parse,
    policy_of,
)

BUCKET = f"{S3}b"


def text(*parts: str) -> str:
    return f'{{"Version": "2012-10-17", "Statement": {{{", ".join(parts)}}}}}'


EFFECT, ACTION, RESOURCE = '"Effect": "Allow"', '"Action": "s3:*"', '"Resource": "*"'

NOT_A_POLICY: list[tuple[str, Any, str]] = [
    ("no JSON", "nonsense", "not JSON"),
    ("nothing", "", "not JSON"),
    ("cut short", '{"Statement": [', "not JSON"),
    ("no UTF-8", b"\xff\xfe", "UTF-8"),
    ("NaN", '{"Statement": NaN}', "NaN"),
    ("half a character", text(EFFECT, ACTION, '"Resource": "\\ud800"'), "lone surrogate"),
    ("nested", "[" * 100_000, "nested"),
    ("too long", " " * 2_000_000, "longer"),
    ("a list", [], "JSON object"),
    ("null", "null", "JSON object"),
    ("a key twice", text(EFFECT, EFFECT, ACTION, RESOURCE), "'Effect' is written twice"),
    (
        "a key twice, deep",
        text(EFFECT, ACTION, RESOURCE, '"Condition": {"Bool": {"a:b": "true", "a:b": "false"}}'),
        "'a:b' is written twice",
    ),
    ("an unknown element", {**policy(allow()), "Conditions": {}}, "'Conditions'"),
    ("an element in small letters", policy({**allow(), "sid": "x"}), "write Sid"),
    ("a top element in small letters", {"version": "2012-10-17"}, "write Version"),
    ("another version", policy(allow(), version="2012-10-18"), "2012-10-18"),
    ("a version that is a list", policy(allow(), version=[]), "Version"),  # type: ignore[arg-type]
    ("an Id that is a number", {**policy(allow()), "Id": 1}, "Id is not a string"),
    ("no statement", {"Version": "2012-10-17"}, "no Statement"),
    ("an empty list of statements", policy(), "no Statement"),
    ("a statement that is text", {"Statement": ["x"]}, "statement 1"),
    ("no effect", policy({"Action": "s3:*", "Resource": "*"}), "Effect is None"),
    ("an effect in small letters", policy({**allow(), "Effect": "allow"}), "'allow'"),
    ("a Sid that is a number", policy(allow(Sid=1)), "Sid"),
    ("a Sid twice", policy(allow(Sid="a"), allow(Sid="a")), "'a'"),
    ("no action", policy({"Effect": "Allow", "Resource": "*"}), "Action"),
    ("no resource", policy({"Effect": "Allow", "Action": "s3:*"}), "Resource"),
    ("Action and NotAction", policy(allow(NotAction="s3:*")), "both Action and NotAction"),
    ("Resource and NotResource", policy(allow(NotResource="*")), "both Resource"),
    ("no actions in the list", policy(allow([])), "Action"),
    ("no resources in the list", policy(allow(resource=[])), "Resource"),
    ("an action that is null", policy(allow([None])), "Action"),
    ("an action that is empty", policy(allow("")), "Action"),
    ("an action that is a map", policy(allow({})), "Action"),
    ("an action without a service", policy(allow("GetObject")), "'GetObject'"),
    ("an action without a service's name", policy(allow(":GetObject")), "':GetObject'"),
    ("two colons", policy(allow("s3:Get:Object")), "one colon"),
    ("a wildcard in the service", policy(allow("s*:GetObject")), "'s*:GetObject'"),
    ("a variable in an action", policy(allow("${aws:x}:Get")), "one colon"),
    ("a resource that is a word", policy(allow(resource="bucket")), "neither an ARN nor *"),
    ("a resource that only looks like everything", policy(allow(resource="**")), "'**'"),
    ("another partition", policy(allow(resource="arn:foo:s3:::b")), "'arn:foo:s3:::b'"),
    ("no service", policy(allow(resource="arn:aws")), "'arn:aws'"),
    ("an empty service", policy(allow(resource="arn:aws::::b")), "'arn:aws::::b'"),
    ("too few sections", policy(allow(resource="arn:aws:s3::b")), "six sections"),
    ("no brace", policy(allow(resource=f"{S3}${{aws:username")), "no closing brace"),
    ("an empty variable", policy(allow(resource=f"{S3}${{}}")), "empty"),
    ("a space in a variable", policy(allow(resource=f"{S3}${{aws: username}}")), "no variable"),
    ("no quotes", policy(allow(resource=f"{S3}${{aws:username, x}}")), "no variable"),
    ("a condition that is a list", policy(allow(Condition=[])), "Condition"),
    ("an operator that is text", policy(allow(Condition={"Bool": "a"})), "Bool"),
    ("an unknown operator", policy(allow(**when("StringIs", "a:b", "c"))), "'StringIs'"),
    ("an operator in small letters", policy(allow(**when("bool", "a:b", "c"))), "'bool'"),
    ("NullIfExists", policy(allow(**when("NullIfExists", "a:b", "true"))), "IfExists"),
    ("two qualifiers", policy(allow(**when("ForAnyValue:ForAllValues:Bool", "a:b", "x"))), "For"),
    ("an empty key", policy(allow(**when("Bool", "", "true"))), "empty"),
    ("a value that is null", policy(allow(**when("Bool", "a:b", None))), "no string"),
    ("a value that is a map", policy(allow(**when("Bool", "a:b", {}))), "no string"),
    ("a day that there is not", policy(allow(**when("DateEquals", "a:b", "2026-13-01"))), "date"),
    (
        "a key in two cases",
        policy(allow(Condition={"Bool": {"a:b": "true", "A:B": "true"}})),
        "twice, in different case",
    ),
    ("principals in one statement only", policy(allow(), bucket("*")), "identity policy"),
    ("principals but in one", policy(bucket("*"), allow()), "Principal"),
    ("resources in one statement only", policy(trust("*"), bucket("*")), "trust policy"),
    ("resources but in one", policy(bucket("*"), trust("*")), "Resource"),
    ("a role's policy with other actions", policy(trust("*", Action=["sts:*", "s3:*"])), "sts"),
    ("Principal and NotPrincipal", policy(trust("*", NotPrincipal="*")), "both Principal"),
    ("a principal that is a string", policy(trust(ACCOUNT)), "neither"),
    ("a principal that is a list", policy(trust(["*"])), "neither"),
    ("no principal in the map", policy(trust({})), "neither"),
    ("no principal in the list", policy(trust({"AWS": []})), "Principal.AWS"),
    ("another kind of principal", policy(trust({"Group": "x"})), "'Group'"),
    ("a group", policy(trust({"AWS": iam("group/x")})), "no AWS principal"),
    ("a number that is no account", policy(trust({"AWS": "123"})), "'123'"),
    ("all roles", policy(trust({"AWS": iam("role/*")})), "wildcard"),
    ("all sessions", policy(trust({"AWS": session("x", "*")})), "wildcard"),
    ("all services", policy(trust({"Service": "*"})), "wildcard"),
    ("a service that is none", policy(trust({"Service": "ec2"})), "'ec2'"),
    ("a canonical id that is none", policy(bucket({"CanonicalUser": "x"})), "'x'"),
]


@pytest.mark.parametrize(
    ("document", "says"), [r[1:] for r in NOT_A_POLICY], ids=[r[0] for r in NOT_A_POLICY]
)
def test_what_is_no_policy_is_unknown_and_says_why(document: Any, says: str) -> None:
    with pytest.raises(MalformedPolicyError) as caught:
        parse(document) if isinstance(document, str | bytes) else policy_of(document)
    assert says in str(caught.value)
    for after, before in ((document, policy(allow())), (policy(allow()), document)):
        verdict = compare_documents(after, before)
        assert verdict.answer is Answer.UNKNOWN
        assert "malformed" in verdict.reason


A_POLICY: list[tuple[str, Any]] = [
    ("a statement that is no list", {"Statement": allow()}),
    ("no version", {"Statement": [allow()]}),
    ("the old version", policy(allow(), version="2008-10-17")),
    ("an Id", {**policy(allow()), "Id": "x y"}),
    ("an empty Sid, twice", policy(allow(Sid=""), allow(Sid=""))),
    ("NotAction and NotResource", policy(but(allow(), "Action", "Resource"))),
    ("a wildcard for the service", policy(allow("*:*"))),
    ("a variable before the fifth colon", policy(allow(resource="arn:aws:sqs:*:${aws:x}:q"))),
    ("a default", policy(allow(resource=f"{S3}${{aws:x, 'any one'}}"))),
    ("escapes", policy(allow(resource=f"{S3}${{*}}${{?}}${{$}}"))),
    ("a dollar sign", policy(allow(resource=f"{S3}$x$"))),
    ("sections that a star ends", policy(allow(resource="arn:aws:sqs:*"))),
    ("any partition", policy(allow(resource="arn:*:s3:::b"))),
    ("China", policy(allow(resource="arn:aws-cn:s3:::b"))),
    ("a number and a Boolean", policy(allow(**when("NumericEquals", "a:b", 1, 2.5)))),
    ("a qualified operator", policy(allow(**when("ForAllValues:StringLikeIfExists", "a:b", "x")))),
    ("an empty operator", policy(allow(Condition={"Bool": {}}))),
    ("a year", policy(allow(**when("DateLessThan", "a:b", "2026", "2026-05", "1700000000")))),
    ("an old variable", policy(allow(resource=f"{S3}${{"), version="2008-10-17")),
]


@pytest.mark.parametrize("document", [r[1] for r in A_POLICY], ids=[r[0] for r in A_POLICY])
def test_what_is_a_policy_is_the_same_as_itself(document: Any) -> None:
    found = parse(json.dumps(document))
    assert found == policy_of(document) == parse(json.dumps(document).encode())
    assert found.kind is Kind.IDENTITY
    assert compare_documents(document, json.dumps(document)).answer is Answer.SAME


KINDS: list[tuple[Any, Kind]] = [
    (policy(trust({"AWS": session("x", "s")})), Kind.TRUST),
    (policy(trust({"Federated": iam("saml-provider/x")})), Kind.TRUST),
    (policy(trust({"Federated": "token.example.com/id/1"})), Kind.TRUST),
    (policy(trust({"AWS": "AROAEXAMPLEEXAMPLE12"})), Kind.TRUST),
    (policy(trust("*", Action="ecr:BatchGetImage")), Kind.TRUST),
    (policy(but(bucket({"Service": ["a.amazonaws.com"]}), "Principal")), Kind.RESOURCE),
    (policy(bucket({"CanonicalUser": "A" * 64})), Kind.RESOURCE),
    (policy(bucket("*", Resource="execute-api:/stage/GET/*")), Kind.RESOURCE),
    (policy(bucket({"AWS": "arn:aws:iam::cloudfront:user/CloudFront X"})), Kind.RESOURCE),
]


@pytest.mark.parametrize(("document", "kind"), KINDS)
def test_the_kind_is_told_by_the_elements(document: Any, kind: Kind) -> None:
    assert policy_of(document).kind is kind
    assert policy_of(document, kind) == policy_of(document)
    for other in set(Kind) - {kind}:
        with pytest.raises(MalformedPolicyError):
            policy_of(document, other)


MOTO_TAKES = {
    "an unknown element",
    "an action without a service's name",
    "an empty variable",
    "a space in a variable",
    "no brace",
    "no quotes",
    "an empty key",
    "a key in two cases",
    "a value that is a map",
    "a value that is null",
    "NullIfExists",
    "principals in one statement only",
}
"""What is refused here alone: AWS's documentation calls it wrong, or what it means is not said."""


def test_what_moto_takes_is_refused_for_a_reason() -> None:
    documents = {name: d for name, d, _ in NOT_A_POLICY if isinstance(d, dict)}
    of_identities = {n: d for n, d in documents.items() if "Principal" not in _first(d)}
    assert {n for n, d in of_identities.items() if _moto_takes(json.dumps(d))} == MOTO_TAKES


def _first(document: Any) -> Any:
    statements = document.get("Statement") or [{}]
    return statements[0] if isinstance(statements, list) else statements


def _moto_takes(document: str) -> bool:
    try:
        IAMPolicyDocumentValidator(document).validate()
    except (MalformedPolicyDocument, AttributeError):  # on a null it stumbles
        return False
    return True


@pytest.mark.parametrize("row", A_POLICY, ids=lambda row: row[0])
def test_moto_takes_what_is_taken(row: tuple[str, Any]) -> None:
    name, document = row
    new = {"Version": "2012-10-17"} | document
    if new["Version"] == "2012-10-17":
        assert _moto_takes(json.dumps(new)), name
