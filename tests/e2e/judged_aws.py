"""The same as judged.py for the AWS provider, which has nested blocks and types of its own."""

from __future__ import annotations

from collections.abc import Callable

from judged import Json, Verdict, compare, evaluated, loads, resources

from remediator.terraform import data_sources
from remediator.terraform import value as v
from remediator.terraform.configuration import Configuration
from remediator.terraform.content import Content
from remediator.terraform.evaluate import Scope, evaluate
from remediator.terraform.nested import Nested, nested_blocks

POLICY = "aws_iam_policy_document"


def judged_aws(of: Configuration, state: Json) -> Verdict:
    """Every argument, nested block and policy text."""
    verdict = Verdict()
    made = {r["address"]: r for r in resources(state["root_module"])}
    for kind in ("resource", "data"):
        for address, module, content, expansion in evaluated(of, kind):
            assert address in made, f"{address} is not made by terraform"
            values, scope = made[address]["values"], module.scope_of(expansion)
            _body(content, scope, values, address, verdict)
            for name in ("json", "minified_json") if made[address]["type"] == POLICY else ():
                text = data_sources.attribute(POLICY, name, content, scope)
                assert text is not None
                compare(text, values[name], None, f"{address}.{name}", verdict)
    return verdict


def _body(content: Content, scope: Scope, made: Json, where: str, verdict: Verdict) -> None:
    kinds = {labels[0] if kind == "dynamic" else kind for kind, labels, _ in content.blocks}
    for name, expression in content.arguments.items():
        is_block = name in kinds and expression.kind != "tuple"  # JSON syntax writes them alike
        if name in made and not is_block:
            _loosely(evaluate(expression, scope), made[name], f"{where}.{name}", verdict)
    for kind in kinds & made.keys() - content.arguments.keys():
        found = nested_blocks(content, kind, scope)
        if len(found.blocks) != len(made[kind]) and not found.open:
            verdict.wrong.append(f"{where}: {len(found.blocks)} blocks of {kind}")
        for block in found.blocks:
            _one_of(made[kind], _block(block, f"{where}.{kind}"), verdict)


def _block(block: Nested, where: str) -> Callable[[Json, Verdict], None]:
    return lambda one, trial: _body(block.content, block.scope, one, where, trial)


def _one_of(made: Json, compared: Callable[[Json, Verdict], None], verdict: Verdict) -> None:
    """Sets have an order of their own: the best match counts."""
    trials = [Verdict() for _ in made]
    for trial, one in zip(trials, made, strict=True):
        compared(one, trial)
    verdict.add(min(trials, key=lambda trial: len(trial.wrong), default=Verdict()))


def _loosely(value: v.Value, made: Json, where: str, verdict: Verdict) -> None:
    """The provider converts scalars and sorts sets; documents are compared as documents."""
    match value:
        case v.Known():
            _scalar(value, made, where, verdict)
        case v.Sequence() if not value.open and _distinct(value) == len(made or ()):
            verdict.known += not value.items
            for item in value.items:
                _one_of(made, _item(item, where), verdict)
        case v.Mapping() if isinstance(made, dict) and made.keys() == value.entries.keys():
            for key, item in value.entries.items():
                _loosely(item, made[key], f"{where}.{key}", verdict)
        case _:
            compare(value, made, None, where, verdict)


def _item(item: v.Value, where: str) -> Callable[[Json, Verdict], None]:
    return lambda one, trial: _loosely(item, one, where, trial)


def _distinct(value: v.Sequence) -> int:
    return len({v.canonical(item) for item in value.items})


def _scalar(value: v.Known, made: Json, where: str, verdict: Verdict) -> None:
    """One that is null is not set, and the provider may have a default."""
    if value.value is None:
        return
    verdict.known += 1
    text = v.as_text(value) or ""
    if text.lstrip()[:1] == "{":
        same = loads(text) == loads(made)
    else:
        same = not isinstance(made, list | dict) and v.scalar_text(made) in (text, text.lower())
    if not same:
        verdict.wrong.append(f"{where}: is {made!r}, not {text!r}")
