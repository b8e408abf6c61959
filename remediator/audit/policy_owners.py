"""Whose policy a resource of a state is, where no finding names that. Pure."""

from __future__ import annotations

from remediator.terraform.state import StateIndex, StateResource

_OF_ITSELF = (
    *("aws_kms_key", "aws_sqs_queue", "aws_sns_topic", "aws_sns_topic_policy"),
    "aws_secretsmanager_secret",
)
_JOINED = {
    "aws_kms_key_policy": ("key_id", "aws_kms_key", "key_id"),
    "aws_sqs_queue_policy": ("queue_url", "aws_sqs_queue", "id"),
    "aws_ecr_repository_policy": ("repository", "aws_ecr_repository", "name"),
}
"""By type, the attribute that says whose policy it is, and the type and attribute of that."""


def owner_of(there: StateResource, root: str, index: StateIndex) -> str | None:
    """The ARN of what has this policy; None where the root's state does not say it, as of a name
    that may be in another account of the root."""
    kind, known = there.address.type, there.attributes
    if kind in _OF_ITSELF:
        return known.arn
    if kind == "aws_secretsmanager_secret_policy":
        return known.secret_arn
    if kind == "aws_s3_bucket_policy":
        found = _arns("aws_s3_bucket", "bucket", known.bucket, root, index)
        # A bucket's name is its own in all of a partition: without its resource, AWS's first one.
        return next(iter(found), f"arn:aws:s3:::{known.bucket}" if known.bucket else None)
    if kind not in _JOINED:
        return None
    attribute, owner, name = _JOINED[kind]
    value = getattr(known, attribute)
    if value is not None and value.startswith("arn:"):
        return str(value)
    arns = _arns(owner, name, value, root, index)
    is_unique = name != "name" or len(index.accounts(root)) <= 1
    return next(iter(arns)) if is_unique and len(arns) == 1 else None


def _arns(kind: str, name: str, value: str | None, root: str, index: StateIndex) -> set[str]:
    found = index.by(kind, name, value or "")
    return {r.attributes.arn for where, r in found if where == root and r.attributes.arn}
