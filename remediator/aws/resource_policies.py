"""The policy of a resource that is no identity, as it is now: one call each.

S3, KMS, SQS, SNS, Lambda, Secrets Manager and ECR: each service's own Get…Policy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from remediator.aws.faults import error_code, upstream
from remediator.aws.identities import Document, document_of
from remediator.aws.permissions import Permission
from remediator.aws.session import PolicyService
from remediator.model import UpstreamError

_WHY = "to read the policy that a finding of external access is about"
PERMISSIONS = tuple(
    Permission(action, _WHY)
    for action in (
        "ecr:GetRepositoryPolicy",
        "kms:GetKeyPolicy",
        "lambda:GetPolicy",
        "s3:GetBucketPolicy",
        "secretsmanager:GetResourcePolicy",
        "sns:GetTopicAttributes",
        "sqs:GetQueueAttributes",
        "sqs:GetQueueUrl",
    )
)

_NONE = frozenset(
    {
        *("NoSuchBucketPolicy", "RepositoryPolicyNotFoundException", "ResourceNotFoundException"),
        *("NoSuchBucket", "NotFoundException", "RepositoryNotFoundException", "NotFound"),
        *("QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"),
    }
)
_EMPTY: Document = {"Version": "2012-10-17", "Statement": []}


def _sqs(client: Any, arn: str) -> Any:
    account, name = arn.split(":")[4:6]
    url = client.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)["QueueUrl"]
    answer = client.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
    return answer.get("Attributes", {}).get("Policy")


def _ecr(client: Any, arn: str) -> Any:
    registry, name = arn.split(":")[4], arn.split(":repository/", 1)[1]
    return client.get_repository_policy(registryId=registry, repositoryName=name)["policyText"]


_READ: Mapping[str, tuple[PolicyService | str, str, Callable[[Any, str], Any]]] = {
    "AWS::S3::Bucket": (
        "s3",
        "GetBucketPolicy",
        lambda c, arn: c.get_bucket_policy(Bucket=arn.split(":::", 1)[1])["Policy"],
    ),
    "AWS::KMS::Key": (
        "kms",
        "GetKeyPolicy",
        lambda c, arn: c.get_key_policy(KeyId=arn, PolicyName="default")["Policy"],
    ),
    "AWS::SQS::Queue": ("sqs", "GetQueueAttributes", _sqs),
    "AWS::SNS::Topic": (
        "sns",
        "GetTopicAttributes",
        lambda c, arn: c.get_topic_attributes(TopicArn=arn)["Attributes"].get("Policy"),
    ),
    "AWS::Lambda::Function": (
        "lambda",
        "GetPolicy",
        lambda c, arn: c.get_policy(FunctionName=arn)["Policy"],
    ),
    "AWS::SecretsManager::Secret": (
        "secretsmanager",
        "GetResourcePolicy",
        lambda c, arn: c.get_resource_policy(SecretId=arn).get("ResourcePolicy"),
    ),
    "AWS::ECR::Repository": ("ecr", "GetRepositoryPolicy", _ecr),
}
TYPES = frozenset(_READ)


def read_policy(client_of: Callable[[Any, str], Any], kind: str, arn: str, region: str) -> Document:
    """Of a type of `TYPES`. No policy at all is one without statements. `client_of` takes the
    service and the region. Raises UpstreamError where AWS does not say."""
    from botocore.exceptions import ClientError

    service, operation, read = _READ[kind]
    what = f"{service}:{operation} in {region}"
    client = client_of(service, region)
    with upstream(service, operation, region):
        try:
            raw = read(client, arn)
        except ClientError as error:
            if error_code(error) in _NONE:
                return _EMPTY
            raise
        except IndexError as error:
            raise UpstreamError(what, f"{arn} is no ARN of a {kind}") from error
    if raw is None or raw == "":
        return _EMPTY
    document = document_of(raw)
    if document is None:
        raise UpstreamError(what, f"the policy of {arn} is not JSON")
    return document
