"""SSH (22) or RDP (3389) open to the world.

CIS AWS Foundations Benchmark v3.0.0 5.2 and 5.3; AWS Config managed rules INCOMING_SSH_DISABLED,
RESTRICTED_INCOMING_TRAFFIC and VPC_SG_PORT_RESTRICTION_CHECK:
https://docs.aws.amazon.com/config/latest/developerguide/restricted-ssh.html

Not safe without a person: on a bastion's group; where the rule opens other ports too (the
proposal keeps those); where the world is written in pieces; where the AWS provider would replace
the rule (a list of several CIDRs in an aws_security_group_rule); where another instance of the
same block is not open.
"""

from __future__ import annotations

from remediator.access.doors import ADMIN_PORTS, Door
from remediator.remediate.world_open import WorldOpen


def claims(door: Door) -> bool:
    return any(door.ports.reaches_tcp(port) for port in ADMIN_PORTS)


CLASS = WorldOpen(
    name="open-admin-port",
    title="a remote administration port open to the world",
    reference="https://docs.aws.amazon.com/config/latest/developerguide/restricted-ssh.html",
    keep_neighbours=True,
    claims=claims,
)
