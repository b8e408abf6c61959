"""The identities of moto's IAM, and the policies that guard resources. Imports moto."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Literal

from moto.iam.models import AWSManagedPolicy, iam_backends

from remediator.embedded.activity import used_with
from remediator.embedded.granted import Held
from remediator.embedded.outside import Guarded
from remediator.embedded.unused import ROLE, USER, Identity, Key
from remediator.embedded.use import SIGN_IN, TableOfUse

PARTITION = "aws"


def iam_of(account: str) -> Any:
    return iam_backends[account][PARTITION]


def identities(account: str, table: TableOfUse, arn: str | None = None) -> Iterator[Identity]:
    """All roles and users, or the one of that ARN."""
    backend = iam_of(account)
    for role in [r for r in list(backend.roles.values()) if arn in (None, r.arn)]:
        linked = role.path.startswith("/aws-service-role/")
        last = _latest(table.last(role.arn), aware(role.last_used))
        yield Identity(ROLE, role.arn, account, tuple(held(role)), last, linked)
    for user in [u for u in list(backend.users.values()) if arn in (None, u.arn)]:
        active = [k for k in user.access_keys if k.status == "Active"]
        at = [
            Key(k.access_key_id, _latest(used_with(k, user, table), _key_used(k))) for k in active
        ]
        password_at = _latest(_signed_in(user.arn, table), aware(user.password_last_used))
        last = _latest(table.last(user.arn), password_at, *(k.last_used for k in at))
        policies = (*held(user), *_of_groups(backend, user))
        has_password = user.password is not None
        yield Identity(
            USER, user.arn, account, policies, last, False, tuple(at), has_password, password_at
        )


def held(holder: Any) -> Iterator[Held]:
    """The policies of one role, user or group: its own, and those attached to it."""
    for name, document in list(holder.policies.items()):
        yield Held(name, "inline", document, holder.arn)
    for policy in list(holder.managed_policies.values()):
        kind: Literal["aws", "customer"] = (
            "aws" if isinstance(policy, AWSManagedPolicy) else "customer"
        )
        version = default_version(policy)
        at = aware(version.create_date)
        yield Held(policy.arn, kind, version.document, holder.arn, at)


def default_version(policy: Any) -> Any:
    return next(v for v in policy.versions if v.is_default)


def guarded(account: str, region: str) -> Iterator[Guarded]:
    """Every role, and the region's resources that have a policy."""
    for role in list(iam_of(account).roles.values()):
        yield Guarded(ROLE, role.arn, account, role.assume_role_policy_document)
    for kind, arn, document in _resources(account, region):
        if document:
            text = document if isinstance(document, str) else json.dumps(document)
            yield Guarded(kind, arn, account, text)


def _resources(account: str, region: str) -> Iterator[tuple[str, str, Any]]:
    for bucket in _made("s3", account, PARTITION, "buckets"):
        if bucket.region_name == region:
            text = bucket.policy.decode() if bucket.policy else None
            yield "AWS::S3::Bucket", f"arn:aws:s3:::{bucket.name}", text
    for key in _made("kms", account, region, "keys"):
        yield "AWS::KMS::Key", key.arn, key.policy
    for queue in _made("sqs", account, region, "queues"):
        yield "AWS::SQS::Queue", queue.queue_arn, queue.policy
    for topic in _made("sns", account, region, "topics"):
        yield "AWS::SNS::Topic", topic.arn, topic.policy
    for function in _made("lambda", account, region, "list_functions"):
        said = function.policy.statements
        yield "AWS::Lambda::Function", function.function_arn, {"Statement": said} if said else None
    for secret in _made("secretsmanager", account, region, "secrets"):
        yield "AWS::SecretsManager::Secret", secret.arn, secret.policy
    for repository in _made("ecr", account, region, "repositories"):
        yield "AWS::ECR::Repository", repository.arn, repository.policy


def _made(service: str, account: str, region: str, name: str) -> list[Any]:
    """What there is of a service that was ever asked: the others are not even imported."""
    module = sys.modules.get(f"moto.{'awslambda' if service == 'lambda' else service}.models")
    if module is None:
        return []
    found = getattr(getattr(module, f"{service}_backends")[account][region], name)
    return list(found.values() if isinstance(found, dict) else found())


def aware(at: datetime | None) -> datetime | None:
    """Moto's own times are UTC without saying so."""
    if at is None:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _of_groups(backend: Any, user: Any) -> Iterator[Held]:
    for group in list(backend.groups.values()):
        if user in group.users:
            yield from held(group)


def _key_used(key: Any) -> datetime | None:
    return aware(key.last_used.timestamp) if key.last_used else None


def _signed_in(user: str, table: TableOfUse) -> datetime | None:
    return _latest(*(s.at for s in table.sessions_of(user) if s.event == SIGN_IN))


def _latest(*times: datetime | None) -> datetime | None:
    return max((t for t in times if t is not None), default=None)
