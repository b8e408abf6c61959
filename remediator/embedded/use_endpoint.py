"""The table of use over HTTP, as moto's own /moto-api: for scenarios in another process.

GET answers the table, POST adds to it, DELETE empties it; the body is `TableOfUse.as_json`'s.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from remediator.embedded.use import TableOfUse

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

PATH = "/moto-api/use"
_MAX_BODY = 16 * 1024 * 1024


class UseEndpoint:
    def __init__(self, below: WSGIApplication, table: TableOfUse) -> None:
        self._below, self._table = below, table

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != PATH:
            return self._below(environ, start_response)
        status, body = self._answer(environ)
        text = json.dumps(body).encode()
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(text)))]
        start_response(status, headers)
        return [text]

    def _answer(self, environ: WSGIEnvironment) -> tuple[str, object]:
        match environ["REQUEST_METHOD"]:
            case "GET":
                return "200 OK", self._table.as_json()
            case "DELETE":
                self._table.clear()
                return "200 OK", {}
            case "POST":
                return self._add(environ)
        return "405 Method Not Allowed", {"error": "GET, POST or DELETE"}

    def _add(self, environ: WSGIEnvironment) -> tuple[str, object]:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        if length > _MAX_BODY:
            return "413 Content Too Large", {"error": f"more than {_MAX_BODY} bytes"}
        try:
            self._table.load(json.loads(environ["wsgi.input"].read(length)))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            return "400 Bad Request", {"error": f"no table of use: {error!r}"}
        return "200 OK", {}
