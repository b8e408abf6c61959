"""CloudTrail's LookupEvents, which moto lacks, and the AssumeRole calls of its STS. Imports moto.

To throttle it, tell `Faults`. Only `embedded.aws` may import this.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from moto.cloudtrail.responses import CloudTrailResponse
from moto.core.responses import ActionResult
from moto.sts.responses import TokenResponse

from remediator.embedded.faults import Faults
from remediator.embedded.served import JsonDenials, checked, cut, refused
from remediator.embedded.trail import KEYS, Trail, looked_up

_PAGE = 50


class EmbeddedCloudTrail(JsonDenials, CloudTrailResponse):
    """Made for every request by moto; `cloudtrail_response` gives it its two attributes."""

    faults: Faults
    trail: Trail

    def lookup_events(self) -> ActionResult:
        events = self.trail.events(self.current_account, self.region)
        start, end = (_time(self._get_param(name)) for name in ("StartTime", "EndTime"))
        found = looked_up(events, self._attribute(), start, end)
        asked = int(self._get_param("MaxResults") or _PAGE)
        if not 1 <= asked <= _PAGE:
            raise refused("InvalidMaxResultsException", f"MaxResults is 1 to {_PAGE}")
        size = self.faults.page_size("cloudtrail:LookupEvents", asked)
        try:
            page, token = cut(found, self._get_param("NextToken"), size)
        except ValueError as error:
            raise refused("InvalidNextTokenException", "The token is not valid.") from error
        body: dict[str, Any] = {"Events": page} | ({"NextToken": token} if token else {})
        return checked("cloudtrail", "LookupEvents", body)

    def _attribute(self) -> tuple[str, str] | None:
        """AWS takes one at a time."""
        given = self._get_param("LookupAttributes") or []
        if not given:
            return None
        if len(given) > 1 or given[0].get("AttributeKey") not in KEYS:
            text = f"one attribute, of {', '.join(KEYS)}"
            raise refused("InvalidLookupAttributesException", text)
        return given[0]["AttributeKey"], given[0]["AttributeValue"]


class EmbeddedSts(TokenResponse):
    trail: Trail

    def assume_role(self) -> ActionResult:
        return self._noted(super().assume_role(), "AssumeRole")

    def assume_role_with_web_identity(self) -> ActionResult:
        return self._noted(super().assume_role_with_web_identity(), "AssumeRoleWithWebIdentity")

    def assume_role_with_saml(self) -> ActionResult:
        return self._noted(super().assume_role_with_saml(), "AssumeRoleWithSAML")

    def _noted(self, answer: ActionResult, event: str) -> ActionResult:
        _, caller, _ = self.backend.get_caller_identity(self.get_access_key(), self.region)
        self.trail.assumed(self._get_param("RoleArn"), self.region, event, caller)
        return answer


def cloudtrail_response(faults: Faults, trail: Trail) -> type[EmbeddedCloudTrail]:
    """The response class of one server: moto makes an instance a request, without arguments."""
    return type("EmbeddedCloudTrail", (EmbeddedCloudTrail,), {"faults": faults, "trail": trail})


def sts_response(trail: Trail) -> type[EmbeddedSts]:
    return type("EmbeddedSts", (EmbeddedSts,), {"trail": trail})


def _time(seconds: Any) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(float(seconds), UTC)
