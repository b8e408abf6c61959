"""The estate that the readers read."""

from __future__ import annotations

import pytest
from estates import Estate

from remediator.aws.session import AwsSession
from remediator.embedded.aws import REGION, EmbeddedAws


@pytest.fixture(scope="session")
def shared_session(embedded_server: EmbeddedAws) -> AwsSession:
    """Making clients takes longer than the tests do: its clients serve all of them."""
    return embedded_server.session((REGION, "us-east-1"))


@pytest.fixture
def estate(embedded_aws: EmbeddedAws, shared_session: AwsSession) -> Estate:
    return Estate(embedded_aws, shared_session)
