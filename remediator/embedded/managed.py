"""The policies that AWS manages, known to moto as soon as somebody asks for one. Imports moto.

Moto can load all 1,582 of them at its start, into every account; the demo needs one.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy

_PREFIX = "arn:aws:iam::aws:policy/"


def make_known(backend: Any, arn: str) -> None:
    """Nothing happens for another policy, or one that AWS does not have."""
    if not arn.startswith(_PREFIX) or arn in backend.managed_policies:
        return
    path, _, name = arn.removeprefix(_PREFIX).rpartition("/")
    data = _data().get(name)
    if data is None or data["Path"].strip("/") != path:
        return
    policy = AWSManagedPolicy.from_data(name, backend.account_id, backend.region_name, data)
    backend.aws_managed_policies.append(policy)
    backend.managed_policies[policy.arn] = policy


@cache
def _data() -> dict[str, Any]:
    known: dict[str, Any] = json.loads(aws_managed_policies_data)
    return known
