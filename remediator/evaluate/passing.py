"""What iam:PassRole is for: the actions by which a service is given a role.

AWS does not track iam:PassRole: what shows its use is the call that the role is passed to. Services
that take one, by the parameters of their API (role ARNs among the inputs in botocore's models):
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
"""

from __future__ import annotations

import re
from functools import cache

from remediator.evaluate.catalogue import is_data_plane, known_actions, service_of, words

TAKING = words(
    """
    access-analyzer account-access acm aidevops aiops airflow airflow-serverless amplify aoss
    appconfig appflow application-autoscaling apprunner appstream appsync aps
    arc-region-switch athena auditmanager autoscaling backup backup-gateway backup-search
    batch bcm-dashboards bedrock bedrock-agentcore braket budgets chatbot chime cleanrooms
    cleanrooms-ml cloudformation cloudfront cloudhsm cloudtrail cloudwatch codebuild
    codeconnections codedeploy codepipeline codestar-connections cognito-idp cognito-sync
    comprehend comprehendmedical config connect continuum databrew dataexchange datasync
    datazone dax deadline devicefarm dlm dms dsql dynamodb ec2 ecr ecs eks elasticbeanstalk
    elasticfilesystem elasticmapreduce elemental-inference emr-containers emr-serverless
    entityresolution es events firehose fis fms forecast frauddetector gamelift
    gameliftstreams geo glue grafana greengrass groundstation guardduty health-agent
    healthlake imagebuilder inspector iot iotdeviceadvisor iotfleetwise iotmanagedintegrations
    iotsitewise iottwinmaker iotwireless kafka kafkaconnect kendra kinesis kinesisanalytics
    lakeformation lambda lex logs lookoutequipment m2 machinelearning macie2 mediaconnect
    mediaconvert medialive mediapackage mediapackage-vod mediapackagev2 medical-imaging
    mobiletargeting mq neptune-db neptune-graph observabilityadmin odb omics organizations
    osis pcs personalize pipes profile proton qbusiness quicksight rds redshift
    redshift-serverless rekognition repostspace resiliencehub resource-groups rtbfabric rum s3
    s3files s3tables sagemaker sagemaker-geospatial scheduler secretsmanager securityagent
    securityhub securitylake ses shield sms-voice snowball social-messaging ssm ssm-incidents
    ssm-quicksetup states storagegateway supportapp swf synthetics textract timestream
    transcribe transfer translate voiceid wellarchitected wisdom workdocs workmail workspaces
    """
)
_NEVER = re.compile(
    r"(?:Get|List|Describe|Delete|Search|Tag|Untag|Cancel|Remove|Detach|Disassociate|Stop|Terminate"
    r"|Validate|Estimate|Simulate|Lookup|View|Head|Deregister|Deny|Reject|Revoke)",
    re.IGNORECASE,
)


def may_pass(action: str) -> bool:
    """Whether a call of this action may hand on a role. Data-plane actions take none."""
    if service_of(action) not in TAKING or _NEVER.match(action.partition(":")[2]):
        return False
    return not is_data_plane(action)


@cache
def passing_actions() -> tuple[str, ...]:
    """Of all services, those that the catalogue has."""
    return tuple(a for service in sorted(TAKING) for a in known_actions(service) if may_pass(a))
