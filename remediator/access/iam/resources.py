"""The value of Resource and NotResource: an ARN with wildcards and variables, or `*`.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html

It is matched as one text: a `*` may take colons too, as AWS documents for one that ends a
section. A text of fewer than six sections is therefore only an ARN where such a `*` can be the
rest of them; what else AWS makes of it is not documented.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from remediator.access.iam.patterns import Pattern, pattern
from remediator.access.iam.statements import Kind

_ARN = re.compile(r"arn:(?:aws(?:-[a-z]+)*|[^:]*[*?][^:]*):[^:]")
_ENDS_WITH_STAR = re.compile(r"\*(?::|$)")
_PARTITION = re.compile(r"arn:(aws(?:-[a-z]+)*):")
_API = "execute-api:/"


def resource(text: str, variables: bool, in_policy_of: Kind) -> Pattern:
    """Raises ValueError with a sentence."""
    if text == "*" or (text.startswith(_API) and in_policy_of is Kind.RESOURCE):
        return pattern(text, variables=variables)
    if not _ARN.match(text):
        raise ValueError(f"the resource {text!r} is neither an ARN nor *")
    made = pattern(text, variables=variables)
    if made.tokens.count(":") < 5 and not _ENDS_WITH_STAR.search(text):
        raise ValueError(f"the resource {text!r} has not the six sections of an ARN")
    return made


def partition_of(statements: Iterable[Mapping[str, Any]]) -> str:
    """The partition in which an account's number is meant: the only one in the ARNs, or aws."""
    found: set[str] = set()
    for statement in statements:
        for element in ("Principal", "NotPrincipal", "Resource", "NotResource"):
            found.update(_PARTITION.findall(str(statement.get(element, ""))))
    return found.pop() if len(found) == 1 else "aws"
