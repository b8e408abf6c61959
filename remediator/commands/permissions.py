"""`remediator permissions`: the IAM policy of the role that Remediator runs with."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from remediator.aws import (
    access_keys,
    credential_report,
    identities,
    last_accessed,
    organization,
    resource_policies,
    session,
    tags,
    trail,
)
from remediator.aws.permissions import Permission, read_only_policy
from remediator.commands.accounts import ASSUMING
from remediator.commands.states import root_directories
from remediator.config import Config, load
from remediator.detect import aws_config, live
from remediator.detect.access_analyzer import reader, recommendations
from remediator.model import Json, Refusal
from remediator.terraform import backend
from remediator.terraform.backend import DEFAULT, state_object
from remediator.terraform.roots import Modules, discover, named_roots
from remediator.worktree import WorkTree

DECLARED: tuple[Permission, ...] = (
    *session.PERMISSIONS,
    *aws_config.PERMISSIONS,
    *live.PERMISSIONS,
    *reader.PERMISSIONS,
    *recommendations.PERMISSIONS,
    *identities.PERMISSIONS,
    *credential_report.PERMISSIONS,
    *last_accessed.PERMISSIONS,
    *trail.PERMISSIONS,
    *organization.PERMISSIONS,
    *tags.PERMISSIONS,
    *resource_policies.PERMISSIONS,
    *access_keys.PERMISSIONS,
)
"""Every permission that detection and the facts use, on all resources. None of them writes."""


def permissions(
    config_path: Path | None, print_: Callable[[str], None], note: Callable[[str], None]
) -> int:
    """Prints the policy as JSON. What it is for goes to `note`, a line a permission."""
    config = load(config_path)
    states = sorted({*_states(config)})
    if not states:
        note(
            "no root keeps its state in S3 that is known here; where one does, add s3:GetObject "
            "on that object"
        )
    for permission in (*DECLARED, *backend.PERMISSIONS):
        note(f"{permission.action}: {permission.why}")
    print_(json.dumps(policy(config, states), indent=2))
    return 0


def policy(config: Config, states: Iterable[str]) -> dict[str, Json]:
    """The document. `states`: ARNs of the objects with the states."""
    document = read_only_policy(DECLARED)
    statements = document["Statement"]
    assert isinstance(statements, list)
    found: list[Json] = [*states]
    if found:
        statements.append(_statement("RemediatorReadsStates", "s3:GetObject", found))
    if config.aws.several:
        roles = [f"arn:aws:iam::{a}:role/{config.aws.role}" for a in config.aws.accounts]
        every = f"arn:aws:iam::*:role/{config.aws.role}"
        named: list[Json] = [every] if config.aws.organization else [*roles]
        statements.append(_statement("RemediatorReadsOtherAccounts", ASSUMING.action, named))
    return document


def _statement(sid: str, action: str, resources: list[Json]) -> dict[str, Json]:
    return {"Sid": sid, "Effect": "Allow", "Action": action, "Resource": resources}


def _states(config: Config) -> Iterator[str]:
    for entry in config.roots:
        for where in entry.state:
            if where.startswith("s3://"):
                yield f"arn:aws:s3:::{where.removeprefix('s3://')}"
    tree = WorkTree(config.repository.path)
    modules, named = Modules(tree), root_directories(config)
    for root in named_roots(tree, named) if named else discover(tree, modules):
        place = state_object(root.backend, DEFAULT, root.directory)
        if not isinstance(place, Refusal):
            yield f"arn:aws:s3:::{place.bucket}/{place.key}"
