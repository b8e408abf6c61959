"""The gates about identities and access, each as a pure question: good, lowered, or not known."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from remediator.aws.account import AccountView
from remediator.aws.credential_report import parse_report
from remediator.aws.identities import Identities, LivePolicy, Principal, identities_of
from remediator.aws.trail import Event, Heard, event_of
from remediator.config import Marker
from remediator.evaluate.access_checks import reversible_facts, trust_facts
from remediator.evaluate.facts import Facts
from remediator.evaluate.identity_facts import Bounds, Known, Resources, may_go
from remediator.evaluate.permission_checks import (
    analysis_facts,
    database_facts,
    reached_database_facts,
    use_facts,
)
from remediator.evaluate.principals import (
    Sessions,
    Window,
    escalation_facts,
    principal_facts,
    session_facts,
)
from remediator.evaluate.use import Removable
from remediator.model import UNOBSERVED, Disposition, Finding, Json, Resource, Verdict

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
ARN = "arn:aws:iam::111122223333:role/orders"
ROLE = Resource("AWS::IAM::Role", "orders", ARN, "111122223333", None, "orders", ())
WINDOW = Window(NOW, timedelta(hours=48), timedelta(hours=4))


def allow(*actions: str, on: Any = "*") -> dict[str, Any]:
    return {"Statement": [{"Effect": "Allow", "Action": [*actions], "Resource": on}]}


def policy(*actions: str, **more: Any) -> LivePolicy:
    return replace(LivePolicy("own", "inline", allow(*actions), (ARN,)), **more)


def principal(trust: Any = None, kind: Any = "role", **more: Any) -> Principal:
    document = {"Statement": [{"Effect": "Allow", "Principal": trust, "Action": "sts:AssumeRole"}]}
    return Principal(ARN, kind, "orders", "/", NOW, trust=document, **more)


def verdict(facts: Facts) -> Verdict:
    (check,) = facts.checks
    assert (check.limit is Disposition.AUTO) is (check.verdict is Verdict.PASS)
    return check.verdict


@pytest.mark.parametrize(
    ("trust", "traits", "said"),
    [
        ({"Service": "lambda.amazonaws.com"}, {"service-role"}, Verdict.PASS),
        ({"Service": ["a.amazonaws.com", "b.amazonaws.com"]}, {"service-role"}, Verdict.PASS),
        ({"AWS": "arn:aws:iam::111122223333:root"}, set(), Verdict.PASS),
        ({"Service": "x", "AWS": "444455556666"}, set(), Verdict.PASS),
        ({"Federated": "arn:aws:iam::1:saml-provider/corp"}, {"human-user"}, Verdict.PASS),
        ("*", set(), Verdict.PASS),
        ({}, set(), Verdict.UNKNOWN),
        (None, set(), Verdict.UNKNOWN),
        ({"Service": 7}, set(), Verdict.UNKNOWN),
        ({"Service": []}, set(), Verdict.UNKNOWN),
    ],
)
def test_who_a_role_is_for(trust: Any, traits: set[str], said: Verdict) -> None:
    facts = principal_facts(ROLE, principal(trust), None)
    assert (facts.traits, verdict(facts)) == (traits, said)


@pytest.mark.parametrize(
    ("password", "mfa", "traits", "said"),
    [
        (True, False, {"human-user"}, Verdict.PASS),
        (None, None, {"human-user"}, Verdict.PASS),
        (None, False, {"human-user"}, Verdict.PASS),
        (False, True, {"human-user"}, Verdict.PASS),
        (False, None, set(), Verdict.UNKNOWN),
        (False, False, {"program-user"}, Verdict.PASS),
    ],
)
def test_a_user_may_be_a_person(
    password: bool | None, mfa: bool | None, traits: set[str], said: Verdict
) -> None:
    user = replace(ROLE, type="AWS::IAM::User")
    facts = principal_facts(user, principal(kind="user"), password, mfa)
    assert (facts.traits, verdict(facts)) == (traits, said)


def test_the_root_account_is_for_review_whatever_is_known() -> None:
    for resource in (
        replace(ROLE, arn="arn:aws:iam::111122223333:root"),
        replace(ROLE, name="<root_account>"),
    ):
        facts = principal_facts(resource, None, None)
        assert facts.traits == {"root-account"}
        assert verdict(facts) is Verdict.LOWERS


def test_a_principal_that_is_gone_is_unknown() -> None:
    assert verdict(principal_facts(ROLE, None, None)) is Verdict.UNKNOWN


def hours(number: float) -> datetime:
    return NOW - timedelta(hours=number)


@pytest.mark.parametrize(
    ("last", "heard", "lacking", "said"),
    [
        (None, None, (), Verdict.PASS),
        (hours(53), hours(60), (), Verdict.PASS),
        (hours(51), None, (), Verdict.LOWERS),
        (None, hours(1), (), Verdict.LOWERS),
        (hours(1), None, ("throttled",), Verdict.LOWERS),
        (hours(400), None, ("throttled",), Verdict.UNKNOWN),
        (None, None, ("throttled",), Verdict.UNKNOWN),
        (NOW + timedelta(hours=1), None, (), Verdict.LOWERS),
    ],
)
def test_sessions(
    last: datetime | None, heard: datetime | None, lacking: tuple[str, ...], said: Verdict
) -> None:
    facts = session_facts(ROLE, Sessions(last, heard, lacking), WINDOW)
    assert verdict(facts) is said
    assert ("active-session" in facts.traits) is (said is Verdict.LOWERS)


def test_nobody_to_ask_about_sessions_is_unknown() -> None:
    assert verdict(session_facts(ROLE, None, WINDOW)) is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("policies", "said"),
    [
        ((policy("s3:*"),), Verdict.PASS),
        ((policy("iam:Get*", "iam:List*"),), Verdict.PASS),
        ((policy("iam:CreateRole"),), Verdict.LOWERS),
        ((policy("iam:Pass*"),), Verdict.LOWERS),
        ((policy("*"),), Verdict.LOWERS),
        ((policy("sts:AssumeRole"),), Verdict.LOWERS),
        ((policy(document=allow("sts:AssumeRole", on=ARN)),), Verdict.PASS),
        ((policy(document=None),), Verdict.LOWERS),
        (None, Verdict.UNKNOWN),
    ],
)
def test_escalation_of_a_person(policies: Any, said: Verdict) -> None:
    facts = escalation_facts(frozenset({"human-user"}), policies)
    assert verdict(facts) is said


def test_escalation_is_not_asked_of_services() -> None:
    assert escalation_facts(frozenset({"service-role"}), (policy("*"),)) == Facts()


PRODUCTION = {"production": Marker.model_validate({"tags": {"Env": "prod*"}, "arns": "*-prod"})}
DATABASE = Removable(services=("rds",))


@pytest.mark.parametrize(
    ("resource", "policies", "gone", "said"),
    [
        (replace(ROLE, tags=(("Env", "prod"),)), (policy("rds:*"),), DATABASE, Verdict.LOWERS),
        (replace(ROLE, tags=(("Env", "prod"),)), (), Removable(services=("s3",)), Verdict.PASS),
        (replace(ROLE, tags=None), (policy("rds:*"),), DATABASE, Verdict.UNKNOWN),
        (
            ROLE,
            (policy(document=allow("rds:*", on="arn:aws:rds:eu-west-1:1:db:orders-prod")),),
            DATABASE,
            Verdict.LOWERS,
        ),
        (ROLE, (policy(document=allow("s3:*")),), DATABASE, Verdict.PASS),
        (ROLE, None, None, Verdict.UNKNOWN),
    ],
)
def test_production_s_databases(
    resource: Resource, policies: Any, gone: Removable | None, said: Verdict
) -> None:
    assert verdict(database_facts(resource, policies, gone, PRODUCTION)) is said


BY_NAME = {"production": Marker.model_validate({"names": ["*-prod", "prod-*"]})}
BY_ARN = {"production": Marker.model_validate({"arns": ["arn:aws:*prod*"]})}
RDS, TABLE = "arn:aws:rds:eu-west-1:111122223333", "arn:aws:dynamodb:eu-west-1:111122223333:table"


@pytest.mark.parametrize("marker", [PRODUCTION, BY_NAME, BY_ARN])
@pytest.mark.parametrize(
    "on",
    [
        *("*", f"{RDS}:*", f"{RDS}:db:*", f"{RDS}:db:order?", f"{RDS}:cluster:${{aws:username}}"),
        *("arn:*", "arn:aws:*:*:*:*", "arn:aws:r?s:eu-west-1:111122223333:db:orders"),
        [f"{RDS}:db:scratch", "*"],
    ],
)
def test_a_pattern_may_be_a_database_of_production(marker: Any, on: Any) -> None:
    policies = (policy(document=allow("rds:*", on=on)),)
    assert verdict(database_facts(ROLE, policies, DATABASE, marker)) is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("action", "on", "marker", "said"),
    [
        ("rds:*", f"{RDS}:db:orders", BY_ARN, Verdict.PASS),
        ("rds:*", [f"{RDS}:db:orders", "arn:aws:s3:::exports/*"], BY_ARN, Verdict.PASS),
        ("rds:*", f"{RDS}:db:prod", BY_ARN, Verdict.LOWERS),
        ("rds:*", f"{RDS}:db:orders", BY_NAME, Verdict.UNKNOWN),  # it may have the tag Name
        ("rds:*", f"{RDS}:db:orders-prod", BY_NAME, Verdict.LOWERS),
        ("dynamodb:*", f"{TABLE}/orders", BY_ARN, Verdict.PASS),
        ("dynamodb:*", f"{TABLE}/prod-orders", BY_NAME, Verdict.LOWERS),
        ("dynamodb:*", f"{TABLE}/prod-orders/index/day", BY_NAME, Verdict.LOWERS),
        ("dynamodb:*", f"{TABLE}/prod-*", BY_NAME, Verdict.LOWERS),
    ],
)
def test_a_database_that_is_named(
    action: str, on: Any, marker: dict[str, Marker], said: Verdict
) -> None:
    policies = (policy(document=allow(action, on=on)),)
    gone = Removable(services=(action.partition(":")[0],))
    assert verdict(database_facts(ROLE, policies, gone, marker)) is said


def test_a_table_s_tags_are_not_known_by_its_arn() -> None:
    policies = (policy(document=allow("dynamodb:*", on=f"{TABLE}/orders")),)
    (check,) = database_facts(ROLE, policies, Removable(services=("dynamodb",)), PRODUCTION).checks
    assert check.verdict is Verdict.UNKNOWN
    assert f"{TABLE}/orders (tags not known)" in check.detail


@pytest.mark.parametrize(
    "statement",
    [
        {"Effect": "Allow", "Action": "rds:*", "NotResource": f"{RDS}:db:scratch"},
        {"Effect": "Allow", "NotAction": "s3:*", "Resource": f"{RDS}:db:*"},
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
    ],
)
def test_other_ways_to_reach_a_database(statement: Any) -> None:
    policies = (policy(document={"Version": "2012-10-17", "Statement": [statement]}),)
    assert verdict(database_facts(ROLE, policies, DATABASE, BY_NAME)) is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("action", "said"),
    [
        *((a, Verdict.LOWERS) for a in ("rds:*", "RDS:NewerThanEveryCatalogue", "docdb:Get*")),
        *((a, Verdict.LOWERS) for a in ("*", "r?s:*", "dynamodb:GetItem")),
        *((a, Verdict.PASS) for a in ("s3:*", "rdsx:Get", "sts:AssumeRole")),
    ],
)
def test_an_outsider_reaches_what_the_role_may_do(action: str, said: Verdict) -> None:
    """Also what no catalogue has."""
    policies = (policy(action),)
    marked = replace(ROLE, name="orders-prod")
    assert verdict(reached_database_facts(marked, policies, BY_NAME)) is said
    assert verdict(reached_database_facts(marked, None, BY_NAME)) is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("analyzed", "updated", "said"),
    [
        (hours(1), hours(2), Verdict.PASS),
        (hours(2), hours(1), Verdict.UNKNOWN),
        (hours(1), None, Verdict.PASS),
        (None, hours(2), Verdict.UNKNOWN),
    ],
)
def test_a_finding_that_is_older_than_the_policy(
    analyzed: datetime | None, updated: datetime | None, said: Verdict
) -> None:
    assert verdict(analysis_facts(analyzed, (policy("s3:*", updated_at=updated),))) is said


def test_a_principal_that_was_made_again_is_another() -> None:
    own = (policy("s3:*"),)
    assert verdict(analysis_facts(hours(2), own, made_at=hours(1))) is Verdict.UNKNOWN
    assert verdict(analysis_facts(hours(1), own, made_at=hours(2))) is Verdict.PASS


def test_nobody_had_anything_before_there_was_somebody() -> None:
    """AWS dates no inline policy, and the analyzer had watched another role of that name."""
    unused: Json = [{"service": "s3", "actions": None, "last_accessed": None}]
    evidence: dict[str, Json] = {"unused": unused, "analyzer": {"unused_days": 90}}
    finding = Finding("f", "unused-permissions", "s", ROLE, evidence, None, UNOBSERVED)
    for days, gone in ((10, ()), (20, ("s3",))):
        made = replace(
            principal({"Service": "x"}, policies=(policy("s3:*"),)),
            created_at=NOW - timedelta(days=days),
        )
        heard = Heard(hours(400), (), ("throttled",))
        view = AccountView(
            "1", Identities({ARN: made}, {}), parse_report(b"user,arn\n"), (), heard, frozenset()
        )
        bounds = Bounds(WINDOW, timedelta(days=14), frozenset(), {})
        found = may_go(finding, Known(view, Resources({}, {}), bounds, {ARN: "not asked"}))
        assert found is not None
        assert found.services == gone


def test_policies_that_nobody_read_are_unknown() -> None:
    assert verdict(analysis_facts(NOW, None)) is Verdict.UNKNOWN
    assert verdict(analysis_facts(NOW, (policy(document=None),))) is Verdict.UNKNOWN
    assert verdict(use_facts(None, None, 90)) is Verdict.UNKNOWN
    assert verdict(use_facts(DATABASE, (), 90, ["throttled"])) is Verdict.UNKNOWN


@pytest.mark.parametrize(("days", "trait"), [(90, True), (89, False), (None, False)])
def test_pass_role_for_90_days(days: int | None, trait: bool) -> None:
    found = use_facts(Removable(actions=("iam:PassRole",)), (policy("iam:*"),), days)
    assert ("pass-role-unused" in found.traits) is trait


STRANGER = {"principal": {"AWS": "444455556666"}, "accounts": ["444455556666"]}


@pytest.mark.parametrize(
    ("evidence", "known", "trusted", "trait", "said"),
    [
        (STRANGER, {"111122223333"}, set(), "unknown-account", Verdict.PASS),
        (STRANGER, {"444455556666"}, set(), "known-account", Verdict.PASS),
        (STRANGER, None, {"444455556666"}, "known-account", Verdict.PASS),
        (STRANGER, None, set(), None, Verdict.UNKNOWN),
        (STRANGER | {"is_public": True}, {"1"}, set(), None, Verdict.UNKNOWN),
        ({"principal": {"AWS": "*"}, "accounts": []}, {"1"}, set(), None, Verdict.UNKNOWN),
        ({"principal": {"Federated": "x"}, "accounts": []}, {"1"}, set(), None, Verdict.UNKNOWN),
        ({"accounts": ["1", "2"]}, {"1"}, set(), None, Verdict.UNKNOWN),
        ({}, {"1"}, set(), None, Verdict.UNKNOWN),
    ],
)
def test_trust(
    evidence: Any, known: set[str] | None, trusted: set[str], trait: str | None, said: Verdict
) -> None:
    organization = None if known is None else frozenset(known)
    facts = trust_facts(evidence, organization, frozenset(trusted))
    assert facts.traits == ({trait} if trait else set())
    assert verdict(facts) is said


@pytest.mark.parametrize(
    ("finding_class", "kind", "said"),
    [
        ("unused-permissions", None, Verdict.PASS),
        ("external-access", None, Verdict.PASS),
        ("unused-credentials", "access-key", Verdict.PASS),
        ("unused-credentials", "role", Verdict.LOWERS),
        ("unused-credentials", "password", Verdict.LOWERS),
        ("unused-credentials", None, Verdict.LOWERS),
    ],
)
def test_what_a_revert_undoes(finding_class: str, kind: str | None, said: Verdict) -> None:
    finding = Finding("x", finding_class, "s", ROLE, {"kind": kind}, None, UNOBSERVED)
    assert verdict(reversible_facts(finding)) is said


# What is read of an account -----------------------------------------------------------------


def seen(name: str, **asked: Any) -> Event | None:
    import json

    raw = {
        "EventName": name,
        "EventTime": NOW,
        "CloudTrailEvent": json.dumps({"requestParameters": asked, "userIdentity": {}}),
    }
    return event_of(raw, "111122223333")


def granted(*events: Event | None, **of: Any) -> datetime | None:
    heard = Heard(hours(400), tuple(e for e in events if e))
    view = AccountView("1", Identities({}, {}), parse_report(b"user,arn\n"), (), heard, frozenset())
    one = policy("s3:*", holder=of.pop("holder", ARN), **of)
    return view.granted(principal(groups=("team",)), one)


def test_whom_a_policy_bounds_has_it_too() -> None:
    """To narrow it takes permissions from them as well."""
    edge, bound = "arn:aws:iam::1:policy/edge", "arn:aws:iam::1:role/bound"
    limits = {"PermissionsBoundary": {"PermissionsBoundaryArn": edge}}
    role = {"RoleName": "bound", "Arn": bound, **limits}
    versions = [{"IsDefaultVersion": True, "Document": allow("s3:*")}]
    policy_ = {"PolicyName": "edge", "Arn": edge, "PolicyVersionList": versions}
    found = identities_of([role], [], [], [policy_])
    assert found.policies[edge].attached == (bound,)


def test_when_an_inline_policy_was_granted() -> None:
    assert granted() is None
    assert granted(seen("PutRolePolicy", roleName="orders", policyName="own")) == NOW
    assert granted(seen("PutRolePolicy", roleName="orders", policyName="other")) is None
    assert granted(seen("PutRolePolicy", roleName="others", policyName="own")) is None
    joined = seen("AddUserToGroup", userName="x", groupName="team")
    assert granted(joined, holder="arn:aws:iam::1:group/team") == NOW


def test_when_a_managed_policy_was_granted() -> None:
    arn = "arn:aws:iam::111122223333:policy/p"
    of = {"id": arn, "kind": "customer", "updated_at": hours(100)}
    assert granted(**of) == hours(100)
    assert granted(seen("CreatePolicyVersion", policyArn=arn), **of) == NOW
    assert granted(seen("AttachRolePolicy", roleName="orders", policyArn=arn), **of) == NOW


@pytest.mark.parametrize("text", ["", "7", "not json", "[" * 50_000, '{"requestParameters": 7}'])
def test_an_event_that_is_none(text: str) -> None:
    raw = {"EventName": "AssumeRole", "EventTime": NOW, "CloudTrailEvent": text}
    found = event_of(raw, "1")
    assert found is None or found.who == ()


def test_the_credential_report() -> None:
    rows = (
        b"user,arn,password_enabled,password_last_used,access_key_1_last_used_date\n"
        b"<root_account>,arn:aws:iam::1:root,not_supported,2026-01-02T03:04:05+00:00,N/A\n"
        b"alice,arn:aws:iam::1:user/alice,true,no_information,2026-02-02T03:04:05+00:00\n"
        b"robot,arn:aws:iam::1:user/robot,false,N/A,N/A\n"
    )
    users = parse_report(rows).users
    assert users["arn:aws:iam::1:root"].is_root
    assert users["arn:aws:iam::1:user/alice"].password is True
    assert users["arn:aws:iam::1:user/alice"].last_used == datetime(2026, 2, 2, 3, 4, 5, tzinfo=UTC)
    assert users["arn:aws:iam::1:user/robot"].password is False
    assert users["arn:aws:iam::1:user/robot"].last_used is None


def test_members_of_a_group_have_its_policies() -> None:
    group = {
        "Arn": "arn:aws:iam::1:group/team",
        "GroupName": "team",
        "GroupPolicyList": [{"PolicyName": "g", "PolicyDocument": allow("s3:*")}],
        "AttachedManagedPolicies": [{"PolicyArn": "arn:aws:iam::1:policy/p"}],
    }
    user = {"Arn": "arn:aws:iam::1:user/a", "UserName": "a", "GroupList": ["team"]}
    found = identities_of([], [user], [group], [])
    inline, managed = found.principals["arn:aws:iam::1:user/a"].policies
    assert inline.attached == ("arn:aws:iam::1:group/team", "arn:aws:iam::1:user/a")
    assert managed.document is None  # its text was not among the answers
    assert managed.attached == ("arn:aws:iam::1:group/team", "arn:aws:iam::1:user/a")
