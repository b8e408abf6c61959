"""Operators, and the one type that the two sides of a conditional must have.

https://developer.hashicorp.com/terraform/language/expressions/operators
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from tree_sitter import Node

from remediator.terraform import grammar
from remediator.terraform.expression import Expression
from remediator.terraform.functions.convert import convert, scalar
from remediator.terraform.functions.equality import equal
from remediator.terraform.functions.numeric import manageable, rounded, whole_in_binary
from remediator.terraform.functions.unify import ANY, FREE, Type, type_of, unify
from remediator.terraform.value import (
    Handle,
    Known,
    Sequence,
    Unknown,
    Value,
    as_number,
    failure,
    from_collection,
    is_known,
    is_null,
    normal,
)

Operand = Callable[[list[Node]], Value]
_OPERATORS = frozenset(("||", "&&", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "%"))


def evaluate_operation(expression: Expression, node: Node, operand: Operand) -> Value:
    inner = node.children[0]
    parts = grammar.solid(inner)
    if inner.type == "unary_operation":
        return _unary(parts[0].type, operand(parts[1:]), expression)
    at = next(i for i, n in enumerate(parts) if n.type in _OPERATORS)
    left, right = operand(parts[:at]), operand(parts[at + 1 :])
    operator = parts[at].type
    if operator in ("&&", "||"):
        return _logical(operator, left, right, expression)
    if operator in ("==", "!="):
        return _equality(operator, left, right, expression)
    return _arithmetic(operator, left, right, expression)


def _unary(operator: str, value: Value, expression: Expression) -> Value:
    operand = _scalar(value, "bool" if operator == "!" else "number", expression)
    if isinstance(operand, Unknown):
        return operand
    if isinstance(operand, bool):
        return Known(not operand)
    return Known(-operand) if operand else Unknown("minus zero", expression)


def _scalar(value: Value, kind: str, expression: Expression) -> bool | int | Fraction | Unknown:
    """An operand as the type that the operator wants."""
    if isinstance(value, Unknown):
        return replace(value, parts=())
    converted = failure("null") if is_null(value) else scalar(value, kind)
    if isinstance(converted, Known) and isinstance(converted.value, bool | int | Fraction):
        return converted.value
    text = " ".join(expression.text.decode(errors="replace").split())[:60]
    fails = isinstance(converted, Unknown) and converted.fails
    return Unknown(f"`{text}` has operands of another type", expression, fails)


def _logical(operator: str, left: Value, right: Value, expression: Expression) -> Value:
    """Terraform evaluates both sides, so a failing one fails; an unknown one need not matter."""
    truths = [_scalar(value, "bool", expression) for value in (left, right)]
    missing = sorted((t for t in truths if isinstance(t, Unknown)), key=lambda u: not u.fails)
    decisive = operator == "||"
    if missing and (missing[0].fails or decisive not in truths):
        return missing[0]
    return Known(decisive if decisive in truths else not decisive)


def _equality(operator: str, left: Value, right: Value, expression: Expression) -> Value:
    for value in (left, right):
        if isinstance(value, Unknown):
            return replace(value, parts=())
    same = equal(left, right)
    if same is None or (same and _is_rounded(left)):
        text = " ".join(expression.text.decode(errors="replace").split())[:60]
        return Unknown(f"`{text}` compares what is not known", expression)
    return Known(same if operator == "==" else not same)


def _is_rounded(value: Value) -> bool:
    """A number that binary digits cannot hold, as 0.1: how exactly it is held shows here alone."""
    number = as_number(value)
    return number is not None and not whole_in_binary(number)


def _arithmetic(operator: str, left: Value, right: Value, expression: Expression) -> Value:
    a = _scalar(left, "number", expression)
    b = _scalar(right, "number", expression)
    if isinstance(a, Unknown) and (a.fails or not isinstance(b, Unknown)):
        return a
    if isinstance(a, Unknown) or isinstance(b, Unknown):
        assert isinstance(b, Unknown)  # or the first would have been returned
        return b
    if operator in _COMPARE:
        if a == b and not whole_in_binary(a):
            return Unknown("two fractions that are nearly the same", expression)
        return Known(_COMPARE[operator](a, b))
    if operator in ("/", "%") and b == 0:
        return Unknown("division by zero", expression)
    exact = _COMPUTE[operator](Fraction(a), Fraction(b))
    held = _COMPUTE[operator](rounded(a), rounded(b))
    coarse = not whole_in_binary(exact) and not (_is_written(left) or _is_written(right))
    if exact == 0 and operator in ("*", "/", "%") and min(a, b) < 0:
        return Unknown("minus zero", expression)
    if coarse or not manageable(exact) or rounded(held) != rounded(exact):
        return Unknown("a number that Terraform rounds", expression)
    return Known(normal(exact))


def _is_written(value: Value) -> bool:
    """Terraform holds a number that is written out with more digits than one that it counted."""
    return isinstance(value, Known) and value.source is not None


def _remainder(a: Fraction, b: Fraction) -> Fraction:
    """With the sign of the dividend, as HCL has it."""
    quotient = abs(a) // abs(b)
    rest = abs(a) - quotient * abs(b)
    return -rest if a < 0 else rest


_COMPARE: dict[str, Callable[[int | Fraction, int | Fraction], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
_COMPUTE: dict[str, Callable[[Fraction, Fraction], Fraction]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "%": _remainder,
}


def unified(chosen: Value, other: Value, typed: bool, expression: Expression) -> Value:
    """The chosen side of a conditional as the type that both sides must have: where one side is
    a text, a number or a bool becomes one. `typed`: the other has a type even where it fails."""
    failed = isinstance(other, Unknown) and other.fails
    if isinstance(chosen, Unknown | Handle) or (failed and not typed):
        return chosen
    if is_null(other) and type_of(other) == FREE:
        return chosen
    wanted = unify((type_of(chosen), _type_of(other)))
    if wanted is None:
        certain = is_known(chosen) and is_known(other)
        why = "the sides of a conditional have no type in common"
        return Unknown(why, expression, fails=certain)
    return from_collection(chosen, convert(chosen, wanted))


def _type_of(value: Value) -> Type:
    """An empty list that a function made may be one of texts."""
    if isinstance(value, Sequence) and not (value.items or value.of):
        return type_of(value) if value.kind == "tuple" else Type(value.kind, (ANY,))
    return type_of(value)
