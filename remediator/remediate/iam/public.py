"""Whether a condition keeps the world out of a statement that names everybody.

As Access Analyzer and S3 see "public": a condition on who asks, or where from, with a fixed value.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
"""

from __future__ import annotations

from remediator.model import Json

_KEYS = frozenset(
    (
        *(
            "aws:principalarn",
            "aws:principalaccount",
            "aws:principalorgid",
            "aws:principalorgpaths",
        ),
        *("aws:principaltype", "aws:userid", "aws:username", "aws:sourcearn", "aws:sourceaccount"),
        *("aws:sourceowner", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceip"),
        *("aws:sourcevpc", "aws:sourcevpce", "aws:vpcsourceip", "kms:calleraccount"),
        *("kms:viaservice", "s3:dataaccesspointaccount", "s3:dataaccesspointarn", "sns:endpoint"),
        *("lambda:source_account", "lambda:source_arn", "lambda:principal_org_id"),
        *("lambda:event_source_token", "sts:externalid", "saml:aud", "aws:principalisawsservice"),
    )
)
_WORLD = frozenset(("*", "0.0.0.0/0", "::/0", "arn:aws:*", "arn:*"))


def restricts(condition: Json) -> bool:
    """Whether it may keep somebody out. What is not known may, and so may any key that is known
    to tell who asks; one that every request can meet does not."""
    if condition is None:
        return False
    if not isinstance(condition, dict):
        return True
    return any(_test(operator, keys) for operator, keys in condition.items())


def _test(operator: str, keys: Json) -> bool:
    if not isinstance(keys, dict):
        return True
    negative = "not" in operator.lower() or operator.lower() == "null"
    lax = operator.lower().endswith("ifexists")
    if negative or lax:
        return False
    return any(_key(key.lower(), values) for key, values in keys.items())


def _key(key: str, values: Json) -> bool:
    known = key in _KEYS or key.startswith(("aws:principaltag/", "unknown"))
    texts = values if isinstance(values, list) else [values]
    return known and not any(text in _WORLD for text in texts if isinstance(text, str))
