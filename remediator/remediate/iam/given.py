"""What of a root gives a managed policy to somebody, in all its modules, and which policy that is.

As it is evaluated: through variables, locals, outputs and keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

from remediator.model import Refusal
from remediator.remediate.iam.attaching import ATTACHMENTS, EXCLUSIVE, places
from remediator.remediate.iam.policies import POLICY, ROLE
from remediator.terraform.address import Address, ModuleStep
from remediator.terraform.configuration import Configuration, Expansion, ModuleInstance
from remediator.terraform.content import Content
from remediator.terraform.evaluate import evaluate
from remediator.terraform.expression import Expression
from remediator.terraform.value import Sequence, Unknown, Value, as_text, unknowns

_BY: dict[str, tuple[str, ...]] = {
    **dict.fromkeys((*ATTACHMENTS, EXCLUSIVE), ("policy_arn",)),
    ROLE: ("managed_policy_arns", "permissions_boundary"),
    "aws_iam_user": ("permissions_boundary",),
}
_IDENTITY = ("arn", "id")


@dataclass(frozen=True, slots=True)
class Giving:
    """An instance that gives policies. `of`: the attributes of resources that their ARNs are;
    `texts`: ARNs, names of policies, and what ARNs end with. `unsure`: an ARN may be another.
    `places`: the expressions that are ARNs, as far as they are told."""

    modules: tuple[ModuleStep, ...]
    labels: tuple[str, ...]
    address: str
    where: str
    of: frozenset[str]
    texts: frozenset[str]
    unsure: bool
    places: tuple[Expression, ...] = field(repr=False)

    def gives(self, address: str, arn: str) -> bool:
        """Whether it surely gives the policy of this address or ARN."""
        if self.of & {f"{address}.{name}" for name in _IDENTITY}:
            return True
        name = arn.rpartition("/")[2]
        ends = (t for t in self.texts if ":policy/" in t)
        return bool(arn) and (name in self.texts or any(arn.endswith(end) for end in ends))


def givings(configuration: Configuration) -> tuple[Giving, ...]:
    """Of a root; remembered."""
    known, key = configuration.worked_out, (__name__, POLICY)
    if key not in known:
        known[key] = tuple(g for m in configuration.modules() for g in _in(m))
    return cast(tuple[Giving, ...], known[key])


def _in(module: ModuleInstance) -> Iterator[Giving]:
    if isinstance(module.declared, Refusal):
        return
    for labels, content in module.declared.of_kind("resource"):
        if labels[0] in _BY and not {*_BY[labels[0]]}.isdisjoint(content.arguments):
            for expansion in module.expansions(content):
                yield _giving(module, labels, content, expansion)


def _giving(
    module: ModuleInstance, labels: tuple[str, ...], content: Content, expansion: Expansion
) -> Giving:
    scope = module.scope_of(expansion)
    arguments = [a for name in _BY[labels[0]] if (a := content.arguments.get(name)) is not None]
    values = [evaluate(argument, scope) for argument in arguments]
    open_ = [one for value in values for one in unknowns(value)]
    of = frozenset(one.of for one in open_ if one.of)
    texts = {text for value in values for text in _texts(value)}
    texts |= {text for name in of for text in _of_data(name, module)}
    address = Address(module.path, "managed", labels[0], labels[1], expansion.key)
    return Giving(
        module.path,
        labels,
        str(address),
        content.where,
        of,
        frozenset(texts),
        expansion.unsure is not None or not all(_is_of_a_policy(one) for one in open_),
        (*places(labels[0], content, scope), *arguments),
    )


def _is_of_a_policy(value: Unknown) -> bool:
    try:
        one = Address.parse(value.of.rpartition(".")[0])
    except ValueError:
        return False
    return (one.mode, one.type) == ("managed", POLICY)


def _texts(value: Value) -> Iterator[str]:
    for one in value.items if isinstance(value, Sequence) else (value,):
        text = as_text(one.parts[-1] if isinstance(one, Unknown) and one.parts else one)
        if text is not None:
            yield text


def _of_data(name: str, module: ModuleInstance) -> Iterator[str]:
    """Of `data.aws_iam_policy.x.arn` in this module: what it looks for."""
    try:
        one = Address.parse(name.rpartition(".")[0])
    except ValueError:
        return
    if (one.mode, one.type, one.modules) == ("data", POLICY, module.path):
        content = module.content("data", one.type, one.name)
        for argument in ("arn", "name") if content is not None else ():
            expression = content.arguments.get(argument) if content is not None else None
            text = as_text(evaluate(expression, module.scope)) if expression is not None else None
            if text is not None:
                yield text
