"""Which arguments of which resources hold a policy, and what their absence means.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from remediator.access.iam import Kind

IDENTITY_POLICY, RESOURCE_POLICY, TRUST_POLICY = "policy", "resource policy", "trust policy"
BOUNDARY, ATTACHED, PERMISSION = "permissions boundary", "attached policies", "permission"


@dataclass(frozen=True, slots=True)
class Held:
    """`open_without`: without one AWS has a default policy, which is not in the code."""

    argument: str
    what: str
    kind: Kind | None
    open_without: bool = False


_IDENTITY = (Held("policy", IDENTITY_POLICY, Kind.IDENTITY),)
# Also those of ECR, which name no resource: the kind is told by the elements.
_RESOURCE = (Held("policy", RESOURCE_POLICY, None),)
_DEFAULTED = (Held("policy", RESOURCE_POLICY, None, open_without=True),)
_ACCESS = (Held("access_policies", RESOURCE_POLICY, None),)

DOCUMENTS: Mapping[str, tuple[Held, ...]] = {
    "aws_iam_policy": _IDENTITY,
    "aws_iam_role_policy": _IDENTITY,
    "aws_iam_user_policy": _IDENTITY,
    "aws_iam_group_policy": _IDENTITY,
    "aws_ssoadmin_permission_set_inline_policy": (
        Held("inline_policy", IDENTITY_POLICY, Kind.IDENTITY),
    ),
    "aws_iam_role": (Held("assume_role_policy", TRUST_POLICY, Kind.TRUST),),
    **dict.fromkeys(
        (
            "aws_api_gateway_rest_api",
            "aws_api_gateway_rest_api_policy",
            "aws_backup_vault_policy",
            "aws_cloudwatch_event_bus_policy",
            "aws_ecr_registry_policy",
            "aws_ecr_repository_policy",
            "aws_efs_file_system_policy",
            "aws_media_store_container_policy",
            "aws_s3_access_point",
            "aws_s3_bucket",
            "aws_s3_bucket_policy",
            "aws_s3control_access_point_policy",
            "aws_s3control_bucket_policy",
            "aws_secretsmanager_secret",
            "aws_secretsmanager_secret_policy",
            "aws_sns_topic",
            "aws_sns_topic_policy",
            "aws_sqs_queue",
            "aws_sqs_queue_policy",
        ),
        _RESOURCE,
    ),
    **dict.fromkeys(
        ("aws_kms_key", "aws_kms_key_policy", "aws_vpc_endpoint", "aws_vpc_endpoint_policy"),
        _DEFAULTED,
    ),
    **dict.fromkeys(
        (
            "aws_elasticsearch_domain",
            "aws_elasticsearch_domain_policy",
            "aws_opensearch_domain",
            "aws_opensearch_domain_policy",
        ),
        _ACCESS,
    ),
    "aws_cloudwatch_log_resource_policy": (Held("policy_document", RESOURCE_POLICY, None),),
    "aws_codeartifact_domain_permissions_policy": (Held("policy_document", RESOURCE_POLICY, None),),
    "aws_codeartifact_repository_permissions_policy": (
        Held("policy_document", RESOURCE_POLICY, None),
    ),
    "aws_dynamodb_resource_policy": _RESOURCE,
    "aws_glacier_vault": (Held("access_policy", RESOURCE_POLICY, None),),
    "aws_kinesis_resource_policy": _RESOURCE,
}

ATTACHING: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "aws_iam_role_policy_attachment": ("policy_arn", ("role",)),
    "aws_iam_user_policy_attachment": ("policy_arn", ("user",)),
    "aws_iam_group_policy_attachment": ("policy_arn", ("group",)),
    "aws_iam_policy_attachment": ("policy_arn", ("roles", "users", "groups")),
    "aws_iam_role_policy_attachments_exclusive": ("policy_arns", ("role_name",)),
    "aws_ssoadmin_managed_policy_attachment": ("managed_policy_arn", ("permission_set_arn",)),
    "aws_iam_role": ("managed_policy_arns", ()),
}
"""By resource type: the argument that names what is attached, and those that name to whom; none:
to itself."""

BOUND = ("aws_iam_role", "aws_iam_user")
PERMITTING = ("aws_lambda_permission", "aws_kms_grant")
"""Grants of their own form, compared as a whole."""
