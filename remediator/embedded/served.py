"""What every service that this package adds to moto shares. Imports moto.

Every answer is held against botocore's own model of the output, so that the embedded AWS can
answer nothing that AWS could not.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import botocore.session
from botocore.model import ServiceModel
from botocore.validate import ParamValidator
from moto.core.exceptions import AccessDeniedError, JsonRESTError
from moto.core.responses import ActionResult


class JsonDenials:
    """A JSON service refuses in JSON; moto does so in XML, which no client of it can read."""

    def _authenticate_and_authorize_normal_action(self, resource: str = "*") -> None:
        try:
            super()._authenticate_and_authorize_normal_action(resource)  # type: ignore[misc]
        except AccessDeniedError as error:
            raise refused("AccessDeniedException", error.message, 403) from error


def refused(code: str, message: str, status: int = 400) -> JsonRESTError:
    """An error of a JSON service, to be raised."""
    error = JsonRESTError(code, message)
    error.code = status
    return error


def checked(service: str, operation: str, body: dict[str, Any]) -> ActionResult:
    """The answer, once botocore's own model of the output accepts it."""
    shape = _model(service).operation_model(operation).output_shape
    if shape is not None:
        report = ParamValidator().validate(body, shape)
        if report.has_errors():
            raise ValueError(f"{operation}: not AWS's shape: {report.generate_report()}")
    return ActionResult(body)


def cut(items: Sequence[Any], token: str | None, size: int) -> tuple[list[Any], str | None]:
    """One page and the next page's token. Raises ValueError where the token is not ours."""
    text = token or "0"
    if not text.isascii() or not text.isdigit() or int(text) > len(items):
        raise ValueError("the token is not valid")
    start, end = int(text), int(text) + size
    return list(items[start:end]), str(end) if end < len(items) else None


@cache
def _model(service: str) -> ServiceModel:
    return botocore.session.get_session().get_service_model(service)
