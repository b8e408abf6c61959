"""What the demo's other scanner reports: rows of the table that AWS Config and Access Analyzer do
not tell of, as a findings file (docs/findings.md)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from remediator.embedded.aws import ACCOUNT
from remediator.model import Json

if TYPE_CHECKING:
    from remediator.embedded.stage import Stage

EXPECTED: Mapping[str, tuple[str, ...]] = {
    "public-web": ("alerted", "exempted"),
    "root": ("refused",),
}
"""How the findings of these end, with those of other sources."""


def report(stage: Stage) -> Path:
    """Egress of a group, which is exempt, and the root account's key, which is a person's."""
    group = next(i for i, name in stage.groups().items() if name == "public-web")
    egress: dict[str, Json] = {
        "class": "open-egress",
        "resource": {"id": group, "account": ACCOUNT, "name": "public-web", "tags": {}},
        "evidence": {"protocol": "-1", "from_port": -1, "to_port": -1, "cidrs": ["0.0.0.0/0"]},
    }
    root: dict[str, Json] = {
        "class": "unused-credentials",
        "resource": {
            "id": "root",
            "type": "AWS::IAM::User",
            "arn": f"arn:aws:iam::{ACCOUNT}:root",
            "account": ACCOUNT,
            "name": "<root_account>",
        },
        "evidence": {"kind": "access-key", "access_key_id": "AKIAIOSFODNN7EXAMPLE"},
    }
    findings: list[Json] = [{**one, "source": "our scanner"} for one in (egress, root)]
    file = stage.folder / "scanner.json"
    file.write_text(json.dumps({"version": 1, "findings": findings}, indent=2), encoding="utf-8")
    return file
