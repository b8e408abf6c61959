"""docs/audit.md has every name that an alarm can have, and the keys that a row has."""

from __future__ import annotations

import re
from pathlib import Path

from documents import page
from evidence import evidence

from remediator.audit import alarms, history

PAGE = page("docs/audit.md")


def first_cells(heading: str) -> list[str]:
    table = PAGE.partition(f"| {heading} |")[2].split("\n\n")[0]
    rows = [line.split("|")[1] for line in table.splitlines()[2:]]
    return [word for cell in rows for word in re.findall(r"`([^`]+)`", cell)]


def test_every_name() -> None:
    codes = {v for k, v in vars(alarms).items() if k.isupper() and isinstance(v, str)}
    codes |= {history.FORGED, history.DIGEST, history.MERGE}
    told = first_cells("name")
    assert set(told) == codes
    assert len(told) == len(codes)


def test_every_key_that_is_told_is_there(tmp_path: Path) -> None:
    its = evidence(tmp_path)
    its.change()
    document = its.document()
    (row,) = document["records"]
    assert {*first_cells("key")} <= row.keys()
    text = PAGE.partition("JSON is `")[2].partition("`")[0]
    told = set(re.findall(r'"([a-z_]+)"', text)) - {"code", "commit", "text"}
    assert told == document.keys()
