"""What a record and a pull request say that goes: that, and nothing that stays."""

from __future__ import annotations

from typing import Any

import pytest
from cases import fix
from tables import group, ingress

from remediator.access.iam import Kind
from remediator.remediate.iam.policy_access import Document, PolicyAccess

A, B = "arn:aws:iam::111122223333:root", "arn:aws:iam::444455556666:root"


def statement(action: Any = "sts:AssumeRole", principal: Any = None, **more: Any) -> dict[str, Any]:
    who = {} if principal is None else {"Principal": principal}
    return {"Effect": "Allow", "Action": action, **who, **more}


def access(*statements: dict[str, Any]) -> PolicyAccess:
    tree = {"Version": "2012-10-17", "Statement": [*statements]}
    return PolicyAccess((Document("policy", Kind.IDENTITY, tree),))


OF_B = f"allow sts:AssumeRole for {B} on itself"
CASES = {
    "one principal of two": (
        [statement(principal={"AWS": [A, B]})],
        [statement(principal={"AWS": A})],
        [OF_B],
    ),
    "one principal, of two kinds": (
        [statement(principal={"AWS": [B], "Service": "ec2.amazonaws.com"})],
        [statement(principal={"Service": "ec2.amazonaws.com"})],
        [OF_B],
    ),
    "one of very many, whose names are cut when all are shown": (
        [statement(principal={"AWS": [f"{A[:-4]}role/{n:03}" for n in range(90)] + [B]})],
        [statement(principal={"AWS": [f"{A[:-4]}role/{n:03}" for n in range(90)]})],
        [OF_B],
    ),
    "a statement before others": (
        [statement("s3:Get*", Resource="*"), statement("sqs:Send*", Resource="*")],
        [statement("sqs:Send*", Resource="*")],
        ["allow s3:Get* on *"],
    ),
    "what another statement still allows": (
        [statement("s3:Get*", Resource="*", Sid="One"), statement("s3:Get*", Resource="*")],
        [statement("s3:Get*", Resource="*")],
        ["allow s3:Get* on * (One)"],
    ),
    "what stays on a condition": (
        [
            statement("s3:Get*", Resource="*"),
            statement("s3:Get*", Resource="*", Condition={"Bool": {"aws:SecureTransport": "true"}}),
        ],
        [statement("s3:Get*", Resource="*", Condition={"Bool": {"aws:SecureTransport": "true"}})],
        ["allow s3:Get* on *"],
    ),
    "nothing": ([statement(principal={"AWS": [A, B]})], [statement(principal={"AWS": [B, A]})], []),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_it_is_what_goes_and_no_more(case: tuple[list[Any], list[Any], list[str]]) -> None:
    before, after, gone = case
    assert [*access(*before).lost(access(*after))] == gone
    assert access(*after).lost(access(*before)) == ()


def test_what_stays_in_other_words_is_said_too() -> None:
    before, after = (access(statement(a, Resource="*")) for a in ("s3:*", "s3:Get*"))
    assert before.lost(after) == ("allow s3:* on *",)
    assert after.lost(before) == ("allow s3:Get* on *",)


def test_a_condition_is_told() -> None:
    only = statement("s3:Get*", Resource="*", Condition={"Bool": {"aws:SecureTransport": "true"}})
    assert access(only).lost(access()) == (
        'allow s3:Get* on * if {"Bool": {"aws:SecureTransport": "true"}}',
    )


def test_of_a_rule_that_stays_in_part_the_ports_that_go() -> None:
    proof = fix(group(ingress(low=20, high=25))).only.proof
    assert proof is not None
    assert proof.removed == ("tcp 22 from 0.0.0.0/0",)
    assert proof.left == ()
