"""Which findings an analyzer itself calls resolved. One that it does not have is not among them.

https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_FindingSummaryV2.html, `status`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from remediator.aws.session import AwsSession
from remediator.detect.access_analyzer.reader import read_analyzers, read_finding
from remediator.model import UpstreamError

RESOLVED = "RESOLVED"


def resolved_among(
    sessions: Iterable[AwsSession], ids: Collection[str]
) -> tuple[frozenset[str], tuple[UpstreamError, ...]]:
    """Of the analyzers' own ids: every analyzer that has one says so, and at least one does.

    Where a region does not answer, nothing is said of any.
    """
    said: dict[str, set[str]] = {}
    faults: list[UpstreamError] = []
    for session in sessions if ids else ():
        for region in session.regions:
            try:
                client = session.client("accessanalyzer", region)
                for analyzer in read_analyzers(client):
                    for one in sorted(ids):
                        answer = read_finding(client, analyzer, one)
                        if answer is not None:
                            said.setdefault(one, set()).add(answer.status)
            except UpstreamError as fault:
                faults.append(fault)
    if faults:
        return frozenset(), tuple(faults)
    return frozenset(one for one, words in said.items() if words == {RESOLVED}), ()
