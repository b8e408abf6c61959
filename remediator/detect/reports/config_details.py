"""What `aws configservice get-compliance-details-by-config-rule` prints.

https://docs.aws.amazon.com/config/latest/APIReference/API_GetComplianceDetailsByConfigRule.html
"""

from __future__ import annotations

from typing import Any

import msgspec

from remediator.detect.reports.checks import about
from remediator.detect.reports.reported import (
    Live,
    Name,
    Report,
    Reported,
    Text,
    instant,
    moment,
    other_resource,
    security_group,
)

TOOL = "config"


class _Form(msgspec.Struct, rename="pascal"):
    pass


class _Qualifier(_Form):
    config_rule_name: Name
    resource_type: Text
    resource_id: Text


class _Identifier(_Form):
    evaluation_result_qualifier: _Qualifier


class _Result(_Form):
    evaluation_result_identifier: _Identifier
    compliance_type: Text = ""
    result_recorded_time: str | float | None = None
    config_rule_invoked_time: str | float | None = None


def entries(document: Any) -> Report | None:
    """The results; None where the document is of another format."""
    found = document.get("EvaluationResults") if isinstance(document, dict) else None
    if not isinstance(found, list):
        return None
    more = document.get("NextToken")
    return Report(
        found, ("holds a NextToken: only the first of the results are in it",) * bool(more)
    )


def read(entry: Any, account: str | None = None, region: str | None = None) -> tuple[Reported, ...]:
    """The answer itself does not say of which account and region it is."""
    found = msgspec.convert(entry, _Result)
    of = found.evaluation_result_identifier.evaluation_result_qualifier
    inactive = "" if found.compliance_type == "NON_COMPLIANT" else found.compliance_type[:40]
    at = security_group(of.resource_id, account, region) or _other(of)
    times = [found.result_recorded_time, found.config_rule_invoked_time]
    known = [t for raw in times if (t := moment(raw) if isinstance(raw, str) else instant(raw))]
    return (
        Reported(
            TOOL,
            of.config_rule_name,
            at,
            None,
            min(known, default=None),
            max(known, default=None),
            inactive or ("" if found.compliance_type else "no ComplianceType"),
        ),
    )


def _other(of: _Qualifier) -> Live:
    if about(of.config_rule_name) is not None:
        raise ValueError(f"{of.config_rule_name} flags {of.resource_id}, which is no sg- id")
    return other_resource(of.resource_type, of.resource_id, None, None)
