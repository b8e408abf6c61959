"""Any other port, range or protocol open to the world: only its owner knows what it is for.

https://docs.aws.amazon.com/config/latest/developerguide/restricted-common-ports.html

Never safe without a person, so its policy row stays at review; the proposal removes the world
and keeps every other source.
"""

from __future__ import annotations

from remediator.access.doors import Door
from remediator.remediate import open_admin_port, open_web_port
from remediator.remediate.world_open import WorldOpen


def claims(door: Door) -> bool:
    return not open_admin_port.claims(door) and not open_web_port.claims(door)


CLASS = WorldOpen(
    name="open-port",
    title="a port open to the world",
    reference="https://docs.aws.amazon.com/config/latest/developerguide/restricted-common-ports.html",
    claims=claims,
)
