"""Which Terraform the states join to a live resource that has a policy, by its ARN."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from remediator.model import Finding, Refusal
from remediator.remediate.iam.policies import ROLE
from remediator.remediate.iam.principals import Known, no_arn
from remediator.terraform.state import StateIndex

_ARN = re.compile(r"arn:[a-z-]+:([a-z0-9-]+):([a-z0-9-]*):(\d{12}|):(.+)", re.DOTALL)


def joined(finding: Finding, index: StateIndex) -> list[Known] | Refusal:
    """Every resource that has, or is, a policy of what the finding names."""
    arn = finding.resource.arn or ""
    found = _ARN.fullmatch(arn)
    if found is None:
        return no_arn(finding)
    service, name = found[1], found[4]
    finder = _FINDERS.get(service)
    if finder is not None:
        return [*finder(arn, name, index)]
    if service in _NAMED:
        return _by_name(finding, arn, service, name, index)
    return []


def _iam(arn: str, name: str, index: StateIndex) -> Iterator[Known]:
    yield from index.by(ROLE, "arn", arn)


def _s3(arn: str, name: str, index: StateIndex) -> Iterator[Known]:
    """A bucket's name is its own in all of AWS."""
    yield from index.by("aws_s3_bucket_policy", "bucket", name)


def _kms(arn: str, name: str, index: StateIndex) -> Iterator[Known]:
    """The keys of several regions may have one id: mrk-… is of one by its provider alone.

    https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html
    """
    yield from index.by("aws_kms_key", "arn", arn)
    yield from index.by("aws_kms_key_policy", "key_id", arn)
    key = name.removeprefix("key/")
    named = index.by("aws_kms_key_policy", "key_id", key)
    if not key.startswith("mrk-"):
        yield from named
        return
    beside = {(root, k.provider) for root, k in index.by("aws_kms_key", "arn", arn) if k.provider}
    yield from (one for one in named if (one[0], one[1].provider) in beside)


def _sqs(arn: str, name: str, index: StateIndex) -> Iterator[Known]:
    region, account = arn.split(":")[3:5]
    urls = {f"https://sqs.{region}.amazonaws.com/{account}/{name}"}
    for root, queue in index.by("aws_sqs_queue", "arn", arn):
        yield root, queue
        urls |= {queue.attributes.id} if queue.attributes.id else set()
    for url in sorted(urls):
        yield from index.by("aws_sqs_queue_policy", "queue_url", url)


def _sns(arn: str, name: str, index: StateIndex) -> Iterator[Known]:
    yield from index.by("aws_sns_topic", "arn", arn)
    yield from index.by("aws_sns_topic_policy", "arn", arn)


def _secret(arn: str, name: str, index: StateIndex) -> Iterator[Known]:
    yield from index.by("aws_secretsmanager_secret", "arn", arn)
    yield from index.by("aws_secretsmanager_secret_policy", "secret_arn", arn)


Finder = Callable[[str, str, StateIndex], Iterator[Known]]
_FINDERS: dict[str, Finder] = {
    "iam": _iam,
    "s3": _s3,
    "kms": _kms,
    "sqs": _sqs,
    "sns": _sns,
    "secretsmanager": _secret,
}
_NAMED = {
    "lambda": ("aws_lambda_permission", "function_name", "aws_lambda_function", "function_name"),
    "ecr": ("aws_ecr_repository_policy", "repository", "aws_ecr_repository", "name"),
}
"""The policy's type and what it is joined by, and the type and name of what it belongs to."""


def _by_name(
    finding: Finding, arn: str, service: str, rest: str, index: StateIndex
) -> list[Known] | Refusal:
    """A name that is unique in one account and region alone: the same state must have the ARN."""
    kind, joined_by, owner, named_by = _NAMED[service]
    name = re.split("[:/]", rest, maxsplit=1)[1] if re.search("[:/]", rest) else rest
    found = [*index.by(kind, joined_by, arn)]
    for root, resource in index.by(kind, joined_by, name):
        owners = [r for where, r in index.by(owner, named_by, name) if where == root]
        arns = {r.attributes.arn for r in owners}
        is_beside = {r.provider for r in owners} == {resource.provider}
        if arns == {arn} and is_beside:
            found.append((root, resource))
        elif arn in arns or not arns:
            return Refusal(
                "locate",
                "ambiguous-account",
                f"the state of {root or 'the top folder'} has {resource.address} for {name}, and "
                f"nothing there tells whether that is {arn}; change it by hand",
            )
    return found
