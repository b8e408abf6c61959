"""What the real terraform is asked of a change, and what its answer makes of it.

The judge is an adapter. What it must find is told by the instances that the evaluated code has,
and what each of them comes to: terraform's reading of the code, and ours, must be the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

from remediator.estate import Estate
from remediator.model import Change, Check, Disposition, Refusal, Verdict
from remediator.remediate.access import Access
from remediator.remediate.classes import FindingClass
from remediator.terraform.address import Address, ModuleStep, countless
from remediator.terraform.judge import Expected
from remediator.terraform.plan import Effect
from remediator.tracing import instances_of_block
from remediator.tree import Tree

Wanted: TypeAlias = Mapping[str, Mapping[str, Expected]]
"""By root and address, what its plan must show."""

NOT_ASKED = Check.skipped("plan", "terraform was not asked; the evaluated code alone was judged")


class Judge(Protocol):
    def judge(
        self, root: str, before: Tree, after: Tree, expected: Mapping[str, Expected]
    ) -> Check | Refusal:
        """Plans a root before and after, and compares; a check is named `plan`."""
        ...


@dataclass(frozen=True, slots=True)
class Asking:
    """`reviews`: it is their turn to be delivered. Until then a plan of them is of no use."""

    judge: Judge | None = None
    reviews: bool = True


def asked(
    change: Change, wanted: Callable[[], Wanted], estate: Estate, asking: Asking
) -> Change | Refusal:
    """The change with what terraform says of it, where it is its turn."""
    if change.decision.disposition is not Disposition.AUTO and not asking.reviews:
        return change
    if asking.judge is None:
        return _with(change, NOT_ASKED)
    before, after = estate.sources.tree, estate.edited(change.after).sources.tree
    answers: list[Check] = []
    for root, expected in sorted(wanted().items()):
        answer = asking.judge.judge(root, before, after, expected)
        if isinstance(answer, Refusal):
            return answer
        answers.append(answer)
    return _with(change, together(answers))


def together(answers: Sequence[Check]) -> Check:
    """One check of several plans: what one of them leaves open is open."""
    unknown = [a.detail for a in answers if a.verdict is not Verdict.PASS]
    if unknown or not answers:
        return Check.unknown("plan", "; ".join(unknown) or "no root module plans this change")
    return Check.passed("plan", "; ".join(a.detail for a in answers))


def _with(change: Change, plan: Check) -> Change:
    proof = replace(change.proof, checks=(*change.proof.checks, plan))
    lowering = [replace(plan, name="proof:plan")] if plan.limit < Disposition.AUTO else []
    return replace(change, proof=proof, decision=change.decision.after(*lowering))


# What must be found ------------------------------------------------------------------------


def by_block(
    effects: Mapping[tuple[str, str], Effect], cls: FindingClass, before: Estate, after: Estate
) -> Wanted:
    """`effects` are by (directory, block address): every instance in every root that reaches it.
    Where the code cannot say which there are, all that there may be."""
    wanted: dict[str, dict[str, Expected]] = {}
    for (directory, address), effect in effects.items():
        gone = effect is Effect.DELETE
        configurations = (before if gone else after).configurations
        kind, name = address.split(".")
        found = instances_of_block(directory, kind, name, cls, configurations)
        for instance in found:
            planned = {} if gone else instance.evaluation.access.planned()
            entry = Expected(effect, planned)
            wanted.setdefault(instance.root, {})[_any_key(instance.address)] = entry
        for root, names in configurations.modules.reached_from(directory):
            if not any(i.root == root for i in found):
                path = [str(ModuleStep(n)) for n in names]
                wanted.setdefault(root, {})[".".join([*path, address])] = Expected(effect)
    return wanted


def by_instance(
    effects: Mapping[tuple[str, str], Effect],
    now: Mapping[tuple[str, str], Access],
    others: Iterable[str],
) -> Wanted:
    """`effects` are by (root, instance address); `others` change too, for a person to look at."""
    wanted: dict[str, dict[str, Expected]] = {}
    for (root, address), effect in effects.items():
        planned = now[root, address].planned() if (root, address) in now else {}
        wanted.setdefault(root, {})[_any_key(address)] = Expected(effect, planned)
    for place in others:
        root = next((r for r in sorted(wanted, reverse=True) if place.startswith(f"{r}:")), "")
        address = _any_key(place.removeprefix(f"{root}:" if root else ""))
        if root in wanted and _is_address(address):
            wanted[root].setdefault(address, Expected(None))
    return wanted


def _is_address(text: str) -> bool:
    """Not a place in a root where nothing has the finding: that one is not planned."""
    try:
        Address.parse(text)
    except ValueError:
        return False
    return True


def _any_key(address: str) -> str:
    """Without the keys that nobody knows: all instances are meant."""
    return countless(address)
