"""Whether a live policy is the one in the code, as far as the code says it."""

from __future__ import annotations

from remediator.model import Json
from remediator.remediate.iam.documents import UNKNOWN
from remediator.remediate.iam.outsiders import EVERYBODY, normal

_SETS = ("Action", "NotAction", "Resource", "NotResource")
_PEOPLE = ("Principal", "NotPrincipal")


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
    return all(_element(n, code[n], live[n]) for n in {*code} - {"Sid"})


def _element(name: str, code: Json, live: Json) -> bool:
    if name in _SETS:
        return _set(code, live, fold=name.endswith("Action"))
    if name in _PEOPLE:
        return _plain(_people(code), _people(live))
    return _plain(code, live)


def _people(value: Json) -> Json:
    """AWS keeps an account's number as its root's ARN, whatever the code says.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    if value == EVERYBODY:
        return {"AWS": [EVERYBODY]}
    if not isinstance(value, dict):
        return value
    return {
        kind: [normal(t) if isinstance(t, str) else t for t in _list(some)]
        for kind, some in value.items()
    }


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
    """Conditions take `true` and `"true"` alike, and `3600` and `"3600"`."""
    text = str(value).lower() if isinstance(value, bool) else value
    if isinstance(text, int | float):
        text = str(int(text)) if text == int(text) else str(text)
    return text.lower() if fold and isinstance(text, str) else text


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]


def _is_unknown(value: Json) -> bool:
    return isinstance(value, str) and value.startswith(UNKNOWN)
