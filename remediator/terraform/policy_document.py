"""`data.aws_iam_policy_document`: the text that the AWS provider makes of its blocks.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
and, for what it leaves out, the provider's policy_document_data_source.go and policy_model.go.
Every text of the document keeps its source.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import reduce

from remediator.terraform.content import Content
from remediator.terraform.evaluate import Scope
from remediator.terraform.functions.convert import as_list, as_set, scalar
from remediator.terraform.functions.unify import STRING
from remediator.terraform.nested import Nested, nested_blocks
from remediator.terraform.policy_merge import (
    Document,
    backwards,
    everybody,
    merged,
    of_statements,
    of_unknown,
    read,
    repeated,
)
from remediator.terraform.policy_text import written
from remediator.terraform.value import (
    Known,
    Mapping,
    Sequence,
    Unknown,
    Value,
    as_text,
    failure,
    is_known,
    is_null,
    unknowns,
)

_OLD, _NEW = "2008-10-17", "2012-10-17"
_LISTS = {
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
}
_PRINCIPALS = {"principals": "Principal", "not_principals": "NotPrincipal"}


def policy_text(content: Content, scope: Scope, indented: bool) -> Value:
    """`json`, or `minified_json`. An Unknown has the one value as its part: the document, as far
    as it is known."""
    found = _Reader(Nested(content, scope)).document()
    if isinstance(found, Unknown):
        return found
    tree = found.tree()
    unsure = sorted(unknowns(tree), key=lambda unknown: not unknown.fails)
    if unsure:
        return replace(unsure[0], parts=(tree,))
    text = written(tree, indented)
    return text if isinstance(text, Unknown) else Known(text, None, tree)


class _Reader:
    def __init__(self, block: Nested) -> None:
        self.block = block
        self.version = _text(block.argument("version")) or Known(_NEW)

    def document(self) -> Document | Unknown:
        """The arguments with one text are those of the provider's third version and before."""
        sources = [*self._texts("source_json"), *self._texts("source_policy_documents")]
        overrides = [*self._texts("override_policy_documents"), *self._texts("override_json")]
        own = self._own()
        known = [s for source in sources for s in source.statements]
        twice = repeated(known) or repeated(own.statements)
        if twice:
            return failure(f"the document has two statements with the Sid {twice!r}")
        return reduce(merged, [*sources, own, *overrides], Document())

    def _texts(self, name: str) -> list[Document]:
        value = self.block.argument(name)
        if is_null(value):
            return []
        if isinstance(value, Sequence):
            documents = [read(item) for item in value.items if not is_null(item)]
            return [*documents, *map(of_unknown, value.open)]
        assert value is not None  # null is out already
        return [read(value)]

    def _own(self) -> Document:
        blocks = nested_blocks(self.block.content, "statement", self.block.scope)
        statements = [self._statement(block) for block in blocks.blocks]
        id_ = _text(self.block.argument("policy_id"))
        return of_statements(self.version, id_, statements, blocks.open)

    def _statement(self, block: Nested) -> Mapping:
        entries: dict[str, Value | None] = {
            "Sid": _text(block.argument("sid")),
            "Effect": _text(block.argument("effect")) or Known("Allow"),
            "Condition": self._conditions(block),
        }
        for argument, name in _LISTS.items():
            found = _strings(block.argument(argument))
            found = (
                None if isinstance(found, Sequence) and not (found.items or found.open) else found
            )
            entries[name] = found if name.endswith("Action") else self._filled(found)
        for kind, name in _PRINCIPALS.items():
            entries[name] = self._principals(block, kind)
        return Mapping.of((name, value) for name, value in entries.items() if value is not None)

    def _filled(self, value: Value | None) -> Value | None:
        """`&{` is how a policy variable is written in a Terraform text."""
        match value:
            case Known(value=str() as text) if "&{" in text:
                if isinstance(self.version, Unknown):
                    return replace(self.version, parts=())
                if as_text(self.version) == _OLD:
                    return failure(f"a document of version {_OLD} has no variables")
                return replace(value, value=text.replace("&{", "${"))
            case Sequence():
                items = tuple(self._filled(item) or item for item in value.items)
                return replace(value, items=items)
        return value

    # Principals and conditions -----------------------------------------------------------

    def _principals(self, block: Nested, kind: str) -> Value | None:
        blocks = nested_blocks(block.content, kind, block.scope)
        pairs = [(b.argument("type"), _strings(b.argument("identifiers"))) for b in blocks.blocks]
        unsure = [*blocks.open]
        found: dict[str, Value] = {}
        for type_, identifiers in _each_once(pairs, _principals_hash):
            name = as_text(type_)
            if name is None or identifiers is None:
                unsure.append(_why(type_, identifiers))
            else:
                value = self._filled(identifiers) or identifiers
                found[name] = _joined(found[name], value) if name in found else value
        if not found and not unsure:
            return None
        return everybody(_loosened(found, tuple(unsure)))

    def _conditions(self, block: Nested) -> Value | None:
        blocks = nested_blocks(block.content, "condition", block.scope)
        pairs = [
            (_both(b.argument("test"), b.argument("variable")), _list(b.argument("values")))
            for b in blocks.blocks
        ]
        unsure = [*blocks.open]
        found: dict[str, dict[str, Value]] = {}
        for names, values in _each_once(pairs, _conditions_hash):
            if not isinstance(names, Sequence) or values is None:
                unsure.append(_why(names, values))
                continue
            test, variable = (as_text(name) or "" for name in names.items)
            value = self._filled(values) or values
            tested = found.setdefault(test, {})
            tested[variable] = _joined(tested[variable], value) if variable in tested else value
        if not found and not unsure:
            return None
        tests = {test: _loosened(_flat(tested), tuple(unsure)) for test, tested in found.items()}
        return Mapping.of(tests.items(), "object", None, tuple(unsure))


def _text(value: Value | None) -> Value | None:
    """None where it is not set, which an empty text is not either."""
    if value is None or is_null(value):
        return None
    text = value if isinstance(value, Unknown) else scalar(value, "string")
    if isinstance(text, Unknown):
        return replace(text, parts=())
    return None if as_text(text) == "" else text


def _strings(value: Value | None) -> Value | None:
    """A set of texts: one stands without a list, more are sorted backwards."""
    if value is None or is_null(value):
        return None
    found = as_set(value, STRING)
    if isinstance(found, Unknown):
        return replace(found, parts=())
    if any(is_null(item) for item in found.items):
        return Unknown("a list of a policy document has null in it")
    return found.items[0] if len(found.items) == 1 and not found.open else backwards(found)


def _list(value: Value | None) -> Value | None:
    found = None if value is None else as_list(value, STRING)
    if isinstance(found, Sequence) and any(is_null(item) for item in found.items):
        return Unknown("a list of a policy document has null in it")
    return replace(found, source=None) if isinstance(found, Sequence) else found


def _both(test: Value | None, variable: Value | None) -> Value | None:
    known = [v for v in (test, variable) if as_text(v) is not None and v is not None]
    return Sequence(tuple(known)) if len(known) == 2 else _why(test, variable)


def _why(*values: Value | None) -> Unknown:
    unknown = next((v for v in values if isinstance(v, Unknown)), None)
    return replace(unknown, parts=()) if unknown else failure("a policy document leaves one out")


def _joined(first: Value, second: Value) -> Value:
    """The texts of two blocks for the same."""
    for value in (first, second):
        if isinstance(value, Unknown):
            return value
    items = [v.items if isinstance(v, Sequence) else (v,) for v in (first, second)]
    opens = [v.open for v in (first, second) if isinstance(v, Sequence)]
    return Sequence((*items[0], *items[1]), "tuple", None, tuple(u for o in opens for u in o))


def _loosened(found: dict[str, Value], unsure: tuple[Unknown, ...]) -> Mapping:
    """Another block, not known, may add to any of these."""
    if unsure:
        found = {
            key: _joined(value, Sequence((), "tuple", None, unsure)) for key, value in found.items()
        }
    return Mapping.of(found.items(), "object", None, unsure)


def _flat(tested: dict[str, Value]) -> dict[str, Value]:
    return {
        name: value.items[0]
        if isinstance(value, Sequence) and len(value.items) == 1 and not value.open
        else value
        for name, value in tested.items()
    }


# The order of sets, by the hash of the provider's SDK ----------------------------------------

Pair = tuple[Value | None, Value | None]
Hash = Callable[[Value | None, Value | None], str]


def _each_once(pairs: list[Pair], hashed: Hash) -> Iterator[Pair]:
    """As the set of blocks has them; those that are not known last."""
    known = {
        hashed(*pair): pair for pair in pairs if all(v is not None and is_known(v) for v in pair)
    }
    yield from (known[key] for key in sorted(known))
    yield from (pair for pair in pairs if not all(v is not None and is_known(v) for v in pair))


def _hash(text: str) -> str:
    return str(zlib.crc32(text.encode()))


def _in_set(texts: Iterable[str]) -> str:
    return "".join(sorted((f"{text};" for text in texts), key=_hash))


def _all_texts(value: Value | None) -> list[str]:
    items = value.items if isinstance(value, Sequence) else (value,)
    return [as_text(item) or "" for item in items]


def _principals_hash(type_: Value | None, identifiers: Value | None) -> str:
    return _hash(f"identifiers:{{{_in_set(_all_texts(identifiers))}}};type:{as_text(type_)};")


def _conditions_hash(names: Value | None, values: Value | None) -> str:
    test, variable = _all_texts(names)
    inside = "".join(f"{text};" for text in _all_texts(values))
    return _hash(f"test:{test};values:({inside});variable:{variable};")
