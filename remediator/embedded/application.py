"""Moto's server with our services in it: those that moto lacks, and those that we add to.

Imports moto: only `embedded.aws` may import this.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from flask import Flask
from flask_cors import CORS
from moto.core.utils import convert_to_flask_response
from moto.moto_server.werkzeug_app import (
    HTTP_METHODS,
    BackendRequest,
    DomainDispatcherApplication,
    create_backend_app,
)

from remediator.embedded.analyzer import AnalyzerState
from remediator.embedded.analyzer_service import HOST, MODULE, analyzer_response
from remediator.embedded.cloudtrail_service import cloudtrail_response, sts_response
from remediator.embedded.config_service import Memory, config_response
from remediator.embedded.ec2_service import ec2_response
from remediator.embedded.faults import Faults
from remediator.embedded.iam_service import Jobs, iam_response
from remediator.embedded.ledger import Ledger
from remediator.embedded.trail import Trail
from remediator.embedded.use import TableOfUse

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication


@dataclass(frozen=True, slots=True)
class Emulation:
    """What one server remembers besides moto's own state."""

    memory: Memory
    analyzer: AnalyzerState
    jobs: Jobs
    trail: Trail

    def clear(self) -> None:
        for part in (self.memory, self.analyzer, self.jobs, self.trail):
            part.clear()


def emulation(clock: Callable[[], datetime], table: TableOfUse, ledger: Ledger) -> Emulation:
    return Emulation(
        Memory(clock),
        AnalyzerState(clock, table, lambda: ledger.writes),
        Jobs(clock, table),
        Trail(clock, table),
    )


class _Dispatcher(DomainDispatcherApplication):
    """Moto looks through its own folder at every request for the service that a host means."""

    def __init__(self, create: Callable[[Any], Any]) -> None:
        super().__init__(create)
        self._meant: dict[str | None, Any] = {}

    def get_backend_for_host(self, host: str | None) -> Any:
        if host not in self._meant:
            self._meant[host] = super().get_backend_for_host(host)
        return self._meant[host]


def application(faults: Faults, emulated: Emulation) -> WSGIApplication:
    responses = {
        "config": config_response(faults, emulated.memory),
        "ec2": ec2_response(faults),
        "iam": iam_response(faults, emulated.jobs, emulated.trail),
        "sts": sts_response(emulated.trail),
        "cloudtrail": cloudtrail_response(faults, emulated.trail),
        MODULE: analyzer_response(faults, emulated.analyzer),
    }

    def create(service: Any) -> Any:
        if service == MODULE:
            return _new_app(service, responses[service])
        app = create_backend_app(service)
        if service in responses:
            _serve_with(app, responses[service])
        return app

    made = _Dispatcher(create)
    made.backend_url_patterns = [(MODULE, HOST), *made.backend_url_patterns]
    return cast("WSGIApplication", made)


def _new_app(service: str, response: Any) -> Flask:
    """As moto's create_backend_app makes one, for a service that moto does not know."""
    app = Flask(service)
    app.request_class = BackendRequest
    CORS(app)
    view = convert_to_flask_response(response.dispatch)
    app.add_url_rule("/<path:path>", "dispatch", _pathless(view), methods=HTTP_METHODS)
    return app


def _pathless(view: Any) -> Callable[..., Any]:
    return lambda path: view()


def _serve_with(app: Any, response: Any) -> None:
    """Let our response class answer where moto's did: its own operations and ours."""
    for endpoint in app.view_functions:
        app.view_functions[endpoint] = convert_to_flask_response(response.dispatch)
