"""What an expression comes to in a scope, as far as the code says.

Anything that is not evaluated is Unknown, with the reason, and stays Unknown in what is made of
it. https://developer.hashicorp.com/terraform/language/expressions
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Protocol

from tree_sitter import Node

from remediator.terraform import grammar, operators
from remediator.terraform.expression import Expression
from remediator.terraform.functions.call import Call, Surroundings
from remediator.terraform.functions.convert import in_order, scalar
from remediator.terraform.functions.table import call
from remediator.terraform.literal import decode
from remediator.terraform.value import (
    MAX_ITEMS,
    MAX_SIZE,
    Handle,
    Known,
    Mapping,
    Sequence,
    Source,
    Unknown,
    Value,
    as_bool,
    as_text,
    canonical,
    failure,
    is_null,
    parse_number,
    size_of,
    unnamed,
)

MAX_DEPTH = 100
"""Expressions within expressions, names within names: deeper ones are not evaluated."""
_SIZE_OF_A_STEP = 32
_STEPS_OF_A_QUESTION = 10


class Names(Protocol):
    """What a module knows by name. Paths have the words behind the first: ("cidrs",) of var."""

    def get(self, head: str, word: str, second: str | None, at: Expression) -> Value | None:
        """`var.word`, `local.word`, `path.word`, `module.word`, `aws_x.word`, `data.word.second`;
        None where `head` is no name that leads anywhere."""
        ...


class Effort:
    """How deep evaluation is, and how much of it one configuration may take.

    Each question brings some steps of its own, so that asking much of a configuration does not
    use up what it may take: most answers are remembered, and cost next to nothing.
    """

    def __init__(self, steps: int) -> None:
        self.depth, self.steps, self._most = 0, steps, steps

    def begin(self) -> None:
        self.steps = min(self._most, self.steps + _STEPS_OF_A_QUESTION)


@dataclass(frozen=True, slots=True)
class Scope:
    """`local` are the names of `for`, `each`, `count`, `self` and dynamic blocks."""

    names: Names
    around: Surroundings
    effort: Effort
    local: MappingOf[str, Value] = field(default_factory=lambda: MappingProxyType({}))

    def having(self, names: MappingOf[str, Value]) -> Scope:
        return replace(self, local=MappingProxyType({**self.local, **names}))


class _NoNames:
    def get(self, head: str, word: str, second: str | None, at: Expression) -> Value | None:
        return None


class _NoFiles:
    def read(self, path: str) -> bytes | Unknown:
        return Unknown(f"the file {path!r} is not read here")

    def exists(self, path: str) -> bool | Unknown:
        return Unknown(f"the file {path!r} is not looked for here")

    def render(self, path: str, variables: Value) -> Value:
        return Unknown(f"the template {path!r} is not read here")

    def json_file(self, path: str) -> Value | None:
        return None


def nowhere() -> Scope:
    """A scope without any names: only what is written out is known."""
    return Scope(_NoNames(), _NoFiles(), Effort(MAX_ITEMS))


def evaluate(expression: Expression, scope: Scope) -> Value:
    """Never raises for valid syntax; what is too deep or too much is Unknown."""
    effort = scope.effort
    if effort.depth >= MAX_DEPTH:
        return unknown("is nested too deeply to be evaluated", expression)
    outermost = effort.depth == 0
    if outermost:
        effort.begin()
    effort.steps -= 1
    if effort.steps < 0:
        return unknown("takes too much work to be evaluated", expression)
    effort.depth += 1
    try:
        value = _parts(expression, scope)
        size = size_of(value)
        effort.steps -= size // _SIZE_OF_A_STEP
        if size > MAX_SIZE:
            return unknown("is too large to be evaluated", expression)
        return value
    except RecursionError:
        if not outermost:
            raise
        return unknown("is nested too deeply to be evaluated", expression)
    finally:
        effort.depth -= 1


def unknown(why: str, expression: Expression) -> Unknown:
    return Unknown(f"`{short(expression)}` {why}", expression)


def short(expression: Expression, limit: int = 60) -> str:
    text = " ".join(expression.text.decode(errors="replace").split())
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _parts(expression: Expression, scope: Scope) -> Value:
    """A head and the steps behind it: `var.a["b"].c[*].d`."""
    nodes = grammar.solid(expression.node)
    if nodes and nodes[0].type == "(":
        value, steps = evaluate(_view(expression, nodes[1]), scope), nodes[3:]
    elif nodes and nodes[0].type == "variable_expr":
        value, steps = _named(expression, nodes, scope)
    elif nodes:
        value, steps = _single(expression, nodes[0], scope), nodes[1:]
    else:
        return unknown("is empty", expression)
    return _steps(value, steps, expression, scope)


def _view(beside: Expression, node: Node) -> Expression:
    return Expression(beside.file, node)


def _single(expression: Expression, node: Node, scope: Scope) -> Value:
    handler = _HANDLERS.get(node.type)
    if handler is None:
        return unknown("is not evaluated", expression)
    value = handler(expression, node, scope)
    return value if node.type in _CHOOSING else unnamed(value)


# Literals and templates --------------------------------------------------------------------


def _literal(expression: Expression, node: Node, scope: Scope) -> Value:
    inner = node.children[0]
    text = grammar.text(expression.file.data, inner).decode()
    source = Source(expression)
    match inner.type:
        case "string_lit":
            decoded = decode(text[1:-1])
            return (
                unknown("is no string", expression) if decoded is None else Known(decoded, source)
            )
        case "numeric_lit":
            number = parse_number(text)
            return unknown("is no number", expression) if number is None else Known(number, source)
        case "bool_lit":
            return Known(text == "true", source)
        case "null_lit":
            return Known(None, source)
    return unknown("is not evaluated", expression)


def _template(expression: Expression, node: Node, scope: Scope) -> Value:
    from remediator.terraform.templates import render  # templates hold expressions, and both ways

    return render(expression, node.children[0], scope)


# Collections -------------------------------------------------------------------------------


def _collection(expression: Expression, node: Node, scope: Scope) -> Value:
    inner = node.children[0]
    if inner.type == "tuple":
        return _tuple(expression, inner, scope)
    return object_of(expression, inner, scope)


def _tuple(expression: Expression, node: Node, scope: Scope) -> Value:
    items = (n for n in node.children if n.kind_id == grammar.EXPRESSION)
    found = tuple(evaluate(_view(expression, n), scope) for n in items)
    return _failing(found) or Sequence(found, "tuple", Source(expression))


def object_of(expression: Expression, node: Node, scope: Scope) -> Value:
    entries: list[tuple[str, Value]] = []
    open_: list[Unknown] = []
    for element in node.children:
        if element.kind_id != grammar.OBJECT_ELEM:
            continue
        key_node, value_node = (n for n in element.children if n.kind_id == grammar.EXPRESSION)
        key = _key(_view(expression, key_node), scope)
        if isinstance(key, Unknown):
            open_.append(key)
        else:
            entries.append((key, evaluate(_view(expression, value_node), scope)))
    failed = _failing((*open_, *(value for _, value in entries)))
    if failed:
        return failed
    if open_:  # a key that is not known may be any of the others
        entries = [(k, unknown("may be set twice", expression)) for k, _ in entries]
    return Mapping.of(entries, "object", Source(expression), tuple(open_))


def _failing(values: Iterable[Value]) -> Unknown | None:
    """A collection fails with any of its members, also with one that nobody asks for."""
    return next((v for v in values if isinstance(v, Unknown) and v.fails), None)


def _key(expression: Expression, scope: Scope) -> str | Unknown:
    if grammar.is_bare_key(expression.node):
        return expression.text.decode()
    return key_text(evaluate(expression, scope), expression)


def key_text(value: Value, expression: Expression) -> str | Unknown:
    text = as_text(value)
    if text is not None:
        return text
    if isinstance(value, Unknown):
        return replace(value, of="")
    is_number = isinstance(value, Known) and value.value is not None  # without a short text
    return replace(unknown("is no key", expression), fails=not is_number)


# Names and steps ---------------------------------------------------------------------------


def _named(expression: Expression, nodes: list[Node], scope: Scope) -> tuple[Value, list[Node]]:
    """The value that a traversal begins with, and the steps that are left."""
    head = grammar.text(expression.file.data, nodes[0]).decode()
    if head in scope.local:
        return scope.local[head], nodes[1:]
    if head == "resource" and len(nodes) > 2 and nodes[1].type == "get_attr":
        nodes = nodes[1:]  # `resource.aws_x.y` is `aws_x.y`
        head = grammar.text(expression.file.data, nodes[0].children[-1]).decode()
    words = []
    for node in nodes[1:3]:
        if node.type != "get_attr":
            break
        words.append(grammar.text(expression.file.data, node.children[-1]).decode())
    if not words:
        return unknown("is not evaluated", expression), []
    taken = 2 if head == "data" else 1
    if len(words) < taken:
        return unknown("is not evaluated", expression), []
    second = words[1] if taken == 2 else None
    value = scope.names.get(head, words[0], second, expression)
    if value is None:
        return unknown("is not known from the code", expression), []
    return value, nodes[1 + taken :]


def _steps(value: Value, nodes: list[Node], expression: Expression, scope: Scope) -> Value:
    for position, node in enumerate(nodes):
        if node.type == "splat":
            return _splat(value, node, nodes[position + 1 :], expression, scope)
        value = _step(value, node, expression, scope)
    return value


def _step(value: Value, node: Node, expression: Expression, scope: Scope) -> Value:
    data = expression.file.data
    if node.type == "get_attr":
        return attribute(value, grammar.text(data, node.children[-1]).decode(), expression)
    inner = node.children[0]
    if inner.type == "legacy_index":
        digits = grammar.text(data, inner).decode().lstrip(".")
        return index(value, Known(int(digits)) if digits.isdecimal() else None, expression)
    bracketed = [n for n in inner.children if n.kind_id == grammar.EXPRESSION]
    key = evaluate(_view(expression, bracketed[0]), scope) if bracketed else None
    return index(value, key, expression)


def attribute(value: Value, name: str, expression: Expression) -> Value:
    match value:
        case Unknown():
            return replace(value, parts=())
        case Handle():
            return value.attribute(name)
        case Mapping():
            found = value.entries.get(name)
            if found is not None:
                return found
            if value.open:
                return unnamed(value.open[0])
            missing = failure(f"`{short(expression)}` has no attribute {name!r}", expression)
            return replace(missing, fails=not _of_resource(value))
    return failure(f"`{short(expression)}` has no attributes", expression)


def _of_resource(value: Mapping) -> bool:
    """An argument of a resource, in which the provider may set attributes that nobody wrote."""
    via = value.source.via if value.source else ()
    return any(hop.text.split(".")[0] not in ("var", "local", "module") for hop in via)


def index(value: Value, key: Value | None, expression: Expression) -> Value:
    if isinstance(value, Unknown):
        return replace(value, parts=())
    if isinstance(key, Unknown):
        return unnamed(key)
    if key is not None and is_null(key):
        return failure(f"`{short(expression)}` has null for a key", expression)
    if isinstance(value, Mapping):
        text = as_text(key)
        if text is None:
            return unknown("has a key that is not known", expression)
        return attribute(value, text, expression)
    if isinstance(value, Handle) and isinstance(key, Known) and isinstance(key.value, str):
        return value.attribute(key.value)
    if not isinstance(value, Sequence) or value.kind == "set":
        return failure(f"`{short(expression)}` is no list or map", expression)
    if value.open:
        return unnamed(value.open[0])
    return _item(value, key, expression)


def _item(value: Sequence, key: Value | None, expression: Expression) -> Value:
    number = scalar(key, "number") if key is not None else None
    if not isinstance(number, Known):
        fails = isinstance(number, Unknown) and number.fails
        return replace(unknown("has an index that is not known", expression), fails=fails)
    if isinstance(number.value, int) and 0 <= number.value < len(value.items):
        return value.items[number.value]
    return failure(f"`{short(expression)}` has no item {as_text(number)}", expression)


def _splat(
    value: Value, node: Node, rest: list[Node], expression: Expression, scope: Scope
) -> Value:
    """`[*]` takes all steps behind it to each item; `.*` only the attributes, and `.0`."""
    inner = node.children[0]
    steps = [n for n in inner.children if n.is_named and n.type in ("get_attr", "index")]
    if inner.type == "full_splat":
        steps, rest = [*steps, *rest], []
    else:
        bracket = next((i for i, n in enumerate(steps) if n.children[0].type == "new_index"), None)
        steps, rest = steps[:bracket], [*steps[len(steps[:bracket]) :], *rest]
    if isinstance(value, Unknown):
        return value
    if is_null(value):
        value = Sequence(())
    value = in_order(value) if isinstance(value, Sequence) else Sequence((value,))
    items = tuple(_steps(item, steps, expression, scope) for item in value.items)
    failed = _failing(items)
    if failed:
        return failed
    kind = "list" if value.kind == "set" else value.kind
    return _steps(Sequence(items, kind, None, value.open), rest, expression, scope)


# Operators, conditionals, for, calls --------------------------------------------------------


def _operation(expression: Expression, node: Node, scope: Scope) -> Value:
    return operators.evaluate_operation(
        expression, node, lambda operand: _operand(expression, operand, scope)
    )


def _operand(expression: Expression, nodes: list[Node], scope: Scope) -> Value:
    effort = scope.effort
    if effort.depth >= MAX_DEPTH:
        return unknown("is nested too deeply to be evaluated", expression)
    effort.depth += 1
    try:
        if nodes[0].type == "(":
            value, steps = evaluate(_view(expression, nodes[1]), scope), nodes[3:]
        elif nodes[0].type == "variable_expr":
            value, steps = _named(expression, nodes, scope)
        else:
            value, steps = _single(expression, nodes[0], scope), nodes[1:]
        return _steps(value, steps, expression, scope)
    finally:
        effort.depth -= 1


def _conditional(expression: Expression, node: Node, scope: Scope) -> Value:
    """Of `a ? b : c ? d : e` our grammar says `(a ? b : c) ? d : e`; to Terraform it is
    `a ? b : (c ? d : e)`."""
    choices, last = _choices(node)
    value, unchosen = evaluate(_view(expression, last), scope), last
    for condition, then in reversed(choices):
        value = _choice(expression, condition, then, value, unchosen, scope)
        unchosen = node
    return value


def _choices(node: Node) -> tuple[list[tuple[Node, Node]], Node]:
    """Conditions with what they choose, and what is left when none of them holds."""
    found: list[tuple[Node, Node]] = []
    condition, then, other = _expressions(node)
    last = other
    while (inner := grammar.solid(condition))[0].type == "conditional" and len(inner) == 1:
        first, before, between = _expressions(inner[0])
        found.append((between, then))
        condition, then = first, before
    return [(condition, then), *reversed(found)], last


def _expressions(node: Node) -> list[Node]:
    return [n for n in node.children if n.kind_id == grammar.EXPRESSION]


def _choice(
    expression: Expression, condition: Node, then: Node, other: Value, rest: Node, scope: Scope
) -> Value:
    """`rest` is what `other` is the value of."""
    test = _view(expression, condition)
    truth = truth_of(evaluate(test, scope), test)
    both = evaluate(_view(expression, then), scope), other
    if not isinstance(truth, Unknown):
        unchosen = rest if truth else then
        if unchosen.kind_id == grammar.EXPRESSION:
            unchosen = grammar.solid(_view(expression, unchosen).unwrapped.node)[0]
        typed = unchosen.type not in ("variable_expr", "function_call", "for_expr")
        return operators.unified(both[not truth], both[truth], typed, expression)
    same = canonical(both[0]) == canonical(both[1]) and not isinstance(both[0], Unknown)
    return both[0] if same and not truth.fails else truth


def _call(expression: Expression, node: Node, scope: Scope) -> Value:
    name = grammar.text(expression.file.data, node.children[0]).decode()
    arguments: list[Value] = []
    for inner in node.children:
        if inner.type != "function_arguments":
            continue
        views = [_view(expression, n) for n in inner.children if n.kind_id == grammar.EXPRESSION]
        arguments = [evaluate(view, scope) for view in views]
        if any(n.type == "ellipsis" for n in inner.children):
            last = arguments.pop()
            if not isinstance(last, Sequence) or last.open:
                return unknown("has arguments that are not known", expression)
            arguments += last.items
    return call(Call(name, tuple(arguments), expression, scope.around))


def _for(expression: Expression, node: Node, scope: Scope) -> Value:
    inner = node.children[0]
    intro = next(n for n in inner.children if n.type == "for_intro")
    data = expression.file.data
    names = [grammar.text(data, n).decode() for n in intro.children if n.type == "identifier"]
    over = next(n for n in intro.children if n.kind_id == grammar.EXPRESSION)
    collection = evaluate(_view(expression, over), scope)
    if isinstance(collection, Unknown):
        return replace(collection, parts=())
    if isinstance(collection, Handle):
        return unknown("walks over a whole object", expression)
    if isinstance(collection, Sequence):
        collection = in_order(collection)
    pairs = pairs_of(collection)
    if pairs is None:
        return failure(f"`{short(_view(expression, over))}` cannot be walked over", expression)
    from remediator.terraform.for_expression import Loop  # which evaluates its body with this

    loop = Loop(expression, inner, names, scope)
    refused = None if pairs else loop.refused()
    if refused:
        return refused
    still_open = collection.open if isinstance(collection, Sequence | Mapping) else ()
    if inner.type == "for_tuple_expr":
        return loop.as_tuple(pairs, still_open)
    return loop.as_object(pairs, still_open)


def truth_of(value: Value, expression: Expression) -> bool | Unknown:
    """A condition's value: true, false, or why it is neither."""
    if isinstance(value, Unknown):
        return replace(value, parts=(), of="")
    truth = as_bool(value)
    if truth is not None:
        return truth
    return failure(f"`{short(expression)}` is neither true nor false", expression)


def pairs_of(collection: Value) -> list[tuple[Value, Value]] | None:
    """Keys and values as `for`, `for_each` and `dynamic` walk over them. Of a set both are the
    item."""
    if isinstance(collection, Mapping):
        return [(Known(key), item) for key, item in collection.entries.items()]
    if isinstance(collection, Sequence):
        is_set = collection.kind == "set"
        return [(i if is_set else Known(n), i) for n, i in enumerate(collection.items)]
    return None


_CHOOSING = frozenset(("literal_value", "collection_value", "conditional", "template_expr"))
"""What they give is a value as it was given to them, or has such in it."""
_HANDLERS: dict[str, Callable[[Expression, Node, Scope], Value]] = {
    "literal_value": _literal,
    "template_expr": _template,
    "collection_value": _collection,
    "operation": _operation,
    "conditional": _conditional,
    "function_call": _call,
    "for_expr": _for,
}
