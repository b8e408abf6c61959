"""A small account for the tests of identities: who there is, what they may do and what they did."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from remediator.aws.session import AwsSession
from remediator.commands import detecting
from remediator.commands.detecting import Identities
from remediator.config import Config
from remediator.detect.events import WakeUp
from remediator.embedded.aws import ACCOUNT, EmbeddedAws
from remediator.evaluate.facts import Facts
from remediator.model import Check, Finding

REGION = "us-east-1"
STRANGER, MEMBER = "444455556666", "777788889999"


def ago(**delta: float) -> datetime:
    return datetime.now(UTC) - timedelta(**delta)


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [*statements]})


def allow(*actions: str, on: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": [*actions], "Resource": on, **more}


def trusting(principal: Any) -> str:
    return document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})


SERVICE = {"Service": "lambda.amazonaws.com"}


@dataclass
class World:
    """One account of an embedded AWS. `session` is the one that looks."""

    aws: EmbeddedAws
    session: AwsSession
    slept: list[float] = field(default_factory=list)

    def client(self, service: str) -> Any:
        make: Any = self.aws.session((REGION,)).client
        return make(service, REGION)

    def role(self, name: str, *actions: str, trust: Any = SERVICE, **more: Any) -> str:
        """A role with one inline policy `own`, made 200 days ago."""
        iam = self.client("iam")
        text = trusting(trust)
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=text, **more)
        if actions:
            policy = document(allow(*actions))
            iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=policy)
        return str(made["Role"]["Arn"])

    def user(self, name: str, *actions: str, password: bool = True) -> str:
        iam = self.client("iam")
        made = iam.create_user(UserName=name)
        if password:
            iam.create_login_profile(UserName=name, Password="not-a-real-one-1")
        if actions:
            policy = document(allow(*actions))
            iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=policy)
        return str(made["User"]["Arn"])

    def analyzers(self, *kinds: str) -> None:
        for kind in kinds or ("ACCOUNT_UNUSED_ACCESS", "ACCOUNT"):
            self.client("accessanalyzer").create_analyzer(analyzerName=kind.lower(), type=kind)

    def used(self, principal: str, *actions: str, days: float = 5) -> None:
        for action in actions:
            self.aws.use.used(principal, action, ago(days=days))

    def aged(self, days: float = 200) -> None:
        self.aws.make_older(timedelta(days=days))

    def look(
        self, wake: WakeUp | None = None, given: tuple[Finding, ...] = (), **keys: Any
    ) -> Seen:
        config = configuration(**keys)
        live = detecting.look(self.session, config, given, wake)
        return Seen(detecting.identities(live, given, config, self.slept.append))


@dataclass(frozen=True)
class Seen:
    found: Identities

    @property
    def findings(self) -> tuple[Finding, ...]:
        return self.found.analysed.findings

    def of(self, arn: str, finding_class: str = "unused-permissions") -> Finding:
        (finding,) = [
            f for f in self.findings if f.resource.arn == arn and f.finding_class == finding_class
        ]
        return finding

    def facts(self, arn: str, finding_class: str = "unused-permissions") -> Facts:
        return self.found.facts[self.of(arn, finding_class).id]

    def checks(self, arn: str, finding_class: str = "unused-permissions") -> Mapping[str, Check]:
        return {c.name: c for c in self.facts(arn, finding_class).checks}

    @property
    def problems(self) -> list[str]:
        return [str(p) for p in self.found.analysed.problems]


def configuration(**keys: Any) -> Config:
    known: dict[str, Any] = {
        "version": 1,
        "aws": {"regions": [REGION]},
        "sources": {"access_analyzer": {}},
    }
    return Config.model_validate(known | keys)


__all__ = ["ACCOUNT", "World", "ago", "allow", "document"]
