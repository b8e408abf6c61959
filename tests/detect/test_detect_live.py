"""Live groups and rules, read over real HTTP from the embedded AWS."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.stub import Stubber
from estates import Estate, tcp

from remediator.detect.live import LiveRule, read_groups, read_rules
from remediator.embedded.aws import ACCOUNT, REGION
from remediator.model import UpstreamError

GROUPS, RULES = "ec2:DescribeSecurityGroups", "ec2:DescribeSecurityGroupRules"


def ingress(estate: Estate, *groups: str) -> tuple[LiveRule, ...]:
    return tuple(r for r in read_rules(estate.ec2, groups) if not r.is_egress)


def test_a_group_and_what_is_kept_of_it(estate: Estate) -> None:
    group_id = estate.group("web", tags={"Role": "bastion", "Env": "a\nb"})
    (group,) = read_groups(estate.ec2, [group_id])
    assert (group.id, group.name, group.description) == (group_id, "web", "about web")
    assert (group.account, group.region) == (ACCOUNT, REGION)
    assert group.vpc_id
    assert group.vpc_id.startswith("vpc-")
    assert group.tags == (("Env", "a\nb"), ("Role", "bastion"))
    assert group.arn == f"arn:aws:ec2:{REGION}:{ACCOUNT}:security-group/{group_id}"


def test_all_groups_or_those_that_were_asked_for(estate: Estate) -> None:
    a, b, c = (estate.group(name) for name in "abc")
    assert {a, b, c} < {g.id for g in read_groups(estate.ec2)}
    assert [g.id for g in read_groups(estate.ec2, [c, a, a])] == sorted([a, c])
    assert read_groups(estate.ec2, []) == ()


def test_a_group_that_is_gone_is_missing_and_no_error(estate: Estate) -> None:
    kept = estate.group("kept")
    assert [g.id for g in read_groups(estate.ec2, [kept, "sg-0123456789abcdef0"])] == [kept]


@pytest.mark.parametrize(
    "bad", ["sg-*", "sg-????????????????", "", "sg-1\n", "sg-XYZ", "vpc-12345678"]
)
def test_what_is_no_id_matches_nothing(estate: Estate, bad: str) -> None:
    estate.group("a", tcp(22))
    before = len(estate.aws.calls)
    assert read_groups(estate.ec2, [bad]) == ()
    assert read_rules(estate.ec2, [bad]) == ()
    assert len(estate.aws.calls) == before


def test_every_kind_of_source(estate: Estate) -> None:
    prefix_list = estate.ec2.create_managed_prefix_list(
        PrefixListName="p", MaxEntries=1, AddressFamily="IPv4"
    )["PrefixList"]["PrefixListId"]
    other = estate.group("other")
    group = estate.group(
        "all",
        tcp(22, IpRanges=[{"CidrIp": "0.0.0.0/0", "Description": "the world"}]),
        tcp(22, Ipv6Ranges=[{"CidrIpv6": "::/0"}]),
        tcp(0, 65535, PrefixListIds=[{"PrefixListId": prefix_list}]),
        tcp(443, UserIdGroupPairs=[{"GroupId": other}]),
        {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "10.0.0.0/8"}]},
    )
    found = ingress(estate, group)
    assert all(r.rule_id.startswith("sgr-") and r.group_id == group for r in found)
    sources = {
        (
            r.protocol,
            r.from_port,
            r.to_port,
            r.cidr_ipv4,
            r.cidr_ipv6,
            r.prefix_list_id,
            r.referenced_group_id,
            r.description,
        )
        for r in found
    }
    assert sources == {
        ("tcp", 22, 22, "0.0.0.0/0", None, None, None, "the world"),
        ("tcp", 22, 22, None, "::/0", None, None, ""),
        ("tcp", 0, 65535, None, None, prefix_list, None, ""),
        ("tcp", 443, 443, None, None, None, other, ""),
        ("-1", -1, -1, "10.0.0.0/8", None, None, None, ""),
    }


def test_egress_is_told_from_ingress(estate: Estate) -> None:
    group = estate.group("a")
    (rule,) = read_rules(estate.ec2, [group])
    assert rule.is_egress
    assert (rule.protocol, rule.cidr_ipv4) == ("-1", "0.0.0.0/0")


def test_all_pages_are_read(estate: Estate) -> None:
    group = estate.group("a", *(tcp(port) for port in range(5)))
    estate.aws.faults.page(RULES, 2)
    assert sorted(r.from_port for r in ingress(estate, group)) == [0, 1, 2, 3, 4]
    assert estate.aws.calls.count(RULES) == 3
    estate.aws.faults.page(GROUPS, 1)
    assert group in {g.id for g in read_groups(estate.ec2)}


def test_many_groups_are_asked_in_batches(estate: Estate) -> None:
    group = estate.group("a", tcp(22))
    ids = [f"sg-{n:08x}" for n in range(400)]
    assert [r.from_port for r in ingress(estate, *ids, group)] == [22]
    assert estate.aws.calls.count(RULES) == 3
    assert [g.id for g in read_groups(estate.ec2, [*ids, group])] == [group]
    assert estate.aws.calls.count(GROUPS) == 3


@pytest.mark.parametrize(("operation", "read"), [(GROUPS, read_groups), (RULES, read_rules)])
@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("deny", "needs the permission"),
        ("throttle", "throttled after 2 attempts"),
        ("garble", "not what AWS answers"),
        ("truncate", "failed on its side"),
    ],
)
def test_no_answer_is_never_an_empty_one(
    estate: Estate, operation: str, read: Any, fault: str, says: str
) -> None:
    estate.group("a", tcp(22), tcp(3389))
    getattr(estate.aws.faults, fault)(operation)
    with pytest.raises(UpstreamError, match=says) as caught:
        read(estate.ec2)
    assert caught.value.what == f"{operation} in {REGION}"


def test_an_owner_elsewhere_and_a_source_of_an_unknown_kind(estate: Estate) -> None:
    """A shared VPC, and a future AWS: moto has neither, botocore's own stub answers."""
    client = estate.session.client("ec2", "us-east-1")
    group = {"GroupId": "sg-11111111", "OwnerId": "210987654321", "GroupName": "x"}
    rule = {
        "SecurityGroupRuleId": "sgr-1",
        "GroupId": "sg-11111111",
        "IsEgress": False,
        "IpProtocol": "tcp",
        "FromPort": 22,
        "ToPort": 22,
    }
    with Stubber(client) as stub:
        stub.add_response("describe_security_groups", {"SecurityGroups": [group]})
        stub.add_response("describe_security_group_rules", {"SecurityGroupRules": [rule]})
        (found,) = read_groups(client)
        (live,) = read_rules(client)
    assert found.account == "210987654321"
    assert found.arn == "arn:aws:ec2:us-east-1:210987654321:security-group/sg-11111111"
    assert (live.cidr_ipv4, live.cidr_ipv6) == (None, None)
    assert (live.prefix_list_id, live.referenced_group_id) == (None, None)
