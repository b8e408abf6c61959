"""What became of merged changes, decided from one look: a table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from remediator.audit.follow import Followed, Looked, document, follow
from remediator.model import Finding, Record, Resource

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
ACCOUNT, REGION, GROUP = "111122223333", "eu-central-1", "sg-0a1b2c3d"
CLASS = "open-admin-port"
ID = f"{CLASS}/{ACCOUNT}/{REGION}/{GROUP}/tcp:22-22"
LIVE = "ec2:DescribeSecurityGroupRules"


def finding(name: str = ID, group: str = GROUP, finding_class: str = CLASS) -> Finding:
    resource = Resource("AWS::EC2::SecurityGroup", group, account=ACCOUNT, region=REGION)
    return Finding(name, finding_class, LIVE, resource, {}, None, NOW)


def record(
    *ids: str, source: str = LIVE, resources: tuple[str, ...] = (), hours: int = 10
) -> Record:
    merged = NOW - timedelta(hours=hours)
    trailers = [("Finding-Class", CLASS), ("Finding-Source", source)]
    trailers += [("Finding-Id", name) for name in ids or (ID,)]
    trailers += [("Resource", name) for name in resources]
    return Record("c" * 40, "d" * 40, "Bot", "Bot", merged, merged, "fix", tuple(trailers))


def looked(
    *found: Finding, late: tuple[Finding, ...] = (), whole: bool = True, region: str = REGION
) -> Looked:
    return Looked(found, late, lambda r: r.account == ACCOUNT and r.region == region, whole, NOW)


def followed(its: Record, look: Looked, *keys: str) -> Followed:
    return follow([its], lambda commit, key: key in keys, look, timedelta(hours=72))


def keys(found: Followed) -> list[str]:
    return [key for pairs in found.notes.values() for key, _ in pairs if "-" not in key]


BOTH = ["Applied", "Resolved"]
OTHER_DOOR = finding(ID.replace("22-22", "3389-3389"))
OTHER_GROUP = finding(ID.replace(GROUP, "sg-9"), "sg-9")
ARN = f"arn:aws:ec2:{REGION}:{ACCOUNT}:security-group/{GROUP}"

CASES = [
    ("it is gone", record(), looked(), (), BOTH),
    ("another door is open", record(), looked(OTHER_DOOR), (), BOTH),
    ("another group is open", record(), looked(OTHER_GROUP), (), BOTH),
    ("still open", record(), looked(finding()), (), []),
    ("a scanner's id, still open", record("x-1", resources=(ARN,)), looked(finding()), (), []),
    ("of another class", record("x-1", resources=(ARN,)), looked(OTHER_DOOR), (), []),
    ("one of two is open", record(ID, OTHER_DOOR.id), looked(OTHER_DOOR), (), []),
    ("noted already", record(), looked(), ("Applied", "Resolved"), []),
    ("applied is noted", record(), looked(), ("Applied",), ["Resolved"]),
    ("Config is late", record(source="config:ssh"), looked(late=(finding(),)), (), ["Applied"]),
    ("a source did not answer", record(), looked(whole=False), (), ["Applied"]),
    ("a scanner was not asked", record(source="our scanner"), looked(), (), ["Applied"]),
    ("the region was not looked at", record(), looked(region="us-east-1"), (), []),
    ("it is of the code alone", record(f"{CLASS}/live/x/aws.y/tcp:22-22"), looked(), (), []),
    ("no live resource is named", record("x-1"), looked(), (), []),
    ("it is no security group", record("access-analyzer:1"), looked(), (), []),
]


@pytest.mark.parametrize(
    ("its", "look", "noted", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_what_is_noted(
    its: Record, look: Looked, noted: tuple[str, ...], expected: list[str]
) -> None:
    assert keys(followed(its, look, *noted)) == expected


def test_the_note_is_on_the_merge_and_says_how() -> None:
    found = followed(record(), looked())
    assert dict(found.notes["d" * 40]) == {
        "Applied": "2026-03-10T12:00:00Z",
        "Applied-How": f"the live rules of {GROUP} do not have it any more",
        "Resolved": "2026-03-10T12:00:00Z",
        "Resolved-How": f"{LIVE} does not report it any more",
    }


@pytest.mark.parametrize(("hours", "overdue"), [(1, False), (72, False), (73, True)])
def test_what_waits_for_an_apply(hours: int, overdue: bool) -> None:
    found = followed(record(hours=hours), looked(finding()))
    (told,) = document(found.waiting)
    assert isinstance(told, dict)
    assert (told["overdue"], told["waiting_seconds"]) == (overdue, hours * 3600)
    assert (told["commit"], told["findings"]) == ("d" * 40, [ID])


def test_what_came_back_after_it_was_applied_does_not_wait() -> None:
    assert followed(record(), looked(finding()), "Applied").waiting == ()
