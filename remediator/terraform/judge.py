"""Whether the real terraform plans a change as it was predicted, and nothing else.

Two plans are compared, of the tree as it was and of the edited one: what was to be done anyway,
before the edit, is none of its doing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from remediator.model import Check, Refusal
from remediator.terraform.address import Address, ModuleStep
from remediator.terraform.facets import FACETS, NOTHING, Texts
from remediator.terraform.plan import NO_OP, Effect, Plan, Planned
from remediator.texts import listed

_MOST = 5
_ABSENT = "absent"
# By effect, what a plan said before the edit and says after it. A change that was pending may
# be what the edit makes needless; what was never made cannot be updated, and is made otherwise.
_AS_EXPECTED: Mapping[Effect, frozenset[tuple[str, str]]] = {
    Effect.UPDATE: frozenset(
        [(NO_OP, "update"), ("update", "update"), ("update", NO_OP), ("create", "create")]
    ),
    Effect.DELETE: frozenset(
        [(NO_OP, "delete"), ("update", "delete"), ("replace", "delete"), ("create", _ABSENT)]
    ),
    Effect.CREATE: frozenset([(_ABSENT, "create")]),
    Effect.REPLACE: frozenset(
        [
            *((was, now) for was in (NO_OP, "update") for now in ("replace", "update")),
            ("update", NO_OP),
            ("create", "create"),
        ]
    ),
}
_VERBS = {
    NO_OP: "leave",
    "create": "create",
    "update": "update",
    "delete": "destroy",
    "replace": "replace",
    _ABSENT: "have nothing to do with",
}


@dataclass(frozen=True, slots=True)
class Expected:
    """`planned` are the facets that were predicted of the instance after the change. Without an
    `effect` it is said that something changes there, which is for a person to look at."""

    effect: Effect | None
    planned: Mapping[str, Texts] = field(default_factory=lambda: NOTHING)


def judge(before: Plan, after: Plan, expected: Mapping[str, Expected]) -> Check | Refusal:
    """`expected` is by address. A step without a key stands for all of its instances, a module's
    address for all that is in it; an output of the root is `output.NAME`."""
    for plan, tree in ((before, "unedited"), (after, "edited")):
        if not plan.whole:
            text = f"the plan of {plan.where} is not whole for the {tree} code"
            return Check.unknown("plan", text)
    found = _Comparison(before, after, expected)
    if found.wrong:
        return Refusal(
            "prove",
            "plan-differs",
            f"the plan of {after.where} is not what was predicted: "
            f"{listed(found.wrong, _MOST)}; nothing was written. This needs a person",
        )
    if found.open:
        return Check.unknown("plan", f"in {after.where} {listed(found.open, _MOST)}")
    detail = f"terraform plans exactly this for {after.where}: {listed(found.right) or 'nothing'}"
    return Check.passed("plan", detail)


@dataclass(frozen=True, slots=True)
class _Expectation:
    """One entry of `expected`. `address` is None where it is a module, at `modules`."""

    text: str
    expected: Expected
    modules: tuple[ModuleStep, ...]
    address: Address | None

    @staticmethod
    def of(text: str, expected: Expected) -> _Expectation:
        """Raises ValueError for what is no address."""
        address = Address.parse(text)
        if address.type == "module":
            inside = (*address.modules, ModuleStep(address.name, address.key))
            return _Expectation(text, expected, inside, None)
        return _Expectation(text, expected, address.modules, address)

    def covers(self, address: Address) -> bool:
        own, its = self.modules, address.modules
        if self.address is None:
            return len(its) >= len(own) and all(map(_covers, own, its))
        if len(own) != len(its) or not all(map(_covers, own, its)):
            return False
        same = (self.address.mode, self.address.block) == (address.mode, address.block)
        return same and self.address.key in (None, address.key)


def _covers(own: ModuleStep, its: ModuleStep) -> bool:
    return own.name == its.name and own.key in (None, its.key)


class _Comparison:
    """`wrong` refuses the change, `open` leaves it to a person, `right` is as expected."""

    def __init__(self, before: Plan, after: Plan, expected: Mapping[str, Expected]) -> None:
        self.before, self.after = before, after
        self.wrong: list[str] = []
        self.open: list[str] = []
        self.right: list[str] = []
        self._expected = [_Expectation.of(text, e) for text, e in expected.items()]
        self._met: set[str] = set()
        for key in sorted({*before.changes, *after.changes}):
            self._instance(key)
        self._outputs()
        for entry in self._expected:
            if entry.text not in self._met and entry.expected.effect is not None:
                self.open.append(f"there is no instance of {entry.text} that the plan could judge")

    def _instance(self, key: tuple[str, str]) -> None:
        address, deposed = key
        was, now = self.before.changes.get(key), self.after.changes.get(key)
        one = now or was
        assert one is not None
        entry = None if deposed else self._expectation(one.address)
        if _kind(was) == "delete" and _same(was, now):
            return  # it goes anyway: the code has it no more, with the edit or without
        if entry is not None:
            self._met.add(entry.text)
            self._judge(address, entry.expected, was, now)
        elif not _same(was, now):
            shown = f"{address} (deposed)" if deposed else address
            self.wrong.append(_unexpected(shown, was, now))

    def _expectation(self, address: Address) -> _Expectation | None:
        """The one that says most of it."""
        covering = [e for e in self._expected if e.covers(address)]
        return max(covering, key=lambda e: e.text.count("["), default=None)

    def _judge(
        self, address: str, expected: Expected, was: Planned | None, now: Planned | None
    ) -> None:
        kinds = (_kind(was), _kind(now))
        if expected.effect is None:
            self._look(address, was, now)
            return
        if kinds == ("replace", "replace"):
            text = f"{address} is to be replaced anyway, so what the change does to it is not seen"
            self.open.append(text)
            return
        if kinds not in _AS_EXPECTED[expected.effect]:
            self.wrong.append(_otherwise(address, expected.effect, *kinds, now))
            return
        if _same(was, now):
            self.wrong.append(f"it would change nothing at {address}")
            return
        wrong, doubtful = len(self.wrong), len(self.open)
        if now is not None and expected.effect is not Effect.DELETE:
            self.wrong += _mistaken(address, expected.planned, now)
            self.open += _undecided(address, expected.planned, now)
            if was is not None and expected.planned:
                self.wrong += _besides(address, expected.planned, was, now)
                if kinds[1] == "update":
                    self.open += _newly_unknown(address, expected.planned, was, now)
        if (wrong, doubtful) == (len(self.wrong), len(self.open)):
            self.right.append(f"{_word(*kinds)} {address}")

    def _look(self, address: str, was: Planned | None, now: Planned | None) -> None:
        """Something changes there that was not predicted: never a gap in it."""
        if _kind(now) in ("delete", "replace") and not _same(was, now):
            self.wrong.append(_unexpected(address, was, now))
        elif not _same(was, now):
            self.open.append(_unexpected(address, was, now))

    def _outputs(self) -> None:
        """A root's output may be read by any other root."""
        was, now = self.before.outputs, self.after.outputs
        changed = sorted(n for n in {*was, *now} if was.get(n) != now.get(n))
        names = [f"output.{name}" for name in changed]
        texts = {e.text for e in self._expected if e.expected.effect is not None}
        self._met |= texts.intersection(names)
        self.right += [f"update {name}" for name in names if name in texts]
        unexpected = [name for name in names if name not in texts]
        if unexpected:
            verb = "changes" if len(unexpected) == 1 else "change"
            self.open.append(f"{listed(unexpected)} {verb} too, and who reads it is not known")


def _kind(planned: Planned | None) -> str:
    return planned.kind if planned is not None else _ABSENT


def _same(was: Planned | None, now: Planned | None) -> bool:
    return was is now if was is None or now is None else was.same_as(now)


def _word(was: str, now: str) -> str:
    """What is done by the plan; where it does less than before, what it no longer does."""
    if now == _ABSENT or (was, now) == ("update", NO_OP):
        return f"no longer {_VERBS[was]}"
    return _VERBS[now]


def _verb(kind: str) -> str:
    return _VERBS.get(kind, f"{kind} (as terraform calls it)")


def _unexpected(address: str, was: Planned | None, now: Planned | None) -> str:
    kinds = (_kind(was), _kind(now))
    if kinds[0] == kinds[1]:
        return f"it would {_verb(kinds[1])} {address} otherwise than before"
    if was is not None and (now is None or now.is_nothing):
        return f"it would no longer {_verb(kinds[0])} {address}"
    return f"it would {_verb(kinds[1])} {address}{_because(now)} too"


def _otherwise(address: str, effect: Effect, was: str, now: str, planned: Planned | None) -> str:
    if (was, now) == (NO_OP, NO_OP):
        return f"it would change nothing at {address}"
    before = "" if was == NO_OP else f" (before: {_verb(was)})"
    wanted = "" if effect.value == now else f", and {_VERBS[effect.value]} was expected"
    return f"it would {_verb(now)} {address}{_because(planned)}{wanted}{before}"


def _because(planned: Planned | None) -> str:
    if planned is None or not planned.replace_paths:
        return ""
    return f" (for {listed([*planned.replace_paths], _MOST)})"


def _mistaken(address: str, planned: Mapping[str, Texts], now: Planned) -> Iterator[str]:
    for name, wanted in planned.items():
        there = now.after.get(name)
        if there is None or there == wanted:
            continue
        more, less = ([t for t in a if t not in b] for a, b in ((there, wanted), (wanted, there)))
        parts = [f"with {listed(more, _MOST)}"] if more else []
        parts += [f"without {listed(less, _MOST)}"] if less else []
        yield f"{name} of {address} would be {' and '.join(parts)}"


def _undecided(address: str, planned: Mapping[str, Texts], now: Planned) -> Iterator[str]:
    for name in planned:
        if name not in now.after:
            yield f"{name} of {address} is not known before the apply"


def _besides(
    address: str, planned: Mapping[str, Texts], was: Planned, now: Planned
) -> Iterator[str]:
    """What else becomes of the instance. What is unknown now is none of the code's own values."""
    covered = _covered(planned, now.address.type)
    names = {*was.digests, *now.digests} - covered - now.unknown
    changed = {n for n in names if was.digests.get(n) != now.digests.get(n)}
    facets = (was.after.keys() & now.after.keys()) - planned.keys()
    changed |= {n for n in facets if was.after[n] != now.after[n]}
    if changed:
        yield f"it would change {listed(sorted(changed), _MOST)} of {address} too"


def _newly_unknown(
    address: str, planned: Mapping[str, Texts], was: Planned, now: Planned
) -> Iterator[str]:
    fresh = now.unknown - was.unknown - planned.keys() - _covered(planned, now.address.type)
    if fresh:
        yield f"{listed(sorted(fresh), _MOST)} of {address} may change too, which the apply decides"


def _covered(planned: Mapping[str, Texts], kind: str) -> frozenset[str]:
    """The attributes that the predicted facets are read from."""
    facets = FACETS.get(kind, {})
    return frozenset(a for name in planned if name in facets for a in facets[name].attributes)
