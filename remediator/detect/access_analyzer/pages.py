"""A finding's answers of GetFindingV2, a page each, as one: its details come in pages.

https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_GetFindingV2.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_OWN = frozenset({"findingDetails", "nextToken"})
"""What differs from page to page."""


def joined(found: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Each finding once, where its pages were. Answers without details stay as they are.

    Raises ValueError with a sentence where two pages of one finding say different things of it.
    """
    pages: dict[str, list[Mapping[str, Any]]] = {}
    for page in found:
        if _is_page(page):
            pages.setdefault(page["id"], []).append(page)
    made: list[Mapping[str, Any]] = []
    for page in found:
        if not _is_page(page):
            made.append(page)
        elif several := pages.pop(page["id"], None):
            made.append(several[0] if len(several) == 1 else _one(several))
    return made


def _is_page(found: Mapping[str, Any]) -> bool:
    return isinstance(found["id"], str) and isinstance(found.get("findingDetails"), list)


def _one(pages: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    first = pages[0]
    said = [{key: value for key, value in page.items() if key not in _OWN} for page in pages]
    differing = {k for one in said for k in {*one, *said[0]} if one.get(k) != said[0].get(k)}
    if differing:
        raise ValueError(
            f"the finding {first['id'][:80]!r} is there {len(pages)} times with another "
            f"{', '.join(sorted(map(str, differing)))[:120]}: these are no pages of one answer; "
            "ask for it again, and give each finding once"
        )
    details: list[Any] = []
    for page in pages:
        details += [d for d in page["findingDetails"] if d not in details]
    return {**first, "findingDetails": details}
