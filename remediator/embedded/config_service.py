"""The AWS Config operations that moto lacks, emulated: compliance from moto's own groups.

Nothing is stored but when a group was first seen to fail, so that repairing a group is all
it takes to be rid of the finding. Imports moto: only `embedded.aws` may import this.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any

from moto.config.exceptions import (
    InvalidNextTokenException,
    InvalidParameterValueException,
    NoSuchConfigRuleException,
)
from moto.config.responses import ConfigResponse
from moto.ec2.models import ec2_backends

from remediator.embedded.compliance import Ingress, check_of
from remediator.embedded.faults import Faults
from remediator.embedded.served import JsonDenials, checked, cut

_DETAILS = "config:GetComplianceDetailsByConfigRule"
_MAX_LIMIT, _DEFAULT_LIMIT = 100, 10  # GetComplianceDetailsByConfigRule
_RULES_A_PAGE = 25
_CAP = 25  # ComplianceContributorCount


@dataclass(slots=True)
class Memory:
    """When each group was first seen to fail a rule. Safe between threads."""

    clock: Callable[[], datetime]
    _since: dict[tuple[str, ...], datetime] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def since(self, key: tuple[str, ...], failing: bool) -> datetime:
        with self._lock:
            now = self.clock()
            if failing:
                return self._since.setdefault(key, now)
            self._since.pop(key, None)
            return now

    def clear(self) -> None:
        with self._lock:
            self._since.clear()


class EmbeddedConfig(JsonDenials, ConfigResponse):
    """Made for every request by moto; `config_response` gives it its two attributes."""

    faults: Faults
    memory: Memory

    def describe_compliance_by_config_rule(self) -> Any:
        wanted = set(self._get_param("ComplianceTypes") or ())
        names = self._get_param("ConfigRuleNames") or sorted(self._rules())
        answers = [
            {"ConfigRuleName": name, "Compliance": compliance}
            for name in names
            if (compliance := _summary(list(self._evaluations(name))))
            and (not wanted or compliance["ComplianceType"] in wanted)
        ]
        return self._page("DescribeComplianceByConfigRule", answers, _RULES_A_PAGE)

    def get_compliance_details_by_config_rule(self) -> Any:
        limit = int(self._get_param("Limit") or _DEFAULT_LIMIT)
        if not 0 <= limit <= _MAX_LIMIT:
            raise InvalidParameterValueException(f"Limit must be at most {_MAX_LIMIT}")
        wanted = set(self._get_param("ComplianceTypes") or ())
        results = [
            result
            for result in self._evaluations(self._get_param("ConfigRuleName"))
            if not wanted or result["ComplianceType"] in wanted
        ]
        size = self.faults.page_size(_DETAILS, limit or _DEFAULT_LIMIT)
        return self._page("GetComplianceDetailsByConfigRule", results, size)

    def start_config_rules_evaluation(self) -> Any:
        for name in self._get_param("ConfigRuleNames") or ():
            self._rule(name)
        return checked("config", "StartConfigRulesEvaluation", {})

    def _rules(self) -> dict[str, Any]:
        rules: dict[str, Any] = self.config_backend.config_rules
        return rules

    def _rule(self, name: str) -> Any:
        if name not in self._rules():
            raise NoSuchConfigRuleException(name)
        return self._rules()[name]

    def _evaluations(self, name: str) -> Iterator[dict[str, Any]]:
        """One result a security group, by its id; none for a rule that is not emulated."""
        rule = self._rule(name)
        check = check_of(rule.source.source_identifier, rule.input_parameters_dict)
        if check is None:
            return
        for group in sorted(self._groups(), key=lambda g: str(g.id)):
            failing = check.flags(_ingress(group)) or self.faults.is_stale(group.id)
            key = (self.current_account, self.region, name, group.id)
            yield _result(name, group.id, failing, self.memory.since(key, failing))

    def _groups(self) -> list[Any]:
        backend = ec2_backends[self.current_account][self.region]
        return list(backend.describe_security_groups())

    def _page(self, operation: str, items: list[dict[str, Any]], size: int) -> Any:
        try:
            page, token = cut(items, self._get_param("NextToken"), size)
        except ValueError as error:
            raise InvalidNextTokenException from error
        body: dict[str, Any] = {_LISTS[operation]: page} | ({"NextToken": token} if token else {})
        return checked("config", operation, body)


_LISTS = {
    "DescribeComplianceByConfigRule": "ComplianceByConfigRules",
    "GetComplianceDetailsByConfigRule": "EvaluationResults",
}


def config_response(faults: Faults, memory: Memory) -> type[EmbeddedConfig]:
    """The response class of one server: moto makes an instance a request, without arguments."""
    return type("EmbeddedConfig", (EmbeddedConfig,), {"faults": faults, "memory": memory})


def _ingress(group: Any) -> Iterator[Ingress]:
    for rule in group.ingress_rules:
        cidr = rule.cidr_ipv4 or rule.cidr_ipv6
        if cidr:
            yield Ingress(rule.ip_protocol, rule.from_port, rule.to_port, cidr)


def _result(rule: str, group_id: str, failing: bool, since: datetime) -> dict[str, Any]:
    qualifier = {
        "ConfigRuleName": rule,
        "ResourceType": "AWS::EC2::SecurityGroup",
        "ResourceId": group_id,
        "EvaluationMode": "DETECTIVE",
    }
    return {
        "EvaluationResultIdentifier": {
            "EvaluationResultQualifier": qualifier,
            "OrderingTimestamp": since,
        },
        "ComplianceType": "NON_COMPLIANT" if failing else "COMPLIANT",
        "ResultRecordedTime": since,
        "ConfigRuleInvokedTime": since,
    }


def _summary(results: list[dict[str, Any]]) -> dict[str, Any]:
    if not results:
        return {"ComplianceType": "INSUFFICIENT_DATA"}
    bad = sum(r["ComplianceType"] == "NON_COMPLIANT" for r in results)
    if not bad:
        return {"ComplianceType": "COMPLIANT"}
    count = {"CappedCount": min(bad, _CAP), "CapExceeded": bad > _CAP}
    return {"ComplianceType": "NON_COMPLIANT", "ComplianceContributorCount": count}
