"""How our branches on the remote stand: what each holds, against what is wanted and merged."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from remediator.forge.git import GitForge
from remediator.forge.github.base import Base
from remediator.forge.github.signing import WORKSHOP
from remediator.forge.github.there import Branch, Pull, State
from remediator.forge.holding import holds
from remediator.model import Change


def branch_states(
    forge: GitForge,
    base: Base,
    heads: Mapping[str, str],
    wanted: Mapping[str, Change],
    pulls: Iterable[Pull],
    is_asked: Callable[[str], bool],
) -> dict[str, Branch]:
    """`wanted`: by branch, the change that it should hold. `is_asked`: whether this run asks that
    source of findings by itself."""
    pulls = tuple(pulls)
    kept = {n: c for n, c in heads.items() if not n.startswith(WORKSHOP)}
    recorded = {p.recorded for p in pulls if p.recorded}
    landed = {p.recorded for p in pulls if p.state is State.MERGED and p.recorded}
    found = {}
    for it in forge.proposals(kept):
        name, ours, change = it.branch, it.ours, wanted.get(it.branch)
        # Whoever may write can write down a head, and put it on commits of their own.
        known = ours or (it.alone and it.head in recorded)
        found[name] = Branch(
            name,
            it.head,
            ours,
            change is not None and known and holds(forge, it.head, change),
            it.parents[:1] == (base.commit,),
            it.head in base.merged or it.head in landed,
            tuple(v for k, v in it.trailers if k == "Finding-Id"),
            all(is_asked(v) for k, v in it.trailers if k == "Finding-Source"),
        )
    return found
