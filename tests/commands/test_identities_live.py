"""Findings of identities with what is live of each, over real HTTP from the embedded AWS."""

from __future__ import annotations

import json
from threading import Barrier, Lock
from typing import Any

import pytest
from identityworld import (
    ACCOUNT,
    MEMBER,
    REGION,
    STRANGER,
    World,
    ago,
    allow,
    configuration,
    document,
)

from remediator.aws.account import AccountView
from remediator.aws.session import AwsSession, Credentials
from remediator.aws.trail import Heard
from remediator.commands import detecting
from remediator.commands.accounts import accounts_of
from remediator.commands.ours import Ours
from remediator.detect.events import WakeUp
from remediator.embedded.aws import EmbeddedAws
from remediator.embedded.use import Session
from remediator.model import Disposition, UpstreamError, Verdict

LOOKUP = "cloudtrail:LookupEvents"


@pytest.fixture
def world(embedded_aws: EmbeddedAws) -> World:
    return World(embedded_aws, embedded_aws.session((REGION,)))


def orders(world: World, *actions: str, **more: Any) -> str:
    """A service role that uses a little of what it has, and has had it for long."""
    granted = actions or ("s3:*", "sqs:*")
    arn = world.role("orders", *granted, **more)
    world.aged()
    world.used(arn, "s3:ListAllMyBuckets")
    return arn


# Unused permissions -------------------------------------------------------------------------


def test_a_service_role_without_a_session_may_be_closed(world: World) -> None:
    arn = orders(world)
    world.analyzers()
    seen = world.look()
    assert seen.problems == []
    facts = seen.facts(arn)
    assert facts.traits == {"service-role"}
    assert [(c.name, c.verdict) for c in facts.checks] == [
        (name, Verdict.PASS)
        for name in (
            "principal",
            "session",
            "analysis",
            "use",
            "production-databases",
            "reversible",
        )
    ]
    evidence = seen.of(arn).evidence
    removable = evidence["removable"]
    assert isinstance(removable, dict)
    assert removable["services"] == ["sqs"]
    assert "s3:DeleteBucket" in removable["actions"]  # type: ignore[operator]
    assert "s3:GetObject" not in removable["actions"]  # type: ignore[operator]
    live = evidence["live"]
    assert isinstance(live, dict)
    (policy,) = live["policies"]  # type: ignore[misc]
    assert policy["id"] == "own"  # type: ignore[index, call-overload]
    assert policy["attached"] == [arn]  # type: ignore[index, call-overload]
    assert evidence["recommendation"] is not None


def test_tags_are_the_live_ones(world: World) -> None:
    arn = orders(world, Tags=[{"Key": "Team", "Value": "orders"}])
    world.analyzers()
    assert world.look().of(arn).resource.tags == (("Team", "orders"),)


@pytest.mark.parametrize(
    ("hours", "active"), [(1, True), (47, True), (51, True), (53, False), (100, False)]
)
def test_a_session_in_the_last_48_hours_and_the_margin(
    world: World, hours: float, active: bool
) -> None:
    arn = orders(world)
    world.analyzers()
    world.aws.use.session(Session(arn, ago(hours=hours), REGION))
    seen = world.look()
    assert ("active-session" in seen.facts(arn).traits) is active
    check = seen.checks(arn)["session"]
    assert check.limit is (Disposition.REVIEW if active else Disposition.AUTO)


def test_a_use_in_the_last_48_hours_is_a_session(world: World) -> None:
    arn = orders(world)
    world.used(arn, "s3:ListAllMyBuckets", days=1)
    world.analyzers()
    check = world.look().checks(arn)["session"]
    assert check.verdict is Verdict.LOWERS


@pytest.mark.parametrize(
    ("fault", "says"),
    [("deny", "needs the permission"), ("throttle", "throttled"), ("garble", "not what AWS")],
)
def test_a_cloudtrail_that_does_not_answer_is_unknown_and_never_inactive(
    world: World, fault: str, says: str
) -> None:
    arn = orders(world)
    world.analyzers()
    getattr(world.aws.faults, fault)(LOOKUP)
    seen = world.look()
    check = seen.checks(arn)["session"]
    assert (check.verdict, check.limit) == (Verdict.UNKNOWN, Disposition.REVIEW)
    assert says in check.detail
    assert any(says in problem for problem in seen.problems)


@pytest.mark.parametrize(
    "operation",
    [
        "iam:GetAccountAuthorizationDetails",
        "iam:GenerateServiceLastAccessedDetails",
        "iam:GetServiceLastAccessedDetails",
    ],
)
def test_an_account_that_cannot_be_read_leaves_review(world: World, operation: str) -> None:
    arn = orders(world)
    world.analyzers()
    world.aws.faults.deny(operation)
    facts = world.look().facts(arn)
    assert min(c.limit for c in facts.checks) is Disposition.REVIEW
    assert "access denied" in " ".join(
        c.detail for c in facts.checks if c.verdict is Verdict.UNKNOWN
    )


def test_a_credential_report_that_is_away_says_nothing_of_roles(world: World) -> None:
    role, alice = orders(world), world.user("alice", "s3:DeleteBucket", "sqs:PurgeQueue")
    world.aged()
    world.used(alice, "s3:DeleteBucket")
    world.analyzers()
    world.aws.faults.deny("iam:GetCredentialReport")
    seen = world.look()
    assert seen.checks(role)["session"].verdict is Verdict.PASS
    assert seen.checks(alice)["session"].verdict is Verdict.UNKNOWN


def test_permissions_that_give_more_on_a_person_are_for_review(world: World) -> None:
    alice = world.user("alice", "iam:CreateRole", "s3:DeleteBucket", "s3:ListAllMyBuckets")
    world.aged()
    world.used(alice, "s3:ListAllMyBuckets")
    world.analyzers()
    facts = world.look().facts(alice)
    assert {"human-user", "escalation"} <= facts.traits
    assert "pass-role-unused" not in facts.traits
    (check,) = [c for c in facts.checks if c.name == "escalation"]
    assert check.limit is Disposition.REVIEW
    assert "iam:CreateRole" in check.detail


def test_a_program_s_user_is_no_person(world: World) -> None:
    robot = world.user("robot", "iam:CreateRole", "s3:ListAllMyBuckets", password=False)
    world.aged()
    world.used(robot, "s3:ListAllMyBuckets")
    world.analyzers()
    assert world.look().facts(robot).traits == {"program-user"}


def test_a_user_with_an_mfa_device_may_be_a_person(world: World) -> None:
    robot = world.user("robot", "s3:DeleteBucket", "s3:ListAllMyBuckets", password=False)
    iam = world.client("iam")
    iam.enable_mfa_device(
        UserName="robot",
        SerialNumber=f"arn:aws:iam::{ACCOUNT}:mfa/robot",
        AuthenticationCode1="123456",
        AuthenticationCode2="234567",
    )
    world.aged()
    world.used(robot, "s3:ListAllMyBuckets")
    world.analyzers()
    assert world.look().facts(robot).traits == {"human-user"}


KEYS = "unused-credentials"


def test_a_program_s_key_that_was_never_used(world: World) -> None:
    robot = world.user("robot", password=False)
    world.client("iam").create_access_key(UserName="robot")
    world.aged()
    world.analyzers()
    seen = world.look()
    assert {c.verdict for c in seen.checks(robot, KEYS).values()} == {Verdict.PASS}
    assert "never used since it was made" in seen.checks(robot, KEYS)["key-use"].detail
    assert str(seen.of(robot, KEYS).evidence["created_at"])[:10] == f"{ago(days=200):%Y-%m-%d}"
    assert seen.of(robot, KEYS).evidence["last_accessed"] is None


def test_a_key_of_a_job_that_runs_rarely(world: World) -> None:
    """Once a year: the analyzer calls its key unused, and it is not."""
    robot = world.user("robot", "s3:ListAllMyBuckets", password=False)
    world.client("iam").create_access_key(UserName="robot")
    world.aged(500)
    world.used(robot, "s3:ListAllMyBuckets", days=300)
    world.analyzers()
    seen = world.look()
    assert seen.checks(robot, KEYS)["key-use"].verdict is Verdict.UNKNOWN
    assert seen.of(robot, KEYS).evidence["last_accessed"]


def test_the_only_key_of_an_active_program_is_not_unused(world: World) -> None:
    robot = world.user("robot", "s3:ListAllMyBuckets", "sqs:PurgeQueue", password=False)
    world.client("iam").create_access_key(UserName="robot")
    world.aged()
    world.used(robot, "s3:ListAllMyBuckets")
    world.analyzers()
    assert [f.finding_class for f in world.look().findings] == ["unused-permissions"]


def test_no_credential_report_no_key_is_known(world: World) -> None:
    robot = world.user("robot", password=False)
    world.client("iam").create_access_key(UserName="robot")
    world.aged()
    world.analyzers()
    world.aws.faults.deny("iam:GetCredentialReport")
    assert world.look().checks(robot, KEYS)["key-use"].verdict is Verdict.UNKNOWN


def test_pass_role_that_nobody_could_have_used_for_90_days(world: World) -> None:
    arn = orders(world, "iam:PassRole", "s3:ListAllMyBuckets")
    world.analyzers()
    seen = world.look()
    assert "pass-role-unused" in seen.facts(arn).traits
    removable = seen.of(arn).evidence["removable"]
    assert isinstance(removable, dict)
    assert removable["services"] == ["iam"]


def test_production_s_databases(world: World) -> None:
    tags = [{"Key": "Environment", "Value": "production"}]
    arn = orders(world, "rds:*", "s3:ListAllMyBuckets", Tags=tags)
    world.analyzers()
    facts = world.look().facts(arn)
    assert "production-database" in facts.traits
    assert min(c.limit for c in facts.checks) is Disposition.REVIEW


def test_a_database_by_its_arn(world: World) -> None:
    arn = world.role("orders", "s3:ListAllMyBuckets")
    table = "arn:aws:dynamodb:us-east-1:111122223333:table/orders-prod"
    policy = document(allow("dynamodb:*", on=table))
    world.client("iam").put_role_policy(RoleName="orders", PolicyName="db", PolicyDocument=policy)
    world.aged()
    world.used(arn, "s3:ListAllMyBuckets")
    world.analyzers()
    keys = {"markers": {"production": {"arns": ["*:table/*-prod"]}}}
    assert "production-database" in world.look(**keys).facts(arn).traits


def test_a_permission_granted_lately_is_left_alone(world: World) -> None:
    arn = orders(world)
    iam = world.client("iam")
    made = iam.create_policy(PolicyName="new", PolicyDocument=document(allow("sns:*")))
    policy = made["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="orders", PolicyArn=policy)
    world.analyzers()
    removable: Any = world.look().of(arn).evidence["removable"]
    kept = {k["action"]: k["why"] for k in removable["kept"]}
    assert kept["sns:*"] == f"granted less than 14 days ago in {policy}"
    assert removable["services"] == ["sqs"]
    at_once: Any = world.look(limits={"grant_grace_days": 0}).of(arn).evidence["removable"]
    assert at_once["services"] == ["sns", "sqs"]


def test_a_group_has_an_inline_policy_of_the_same_name(world: World) -> None:
    arn = world.user("anna", "s3:*", "sqs:*")
    iam = world.client("iam")
    iam.create_group(GroupName="team")
    iam.add_user_to_group(GroupName="team", UserName="anna")
    policy = document(allow("sqs:*"))
    iam.put_group_policy(GroupName="team", PolicyName="own", PolicyDocument=policy)
    world.aged()
    world.used(arn, "s3:ListAllMyBuckets")
    world.analyzers()
    live: Any = world.look().of(arn).evidence["live"]
    assert {p["id"]: p["document"]["Statement"][0]["Action"] for p in live["policies"]} == {
        "own": ["s3:*", "sqs:*"],
        "own of group team": ["sqs:*"],
    }


def test_a_role_that_is_gone_is_unknown(world: World) -> None:
    arn = orders(world)
    world.analyzers()
    first = world.look()
    finding = first.of(arn)
    iam = world.client("iam")
    iam.delete_role_policy(RoleName="orders", PolicyName="own")
    iam.delete_role(RoleName="orders")
    seen = world.look(given=(finding,))
    assert [f.resource.arn for f in seen.findings] == []
    (resolved,) = seen.found.analysed.resolved
    assert resolved.code == "not-live"


def test_reports_of_last_use_are_bounded(world: World) -> None:
    arns = [world.role(f"r{n}", "s3:*", "sqs:*") for n in range(3)]
    world.aged()
    for arn in arns:
        world.used(arn, "s3:ListAllMyBuckets")
    world.analyzers()
    sources = {"access_analyzer": {"last_use_reports": 2, "recommendations": 1}}
    seen = world.look(sources=sources)
    verdicts = sorted(seen.checks(arn)["use"].verdict for arn in arns)
    assert verdicts == [Verdict.PASS, Verdict.PASS, Verdict.UNKNOWN]
    calls = world.session.calls
    assert calls["iam:GenerateServiceLastAccessedDetails"] == 2
    assert calls["accessanalyzer:GenerateFindingRecommendation"] == 1


def test_each_principal_has_its_own_report(world: World) -> None:
    """All are asked for at once, by more than one thread, and AWS's answer names nobody."""
    used = {
        world.role(f"r{n}", "s3:*", "sqs:*", "sns:*"): ("s3", "sqs", "sns")[n % 3]
        for n in range(10)
    }
    world.aged()
    calls = {"s3": "s3:ListAllMyBuckets", "sqs": "sqs:ListQueues", "sns": "sns:ListTopics"}
    for arn, service in used.items():
        world.used(arn, calls[service])
    world.analyzers("ACCOUNT_UNUSED_ACCESS")
    seen = world.look()
    for arn, service in used.items():
        assert seen.checks(arn)["use"].verdict is Verdict.PASS
        removable: Any = seen.of(arn).evidence["removable"]
        assert {*removable["services"]} == {"s3", "sqs", "sns"} - {service}
        assert {u["service"] for u in removable["unexplained"]} <= {service}


def test_calls_that_do_not_grow_with_principals(world: World) -> None:
    def calls(names: list[str]) -> dict[str, int]:
        for name in names:
            world.used(world.role(name, "s3:*"), "s3:ListAllMyBuckets")
        world.session = world.aws.session((REGION,))
        world.look()
        return world.session.calls

    world.analyzers()
    few, many = calls(["a"]), calls([f"b{n}" for n in range(12)])
    bulk = (
        *("iam:GetAccountAuthorizationDetails", "iam:GetCredentialReport", LOOKUP),
        *("organizations:ListAccounts", "accessanalyzer:ListFindingsV2"),
    )
    assert {n: few[n] for n in bulk} == {n: many[n] for n in bulk}
    assert many["accessanalyzer:GetFindingV2"] == 13


# External access ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "trait", "verdict"),
    [
        ({}, "unknown-account", Verdict.PASS),
        ({"trusted_accounts": [STRANGER]}, "known-account", Verdict.PASS),
    ],
)
def test_an_account_that_may_come_in(
    world: World, keys: dict[str, Any], trait: str, verdict: Verdict
) -> None:
    arn = world.role("partner", trust={"AWS": f"arn:aws:iam::{STRANGER}:root"})
    world.aged()
    world.analyzers("ACCOUNT")
    seen = world.look(**keys)
    assert trait in seen.facts(arn, "external-access").traits
    assert seen.checks(arn, "external-access")["trust"].verdict is verdict
    live = seen.of(arn, "external-access").evidence["live"]
    assert isinstance(live, dict)
    assert live["document"]["Statement"][0]["Principal"]  # type: ignore[index, call-overload]


def test_an_account_of_the_organisation_is_known(world: World) -> None:
    organizations = world.client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    made = organizations.create_account(AccountName="data", Email="data@example.com")
    member = made["CreateAccountStatus"]["AccountId"]
    arn = world.role("partner", trust={"AWS": f"arn:aws:iam::{member}:root"})
    world.analyzers("ACCOUNT")
    seen = world.look()
    assert "known-account" in seen.facts(arn, "external-access").traits


def test_an_organisation_that_nobody_may_ask_is_unknown_and_no_fault(world: World) -> None:
    arn = world.role("partner", trust={"AWS": f"arn:aws:iam::{STRANGER}:root"})
    world.analyzers("ACCOUNT")
    world.aws.faults.deny("organizations:ListAccounts")
    seen = world.look()
    assert seen.checks(arn, "external-access")["trust"].verdict is Verdict.UNKNOWN
    assert seen.problems == []
    assert any("organisation is not known" in note for note in seen.found.analysed.notes)


def test_the_whole_world_is_no_account(world: World) -> None:
    s3 = world.client("s3")
    s3.create_bucket(Bucket="reports")
    statement = allow("s3:GetObject", on="arn:aws:s3:::reports/*", Principal="*")
    s3.put_bucket_policy(Bucket="reports", Policy=document(statement))
    world.analyzers("ACCOUNT")
    seen = world.look()
    check = seen.checks("arn:aws:s3:::reports", "external-access")["trust"]
    assert (check.verdict, check.limit) == (Verdict.UNKNOWN, Disposition.REVIEW)


def test_a_bucket_has_its_tags_and_its_policy(world: World) -> None:
    s3 = world.client("s3")
    s3.create_bucket(Bucket="reports")
    tags = {"TagSet": [{"Key": "Team", "Value": "data"}]}
    s3.put_bucket_tagging(Bucket="reports", Tagging=tags)
    principal = {"AWS": f"arn:aws:iam::{STRANGER}:root"}
    statement = allow("s3:GetObject", on="arn:aws:s3:::reports/*", Principal=principal)
    s3.put_bucket_policy(Bucket="reports", Policy=document(statement))
    world.analyzers("ACCOUNT")
    finding = world.look().of("arn:aws:s3:::reports", "external-access")
    assert finding.resource.tags == (("Team", "data"),)
    live = finding.evidence["live"]
    assert isinstance(live, dict)
    assert live["document"] == json.loads(document(statement))


@pytest.mark.parametrize("fault", ["deny", "garble"])
def test_a_policy_that_cannot_be_read_is_unknown(world: World, fault: str) -> None:
    sqs = world.client("sqs")
    url = sqs.create_queue(QueueName="jobs")["QueueUrl"]
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:jobs"
    principal = {"AWS": f"arn:aws:iam::{STRANGER}:root"}
    statement = allow("sqs:SendMessage", on=arn, Principal=principal)
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": document(statement)})
    world.analyzers("ACCOUNT")
    assert world.look().checks(arn, "external-access")["analysis"].verdict is Verdict.PASS
    getattr(world.aws.faults, fault)("sqs:GetQueueUrl")
    seen = world.look()
    assert seen.checks(arn, "external-access")["analysis"].verdict is Verdict.UNKNOWN
    assert any("sqs:GetQueue" in problem for problem in seen.problems)


# Accounts and events ------------------------------------------------------------------------


def test_one_account_that_fails_is_told_and_the_others_go_on(world: World) -> None:
    arn = orders(world)
    world.analyzers()
    world.aws.faults.deny("sts:AssumeRole")
    config = configuration(aws={"regions": [REGION], "accounts": [ACCOUNT, MEMBER]})
    live = detecting.look(world.session, config, (), None)
    assert [account for account, _ in live.sessions] == [ACCOUNT]
    assert [f"{p.what}" for p in live.problems] == [
        f"sts:AssumeRole in {REGION} for account {MEMBER}"
    ]
    assert [f.resource.arn for f in live.analysed.findings] == [arn]


def test_a_role_is_assumed_in_each_other_account(world: World) -> None:
    other = world.session.assume(f"arn:aws:iam::{MEMBER}:role/Setup")
    iam: Any = other.client("iam", REGION)
    trust = document(
        {"Effect": "Allow", "Principal": {"AWS": STRANGER}, "Action": "sts:AssumeRole"}
    )
    iam.create_role(RoleName="partner", AssumeRolePolicyDocument=trust)
    analyzer: Any = other.client("accessanalyzer", REGION)
    analyzer.create_analyzer(analyzerName="a", type="ACCOUNT")
    orders(world)
    world.analyzers()
    config = configuration(aws={"regions": [REGION], "accounts": [ACCOUNT, MEMBER]})
    live = detecting.look(world.session, config, (), None)
    found = detecting.identities(live, (), config, world.slept.append)
    accounts = {(f.resource.account, f.finding_class) for f in found.analysed.findings}
    assert accounts == {(ACCOUNT, "unused-permissions"), (MEMBER, "external-access")}
    assert {*found.facts} == {f.id for f in found.analysed.findings}
    assert world.session.calls["sts:AssumeRole"] == 2


def test_an_account_that_is_looked_into_is_known_without_any_organisation(world: World) -> None:
    """No organisation is in use: who names the other account says that it is theirs."""
    arn = world.role("shared", trust={"AWS": [MEMBER, ACCOUNT]})
    strange = world.role("partner", trust={"AWS": [STRANGER, ACCOUNT]})
    world.aged()
    world.analyzers("ACCOUNT")
    alone = world.look()
    assert "unknown-account" in alone.facts(arn, "external-access").traits
    both = world.look(aws={"regions": [REGION], "accounts": [ACCOUNT, MEMBER]})
    assert "known-account" in both.facts(arn, "external-access").traits
    assert "unknown-account" in both.facts(strange, "external-access").traits


def test_an_organisation_is_told_to_its_management_account_alone(world: World) -> None:
    """What the run's own session was told holds for the members that it names."""
    fault = UpstreamError("organizations:ListAccounts", "denied")
    heard = Heard(ago(days=1))
    views = [
        AccountView(account, fault, fault, (), heard, fault)  # nothing else was read, either
        for account in (MEMBER, STRANGER)
    ]
    known = Ours(frozenset(), frozenset({ACCOUNT, MEMBER}))
    assert [known.told(view).organization for view in views] == [{ACCOUNT, MEMBER}, fault]
    assert Ours(frozenset()).told(views[0]) == views[0]


class Gathering(AwsSession):
    """Lets nobody through until four ask at once, and denies one account."""

    together = Barrier(4)
    _count = Lock()
    inside, most = 0, 0

    def assume(self, role_arn: str, name: str = "remediator") -> AwsSession:
        with self._count:
            self.inside += 1
            self.most = max(self.most, self.inside)
        try:
            self.together.wait(timeout=60)
            if DENIED in role_arn:
                raise UpstreamError("sts:AssumeRole", "AccessDenied")
            return super().assume(role_arn, name)
        finally:
            with self._count:
                self.inside -= 1


OTHERS = [f"{number}00000000{number}{number}{number}" for number in range(1, 9)]
DENIED = OTHERS[2]


def test_roles_are_assumed_four_at_a_time_and_one_that_fails_stops_no_other(world: World) -> None:
    keys = Credentials("test", "test")
    session = Gathering((REGION,), None, world.aws.endpoint, credentials=keys)
    config = configuration(aws={"regions": [REGION], "accounts": [ACCOUNT, *OTHERS]})
    found = accounts_of(session, config)
    assert session.most == 4
    assert [account for account, _ in found.sessions] == [
        ACCOUNT,
        *(account for account in OTHERS if account != DENIED),
    ]
    assert [str(p) for p in found.problems] == [
        f"sts:AssumeRole for account {DENIED}: AccessDenied"
    ]
    assert {account: one.account() for account, one in found.sessions} == {
        account: account for account, _ in found.sessions
    }


def test_an_event_reads_its_finding_alone(world: World) -> None:
    arn = orders(world)
    other = world.role("other", "s3:*", "sqs:*")
    world.used(other, "s3:ListAllMyBuckets")
    world.analyzers()
    (number,) = [
        f.id.removeprefix("access-analyzer:")
        for f in world.look().findings
        if f.resource.arn == arn
    ]
    world.session = world.aws.session((REGION,))
    seen = world.look(WakeUp(frozenset({number})), sources={})
    assert [f.resource.arn for f in seen.findings] == [arn]
    assert {*seen.found.facts} == {f"access-analyzer:{number}"}
    calls = world.session.calls
    assert "accessanalyzer:ListFindingsV2" not in calls
    assert calls["accessanalyzer:GetFindingV2"] <= 2
    assert "ec2:DescribeSecurityGroupRules" not in calls


def test_an_event_of_what_is_gone(world: World) -> None:
    world.analyzers()
    seen = world.look(WakeUp(frozenset({"0f5c5f8a-7e0d-4e5e-9a58-1d2f3a4b5c6d"})))
    assert seen.findings == ()
    assert seen.found.analysed.complete
