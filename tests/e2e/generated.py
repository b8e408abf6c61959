"""Configurations made by Hypothesis: variables, locals, and expressions over them.

Most of what is made has a value; what has not is caught by a `try` around it, so that terraform
evaluates all of them at once. Whatever `hidden` gives is known after the apply only.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from hypothesis import strategies as st

HIDDEN = """
resource "terraform_data" "hidden" {
  input = { text = "b", texts = ["a", "z"], map = { a = "1", q = "2" }, number = 3, bool = true }
}
locals {
  hidden = terraform_data.hidden.output
}
"""
FAILED = '"it failed"'
Text: TypeAlias = st.SearchStrategy[str]
Draw: TypeAlias = Callable[[Text], str]


@dataclass(frozen=True)
class Made:
    """The text of one configuration, and its outputs: what their names end in, and expressions.
    The first ones show the locals that the others may use."""

    declarations: str
    assignments: str
    outputs: tuple[tuple[str, str], ...]
    locals: int

    def named(self, number: int) -> tuple[str, str]:
        """What goes into the `.tf` file, and what into the tfvars file."""
        outputs = "".join(
            f'output "n_{name}" {{\n  value = try({text}, {FAILED})\n}}\n'
            for name, text in self.outputs
        )
        return tuple(  # type: ignore[return-value]
            t.replace("n_", f"n{number}_") for t in (self.declarations + outputs, self.assignments)
        )


# Literals ----------------------------------------------------------------------------------

WORDS = ("a", "b", "web", "10.0.0.0/8", "0.0.0.0/0", "", "A b", "ß é", "x-y", "22", "true", "日本")


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")


texts_written = st.sampled_from(WORDS).map(quoted) | st.sampled_from(
    (r'"a\tb\n"', r'"\u00e9"', '"$${a}"', '"%%{b} 5%"', '"$5"', r'"q\"q"', '"a,b,,c"')
)
numbers_written = st.sampled_from(
    ("0", "1", "2", "3", "10", "22", "-1", "0.5", "1.25", "3.0", "65535", "0.1", "-2.5")
)
bools_written = st.sampled_from(("true", "false"))
keys = st.sampled_from(("a", "b", "name", "port", "cidrs"))


# Variables ---------------------------------------------------------------------------------

_SCALARS_TYPED = {
    "string": texts_written | numbers_written | bools_written | st.just("null"),
    "number": numbers_written | numbers_written.map(lambda n: f'"{n}"') | st.just("null"),
    "bool": bools_written | bools_written.map(lambda b: f'"{b}"'),
    "any": texts_written | numbers_written | st.just("null"),
}


@st.composite
def typed(draw: Draw, depth: int = 2) -> tuple[str, str]:
    """A type constraint, and a value that converts to it."""
    deep = ("list", "set", "map", "object", "tuple") if depth else ()
    kind = draw(st.sampled_from((*_SCALARS_TYPED, *deep)))
    if kind in _SCALARS_TYPED:
        return kind, draw(_SCALARS_TYPED[kind])
    if kind == "object":
        return draw(objects_typed(depth))
    if kind == "tuple":
        parts = [draw(typed(depth - 1)) for _ in range(draw(st.integers(0, 2)))]
        constraint, value = (", ".join(p[i] for p in parts) for i in (0, 1))
        return f"tuple([{constraint}])", f"[{value}]"
    return draw(collections_typed(kind, depth))


@st.composite
def collections_typed(draw: Draw, kind: str, depth: int) -> tuple[str, str]:
    element, sample = draw(typed(depth - 1))
    more = [sample, sample] if draw(st.booleans()) else [sample]
    if element == "string":
        more = draw(st.lists(texts_written | numbers_written, max_size=4))
    elif element == "number":
        more = draw(st.lists(numbers_written, max_size=4))
    if kind == "map":
        names = draw(st.lists(keys, min_size=len(more), max_size=len(more)))
        pairs = dict(zip(names, more, strict=True))
        return f"map({element})", "{" + ", ".join(f"{k} = {v}" for k, v in pairs.items()) + "}"
    return f"{kind}({element})", f"[{', '.join(more)}]"


@st.composite
def objects_typed(draw: Draw, depth: int) -> tuple[str, str]:
    constraint, value = [], []
    for name in sorted(draw(st.sets(keys, max_size=3))):
        type_, sample = draw(typed(depth - 1))
        how = draw(st.sampled_from(("given", "optional", "default", "null")))
        if how == "default":
            constraint.append(f"{name} = optional({type_}, {sample})")
        else:
            constraint.append(f"{name} = {type_ if how == 'given' else f'optional({type_})'}")
        if how == "given":
            value.append(f"{name} = {sample}")
        elif draw(st.booleans()):
            value.append(f"{name} = null")
    if draw(st.booleans()):
        value.append('further = "dropped"')
    return f"object({{{', '.join(constraint)}}})", "{" + ", ".join(value) + "}"


# Expressions -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Names:
    """What may be referred to, by what it is."""

    known: dict[str, tuple[str, ...]]
    hidden: bool

    def of(self, kind: str) -> Text:
        return st.sampled_from(self.known[kind]) if self.known[kind] else _LEAVES[kind]

    def also(self, **more: str) -> Names:
        known = {k: (*v, *([more[k]] if k in more else [])) for k, v in self.known.items()}
        return Names(known, self.hidden)


@st.composite
def expression(draw: Draw, kind: str, names: Names, depth: int) -> str:
    """An expression of that kind, most of the time. Not of another one beside what only the apply
    knows: then terraform's plan and its apply do not agree what is refused. And not a number: the
    evaluator does not know that an empty set of texts makes a text of it."""
    if not names.hidden and draw(st.integers(0, 29)) == 0:
        kind = draw(st.sampled_from(("text", "texts", "map")))
    if depth <= 0:
        return draw(_LEAVES[kind] if draw(st.booleans()) else names.of(kind))
    return draw(st.sampled_from(_MAKERS[kind]).flatmap(lambda make: make(names, depth - 1)))


def calls(form: str, *kinds: str) -> Callable[[Names, int], Text]:
    """`{0}` and so on in the form are expressions of these kinds."""

    @st.composite
    def made(draw: Draw, names: Names, depth: int) -> str:
        inside = [draw(expression(kind, names, depth)) for kind in kinds]
        return form.format(*inside)

    return made


def reference(kind: str) -> Callable[[Names, int], Text]:
    return lambda names, depth: names.of(kind)


@st.composite
def quoted_template(draw: Draw, names: Names, depth: int) -> str:
    return '"' + draw(template(names, depth, False)) + '"'


@st.composite
def heredoc(draw: Draw, names: Names, depth: int) -> str:
    """In parentheses, so that its line end ends nothing else."""
    body = draw(template(names, depth, True))
    flush = draw(st.booleans())
    return f"(<<{'-' if flush else ''}EOT\n{body}\n{'  ' if flush else ''}EOT\n)"


@st.composite
def template(draw: Draw, names: Names, depth: int, lines: bool) -> str:
    plain = ("a", "b c", "  ", " x ", "$${q}", "%%{q}", "ü", "a$b", "5% ", ",")
    literal = st.sampled_from((*plain, "\n", "\n  ", "\n    y", "\n\n", "\\") if lines else plain)
    parts = []
    for _ in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(("literal", "literal", "insert", "if", "for")))
        if kind == "literal" or depth <= 0:
            parts.append(draw(literal))
            continue
        left, right = draw(st.sampled_from(("", "~"))), draw(st.sampled_from(("", "~")))
        inner = expression_in_template(names, depth - 1)
        if kind == "insert":
            parts.append(f"${{{left} {draw(inner('text'))} {right}}}")
        elif kind == "if":
            other = f"%{{else {right}}}{draw(literal)}" if draw(st.booleans()) else ""
            body = draw(template(names, depth - 2, lines))
            parts.append(f"%{{{left} if {draw(inner('bool'))} {right}}}{body}{other}%{{ endif }}")
        else:
            body = draw(template(names.also(text="item"), depth - 1, lines))
            over = draw(inner("list"))
            parts.append(f"%{{ for item in {over} {right}}}{body}%{{{left} endfor {right}}}")
    return "".join(parts)


def expression_in_template(names: Names, depth: int) -> Callable[[str], Text]:
    """Heredocs do not stand inside of templates."""
    return lambda kind: expression(kind, names, depth).filter(lambda text: "\n" not in text)


@st.composite
def for_condition(draw: Draw, names: Names, depth: int) -> str:
    """Terraform refuses one of another type, also where there is nothing to walk over."""
    form = draw(st.sampled_from(("", " if {0} != {1}", " if length({0}) > 1", " if can({0}.a)")))
    return form.format(*(draw(expression("text", names, depth)) for _ in range(2)))


@st.composite
def for_list(draw: Draw, names: Names, depth: int) -> str:
    over = draw(st.sampled_from(("list", "texts", "set", "map")))
    inside = names.also(text="v", any="v")
    body = draw(expression(draw(st.sampled_from(("text", "text", "map"))), inside, depth))
    condition = draw(for_condition(inside, depth))
    heads = draw(st.sampled_from(("v", "k, v")))
    return f"[for {heads} in {draw(expression(over, names, depth))} : {body}{condition}]"


@st.composite
def for_map(draw: Draw, names: Names, depth: int) -> str:
    over = draw(st.sampled_from(("list", "texts", "set", "map")))
    inside = names.also(text="v", any="v")
    body = draw(expression("text", inside, depth))
    condition = draw(for_condition(inside, depth))
    key = draw(st.sampled_from(('"${v}"', "v", '"x-${v}"', "upper(v)")))
    many = draw(st.sampled_from(("", "...")))
    return f"{{for v in {draw(expression(over, names, depth))} : {key} => {body}{many}{condition}}}"


@st.composite
def written_list(draw: Draw, names: Names, depth: int) -> str:
    kind = draw(st.sampled_from(("text", "number", "list", "map")))
    return draw(list_of(kind, names, depth))


@st.composite
def written_texts(draw: Draw, names: Names, depth: int) -> str:
    return draw(list_of("text", names, depth))


@st.composite
def list_of(draw: Draw, kind: str, names: Names, depth: int) -> str:
    items = [draw(expression(kind, names, depth)) for _ in range(draw(st.integers(0, 3)))]
    return f"[{', '.join(items)}]"


@st.composite
def for_texts(draw: Draw, names: Names, depth: int) -> str:
    inside = names.also(text="v", any="v")
    over, body = draw(expression("texts", names, depth)), draw(expression("text", inside, depth))
    return f"[for v in {over} : {body}{draw(for_condition(inside, depth))}]"


@st.composite
def written_map(draw: Draw, names: Names, depth: int) -> str:
    found = {}
    for name in draw(st.lists(keys, max_size=3, unique=True)):
        kind = draw(st.sampled_from(("text", "text", "number", "list", "map", "bool")))
        found[name] = draw(expression(kind, names, depth))
    return "{" + ", ".join(f"{k} = {v}" for k, v in found.items()) + "}"


_LEAVES = {
    "text": texts_written,
    "number": numbers_written,
    "bool": bools_written,
    "list": st.sampled_from(("[1, 2.5]", "[]", '["b", ["a"]]', "[1, true, null]", "[{a = 1}]")),
    "texts": st.sampled_from(('["a", "b"]', "[]", '["b", "a", "b", ""]', '["0.0.0.0/0"]')),
    "set": st.sampled_from(('toset(["b", "a"])', "toset([])", 'toset(["é", "z", "10", "9"])')),
    "map": st.sampled_from(('{a = "1", b = "2"}', "{}", "{a = 1, name = true}", '{b = ["x"]}')),
    "any": texts_written | numbers_written,
}
_MAKERS: dict[str, list[Callable[[Names, int], Text]]] = {
    "text": [
        *(reference("text"),) * 3,
        *(quoted_template,) * 4,
        *(heredoc,) * 2,
        calls("({0} ? {1} : {2})", "bool", "text", "text"),
        calls("({0} ? {1} : {2} ? {3} : {4})", "bool", "text", "bool", "text", "text"),
        calls("({0} ? {1} : {2})", "bool", "text", "number"),
        calls("upper({0})", "text"),
        calls('join("-", {0})', "texts"),
        calls('join(",", {0})', "set"),
        calls('format("%s=%v", {0}, {1})', "text", "number"),
        calls('replace({0}, "a", {1})', "text", "text"),
        calls("trimspace({0})", "text"),
        calls("element({0}, 3)", "texts"),
        calls("{0}[0]", "texts"),
        calls('lookup({0}, "a", {1})', "map", "text"),
        calls('{0}["a"]', "map"),
        calls("coalesce({0}, {1})", "text", "text"),
        calls("coalesce({0}, {1})", "text", "number"),
        calls("tostring({0})", "number"),
        calls("jsonencode({0})", "map"),
        calls("jsonencode({0})", "list"),
        calls("try({0}.missing, {1})", "map", "text"),
        calls("one({0})", "texts"),
        calls("substr({0}, 0, 2)", "text"),
    ],
    "number": [
        reference("number"),
        calls("length({0})", "list"),
        calls("length({0})", "map"),
        calls("length({0})", "text"),
        calls("({0} + {1})", "number", "number"),
        calls("({0} - {1})", "number", "number"),
        calls("({0} * {1})", "number", "number"),
        calls("({0} / 4)", "number"),
        calls("({0} % 3)", "number"),
        calls("-({0})", "number"),
        calls("max({0}, {1})", "number", "number"),
        calls("floor({0})", "number"),
        calls("try(tonumber({0}), {1})", "text", "number"),
        calls("({0} ? {1} : {2})", "bool", "number", "number"),
        calls("sum({0})", "list"),
    ],
    "bool": [
        calls("({0} ? {1} : {2} ? {3} : {4})", "bool", "bool", "bool", "bool", "bool"),
        reference("bool"),
        calls("({0} == {1})", "text", "text"),
        calls("({0} != {1})", "any", "any"),
        calls("({0} == {1})", "list", "list"),
        calls("({0} == {1})", "map", "map"),
        calls("({0} < {1})", "number", "number"),
        calls("({0} && {1})", "bool", "bool"),
        calls("({0} || {1})", "bool", "bool"),
        calls("!({0})", "bool"),
        calls("contains({0}, {1})", "texts", "text"),
        calls("can({0}.a)", "map"),
        calls("({0} == null)", "any"),
        calls("startswith({0}, {1})", "text", "text"),
    ],
    "list": [
        *(reference("list"),) * 2,
        *(written_list,) * 3,
        *(for_list,) * 3,
        calls("{0}", "texts"),
        calls("concat({0}, {1})", "list", "list"),
        calls("concat({0}, {1})", "list", "texts"),
        calls("flatten([{0}, [{1}]])", "list", "list"),
        calls("reverse({0})", "list"),
        calls("tolist({0})", "list"),
        calls("values({0})", "map"),
        calls("slice({0}, 0, 1)", "list"),
        calls("range({0})", "number"),
        calls("({0} ? {1} : [1, 2])", "bool", "texts"),
        calls('({0} ? [1, 2] : ["a", true])', "bool"),
        calls("{0}[*]", "any"),
        calls("[{0}, {1}][*].a", "map", "map"),
        calls("[{0}].*.a", "map"),
        calls("jsondecode(jsonencode({0}))", "list"),
        calls("chunklist({0}, 2)", "list"),
        calls("setproduct({0}, {1})", "texts", "set"),
    ],
    "texts": [
        *(reference("texts"),) * 2,
        *(written_texts,) * 3,
        *(for_texts,) * 3,
        calls("concat({0}, {1})", "texts", "texts"),
        calls("flatten([{0}, [{1}]])", "texts", "texts"),
        calls("distinct({0})", "texts"),
        calls("compact({0})", "texts"),
        calls("sort({0})", "texts"),
        calls("reverse({0})", "texts"),
        calls("tolist({0})", "set"),
        calls("tolist({0})", "texts"),
        calls("keys({0})", "map"),
        calls('split(",", {0})', "text"),
        calls("({0} ? {1} : {2})", "bool", "texts", "texts"),
        calls('formatlist("%s!", {0})', "texts"),
        calls("coalescelist({0}, {1})", "texts", "texts"),
        calls("matchkeys({0}, {0}, {1})", "texts", "texts"),
    ],
    "set": [
        reference("set"),
        calls("toset({0})", "texts"),
        calls("setunion({0}, {1})", "texts", "set"),
        calls("setsubtract({0}, {1})", "set", "texts"),
        calls("setintersection({0}, {1})", "set", "set"),
        calls("toset([{0}, {1}])", "text", "number"),
        calls("({0} ? {1} : {2})", "bool", "set", "texts"),
    ],
    "map": [
        *(reference("map"),) * 2,
        *(written_map,) * 3,
        *(for_map,) * 2,
        calls("merge({0}, {1})", "map", "map"),
        calls("tomap({0})", "map"),
        calls("zipmap({0}, {1})", "texts", "list"),
        calls("{{({0}) = {1}}}", "text", "number"),
        calls("({0} ? {1} : {2})", "bool", "map", "map"),
        calls("jsondecode(jsonencode({0}))", "map"),
        calls("merge([{0}, {1}]...)", "map", "map"),
        calls("transpose({0})", "map"),
    ],
    "any": [
        reference("any"),
        calls("{0}", "text"),
        calls("{0}", "list"),
        calls("{0}", "map"),
        calls("({0} ? {1} : {2})", "bool", "any", "any"),
        calls("try({0}, {1})", "any", "any"),
        calls("{0}.a", "map"),
        calls("{0}[1]", "list"),
        calls("null"),
    ],
}

_HIDDEN = ("text", "texts", "map", "number", "bool")
_SORT = {"string": "text", "number": "number", "bool": "bool", "list": "list", "tuple": "list"}


def sort_of(constraint: str) -> str:
    if constraint == "list(string)":
        return "texts"
    head = constraint.partition("(")[0]
    return _SORT.get(head) or {"set": "set", "any": "any"}.get(head, "map")


@st.composite
def configurations(draw: Draw) -> Made:
    declarations, assignments = "", ""
    known: dict[str, tuple[str, ...]] = dict.fromkeys(_MAKERS, ())
    known["any"] = ('"any"',)
    hidden = draw(st.integers(0, 3)) == 0
    if hidden:
        known |= {kind: (f"local.hidden.{kind}",) for kind in _HIDDEN}
    for number in range(draw(st.integers(0, 3))):
        constraint, value = draw(typed())
        name = f"n_v{number}"
        declarations += f'variable "{name}" {{\n  type = {constraint}\n'
        if draw(st.booleans()):
            declarations += f"  default = {value}\n"
        else:
            assignments += f"{name} = {value}\n"
        declarations += "}\n"
        known[sort_of(constraint)] += (f"var.{name}",)
        known["any"] += (f"var.{name}",)
    locals_ = draw(st.integers(0, 2))
    for number in range(locals_):
        kind = draw(st.sampled_from(("text", "texts", "list", "map", "any")))
        text = draw(expression(kind, Names(known, hidden), 2))
        declarations += f"locals {{\n  n_l{number} = try({text}, {FAILED})\n}}\n"
        known[kind] += (f"local.n_l{number}",)
    outputs = [(f"l{number}", f"local.n_l{number}") for number in range(locals_)]
    for number in range(draw(st.integers(2, 5))):
        kind = draw(st.sampled_from(("text", "list", *_MAKERS)))
        outputs.append((str(number), draw(expression(kind, Names(known, hidden), 3))))
    return Made(declarations, assignments, tuple(outputs), locals_)
