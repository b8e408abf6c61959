"""An action pattern less what may go: exactly the rest is kept, in a small text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remediator.access.iam.budget import Budget
from remediator.access.iam.inclusion import within
from remediator.access.iam.patterns import pattern as pattern_of
from remediator.remediate.iam.catalogue import actions_of, matching
from remediator.remediate.iam.narrowing import narrowed
from remediator.remediate.iam.removable import Removable, removable_of

SERVICES = ("s3", "sqs", "ec2", "iam", "kms", "lambda", "ecr", "dynamodb")


def removable(*actions: str, services: tuple[str, ...] = ()) -> Removable:
    return Removable.of(services, actions)


@st.composite
def patterns(draw: st.DrawFn) -> str:
    """Of one service: a wildcard somewhere in an action of it, or the action."""
    service = draw(st.sampled_from(SERVICES))
    action = draw(st.sampled_from(actions_of(service)))
    name = action.partition(":")[2]
    start = draw(st.integers(0, len(name)))
    end = draw(st.integers(start, len(name)))
    wild = draw(st.sampled_from(["*", "?", ""]))
    if wild == "?":
        end = min(start + 1, len(name))
    if wild == "":
        return action
    made = f"{name[:start]}{wild}{name[end:]}"
    return f"{service}:{draw(st.sampled_from([made, made.lower(), made.upper()]))}"


@st.composite
def cases(draw: st.DrawFn) -> tuple[str, Removable]:
    """A pattern, and some of what it matches with some of what it does not."""
    made = draw(patterns())
    among = matching(made) or actions_of("s3")
    chosen = draw(st.lists(st.sampled_from(among), max_size=8))
    others = draw(st.lists(st.sampled_from(actions_of("s3")), max_size=3))
    services = draw(st.sampled_from([(), (), (), ("sqs",), ("s3", "kms")]))
    return made, Removable.of(services, (*chosen, *others))


@settings(max_examples=400, deadline=None)
@given(cases())
def test_exactly_what_may_stay_is_kept(case: tuple[str, Removable]) -> None:
    made, goes = case
    after = narrowed(made, goes)
    texts = (made,) if after is None else after
    left = {action for text in texts for action in matching(text)}
    assert left == {action for action in matching(made) if not goes.takes(action)}


@settings(max_examples=400, deadline=None)
@given(cases())
def test_nothing_new_is_granted_today_or_tomorrow(case: tuple[str, Removable]) -> None:
    made, goes = case
    outer = pattern_of(made, variables=False, fold=True)
    for text in narrowed(made, goes) or ():
        assert within(pattern_of(text, variables=False, fold=True), outer, Budget())


@settings(max_examples=300, deadline=None)
@given(cases())
def test_the_text_is_sorted_and_says_nothing_twice(case: tuple[str, Removable]) -> None:
    after = narrowed(*case)
    if after is None:
        return
    assert list(after) == sorted(after)
    for text in after:
        own = {*matching(text)}
        others = {a for o in after if o != text for a in matching(o)}
        assert own - others == own != set()


@settings(max_examples=200, deadline=None)
@given(cases())
def test_again_changes_nothing(case: tuple[str, Removable]) -> None:
    made, goes = case
    assert all(narrowed(text, goes) is None for text in narrowed(made, goes) or ())


CASES: dict[str, tuple[str, Removable, tuple[str, ...] | None]] = {
    "an action": ("s3:DeleteBucket", removable("s3:DeleteBucket"), ()),
    "in other letters": ("S3:deletebucket", removable("s3:DeleteBucket"), ()),
    "another": ("s3:GetObject", removable("s3:DeleteBucket"), None),
    "a whole service": ("sqs:*", removable(services=("sqs",)), ()),
    "a part of a whole service": ("sqs:Send*", removable(services=("sqs",)), ()),
    "unknown": ("s3:FancyNewAction", removable("s3:FancyNewAction"), None),
    "unknown in a whole service": ("sqs:Fancy", removable(services=("sqs",)), ()),
    "an unknown wildcard": ("s3:Fancy*", removable("s3:DeleteBucket"), None),
    "an unknown service": ("nothing:*", removable("s3:DeleteBucket"), None),
    "a wildcard that has nothing of it": ("s3:Get*", removable("s3:DeleteBucket"), None),
    "written out where little is left": (
        "sqs:Se*",
        removable("sqs:SetQueueAttributes"),
        ("sqs:SendMessage",),
    ),
    "a narrower wildcard": (
        "sqs:*Message*",
        removable("sqs:SendMessage", "sqs:CancelMessageMoveTask", "sqs:ListMessageMoveTasks"),
        (
            "sqs:ChangeMessageVisibility",
            "sqs:DeleteMessage",
            "sqs:ReceiveMessage",
            "sqs:StartMessageMoveTask",
        ),
    ),
    "no wildcard beyond the pattern": (
        "s3:*Object",
        removable("s3:GetObject"),
        ("s3:DeleteObject", "s3:PutObject", "s3:ReplicateObject", "s3:RestoreObject"),
    ),
}


@pytest.mark.parametrize(("made", "goes", "expected"), CASES.values(), ids=CASES)
def test_cases(made: str, goes: Removable, expected: tuple[str, ...] | None) -> None:
    assert narrowed(made, goes) == expected


def test_everything_becomes_all_other_services() -> None:
    after = narrowed("*", removable("sqs:SendMessage", services=("s3",)))
    assert after is not None
    assert {"ec2:*", "sqs:ReceiveMessage"} <= {*after}
    assert not any(text.startswith("s3:") for text in after)


def test_both_leave_it_unused() -> None:
    first = removable("s3:DeleteBucket", "sqs:SendMessage", services=("kms",))
    second = removable("s3:DeleteBucket", "kms:Encrypt", services=("sqs",))
    both = first & second
    assert (both.services, both.actions) == (
        frozenset(),
        {"s3:deletebucket", "sqs:sendmessage", "kms:encrypt"},
    )
    assert both == second & first
    assert not (removable("s3:DeleteBucket") & removable("s3:GetObject"))


def test_what_no_catalogue_knows_and_is_in_use_is_written_out() -> None:
    kept = [{"action": a} for a in ("sqs:NewMessage", "sqs:SendMessage", "ec2:*", "newest:*")]
    goes = removable_of({"services": [], "actions": ["sqs:DeleteMessage"], "kept": kept})
    assert goes is not None
    assert goes.new == {"sqs:NewMessage", "newest:*"}
    assert narrowed("sqs:*Message", goes) == (
        "sqs:NewMessage",
        "sqs:ReceiveMessage",
        "sqs:SendMessage",
    )
    assert "newest:*" in (narrowed("*", goes) or ())
    assert removable_of(goes.document()) == goes


@pytest.mark.parametrize(
    "value",
    [
        [],
        "s3:*",
        {"actions": ["s3:*"]},
        {"services": ["*"]},
        {"actions": "s3:A"},
        {"services": [1]},
    ],
)
def test_what_is_no_use_data_is_said(value: object) -> None:
    with pytest.raises(ValueError, match="removable"):
        removable_of(value)  # type: ignore[arg-type]
