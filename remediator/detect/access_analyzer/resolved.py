"""Which findings an analyzer itself calls resolved. One that it does not have is not among them.

https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_FindingSummaryV2.html, `status`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor

from remediator.aws.session import AwsSession
from remediator.detect.access_analyzer.reader import read_analyzers, read_finding
from remediator.detect.access_analyzer.sweep import AT_ONCE
from remediator.model import UpstreamError

RESOLVED = "RESOLVED"


def resolved_among(
    sessions: Iterable[AwsSession], ids: Collection[str]
) -> tuple[frozenset[str], tuple[UpstreamError, ...]]:
    """Of the analyzers' own ids: every analyzer that has one says so, and at least one does.

    Where a region does not answer, nothing is said of any.
    """
    places = [(session, region) for session in sessions for region in session.regions]

    def one(place: tuple[AwsSession, str]) -> dict[str, str] | UpstreamError:
        try:
            return _statuses(*place, ids)
        except UpstreamError as fault:
            return fault

    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        answers = list(pool.map(one, places if ids else ()))
    faults = tuple(a for a in answers if isinstance(a, UpstreamError))
    if faults:
        return frozenset(), faults
    said = [(i, word) for a in answers if isinstance(a, dict) for i, word in a.items()]
    others = {i for i, word in said if word != RESOLVED}
    return frozenset(i for i, _ in said) - others, ()


def _statuses(session: AwsSession, region: str, ids: Collection[str]) -> dict[str, str]:
    """By id, of those that an analyzer of the region has; another word than RESOLVED wins."""
    said: dict[str, str] = {}
    client = session.client("accessanalyzer", region)
    for analyzer in read_analyzers(client):
        for one in sorted(ids):
            answer = read_finding(client, analyzer, one)
            if answer is not None and said.get(one, RESOLVED) == RESOLVED:
                said[one] = answer.status
    return said
