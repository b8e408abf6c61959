"""Changes as the loop hands them over, made by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from remediator.forge.pull_text import Around
from remediator.model import (
    BlockRef,
    Change,
    Check,
    Decision,
    Disposition,
    Edit,
    Finding,
    Instance,
    Owner,
    Patch,
    Proof,
    Resource,
)

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
AROUND = Around("https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html")
WORLD_SSH = {"from_port": 22, "protocol": "tcp", "source": "0.0.0.0/0", "to_port": 22}
INSIDE = {"from_port": 443, "protocol": "tcp", "source": "10.0.0.0/8", "to_port": 443}


def finding(number: int = 1, **changes: Any) -> Finding:
    name = changes.pop("name", "bastion-eu")
    resource = Resource(
        "AWS::EC2::SecurityGroup",
        f"sg-0a1b2c3d4e5f{number:05x}",
        f"arn:aws:ec2:us-east-1:111122223333:security-group/sg-0a1b2c3d4e5f{number:05x}",
        "111122223333",
        "us-east-1",
        name,
    )
    made = Finding(
        f"open-admin-port/111122223333/us-east-1/{resource.id}/tcp:22-22",
        "open-admin-port",
        "config:restricted-ssh",
        resource,
        {},
        datetime(2026, 11, 20, 8, 0, tzinfo=UTC),
        NOW,
    )
    return replace(made, **changes)


def change(
    name: str = "bastion",
    *,
    auto: bool = False,
    findings: tuple[Finding, ...] = (),
    file: str = "live/prod/main.tf",
    before: bytes = b"open\n",
    after: bytes = b"shut\n",
    **more: Any,
) -> Change:
    findings = findings or (finding(),)
    block = BlockRef(file, 0, 4, 12, "live/prod", f"aws_security_group.{name}")
    instances = tuple(Instance("live/prod", block.address, f.resource.id) for f in findings)
    owner = Owner("live/prod", block.address, block, instances)
    row = "open-admin-port" if auto else "open-admin-port-bastion"
    disposition = Disposition.AUTO if auto else Disposition.REVIEW
    checks = (
        Check.lowers("policy", disposition, f"{row}: {disposition.word}.")
        if not auto
        else Check.passed("policy", f"{row}: auto."),
        Check.passed("exemption", "no exemption holds"),
        Check.passed("freshness", "observed 0 h 01 min ago"),
    )
    decision = Decision(
        disposition, checks, row, "f" * 64, "Revoking it wrongly has a high blast radius."
    )
    proof = Proof(
        (
            Check.passed("parses", "both parsers read every edited file"),
            Check.passed("bytes-outside", "identical outside the edits"),
            Check.passed("subset", "nothing is allowed that was not allowed before"),
            Check.passed("gone", "the finding is gone, and a second run changes nothing"),
            Check.skipped("plan", "nobody asked for it"),
        ),
        json.dumps({"ingress": [WORLD_SSH, INSIDE]}),
        json.dumps({"ingress": [INSIDE]}),
        ("tcp 22 from 0.0.0.0/0",),
    )
    made = Change(
        f"open-admin-port-{name}",
        findings,
        (owner,),
        decision,
        Patch.of((Edit(file, 0, len(before), after),), {file: before}),
        proof,
        f"fix(sg): close SSH to the world on {name}",
        {file: before},
        {file: after},
    )
    return replace(made, **more)
