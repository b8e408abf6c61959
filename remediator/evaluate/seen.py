"""What the report of last use sees of a service, beside what the analyzer calls unused. Pure.

AWS tracks the use of some actions one by one, and a catalogue is late: an action that neither has
may be in use, and a wildcard grants it. Nobody can say that it is not, of a service that is in use.
https://docs.aws.amazon.com/IAM/latest/APIReference/API_ServiceLastAccessed.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from remediator.aws.last_accessed import Uses
from remediator.evaluate.catalogue import is_in_catalogue, service_of
from remediator.evaluate.use import Kept, Removable


def uncatalogued(uses: Uses) -> tuple[str, ...]:
    """Actions that were used and that the catalogue lacks, as AWS spells them."""
    used = (action for action, time in uses.actions.items() if time is not None)
    return tuple(sorted(a for a in used if not is_in_catalogue(a)))


def unexplained(services: Iterable[str], uses: Uses) -> Iterator[Kept]:
    """Of these services, those in use: an action that nobody tracks may be in use beside those
    that are tracked, whichever was last."""
    for service in sorted(set(services)):
        if service not in uses.services:
            yield Kept(service, "the report of last use does not have it")
            continue
        times = [t for a, t in uses.actions.items() if t and service_of(a) == service]
        last = uses.services[service] or max(times, default=None)
        if last is None:
            continue
        told = "and no action that AWS tracks"
        if times:
            by_tracked = max(times) >= last
            later = "later than any action that AWS tracks"
            told = "perhaps by more than AWS tracks" if by_tracked else later
        yield Kept(service, f"used on {last:%Y-%m-%d}, {told}")


def unreported(found: Removable, uses: Uses) -> list[str]:
    """The services of what may go that the report does not have: it names all that are granted."""
    named = {*found.services, *map(service_of, found.actions)}
    return sorted(named - {*uses.services})
