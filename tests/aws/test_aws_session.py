"""Sessions: regions, credentials and clients, over real HTTP where they call."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from remediator.aws.session import AwsSession, Credentials
from remediator.embedded.aws import ACCOUNT, REGION, EmbeddedAws
from remediator.model import ConfigurationError, UpstreamError


def test_account(embedded_aws: EmbeddedAws) -> None:
    session = AwsSession(["eu-west-1"], endpoint_url=embedded_aws.endpoint)
    assert session.account() == ACCOUNT
    assert embedded_aws.calls == ("sts:GetCallerIdentity",)


def test_regions_are_kept_in_order_and_once(aws_environment: pytest.MonkeyPatch) -> None:
    session = AwsSession(["eu-west-1", "us-east-1", "eu-west-1"])
    assert session.regions == ("eu-west-1", "us-east-1")


def test_the_region_of_the_environment_is_the_default(aws_environment: pytest.MonkeyPatch) -> None:
    aws_environment.setenv("AWS_DEFAULT_REGION", "eu-north-1")
    assert AwsSession([]).regions == ("eu-north-1",)


def test_no_region_at_all_teaches(aws_environment: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match=r"regions: \[eu-west-1\]"):
        AwsSession()


def test_the_region_of_the_profile_is_the_default(
    aws_environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = tmp_path / "config"
    config.write_text("[profile audit]\nregion = ap-south-1\n", encoding="utf-8")
    aws_environment.setenv("AWS_CONFIG_FILE", str(config))
    assert AwsSession(profile="audit").regions == ("ap-south-1",)


def test_an_unknown_profile_teaches(aws_environment: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match="profile 'nobody' is not in"):
        AwsSession(["eu-west-1"], profile="nobody")


def test_a_name_that_is_no_region(aws_environment: pytest.MonkeyPatch) -> None:
    session = AwsSession(["eu-west-1.evil.example/x"])
    with pytest.raises(UpstreamError, match="correct `regions`"):
        session.client("ec2", session.regions[0])


def test_no_credentials_teaches(
    embedded_aws: EmbeddedAws, aws_environment: pytest.MonkeyPatch
) -> None:
    aws_environment.delenv("AWS_ACCESS_KEY_ID")
    aws_environment.delenv("AWS_SECRET_ACCESS_KEY")
    session = AwsSession(["eu-west-1"], endpoint_url=embedded_aws.endpoint)
    with pytest.raises(UpstreamError, match="no AWS credentials were found") as caught:
        session.account()
    assert caught.value.what == "sts:GetCallerIdentity in eu-west-1"
    assert embedded_aws.calls == ()


def test_an_expired_token(embedded_aws: EmbeddedAws) -> None:
    embedded_aws.faults.fail("sts:GetCallerIdentity", "ExpiredToken", status=403)
    with pytest.raises(UpstreamError, match="have expired"):
        embedded_aws.session().account()


def test_an_endpoint_where_nobody_listens(aws_environment: pytest.MonkeyPatch) -> None:
    with socket.socket() as reserved:  # bound, not listening: connections are refused
        reserved.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{reserved.getsockname()[1]}"
        with pytest.raises(UpstreamError, match="cannot be reached"):
            AwsSession(["eu-west-1"], endpoint_url=url, attempts=1).account()


def test_a_throttled_call_is_tried_again(embedded_aws: EmbeddedAws) -> None:
    embedded_aws.faults.throttle("sts:GetCallerIdentity", times=1)
    assert embedded_aws.session().account() == ACCOUNT
    assert len(embedded_aws.calls) == 2


def test_throttling_that_does_not_end_says_how_often_it_was_tried(
    embedded_aws: EmbeddedAws,
) -> None:
    embedded_aws.faults.throttle("sts:GetCallerIdentity")
    with pytest.raises(UpstreamError, match="throttled after 2 attempts"):
        embedded_aws.session(attempts=2).account()
    assert len(embedded_aws.calls) == 2


def test_one_client_a_service_and_region_whatever_the_threads(
    aws_environment: pytest.MonkeyPatch,
) -> None:
    session = AwsSession(["eu-west-1", "us-east-1"])
    with ThreadPoolExecutor(8) as pool:
        clients = list(pool.map(lambda _: session.client("ec2", "eu-west-1"), range(16)))
    assert len({id(c) for c in clients}) == 1
    other = session.client("ec2", "us-east-1")
    assert other is not clients[0]
    assert other.meta.region_name == "us-east-1"


def test_no_call_can_hang(aws_environment: pytest.MonkeyPatch) -> None:
    config = AwsSession(["eu-west-1"]).client("ec2", "eu-west-1").meta.config
    assert 0 < config.connect_timeout <= 10
    assert 0 < config.read_timeout <= 60
    assert 1 <= config.retries["total_max_attempts"] <= 5


def test_a_secret_is_not_printed() -> None:
    assert "hush" not in repr(Credentials("id", "hush"))


def test_a_service_s_model_is_read_once_for_all_sessions(embedded_aws: EmbeddedAws) -> None:
    one, other = (embedded_aws.session().client("sts", REGION) for _ in range(2))
    assert one is not other
    assert one.meta.service_model.metadata is other.meta.service_model.metadata
