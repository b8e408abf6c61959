"""What records claim, evaluated again for the audit: the trees of each commit and of its parent."""

from __future__ import annotations

from collections.abc import Iterable

from remediator.audit.alarms import CLAIM, Alarm
from remediator.audit.history import carried
from remediator.audit.register import Proven
from remediator.commands import assembly
from remediator.commands.proven_again import proven_again
from remediator.config import Config
from remediator.forge.pair import tree_of
from remediator.forge.repository import Repository
from remediator.model import Record
from remediator.verify import claims
from remediator.verify.claims import Again
from remediator.verify.trees import Side

# Of these the audit has alarms of its own, or the policy of that day is not here any more.
_NOT_OF_THE_TREES = ("digests", "policy")


def records_again(
    config: Config, repository: Repository, listed: Iterable[Record], *, prove: bool
) -> Proven:
    """About 0.1 s a record. Nothing is evaluated, and that is told, where it is not to be."""
    if not prove:
        return Proven()
    rules = assembly.rules_of(config)
    told = claims.Rules(rules.registry, rules.policy)
    merges = {r.commit: r.merge for r in listed}
    alarms: list[Alarm] = []
    held = unknown = wrong = 0
    for record, changed in carried(repository, [*merges]):
        parent = _first_parent(repository, record.commit)
        before, after = (
            Side(tree_of(repository, name), config.terraform.files())
            for name in (parent, record.commit)
        )
        paths = [change.path for change in changed]
        claim = claims.prove_again(record, paths, before, after, told)
        parts = [p for p in claim.parts if p.again is Again.WRONG and p.name != "digests"]
        found = [Alarm(CLAIM, record.commit, part.detail) for part in parts]
        merge = merges[record.commit]
        if merge and (base := _first_parent(repository, merge)) != parent:
            again = proven_again(repository.path, merge, rules, config)
            if again.again is Again.WRONG:
                found.append(Alarm(CLAIM, merge, f"on {base[:12]}, its base: {again.text}"))
        rest = [p.again for p in claim.parts if p.name not in _NOT_OF_THE_TREES]
        alarms += found
        wrong += bool(found)
        held += not found and all(again is Again.PASS for again in rest)
        unknown += not found and Again.UNKNOWN in rest
    return Proven(tuple(alarms), {"hold": held, "unknown": unknown, "wrong": wrong})


def _first_parent(repository: Repository, name: str) -> str:
    return repository.run("rev-parse", f"{name}^").decode("ascii").strip()
