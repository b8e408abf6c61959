"""How urgent a finding class is: what comes first where the limits do not allow all at once."""

from __future__ import annotations

from collections.abc import Mapping

CRITICAL, HIGH, MEDIUM, LOW = 4, 3, 2, 1
WORDS: Mapping[int, str] = {CRITICAL: "critical", HIGH: "high", MEDIUM: "medium", LOW: "low"}

# CIS AWS Foundations Benchmark v3.0.0, 5.2 and 5.3; AWS Security Hub's severities of EC2.13,
# EC2.14 (high), EC2.18 and EC2.19 (critical for high-risk ports), IAM.1 and IAM.21.
_OF_CLASS: Mapping[str, int] = {
    "open-admin-port": CRITICAL,
    "external-access": CRITICAL,
    "open-to-world-policy": CRITICAL,
    "open-port": HIGH,
    "unused-credentials": MEDIUM,
    "unused-permissions": MEDIUM,
    "wildcard-grant": LOW,
    "open-web-port": LOW,
    "open-egress": LOW,
}


def severity(finding_class: str) -> int:
    """A class that is not listed is in the middle: neither first nor last."""
    return _OF_CLASS.get(finding_class, MEDIUM)
