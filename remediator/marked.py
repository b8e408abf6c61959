"""What the code marks a resource by, applied or not: its own tags, and those of its provider."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from remediator.config import Marker
from remediator.evaluate.checks import traits_of
from remediator.model import Check, Owner, Resource
from remediator.terraform.configurations import Configurations
from remediator.terraform.resource_tags import tags_at, unknown_at
from remediator.texts import plain


def traits_in_code(
    owners: Sequence[Owner], configurations: Configurations, markers: Mapping[str, Marker]
) -> frozenset[str]:
    """By tags that the next apply gives: who wrote them there meant them from then on."""
    if not any(marker.tags for marker in markers.values()):
        return frozenset()
    told = (tags_at(configurations, *place) or {} for place in _places(owners))
    pairs = tuple(pair for tags in told for pair in tags.items())
    return traits_of(Resource("", "", tags=pairs), markers)


def may_be_marked(
    live: Resource,
    owners: Sequence[Owner],
    configurations: Configurations,
    markers: Mapping[str, Marker],
) -> Iterator[Check]:
    """By a tag of a key that marks, whose value in the code is not known and which it has not yet
    live."""
    has = {key.casefold() for key, _ in live.tags or ()}
    wanted = {k.casefold(): name for name, m in markers.items() for k in m.tags}
    missing = wanted.keys() - has
    if not missing:
        return
    told = {key for place in _places(owners) for key in unknown_at(configurations, *place)}
    for key in sorted(told):
        if key.casefold() in missing:
            text = f"may be {wanted[key.casefold()]}: the code gives a tag {plain(key, 80)} of an "
            yield Check.unknown("markers", text + "unknown value")


def _places(owners: Sequence[Owner]) -> list[tuple[str, str]]:
    return list(dict.fromkeys((o.root, o.address) for o in owners))
