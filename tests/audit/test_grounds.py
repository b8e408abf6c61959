"""Which groups a change of the code alone reaches, and what is told of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from remediator.audit.follow import Looked, follow
from remediator.audit.grounds import Grounds, grounds
from remediator.audit.live_places import Placed
from remediator.model import Finding, Record, Resource
from remediator.terraform.address import Address
from remediator.terraform.state import Attributes, State, StateIndex, StateResource

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
ACCOUNT, REGION, ID = "111122223333", "eu-central-1", "sg-0a1b2c3d"
ARN = f"arn:aws:ec2:{REGION}:{ACCOUNT}:security-group/{ID}"
CLASS, DOOR = "open-admin-port", "tcp:22-22"
GROUP = "aws_security_group.web"
RULE = "aws_vpc_security_group_ingress_rule.ssh"


def state(*names: str, arn: str | None = ARN) -> Placed:
    known = {
        GROUP: Attributes(id=ID, arn=arn),
        RULE: Attributes(id="sgr-1", security_group_id=ID),
    }
    found = tuple(StateResource(Address.parse(n), known[n]) for n in names)
    return Placed(StateIndex.of([("live", State(found))]), frozenset({"live"}))


def record(*addresses: str, ids: tuple[str, ...] = (), resources: tuple[str, ...] = ()) -> Record:
    trailers = [("Finding-Class", CLASS), ("Finding-Source", "checkov")]
    names = ids or (f"{CLASS}/live/main.tf/{GROUP}/{DOOR}",)
    trailers += [("Finding-Id", name) for name in names]
    trailers += [("Resource", name) for name in resources]
    trailers += [("Terraform-Address", f"live:{a}") for a in addresses]
    return Record("c" * 40, "d" * 40, "Bot", "Bot", NOW, NOW, "fix", tuple(trailers))


WEB = Resource("", ID, ARN, ACCOUNT, REGION)


@pytest.mark.parametrize(
    ("addresses", "placed", "in_code", "expected"),
    [
        ((GROUP,), state(GROUP), True, Grounds(((WEB, True),))),
        ((GROUP,), state(GROUP, RULE), True, Grounds(((WEB, False),))),
        ((GROUP, RULE), state(GROUP, RULE), True, Grounds(((WEB, True),))),
        ((RULE,), state(GROUP), True, Grounds((), (f"live:{RULE}",))),
        ((RULE,), state(GROUP), False, None),
        ((GROUP,), state(RULE), True, None),
        ((RULE,), state(RULE), True, None),
        ((GROUP,), state(GROUP, arn=None), True, None),
        ((GROUP,), Placed(state(GROUP).index, frozenset()), True, None),
        (("module.web",), state(GROUP), True, None),
        (("aws_iam_role.web",), state(GROUP), True, None),
        ((), state(GROUP), True, None),
        ((f"{RULE}[?]",), state(GROUP), True, None),
        ((RULE, f"module.web[?].{RULE}"), state(GROUP, RULE), True, None),
        ((f'{RULE}["[?]"]',), state(GROUP), True, Grounds((), (f'live:{RULE}["[?]"]',))),
    ],
    ids=["a group", "with a rule beside it", "with its rule", "a rule that went",
         "a rule that may have moved", "a group that went", "a group of no state",
         "a group without an ARN", "a root that is not read", "a module's call", "no group",
         "none", "a rule that nobody counts", "a module that nobody counts", "a key that says so"],
)  # fmt: skip
def test_table(
    addresses: tuple[str, ...], placed: Placed, in_code: bool, expected: Grounds | None
) -> None:
    assert grounds(record(*addresses), placed, lambda r: in_code) == expected


def keys(its: Record, *open_doors: str, there: Grounds | None) -> tuple[list[str], int]:
    resource = Resource("AWS::EC2::SecurityGroup", ID, account=ACCOUNT, region=REGION)
    live = tuple(
        Finding(f"{CLASS}/{ACCOUNT}/{REGION}/{ID}/{door}", CLASS, "", resource, {}, None, NOW)
        for door in open_doors
    )
    looked = Looked(live, (), lambda r: r.region == REGION, True, NOW)
    found = follow([its], lambda c, k: False, looked, timedelta(hours=1), lambda r: there)
    return [k for pairs in found.notes.values() for k, _ in pairs], len(found.waiting)


HERE, BESIDE = Grounds(((WEB, True),)), Grounds(((WEB, False),))
DONE = ["Applied", "Applied-How"]


def test_what_is_open_waits_only_where_nothing_else_may_open_it() -> None:
    assert keys(record(GROUP), there=HERE) == (DONE, 0)
    assert keys(record(GROUP), DOOR, there=HERE) == ([], 1)
    assert keys(record(GROUP), DOOR, there=BESIDE) == ([], 0)
    assert keys(record(GROUP), "tcp:3389-3389", there=HERE) == (DONE, 0)
    assert keys(record(RULE), there=Grounds((), (f"live:{RULE}",))) == (DONE, 0)
    assert keys(record(GROUP), there=None) == ([], 0)


def test_a_live_finding_and_one_of_the_code_in_one_change() -> None:
    code, live = f"{CLASS}/live/main.tf/{GROUP}/{DOOR}", f"{CLASS}/{ACCOUNT}/{REGION}/{ID}/{DOOR}"
    both = record(GROUP, ids=(code, live), resources=(ARN,))
    assert keys(both, there=HERE) == (DONE, 0)
    assert keys(both, DOOR, there=HERE) == ([], 1)
    assert keys(both, there=None) == ([], 0)


@pytest.mark.parametrize("name", ["scan-1", f"{CLASS}/scan-1", f"{CLASS}/a/b/c/tcp-22"])
def test_an_id_of_somebody_else_counts_for_any_door(name: str) -> None:
    foreign = record(GROUP, ids=(name,))
    assert keys(foreign, there=HERE) == (DONE, 0)
    assert keys(foreign, "tcp:3389-3389", there=HERE) == ([], 1)


@pytest.mark.parametrize("door", ["tcp:22-22", "-1:-1--1", "icmp:-1--1", "47:-1--1"])
def test_a_door_of_our_own_counts_alone(door: str) -> None:
    own = record(GROUP, ids=(f"{CLASS}/live/main.tf/{GROUP}/{door}",))
    assert keys(own, "tcp:3389-3389", there=HERE) == (DONE, 0)
    assert keys(own, door, there=HERE) == ([], 1)


def test_an_id_of_somebody_else_in_our_form_counts_for_any_door() -> None:
    own = record(GROUP, ids=(f"{CLASS}/{ACCOUNT}/{REGION}/{ID}/mine",))
    assert keys(own, "tcp:3389-3389", there=None) == ([], 1)
