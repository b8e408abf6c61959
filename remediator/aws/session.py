"""The adapter to AWS: one session, its regions, its clients. It only ever reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, overload

from remediator import __version__
from remediator.aws.faults import upstream
from remediator.aws.models import models
from remediator.aws.permissions import Permission
from remediator.aws.times import read_time
from remediator.model import ConfigurationError

if TYPE_CHECKING:
    import boto3
    from botocore.config import Config
    from mypy_boto3_accessanalyzer import AccessAnalyzerClient
    from mypy_boto3_cloudtrail import CloudTrailClient
    from mypy_boto3_config import ConfigServiceClient
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_organizations import OrganizationsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sts import STSClient

PERMISSIONS = (
    Permission("sts:GetCallerIdentity", "to know which account this is; AWS always allows it"),
)

PolicyService = Literal[
    "ecr", "kms", "lambda", "resourcegroupstaggingapi", "secretsmanager", "sns", "sqs"
]
"""Asked for a resource's own policy, or for tags."""

POOL = 16
"""Connections kept by a client: as many as threads that may share it."""

ATTEMPTS = 5
CONNECT_TIMEOUT = 5
READ_TIMEOUT = 20
"""Seconds. With ATTEMPTS and botocore's backoff no call takes more than some 2.5 minutes."""


_PATIENT = frozenset({"accessanalyzer", "cloudtrail", "iam", "organizations", "sts"})
"""Asked in bulk, and throttled by the account: these adapt their rate. What is cut short is told
as unknown by whoever asks; so waiting is worth more here than a quick failure."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Explicit credentials, for the embedded AWS and for an assumed role; a real account uses
    AWS's own chain."""

    access_key: str
    secret_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)


class Calls:
    """A counter of API calls by `service:Operation`, for several threads. A retry is no call."""

    def __init__(self) -> None:
        self._lock, self._counter = Lock(), Counter[str]()

    def count(self, model: Any, **_: Any) -> None:
        """botocore's `before-call` event."""
        with self._lock:
            self._counter[f"{model.service_model.service_name}:{model.name}"] += 1

    def counted(self) -> dict[str, int]:
        with self._lock:
            return dict(sorted(self._counter.items()))


class AwsSession:
    """Clients for a list of regions, with bounded time and retries.

    Regions default to the session's own (AWS_DEFAULT_REGION, or the profile's). Raises
    ConfigurationError where there is none, or no such profile. boto3 is imported at the
    first use; making a session calls nothing.
    """

    def __init__(
        self,
        regions: Sequence[str] = (),
        profile: str | None = None,
        endpoint_url: str | None = None,
        *,
        credentials: Credentials | None = None,
        attempts: int = ATTEMPTS,
        calls: Calls | None = None,
    ) -> None:
        self._profile, self._endpoint_url, self._attempts = profile, endpoint_url, attempts
        self._credentials = credentials
        self._clients: dict[tuple[str, str], Any] = {}
        self._lock = Lock()
        self._calls = calls or Calls()
        self._session = self._open()
        self.regions = tuple(dict.fromkeys(regions)) or self._default_region()

    @overload
    def client(self, service: Literal["accessanalyzer"], region: str) -> AccessAnalyzerClient: ...
    @overload
    def client(self, service: Literal["cloudtrail"], region: str) -> CloudTrailClient: ...
    @overload
    def client(self, service: Literal["ec2"], region: str) -> EC2Client: ...
    @overload
    def client(self, service: Literal["iam"], region: str) -> IAMClient: ...
    @overload
    def client(self, service: Literal["organizations"], region: str) -> OrganizationsClient: ...
    @overload
    def client(self, service: Literal["config"], region: str) -> ConfigServiceClient: ...
    @overload
    def client(self, service: Literal["s3"], region: str) -> S3Client: ...
    @overload
    def client(self, service: Literal["sts"], region: str) -> STSClient: ...
    @overload
    def client(self, service: PolicyService, region: str) -> Any: ...
    def client(self, service: Any, region: str) -> Any:
        """The one client of this service and region. Raises UpstreamError for no such region."""
        with self._lock:  # boto3 sessions must not make clients in two threads at once
            key = (service, region)
            if key not in self._clients:
                with upstream(service, "CreateClient", region):
                    self._clients[key] = self._session.client(
                        service,
                        region_name=region,
                        endpoint_url=self._endpoint_url,
                        config=self._config(service),
                    )
            return self._clients[key]

    def account(self) -> str:
        """The twelve digits of the account whose credentials these are. Raises UpstreamError."""
        region = self.regions[0]
        with upstream("sts", "GetCallerIdentity", region):
            return self.client("sts", region).get_caller_identity()["Account"]

    @property
    def calls(self) -> dict[str, int]:
        """How often each operation was called, here and by the roles that were assumed."""
        return self._calls.counted()

    def within(self, regions: Sequence[str]) -> AwsSession:
        """The same session for other regions; its calls are counted here too."""
        return AwsSession(
            regions,
            self._profile,
            self._endpoint_url,
            credentials=self._credentials,
            attempts=self._attempts,
            calls=self._calls,
        )

    def assume(self, role_arn: str, name: str = "remediator") -> AwsSession:
        """A session of this role, for the same regions; its calls are counted here too.

        The credentials last an hour. Raises UpstreamError where the role cannot be assumed.
        """
        region = self.regions[0]
        with upstream("sts", "AssumeRole", region):
            answer = self.client("sts", region).assume_role(RoleArn=role_arn, RoleSessionName=name)
            given = answer["Credentials"]
            keys = Credentials(
                given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]
            )
        return AwsSession(
            self.regions,
            None,
            self._endpoint_url,
            credentials=keys,
            attempts=self._attempts,
            calls=self._calls,
        )

    def _open(self) -> boto3.Session:
        import boto3
        from botocore.exceptions import ProfileNotFound
        from botocore.session import get_session

        below = get_session()
        given = self._credentials
        try:
            session = boto3.Session(
                aws_access_key_id=given.access_key if given else None,
                aws_secret_access_key=given.secret_key if given else None,
                aws_session_token=given.session_token if given else None,
                profile_name=self._profile,
                botocore_session=below,
            )
        except ProfileNotFound as error:
            raise ConfigurationError(
                f"AWS profile {self._profile!r} is not in your AWS configuration: correct "
                "`profile` in remediator.yaml, or leave it out to use the environment"
            ) from error
        answers = below.get_component("response_parser_factory")
        answers.set_parser_defaults(timestamp_parser=read_time)
        below.get_component("data_loader").file_loader = models()
        session.events.register("before-call", self._calls.count)
        return session

    def _default_region(self) -> tuple[str, ...]:
        region = self._session.region_name
        if not region:
            raise ConfigurationError(
                "no AWS region: list `regions` in remediator.yaml (for example `regions: "
                "[eu-west-1]`), or set AWS_DEFAULT_REGION"
            )
        return (region,)

    def _config(self, service: str) -> Config:
        from botocore.config import Config

        return Config(
            connect_timeout=CONNECT_TIMEOUT,
            read_timeout=READ_TIMEOUT,
            # Not "adaptive" for all: after throttling it may hold a call back for long.
            retries={
                "mode": "adaptive" if service in _PATIENT else "standard",
                "total_max_attempts": self._attempts,
            },
            max_pool_connections=POOL,
            user_agent_extra=f"remediator/{__version__}",
            # Bucket names are no host names below an endpoint of one's own.
            s3={"addressing_style": "path" if self._endpoint_url else "auto"},
        )
