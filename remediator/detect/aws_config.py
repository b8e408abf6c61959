"""What AWS Config says of security groups. It may be late or wrong: `live` is asked after it.

The rules and what each of them flags:
https://docs.aws.amazon.com/config/latest/developerguide/managed-rules-by-aws-config.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from remediator.aws.faults import error_code, upstream
from remediator.aws.permissions import Permission

if TYPE_CHECKING:
    from mypy_boto3_config import ConfigServiceClient
    from mypy_boto3_config.type_defs import ConfigRuleOutputTypeDef, EvaluationResultTypeDef

PERMISSIONS = (
    Permission("config:DescribeConfigRules", "to find the rules by their managed identifier"),
    Permission("config:GetComplianceDetailsByConfigRule", "to read what those rules flag"),
)

RULES = ("INCOMING_SSH_DISABLED", "RESTRICTED_INCOMING_TRAFFIC", "VPC_SG_PORT_RESTRICTION_CHECK")
"""The managed rules that are asked by default."""

BY_NAME = "name:"
SECURITY_GROUP = "AWS::EC2::SecurityGroup"
_PAGE = 100  # GetComplianceDetailsByConfigRule's own maximum


@dataclass(frozen=True, slots=True)
class Flag:
    """A rule calls a group non-compliant, since at least `since` (UTC).

    `identifier` is the configured rule that asked for it: a managed rule's identifier, or
    `name:` and the rule's name.
    """

    group_id: str
    rule_name: str
    identifier: str
    since: datetime | None
    account: str
    region: str


@dataclass(frozen=True, slots=True)
class Compliance:
    """One region's answer. `notes` are sentences for a person; `rules` are the names asked."""

    flags: tuple[Flag, ...]
    rules: tuple[str, ...]
    notes: tuple[str, ...]


def read_compliance(
    client: ConfigServiceClient, account: str, wanted: Sequence[str] = RULES
) -> Compliance:
    """The security groups that the wanted rules call NON_COMPLIANT in the client's region.

    `wanted` holds identifiers of managed rules, whatever the rules are called, and
    `name:xyz` for a rule by its name. Raises UpstreamError where any page is missing.
    """
    region = client.meta.region_name
    rules = _matching(_describe_rules(client, region), wanted)
    notes = _missing(wanted, {entry for _, entries in rules for entry in entries}, region)
    flags: list[Flag] = []
    for name, entries in rules:
        found = _flagged(client, name, region)
        if found is None:
            notes.append(f"AWS Config rule {name!r} was deleted in {region} while it was read")
            continue
        flags += (Flag(group, name, entries[0], since, account, region) for group, since in found)
    return Compliance(tuple(flags), tuple(name for name, _ in rules), tuple(notes))


def _describe_rules(client: ConfigServiceClient, region: str) -> list[ConfigRuleOutputTypeDef]:
    with upstream("config", "DescribeConfigRules", region):
        pages = client.get_paginator("describe_config_rules").paginate()
        return [rule for page in pages for rule in page["ConfigRules"]]


def _matching(
    rules: list[ConfigRuleOutputTypeDef], wanted: Sequence[str]
) -> list[tuple[str, list[str]]]:
    """(rule name, the wanted entries it answers to), each rule once, by name."""
    found = {}
    for rule in rules:
        name, source = rule.get("ConfigRuleName", ""), rule.get("Source", {})
        # A custom rule's identifier is a Lambda function's ARN: only AWS's own are names.
        managed = source.get("SourceIdentifier", "") if source.get("Owner") == "AWS" else ""
        entries = [w for w in wanted if w in (managed, BY_NAME + name)]
        if entries and not rule.get("ConfigRuleState", "").startswith("DELETING"):
            found[name] = entries
    return sorted(found.items())


def _missing(wanted: Sequence[str], found: set[str], region: str) -> list[str]:
    if not found:
        none = f"none of the configured AWS Config rules exists in {region}"
        return [f"{none} ({', '.join(wanted)}): is AWS Config set up in this region?"]
    return [f"no AWS Config rule for {w} in {region}" for w in wanted if w not in found]


def _flagged(
    client: ConfigServiceClient, rule: str, region: str
) -> list[tuple[str, datetime | None]] | None:
    """(group id, since) of what the rule flags; None where the rule is gone by now."""
    from botocore.exceptions import ClientError

    with upstream("config", "GetComplianceDetailsByConfigRule", region):
        try:
            return [
                (group, _since(result))
                for result in _results(client, rule)
                if (group := _security_group(result))
            ]
        except ClientError as error:
            if error_code(error) == "NoSuchConfigRuleException":
                return None
            raise


def _results(client: ConfigServiceClient, rule: str) -> Iterator[EvaluationResultTypeDef]:
    paginator = client.get_paginator("get_compliance_details_by_config_rule")
    pages = paginator.paginate(
        ConfigRuleName=rule,
        ComplianceTypes=["NON_COMPLIANT"],
        PaginationConfig={"PageSize": _PAGE},
    )
    for page in pages:
        yield from page["EvaluationResults"]


def _security_group(result: EvaluationResultTypeDef) -> str | None:
    qualifier = result.get("EvaluationResultIdentifier", {}).get("EvaluationResultQualifier", {})
    if result.get("ComplianceType") != "NON_COMPLIANT":
        return None
    return qualifier.get("ResourceId") if qualifier.get("ResourceType") == SECURITY_GROUP else None


def _since(result: EvaluationResultTypeDef) -> datetime | None:
    """When Config recorded it: the earliest time that the result itself proves."""
    times = (result.get("ResultRecordedTime"), result.get("ConfigRuleInvokedTime"))
    return min((t.astimezone(UTC) for t in times if t), default=None)
