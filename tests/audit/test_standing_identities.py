"""Whether a key, an attachment or a permission is live what a record says: tables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from test_policy_standing import LEAST, NOW, ROLE, UNSAID, Lives, placed, policy

from remediator.audit.follow_policies import follow_policies
from remediator.audit.live_places import Placed
from remediator.audit.policy_standing import Standing
from remediator.audit.standing_permission import permission_gone
from remediator.model import Json, Record
from remediator.terraform.address import Address
from remediator.terraform.state import Attributes, State, StateIndex, StateResource

STRANGER = "444455556666"
FUNCTION = "arn:aws:lambda:eu-central-1:111122223333:function:report"
BUCKET = "arn:aws:s3:::reports"


def lets(who: Any, action: str = "lambda:InvokeFunction", **condition: Any) -> dict[str, Any]:
    """As a record has a permission."""
    on = {"Resource": "arn:aws:lambda:*:*:function:*"}
    asked = {f"lambda:{name}": value for name, value in condition.items()}
    more = {"Condition": {"StringEquals": asked}} if asked else {}
    return policy({"Effect": "Allow", "Principal": who, "Action": action, **on, **more})


def live(who: Any, action: str = "lambda:InvokeFunction", **more: Any) -> dict[str, Any]:
    """As Lambda words it."""
    own = {"Sid": "terraform-1", "Effect": "Allow", "Resource": FUNCTION}
    return policy({**own, "Principal": who, "Action": action, **more})


ROOT = {"AWS": f"arn:aws:iam::{STRANGER}:root"}
S3 = {"Service": "s3.amazonaws.com"}
FROM: dict[str, Any] = {"Condition": {"ArnLike": {"AWS:SourceArn": BUCKET}}}
OTHER: dict[str, Any] = {"Condition": {"ArnLike": {"AWS:SourceArn": "arn:aws:s3:::other"}}}
GONE, UNKNOWN = Standing.APPLIED, Standing.UNKNOWN

PERMISSIONS: list[tuple[str, Any, list[Any], Standing]] = [
    ("no policy at all", lets({"AWS": STRANGER}), [policy()], GONE),
    ("it is there", lets({"AWS": STRANGER}), [live(ROOT)], UNKNOWN),
    ("it is there by its number", lets({"AWS": STRANGER}), [live(STRANGER)], UNKNOWN),
    ("somebody else", lets({"AWS": STRANGER}), [live({"AWS": "arn:aws:iam::111122223333:root"})],
     GONE),
    ("another action", lets({"AWS": STRANGER}), [live(ROOT, "lambda:GetFunction")], GONE),
    ("the action in other letters", lets({"AWS": STRANGER}), [live(ROOT, "lambda:invokefunction")],
     UNKNOWN),
    ("everybody", lets({"AWS": "*"}), [live("*")], UNKNOWN),
    ("an identity that was deleted", lets({"AWS": f"arn:aws:iam::{STRANGER}:role/x"}),
     [live({"AWS": "AROAEXAMPLEEXAMPLEEXA"})], UNKNOWN),
    ("from the same bucket", lets(S3, source_arn=BUCKET), [live(S3, **FROM)], UNKNOWN),
    ("from another bucket", lets(S3, source_arn=BUCKET), [live(S3, **OTHER)], GONE),
    ("from anywhere", lets(S3), [live(S3, **OTHER)], GONE),
    ("from a bucket that is not known", lets(S3, source_arn=UNSAID), [live(S3, **OTHER)], UNKNOWN),
    ("a Deny", lets(S3), [policy({**live(S3)["Statement"][0], "Effect": "Deny"})], GONE),
    ("a principal that is not known", {"not_evaluated": "principal"}, [policy()], UNKNOWN),
    ("an action that is not known", lets(S3, UNSAID), [policy()], UNKNOWN),
    ("a statement that is none", lets(S3), [policy("what?")], UNKNOWN),  # type: ignore[arg-type]
]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "every", "expected"), [c[1:] for c in PERMISSIONS], ids=[c[0] for c in PERMISSIONS]
)
def test_a_permission_that_went(before: Json, every: list[Json], expected: Standing) -> None:
    assert permission_gone(before, every) is expected


# Attachments ----------------------------------------------------------------------------------

WIDE_ARN, OWN_ARN = "arn:aws:iam::aws:policy/Wide", "arn:aws:iam::111122223333:policy/used"
PLACE, MADE = "live/prod:aws_iam_role_policy_attachment.wide", "live/prod:aws_iam_policy.used"
USED = policy({"Effect": "Allow", "Action": ["s3:Get*"], "Resource": "*"})
WORD: dict[str, Any] = {"not_evaluated": f"managed:{WIDE_ARN}"}


class Attached(Lives):
    """`found`: what is attached, by ARN; None where nobody tells."""

    def __init__(self, found: Mapping[str, Json] | None) -> None:
        super().__init__(found.get(OWN_ARN) if found else None)
        self.own = found

    def attached(self, arn: str, account: str) -> Mapping[str, Json] | None:
        return self.own if (arn, account) == (ROLE, "111122223333") else None


def record(number: int, before: Any, after: Any, *who: str) -> Record:
    trailers = (
        ("Finding-Class", "unused-permissions"),
        *(("Resource", arn) for arn in who or (ROLE,)),
        ("Before", json.dumps(before)),
        ("After", json.dumps(after)),
    )
    return Record(str(number) * 40, None, "Bot", "Bot", NOW, NOW, "fix", trailers)


GAVE_WAY = record(
    1,
    {PLACE: {"policy_arn": WORD}},
    {PLACE: {"policy_arn": USED}, MADE: {"policy": USED}},
)
NARROWED = record(2, {MADE: {"policy": USED}}, {MADE: {"policy": LEAST}})
DETACHED = record(1, {PLACE: {"policy_arn": WORD}}, {})


def attachment(arn: str = OWN_ARN) -> StateResource:
    address = Address.parse("aws_iam_role_policy_attachment.wide")
    return StateResource(address, Attributes(role="orders", policy_arn=arn))


OWN = StateResource(Address.parse("aws_iam_policy.used"), Attributes(arn=OWN_ARN, name="used"))
THERE = placed(attachment(), OWN)


def followed(
    *records: Record, live: Mapping[str, Json] | None, where: Placed = THERE
) -> tuple[list[str], list[bool]]:
    found = follow_policies(
        records, lambda c, k: False, where, Attached(live), lambda r: True, NOW, NOW - NOW
    )
    return [commit[0] for commit in found.notes], [w.other for w in found.waiting]


def test_it_is_applied_once_it_gave_way_to_what_the_record_says() -> None:
    assert followed(GAVE_WAY, live={OWN_ARN: USED}) == (["1"], [])
    assert followed(GAVE_WAY, live={OWN_ARN: USED, WIDE_ARN: LEAST}) == ([], [False])
    assert followed(GAVE_WAY, live={OWN_ARN: LEAST}) == ([], [True])
    assert followed(GAVE_WAY, live={}) == ([], [True])


def test_what_cannot_be_read_is_not_known() -> None:
    assert followed(GAVE_WAY, live=None) == ([], [])
    assert followed(GAVE_WAY, live={OWN_ARN: None}) == ([], [])


def test_what_a_later_record_made_of_it_is_applied_with_it() -> None:
    assert followed(NARROWED, GAVE_WAY, live={OWN_ARN: LEAST}) == (["2", "1"], [])
    assert followed(NARROWED, GAVE_WAY, live={OWN_ARN: USED}) == (["1"], [False])


def test_it_is_detached_once_no_state_and_nobody_has_it() -> None:
    gone = placed()
    assert followed(DETACHED, live={}, where=gone) == (["1"], [])
    assert followed(DETACHED, live={WIDE_ARN: None}, where=gone) == ([], [False])
    assert followed(DETACHED, live={}, where=placed(attachment(WIDE_ARN))) == ([], [False])
    assert followed(DETACHED, live=None, where=gone) == ([], [])
    assert followed(DETACHED, live={}, where=placed(single=False)) == ([], [])


def test_an_attachment_that_somebody_removed_since_is_not_told_of() -> None:
    assert followed(GAVE_WAY, live={}, where=placed()) == ([], [])


def test_of_several_one_that_still_has_it_may_have_it_by_another() -> None:
    """Whose attachment it was, no state says any more."""
    both = record(1, {PLACE: {"policy_arn": WORD}}, {}, ROLE, f"{ROLE}2")
    assert followed(both, live={}, where=placed()) == ([], [])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"policy_arn": {"not_evaluated": "var.arn"}}, {"policy_arn": USED}),
        ({"policy_arn": WORD}, {"policy_arn": {"not_evaluated": "var.arn"}}),
        ({"policy_arn": USED}, {"policy_arn": LEAST}),
    ],
    ids=["from what is not known", "to what is not known", "no policy of AWS's"],
)
def test_a_record_that_does_not_tell_it_says_nothing(before: Json, after: Json) -> None:
    told = record(1, {PLACE: before}, {PLACE: after})
    assert followed(told, live={OWN_ARN: USED}) == ([], [])


@pytest.mark.parametrize(("there", "expected"), [(True, ([], [False])), (False, ([], []))])
def test_one_that_surely_waits_is_enough(there: bool, expected: Any) -> None:
    """Of the other permission nobody can tell."""
    places = [f"live/prod:aws_lambda_permission.{name}" for name in "ab"]
    both = record(1, {p: {"permission": lets({"AWS": STRANGER})} for p in places}, {}, FUNCTION)
    known = StateResource(Address.parse("aws_lambda_permission.a"), Attributes(function_name="f"))
    assert followed(both, live=None, where=placed(*([known] if there else []))) == expected


# Keys -----------------------------------------------------------------------------------------

USER = "arn:aws:iam::111122223333:user/ci"


class Keys(Lives):
    def key(self, user: str, key_id: str, account: str) -> str | None:
        assert (user, key_id, account) == ("ci", "AKIAEXAMPLE", "111122223333")
        return self.found if isinstance(self.found, str) else None


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("Inactive", (["1"], [])),
        ("Active", ([], [False])),
        ("Expired", ([], [True])),
        ("", ([], [True])),
        (None, ([], [])),
    ],
)
def test_a_key(status: str | None, expected: tuple[list[str], list[bool]]) -> None:
    place = "live/prod:aws_iam_access_key.ci"
    trailers = (
        ("Finding-Class", "unused-credentials"),
        ("Resource", USER),
        ("Before", json.dumps({place: {"status": "Active"}})),
        ("After", json.dumps({place: {"status": "Inactive"}})),
    )
    told = Record("1" * 40, None, "Bot", "Bot", NOW, NOW, "fix", trailers)
    key = Address.parse("aws_iam_access_key.ci")
    state = State((StateResource(key, Attributes(id="AKIAEXAMPLE", user="ci")),))
    where = Placed(StateIndex.of([("live/prod", state)]), frozenset({"live/prod"}))
    found = follow_policies(
        [told], lambda c, k: False, where, Keys(status), lambda r: True, NOW, NOW - NOW
    )
    assert ([c[0] for c in found.notes], [w.other for w in found.waiting]) == expected
