"""A WSGI application that answers on a port of this machine, in a thread of its own."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING

from werkzeug.serving import WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

HOST = "127.0.0.1"


class Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """The demo's output belongs to the demo."""


class Listening:
    """Answers from when it is made until it is closed."""

    def __init__(self, app: WSGIApplication, handler: type[WSGIRequestHandler]) -> None:
        self._server = make_server(HOST, 0, app, threaded=True, request_handler=handler)
        self._thread = Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)

    def _serve(self) -> None:
        self._server.serve_forever(poll_interval=0.05)  # seconds; stopping waits for one
