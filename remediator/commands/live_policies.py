"""The policies and keys that are live, for what became of merged changes: each is read once, when
asked for.

An account's principals are read in bulk, or taken from what the findings of this run were looked up
in. A fault is told once, and what it is about is not known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from remediator.audit.live_places import TRUST, Spot
from remediator.aws.access_keys import read_statuses
from remediator.aws.identities import Identities, read_identities
from remediator.aws.resource_policies import read_policy
from remediator.aws.session import AwsSession
from remediator.model import Json, UpstreamError
from remediator.remediate.iam.principals import principal_of

MOST = 50
"""Policies of resources, and users, that are asked for in one run, one call each."""
_TYPES = {
    "s3": "AWS::S3::Bucket",
    "kms": "AWS::KMS::Key",
    "sqs": "AWS::SQS::Queue",
    "sns": "AWS::SNS::Topic",
    "lambda": "AWS::Lambda::Function",
    "secretsmanager": "AWS::SecretsManager::Secret",
    "ecr": "AWS::ECR::Repository",
}
_NOTHING: Json = {"Statement": []}


class LivePolicies:
    """Implements `live_places.Live`. `sessions`: by account, "" for one whose number nobody
    knows."""

    def __init__(
        self, sessions: Sequence[tuple[str, AwsSession]], seen: Mapping[str, Identities]
    ) -> None:
        self._sessions = dict(sessions)
        self._principals: dict[str, Identities | None] = dict(seen)
        self._resources: dict[str, Json] = {}
        self._keys: dict[tuple[str, str], Mapping[str, str] | None] = {}
        self.problems: list[UpstreamError] = []

    def policy(self, spot: Spot) -> Json:
        if principal_of(spot.arn) is None:
            return self._resource(spot.arn, spot.account)
        known = self._identities(spot.account)
        if known is None:
            return None
        if not spot.name:
            managed = known.policies.get(spot.arn)
            return _json(managed.document) if managed else None
        principal = known.principals.get(spot.arn)
        if principal is None:
            return None
        if spot.name == TRUST:
            return _json(principal.trust)
        own = [p for p in principal.policies if (p.id, p.holder) == (spot.name, spot.arn)]
        return _json(own[0].document) if own else _NOTHING

    def every(self, arn: str, account: str) -> Sequence[Json] | None:
        if principal_of(arn) is None:
            found = self._resource(arn, account)
            return None if found is None else [found]
        known = self._identities(account)
        principal = known.principals.get(arn) if known else None
        if principal is None:
            return None
        texts = [_json(p.document) for p in principal.policies]
        return None if None in texts else texts

    def attached(self, arn: str, account: str) -> Mapping[str, Json] | None:
        known = self._identities(account)
        principal = known.principals.get(arn) if known else None
        if principal is None:
            return None
        read = {p.id: _json(p.document) for p in principal.policies}
        return {one: read.get(one) for one in principal.attached}

    def key(self, user: str, key_id: str, account: str) -> str | None:
        if (account, user) not in self._keys:
            self._keys[account, user] = self._statuses(user, account)
        known = self._keys[account, user]
        return known.get(key_id, "") if known is not None else None

    def _statuses(self, user: str, account: str) -> Mapping[str, str] | None:
        session = self._sessions.get(account)
        if session is None or len(self._keys) >= MOST:
            return None
        try:
            return read_statuses(session.client("iam", session.regions[0]), user)
        except UpstreamError as fault:
            self.problems.append(fault)
            return None

    def _identities(self, account: str) -> Identities | None:
        if account not in self._principals:
            self._principals[account] = self._read(account)
        return self._principals[account]

    def _read(self, account: str) -> Identities | None:
        session = self._sessions.get(account)
        if session is None:
            return None
        try:
            return read_identities(session.client("iam", session.regions[0]))
        except UpstreamError as fault:
            self.problems.append(fault)
            return None

    def _resource(self, arn: str, account: str) -> Json:
        if arn not in self._resources:
            self._resources[arn] = self._asked(arn, account)
        return self._resources[arn]

    def _asked(self, arn: str, account: str) -> Json:
        parts = arn.split(":")
        kind = _TYPES.get(parts[2] if len(parts) > 5 else "")
        session = self._sessions.get(account)
        if not account and len(self._sessions) == 1:  # a bucket's name is its own everywhere
            session = next(iter(self._sessions.values()))
        if session is None or kind is None or len(self._resources) >= MOST:
            return None
        try:
            return _json(read_policy(session.client, kind, arn, parts[3] or session.regions[0]))
        except UpstreamError as fault:
            self.problems.append(fault)
            return None


def _json(document: Mapping[str, Json] | None) -> Json:
    return None if document is None else dict(document)
