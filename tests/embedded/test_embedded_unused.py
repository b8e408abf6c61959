"""Unused access as the emulated analyzer sums it up: grants, the table of use, and the window."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from accounts import ago, allow, document, role_arn, user_arn

from remediator.embedded.catalogue import actions_of, is_tracked, matching
from remediator.embedded.drafts import Draft
from remediator.embedded.granted import Held, granted
from remediator.embedded.unused import ROLE, USER, Identity, Key, unused_access
from remediator.embedded.use import Use

APP, ANNA = role_arn("app"), user_arn("anna")
SINCE = ago(days=90)


def held(*statements: dict[str, object]) -> tuple[Held, ...]:
    return (Held("inline", "inline", document(*statements), APP),)


def role(*statements: dict[str, object], last: datetime | None = None, **more: Any) -> Identity:
    return Identity(ROLE, APP, "111122223333", held(*statements), last or ago(days=1), **more)


def used(*actions: str, at: datetime | None = None, by: str = APP) -> list[Use]:
    return [Use(by, action, at or ago(days=1)) for action in actions]


def found(identity: Identity, uses: list[Use]) -> list[Draft]:
    return list(unused_access(identity, uses, SINCE))


def unused(identity: Identity, uses: list[Use]) -> dict[str, list[str] | None]:
    """By service, its unused actions; None is the whole service."""
    drafts = [d for d in found(identity, uses) if d.type == "UnusedPermission"]
    services = [one["unusedPermissionDetails"] for d in drafts for one in d.details]
    return {
        s["serviceNamespace"]: [a["action"] for a in s["actions"]] if "actions" in s else None
        for s in services
    }


def test_a_service_that_is_not_used_goes_whole() -> None:
    identity = role(allow("s3:PutBucketPolicy", "sqs:SendMessage", "sqs:PurgeQueue"))
    assert unused(identity, used("s3:PutBucketPolicy")) == {"sqs": None}


def test_of_a_used_service_the_tracked_actions_are_told() -> None:
    identity = role(allow("s3:GetObject", "s3:PutBucketPolicy", "s3:DeleteBucket"))
    assert unused(identity, used("s3:DeleteBucket")) == {"s3": ["PutBucketPolicy"]}


def test_data_plane_actions_and_pass_role_are_not_tracked() -> None:
    identity = role(allow("s3:GetObject", "dynamodb:PutItem", "iam:PassRole", "iam:GetRole"))
    uses = used("s3:ListAllMyBuckets", "dynamodb:DescribeTable", "iam:GetRole")
    assert unused(identity, uses) == {}


def test_a_service_without_action_level_data_is_used_or_it_is_not() -> None:
    assert actions_of("sns")
    assert not any(is_tracked(action) for action in actions_of("sns"))
    identity = role(allow("sns:*"))
    assert unused(identity, used("sns:ListTopics")) == {}
    assert unused(identity, used("s3:GetObject")) == {"sns": None}


def test_a_use_before_the_window_does_not_count_and_is_told() -> None:
    identity = role(allow("sqs:SendMessage"))
    (draft,) = found(identity, used("sqs:SendMessage", at=ago(days=91)))
    assert draft.details[0]["unusedPermissionDetails"] == {
        "serviceNamespace": "sqs",
        "lastAccessed": ago(days=91),
    }


def test_actions_are_compared_without_regard_to_case() -> None:
    identity = role(allow("S3:putbucketpolicy", "s3:DeleteBucket"))
    assert unused(identity, used("s3:PutBucketPolicy")) == {"s3": ["DeleteBucket"]}


def test_everything_used_is_no_finding() -> None:
    identity = role(allow("s3:PutBucketPolicy"))
    assert found(identity, used("s3:PutBucketPolicy")) == []


def test_a_role_that_is_not_used_at_all_is_that_and_no_more() -> None:
    identity = role(allow("s3:*"), last=ago(days=100))
    (draft,) = found(identity, [])
    assert draft.type == "UnusedIAMRole"
    assert draft.details == ({"unusedIamRoleDetails": {"lastAccessed": ago(days=100)}},)


def test_a_service_linked_role_is_not_looked_at() -> None:
    assert found(role(allow("s3:*"), last=ago(days=100), linked=True), []) == []


def user(**more: Any) -> Identity:
    return Identity(USER, ANNA, "111122223333", held(allow("sqs:SendMessage")), **more)


def test_a_user_has_permissions_keys_and_a_password() -> None:
    keys = (Key("AKIAOLD", ago(days=200)), Key("AKIANEW", ago(days=2)), Key("AKIANEVER", None))
    drafts = found(user(keys=keys, password=True, signed_in=ago(days=95)), [])
    assert [(d.type, d.part) for d in drafts] == [
        ("UnusedPermission", ""),
        ("UnusedIAMUserAccessKey", "AKIAOLD"),
        ("UnusedIAMUserAccessKey", "AKIANEVER"),
        ("UnusedIAMUserPassword", ""),
    ]
    assert drafts[2].details == ({"unusedIamUserAccessKeyDetails": {"accessKeyId": "AKIANEVER"}},)


def test_a_password_in_use_is_no_finding() -> None:
    recent = user(password=True, signed_in=ago(days=1))
    assert found(recent, used("sqs:SendMessage", by=ANNA)) == []


@pytest.mark.parametrize(
    ("statements", "some", "none"),
    [
        ([allow("s3:Get*")], ["s3:GetObject"], ["s3:PutObject"]),
        ([allow("*")], ["s3:GetObject", "iam:PassRole"], []),
        ([allow("s3:?etObject")], ["s3:GetObject"], ["s3:DeleteObject"]),
        (
            [{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}],
            ["iam:GetRole"],
            ["s3:GetObject"],
        ),
        (
            [allow("s3:*"), {"Effect": "Deny", "Action": "s3:Delete*", "Resource": "*"}],
            ["s3:GetObject"],
            ["s3:DeleteBucket"],
        ),
        (
            [
                allow("s3:*"),
                {"Effect": "Deny", "Action": "s3:Delete*", "Resource": "arn:aws:s3:::x"},
            ],
            ["s3:DeleteBucket"],
            [],
        ),
        ([allow("new:NobodyKnows")], ["new:NobodyKnows"], []),
    ],
)
def test_what_is_granted(
    statements: list[dict[str, object]], some: list[str], none: list[str]
) -> None:
    actions = granted((document(*statements),))
    assert actions >= {*some}
    assert not actions & {*none}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"Statement": 1}', '{"Statement": [{}]}'])
def test_what_is_no_policy_grants_nothing(text: str) -> None:
    assert granted((text,)) == frozenset()


def test_the_catalogue_answers_in_the_services_spelling() -> None:
    assert matching("S3:getobject") == {"s3:GetObject"}
    assert matching("s3:*") == frozenset(actions_of("s3"))
    assert matching("nothing*:*") == frozenset()
