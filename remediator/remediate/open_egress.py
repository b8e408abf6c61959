"""Egress open to the world: AWS's default, and rarely a sign of compromise. Always exempt.

No source of ours looks for it; a finding of this class comes from a report. It has no
rewriting: a policy that does not exempt it gets a refusal that says so.
https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html
"""

from __future__ import annotations

from remediator.remediate.world_open import WorldOpen

CLASS = WorldOpen(
    name="open-egress",
    title="egress open to the world",
    reference="https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html",
    resource_types=(),
)
