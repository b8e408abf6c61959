"""What AWS did not do, told to a person: what happened, and what to do about it.

Error codes: "Common errors" of the AWS API references and EC2's "Error codes" page.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from remediator.aws.permissions import action_of
from remediator.model import UpstreamError

if TYPE_CHECKING:
    from botocore.exceptions import BotoCoreError, ClientError

MAX_MESSAGE = 400
"""Characters kept of AWS's own message: EC2 appends kilobytes of encoded authorization failure."""

_THROTTLED = frozenset(
    {
        "EC2ThrottledException",
        "BandwidthLimitExceeded",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
_DENIED = frozenset(
    {"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"}
)
_EXPIRED = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}
)
_REJECTED = frozenset(
    {
        "AuthFailure",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)

NO_CREDENTIALS = (
    "no AWS credentials were found. Give them as any AWS tool takes them: a role in GitHub "
    "Actions (aws-actions/configure-aws-credentials), AWS_PROFILE or `profile` in "
    "remediator.yaml, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
)
_UNREADABLE = "the answer is not what AWS answers, so it counts as none (is a proxy between?)"
_SSO = "the AWS single sign-on session is missing or over: run `aws sso login` and try again"

# By class name, not class: some of these came to botocore later than the version we allow.
_BY_CLASS = {
    "NoCredentialsError": NO_CREDENTIALS,
    "PartialCredentialsError": "the AWS credentials are incomplete: an access key needs both "
    "its id and its secret, and a temporary one its session token too",
    "CredentialRetrievalError": "the AWS credentials could not be fetched from their provider: "
    "check the profile's role, credential_process or web identity",
    "UnauthorizedSSOTokenError": _SSO,
    "SSOTokenLoadError": _SSO,
    "TokenRetrievalError": _SSO,
    "EndpointConnectionError": "the AWS endpoint cannot be reached: check the region's name, "
    "the network, the proxy and AWS_ENDPOINT_URL",
    "ConnectTimeoutError": "the AWS endpoint did not accept a connection in time: check the "
    "network and the proxy, or try later",
    "ReadTimeoutError": "AWS did not answer in time, after every retry: try later",
    "ConnectionClosedError": "the connection was closed before AWS had answered: try later",
    "ProxyConnectionError": "the proxy cannot be reached: check HTTPS_PROXY",
    "SSLError": "the TLS connection failed: check the proxy and AWS_CA_BUNDLE",
    "PaginationError": "AWS repeated a page, so the answer is incomplete: try later",
    "NoRegionError": "no region was given: list `regions` in remediator.yaml",
    "InvalidRegionError": "this is not a region's name: correct `regions` in remediator.yaml",
}


@contextmanager
def upstream(service: str, operation: str, region: str) -> Iterator[None]:
    """Turn what botocore raises inside into `UpstreamError`; let everything else through.

    Also a KeyError: inside is nothing but the call and the reading of its answer, and to an
    answer that is not JSON botocore says nothing but {}.
    """
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    what = f"{service}:{operation} in {region}"
    try:
        yield
    except ClientError as error:
        raise UpstreamError(what, _refused(error, action_of(service, operation))) from error
    except BotoCoreError as error:
        raise UpstreamError(what, _broke(error)) from error
    except ResponseParserError as error:
        raise UpstreamError(what, f"{_UNREADABLE}: {_brief(str(error))}") from error
    except KeyError as error:
        raise UpstreamError(what, f"{_UNREADABLE}: it lacks {_brief(str(error))}") from error


def error_code(error: ClientError) -> str:
    """AWS's own code (`NoSuchConfigRuleException`), or an empty string."""
    return str(error.response.get("Error", {}).get("Code", ""))


def _refused(error: ClientError, action: str) -> str:
    code = error_code(error)
    message = _brief(str(error.response.get("Error", {}).get("Message", "")))
    said = f"{code}: {message}" if message else code
    if code in _THROTTLED:
        return f"throttled after {_attempts(error)} attempts; try later ({said})"
    if code in _DENIED:
        return f"access denied: the role needs the permission {action} ({said})"
    if code in _EXPIRED:
        return f"the AWS credentials have expired: renew them and run again ({said})"
    if code in _REJECTED:
        return (
            "AWS does not accept these credentials: check the key and its secret, and that the "
            f"region is enabled for the account ({said})"
        )
    if code == "OptInRequired":
        return f"the account has not enabled this region or service ({said})"
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if status >= 500:
        return f"AWS failed on its side after {_attempts(error)} attempts; try later ({said})"
    return f"AWS refused the call ({said})"


def _attempts(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("RetryAttempts", 0)) + 1


def _broke(error: BotoCoreError) -> str:
    for kind in type(error).__mro__:
        if kind.__name__ in _BY_CLASS:
            return f"{_BY_CLASS[kind.__name__]} ({_brief(str(error))})"
    return f"the call could not be made: {_brief(str(error))}"


def _brief(message: str) -> str:
    """One line of printable text: the message is AWS's, the names inside are anyone's."""
    line = " ".join("".join(c if c.isprintable() else " " for c in message).split())
    return line if len(line) <= MAX_MESSAGE else f"{line[:MAX_MESSAGE]}…"
