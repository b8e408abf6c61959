"""Whether a live policy is the one in the code, as far as the code says it."""

from __future__ import annotations

from remediator.model import Json
from remediator.remediate.iam.documents import UNKNOWN

_SETS = ("Action", "NotAction", "Resource", "NotResource")


def same(code: Json, live: Json) -> bool:
    """What the code does not know may be anything. A list of one is its item; of actions,
    resources and principals the order does not count, of statements it does."""
    if isinstance(code, dict) and isinstance(live, dict):
        own, theirs = ({k: v for k, v in d.items() if k != "Id"} for d in (code, live))
        ours, other = own.pop("Statement", []), theirs.pop("Statement", [])
        return _plain(own, theirs) and _statements(_list(ours), _list(other))
    return _plain(code, live)


def _statements(code: list[Json], live: list[Json]) -> bool:
    if any(_is_unknown(s) for s in code):
        return True
    return len(code) == len(live) and all(map(_statement, code, live))


def _statement(code: Json, live: Json) -> bool:
    if not isinstance(code, dict) or not isinstance(live, dict):
        return _plain(code, live)
    if {*code} - {"Sid"} != {*live} - {"Sid"}:
        return False
    return all(
        _set(code[n], live[n], fold=n.endswith("Action"))
        if n in _SETS
        else _plain(code[n], live[n])
        for n in {*code} - {"Sid"}
    )


def _plain(code: Json, live: Json) -> bool:
    if _is_unknown(code):
        return True
    if isinstance(code, dict) and isinstance(live, dict):
        return {*code} == {*live} and all(_plain(code[k], live[k]) for k in code)
    if isinstance(code, list) or isinstance(live, list):
        return _set(code, live, fold=False)
    return _scalar(code) == _scalar(live)


def _set(code: Json, live: Json, *, fold: bool) -> bool:
    """Each known item is there; others only where one is not known."""
    ours, theirs = _list(code), [_scalar(v, fold) for v in _list(live)]
    known = [_scalar(v, fold) for v in ours if not _is_unknown(v)]
    if not {*map(str, known)} <= {*map(str, theirs)}:
        return False
    return len(known) < len(ours) or {*map(str, known)} == {*map(str, theirs)}


def _scalar(value: Json, fold: bool = False) -> Json:
    """Conditions take `true` and `"true"` alike."""
    text = str(value).lower() if isinstance(value, bool) else value
    return text.lower() if fold and isinstance(text, str) else text


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]


def _is_unknown(value: Json) -> bool:
    return isinstance(value, str) and value.startswith(UNKNOWN)
