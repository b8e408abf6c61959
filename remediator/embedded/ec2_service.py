"""Pages for the two EC2 operations that moto answers whole, emulated.

Imports moto: only `embedded.aws` may import this.
"""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.responses import EC2Response

from remediator.embedded.faults import Faults

_MAX_RESULTS = 1000


class EmbeddedEc2(EC2Response):
    faults: Faults

    def describe_security_groups(self) -> Any:
        answer = super().describe_security_groups()
        return self._page("DescribeSecurityGroups", "SecurityGroups", answer)

    def describe_security_group_rules(self) -> Any:
        answer = super().describe_security_group_rules()
        return self._page("DescribeSecurityGroupRules", "SecurityGroupRules", answer)

    def _page(self, operation: str, key: str, answer: Any) -> Any:
        items = answer.result[key]
        asked = int(self._get_param("MaxResults") or _MAX_RESULTS)
        size = self.faults.page_size(f"ec2:{operation}", asked)
        token = self._get_param("NextToken") or "0"
        if not token.isascii() or not token.isdigit() or int(token) > len(items):
            raise EC2ClientError("InvalidNextToken", "The token is not valid.")
        start, end = int(token), int(token) + size
        body = {key: items[start:end]}
        if end < len(items):
            body["NextToken"] = str(end)
        return ActionResult(body)


def ec2_response(faults: Faults) -> type[EmbeddedEc2]:
    """The response class of one server: moto makes an instance a request, without arguments."""
    return type("EmbeddedEc2", (EmbeddedEc2,), {"faults": faults})
