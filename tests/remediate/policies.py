"""What the tables about policies share: a state, findings, and a checkout that `fix` mends."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import dedent
from typing import Any

from commandline import remediator

ACCOUNT = "111122223333"


def arn(kind: str, name: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:iam::{account}:{kind}/{name}"


def resource(kind: str, name: str, /, key: object = None, **attributes: object) -> dict[str, Any]:
    """A resource of a state with one instance."""
    instance: dict[str, Any] = {"attributes": attributes}
    if key is not None:
        instance["index_key"] = key
    return {"mode": "managed", "type": kind, "name": name, "instances": [instance]}


def role(label: str, name: str | None = None, **more: object) -> dict[str, Any]:
    name = name or label
    return resource("aws_iam_role", label, id=name, name=name, arn=arn("role", name), **more)


def inline(label: str, of: str, name: str = "own") -> dict[str, Any]:
    return resource("aws_iam_role_policy", label, id=f"{of}:{name}", name=name, role=of)


def customer(label: str, name: str | None = None) -> dict[str, Any]:
    policy = arn("policy", name or label)
    return resource("aws_iam_policy", label, id=policy, arn=policy, name=name or label)


def attached(label: str, role_name: str, policy: str) -> dict[str, Any]:
    return resource(
        "aws_iam_role_policy_attachment",
        label,
        id=f"{role_name}-1",
        role=role_name,
        policy_arn=arn("policy", policy),
    )


def state(resources: Iterable[Mapping[str, Any]]) -> str:
    """Blocks with several instances are given one by one."""
    joined: dict[tuple[str, str, str], dict[str, Any]] = {}
    for one in resources:
        key = (str(one.get("module", "")), one["type"], one["name"])
        if key in joined:
            joined[key]["instances"] = [*joined[key]["instances"], *one["instances"]]
        else:
            joined[key] = dict(one)
    return json.dumps({"version": 4, "resources": [*joined.values()]})


def live(id_: str, document: object, kind: str = "inline", who: object = ()) -> dict[str, Any]:
    attached_ = None if who is None else [*who] if isinstance(who, list | tuple) else who
    return {"id": id_, "kind": kind, "document": document, "attached": attached_}


def unused(
    name: str,
    actions: Iterable[str] = (),
    services: Iterable[str] = (),
    policies: Iterable[Mapping[str, Any]] | None = (),
    kind: str = "role",
    traits: Iterable[str] = ("service-role",),
    **more: Any,
) -> dict[str, Any]:
    """A finding of unused permissions; `policies` are the live ones, None where nobody knows."""
    types = {"role": "AWS::IAM::Role", "user": "AWS::IAM::User", "group": "AWS::IAM::Group"}
    evidence: dict[str, Any] = {
        "removable": {
            "services": [*services],
            "actions": [*actions],
            "kept": [],
            "unexplained": [],
        },
        "traits": [*traits],
        "live": None if policies is None else {"policies": [*policies]},
    }
    return {
        "class": "unused-permissions",
        "id": f"access-analyzer:{name}",
        "resource": {
            "type": types.get(kind, kind),
            "id": name,
            "arn": arn(kind, name),
            "account": ACCOUNT,
            "region": "eu-central-1",
            "name": name,
            "tags": {},
        },
        "evidence": {**evidence, **more},
        "observed_at": (datetime.now(UTC) - timedelta(hours=1)).isoformat(),
    }


def allow(*actions: str, on: object = "*", **more: object) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": [*actions], "Resource": on, **more}


def policy(*statements: Mapping[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [*statements]}


@dataclass(frozen=True)
class Mended:
    """What `fix --review` made of a checkout, and how each finding ended."""

    files: Mapping[str, str]
    outcomes: tuple[dict[str, Any], ...] = field(default_factory=tuple)

    @property
    def only(self) -> dict[str, Any]:
        (outcome,) = self.outcomes
        return outcome

    def checks(self) -> dict[str, str]:
        found = [c for o in self.outcomes for c in o["checks"] if c["verdict"] != "pass"]
        return {c["name"]: c["detail"] for c in found if c["verdict"] != "skipped"}


CONFIG = """\
version: 1
exemptions: []
markers: {}
"""


def mend(
    folder: Path,
    files: Mapping[str, str] | str,
    resources: Iterable[Mapping[str, Any]],
    findings: Iterable[Mapping[str, Any]],
    config: str = CONFIG,
    root: str = "",
) -> Mended:
    """Through `remediator fix --findings FILE --state FILE --review --json FILE`."""
    given = {"main.tf": files} if isinstance(files, str) else files
    top = folder / "checkout"
    for path, text in given.items():
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_text(dedent(text))
    (folder / "terraform.tfstate").write_text(state(resources))
    (folder / "findings.json").write_text(json.dumps({"version": 1, "findings": [*findings]}))
    (folder / "remediator.yaml").write_text(config)
    out = folder / "out.json"
    named = f"{root}={folder / 'terraform.tfstate'}" if root else str(folder / "terraform.tfstate")
    ran = remediator(
        *("fix", top, "--config", folder / "remediator.yaml", "--review", "--json", out),
        *("--findings", folder / "findings.json", "--state", named),
    )
    assert out.exists(), ran.err
    document = json.loads(out.read_text())
    after = {path: (top / path).read_text() for path in given}
    return Mended(after, tuple(document["outcomes"]))
