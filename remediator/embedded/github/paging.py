"""Lists in pages, linked by the Link header (RFC 8288), as GitHub's REST API pages them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from remediator.embedded.github.requests import Answer, Call

T = TypeVar("T")
DEFAULT, LARGEST = 30, 100


def page(
    call: Call,
    items: Sequence[T],
    shape: Callable[[T], Any],
    wrap: Callable[[list[Any]], Any] = list,
) -> Answer:
    """Only what is on the page is given its shape. `wrap` puts the page into its frame."""
    size = min(max(_number(call.query, "per_page", DEFAULT), 1), LARGEST)
    number = max(_number(call.query, "page", 1), 1)
    last = max(-(-len(items) // size), 1)
    chosen = [shape(i) for i in items[(number - 1) * size : number * size]]
    links: dict[str, int] = {}
    if number > 1:
        links |= {"prev": number - 1, "first": 1}
    if number < last:
        links |= {"next": number + 1, "last": last}
    address = f"{call.links.api}{call.request.path}"
    header = ", ".join(
        f'<{address}?{urlencode({**call.query, "page": n})}>; rel="{relation}"'
        for relation, n in links.items()
    )
    return Answer.of(200, wrap(chosen), *([("Link", header)] if header else []))


def _number(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, "")
    return int(text) if text.isdigit() else default
