"""Resources with policies for the demo's applier: each takes its service's client, and answers
Terraform's attributes."""

from __future__ import annotations

from typing import Any

Attributes = dict[str, Any]


def put_bucket(s3: Any, wanted: Attributes, was: Attributes | None) -> Attributes:
    name = wanted["bucket"]
    if was is None:
        s3.create_bucket(Bucket=name)
    return {"id": name, "bucket": name, "arn": f"arn:aws:s3:::{name}"}


def remove_bucket(s3: Any, was: Attributes) -> None:
    s3.delete_bucket(Bucket=was["bucket"])


def put_bucket_policy(s3: Any, wanted: Attributes, was: Attributes | None) -> Attributes:
    bucket, policy = wanted["bucket"], wanted["policy"]
    if was is None or was["policy"] != policy:
        s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    return {"id": bucket, "bucket": bucket, "policy": policy}


def remove_bucket_policy(s3: Any, was: Attributes) -> None:
    s3.delete_bucket_policy(Bucket=was["bucket"])


def put_key(kms: Any, wanted: Attributes, was: Attributes | None) -> Attributes:
    policy = wanted["policy"]
    if was is None:
        made = kms.create_key(Policy=policy, Description=wanted.get("description") or "")
        ids = {"key_id": made["KeyMetadata"]["KeyId"], "arn": made["KeyMetadata"]["Arn"]}
        return {"id": ids["key_id"], **ids, "policy": policy}
    if was["policy"] != policy:
        kms.put_key_policy(KeyId=was["key_id"], PolicyName="default", Policy=policy)
    return was | {"policy": policy}


def remove_key(kms: Any, was: Attributes) -> None:
    kms.schedule_key_deletion(KeyId=was["key_id"])


def put_topic(sns: Any, wanted: Attributes, was: Attributes | None) -> Attributes:
    arn = sns.create_topic(Name=wanted["name"])["TopicArn"]  # answers the one that there is
    return {"id": arn, "arn": arn, "name": wanted["name"]}


def remove_topic(sns: Any, was: Attributes) -> None:
    sns.delete_topic(TopicArn=was["arn"])


def put_topic_policy(sns: Any, wanted: Attributes, was: Attributes | None) -> Attributes:
    arn, policy = wanted["arn"], wanted["policy"]
    if was is None or was["policy"] != policy:
        sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)
    return {"id": arn, "arn": arn, "policy": policy}


def remove_topic_policy(sns: Any, was: Attributes) -> None:
    """Terraform puts AWS's own default back, which lets the account in and nobody else."""
    arn = was["arn"]
    policy = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},'
        f'"Action":"sns:Publish","Resource":"{arn}",'
        f'"Condition":{{"StringEquals":{{"AWS:SourceOwner":"{arn.split(":")[4]}"}}}}}}]}}'
    )
    sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)


def put_secret(secrets: Any, wanted: Attributes, was: Attributes | None) -> Attributes:
    name = wanted["name"]
    arn = was["arn"] if was else secrets.create_secret(Name=name)["ARN"]
    return {"id": arn, "arn": arn, "name": name}


def remove_secret(secrets: Any, was: Attributes) -> None:
    secrets.delete_secret(SecretId=was["arn"], ForceDeleteWithoutRecovery=True)


def put_secret_policy(secrets: Any, wanted: Attributes, was: Attributes | None) -> Attributes:
    arn, policy = wanted["secret_arn"], wanted["policy"]
    if was is None or was["policy"] != policy:
        secrets.put_resource_policy(SecretId=arn, ResourcePolicy=policy)
    return {"id": arn, "secret_arn": arn, "policy": policy}


def remove_secret_policy(secrets: Any, was: Attributes) -> None:
    secrets.delete_resource_policy(SecretId=was["secret_arn"])


def put_repository(ecr: Any, wanted: Attributes, was: Attributes | None) -> Attributes:
    if was is not None:
        return was
    made = ecr.create_repository(repositoryName=wanted["name"])["repository"]
    return {"id": wanted["name"], "name": wanted["name"], "arn": made["repositoryArn"]}


def remove_repository(ecr: Any, was: Attributes) -> None:
    ecr.delete_repository(repositoryName=was["name"], force=True)


def put_repository_policy(ecr: Any, wanted: Attributes, was: Attributes | None) -> Attributes:
    name, policy = wanted["repository"], wanted["policy"]
    if was is None or was["policy"] != policy:
        ecr.set_repository_policy(repositoryName=name, policyText=policy)
    return {"id": name, "repository": name, "policy": policy}


def remove_repository_policy(ecr: Any, was: Attributes) -> None:
    ecr.delete_repository_policy(repositoryName=was["repository"])
