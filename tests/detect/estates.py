"""A small AWS to read: groups, rules and Config rules, made through boto3."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from remediator.aws.session import AwsSession
from remediator.embedded.aws import REGION, EmbeddedAws


@dataclass(frozen=True)
class Estate:
    """One region of an embedded AWS, and the hands that change it."""

    aws: EmbeddedAws
    session: AwsSession
    region: str = REGION

    @property
    def ec2(self) -> Any:
        return self.session.client("ec2", self.region)

    @property
    def config(self) -> Any:
        return self.session.client("config", self.region)

    def group(
        self, name: str, *permissions: dict[str, Any], tags: dict[str, str] | None = None
    ) -> str:
        made = self.ec2.create_security_group(GroupName=name, Description=f"about {name}")
        for permission in permissions:
            self.ec2.authorize_security_group_ingress(
                GroupId=made["GroupId"], IpPermissions=[permission]
            )
        if tags:
            wanted = [{"Key": k, "Value": v} for k, v in tags.items()]
            self.ec2.create_tags(Resources=[made["GroupId"]], Tags=wanted)
        return str(made["GroupId"])

    def rule(self, name: str, identifier: str, parameters: str | None = None) -> None:
        rule = {
            "ConfigRuleName": name,
            "Source": {"Owner": "AWS", "SourceIdentifier": identifier},
        }
        if parameters:
            rule["InputParameters"] = parameters
        self.config.put_config_rule(ConfigRule=rule)


def tcp(first: int, last: int | None = None, **sources: Any) -> dict[str, Any]:
    """One permission; anywhere by IPv4 where no source is named."""
    given = sources or {"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    return {
        "IpProtocol": "tcp",
        "FromPort": first,
        "ToPort": first if last is None else last,
        **given,
    }
