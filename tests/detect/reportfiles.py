"""Reports as the tests read and write them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from remediator.detect.reports.recognise import FindingsFile, read_findings_file

SCANS = Path(__file__).parents[1] / "scans"
GROUP = "sg-0123456789abcdef0"
ARN = f"arn:aws:ec2:us-east-1:123456789012:security-group/{GROUP}"


def scan(name: str) -> FindingsFile:
    return read_findings_file(SCANS / name)


def given(folder: Path, document: Any) -> FindingsFile:
    """What is read of a document; a text is written as it is."""
    text = document if isinstance(document, str) else json.dumps(document)
    (folder / "report").write_text(text, encoding="utf-8")
    return read_findings_file(folder / "report")
