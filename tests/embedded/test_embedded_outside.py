"""External access as the emulated analyzer reads it out of policies: tables of statements."""

from __future__ import annotations

from typing import Any

import pytest
from accounts import document

from remediator.embedded.outside import Guarded, external_access

HERE, STRANGER, SISTER = "111122223333", "444455556666", "777788889999"
QUEUE = f"arn:aws:sqs:us-east-1:{HERE}:jobs"


def statement(principal: object, *actions: str, **more: object) -> dict[str, object]:
    return {
        "Effect": "Allow",
        "Principal": principal,
        "Action": [*actions] or "sqs:SendMessage",
        "Resource": QUEUE,
        **more,
    }


def aws(*names: str) -> dict[str, object]:
    return {"AWS": [*names]}


def seen(*statements: dict[str, object], zone: tuple[str, ...] = (HERE,)) -> list[dict[str, Any]]:
    guarded = Guarded("AWS::SQS::Queue", QUEUE, HERE, document(*statements))
    drafts = external_access(guarded, frozenset(zone))
    assert len({draft.key for draft in drafts}) == len(drafts)
    return [draft.details[0]["externalAccessDetails"] for draft in drafts]


@pytest.mark.parametrize(
    "principal",
    [
        STRANGER,
        f"arn:aws:iam::{STRANGER}:root",
    ],
)
def test_an_account_is_told_by_its_number(principal: str) -> None:
    (found,) = seen(statement(aws(principal)))
    assert found["principal"] == {"AWS": STRANGER}
    assert found["action"] == ["sqs:SendMessage"]
    assert found["isPublic"] is False


@pytest.mark.parametrize(
    ("principal", "told"),
    [
        ({"AWS": f"arn:aws:iam::{STRANGER}:role/x"}, {"AWS": f"arn:aws:iam::{STRANGER}:role/x"}),
        ({"Federated": "accounts.google.com"}, {"Federated": "accounts.google.com"}),
        ({"CanonicalUser": "a" * 64}, {"CanonicalUser": "a" * 64}),
        ("*", {"AWS": "*"}),
        ({"AWS": "*"}, {"AWS": "*"}),
    ],
)
def test_others_are_told_as_they_are_written(principal: object, told: object) -> None:
    (found,) = seen(statement(principal))
    assert found["principal"] == told
    assert found["isPublic"] is (told == {"AWS": "*"})


@pytest.mark.parametrize(
    "inside",
    [
        statement(aws(HERE)),
        statement(aws(f"arn:aws:iam::{HERE}:root", f"arn:aws:iam::{HERE}:role/x")),
        statement({"Service": "sns.amazonaws.com"}),
        statement(aws("AIDAQXZEAEXAMPLEUSER"), Effect="Deny"),
        statement("*", Effect="Deny"),
        statement("*", Condition={"StringEquals": {"aws:PrincipalAccount": HERE}}),
        statement("*", Condition={"StringEquals": {"AWS:SourceOwner": HERE}}),
        statement("*", Condition={"ArnLike": {"aws:SourceArn": f"arn:aws:s3:eu-west-1:{HERE}:b"}}),
        statement(aws(STRANGER), Condition={"StringEquals": {"aws:SourceAccount": [HERE]}}),
    ],
)
def test_who_is_inside_is_no_finding(inside: dict[str, object]) -> None:
    assert seen(inside) == []


def test_the_organization_is_inside_for_its_analyzer() -> None:
    assert seen(statement(aws(SISTER)), zone=(HERE, SISTER)) == []
    assert len(seen(statement(aws(SISTER, STRANGER)), zone=(HERE, SISTER))) == 1


@pytest.mark.parametrize(
    ("condition", "public"),
    [
        ({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, False),
        ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, False),
        ({"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}, True),
        ({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}}, True),
        ({"Bool": {"aws:SecureTransport": "true"}}, True),
        ({"StringEquals": {"aws:PrincipalAccount": [HERE, STRANGER]}}, False),
    ],
)
def test_a_condition_is_told_and_may_restrict(condition: dict[str, Any], public: bool) -> None:
    (found,) = seen(statement("*", Condition=condition))
    ((key, values),) = next(iter(condition.values())).items()
    assert found["condition"] == {key: values if isinstance(values, str) else ",".join(values)}
    assert found["isPublic"] is public


def test_one_finding_a_principal_and_condition_with_all_its_actions() -> None:
    org = {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}
    found = seen(
        statement(aws(STRANGER), "sqs:SendMessage"),
        statement(aws(f"arn:aws:iam::{STRANGER}:root"), "sqs:ReceiveMessage"),
        statement(aws(STRANGER), "sqs:PurgeQueue", Condition=org),
        statement(aws(SISTER), "sqs:SendMessage"),
    )
    told = [(f["principal"]["AWS"], f["action"], bool(f["condition"])) for f in found]
    assert sorted(told) == [
        (STRANGER, ["sqs:PurgeQueue"], True),
        (STRANGER, ["sqs:ReceiveMessage", "sqs:SendMessage"], False),
        (SISTER, ["sqs:SendMessage"], False),
    ]


@pytest.mark.parametrize(
    ("deny", "left"),
    [
        (statement("*", "sqs:*", Effect="Deny"), []),
        (statement(aws(STRANGER), "sqs:SendMessage", Effect="Deny"), ["sqs:ReceiveMessage"]),
        (statement("*", "sqs:SendMessage", Effect="Deny", Resource="*"), ["sqs:ReceiveMessage"]),
        (
            statement("*", "sqs:*", Effect="Deny", Condition={"Bool": {"x:y": "true"}}),
            ["sqs:ReceiveMessage", "sqs:SendMessage"],
        ),
        (
            statement("*", "sqs:*", Effect="Deny", Resource=f"{QUEUE}-other"),
            ["sqs:ReceiveMessage", "sqs:SendMessage"],
        ),
        (
            statement(aws(SISTER), "sqs:*", Effect="Deny"),
            ["sqs:ReceiveMessage", "sqs:SendMessage"],
        ),
    ],
)
def test_a_deny_counts_where_it_surely_holds(deny: dict[str, object], left: list[str]) -> None:
    found = seen(statement(aws(STRANGER), "sqs:SendMessage", "sqs:ReceiveMessage"), deny)
    assert [f["action"] for f in found] == ([left] if left else [])


def test_everybody_but_some_is_everybody() -> None:
    open_to_all: dict[str, object] = {
        "Effect": "Allow",
        "NotPrincipal": {"AWS": HERE},
        "Action": "sqs:*",
    }
    (found,) = seen(open_to_all)
    assert found["principal"] == {"AWS": "*"}
    assert found["isPublic"] is True


@pytest.mark.parametrize("text", ["", "[]", "{", '{"Statement": 3}', '{"Statement": ["x"]}'])
def test_what_is_no_policy_lets_nobody_in(text: str) -> None:
    guarded = Guarded("AWS::SQS::Queue", QUEUE, HERE, text)
    assert external_access(guarded, frozenset({HERE})) == []
