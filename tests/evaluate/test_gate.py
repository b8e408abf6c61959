"""The gate takes the minimum, and each check lowers what is bad, stale or not known."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediator.config import Config, Marker, load
from remediator.evaluate.checks import (
    exemption_check,
    freshness_check,
    marker_check,
    told_apart,
    traits_of,
)
from remediator.evaluate.exemptions import Exemption, Exemptions, Subject
from remediator.evaluate.gate import decide
from remediator.evaluate.policy import Policy, Row
from remediator.model import UNOBSERVED, Check, Disposition, Finding, Resource, Verdict

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
DAY = timedelta(hours=24)


def policy(disposition: Disposition) -> Policy:
    return Policy((Row("row", "c", frozenset(), disposition, "why", "whence"),), "abc", "p")


CHECKS = st.lists(
    st.one_of(
        st.builds(Check.passed, st.text(max_size=3), st.text(max_size=3)),
        st.builds(Check.unknown, st.text(max_size=3), st.text(max_size=3)),
        st.builds(
            Check.lowers, st.text(max_size=3), st.sampled_from(Disposition), st.text(max_size=3)
        ),
    ),
    max_size=6,
)
POLICIES = st.sampled_from(Disposition).map(policy)


def decided(rules: Policy, checks: Sequence[Check]) -> Disposition:
    return decide(rules, "c", frozenset(), checks).disposition


@given(POLICIES, CHECKS, CHECKS)
def test_another_check_never_raises(rules: Policy, checks: list[Check], more: list[Check]) -> None:
    assert decided(rules, checks + more) <= decided(rules, checks) <= decided(rules, [])


@given(POLICIES, CHECKS.flatmap(lambda c: st.tuples(st.just(c), st.permutations(c))))
def test_the_order_of_the_checks_does_not_matter(
    rules: Policy, orders: tuple[list[Check], list[Check]]
) -> None:
    assert decided(rules, orders[0]) == decided(rules, orders[1])


@given(POLICIES, CHECKS, st.integers(0, 6))
def test_exempt_absorbs(rules: Policy, checks: list[Check], at: int) -> None:
    exempt = Check.lowers("exemption", Disposition.EXEMPT, "x")
    assert decided(rules, [*checks[:at], exempt, *checks[at:]]) is Disposition.EXEMPT


@given(POLICIES, CHECKS)
def test_the_disposition_is_the_minimum(rules: Policy, checks: list[Check]) -> None:
    limits = [rules.rows[0].disposition, *(c.limit for c in checks)]
    assert decided(rules, checks) == min(limits)


@given(POLICIES, CHECKS)
def test_unknown_is_never_automatic(rules: Policy, checks: list[Check]) -> None:
    assert decided(rules, [*checks, Check.unknown("x", "y")]) <= Disposition.REVIEW


def test_the_record_begins_with_the_policy() -> None:
    check = Check.passed("freshness", "new")
    decision = decide(policy(Disposition.REVIEW), "c", frozenset(), [check])
    first = Check.lowers("policy", Disposition.REVIEW, "row: review. why")
    assert decision.checks == (first, check)
    assert (decision.policy_row, decision.policy_digest, decision.rationale) == (
        "row",
        "abc",
        "why",
    )


def test_an_automatic_row_passes() -> None:
    decision = decide(policy(Disposition.AUTO), "c", frozenset(), [])
    assert decision.disposition is Disposition.AUTO
    assert decision.checks == (Check.passed("policy", "row: auto. why"),)


@pytest.mark.parametrize(
    ("age", "verdict", "detail"),
    [
        (timedelta(0), Verdict.PASS, "observed 0 h 00 min ago"),
        (DAY, Verdict.PASS, "observed 24 h 00 min ago"),
        (
            DAY + timedelta(seconds=1),
            Verdict.UNKNOWN,
            "observed 24 h 00 min ago, more than the 24 h 00 min allowed",
        ),
        (
            timedelta(seconds=-1),
            Verdict.UNKNOWN,
            "observed at 2026-06-15T12:00:01+00:00, which is in the future",
        ),
    ],
)
def test_freshness(age: timedelta, verdict: Verdict, detail: str) -> None:
    check = freshness_check(NOW - age, NOW, DAY)
    assert (check.verdict, check.detail) == (verdict, detail)


def test_a_source_that_does_not_say_when_it_looked() -> None:
    check = freshness_check(UNOBSERVED, NOW, DAY)
    assert check.verdict is Verdict.UNKNOWN
    assert "does not say when it looked" in check.detail
    assert not re.search(r"\d", check.detail)


def test_a_time_without_a_zone_is_not_known() -> None:
    naive = NOW.replace(tzinfo=None)
    assert freshness_check(naive, NOW, DAY).verdict is Verdict.UNKNOWN
    assert freshness_check(NOW, naive, DAY).verdict is Verdict.UNKNOWN


GROUP = Resource(
    "AWS::EC2::SecurityGroup", "sg-1", "arn:aws:ec2:r:1:security-group/sg-1", name="web"
)
MARKERS = {
    "bastion": Marker(tags={"Role": ("*bastion*",)}, names=("*bastion*", "*jump*"), arns=()),
    "break-glass": Marker(tags={}, names=(), arns=("*/sg-9",)),
}


@pytest.mark.parametrize(
    ("resource", "traits"),
    [
        (GROUP, set()),
        (replace(GROUP, name="Prod-Bastion-sg"), {"bastion"}),
        (replace(GROUP, name="jumphost"), {"bastion"}),
        (replace(GROUP, tags=(("role", "BASTION"),)), {"bastion"}),
        (replace(GROUP, tags=(("Role", "web"), ("role", "bastion"))), {"bastion"}),
        (replace(GROUP, tags=(("Name", "my bastion"),)), {"bastion"}),
        (replace(GROUP, tags=(("Roles", "bastion"),)), set()),
        (replace(GROUP, tags=(("bastion", "Role"),)), set()),
        (replace(GROUP, arn="arn:aws:ec2:r:1:security-group/sg-9"), {"break-glass"}),
        (replace(GROUP, name="bastion", arn="x/sg-9"), {"bastion", "break-glass"}),
    ],
)
def test_traits(resource: Resource, traits: set[str]) -> None:
    assert traits_of(resource, MARKERS) == traits


@pytest.mark.parametrize(
    ("resource", "tags_known", "verdict", "detail"),
    [
        (GROUP, True, Verdict.PASS, "is none of bastion, break-glass"),
        (replace(GROUP, name="bastion"), True, Verdict.PASS, "is bastion"),
        (replace(GROUP, name="bastion"), False, Verdict.PASS, "is bastion"),
        (GROUP, False, Verdict.UNKNOWN, "may be bastion (tags not known)"),
        (replace(GROUP, name=""), True, Verdict.UNKNOWN, "may be bastion (name not known)"),
        (
            replace(GROUP, name="", arn=None),
            False,
            Verdict.UNKNOWN,
            "may be bastion (tags and name not known), break-glass (ARN not known)",
        ),
    ],
)
def test_markers_must_be_known(
    resource: Resource, tags_known: bool, verdict: Verdict, detail: str
) -> None:
    given = resource if tags_known else replace(resource, tags=None)
    check = marker_check(given, MARKERS)
    assert (check.verdict, check.detail) == (verdict, detail)


@pytest.mark.parametrize("name", ["corp-bastion", "BASTION", "jump-box", "ssh-jumphost"])
def test_bastions_by_default(name: str, tmp_path: Path) -> None:
    assert traits_of(replace(GROUP, name=name), load(directory=tmp_path).markers) == {"bastion"}
    assert traits_of(replace(GROUP, name=name), Config(version=1).markers) == {"bastion"}


FINDING = Finding("f", "open-port", "live", GROUP, {}, None, NOW)
ENTRY = Exemption("old", "team", "vendor", date(2026, 6, 15), (("account", "1" * 12),), "e.yaml", 3)


@pytest.mark.parametrize(
    ("entry", "today", "expected"),
    [
        (
            replace(ENTRY, match=(("resource", "sg-1"),)),
            date(2026, 6, 15),
            Check.lowers(
                "exemption", Disposition.EXEMPT, "old until 2026-06-15, owned by team: vendor"
            ),
        ),
        (
            replace(ENTRY, match=(("resource", "sg-1"),)),
            date(2026, 6, 16),
            Check.passed("exemption", "no exemption holds; old expired on 2026-06-15"),
        ),
        (
            replace(ENTRY, match=(("address", "module.*"),)),
            date(2026, 6, 15),
            Check.unknown("exemption", "old may hold: the finding's address is not known"),
        ),
        (
            replace(ENTRY, match=(("resource", "sg-2"),)),
            date(2026, 6, 15),
            Check.passed("exemption", "no exemption holds"),
        ),
    ],
)
def test_exemptions(entry: Exemption, today: date, expected: Check) -> None:
    assert exemption_check(Exemptions((entry,)), Subject.of(FINDING), today) == expected


def test_where_findings_of_one_change_differ_it_is_told_of_whom_it_is() -> None:
    one, other = (
        Finding(name, "c", "s", Resource("t", name, "", "", "", name), {}, NOW, NOW)
        for name in ("box-staging", "box-prod")
    )
    fresh = Check.passed("freshness", "observed 0 h 00 min ago")
    is_one, is_none = (Check.passed("markers", text) for text in ("is production", "is none"))
    written = [(one, is_none), (one, fresh), (other, is_one), (other, fresh)]
    assert [(c.name, c.detail) for c in told_apart(written)] == [
        ("markers", "is none (box-staging)"),
        ("freshness", "observed 0 h 00 min ago"),
        ("markers", "is production (box-prod)"),
    ]
    assert told_apart([(one, is_none), (other, is_none)]) == (is_none,)
    assert told_apart([(one, is_none), (one, is_one)]) == (is_none, is_one)


@given(CHECKS, CHECKS)
def test_telling_apart_loses_no_verdict(first: list[Check], second: list[Check]) -> None:
    one, other = (
        Finding(name, "c", "s", Resource("t", name), {}, NOW, NOW) for name in ("sg-1", "sg-2")
    )
    written = [*((one, c) for c in first), *((other, c) for c in second)]
    kept = {(c.name, c.limit) for c in told_apart(written)}
    assert kept == {(c.name, c.limit) for _, c in written}
