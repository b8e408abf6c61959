"""Whose policy a resource of a state is: a table."""

from __future__ import annotations

import pytest

from remediator.audit.policy_owners import owner_of
from remediator.terraform.address import Address
from remediator.terraform.state import Attributes, State, StateIndex, StateResource

AT = "eu-central-1:111122223333"
KEY, QUEUE, TOPIC = f"arn:aws:kms:{AT}:key/k", f"arn:aws:sqs:{AT}:jobs", f"arn:aws:sns:{AT}:news"
SECRET, IMAGES = f"arn:aws:secretsmanager:{AT}:secret:s", f"arn:aws:ecr:{AT}:repository/app"
BUCKET, URL = "arn:aws-cn:s3:::reports", "https://sqs.eu-central-1.amazonaws.com/111122223333/jobs"
OTHERS = {
    "aws_kms_key": Attributes(key_id="k", arn=KEY),
    "aws_sqs_queue": Attributes(id=URL, arn=QUEUE),
    "aws_ecr_repository": Attributes(name="app", arn=IMAGES),
    "aws_s3_bucket": Attributes(bucket="reports", arn=BUCKET),
}


def resource(kind: str, name: str, known: Attributes) -> StateResource:
    return StateResource(Address.parse(f"{kind}.{name}"), known)


@pytest.mark.parametrize(
    ("kind", "known", "expected"),
    [
        ("aws_kms_key", Attributes(arn=KEY), KEY),
        ("aws_kms_key_policy", Attributes(key_id=KEY), KEY),
        ("aws_kms_key_policy", Attributes(key_id="k"), KEY),
        ("aws_kms_key_policy", Attributes(key_id="another"), None),
        ("aws_sqs_queue", Attributes(arn=QUEUE), QUEUE),
        ("aws_sqs_queue_policy", Attributes(queue_url=URL), QUEUE),
        ("aws_sns_topic_policy", Attributes(arn=TOPIC), TOPIC),
        ("aws_secretsmanager_secret_policy", Attributes(secret_arn=SECRET), SECRET),
        ("aws_ecr_repository_policy", Attributes(repository="app"), IMAGES),
        ("aws_ecr_repository_policy", Attributes(repository="other"), None),
        ("aws_ecr_repository_policy", Attributes(), None),
        ("aws_s3_bucket_policy", Attributes(bucket="reports"), BUCKET),
        ("aws_s3_bucket_policy", Attributes(bucket="foreign"), "arn:aws:s3:::foreign"),
        ("aws_s3_bucket_policy", Attributes(), None),
        ("aws_lambda_permission", Attributes(function_name="f"), None),
    ],
)
def test_table(kind: str, known: Attributes, expected: str | None) -> None:
    there = resource(kind, "it", known)
    beside = [resource(k, "beside", a) for k, a in OTHERS.items()]
    index = StateIndex.of([("live", State((there, *beside)))])
    assert owner_of(there, "live", index) == expected


def test_a_name_in_a_root_of_two_accounts_does_not_say_it() -> None:
    there = resource("aws_ecr_repository_policy", "it", Attributes(repository="app"))
    own = resource("aws_ecr_repository", "app", OTHERS["aws_ecr_repository"])
    other = resource("aws_sqs_queue", "x", Attributes(arn=QUEUE.replace("11112222", "99998888")))
    index = StateIndex.of([("live", State((there, own, other)))])
    assert owner_of(there, "live", index) is None


def test_another_root_s_does_not_say_it() -> None:
    there = resource("aws_ecr_repository_policy", "it", Attributes(repository="app"))
    other = resource("aws_ecr_repository", "app", OTHERS["aws_ecr_repository"])
    index = StateIndex.of([("live", State((there,))), ("else", State((other,)))])
    assert owner_of(there, "live", index) is None
