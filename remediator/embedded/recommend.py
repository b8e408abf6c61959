"""What the emulated analyzer recommends for unused permissions: narrower policies. Pure.

https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_UnusedPermissionsRecommendedStep.html
A policy in which nothing is unused needs no step; one in which nothing is used is only detached.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from remediator.embedded.catalogue import expanded
from remediator.embedded.granted import Held, actions_in, listed


def steps(policies: Iterable[Held], details: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """As GetFindingRecommendation's `recommendedSteps`, for GetFindingV2's details."""
    services, actions = _unused(details)
    found: list[dict[str, Any]] = []
    for held in policies:
        narrower = _narrower(held.document, services, actions)
        if narrower is None:
            continue
        if narrower["Statement"]:
            text = json.dumps(narrower)
            found.append(_step("CREATE_POLICY", held) | {"recommendedPolicy": text})
        found.append(_step("DETACH_POLICY", held))
    return [{"unusedPermissionsRecommendedStep": step} for step in found]


def _unused(details: Iterable[Mapping[str, Any]]) -> tuple[set[str], set[str]]:
    services, actions = set(), set()
    for one in details:
        unused = one["unusedPermissionDetails"]
        service = unused["serviceNamespace"]
        if "actions" not in unused:
            services.add(service)
        for action in unused.get("actions", ()):
            name = action["action"].rpartition(":")[2]
            actions.add(f"{service}:{name}".lower())
    return services, actions


def _narrower(text: str, services: set[str], actions: set[str]) -> dict[str, Any] | None:
    """The policy without what is unused; None where all of it is used."""
    document: dict[str, Any] = json.loads(text)
    changed, kept = False, []
    for statement in listed(document["Statement"]):
        if statement["Effect"] != "Allow":
            kept.append(statement)
            continue
        left = _left(statement, services, actions)
        changed = changed or left != statement
        kept += [left] if left else []
    return document | {"Statement": kept} if changed else None


def _left(
    statement: dict[str, Any], services: set[str], actions: set[str]
) -> dict[str, Any] | None:
    def goes(action: str) -> bool:
        return action.partition(":")[0] in services or action.lower() in actions

    if "NotAction" in statement:
        everything = actions_in(statement)
        if not any(goes(a) for a in everything):
            return statement
        rest = {k: v for k, v in statement.items() if k != "NotAction"}
        return rest | {"Action": sorted(a for a in everything if not goes(a))}
    names: list[str] = []
    for pattern in listed(statement["Action"]):
        meant = expanded([pattern])
        stays = [a for a in meant if not goes(a)]
        names += [pattern] if len(stays) == len(meant) else sorted(stays)
    if names == listed(statement["Action"]):
        return statement
    return statement | {"Action": names} if names else None


def _step(action: str, held: Held) -> dict[str, Any]:
    step = {"recommendedAction": action, "existingPolicyId": held.id}
    return step | ({"policyUpdatedAt": held.updated_at} if held.updated_at else {})
