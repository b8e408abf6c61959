"""Every way in which AWS does not answer becomes a sentence that says what to do."""

from __future__ import annotations

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoCredentialsError,
    PartialCredentialsError,
    ReadTimeoutError,
    SSLError,
    UnauthorizedSSOTokenError,
)
from botocore.parsers import ResponseParserError

from remediator.aws.faults import MAX_MESSAGE, upstream
from remediator.model import UpstreamError

URL = "https://config.eu-west-1.amazonaws.com"


def told(error: Exception, service: str = "config", operation: str = "DescribeConfigRules") -> str:
    with pytest.raises(UpstreamError) as caught, upstream(service, operation, "eu-west-1"):
        raise error
    assert caught.value.what == f"{service}:{operation} in eu-west-1"
    assert caught.value.__cause__ is error
    return caught.value.text


def refused(
    code: str, message: str = "said AWS", status: int = 400, retries: int = 0
) -> ClientError:
    return ClientError(
        {
            "Error": {"Code": code, "Message": message},
            "ResponseMetadata": {
                "HTTPStatusCode": status,
                "RetryAttempts": retries,
                "RequestId": "1",
                "HostId": "1",
                "HTTPHeaders": {},
            },
        },
        "Operation",
    )


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("AccessDenied", "the permission config:DescribeConfigRules"),
        ("AccessDeniedException", "the permission config:DescribeConfigRules"),
        ("UnauthorizedOperation", "the permission config:DescribeConfigRules"),
        ("ExpiredToken", "have expired: renew them"),
        ("ExpiredTokenException", "have expired: renew them"),
        ("RequestExpired", "have expired: renew them"),
        ("UnrecognizedClientException", "does not accept these credentials"),
        ("InvalidClientTokenId", "does not accept these credentials"),
        ("AuthFailure", "does not accept these credentials"),
        ("OptInRequired", "has not enabled this region"),
        ("SomethingNew", "AWS refused the call"),
    ],
)
def test_error_codes(code: str, says: str) -> None:
    text = told(refused(code))
    assert says in text
    assert f"({code}: said AWS)" in text


@pytest.mark.parametrize("code", ["ThrottlingException", "RequestLimitExceeded", "SlowDown"])
def test_throttling_counts_the_attempts(code: str) -> None:
    assert "throttled after 5 attempts; try later" in told(refused(code, retries=4))


def test_a_server_error_is_not_the_users_fault() -> None:
    assert "AWS failed on its side after 3 attempts" in told(refused("500", "", 500, retries=2))


def test_the_permission_is_named_as_iam_names_it() -> None:
    assert "permission s3:ListBucket" in told(refused("AccessDenied"), "s3", "ListObjectsV2")
    assert "permission s3:GetObject" in told(refused("AccessDenied"), "s3", "HeadObject")


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (NoCredentialsError(), "AWS_PROFILE"),
        (PartialCredentialsError(provider="env", cred_var="secret"), "incomplete"),
        (CredentialRetrievalError(provider="x", error_msg="y"), "from their provider"),
        (UnauthorizedSSOTokenError(), "aws sso login"),
        (EndpointConnectionError(endpoint_url=URL), "cannot be reached"),
        (ConnectTimeoutError(endpoint_url=URL), "did not accept a connection in time"),
        (ReadTimeoutError(endpoint_url=URL), "did not answer in time"),
        (SSLError(endpoint_url=URL, error="bad"), "AWS_CA_BUNDLE"),
        (BotoCoreError(), "the call could not be made"),
        (ResponseParserError("not XML"), "not what AWS answers"),
        (KeyError("ConfigRules"), "it lacks 'ConfigRules'"),
    ],
)
def test_failures_before_an_answer(error: Exception, says: str) -> None:
    assert says in told(error)


def test_what_is_not_of_aws_passes_through() -> None:
    with pytest.raises(ValueError, match="ours"), upstream("ec2", "DescribeVpcs", "eu-west-1"):
        raise ValueError("ours")


def test_a_hostile_message_stays_one_bounded_line() -> None:
    text = told(refused("AccessDenied", "a\nFinding-Id: forged\r\x1b[31m\u202e" + "x" * 10_000))
    assert text.isprintable()
    assert len(text) < MAX_MESSAGE + 200
