"""Who is given a policy by the code, and has it in no state yet.

The state lags behind the code until the next apply, and what nobody has nobody uses: a policy that
is narrowed in between is another one than its author attached.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from remediator.model import Refusal
from remediator.remediate.iam.given import Giving, givings
from remediator.remediate.iam.policies import POLICY
from remediator.remediate.instances import EvaluatedInstance
from remediator.terraform.address import Address
from remediator.terraform.configuration import ModuleInstance
from remediator.terraform.syntax import Block, Reference, SourceFile, references

_IDENTITY = ("arn", "id")
_At = tuple[ModuleInstance, Block]


def unapplied(instance: EvaluatedInstance, arn: str, applied: Collection[str]) -> Iterator[str]:
    """Sentences. `arn` is the policy's; `applied` are the addresses of what the states have attach
    or bound by it."""
    if instance.kind != POLICY:
        return
    if instance.expansion.unsure is not None:
        yield f"{instance.address} stands for policies that nobody can count"
        return
    policy = Address.parse(instance.address)
    mentioning = [*_mentioning(policy, instance.module)]
    resources = {(m.path, b.labels) for m, b in mentioning if b.type == "resource"}
    for giving in givings(instance.module.configuration):
        is_for_it = giving.gives(instance.address, arn) or (
            giving.unsure
            and _may_give(giving, policy, (giving.modules, giving.labels) in resources)
        )
        if is_for_it and giving.address not in applied:
            yield f"{giving.where} attaches it, and no state has {giving.address}"
    for module, block in mentioning:
        call = ".".join([*map(str, module.path), f"module.{block.labels[0]}"])
        is_applied = any(a.startswith((f"{call}.", f"{call}[")) for a in applied)
        if block.type == "module" and not is_applied:
            at = f"{block.file.path}:{block.line}"
            yield f"{at} hands it on, and no state has what attaches it there"


def _may_give(giving: Giving, policy: Address, is_mentioning: bool) -> bool:
    """Of one whose ARN is not known for sure. Not where a `for_each` map has another policy at the
    instance's key."""
    if not is_mentioning:
        in_json = (p for p in giving.places if p.file.path.endswith(".json"))
        return any(policy.block.encode() in p.text for p in in_json)
    found = [r for place in giving.places for r in references(place) if POLICY in r.parts]
    return not found or any(_is_to(r, policy) for r in found)


def _mentioning(policy: Address, module: ModuleInstance) -> Iterator[_At]:
    """The resources and module calls that say its ARN, also by locals and by outputs, in its
    module and in those that call it."""
    waiting, seen = [(module, policy.block)], set[tuple[ModuleInstance, str]]()
    while waiting:
        at = waiting.pop()
        here, name = at
        sources = here.configuration.sources.module(here.directory)
        if at in seen or isinstance(sources, Refusal):
            continue
        seen.add(at)
        for file, reference in sources.references_to(name):
            if name == policy.block and not _is_to(reference, policy):
                continue
            for block in (b for b in file.blocks if b.start <= reference.start < b.end):
                if block.type in ("resource", "module") and block.labels:
                    yield here, block
                elif block.type == "locals":
                    waiting += [(here, local) for local in _local_at(file, block, reference)]
                elif block.type == "output" and here.caller is not None and block.labels:
                    output = f"module.{here.path[-1].name}.{block.labels[0]}"
                    waiting.append((here.caller, output))


def _is_to(reference: Reference, policy: Address) -> bool:
    parts = reference.parts[1:] if reference.parts[0] == "resource" else reference.parts
    return parts[:2] == (policy.type, policy.name) and (len(parts) < 3 or parts[2] in _IDENTITY)


def _local_at(file: SourceFile, block: Block, reference: Reference) -> Iterator[str]:
    for attribute in block.body.attributes:
        if attribute.start <= reference.start < attribute.end:
            yield f"local.{attribute.name}"
