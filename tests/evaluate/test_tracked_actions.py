"""The list of tracked actions, as tools/tracked_actions.py prints it of AWS's reference."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

TOOL = Path(__file__).parents[2] / "tools" / "tracked_actions.py"
KEY = "IAM Action Last Accessed"


def service(name: str, **actions: bool | None) -> dict[str, Any]:
    listed = [
        {"Name": a, "SupportedBy": {} if is_tracked is None else {KEY: is_tracked}}
        for a, is_tracked in actions.items()
    ]
    return {"Name": name, "Actions": listed, "Version": "v1.2"}


def printed(folder: Path, *services: dict[str, Any]) -> str:
    for one in services:
        (folder / f"{one['Name']}.json").write_text(json.dumps(one))
    (folder / "index.json").write_text(
        json.dumps([{"service": "s3", "url": "https://example.com"}])
    )
    command = [sys.executable, str(TOOL), str(folder), "2026-01-02"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_only_what_aws_says_of_is_tracked(tmp_path: Path) -> None:
    s3 = service("s3", ListAllMyBuckets=True, GetObject=False, CreateBucket=True, Odd=None)
    sns = service("sns", CreateTopic=False)
    text = printed(tmp_path, s3, sns)
    assert "as of 2026-01-02" in text
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert lines == ["s3", "  CreateBucket ListAllMyBuckets"]
