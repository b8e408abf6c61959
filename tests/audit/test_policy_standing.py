"""Whether a live policy is the record's after: a table, and which later record speaks for which."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from remediator.audit.follow import document
from remediator.audit.follow_policies import follow_policies
from remediator.audit.live_places import Placed, Spot
from remediator.audit.policy_standing import Standing, gone, standing
from remediator.model import Json, Record
from remediator.terraform.address import Address
from remediator.terraform.state import Attributes, State, StateIndex, StateResource

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
ROLE = "arn:aws:iam::111122223333:role/orders"
KEY = "live/prod:aws_iam_role_policy.orders"


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [*statements]}


def allow(*actions: str, on: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": [*actions], "Resource": on, **more}


def trust(*accounts: str) -> dict[str, Any]:
    who = {"AWS": [*accounts]}
    return policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": who})


UNSAID = "(not known: aws_s3_bucket.x.arn)"
OTHER_UNSAID = "(not known: aws_s3_bucket.y.arn)"
A_ROOT, B_ROOT = (f"arn:aws:iam::{n}:root" for n in ("111122223333", "444455556666"))
WIDE, NARROW = policy(allow("s3:Get*", "sqs:*")), policy(allow("s3:Get*"))

CASES: list[tuple[str, Any, Any, Any, Standing]] = [
    ("the after", WIDE, NARROW, NARROW, Standing.APPLIED),
    ("one action is no list", WIDE, NARROW, policy({**allow(), "Action": "s3:get*"}),
     Standing.APPLIED),
    ("the before", WIDE, NARROW, WIDE, Standing.WAITING),
    ("narrower still", WIDE, NARROW, policy(allow("s3:GetObject")), Standing.OTHER),
    ("wider", WIDE, NARROW, policy(allow("s3:Get*", "s3:Put*")), Standing.OTHER),
    ("nothing", WIDE, NARROW, {"Statement": []}, Standing.OTHER),
    ("with another statement", WIDE, NARROW, policy(allow("s3:Get*"), allow("ec2:*")),
     Standing.OTHER),
    ("with the one that went, too", WIDE, NARROW, policy(allow("s3:Get*"), WIDE["Statement"][0]),
     Standing.WAITING),
    ("an account is its root", trust("111122223333", B_ROOT), trust("111122223333"),
     trust(A_ROOT), Standing.APPLIED),
    ("the stranger is still in", trust(A_ROOT, B_ROOT), trust(A_ROOT), trust(B_ROOT, A_ROOT),
     Standing.WAITING),
    ("a deleted principal's id", trust(A_ROOT, B_ROOT), trust(A_ROOT), trust("AROAEXAMPLE"),
     Standing.OTHER),
    ("a resource that is not known", policy(allow("s3:*", "sqs:*", on=UNSAID)),
     policy(allow("s3:*", on=UNSAID)), policy(allow("s3:*", on="arn:aws:s3:::x")),
     Standing.APPLIED),
    ("the same, and not narrowed", policy(allow("s3:*", "sqs:*", on=UNSAID)),
     policy(allow("s3:*", on=UNSAID)), policy(allow("sqs:*", "s3:*", on="arn:aws:s3:::x")),
     Standing.WAITING),
    ("which of two went", policy(allow("s3:*", on=UNSAID), allow("s3:*", on=OTHER_UNSAID)),
     policy(allow("s3:*", on=UNSAID)), policy(allow("s3:*", on="arn:aws:s3:::x")),
     Standing.UNKNOWN),
    ("an action that is not known", policy(allow(UNSAID, "sqs:*")), policy(allow(UNSAID)),
     policy(allow("s3:*")), Standing.UNKNOWN),
    ("a principal that is not known", trust(UNSAID, B_ROOT), trust(UNSAID), trust(A_ROOT),
     Standing.UNKNOWN),
    ("a statement that is not known", policy(allow("s3:*"), UNSAID), policy(UNSAID),  # type: ignore[arg-type]
     policy(allow("s3:*")), Standing.UNKNOWN),
    ("what was not evaluated", {"not_evaluated": "managed:x"}, {"not_evaluated": "y"}, NARROW,
     Standing.UNKNOWN),
]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "live", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_table(before: Json, after: Json, live: Json, expected: Standing) -> None:
    assert standing(before, after, live) is expected


def test_one_that_went_as_a_whole() -> None:
    assert gone(NARROW, []) is Standing.APPLIED
    assert gone(NARROW, [policy(allow("ec2:*"))]) is Standing.APPLIED
    assert gone(NARROW, [policy(allow("ec2:*")), NARROW]) is Standing.UNKNOWN
    assert gone({"not_evaluated": "x"}, []) is Standing.UNKNOWN


# Records --------------------------------------------------------------------------------------


class Lives:
    def __init__(self, found: Json) -> None:
        self.found, self.asked = found, list[Spot]()

    def policy(self, spot: Spot) -> Json:
        self.asked.append(spot)
        return self.found

    def every(self, arn: str, account: str) -> list[Json] | None:
        return None if self.found is None else [self.found]

    def attached(self, arn: str, account: str) -> Mapping[str, Json] | None:
        return None

    def key(self, user: str, key_id: str, account: str) -> str | None:
        return None


def record(number: int, before: Json, after: Json, *, key: str = KEY, hours: int = 10) -> Record:
    at = NOW - timedelta(hours=hours)
    was, now = ({key: {"policy": text}} if text else {} for text in (before, after))
    trailers = (
        ("Finding-Class", "unused-permissions"),
        ("Resource", ROLE),
        ("Before", json.dumps(was)),
        ("After", json.dumps(now)),
    )
    return Record(str(number) * 40, None, "Bot", "Bot", at, at, "fix", trailers)


def placed(*more: StateResource, empty: bool = False, single: bool = True) -> Placed:
    known = (
        StateResource(Address.parse("aws_iam_role.orders"), Attributes(arn=ROLE, name="orders")),
        StateResource(
            Address.parse("aws_iam_role_policy.orders"), Attributes(role="orders", name="own")
        ),
    )
    state = State(() if empty else (*known, *more))
    roots = frozenset({"live/prod"} if single else ())
    return Placed(StateIndex.of([("live/prod", state)]), roots)


def followed(
    *records: Record, live: Any, where: Placed | None = None, in_code: bool = True
) -> tuple[list[str], list[bool]]:
    """The commits' first letters that are noted, and of those that wait whether it is other."""
    found = follow_policies(
        records, lambda c, k: False, where or placed(), Lives(live), lambda r: in_code, NOW,
        timedelta(hours=72),
    )  # fmt: skip
    assert len(document(found.waiting)) == len(found.waiting)
    return [commit[0] for commit in found.notes], [w.other for w in found.waiting]


LEAST = policy(allow("s3:GetObject"))
FOREIGN = ROLE.replace("111122223333", "444455556666")
ABROAD = "live/other:aws_iam_role_policy.orders"


def naming(arn: str | None, *places: str) -> Record:
    """The first record, with another ARN or none, and these addresses."""
    found = record(1, WIDE, NARROW)
    kept = [pair for pair in found.trailers if pair[0] != "Resource"]
    kept += [("Resource", arn)] if arn else []
    kept += [("Terraform-Address", place) for place in places]
    return replace(found, trailers=tuple(kept))


OF_ANOTHER = StateResource(
    Address.parse("aws_sqs_queue.x"), Attributes(arn="arn:aws:sqs:eu-central-1:444455556666:x")
)


@pytest.mark.parametrize(
    ("told", "where", "expected"),
    [
        (naming(None, KEY), placed(), ["1"]),
        (naming(ROLE, KEY), placed(OF_ANOTHER), ["1"]),
        (naming(FOREIGN, KEY, ABROAD), placed(), ["1"]),
        (naming(FOREIGN, KEY), placed(), []),
        (naming(FOREIGN, KEY, ABROAD), placed(OF_ANOTHER), []),
        (naming(None, KEY), placed(OF_ANOTHER), []),
    ],
    ids=["by the state alone", "by its name in the record", "of another root's",
         "of another account", "of a root of two accounts",
         "of a root of two accounts, by the state alone"],
)  # fmt: skip
def test_a_name_is_one_account_s(told: Record, where: Placed, expected: list[str]) -> None:
    """A root may have several accounts, and the holder of a policy there need not be in it."""
    assert followed(told, live=NARROW, where=where) == (expected, [])


def test_an_address_that_nobody_counts_is_not_gone() -> None:
    went = record(1, NARROW, None, key="live/prod:aws_iam_role_policy.several[?]")
    assert followed(went, live=LEAST) == ([], [])
    unnamed = replace(went, trailers=tuple(p for p in went.trailers if p[0] != "Resource"))
    assert followed(unnamed, live=LEAST) == ([], [])


FIRST, SECOND = record(1, WIDE, NARROW, hours=20), record(2, NARROW, LEAST)


def test_whoever_applied_the_later_one_has_applied_the_earlier_too() -> None:
    assert followed(SECOND, FIRST, live=LEAST) == (["2", "1"], [])
    assert followed(SECOND, FIRST, live=NARROW) == (["1"], [False])
    assert followed(SECOND, FIRST, live=WIDE) == ([], [True, False])
    assert followed(FIRST, live=LEAST) == ([], [True])


def test_the_earlier_one_is_not_applied_by_a_later_one_of_another_address() -> None:
    other = record(2, NARROW, LEAST, key="live/prod:aws_iam_role_policy.else")
    assert followed(other, FIRST, live=LEAST) == ([], [True])


def test_a_policy_that_is_something_else_since_the_code_changed_is_not_told_of() -> None:
    assert followed(FIRST, live=LEAST, in_code=False) == ([], [])
    assert followed(FIRST, live=WIDE, in_code=False) == ([], [False])


@pytest.mark.parametrize(
    "where",
    [placed(empty=True), placed(single=False),
     placed(StateResource(Address.parse("aws_iam_role.twin"), Attributes(
         arn="arn:aws:iam::111122223333:role/x/orders", name="orders")))],
    ids=["no such address", "an unread state", "two roles of that name"],
)  # fmt: skip
def test_without_the_state_nobody_knows_which_policy_it_is(where: Placed) -> None:
    assert followed(FIRST, live=NARROW, where=where) == ([], [])


def test_a_policy_that_cannot_be_read_is_not_known() -> None:
    assert followed(FIRST, live=None) == ([], [])


def test_a_policy_that_goes_is_applied_once_no_state_and_nobody_has_it() -> None:
    went = record(1, NARROW, None)
    assert followed(went, live=NARROW) == ([], [False])
    assert followed(went, live=LEAST, where=placed(empty=True)) == (["1"], [])
    assert followed(went, live=NARROW, where=placed(empty=True)) == ([], [])


@pytest.mark.parametrize("text", ["", "[]", "{", '{"x": 1}', '{"not an address": {"policy": {}}}'])
def test_a_record_that_cannot_be_read_says_nothing(text: str) -> None:
    broken = Record("1" * 40, None, "", "", NOW, NOW, "", (
        ("Finding-Class", "unused-permissions"), ("Before", text), ("After", "{}"),
    ))  # fmt: skip
    assert followed(broken, live=NARROW) == ([], [])
