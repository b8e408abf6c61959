"""An AWS for the demo and the tests: moto in this process, over real HTTP, on 127.0.0.1.

It is emulated: EC2, IAM, STS and S3 by moto; AWS Config's compliance, IAM Access Analyzer,
CloudTrail's history and service last accessed by this package, from moto's state and from a table
of use.
Moto is imported when it starts (extra `demo`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from importlib.util import find_spec
from types import TracebackType
from typing import TYPE_CHECKING, Self

from remediator.aws.session import AwsSession, Credentials
from remediator.embedded.faults import Faults
from remediator.embedded.front import Front
from remediator.embedded.ledger import Ledger
from remediator.embedded.use import TableOfUse
from remediator.embedded.use_endpoint import UseEndpoint
from remediator.model import ConfigurationError

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

    from remediator.embedded.analyzer import AnalyzerState
    from remediator.embedded.application import Emulation
    from remediator.embedded.listening import Listening

ACCOUNT = "123456789012"
"""The account of every caller whose access key the embedded IAM has not made."""
REGION = "eu-west-1"
CREDENTIALS = Credentials("test", "test")


def _now() -> datetime:
    return datetime.now(UTC)


class EmbeddedAws:
    """A context manager. Moto keeps its state per process: one at a time, please.

    `faults` makes operations fail; `use` is the table of use, which the scenario fills; `clock`
    tells when a finding was first seen. Raises ConfigurationError where the extra `demo` is not
    installed.
    """

    def __init__(self, faults: Faults | None = None, clock: Callable[[], datetime] = _now) -> None:
        self.faults = faults or Faults()
        self.use = TableOfUse()
        self._clock = clock
        self._ledger = Ledger()
        self._emulated: Emulation | None = None
        self._listening: Listening | None = None

    def __enter__(self) -> Self:
        if find_spec("moto") is None:
            raise ConfigurationError(
                "the embedded AWS needs moto: install remediator[demo] and run this again"
            )
        front = Front(self._application(), self.faults, self._ledger)
        self._listening = _listening(UseEndpoint(front, self.use))
        self.reset()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._listening:
            self._listening.close()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def _port(self) -> int:
        assert self._listening is not None
        return self._listening.port

    @property
    def calls(self) -> tuple[str, ...]:
        """The operations asked since the last reset, as `ec2:DescribeVpcs`, in order."""
        return self._ledger.calls

    @property
    def analyzer(self) -> AnalyzerState:
        """The emulated Access Analyzer's knobs: `polls`, `failing`, `prefixed`."""
        assert self._emulated is not None
        return self._emulated.analyzer

    def session(self, regions: Sequence[str] = (REGION,), *, attempts: int = 2) -> AwsSession:
        """A session as the program uses it, with credentials of this AWS."""
        return AwsSession(
            regions, endpoint_url=self.endpoint, credentials=CREDENTIALS, attempts=attempts
        )

    def reset(self) -> None:
        """Forget every resource, use, fault and call, and enforce no IAM policies."""
        self._post("/moto-api/reset")
        self._post("/moto-api/reset-auth", b"inf")
        self.faults.clear()
        self.use.clear()
        if self._emulated:
            self._emulated.clear()
        self._ledger.clear()

    def make_older(self, by: timedelta) -> None:
        """Let every identity, policy and key that there is now have been made that much earlier,
        and every change to them."""
        from remediator.embedded.activity import make_older

        make_older(by)
        if self._emulated:
            self._emulated.trail.make_older(by)

    def enforce_iam(self) -> None:
        """From now on a call is allowed only as the caller's IAM policies say."""
        self._post("/moto-api/reset-auth", b"0")

    def _application(self) -> WSGIApplication:
        from remediator.embedded.application import application, emulation

        self._emulated = emulation(self._clock, self.use, self._ledger)
        return application(self.faults, self._emulated)

    def _post(self, path: str, body: bytes = b"") -> None:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            connection.request("POST", path, body, {"Content-Type": "text/plain"})
            if connection.getresponse().status != 200:
                raise RuntimeError(f"the embedded AWS did not answer {path}")
        finally:
            connection.close()


def _listening(app: WSGIApplication) -> Listening:
    """Imported with moto: both come with the extra."""
    from moto.moto_server.werkzeug_app import MotoRequestHandler

    from remediator.embedded.listening import Listening, Quiet

    class Handler(Quiet, MotoRequestHandler):
        """Moto's own, and quiet."""

    return Listening(app, Handler)
