"""The report of last use, which is newer, against what a finding calls unused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from remediator.aws.account import AccountView
from remediator.aws.credential_report import parse_report
from remediator.aws.identities import Identities, LivePolicy, Principal
from remediator.aws.last_accessed import Uses
from remediator.aws.trail import Heard
from remediator.evaluate.identity_facts import Bounds, Known, Resources, facts_of, may_go
from remediator.evaluate.principals import Window
from remediator.model import UNOBSERVED, Finding, Json, Resource, Verdict

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
ARN = "arn:aws:iam::111122223333:role/orders"
ROLE = Resource("AWS::IAM::Role", "orders", ARN, "111122223333", None, "orders", ())
POLICY = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def gone(uses: Uses | str, **analyzer: Json) -> tuple[set[str], dict[str, str]]:
    """What may go, and why what else there is stays."""
    finding, known = given(uses, **analyzer)
    found = may_go(finding, known)
    assert found is not None
    return {*found.services, *found.actions}, {k.action: k.why for k in found.kept}


def given(uses: Uses | str, **analyzer: Json) -> tuple[Finding, Known]:
    unused: Json = [
        {"service": "sqs", "last_accessed": None, "actions": None},
        {
            "service": "s3",
            "last_accessed": None,
            "actions": [{"action": "s3:DeleteBucket", "last_accessed": None}],
        },
    ]
    evidence: dict[str, Json] = {"unused": unused, "analyzer": {**analyzer}}
    finding = Finding("f", "unused-permissions", "s", ROLE, evidence, None, UNOBSERVED)
    own = LivePolicy("own", "inline", POLICY, (ARN,))
    role = Principal(ARN, "role", "orders", "/", ago(400), policies=(own,))
    view = AccountView(
        "111122223333",
        Identities({ARN: role}, {}),
        parse_report(b"user,arn\n"),
        (),
        Heard(ago(20)),
        frozenset(),
    )
    window = Window(NOW, timedelta(hours=48), timedelta(hours=4))
    bounds = Bounds(window, timedelta(days=14), frozenset(), {})
    return finding, Known(view, Resources({}, {}), bounds, {ARN: uses})


@pytest.mark.parametrize(
    ("services", "actions", "left"),
    [
        ({}, {}, {"sqs", "s3:DeleteBucket"}),
        ({"sqs": 3}, {}, {"s3:DeleteBucket"}),
        ({"s3": 3}, {"s3:deletebucket": 30}, {"sqs"}),
        ({"s3": 3}, {"s3:ListAllMyBuckets": 3}, {"sqs", "s3:DeleteBucket"}),
        ({}, {"sqs:SendMessage": 89}, {"s3:DeleteBucket"}),
        ({"sqs": 91}, {"s3:DeleteBucket": 200}, {"sqs", "s3:DeleteBucket"}),
    ],
)
def test_what_was_used_since_stays(
    services: dict[str, float], actions: dict[str, float], left: set[str]
) -> None:
    report = Uses(
        {s: ago(days) for s, days in services.items()},
        {a: ago(days) for a, days in actions.items()},
    )
    found, kept = gone(report, unused_days=90)
    assert found == left
    for name in {"sqs:*", "s3:DeleteBucket"} - {f"{n}:*" if ":" not in n else n for n in left}:
        assert "report of last use" in kept[name]


def test_the_window_is_the_analyzer_s_own() -> None:
    report = Uses({"sqs": ago(100)}, {})
    assert gone(report, unused_days=180)[0] == {"s3:DeleteBucket"}
    assert gone(report, unused_days=30)[0] == {"sqs", "s3:DeleteBucket"}
    assert gone(Uses({"sqs": ago(80)}, {}))[0] == {"s3:DeleteBucket"}


def test_without_a_report_the_finding_stands() -> None:
    """Its lack is a check of its own, which leaves review at the most."""
    assert gone("throttled")[0] == {"sqs", "s3:DeleteBucket"}


@pytest.mark.parametrize(
    ("services", "lacking"),
    [((), "s3, sqs"), (("s3",), "sqs"), (("sqs",), "s3"), (("s3", "sqs", "ec2"), None)],
)
def test_a_report_without_a_service_says_nothing_of_it(
    services: tuple[str, ...], lacking: str | None
) -> None:
    """It names every service that is granted, used or not."""
    finding, known = given(Uses(dict.fromkeys(services), {}))
    facts = facts_of(finding, may_go(finding, known), known)
    (check,) = [c for c in facts.checks if c.name == "use"]
    if lacking is None:
        assert check.verdict is Verdict.PASS
    else:
        assert check.verdict is Verdict.UNKNOWN
        assert f"does not have {lacking}" in check.detail
