"""What may go of a principal's permissions: tables, and what holds whatever is said of use."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from remediator.evaluate.catalogue import escalates, known_actions, tracked, untracked
from remediator.evaluate.granted import granted_actions, may_grant, names_service
from remediator.evaluate.passing import may_pass, passing_actions
from remediator.evaluate.use import Grant, Removable, Unused, Use, longest_interval, removable

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
GRACE = timedelta(days=14)
LONG_AGO = NOW - timedelta(days=300)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def allow(*actions: str, **more: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": [*actions], "Resource": "*"} | more
    return {"Version": "2012-10-17", "Statement": [statement]}


def grant(*actions: str, at: datetime | None = LONG_AGO, **more: Any) -> Grant:
    return Grant("orders", allow(*(actions or ("*",))), at, **more)


def service(
    name: str, *actions: str | tuple[str, float | None], used: float | None = None
) -> Unused:
    pairs = [a if isinstance(a, tuple) else (a, None) for a in actions]
    timed = tuple((a, None if d is None else ago(d)) for a, d in pairs)
    return Unused(name, None if used is None else ago(used), timed if actions else None)


def of(
    *unused: Unused, grants: tuple[Grant, ...] = (), uses: tuple[float, ...] = (0.1,)
) -> Removable:
    given = grants or (grant(),)
    return removable(Use(unused, given, [ago(d) for d in uses], now=NOW, grace=GRACE))


def why(found: Removable, action: str) -> str:
    (kept,) = [k.why for k in found.kept if k.action == action]
    return kept


# Only what the data can see -----------------------------------------------------------------


@pytest.mark.parametrize(
    "action",
    [
        "s3:DeleteBucket",
        "ec2:RunInstances",
        "iam:CreateRole",
        "lambda:CreateFunction",
        "sqs:CreateQueue",
        "s3:PutBucketObjectLockConfiguration",
        "dynamodb:DeleteBackup",
    ],
)
def test_a_tracked_action_that_is_unused_goes(action: str) -> None:
    found = of(service(action.split(":")[0], action))
    assert (found.actions, found.services, found.kept) == ((action,), (), ())


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("s3:GetObject", "data-plane action"),
        ("s3:getobject", "data-plane action"),
        ("s3:ListBucket", "data-plane action"),
        ("dynamodb:PutItem", "data-plane action"),
        ("dynamodb:Query", "data-plane action"),
        ("sqs:SendMessage", "data-plane action"),
        ("lambda:InvokeFunction", "data-plane action"),
        ("kinesis:PutRecords", "data-plane action"),
        ("kms:Decrypt", "data-plane action"),
        ("logs:PutLogEvents", "data-plane action"),
        ("sts:TagSession", "data-plane action"),
        ("ec2:TerminateInstances", "AWS does not track this action"),
        ("EC2:terminateinstances", "AWS does not track this action"),
        ("sqs:GetQueueUrl", "AWS does not track this action"),
        ("iam:TagRole", "AWS does not track this action"),
        ("s3:NewerThanTheList", "AWS does not track this action"),
        ("macie2:CreateClassificationJob", "does not track single actions of macie2"),
        ("sns:CreateTopic", "does not track single actions of sns"),
        ("newservice:Create", "does not track single actions of newservice"),
        ("iam:PassRole", "not seen to be unused"),
    ],
)
def test_what_nobody_tracks_is_kept(action: str, words: str) -> None:
    found = of(service(action.split(":")[0].lower(), action))
    assert found.nothing
    assert words in why(found, action)


@pytest.mark.parametrize("name", ["s3", "sns", "dynamodb", "newservice"])
def test_a_service_that_is_unused_as_a_whole_goes_whatever_is_tracked(name: str) -> None:
    found = of(service(name))
    assert (found.services, found.kept) == ((name,), ())


def test_an_action_of_another_service_is_not_of_this_one() -> None:
    assert of(service("ec2", "s3:DeleteBucket")).nothing


def test_no_list_and_a_list_of_one_service_leave_the_list() -> None:
    found = of(service("s3"), service("s3", "s3:DeleteBucket"))
    assert (found.services, found.actions) == ((), ("s3:DeleteBucket",))


def test_an_action_told_twice_was_used_when_it_was_used_last() -> None:
    twice = service("s3", ("s3:DeleteBucket", None), ("S3:deletebucket", 3.0))
    assert of(service("s3", "s3:DeleteBucket"), twice, uses=(0.1, 30)).nothing


# A job that runs rarely ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("used", "uses", "goes"),
    [
        (None, (0.1, 95), True),  # never used: no interval speaks for it
        (65, (0.1, 60, 120), False),  # every other month, and a little late
        (95, (0.1, 91, 182), False),  # once a quarter
        (120, (0.1, 1, 2), True),  # daily work: its own last use makes no interval
        (300, (0.1, 1, 300), True),
        (200, (0.1, 100, 201.5), True),  # rested for 101 days, and this for 200
        (100, (0.1, 100, 200), False),
    ],
)
def test_what_was_used_within_the_longest_known_interval_is_active(
    used: float | None, uses: tuple[float, ...], goes: bool
) -> None:
    found = of(service("s3", ("s3:DeleteBucket", used)), uses=uses)
    assert (found.actions == ("s3:DeleteBucket",)) is goes
    if not goes:
        assert "has rested for" in why(found, "s3:DeleteBucket")


def test_the_lambda_that_runs_every_six_hours() -> None:
    """Its action is listed as unused by mistake of a window, and was used five hours ago."""
    assert of(service("ec2", ("ec2:StartInstances", 13)), uses=(13, 100)).nothing
    found = of(service("ec2", ("ec2:StartInstances", 5 / 24)), uses=(5 / 24, 11 / 24, 17 / 24))
    assert found.nothing


def test_a_rarely_used_service_is_active_as_a_whole() -> None:
    assert of(service("s3", used=95), uses=(0.1, 100, 200)).nothing


def test_a_use_in_the_future_is_no_evidence() -> None:
    found = of(service("s3", ("s3:DeleteBucket", -1)))
    assert "in the future" in why(found, "s3:DeleteBucket")


def test_the_interval_needs_two_uses() -> None:
    def interval(*uses: float) -> timedelta | None:
        return longest_interval(Use((), (), [ago(d) for d in uses], now=NOW, grace=GRACE))

    assert interval() is None
    assert interval(3) is None
    assert interval(3, 3) is None
    assert interval(3, 13, 90) == timedelta(days=77)
    assert interval(3, 13, -5) == timedelta(days=10)


# Granted lately -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "goes"),
    [
        (grant("s3:*", at=ago(13)), False),
        (grant("s3:*", at=ago(14)), True),
        (grant("sqs:*", at=ago(1)), True),  # changed lately, and says nothing of S3
        (grant("s3:Delete*", at=None), False),
        (grant("s3:Delete*", at=None, settled=True), True),
        (grant("sqs:*", at=None), True),
        (Grant("odd", None, ago(1)), False),
        (Grant("odd", {"Statement": "?"}, ago(1)), False),
        (Grant("not", {"Statement": [{"Effect": "Allow", "NotAction": "iam:*"}]}, ago(1)), False),
        (Grant("not", {"Statement": [{"Effect": "Allow", "NotAction": "s3:*"}]}, ago(1)), True),
        (Grant("deny", {"Statement": [{"Effect": "Deny", "Action": "s3:*"}]}, ago(1)), True),
    ],
)
def test_what_was_granted_lately_is_left_alone(policy: Grant, goes: bool) -> None:
    found = of(service("s3", "s3:DeleteBucket"), grants=(grant(), policy))
    assert (not found.nothing) is goes
    whole = of(service("s3"), grants=(grant(), policy))
    assert (not whole.nothing) is goes


@pytest.mark.parametrize("name", ["newservice", "s3"])
@pytest.mark.parametrize(
    ("pattern", "goes"), [("{}:*", False), ("{}:NewThing", False), ("sqs:*", True), ("n*:*", None)]
)
def test_nor_does_what_no_catalogue_has(name: str, pattern: str, goes: bool | None) -> None:
    """`n*:*` may grant the service that is not known, and not S3."""
    policy = grant(pattern.format(name), at=ago(1))
    found = of(service(name), grants=(grant("sns:*"), policy))
    assert (not found.nothing) is (name == "s3" if goes is None else goes)


# iam:PassRole -------------------------------------------------------------------------------


def test_pass_role_goes_where_nothing_that_passes_a_role_is_in_use() -> None:
    grants = (grant("iam:PassRole", "lambda:CreateFunction", "s3:*Object"),)
    used = of(service("iam", "iam:PassRole"), grants=grants)
    assert "lambda:CreateFunction" in why(used, "iam:PassRole")
    unused = of(
        service("iam", "iam:PassRole"), service("lambda", "lambda:CreateFunction"), grants=grants
    )
    assert unused.actions == ("iam:PassRole", "lambda:CreateFunction")
    assert of(service("iam", "iam:PassRole"), service("lambda"), grants=grants).services == (
        "lambda",
    )


def test_iam_as_a_whole_goes_action_by_action_where_pass_role_stays() -> None:
    grants = (grant("iam:PassRole", "iam:CreateUser", "iam:GetUser", "ec2:RunInstances"),)
    found = of(service("iam"), grants=grants)
    assert found.services == ()
    assert found.actions == ("iam:CreateUser", "iam:GetUser")
    assert "ec2:RunInstances" in why(found, "iam:PassRole")


def test_a_policy_that_cannot_be_read_may_pass_a_role() -> None:
    assert of(service("iam", "iam:PassRole"), grants=(Grant("odd", None, LONG_AGO),)).nothing


@pytest.mark.parametrize(
    "action",
    [
        "lambda:CreateFunction",
        "ec2:RunInstances",
        "ecs:RunTask",
        "glue:CreateJob",
        "states:CreateStateMachine",
        "dax:CreateCluster",
        "cognito-sync:SetIdentityPoolConfiguration",
        "swf:RegisterWorkflowType",
    ],
)
def test_actions_that_pass_a_role(action: str) -> None:
    assert may_pass(action)
    assert action in passing_actions()


@pytest.mark.parametrize(
    "action",
    ["s3:PutObject", "s3:GetObject", "swf:RespondActivityTaskCompleted", "ec2:DescribeInstances"],
)
def test_actions_that_pass_none(action: str) -> None:
    assert not may_pass(action)


# The parts ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "does"),
    [
        ("iam:CreateRole", True),
        ("iam:PassRole", True),
        ("iam:putuserpolicy", True),
        ("iam:AttachRolePolicy", True),
        ("iam:SetDefaultPolicyVersion", True),
        ("iam:GetPolicy", False),
        ("iam:ListRolePolicies", False),
        ("s3:PutBucketPolicy", False),
        ("ec2:RunInstances", False),
    ],
)
def test_escalation(action: str, does: bool) -> None:
    assert escalates(action) is does


@pytest.mark.parametrize(
    ("patterns", "action", "may"),
    [
        (["*"], "s3:GetObject", True),
        (["S3:get*"], "s3:GetObject", True),
        (["s3:?etObject"], "s3:GetObject", True),
        (["sqs:*"], "s3:GetObject", False),
        ([7], "s3:GetObject", True),
    ],
)
def test_what_a_policy_may_grant(patterns: list[Any], action: str, may: bool) -> None:
    document = {"Statement": {"Effect": "Allow", "Action": patterns, "Resource": "*"}}
    assert may_grant(document, action) is may


def test_names_service() -> None:
    assert names_service([allow("s*:Get*")], "sqs")
    assert not names_service([allow("s3:Get*")], "sqs")
    assert names_service([None], "sqs")
    assert names_service([allow("sq*Message")], "sqs")  # no action, as AWS has it: may be any


def test_the_list_is_aws_s_own() -> None:
    """The page of the user guide has some 200 services, and all of these."""
    assert 190 < len(tracked()) < 230
    assert {"s3", "ec2", "iam", "lambda", "sqs", "kms", "dynamodb", "logs"} <= tracked().keys()
    assert {"sns", "apigateway", "codebuild", "glue", "sagemaker"}.isdisjoint(tracked())


def test_the_list_names_what_exists() -> None:
    known = {s: {a.partition(":")[2].casefold() for a in known_actions(s)} for s in tracked()}
    strange = [f"{s}:{a}" for s, names in tracked().items() for a in names - known[s]]
    every = sum(map(len, tracked().values()))
    assert every > 9000
    assert len(strange) < every / 20  # services and actions that AWS has closed since


# Properties ---------------------------------------------------------------------------------

ACTIONS = ["s3:DeleteBucket", "s3:GetObject", "ec2:RunInstances", "iam:PassRole", "sns:Publish"]
TIMES = st.none() | st.floats(-5, 400).map(ago)
PAIRS = st.lists(st.tuples(st.sampled_from(ACTIONS), TIMES), max_size=6).map(tuple)
UNUSED = st.builds(Unused, st.sampled_from(["s3", "ec2", "iam", "sns"]), TIMES, st.none() | PAIRS)
DOCUMENTS = st.none() | st.lists(st.sampled_from([*ACTIONS, "*", "s3:*", "iam:*"]), min_size=1).map(
    lambda patterns: allow(*patterns)
)
GRANTS = st.builds(Grant, st.just("p"), DOCUMENTS, TIMES, st.booleans())
USES = st.builds(
    Use,
    st.lists(UNUSED, max_size=5),
    st.lists(GRANTS, max_size=3),
    st.lists(st.floats(-5, 400).map(ago), max_size=4),
    now=st.just(NOW),
    grace=st.just(GRACE),
)


@settings(deadline=None)
@given(USES)
def test_nothing_goes_that_the_analyzer_does_not_call_unused(use: Use) -> None:
    found = removable(use)
    whole = {u.service for u in use.unused if u.actions is None}
    single = {a for u in use.unused for a, _ in u.actions or ()}
    assert {*found.services} <= whole
    assert all(a in single or a.split(":")[0] in whole for a in found.actions)


@settings(deadline=None)
@given(USES)
def test_everything_unused_is_told_once_gone_or_kept(use: Use) -> None:
    found = removable(use)
    told: list[str] = [
        *found.actions,
        *(k.action for k in found.kept),
        *(f"{s}:*" for s in found.services),
    ]
    assert len({t.casefold() for t in told}) == len(told)


@settings(deadline=None)
@given(USES)
def test_single_actions_that_nobody_tracks_never_go(use: Use) -> None:
    whole = {u.service for u in use.unused if u.actions is None}
    for action in removable(use).actions:
        assert action == "iam:PassRole" or action.split(":")[0] in whole or not untracked(action)


@settings(deadline=None)
@given(USES, st.floats(0, 400))
def test_an_older_use_never_takes_more_away(use: Use, days: float) -> None:
    """One inside an interval makes it shorter; an older one only adds an interval."""
    own = [t for u in use.unused for t in (u.last_used, *(t for _, t in u.actions or ()))]
    oldest = min((t for t in (*use.uses, *own) if t), default=NOW) - timedelta(days=2 + days)
    after = removable(Use(use.unused, use.grants, [*use.uses, oldest], now=NOW, grace=GRACE))
    before = removable(use)
    assert {*after.services} <= {*before.services}
    assert {*after.actions} <= {*before.actions}


@settings(deadline=None)
@given(USES, GRANTS)
def test_another_policy_never_takes_more_away(use: Use, more: Grant) -> None:
    after = removable(Use(use.unused, [*use.grants, more], use.uses, now=NOW, grace=GRACE))
    before = removable(use)
    assert {*after.services} <= {*before.services}
    single = {a for u in use.unused for a, _ in u.actions or ()}
    assert {*after.actions} & single <= {*before.actions} | {
        a for a in single if a.split(":")[0] in before.services
    }


PIECES = ["s3", "iam", "sns", ":", "*", "?", "Get", "PassRole", "Publish", "i", "S"]
PATTERNS = st.lists(st.sampled_from(PIECES), max_size=5).map("".join)


LISTS = PATTERNS | st.lists(PATTERNS, max_size=4) | st.sampled_from([None, 3])
STATEMENTS = st.fixed_dictionaries(
    {},
    optional={"Action": LISTS, "NotAction": LISTS, "Effect": st.sampled_from(["Allow", "Deny"])},
)
DOCUMENTS = STATEMENTS.map(lambda statement: {"Statement": [statement]})


@given(st.lists(st.none() | DOCUMENTS, max_size=3), st.sampled_from(["iam", "s3", "sns"]))
@example([{"Statement": {"Action": "sns:Get", "NotAction": "s3:Get"}}], "iam")
def test_a_service_s_granted_actions_are_those_that_may_be_granted(
    documents: list[Any], service: str
) -> None:
    each = [a for a in known_actions(service) if any(may_grant(d, a) for d in documents)]
    assert [*granted_actions(documents, service)] == each
