"""Prints remediator/evaluate/tracked_actions.txt, from AWS's service reference.

    python tools/tracked_actions.py FOLDER YYYY-MM-DD > remediator/evaluate/tracked_actions.txt

FOLDER has one JSON file a service, as https://servicereference.us-east-1.amazonaws.com/ lists them,
fetched on that day. An action is tracked where its `SupportedBy` says `IAM Action Last Accessed`:
https://docs.aws.amazon.com/service-authorization/latest/reference/service-reference.html
"""

from __future__ import annotations

import json
import sys
import textwrap
from pathlib import Path

HEAD = """\
# The actions whose last use IAM reports one by one: `IAM Action Last Accessed` in AWS's service
# reference, https://servicereference.us-east-1.amazonaws.com/, as of {day}.
# Written by tools/tracked_actions.py. What is not here is kept.
"""


def tracked(folder: Path) -> dict[str, list[str]]:
    """By service, in the order of names; services without any are left out."""
    found: dict[str, set[str]] = {}
    for file in folder.rglob("*.json"):
        document = json.loads(file.read_text(encoding="utf-8"))
        for action in document.get("Actions", []) if isinstance(document, dict) else []:
            if action.get("SupportedBy", {}).get("IAM Action Last Accessed") is True:
                found.setdefault(document["Name"], set()).add(action["Name"])
    return {service: sorted(found[service]) for service in sorted(found)}


def written(actions: dict[str, list[str]], day: str) -> str:
    wrap = textwrap.TextWrapper(100, initial_indent="  ", subsequent_indent="  ")
    parts = [f"{service}\n{wrap.fill(' '.join(names))}\n" for service, names in actions.items()]
    return HEAD.format(day=day) + "".join(parts)


if __name__ == "__main__":
    sys.stdout.write(written(tracked(Path(sys.argv[1])), sys.argv[2]))
