"""Terraform's functions over partial values: a table, the real Terraform on the same table, what
stays known beside an unknown, and where values come from."""

from __future__ import annotations

import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from test_functions_cases import CASES
from test_functions_words import (
    FAILS,
    HERE,
    UNKNOWN,
    C,
    Folder,
    L,
    M,
    S,
    called,
    expression,
    plain,
    terraform_says,
    value,
)

from remediator.terraform.functions.call import Call
from remediator.terraform.functions.table import FUNCTIONS, call
from remediator.terraform.syntax import parse
from remediator.terraform.value import (
    Handle,
    Hop,
    Known,
    Mapping,
    Sequence,
    Source,
    Unknown,
    Value,
    canonical,
)


def same(a: Any, b: Any) -> bool:
    """Equal, and of the same type: true is not 1, and objects have their keys in order."""
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return [*a] == [*b] and all(same(a[k], b[k]) for k in a)
    numbers = (int, Fraction)
    if isinstance(a, numbers) and isinstance(b, numbers):
        return isinstance(a, bool) == isinstance(b, bool) and a == b
    return type(a) is type(b) and a == b


# The table ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "arguments", "expected"), CASES)
def test_the_table(name: str, arguments: list[Any], expected: Any) -> None:
    assert same(plain(called(name, *arguments)), expected)


def test_the_table_has_enough() -> None:
    assert len({expression(name, arguments) for name, arguments, _ in CASES}) == len(CASES) > 250
    others = {"file", "filebase64", "fileexists", "templatefile", "sensitive"}
    others |= {name for name in FUNCTIONS if name.startswith("file")}
    assert {name for name, _, _ in CASES} | others == {*FUNCTIONS}


@pytest.mark.skipif(shutil.which("terraform") is None, reason="no terraform on PATH to ask")
def test_terraform_says_the_same(tmp_path: Path) -> None:
    known = [(n, a, e) for n, a, e in CASES if e != UNKNOWN]
    told = terraform_says([expression(name, arguments) for name, arguments, _ in known], tmp_path)
    differing = [
        (expression(name, arguments), expected, said)
        for (name, arguments, expected), said in zip(known, told, strict=True)
        if not same(expected, said)
    ]
    assert differing == []


@pytest.mark.skipif(shutil.which("terraform") is None, reason="no terraform on PATH to ask")
def test_terraform_reads_files_the_same(tmp_path: Path) -> None:
    files = {"a.txt": "e\u0301\n".encode(), "b.bin": b"\xff\x00", "c.json": b'{"b": [1]}'}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    hashes = ("md5", "sha1", "sha256", "sha512", "base64", "base64sha256", "base64sha512")
    asked = [(name, file) for name in ("file", "fileexists") for file in (*files, "none")]
    asked += [(f"file{name}", file) for name in hashes for file in files]
    asked.remove(("file", "none"))
    told = terraform_says([expression(name, [file]) for name, file in asked], tmp_path)
    ours = [plain(called(name, file, around=Folder(files))) for name, file in asked]
    assert ours == told


# What is not evaluated -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "abspath",
        "bcrypt",
        "fileset",
        "no_such_function",
        "plantimestamp",
        "provider::aws::arn_parse",
        "templatestring",
        "timestamp",
        "type",
        "uuid",
        "yamlencode",
    ],
)
def test_not_evaluated(name: str) -> None:
    assert called(name, "a") == Unknown(f"`{name}()` is not evaluated", HERE)


def test_core_names() -> None:
    assert plain(called("core::upper", "a")) == "A"
    assert plain(called("core::try", C("element", [], 0), "a")) == "a"


def test_an_unknown_says_where_it_stands() -> None:
    for name, arguments in (("upper", [None]), ("element", [[], 0]), ("log", [5, 3]), ("can", [])):
        found = called(name, *arguments)
        assert isinstance(found, Unknown)
        assert found.expression is HERE


# Unknowns ----------------------------------------------------------------------------------

WHY = Unknown("var.x is not known")
KNOWN = ["10.0.0.0/8", "0.0.0.0/0"]


def told(found: Value) -> Any:
    """Also what is known of what is open: `[items, "…"]`."""
    if isinstance(found, Sequence) and found.open:
        return [*map(told, found.items), "…"]
    if isinstance(found, Mapping) and found.open:
        return {**{k: told(v) for k, v in found.entries.items()}, "…": "…"}
    if isinstance(found, Mapping):
        return {k: told(v) for k, v in found.entries.items()}
    return [*map(told, found.items)] if isinstance(found, Sequence) else plain(found)


OPEN = Sequence((Known("a"), Known("b")), "list", None, (WHY,))
OPEN_MAP = Mapping.of([("a", Known("x"))], "map", None, (WHY,))
PARTLY, SHOWN = {"a": "x", "b": WHY}, {"a": "x", "b": UNKNOWN}
PARTS = Unknown("var.y is not known", None, False, (Known("arn:"), WHY))


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("concat", [KNOWN, WHY], [*KNOWN, "…"]),
        ("concat", [WHY, KNOWN], [*KNOWN, "…"]),
        ("concat", [[WHY], KNOWN], [UNKNOWN, *KNOWN]),
        ("concat", [OPEN, KNOWN], ["a", "b", *KNOWN, "…"]),
        ("concat", [L(1), WHY], [1, "…"]),
        ("flatten", [[KNOWN, WHY]], [*KNOWN, "…"]),
        ("flatten", [[KNOWN, [WHY]]], [*KNOWN, "…"]),
        ("flatten", [WHY], UNKNOWN),
        ("distinct", [["a", WHY, "a"]], ["a", "…"]),
        ("compact", [["a", WHY, ""]], ["a", "…"]),
        ("toset", [["b", WHY, "a"]], ["a", "b", "…"]),
        ("toset", [[22, WHY]], ["…"]),
        ("tolist", [["b", WHY]], ["b", UNKNOWN]),
        ("tolist", [[22, WHY]], [UNKNOWN, UNKNOWN]),
        ("tolist", [S("a", WHY)], ["a", "…"]),
        ("toset", [[PARTLY]], [SHOWN]),
        ("toset", [[PARTLY, {"a": "y", "b": "z"}]], [SHOWN, {"a": "y", "b": "z"}]),
        ("toset", [[PARTLY, {"a": "x", "b": "z"}]], [SHOWN, {"a": "x", "b": "z"}, "…"]),
        ("setunion", [KNOWN, WHY], [*sorted(KNOWN), "…"]),
        ("setunion", [WHY], UNKNOWN),
        ("setintersection", [KNOWN, WHY], UNKNOWN),
        ("setintersection", [KNOWN, WHY, []], []),
        ("setintersection", [OPEN, ["a", "c"]], ["a", "…"]),
        ("setsubtract", [OPEN, ["a"]], ["b", "…"]),
        ("setsubtract", [KNOWN, WHY], UNKNOWN),
        ("setsubtract", [KNOWN, OPEN], UNKNOWN),
        ("setsubtract", [WHY, KNOWN], UNKNOWN),
        ("setsubtract", [["a", WHY], ["a"]], ["…"]),
        ("setproduct", [["a"], WHY], UNKNOWN),
        ("setproduct", [["a"], [WHY]], [["a", UNKNOWN]]),
        ("length", [OPEN], UNKNOWN),
        ("length", [[WHY, WHY]], 2),
        ("length", [S("a", WHY)], UNKNOWN),
        ("length", [{"a": WHY}], 1),
        ("length", [OPEN_MAP], UNKNOWN),
        ("element", [OPEN, 0], UNKNOWN),
        ("element", [["a", WHY], 0], "a"),
        ("element", [["a", WHY], 1], UNKNOWN),
        ("element", [["a"], WHY], UNKNOWN),
        ("slice", [OPEN, 0, 1], UNKNOWN),
        ("index", [OPEN, "a"], UNKNOWN),
        ("index", [["a", WHY], "a"], 0),
        ("index", [[WHY, "a"], "a"], UNKNOWN),
        ("contains", [OPEN, "a"], True),
        ("contains", [OPEN, "c"], UNKNOWN),
        ("contains", [["a", WHY], "c"], UNKNOWN),
        ("contains", [["a"], WHY], UNKNOWN),
        ("contains", [[{"a": 1, "b": WHY}], {"a": 2, "b": 1}], False),
        ("contains", [[], WHY], False),
        ("reverse", [["a", WHY]], [UNKNOWN, "a"]),
        ("sort", [["b", WHY, "a"]], ["a", "b", "…"]),
        ("one", [OPEN], UNKNOWN),
        ("one", [[WHY]], UNKNOWN),
        ("merge", [{"a": 1}, WHY], {"a": UNKNOWN, "…": "…"}),
        ("merge", [WHY, {"a": 1}], {"a": 1, "…": "…"}),
        ("merge", [{"a": 1}, {"a": WHY}], {"a": UNKNOWN}),
        ("merge", [{"a": 1, "b": 2}, OPEN_MAP], {"a": "x", "b": UNKNOWN, "…": "…"}),
        ("lookup", [OPEN_MAP, "a", "d"], "x"),
        ("lookup", [OPEN_MAP, "b", "d"], UNKNOWN),
        ("lookup", [OPEN_MAP, "b"], UNKNOWN),
        ("lookup", [WHY, "a", "d"], UNKNOWN),
        ("lookup", [{"a": 1}, "a", WHY], 1),
        ("lookup", [{"a": 1}, "b", WHY], UNKNOWN),
        ("lookup", [{"a": 1}, WHY, 1], UNKNOWN),
        ("keys", [OPEN_MAP], ["a", "…"]),
        ("values", [OPEN_MAP], ["x", "…"]),
        ("values", [{"a": WHY}], [UNKNOWN]),
        ("zipmap", [["a", WHY, "b"], ["x", "y", "z"]], {"a": UNKNOWN, "b": "z", "…": "…"}),
        ("zipmap", [["a"], [WHY]], {"a": UNKNOWN}),
        ("zipmap", [["a"], WHY], UNKNOWN),
        ("coalesce", [WHY, "a"], UNKNOWN),
        ("coalesce", ["a", WHY], "a"),
        ("coalesce", [22, WHY], UNKNOWN),
        ("coalesce", [None, "", "a", WHY], "a"),
        ("coalescelist", [[], WHY, ["a"]], UNKNOWN),
        ("coalescelist", [["a"], WHY], ["a"]),
        ("coalescelist", [OPEN, ["a"]], ["a", "b", "…"]),
        ("try", [WHY, "a"], UNKNOWN),
        ("try", ["a", WHY], "a"),
        ("try", [["a", WHY], "b"], UNKNOWN),
        ("can", [WHY], UNKNOWN),
        ("can", [[WHY]], UNKNOWN),
        ("join", [",", ["a", WHY]], UNKNOWN),
        ("split", [",", WHY], UNKNOWN),
        ("format", ["%s", WHY], UNKNOWN),
        ("format", ["%s-%d", WHY, "x"], FAILS),
        ("format", ["x%%"], "x%"),
        ("formatlist", ["%s-%s", ["a", "b"], ["c", WHY]], ["a-c", UNKNOWN]),
        ("formatlist", ["%s", WHY], UNKNOWN),
        ("upper", [PARTS], UNKNOWN),
        ("alltrue", [[False, WHY]], False),
        ("alltrue", [[True, WHY]], UNKNOWN),
        ("anytrue", [[True, WHY]], True),
        ("anytrue", [OPEN], FAILS),
        ("sum", [[1, WHY]], UNKNOWN),
        ("sum", [["x", WHY]], FAILS),
        ("max", [1, WHY], UNKNOWN),
        ("tostring", [WHY], UNKNOWN),
        ("tomap", [{"a": "x", "b": WHY}], {"a": "x", "b": UNKNOWN}),
        ("jsonencode", [{"a": WHY}], UNKNOWN),
        ("cidrsubnet", ["10.0.0.0/8", WHY, 1], UNKNOWN),
        ("replace", ["a", WHY, "b"], UNKNOWN),
        ("upper", [Handle("aws_x.y", lambda _: WHY)], UNKNOWN),
        ("length", [Handle("aws_x.y", lambda _: WHY)], UNKNOWN),
        ("merge", [Handle("aws_x.y", lambda _: WHY), {"a": 1}], {"a": 1, "…": "…"}),
    ],
)  # fmt: skip
def test_what_stays_known(name: str, arguments: list[Any], expected: Any) -> None:
    assert told(called(name, *arguments)) == expected


def test_what_is_made_of_a_text_has_not_its_parts() -> None:
    found = called("upper", PARTS)
    assert found == Unknown(PARTS.reason, HERE)


def test_parts_of_texts() -> None:
    joined = called("join", ",", ["a", WHY])
    assert isinstance(joined, Unknown)
    assert joined.parts == (Known("a"), Known(","), WHY)
    made = called("format", "arn:aws:iam::%s:root", WHY)
    assert isinstance(made, Unknown)
    assert [plain(part) for part in made.parts] == ["arn:aws:iam::", UNKNOWN, ":root"]


def test_json_that_is_partly_known_comes_back() -> None:
    document = value({"a": ["x", WHY], "b": S("y")})
    text = called("jsonencode", document)
    assert isinstance(text, Unknown)
    assert text.parts == (document,)
    assert told(called("jsondecode", text)) == {"a": ["x", UNKNOWN], "b": ["y"]}


# Failing -----------------------------------------------------------------------------------

BROKEN = Unknown("it breaks", fails=True)


def test_what_fails_travels_but_through_try_and_can() -> None:
    assert called("upper", BROKEN) == BROKEN
    assert called("concat", ["a"], [BROKEN]) == BROKEN
    assert plain(called("try", BROKEN, [BROKEN], {"a": [BROKEN]}, "a")) == "a"
    assert plain(called("try", BROKEN)) == FAILS
    assert plain(called("can", [BROKEN, WHY])) is False
    assert plain(called("can", ["a"])) is True


def test_a_resource_that_is_there_is_decided() -> None:
    handle = Handle("aws_x.y", lambda _: WHY)
    assert called("try", handle, None) is handle
    assert plain(called("can", [handle])) is True


# Provenance --------------------------------------------------------------------------------

FILE = parse(
    "main.tf",
    'a = "0.0.0.0/0"\nb = "::/0"\nn = 22\nl = ["x"]\n'
    'q = "a, b,\u00e9,c"\ne = "a\\u002cb,c"\n'.encode(),
)


def literal(name: str) -> Known:
    attribute = FILE.body.attribute(name)
    assert attribute is not None
    where = attribute.value
    scalar = where.string_value if where.kind == "string" else int(where.number_value)
    return Known(scalar, Source(where, (Hop("local.x", "main.tf", 9),)))


A, B, N = literal("a"), literal("b"), literal("n")
FIRST = Sequence((A, B))


def only(found: Value) -> Value:
    assert isinstance(found, Sequence)
    return found.items[0]


@pytest.mark.parametrize(
    "found",
    [
        only(called("concat", FIRST, ["x"])),
        only(called("flatten", [[FIRST], "x"])),
        only(called("distinct", [A, "x", "0.0.0.0/0"])),
        only(called("compact", ["", A])),
        only(called("toset", [A, "x"])),
        only(called("tolist", [A, 1])),
        only(called("setsubtract", [A, "x"], ["x"])),
        only(called("setunion", [A], ["x"])),
        only(called("setintersection", [A, "x"], ["0.0.0.0/0"])),
        only(called("slice", FIRST, 0, 1)),
        only(called("reverse", called("reverse", FIRST))),
        only(called("sort", ["z", A])),
        only(called("values", {"a": A})),
        only(called("values", called("zipmap", ["a"], [A]))),
        only(called("values", called("merge", {"a": "x"}, {"a": A}))),
        only(called("matchkeys", [A, "x"], ["1", "2"], ["1"])),
        only(only(called("chunklist", FIRST, 2))),
        only(only(called("setproduct", [A], ["x"]))),
        called("lookup", {"a": A}, "a", "x"),
        called("lookup", {"a": "x"}, "b", A),
        called("element", FIRST, 2),
        called("one", [A]),
        called("coalesce", None, "", A),
        only(called("coalescelist", [], [A])),
        called("try", BROKEN, A),
        called("nonsensitive", A),
        called("sensitive", A),
        called("tostring", A),
        called("trimspace", A),
        called("trimprefix", A, "x"),
        only(called("jsondecode", called("jsonencode", [A]))),
        called("pathexpand", A),
    ],
)
def test_the_very_value_is_passed_along(found: Value) -> None:
    assert found is A


def test_collections_that_are_returned_are_the_very_ones() -> None:
    listed = value(L("a", "b"))
    assert called("coalescelist", [], listed) is listed
    assert called("coalesce", None, listed) is listed
    assert called("tolist", listed) is listed
    assert called("try", listed) is listed
    assert called("lookup", {"a": listed}, "a") is listed


def test_collections_that_are_made_have_no_source() -> None:
    where = FILE.body.attribute("l")
    assert where is not None
    written = Sequence((A, B), "tuple", Source(where.value))
    for name in ("concat", "flatten", "distinct", "toset", "tolist", "reverse", "compact"):
        found = called(name, written)
        assert isinstance(found, Sequence)
        assert found.source is None


def test_conversions_keep_the_source() -> None:
    assert called("tostring", N) == Known("22", N.source)
    assert only(called("toset", [N, "a"])) == Known("22", N.source)
    assert called("coalesce", N, "x") == Known("22", N.source)
    assert only(called("values", called("tomap", {"a": N, "b": "x"}))) == Known("22", N.source)


@pytest.mark.parametrize(
    "found",
    [
        called("join", ",", [A]),
        called("format", "%s", A),
        called("replace", A, "/x/", "y"),
        called("lower", A),
        only(called("formatlist", "%s", [A])),
        called("base64decode", called("base64encode", A)),
    ],
)
def test_new_texts_have_no_source(found: Value) -> None:
    assert found == Known("0.0.0.0/0")


def text_at(found: Value) -> bytes | None:
    """What stands in the file where the value says that it stands."""
    assert isinstance(found, Known)
    if found.source is None:
        return None
    assert A.source
    assert found.source.via == A.source.via
    _, start, end = found.source.span
    return FILE.data[start:end]


def test_pieces_know_their_place() -> None:
    found = called("split", ",", literal("q"))
    assert isinstance(found, Sequence)
    assert plain(found) == ["a", " b", "é", "c"]
    assert [text_at(piece) for piece in found.items] == [b"a", b" b", "é".encode(), b"c"]
    trimmed = called("trimspace", found.items[1])
    assert plain(trimmed) == "b"
    assert text_at(trimmed) == b"b"
    again = called("split", "b", found.items[1])
    assert isinstance(again, Sequence)
    assert [text_at(piece) for piece in again.items] == [b" ", b""]


def test_pieces_of_a_literal_with_escapes_have_no_place() -> None:
    found = called("split", ",", literal("e"))
    assert isinstance(found, Sequence)
    assert plain(found) == ["a", "b", "c"]
    assert [text_at(piece) for piece in found.items] == [None, None, None]


@pytest.mark.parametrize(
    ("name", "more", "expected"),
    [
        ("trimspace", [], "a, b,é,c"),
        ("trimprefix", ["a, "], "b,é,c"),
        ("trimsuffix", [",c"], "a, b,é"),
        ("trim", ["ac"], ", b,é,"),
    ],
)
def test_what_is_trimmed_keeps_its_place(name: str, more: list[str], expected: str) -> None:
    found = called(name, literal("q"), *more)
    assert plain(found) == expected
    assert (text_at(found) or b"").strip(b'"') == expected.encode()


def test_numbers_are_no_pieces() -> None:
    assert only(called("split", "x", N)) == Known("22")


# JSON texts and files ------------------------------------------------------------------------


def test_a_json_text_remembers_what_it_was_made_from() -> None:
    document = value({"cidr": A, "set": S("b", "a"), "map": M(k="v")})
    text = called("jsonencode", document)
    assert isinstance(text, Known)
    assert text.structure is document
    decoded = called("jsondecode", text)
    assert isinstance(decoded, Mapping)
    assert decoded.entries["cidr"] is A
    kinds = {k: getattr(decoded.entries[k], "kind", None) for k in ("set", "map")}
    assert kinds == {"set": "tuple", "map": "object"}


def test_a_text_that_is_not_its_structure_is_read() -> None:
    """Templates keep their pieces in the same place."""
    pieces = Sequence((Known('["a"'), Known(', "b"]')))
    text = Known('["a", "b"]', None, pieces)
    assert plain(called("jsondecode", text)) == ["a", "b"]


class JsonFolder(Folder):
    def json_file(self, path: str) -> Value | None:
        return Mapping.of([("cidr", A)]) if path.endswith(".json") else None


def test_a_json_file_remembers_its_document() -> None:
    around = JsonFolder({"p.json": b'{"cidr": "0.0.0.0/0"}', "x.txt": b"{}"})
    text = called("file", "p.json", around=around)
    decoded = called("jsondecode", text)
    assert isinstance(decoded, Mapping)
    assert decoded.entries["cidr"] is A
    plain_text = called("file", "x.txt", around=around)
    assert canonical(plain_text) == canonical(Known("{}"))


def test_files_that_are_not_known() -> None:
    assert plain(called("file", "none")) == UNKNOWN
    assert plain(called("file", "~/x")) == UNKNOWN
    assert plain(called("file", WHY)) == UNKNOWN
    assert plain(called("file", None)) == FAILS
    assert plain(called("fileexists", "~/x")) == UNKNOWN
    assert plain(called("filesha256", "none")) == UNKNOWN


def test_a_template_is_rendered_with_its_variables() -> None:
    assert plain(called("templatefile", "t.tpl", {"a": 1})) == ["t.tpl", {"a": 1}]
    assert plain(called("templatefile", "t.tpl", {"a": WHY})) == ["t.tpl", {"a": UNKNOWN}]
    assert plain(called("templatefile", "t.tpl", WHY)) == UNKNOWN
    assert plain(called("templatefile", WHY, {})) == UNKNOWN
    assert plain(called("templatefile", "t.tpl", None)) == FAILS


def test_the_call_is_told_as_it_was_written() -> None:
    found = call(Call("core::nothing", (), HERE, Folder()))
    assert found == Unknown("`core::nothing()` is not evaluated", HERE)
