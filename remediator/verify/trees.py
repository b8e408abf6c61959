"""Two trees of one repository: every rule set and policy that differs, and how."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from remediator.access.iam.verdict import Answer
from remediator.model import Refusal
from remediator.terraform.configuration import Configuration
from remediator.terraform.configurations import Configurations
from remediator.terraform.module import Sources
from remediator.terraform.roots import Modules
from remediator.texts import listed
from remediator.tree import Tree
from remediator.verify import policies, reopened, rules
from remediator.verify.difference import Difference, Spot
from remediator.verify.documents import Document
from remediator.verify.policy_types import BOUNDARY, Held
from remediator.verify.reopened import Written
from remediator.verify.rules import Rules
from remediator.verify.subjects import Names, Subject, subjects

_EMPTY = {Rules: Rules(), Names: Names(), Document: Document()}


class Side:
    """One of the two trees."""

    def __init__(self, tree: Tree, var_files: Mapping[str, Sequence[str]]) -> None:
        self.tree, self.modules = tree, Modules(tree)
        self.configurations = Configurations(Sources(tree), self.modules, var_files)
        self._subjects: dict[str, dict[Spot, Subject]] = {}

    def has(self, root: str) -> bool:
        return self.configurations.sources.has_module(root)

    def subjects(self, root: str) -> dict[Spot, Subject]:
        """None where there is no such root module."""
        if root not in self._subjects:
            found = subjects(self.configurations.of(root)) if self.has(root) else {}
            self._subjects[root] = found
        return self._subjects[root]


def affected(before: Side, after: Side, paths: Iterable[str]) -> list[str]:
    """The root modules that may read one of these files, in either tree."""
    changed = [*paths]
    found = {root for side in (before, after) for root in side.configurations.reached_from(changed)}
    return sorted(root for root in found if before.has(root) or after.has(root))


def differences(before: Side, after: Side, root: str, written: Written) -> Iterator[Difference]:
    """Of one root module, in the order of their addresses. What did not change is left out; what
    changed and comes to the same is SAME."""
    was, now = before.subjects(root), after.subjects(root)
    for spot in sorted({*was, *now}, key=lambda s: (s.address, s.what)):
        old, new = was.get(spot), now.get(spot)
        if old is None or new is None or old.value != new.value:
            there = [s for s in (old, new) if s and s.value != _EMPTY[type(s.value)]]
            if there:  # a group without a rule is not one rule set more
                yield _judged(old, new, compared(spot, old, new), written)
        elif not new.is_known and old.digest != new.digest:
            text = "what it depends on changed, and is not known from the code"
            yield Difference(spot, Answer.UNKNOWN, text, new.file, new.line, end=new.end)
    yield from _unseen(before, after, root)


def changed(before: Side, after: Side, root: str) -> dict[Spot, tuple[str, ...]]:
    """Where rule sets and policies differ, and the addresses of what they are put together from
    and is not the same in both."""
    was, now = before.subjects(root), after.subjects(root)
    found: dict[Spot, tuple[str, ...]] = {}
    for spot in {*was, *now}:
        old, new = was.get(spot), now.get(spot)
        if old is None or new is None or old.value != new.value:
            found[spot] = _moved(old, new)
    return found


def widened(before: Side, after: Side, root: str) -> Iterator[Difference]:
    """The rule sets and documents of a root module that allow more after. What is attached to whom
    is left out: one may take the place of another."""
    was, now = before.subjects(root), after.subjects(root)
    for spot in sorted(now, key=lambda s: (s.address, s.what)):
        old, new = was.get(spot), now[spot]
        same = old is not None and old.value == new.value
        if same or isinstance(new.value, Names) or new.value == _EMPTY[type(new.value)]:
            continue
        found = compared(spot, old, new)
        if found.answer is Answer.WIDER:
            yield found


def _moved(old: Subject | None, new: Subject | None) -> tuple[str, ...]:
    """Of a group's rules, the resources that came, went or say something else now."""
    was, now = (dict(s.parts()) if s else {} for s in (old, new))
    return tuple(sorted(a for a in {*was, *now} if was.get(a) != now.get(a)))


def _judged(
    old: Subject | None, new: Subject | None, found: Difference, written: Written
) -> Difference:
    if new is None or found.answer in (Answer.SAME, Answer.NARROWER):
        return found
    opened = (
        *reopened.doors(old, new, written),
        *reopened.strangers(old, new, found.answer, found.witness, written),
    )
    return replace(found, reopened=opened)


def compared(spot: Spot, old: Subject | None, new: Subject | None) -> Difference:
    """At least one of the two is there."""
    lead = new or old
    assert lead is not None
    empty = _EMPTY[type(lead.value)]
    was, now = old.value if old else empty, new.value if new else empty
    match was, now:
        case (Rules(), Rules()):
            answer, reason, witness, gone = rules.compared(now, was)
        case (Names(), Names()):
            answer, reason, witness, gone = _names(spot, now, was)
        case (Document(), Document()):
            held = lead.held or Held("", "", None)
            answer, reason, witness, gone = policies.compared(now, was, held)
        case _:
            answer, reason, witness, gone = Answer.UNKNOWN, "it is of another kind now", None, ()
    if old is None or new is None:
        reason = f"{'new' if old is None else 'gone'}: {reason}"
    return Difference(spot, answer, reason, lead.file, lead.line, witness, gone, end=lead.end)


def _names(spot: Spot, now: Names, was: Names) -> policies.Compared:
    new, less = sorted(now.items - was.items), tuple(sorted(was.items - now.items))
    if spot.what == BOUNDARY:
        return _boundary(new, less)
    if new:
        return Answer.WIDER, f"it newly has {listed(new)}", new[0], less
    if less:
        return Answer.NARROWER, f"it no longer has {listed([*less])}", None, less
    return Answer.SAME, "it has the same", None, ()


def _boundary(new: Sequence[str], less: tuple[str, ...]) -> policies.Compared:
    """What limits is the other way round."""
    if less and not new:
        text = f"nothing limits it any more: {listed([*less])} was its boundary"
        return Answer.WIDER, text, f"what {less[0]} does not allow", ()
    if new and less:
        text = f"another boundary limits it: {listed([*new])} for {listed([*less])}"
        return Answer.UNKNOWN, text, None, ()
    if new:
        return Answer.NARROWER, f"{listed([*new])} limits it", None, ()
    return Answer.SAME, "the same boundary limits it", None, ()


# What nobody could look at ------------------------------------------------------------------


def _unseen(before: Side, after: Side, root: str) -> Iterator[Difference]:
    """Code that does not parse, modules that are not here, and errors that Terraform would make."""
    now = after.configurations.of(root) if after.has(root) else None
    if now is None:
        return
    yield from _unread(now, root)
    snapshot = after.configurations.snapshot(root)
    if snapshot.is_cut:
        yield _unknown(root, "everything", "it has more instances than are looked through")
    was = before.configurations.snapshot(root) if before.has(root) else None
    for place, why in snapshot.failing.items():
        if was is None or place not in was.failing:
            yield _unknown(root, place.address, f"Terraform would stop here: {why}")
    old = was.digests if was else {}
    for place, digest in sorted(snapshot.digests.items(), key=lambda item: item[0].address):
        if place.kind == "module" and old.get(place) != digest:
            text = "its arguments changed, and the module is not in the repository"
            yield _unknown(root, place.address, text)


def _unread(configuration: Configuration, root: str) -> Iterator[Difference]:
    told: set[str] = set()
    for module in configuration.modules():
        if isinstance(module.declared, Refusal) and module.directory not in told:
            told.add(module.directory)
            where = module.directory or "the top folder"
            yield _unknown(root, where, f"it cannot be read: {module.declared.text}")


def _unknown(root: str, address: str, why: str) -> Difference:
    return Difference(Spot(root, address, "code"), Answer.UNKNOWN, why, "", 0)
