"""The bot's own claims, proven again: what a commit's record says against the two trees alone.

Nothing of the record is believed. The digests are those of the blobs, the access is evaluated anew
in the commit's parent and in the commit, and what changes elsewhere is looked for again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from remediator.evaluate.policy import Policy
from remediator.model import Disposition, Record, Refusal, place
from remediator.proof_steps import canonical_text
from remediator.remediate.access import Access
from remediator.remediate.classes import FindingClass, Registry
from remediator.remediate.instances import EvaluatedInstance
from remediator.terraform.address import Address, countless
from remediator.terraform.effects import differing
from remediator.terraform.syntax import Block
from remediator.texts import listed, plain
from remediator.tracing import instance_at
from remediator.verify.recorded import access_in, document, gave_way, kind_of, split_place
from remediator.verify.trees import Side, affected, changed, widened

_DOCUMENT = "aws_iam_policy_document"
_Key = tuple[str, str]
_Told = tuple[list[Access], str]


class Again(StrEnum):
    """What became of a part of a record when it was computed again."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    WRONG = "wrong"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    again: Again
    detail: str


@dataclass(frozen=True, slots=True)
class Claim:
    """`parts` are what was computed again, in order."""

    record: Record
    parts: tuple[Part, ...]

    @property
    def holds(self) -> bool:
        return all(p.again is Again.PASS for p in self.parts)

    @property
    def is_wrong(self) -> bool:
        return any(p.again is Again.WRONG for p in self.parts)


@dataclass(frozen=True, slots=True)
class Rules:
    registry: Registry
    policy: Policy


def prove_again(
    record: Record, paths: Sequence[str], before: Side, after: Side, rules: Rules
) -> Claim:
    """`record.problems` are what its digests and its form came to; `paths` what it changed."""
    cls = rules.registry.get(record.one("Finding-Class") or "")
    parts = [_digests(record), _policy(record, rules.policy)]
    if cls is None:
        text = f"no class is called {plain(record.one('Finding-Class') or '')!r}"
        return Claim(record, (*parts, _unknown("access", text)))
    both, roots = _Trees(record, cls, before, after), affected(before, after, paths)
    parts += [both.addresses(roots), *both.access()]
    wider = listed([*both.beside(roots)], 3)
    if wider:
        parts = [p for p in parts if p.name != "narrower"] + [_wrong("narrower", wider)]
    return Claim(record, tuple(parts))


def _wrong(name: str, text: str) -> Part:
    return Part(name, Again.WRONG, text)


def _unknown(name: str, text: str) -> Part:
    return Part(name, Again.UNKNOWN, text)


def _passed(name: str, text: str) -> Part:
    return Part(name, Again.PASS, text)


def _digests(record: Record) -> Part:
    if record.problems:
        return _wrong("digests", listed([*record.problems], 3))
    return _passed("digests", "the files before and after have the digests that it names")


def _policy(record: Record, policy: Policy) -> Part:
    """That it was decided as the policy says, where the policy is still the one that it names."""
    row, _, digest = (record.one("Policy-Row") or "").partition(" sha256:")
    found = next((r for r in policy.rows if r.id == row), None)
    if digest != policy.digest or found is None:
        return _unknown("policy", f"the policy now is not the one that had {plain(row)!r}")
    said = record.one("Disposition") or ""
    if said not in {d.word for d in Disposition if d <= found.disposition}:
        return _wrong("policy", f"{row} allows {found.disposition.word}, and it says {plain(said)}")
    return _passed("policy", f"{row} allows {found.disposition.word}")


class _Trees:
    def __init__(self, record: Record, cls: FindingClass, before: Side, after: Side) -> None:
        self.record, self.cls, self.before, self.after = record, cls, before, after
        self.named = [split_place(text) for text in record.all("Terraform-Address")]
        told = {split_place(text) for text in document(record.one("After"))}
        made = (key for key in told if cls.creates(kind_of(key[1]) or ""))
        self.created = {key for key in made if self._found(*key, before) is None}
        """What takes the place of something: by itself it is nobody's."""

    def addresses(self, roots: Sequence[str]) -> Part:
        """The configuration changes at the addresses that it names, and nowhere else."""
        sides = (self.before, self.after)
        blocks = {self._block(key, side) for key in self.named for side in sides} - {None}
        found = {(root, address) for root in roots for address in self._differing(root)}
        others = [
            place(*key)
            for key in sorted(found)
            if key not in self.named
            and key not in self.created
            and self._block(key, self.before) not in blocks
        ]
        if not others:
            return _passed("addresses", "the configuration changes there and nowhere else")
        text = f"the configuration changes at {listed(others, 5)} too"
        said = [value for value in self.record.all("Proof") if value.startswith("addresses: ")]
        if any(value.startswith("addresses: unknown") for value in said):
            return _unknown("addresses", f"{text}, as it says")
        return _wrong("addresses", f"{text}, which it does not name")

    def _differing(self, root: str) -> set[str]:
        """By evaluation; and of what is known in part by the comparison of rule sets and policies,
        which the documents that policies are made of may change."""
        was, now = (
            side.configurations.snapshot(root).digests if side.has(root) else {}
            for side in (self.before, self.after)
        )
        places = {it.address for it in differing(was, now) if it.kind != _DOCUMENT}
        spots = changed(self.before, self.after, root)
        return places | {member for members in spots.values() for member in members}

    def _block(self, key: _Key, side: Side) -> tuple[str, str] | None:
        """The module's directory and the block in it, of an address in a root."""
        try:
            address = Address.parse(countless(key[1]))
        except ValueError:
            return None
        directory = side.modules.descend(key[0], address.module_names)
        return None if isinstance(directory, Refusal) else (directory, address.block)

    def access(self) -> Iterator[Part]:
        """Before, After, and that nothing new is allowed."""
        said_before, said_after = (access_in(self.record.one(n)) for n in ("Before", "After"))
        if not said_before or said_after is None:
            yield _wrong("access", f"its {'After' if said_before else 'Before'} is no access")
            return
        pair = self._evaluated() or self._written()
        if isinstance(pair, str):
            yield _unknown("access", pair)
            return
        (was, before), (now, after) = pair
        for name, said, found in (
            ("Before", self.record.one("Before"), before),
            ("After", self.record.one("After"), after),
        ):
            if said != found:
                yield _wrong("access", f"its {name} is not what the code {name.lower()} allows")
                break
        else:
            yield _passed("access", "its Before and After are what the two trees allow")
        unread = gave_way(document(before), document(after))
        if unread is not None:
            yield _unknown("narrower", f"what {unread} allowed is not in the code")
        elif all(a.within(b) for a, b in zip(now, was, strict=True)):
            yield _passed("narrower", "the access after is a subset of the access before")
        else:
            yield _wrong("narrower", "the access after is not a subset of the access before")

    def beside(self, roots: Sequence[str]) -> Iterator[str]:
        """What is wider of which its class says nothing: another rule set of the same block, or
        whatever else changed with it."""
        for found in (f for root in roots for f in widened(self.before, self.after, root)):
            spot = found.spot
            if (spot.root, spot.address) not in self.created:
                yield f"{spot.what} of {place(spot.root, spot.address)} is wider: {found.reason}"

    def _evaluated(self) -> tuple[_Told, _Told] | str | None:
        """By instance, where the record names instances; None where it does not."""
        told = document(self.record.one("Before"))
        made = {place(*key) for key in self.created}
        keys = [(text, split_place(text)) for text in sorted({*told, *made})]
        if any(kind_of(address) is None for _, (_, address) in keys):
            return None
        sides: list[_Told] = []
        for side in (self.before, self.after):
            found: list[Access] = []
            for _, key in keys:
                access = self._instance(key, side)
                if isinstance(access, str):
                    return access
                found.append(access)
            named = zip([text for text, _ in keys], found, strict=True)
            known = dict(named)
            kept = {t: a.canonical() for t, a in known.items() if self._is_there(t, side)}
            held = [access for text, access in known.items() if text not in made]
            sides.append((held, canonical_text(kept)))
        return sides[0], sides[1]

    def _is_there(self, text: str, side: Side) -> bool:
        root, address = split_place(text)
        return self._found(root, address, side) is not None

    def _instance(self, key: _Key, side: Side) -> Access | str:
        found = self._found(*key, side)
        if isinstance(found, Refusal):
            return found.text
        if found is None:
            return self.cls.nothing()
        return found.evaluation.access

    def _found(self, root: str, address: str, side: Side) -> EvaluatedInstance | Refusal | None:
        kind = kind_of(address) or ""
        return instance_at(root, countless(address), kind, self.cls, side.configurations)

    def _written(self) -> tuple[_Told, _Told] | str:
        """Of the blocks themselves, all together."""
        sides: list[_Told] = []
        for side in (self.before, self.after):
            places = {self._block(key, side) for key in self.named} - {None}
            blocks: list[Block] = []
            for directory, name in sorted(p for p in places if p is not None):
                module = side.configurations.sources.module(directory)
                if isinstance(module, Refusal):
                    return module.text
                found = module.find(name)
                if isinstance(found, Refusal):
                    return found.text
                blocks += [found] if found is not None else []
            access = self.cls.access(blocks)
            sides.append(([access], canonical_text(access.canonical())))
        return sides[0], sides[1]
