"""HTTP (80) or HTTPS (443) open to the world: what a public web tier looks like, so only an alert.

AWS Config RESTRICTED_INCOMING_TRAFFIC can be told to flag these ports:
https://docs.aws.amazon.com/config/latest/developerguide/restricted-common-ports.html
"""

from __future__ import annotations

from remediator.access.doors import Door
from remediator.remediate.world_open import WorldOpen


def claims(door: Door) -> bool:
    ports = door.ports
    return ports.protocol == "tcp" and ports.from_port == ports.to_port in (80, 443)


CLASS = WorldOpen(
    name="open-web-port",
    title="a web port open to the world",
    reference="https://docs.aws.amazon.com/config/latest/developerguide/restricted-common-ports.html",
    claims=claims,
)
