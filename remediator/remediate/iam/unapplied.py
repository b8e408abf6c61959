"""Who is given a policy by the code, and has it in no state yet.

The state lags behind the code until the next apply, and what nobody has nobody uses: a policy that
is narrowed in between is another one than its author attached.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from remediator.model import Refusal
from remediator.remediate.iam.attaching import ATTACHMENTS, EXCLUSIVE, places
from remediator.remediate.iam.policies import POLICY, ROLE
from remediator.remediate.instances import EvaluatedInstance
from remediator.terraform.address import Address, address_key
from remediator.terraform.configuration import ModuleInstance
from remediator.terraform.content import Content
from remediator.terraform.syntax import Block, Reference, SourceFile, references

_KINDS = frozenset((*ATTACHMENTS, EXCLUSIVE, ROLE, "aws_iam_user"))
_IDENTITY = ("arn", "id")


def unapplied(instance: EvaluatedInstance, applied: Collection[str]) -> Iterator[str]:
    """Sentences. `applied` are the addresses of what the states have attach or bound by it."""
    if instance.kind != POLICY:
        return
    policy = Address.parse(instance.address)
    for block in _mentioning(policy, instance.module):
        at = f"{block.file.path}:{block.line}"
        if block.type == "module":
            call = "".join(f"{step}." for step in policy.modules) + f"module.{block.labels[0]}"
            if not any(a.startswith((f"{call}.", f"{call}[")) for a in applied):
                yield f"{at} hands it on, and no state has what attaches it there"
        elif block.labels[0] in _KINDS:
            content = instance.module.content("resource", *block.labels)
            made = _made_by(policy, block, content, instance.module) if content else ()
            missing = (address for address in made if address not in applied)
            yield from (f"{at} attaches it, and no state has {address}" for address in missing)


def _made_by(
    policy: Address, block: Block, content: Content, module: ModuleInstance
) -> Iterator[str]:
    """The addresses of a block's instances that may have this instance of the policy."""
    kind, name = block.labels
    own = f"{policy.block}{address_key(policy.key)}".encode()
    by_name = own in block.file.data[block.start : block.end]
    for expansion in module.expansions(content):
        if policy.key is None:
            at = places(kind, content, module.scope_of(expansion))
            is_for_it = _may_be_it([r for x in at for r in references(x)], policy)
        else:
            is_for_it = expansion.key == policy.key or (expansion.key is None and by_name)
        if is_for_it:
            yield str(Address(module.path, "managed", kind, name, expansion.key))


def _may_be_it(found: Sequence[Reference], policy: Address) -> bool:
    """Not where a `for_each` map has another policy at an instance's key."""
    policies = [r for r in found if POLICY in r.parts]
    return not policies or any(_is_to(r, policy) for r in policies)


def _mentioning(policy: Address, module: ModuleInstance) -> Iterator[Block]:
    """The resources and module calls of its module that say its ARN, also by a local."""
    sources = module.configuration.sources.module(module.directory)
    waiting, seen = [policy.block], set[str]()
    while waiting and not isinstance(sources, Refusal):
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        for file, reference in sources.references_to(name):
            for block in (b for b in file.blocks if b.start <= reference.start < b.end):
                if block.type in ("resource", "module") and block.labels:
                    if name != policy.block or _is_to(reference, policy):
                        yield block
                elif block.type == "locals":
                    waiting += _local_at(file, block, reference)


def _is_to(reference: Reference, policy: Address) -> bool:
    parts = reference.parts[1:] if reference.parts[0] == "resource" else reference.parts
    return parts[:2] == (policy.type, policy.name) and (len(parts) < 3 or parts[2] in _IDENTITY)


def _local_at(file: SourceFile, block: Block, reference: Reference) -> Iterator[str]:
    for attribute in block.body.attributes:
        if attribute.start <= reference.start < attribute.end:
            yield f"local.{attribute.name}"
