"""Exemptions that two weeks of observing suggest, as a file for a person to fill in.

Owner and expiry are left empty: the linter names both until somebody has written them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from remediator.observe.candidates import AUTOMATIC, Candidate, Observation
from remediator.texts import plain

_ID = re.compile(r"[^a-z0-9]+")
_ACCOUNT = re.compile(r"[0-9]{12}")
_ARN = re.compile(r"arn:[^\s*?]+(?::[^\s*?]*){4,}")
_RESOURCE = re.compile(r"[A-Za-z0-9_./:@+=,-]{1,500}")
# As the linter takes it (evaluate/patterns.py), without its `*` and `?`.
_ADDRESS = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*(?:\[(?:[0-9]+|\"[^\"*?\\]*\")\][A-Za-z0-9_.-]*)*")
_HEAD = """\
# Suggested by `remediator report observation`. Keep what is accepted and delete the rest: what is
# not on this list is closed. Fill in owner and expires, and correct the reason; until then
# `remediator exemptions check FILE` names them.
version: 1
"""


def why_suggested(candidate: Candidate, observation: Observation) -> str | None:
    """Why a person should think of an exemption; None where nothing speaks for one."""
    ways = {s.outcome for s in candidate.seen}
    if candidate.gone or ways & {"exempted", "resolved"}:
        return None
    if AUTOMATIC in ways and len(ways) > 1:
        others = ", ".join(sorted(ways - {AUTOMATIC}))
        return f"it would have been merged in some runs and not in others ({others})"
    if candidate.last.outcome == "proposed" and len(candidate.seen) == len(observation.runs) > 1:
        return f"it was for review in all {len(observation.runs)} runs, and nobody closed it"
    if candidate.last.outcome == AUTOMATIC and _came_back(candidate):
        return "it was not there in every run: something opens it now and then"
    return None


def _came_back(candidate: Candidate) -> bool:
    return len(candidate.seen) < candidate.runs


def exemptions_yaml(observation: Observation, every: bool = False) -> str:
    """The file. `every`: of all that would be changed, not only of what is suggested."""
    chosen: list[tuple[Candidate, str]] = []
    for candidate in observation.candidates:
        why = why_suggested(candidate, observation)
        changed = not candidate.gone and candidate.last.outcome in (AUTOMATIC, "proposed")
        if why or (every and changed):
            chosen.append((candidate, why or f"it {_seen_in(candidate)}"))
    entries = [(c, why, match) for c, why in chosen if (match := _match(c))]
    if not entries:
        return f"{_HEAD}exemptions: []\n"
    return "\n".join([f"{_HEAD}exemptions:", *_entries(entries)]) + "\n"


def _seen_in(candidate: Candidate) -> str:
    return f"was seen in {len(candidate.seen)} of {candidate.runs} runs"


def _entries(
    entries: Iterable[tuple[Candidate, str, list[tuple[str, str]]]],
) -> Iterator[str]:
    names: dict[str, int] = {}
    for candidate, why, match in entries:
        yield f"  # {plain(candidate.id, 200)}: {plain(why, 200)}"
        yield f"  - id: {_name(candidate, names)}"
        yield '    owner: ""'
        yield f"    reason: {json.dumps('Observed: ' + plain(why, 200))}"
        yield '    expires: ""'
        yield "    match:"
        yield from (f"      {key}: {json.dumps(value)}" for key, value in match)


def _name(candidate: Candidate, names: dict[str, int]) -> str:
    said = (candidate.address or candidate.resource).rpartition(".")[2]
    words = _ID.sub("-", f"{candidate.finding_class} {said}".lower()).strip("-")[:50].strip("-")
    name = words if re.match(r"[a-z]", words) else f"x-{words}".rstrip("-")
    names[name] = names.get(name, 0) + 1
    return name if names[name] == 1 else f"{name}-{names[name]}"


def _match(candidate: Candidate) -> list[tuple[str, str]]:
    """Exactly this one resource; [] where nothing names it. A `*` in a name would match more."""
    found = [("class", candidate.finding_class)]
    if candidate.account and _ACCOUNT.fullmatch(candidate.account):
        found.append(("account", candidate.account))
    if _ARN.fullmatch(candidate.resource):
        return [*found, ("arn", candidate.resource)]
    if candidate.account and _RESOURCE.fullmatch(candidate.resource):
        return [*found, ("resource", candidate.resource)]
    address = candidate.address or ""
    if _ADDRESS.fullmatch(address) and "." in address:
        return [*found, ("address", address)]
    return []
