"""The WSGI front of the embedded AWS: writes down what is asked, and fails what shall fail."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from remediator.embedded.faults import Failure, Faults
from remediator.embedded.ledger import Ledger

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

_SCOPE = re.compile(r"Credential=[^/,\s]+/\d{8}/[^/,\s]+/([^/,\s]+)/aws4_request")

ANALYZER_OPERATIONS = tuple(
    (re.compile(form), name)
    for form, name in (
        ("PUT /analyzer", "CreateAnalyzer"),
        ("GET /analyzer", "ListAnalyzers"),
        ("GET /analyzer/.+", "GetAnalyzer"),
        ("PUT /analyzer/.+", "UpdateAnalyzer"),
        ("DELETE /analyzer/.+", "DeleteAnalyzer"),
        ("POST /findingv2", "ListFindingsV2"),
        ("GET /findingv2/.+", "GetFindingV2"),
        ("PUT /finding", "UpdateFindings"),
        ("POST /resource/scan", "StartResourceScan"),
        ("POST /recommendation/.+", "GenerateFindingRecommendation"),
        ("GET /recommendation/.+", "GetFindingRecommendation"),
    )
)
"""Access Analyzer is a REST service: the method and the path name the operation."""
_REST = {
    "access-analyzer": ANALYZER_OPERATIONS,
    "lambda": ((re.compile("GET /[0-9-]+/functions/.+/policy"), "GetPolicy"),),
}


class Front:
    """Wraps moto's application. The ledger is told every operation as `ec2:DescribeVpcs`.

    One request at a time: moto goes through its dictionaries while another thread may write them.
    """

    def __init__(self, below: WSGIApplication, faults: Faults, ledger: Ledger) -> None:
        self._below, self._faults, self._ledger = below, faults, ledger
        self._turn = Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        operation = _operation(environ)
        self._ledger.note(operation, environ["REQUEST_METHOD"])
        if operation is None:
            return self._answered(environ, start_response)
        failure = self._faults.next_failure(operation)
        if failure is None:
            return self._answered(environ, start_response)
        content_type, body = _answer(operation, failure)
        headers = [("Content-Type", content_type), ("Content-Length", str(len(body)))]
        if "json" in content_type:
            headers.append(("x-amzn-errortype", failure.code))
        start_response(f"{failure.status} emulated", headers)
        return [body]

    def _answered(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        with self._turn:
            return self._below(environ, start_response)


def _operation(environ: WSGIEnvironment) -> str | None:
    """`service:Operation` of a signed call; None for S3 and its like, which name none."""
    scope = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    if scope is None:
        return None
    if scope[1] in _REST:
        return _rest_operation(scope[1], environ)
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    name = target.rpartition(".")[2] if target else _form_action(environ)
    return f"{scope[1]}:{name}" if name else None


def _rest_operation(service: str, environ: WSGIEnvironment) -> str | None:
    called = f"{environ['REQUEST_METHOD']} {environ.get('PATH_INFO', '')}"
    found = (name for form, name in _REST[service] if form.fullmatch(called))
    return next((f"{service}:{name}" for name in found), None)


def _form_action(environ: WSGIEnvironment) -> str | None:
    if not environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        return None
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(length)
    environ["wsgi.input"] = io.BytesIO(body)
    return next(iter(parse_qs(body.decode("utf-8", "replace")).get("Action", ())), None)


def _answer(operation: str, failure: Failure) -> tuple[str, bytes]:
    """An error in the service's protocol: JSON for Config, XML for EC2 and for STS and IAM."""
    if failure.garbled:
        return "text/html", b"<html><body>Welcome to this hotel"
    service = operation.partition(":")[0]
    code, message = escape(failure.code), escape(failure.message)
    error = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    if service == "ec2":
        text = f"<Response><Errors>{error}</Errors><RequestID>emulated</RequestID></Response>"
        return "text/xml", text.encode()
    if service in ("sts", "iam"):
        text = f"<ErrorResponse>{error}<RequestId>emulated</RequestId></ErrorResponse>"
        return "text/xml", text.encode()
    body = {"__type": failure.code, "message": failure.message}
    return "application/x-amz-json-1.1", json.dumps(body).encode()
