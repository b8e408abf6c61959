"""The lossless view: what it says of a file, and which files it refuses."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remediator.model import SourceError
from remediator.terraform.literal import string_literal
from remediator.terraform.syntax import Body, Expression, SourceFile, parse, references

BOM = b"\xef\xbb\xbf"

GROUP = b"""\
# Web servers
resource "aws_security_group" "web" {
  name = "web" # the name

  ingress { from_port = 22 }
  # open
  ingress {
    cidr_blocks = ["10.0.0.0/8"]
  }
  # the end
}
"""


def file_of(text: str) -> SourceFile:
    return parse("main.tf", text.encode())


def value_of(text: str) -> Expression:
    return file_of(f"x = {text}\n").body.attributes[0].value


@pytest.mark.parametrize(
    ("header", "address", "labels"),
    [
        ('resource "aws_iam_role" "web"', "aws_iam_role.web", ("aws_iam_role", "web")),
        ("resource aws_iam_role web", "aws_iam_role.web", ("aws_iam_role", "web")),
        ('resource /* a */ "t" /* b */ n /* c */', "t.n", ("t", "n")),
        ('data "aws_ami" "x"', "data.aws_ami.x", ("aws_ami", "x")),
        ('ephemeral "t" "x"', "ephemeral.t.x", ("t", "x")),
        ('module "net"', "module.net", ("net",)),
        ('variable "a"', "variable.a", ("a",)),
        ('output "a"', "output.a", ("a",)),
        ('provider "aws"', "provider.aws", ("aws",)),
        ("locals", "locals", ()),
        ("terraform", "terraform", ()),
        (r'resource "t" "a\"b"', 't.a"b', ("t", 'a"b')),
        ('resource "t" "${a}"', "t.${a}", ("t", "${a}")),
    ],
)
def test_a_block_has_an_address(header: str, address: str, labels: tuple[str, ...]) -> None:
    file = file_of(f"{header} {{\n}}\n")
    block = file.block(address)
    assert block is not None
    assert (block.address, block.labels) == (address, labels)
    assert file.blocks == (block,)


def test_an_address_that_is_not_there_is_none() -> None:
    assert parse("main.tf", GROUP).block("aws_security_group.other") is None


def test_an_address_declared_twice_is_an_error_only_where_it_is_asked_for() -> None:
    file = file_of('locals {\n}\nresource "a" "b" {}\nresource "a" "b" {}\nresource "a" "c" {}\n')
    assert file.block("a.c") is not None
    with pytest.raises(SourceError, match=r"main\.tf:4:1: a\.b is already declared on line 3"):
        file.block("a.b")


def test_a_block_knows_its_bytes_and_its_own_level() -> None:
    file = parse("main.tf", GROUP)
    (block,) = file.blocks
    first, second = block.body.nested("ingress")
    assert block.text == GROUP[GROUP.index(b"resource") : -1]
    assert (block.line, block.column, block.one_line) == (2, 1, False)
    assert (first.text, first.one_line) == (b"ingress { from_port = 22 }", True)
    assert (second.line, second.column, second.one_line) == (7, 3, False)
    assert [a.name for a in block.body.attributes] == ["name"]
    assert block.body.attribute("cidr_blocks") is None
    assert block.body.nested("egress") == ()
    assert GROUP[first.body.start : first.body.end] == b" from_port = 22 "
    assert [c.text for c in block.body.comments] == [b"# the name", b"# open", b"# the end"]
    assert [(c.line, c.text) for c in file.body.comments] == [(1, b"# Web servers")]


@pytest.mark.parametrize("braces", ["{}", "{ }", "{\n}", "{\n  # only this\n}"])
def test_an_empty_body_has_a_span_too(braces: str) -> None:
    body = file_of(f"a {braces}\n").blocks[0].body
    assert (body.attributes, body.blocks) == ((), ())
    assert body.file.data[body.start : body.end] == braces[1:-1].encode()


@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
@pytest.mark.parametrize("start", [b"", BOM])
def test_line_ends_and_a_byte_order_mark_belong_to_no_piece(newline: bytes, start: bytes) -> None:
    data = start + GROUP.replace(b"\n", newline)
    file = parse("main.tf", data)
    assert file.newline == newline
    assert (file.body.start, file.body.end) == (len(start), len(data))
    assert [c.text for c in file.body.comments] == [b"# Web servers"]
    assert file.body.comments[0].start == len(start)
    assert [(b.line, b.column) for b in file.blocks] == [(2, 1)]
    assert [c.text for c in file.blocks[0].body.comments][-1] == b"# the end"


def test_the_majority_decides_on_the_line_end() -> None:
    assert file_of("a = 1\r\nb = 2\r\nc = 3\n").newline == b"\r\n"
    assert file_of("a = 1\r\nb = 2\nc = 3\n").newline == b"\n"
    assert file_of("").newline == b"\n"


def test_columns_count_characters() -> None:
    value = parse("main.tf", BOM + 'é = { "ß" = "x" }\n'.encode()).body.attributes[0].value
    assert (value.column, value.entries[0].value.column) == (5, 13)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('"a"', "string"),
        ('""', "string"),
        (r'"a \" $${x} %%{y} \u00e9 $ %"', "string"),
        ("1", "number"),
        ("1.5", "number"),
        ("-1", "number"),
        ("1.5E-3", "number"),
        ("true", "bool"),
        ("null", "null"),
        ("[]", "tuple"),
        ("[1, [2]]", "tuple"),
        ("{}", "object"),
        ("{ a = 1 }", "object"),
        ('"${a}"', "template"),
        ('"a${b.c}d"', "template"),
        ('"%{if a}b%{endif}"', "template"),
        ("<<EOT\na\nEOT", "heredoc"),
        ("<<-EOT\n  ${a}\n  EOT", "heredoc"),
        ("f()", "call"),
        ("f(1, a.b)", "call"),
        ("provider::aws::f(1)", "call"),
        ("a", "traversal"),
        ("a.b.c", "traversal"),
        ("a.b[0].c", "traversal"),
        ('a["x"].b', "traversal"),
        ("a[count.index]", "traversal"),
        ("a.0.b", "traversal"),
        ("a /* c */ . b", "traversal"),
        # nothing of what follows is a plain value
        ("(1)", "other"),
        ("1 + 2", "other"),
        ("-a", "other"),
        ("!true", "other"),
        ("a ? b : c", "other"),
        ("[for x in y : x]", "other"),
        ("{ for k, v in y : k => v }", "other"),
        ("a[*].b", "other"),
        ("a.*.b", "other"),
        ("f(a...)", "other"),
        ("f(a).b", "other"),
        ("f(a)[0]", "other"),
        ("(a).b", "other"),
        # tree-sitter takes these, Terraform does not
        ("0x16", "other"),
        ('"a\nb"', "other"),
        (r'"\ud800"', "other"),
        ("9" * 65, "other"),
    ],
)
def test_an_expression_has_a_kind(text: str, kind: str) -> None:
    value = value_of(text)
    assert (value.kind, value.text) == (kind, text.encode())


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("", ""),
        ("0.0.0.0/0", "0.0.0.0/0"),
        (r"a\nb\tc\rd", "a\nb\tc\rd"),
        (r"\"\\", '"\\'),
        (r"\\n", "\\n"),
        (r"\u00e9\U0001f600", "é😀"),
        ("$${a}", "${a}"),
        ("%%{a}", "%{a}"),
        ("$$a %%", "$$a %%"),
        (r"\u0024$${a}", "$${a}"),
        (r"\u0024{a}", "${a}"),
        ("e\u0301", "é"),
    ],
)
def test_a_string_means_what_terraform_says(written: str, meant: str) -> None:
    assert value_of(f'"{written}"').string_value == meant


@pytest.mark.parametrize(
    ("text", "number"),
    [("22", 22), ("22.0", 22), ("0.5", 0.5), ("-1", -1), ("1.5E1", 15), ("007", 7), ("-1.5", -1.5)],
)
def test_a_number_is_an_integer_where_it_can_be(text: str, number: float) -> None:
    found = value_of(text).number_value
    assert (found, type(found)) == (number, type(number))


def test_collections_give_their_pieces() -> None:
    value = value_of('[1, /* no */ "a", # one\n  [b.c],\n]')
    assert [i.text for i in value.items] == [b"1", b'"a"', b"[b.c]"]
    entries = value_of('{ a = 1, "b" : 2\n (c) = 3\n "${d}" = 4\n e.f = 5 }').entries
    assert [(e.name, e.value.text) for e in entries] == [
        ("a", b"1"),
        ("b", b"2"),
        (None, b"3"),
        (None, b"4"),
        (None, b"5"),
    ]
    call = value_of("jsonencode({ a = f() }, [1])")
    assert (call.function, [a.kind for a in call.arguments]) == ("jsonencode", ["object", "tuple"])
    assert value_of("f()").arguments == ()
    assert (value_of("true").bool_value, value_of("false").bool_value) == (True, False)


def test_parentheses_come_off_only_when_asked() -> None:
    assert value_of('((/* why */ "a"))').unwrapped.string_value == "a"
    assert value_of("(a).b").unwrapped.text == b"(a).b"
    assert value_of("1").unwrapped.number_value == 1


@pytest.mark.parametrize("name", ["items", "entries", "arguments", "string_value", "bool_value"])
def test_a_piece_of_another_kind_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"main\.tf:1: a number, not a "):
        getattr(value_of("1"), name)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = aws_sg.web.id", ["aws_sg.web.id"]),
        ("x = aws_sg.web[0].id", ["aws_sg.web.id"]),
        ("x = aws_sg.web[*].id", ["aws_sg.web.id"]),
        ("x = aws_sg.web.*.id", ["aws_sg.web.id"]),
        ("x = module.m[each.key].out", ["module.m.out", "each.key"]),
        ('x = local.y["${var.z}"].w', ["local.y.w", "var.z"]),
        ('x = "a${b.c}d${e.f}"', ["b.c", "e.f"]),
        ('x = "%{if a.b}c%{endif}"', ["a.b"]),
        ("x = <<EOT\n${a.b}\n%{for k in c.d}${k}%{endfor}\nEOT", ["a.b", "c.d", "k"]),
        ("x = [for k in a.b : k.c if k.d]", ["a.b", "k.c", "k.d"]),
        ("x = -a.b + f(c.d).e", ["a.b", "c.d"]),
        ("x = a.b ? c : (d.e)", ["a.b", "c", "d.e"]),
        ("x = { a = b.c, (d.e) = 1 }", ["b.c", "d.e"]),
        ("x = { a.b = 1 }", ["a.b"]),
        ('a "b" {\n  dynamic "i" {\n    for_each = c.d\n  }\n}', ["c.d"]),
        ("a {\n  depends_on = [b.c]\n}", ["b.c"]),
        ('a {\n  depends_on = ["b.c"]\n}', ["b.c"]),
        ('a {\n  provider = "aws.west"\n}', ["aws.west"]),
        ("x = a.0.b", ["a.b"]),
        # no references
        ('x = "a.b"', []),
        ('a "b" {\n  depends_on = []\n  c = "d.e"\n}', []),
        ("x = { a = 1 }", []),
        ('x = "$${a.b}"', []),
        ("# a.b", []),
    ],
)
def test_references_are_found_in_order(text: str, expected: list[str]) -> None:
    file = file_of(text + "\n")
    assert [".".join(r.parts) for r in references(file)] == expected


def test_references_of_a_part_stay_in_it_and_know_their_place() -> None:
    file = file_of("a {\n  b = c.d[0]\n}\ne = f.g\n")
    (found,) = references(file.blocks[0].body)
    assert (found.line, file.data[found.start : found.end]) == (2, b"c.d[0]")
    (found,) = references(file.body.attributes[0].value)
    assert (found.parts, found.line) == (("f", "g"), 4)


@pytest.mark.parametrize(
    ("data", "line", "column", "words"),
    [
        (b"a = [1 2]\n", 1, 9, "cannot be read"),
        (b"a {\n  b = 1\n", 3, 1, "`}` is missing"),
        (b"a {\n}}\n", 2, 2, "cannot be read"),
        (b'a {\n  b = "c\n}\n', 2, 7, "cannot be read"),
        (b"a = 1e5\n", 1, 6, "cannot be read"),
        (b"a {\n  b =\n}\nc {}\n", 2, 3, "cannot be read"),
        (b'a = "\\q"\n', 1, 6, "cannot be read"),
        (b"<<<<<<< HEAD\na = 1\n", 1, 1, "cannot be read"),
        (b'a = "\0"\n', 1, 6, "cannot be read"),
        (b"a = 1\nb = '1'\n", 2, 1, "cannot be read"),
        (b"a = 1\rb = 2\n", 1, 6, "carriage return"),
        (b'a = "\r"\n', 1, 6, "carriage return"),
        (b"a = 1\n\xff\n", 2, 1, "UTF-8"),
        (b"a = 1\nb = 2\na = 3\n", 3, 1, "`a` is already set on line 1"),
        (b"a {\n  b {\n    c = 1\n    c = 1\n  }\n}\n", 4, 5, "`c` is already set on line 3"),
        (b"a = 1 b = 2\n", 1, 7, "newline is missing"),
        (b"a {} b {}\n", 1, 6, "newline is missing"),
        (b"a = 1 /* \n */ b = 2\n", 2, 5, "newline is missing"),
        (b"a {\n  b = 1 }\n", 2, 9, "newline is missing"),
        (b"a { b = 1 c = 2 }\n", 1, 11, "only one argument"),
        (b"a { b { c = 1 } }\n", 1, 5, "starts on its own line"),
        (b"a { b = 1\n}\n", 1, 10, "ends on it"),
        (b"a\n{}\n", 1, 1, "on the line of its type"),
    ],
)
def test_what_is_not_terraform_is_refused_with_its_place(
    data: bytes, line: int, column: int, words: str
) -> None:
    with pytest.raises(SourceError) as caught:
        parse("dir/main.tf", data)
    error = caught.value
    assert (error.path, error.line, error.column) == ("dir/main.tf", line, column)
    assert words in error.text


@pytest.mark.parametrize(
    "data",
    [
        b"",
        BOM,
        b"\n\n",
        b"# only a comment",
        b"a {\n  b = 1\n}\nc {\n  b = 1\n}",
        b"a { b = [\n  1\n] }\n",
        b"a { /* c */ b = 1 /* d */ } # e\n",
        b"a = 1 # /*\nb = 2 // */\n",
        b"a = 1 /* \n */\nb = 2\n",
        b"a = <<-EOT\n  b = 1 b = 2\n  EOT\n",
        b"a = { b = 1\n b = 2 }\n",
    ],
)
def test_what_is_terraform_is_taken(data: bytes) -> None:
    assert parse("main.tf", data).data == data


@pytest.mark.parametrize(
    ("before", "inside", "after"),
    [
        ("x = ", "(", ")"),
        ("x = ", "[", "]"),
        ("x = -", "-", ""),
        ("", "a {\n", "\n}"),
        ("x = 1", "+1", ""),
    ],
)
def test_nesting_may_be_as_deep_as_the_file_is_long(before: str, inside: str, after: str) -> None:
    middle = "1" if before.endswith((" ", "-")) else ""
    text = before + inside * 20_000 + middle + after * 20_000
    file = file_of(text + "\n")
    assert list(references(file)) == []
    assert [a.value.unwrapped.file for a in file.body.attributes] in ([], [file])


def test_unclosed_nesting_is_an_error_and_not_a_crash() -> None:
    with pytest.raises(SourceError):
        file_of("x = " + "[" * 20_000)


@given(st.text())
def test_a_string_literal_reads_back(value: str) -> None:
    try:
        literal = string_literal(value)
    except ValueError:
        assert any(0xD800 <= ord(c) < 0xE000 for c in value)
        return
    expression = value_of(literal)
    assert expression.kind == "string"
    assert expression.string_value == unicodedata.normalize("NFC", value)


@given(st.text(alphabet='$%{}"\\\n\ru a', max_size=12))
def test_a_string_literal_of_nothing_but_special_characters_reads_back(value: str) -> None:
    assert value_of(string_literal(value)).string_value == value


NAMES = st.sampled_from(["a", "b_c", "d-e", "f0"])
VALUES = st.sampled_from(["1", '"x"', "[1, 2]", "{ a = 1 }", "a.b", "<<E\n}\nE", '"${a}"', "(1)"])
GAPS = st.sampled_from(["\n", "\n\n", " # c\n", "\n# c\n", " /* c */\n"])


@st.composite
def bodies(draw: st.DrawFn, depth: int = 2) -> str:
    parts = []
    for name in draw(st.lists(NAMES, unique=True, max_size=4)):
        if depth and draw(st.booleans()):
            inside = draw(bodies(depth=depth - 1))
            parts.append(f'{name} "l" {{\n{inside}}}' + draw(GAPS))
        else:
            value = draw(VALUES)
            gap = "\n" if value.startswith("<<") else draw(GAPS)
            parts.append(f"{name} = {value}{gap}")
    return "".join(parts)


def pieces(body: Body) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for block in body.blocks:
        inner = pieces(block.body)
        assert all(block.body.start <= s <= e <= block.body.end for s, e in inner)
        found.append((block.start, block.end))
    found += [(a.start, a.end) for a in body.attributes]
    found += [(c.start, c.end) for c in body.comments]
    return sorted(found)


@given(bodies(), st.sampled_from(["\n", "\r\n"]))
@settings(max_examples=60)
def test_nothing_but_white_space_is_outside_the_pieces(text: str, newline: str) -> None:
    file = file_of(text.replace("\n", newline))
    done = 0
    for start, end in [*pieces(file.body), (len(file.data), len(file.data))]:
        assert file.data[done:start].strip() == b""
        done = end
