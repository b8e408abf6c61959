"""Small repositories that would take for ever, or all memory, if they were taken at their word."""

from __future__ import annotations

from collections.abc import Callable, Mapping

Bomb = Mapping[str, str]
DEEP = 20_000


def root(text: str) -> Bomb:
    return {"main.tf": text}


def value(text: str, more: str = "") -> Bomb:
    """The value where it matters: the CIDRs of a rule."""
    rule = f"""
resource "aws_security_group" "web" {{
  ingress {{
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = local.value
  }}
}}

locals {{
  value = {text}
}}
"""
    return {"main.tf": rule + more}


def repeated(text: str) -> Bomb:
    """The meta-arguments of a rule."""
    return root(
        f"""
resource "aws_security_group_rule" "web" {{
  {text}
  type              = "ingress"
  from_port         = 22
  to_port           = 22
  protocol          = "tcp"
  cidr_blocks       = ["0.0.0.0/0"]
  security_group_id = "sg-1"
}}
"""
    )


def chain(first: str, step: str, count: int = 60) -> str:
    """locals: v0 is the first, each one after it is the step over the one before."""
    lines = [f"  v0 = {first}"]
    lines += [f"  v{n} = {step.replace('@', f'local.v{n - 1}')}" for n in range(1, count + 1)]
    return "locals {\n" + "\n".join(lines) + "\n}\n"


def doubled(first: str, step: str, count: int = 60, use: str = "@") -> Bomb:
    return value(use.replace("@", f"local.v{count}"), chain(first, step, count))


def around(before: str, inside: str, after: str, depth: int = DEEP) -> str:
    return before * depth + inside + after * depth


def module(source: str, more: str = "") -> str:
    return f'module "next" {{\n  source = "{source}"\n{more}}}\n'


def modules_in_a_row(count: int, more: str) -> Bomb:
    """Each calls the next; the last has a rule."""
    files = {f"m{n}/main.tf": module(f"../m{n + 1}", more) for n in range(count)}
    files["main.tf"] = module("./m0", more)
    files[f"m{count}/main.tf"] = value('["0.0.0.0/0"]')["main.tf"]
    return files


NESTED: dict[str, Callable[[], Bomb]] = {
    "parentheses": lambda: value(around("(", "1", ")")),
    "lists": lambda: value(around("[", "1", "]")),
    "objects": lambda: value(around("{ a = ", "1", " }")),
    "calls": lambda: value(around("upper(", '"a"', ")")),
    "templates": lambda: value(around('"${', "1", '}"', 2_000)),
    "loops": lambda: value(around("[for a in [1] : ", "1", "]", 5_000)),
    "conditionals": lambda: value(around("true ? ", "1", " : 2", 5_000)),
    "conditionals, the other way": lambda: value("false ? 1 : " * 5_000 + "2"),
    "not": lambda: value("!" * DEEP + "true"),
    "minus": lambda: value("-" * DEEP + "1"),
    "sums": lambda: value(" + ".join(["1"] * DEEP)),
    "ands": lambda: value(" && ".join(["true"] * DEEP)),
    "comparisons": lambda: value(" == ".join(["1"] * 5_000)),
    "attributes": lambda: value("local" + ".a" * DEEP),
    "indexes": lambda: value("local.a" + "[0]" * DEEP),
    "old indexes": lambda: value("local.a" + ".0" * DEEP),
    "splats": lambda: value("local.a" + "[*]" * 5_000),
    "old splats": lambda: value("local.a" + ".*.b" * 2_000),
    "blocks": lambda: root(around("a {\n", "", "}\n", 5_000)),
    "rule within rule": lambda: root(
        'resource "aws_security_group" "a" {\n' + around("ingress {\n", "", "}\n", 2_000) + "}\n"
    ),
    "dynamic within dynamic": lambda: root(
        'resource "aws_security_group" "a" {\n'
        + around('dynamic "ingress" {\nfor_each = [1, 2]\ncontent {\n', "", "}\n}\n", 300)
        + "}\n"
    ),
    "types": lambda: root(
        'variable "a" {\n  type = ' + around("list(", "string", ")") + "\n  default = []\n}\n"
        'resource "aws_security_group" "a" {\n  name = var.a\n}\n'
    ),
    "directives": lambda: value('"' + around("%{ if true }", "a", "%{ endif }", 1_000) + '"'),
    "loops in a text": lambda: value(
        '"' + around("%{ for a in [1, 2] }", "a", "%{ endfor }", 100) + '"'
    ),
    "JSON": lambda: {
        **value("local.a"),
        "a.tf.json": '{"locals": {"a": ' + around("[", "1", "]}}"),
    },
    "JSON text": lambda: value(f'jsondecode("{around("[", "1", "]")}")'),
    "JSON file": lambda: {
        **value('jsondecode(file("a.json"))'),
        "a.json": '{"a": ' + around("[", "1", "]") + "}",
    },
    "JSON objects in a file": lambda: {
        **value('jsondecode(file("a.json"))'),
        "a.json": around('{"a":', "1", "}"),
    },
    "YAML text": lambda: value(f'yamldecode("{around("[", "1", "]")}")'),
    "YAML blocks": lambda: value(
        'yamldecode("' + "".join(" " * n + "a:\\n" for n in range(1_000)) + '")'
    ),
    "variable definitions": lambda: {
        **value("var.a", 'variable "a" {}\n'),
        "terraform.tfvars": "a = " + around("[", "1", "]") + "\n",
    },
}

LARGE: dict[str, Callable[[], Bomb]] = {
    "range": lambda: value("range(1e9)"),
    "range of range": lambda: value("[for i in range(100000) : range(100000)]"),
    "loops over each other": lambda: value(
        "[for i in range(100000) : [for j in range(100000) : i * j]]"
    ),
    "texts in a text": lambda: value(
        'join("", [for i in range(50000) : join("", [for j in range(50000) : "a"])])'
    ),
    "loops in a template": lambda: value(
        '"%{ for i in range(50000) }%{ for j in range(50000) }aaaaaaaaaa%{ endfor }%{ endfor }"'
    ),
    "padded": lambda: value('format("%999999999d", 1)'),
    "padded many times": lambda: value('[for i in range(90000) : format("%9999d", i)]'),
    "indented": lambda: value('indent(1000000000, "a\\nb\\nc")'),
    "power": lambda: value("pow(10, 1000000000)"),
    "power of power": lambda: value("pow(pow(10, 300), pow(10, 300))"),
    "exponent": lambda: value("1e999999999"),
    "long number": lambda: value("9" * 100_000),
    "long decimals": lambda: value("1." + "9" * 100_000),
    "product": lambda: value("setproduct(range(1000), range(1000), range(1000))"),
    "chunks": lambda: value("chunklist(range(100000), 1)"),
    "flat": lambda: value("flatten([for i in range(3000) : range(3000)])"),
    "networks": lambda: value('cidrsubnets("10.0.0.0/8", [for i in range(100000) : 20]...)'),
    "numbers": lambda: value('parseint("' + "f" * 100_000 + '", 36)'),
    "backtracking": lambda: value(f'regexall("(a+)+$", "{"a" * 5_000}!")'),
    "backtracking in replace": lambda: value(f'replace("{"a" * 5_000}!", "/(a|a)*$/", "b")'),
    "large expression": lambda: value('regex("((a{1,1000}){1,1000}){1,1000}", "aaaa")'),
    "replacing everywhere": lambda: value(f'replace("{"a" * 50_000}", "a", "{"b" * 50_000}")'),
    "everything between": lambda: value(f'replace("{"a" * 50_000}", "", "{"b" * 50_000}")'),
    "a long word": lambda: value(f'"{"a" * 1_000_000}*"'),
    "slashes": lambda: value(f'"{"/" * 1_000_000}"'),
    "folders below folders": lambda: value(f'"{"a//" * 300_000}"'),
    "splitting": lambda: value(f'split("", "{"a" * 500_000}")'),
    "YAML aliases": lambda: value(
        'yamldecode("a0: &a0 [x,x,x,x,x,x,x,x,x]\\n'
        + "".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]\\n" for n in range(1, 20))
        + '")'
    ),
    "count": lambda: repeated("count = 1e9"),
    "count just possible": lambda: repeated("count = 10000"),
    "count of texts": lambda: repeated('count = "999999999999999999999999999"'),
    "for_each": lambda: repeated("for_each = toset([for i in range(100000) : tostring(i)])"),
    "for_each of rules": lambda: root(
        'resource "aws_security_group" "a" {\n  dynamic "ingress" {\n    for_each = range(100000)\n'
        '    content {\n      from_port = 22\n      to_port = 22\n      protocol = "tcp"\n'
        '      cidr_blocks = ["0.0.0.0/0"]\n    }\n  }\n}\n'
    ),
    "dynamic squared": lambda: root(
        'resource "aws_security_group" "a" {\n  count = 9000\n  dynamic "ingress" {\n'
        "    for_each = range(9000)\n"
        '    content {\n      from_port = 22\n      to_port = 22\n      protocol = "tcp"\n'
        '      cidr_blocks = ["0.0.0.0/0"]\n    }\n  }\n}\n'
    ),
    "modules of modules": lambda: modules_in_a_row(12, "  count = 10\n"),
    "modules of many modules": lambda: modules_in_a_row(3, "  count = 5000\n"),
    "two calls each": lambda: {
        **{
            f"m{n}/main.tf": "".join(
                f'module "{name}" {{\n  source = "../m{n + 1}"\n}}\n' for name in "ab"
            )
            for n in range(28)
        },
        "main.tf": module("./m0"),
        "m28/main.tf": value('["0.0.0.0/0"]')["main.tf"],
    },
}

GROWING: dict[str, Callable[[], Bomb]] = {
    "texts": lambda: doubled('"aaaaaaaaaa"', '"${@}${@}"'),
    "unknown texts": lambda: doubled("aws_vpc.a.id", '"${@}${@}"'),
    "partly unknown texts": lambda: doubled('"a${aws_vpc.a.id}"', '"${@}-${@}"', use="[@]"),
    "lists": lambda: doubled('["0.0.0.0/0"]', "concat(@, @)"),
    "unknown lists": lambda: doubled("aws_vpc.a.cidrs", "concat(@, @)"),
    "partly unknown lists": lambda: doubled('[aws_vpc.a.id, "0.0.0.0/0"]', "concat(@, @)"),
    "lists in lists": lambda: doubled('["0.0.0.0/0"]', "[@, @]"),
    "lists in lists, flat": lambda: doubled('["0.0.0.0/0"]', "[@, @]", use="flatten(@)"),
    "objects in objects": lambda: doubled('{ a = "0.0.0.0/0" }', "{ a = @, b = @ }"),
    "merged": lambda: doubled("{ a = 1 }", "{ for k, v in merge(@, { b = @ }) : k => @ }"),
    "loops": lambda: doubled('["a"]', "[for x in @ : [for y in @ : x]]", count=8),
    "products": lambda: doubled("[1, 2, 3]", "setproduct(@, @)"),
    "joined": lambda: doubled('"aaaa"', "join(@, [@, @, @])"),
    "formatted": lambda: doubled('"aaaa"', 'format("%s%s", @, @)'),
    "encoded": lambda: doubled('"\\\\"', "jsonencode(@)"),
    "encoded twice": lambda: doubled('"a"', "jsonencode([@, @])"),
    "base64": lambda: doubled('"a"', 'base64encode("${@}${@}")'),
    "replaced": lambda: doubled('"aaaa"', 'replace(@, "a", @)'),
    "numbers": lambda: doubled("10", "@ * @"),
    "fractions": lambda: doubled("0.3", "@ * @ + 0.1"),
    "sets": lambda: doubled('["a"]', "toset(concat(tolist(@), tolist(@)))"),
    "types": lambda: {
        **doubled('["a"]', "[@, @]", use="var.a"),
        "variables.tf": 'variable "a" {\n  type = any\n  default = [[]]\n}\n',
    },
    "calls": lambda: {
        f"m{n}/main.tf" if n else "main.tf": (
            'variable "a" {\n  default = ["0.0.0.0/0"]\n}\n'
            + (
                f'module "next" {{\n  source = "{".." if n else "."}/m{n + 1}"\n'
                "  a = [var.a, var.a]\n}\n"
                if n < 25
                else value("var.a")["main.tf"]
            )
        )
        for n in range(26)
    },
    "outputs": lambda: {
        f"m{n}/main.tf" if n else "main.tf": (
            (
                f'module "next" {{\n  source = "{".." if n else "."}/m{n + 1}"\n}}\n'
                'output "a" {\n  value = [module.next.a, module.next.a]\n}\n'
                if n < 25
                else 'output "a" {\n  value = ["0.0.0.0/0"]\n}\n'
            )
            + (value("module.next.a")["main.tf"] if n == 0 else "")
        )
        for n in range(26)
    },
    "templates": lambda: {
        **value('templatefile("a.tftpl", { a = "x" })'),
        "a.tftpl": '${templatefile("a.tftpl", { a = "${a}${a}" })}',
    },
}

CIRCULAR: dict[str, Callable[[], Bomb]] = {
    "local": lambda: value("local.value"),
    "locals": lambda: value("local.a", "locals {\n  a = local.b\n  b = [local.a]\n}\n"),
    "each": lambda: repeated("for_each = aws_security_group_rule.web"),
    "count": lambda: repeated("count = length(aws_security_group_rule.web)"),
    "resources": lambda: root(
        'resource "aws_security_group" "a" {\n  name = aws_security_group.b.name\n}\n'
        'resource "aws_security_group" "b" {\n  name = aws_security_group.a.name\n}\n'
    ),
    "itself": lambda: {"main.tf": module("./"), "a.tf": value('["0.0.0.0/0"]')["main.tf"]},
    "itself often": lambda: {
        "main.tf": module("./", "  count = 10\n"),
        "a.tf": value('["0.0.0.0/0"]')["main.tf"],
    },
    "itself from outside": lambda: {
        "main.tf": module("./a", "  count = 2\n"),
        "a/main.tf": module("../a", '  for_each = toset(["x", "y"])\n  a = var.a\n')
        + 'variable "a" {\n  default = []\n}\n'
        + value("var.a")["main.tf"],
    },
    "each other": lambda: {
        "a/main.tf": module("../b") + value('["0.0.0.0/0"]')["main.tf"],
        "b/main.tf": module("../a"),
    },
    "three": lambda: {
        **{f"{a}/main.tf": module(f"../{b}", "  count = 3\n") for a, b in ("ab", "bc", "ca")},
        "main.tf": module("./a") + value("module.next.x")["main.tf"],
    },
    "output": lambda: {
        "main.tf": module("./a", "  a = module.next.a\n") + value("module.next.a")["main.tf"],
        "a/main.tf": 'variable "a" {}\noutput "a" {\n  value = var.a\n}\n',
    },
    "source": lambda: root(
        'module "a" {\n  source = module.a.source\n}\n' + value("[]")["main.tf"]
    ),
}
BOMBS = {
    f"{kind}: {name}": make
    for kind, some in (
        ("nested", NESTED),
        ("large", LARGE),
        ("growing", GROWING),
        ("circular", CIRCULAR),
    )
    for name, make in some.items()
}
