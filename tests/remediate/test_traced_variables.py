"""Values of variables and locals: closed where they are written."""

from __future__ import annotations

from shapes import (
    CLOSED,
    OPEN,
    Refused,
    Shape,
    Untouched,
    both,
    local,
    made_of,
    variable,
)
from tables import REVIEW, Case, found, group, ingress, rule, vpc_rule

ADMINS = group(ingress("var.admins"))
LOCAL = group(ingress("local.admins"))
GROUP = "aws_security_group.web"
SHUT = group("ingress = []")
V6 = "ipv6_cidr_blocks = "


def dual(v4: str, v6: str, low: int = 22) -> str:
    lines = f'from_port        = {low}\n  to_port          = {low}\n  protocol         = "tcp"'
    return f"ingress {{\n  {lines}\n  cidr_blocks      = {v4}\n  {V6}{v6}\n}}\n"


def objects(cidr: str) -> str:
    """The default of an object variable."""
    kind = "object({ name = string, cidrs = list(string) })"
    return variable(f'{{ name = "x", cidrs = {cidr} }}', "ssh", kind)


LINES = """[
  "10.0.0.0/8", # office
%s  # the partner's, until March
  "198.51.100.0/24",
]"""

DEFAULTS = Shape(
    "the default of a variable of a root module",
    "the CIDR leaves the default's list; where nothing else is in it, the rule goes",
    "it is edited: a pipeline may give the variable another value",
    rewritten=(
        Case(
            "a list",
            *both(lambda c: variable(c) + ADMINS),
            trail=("main.tf:2 → var.admins (main.tf:2)",),
        ),
        Case("typed", *both(lambda c: variable(c, kind="list(string)") + ADMINS)),
        Case("a set", *both(lambda c: variable(c, kind="set(string)") + ADMINS)),
        Case("any", *both(lambda c: variable(c, kind="any") + ADMINS)),
        Case(
            "an old type in quotes",
            *both(lambda c: variable(c, kind='"list"') + ADMINS),
            tidy=False,
        ),
        Case(
            "an attribute of an object",
            *both(lambda c: objects(c) + group(ingress("var.ssh.cidrs"))),
            trail=("main.tf:3 → var.ssh (main.tf:3)",),
        ),
        Case(
            "by a key in brackets",
            *both(lambda c: objects(c) + group(ingress('var.ssh["cidrs"]'))),
        ),
        Case(
            "the default of an optional attribute",
            *both(
                lambda c: (
                    variable("{}", "ssh", f"object({{ cidrs = optional(list(string), {c}) }})")
                    + group(ingress("var.ssh.cidrs"))
                )
            ),
        ),
        Case(
            "lines with comments keep their neighbours' own",
            variable(LINES % '  "0.0.0.0/0",  # for now\n') + ADMINS,
            variable(LINES % "") + ADMINS,
        ),
        Case(
            "CRLF",
            *both(lambda c: (variable(c) + ADMINS).replace("\n", "\r\n")),
        ),
        Case(
            "one item twice",
            variable('["0.0.0.0/0", "10.0.0.0/8", "0.0.0.0/0"]') + ADMINS,
            variable(CLOSED) + ADMINS,
        ),
        Case(
            "both families, of one list",
            variable('["0.0.0.0/0", "10.0.0.0/8"]', "v4")
            + variable('["::/0", "fd00::/8"]', "v6")
            + group(dual("var.v4", "var.v6")),
            variable('["10.0.0.0/8"]', "v4")
            + variable('["fd00::/8"]', "v6")
            + group(dual("var.v4", "var.v6")),
        ),
        Case(
            "one family is emptied, the other is of the block",
            variable('["::/0"]', "v6") + group(dual('["10.0.0.0/8"]', "var.v6")),
            variable("[]", "v6") + group(dual('["10.0.0.0/8"]', "var.v6")),
        ),
        Case(
            "the world in two halves",
            variable('["0.0.0.0/1", "10.0.0.0/8", "128.0.0.0/1"]') + ADMINS,
            variable(CLOSED) + ADMINS,
            REVIEW,
            because="open-admin-port-in-pieces",
        ),
        Case(
            "halves of two variables",
            variable('["0.0.0.0/1", "10.0.0.0/8"]', "low")
            + variable('["128.0.0.0/1"]', "high")
            + group(ingress("concat(var.low, var.high)")),
            variable(CLOSED, "low")
            + variable("[]", "high")
            + group(ingress("concat(var.low, var.high)")),
            REVIEW,
            because="open-admin-port-in-pieces",
        ),
        Case(
            "SSH and RDP of one variable are one change",
            *both(
                lambda c: (
                    variable(c)
                    + group(ingress("var.admins") + "\n" + ingress("var.admins", low=3389))
                )
            ),
        ),
        Case(
            "in the block too: both go",
            variable(OPEN) + group(ingress(OPEN) + "\n" + ingress("var.admins")),
            variable(CLOSED) + group(ingress(CLOSED) + "\n" + ingress("var.admins")),
        ),
        Case(
            "in the block as IPv4, in the variable as IPv6",
            variable('["::/0", "fd00::/8"]') + group(dual(OPEN, "var.admins")),
            variable('["fd00::/8"]') + group(dual(CLOSED, "var.admins")),
        ),
        Case(
            "another port is of the same group alone",
            *both(
                lambda c: (
                    variable(c)
                    + group(ingress("var.admins") + "\n" + ingress('["0.0.0.0/0"]', low=443))
                )
            ),
        ),
        Case("through a local", *both(lambda c: variable(c) + local("var.admins") + LOCAL)),
        Case(
            "coalesce takes it where nothing else is",
            *both(
                lambda c: (
                    variable("null", "own")
                    + variable(c)
                    + group(ingress("coalesce(var.own, var.admins)"))
                )
            ),
        ),
        Case(
            "all that the rule has: the rule goes",
            variable('["0.0.0.0/0"]') + ADMINS,
            variable('["0.0.0.0/0"]') + SHUT,
            REVIEW,
            because="remove the rule itself, in main.tf",
        ),
        Case(
            "all that a rule of its own has",
            variable('["0.0.0.0/0"]') + group("") + "\n" + rule("var.admins"),
            variable('["0.0.0.0/0"]') + group(""),
            REVIEW,
            because="remove the rule itself, in main.tf",
        ),
        Case(
            "all that an ingress rule has",
            variable('"0.0.0.0/0"') + group("") + "\n" + vpc_rule("var.admins"),
            variable('"0.0.0.0/0"') + group(""),
            REVIEW,
            because="remove the rule itself, in main.tf",
        ),
        Case(
            "the provider replaces a rule of several CIDRs",
            *both(lambda c: variable(c) + group("") + "\n" + rule("var.admins")),
            REVIEW,
            because="the AWS provider replaces aws_security_group_rule.ssh",
        ),
        Case(
            "another item is not known",
            local('["0.0.0.0/0", var.office]') + variable(name="office") + LOCAL,
            local("[var.office]") + variable(name="office") + LOCAL,
            REVIEW,
            because="may open it too: no file of the repository sets var.office",
        ),
        Case(
            "another list is not known",
            variable('["0.0.0.0/0"]')
            + variable(name="office")
            + group(ingress("concat(var.admins, var.office)")),
            variable("[]")
            + variable(name="office")
            + group(ingress("concat(var.admins, var.office)")),
            REVIEW,
            because="may open it too: no file of the repository sets var.office",
        ),
        Case(
            "the other source may be nobody",
            variable('["0.0.0.0/0"]')
            + variable(name="groups")
            + group(ingress("var.admins", more="\nsecurity_groups = var.groups")),
            variable("[]")
            + variable(name="groups")
            + group(ingress("var.admins", more="\nsecurity_groups = var.groups")),
            REVIEW,
            because="may be nobody, which AWS does not take",
        ),
        Case(
            "a group of its own is somebody",
            variable('["0.0.0.0/0"]')
            + group(ingress("var.admins", more="\nsecurity_groups = [aws_security_group.lb.id]")),
            variable("[]")
            + group(ingress("var.admins", more="\nsecurity_groups = [aws_security_group.lb.id]")),
        ),
    ),
    refused=(
        Refused(
            "a variable that nobody sets, as somebody reports",
            variable() + ADMINS,
            "unknown-value",
            "no file of the repository sets var.admins at main.tf:10",
            findings=(found(GROUP),),
        ),
        Refused(
            "a type that the value is not of",
            variable(OPEN, kind="list(number)") + ADMINS,
            "unknown-value",
            "should be a number is none",
            findings=(found(GROUP),),
        ),
        Refused(
            "all ports",
            variable(OPEN) + group(ingress("var.admins", low=0, high=65535)),
            "wider-not-literal",
            "tcp 0-65535",
        ),
        Refused(
            "all traffic",
            variable(OPEN) + group(ingress("var.admins", low=0, protocol='"-1"')),
            "wider-not-literal",
            "all traffic",
        ),
        Refused(
            "a text that has to be changed in the middle",
            variable('"0.0.0.0"')
            + group("")
            + "\n"
            + vpc_rule('"${var.admins}/0"', label="a")
            + '\noutput "x" {\n  value = aws_vpc_security_group_ingress_rule.a.id\n}\n',
            "no-safe-place",
            "aws_vpc_security_group_ingress_rule.a would have to go, and main.tf:18 refers to it",
        ),
    ),
    untouched=(
        Untouched("a variable that nobody sets", variable() + ADMINS),
        Untouched("a private network", variable(CLOSED) + ADMINS),
        Untouched("an empty list", variable("[]") + ADMINS),
        Untouched("null", variable("null") + ADMINS),
        Untouched(
            "a variable of that name in another module",
            {"m/v.tf": variable(OPEN), "main.tf": ADMINS},
        ),
        Untouched("a default that is no list", variable('"0.0.0.0/0"') + ADMINS),
        Untouched("nobody uses it", variable(OPEN) + group(ingress(CLOSED))),
        Untouched("no instance", variable(OPEN) + group(f"count = 0\n\n{ingress('var.admins')}")),
        Untouched("a web port", variable(OPEN) + group(ingress("var.admins", low=443))),
        Untouched(
            "egress", variable(OPEN) + group(ingress("var.admins").replace("ingress", "egress"))
        ),
    ),
)

PORTS = Shape(
    "ports or a protocol from a variable, beside literal CIDRs",
    "the CIDR leaves its list in the block, or the block goes",
    rewritten=(
        Case(
            "one port",
            variable("22", "port") + group(ingress(OPEN, low="var.port")),
            variable("22", "port") + group(ingress(CLOSED, low="var.port")),
            trail=("main.tf:12",),
        ),
        Case(
            "the whole rule",
            variable("22", "port") + group(ingress(low="var.port")),
            variable("22", "port") + SHUT,
        ),
        Case(
            "a port as a text",
            variable('"22"', "port") + group(ingress(OPEN, low="var.port")),
            variable('"22"', "port") + group(ingress(CLOSED, low="var.port")),
        ),
        Case(
            "a protocol",
            variable('"TCP"', "p") + group(ingress(OPEN, protocol="var.p")),
            variable('"TCP"', "p") + group(ingress(CLOSED, protocol="var.p")),
        ),
        Case(
            "a rule of its own goes",
            local("3389", "port") + group("") + "\n" + rule(low="local.port"),
            local("3389", "port") + group(""),
        ),
        Case(
            "an ingress rule between others goes",
            local("22", "port")
            + "\n".join(
                [group(""), vpc_rule(low="local.port"), vpc_rule('"10.0.0.0/8"', label="x")]
            ),
            local("22", "port") + "\n".join([group(""), vpc_rule('"10.0.0.0/8"', label="x")]),
        ),
        Case(
            "a direction",
            local('"ingress"', "way") + group("") + "\n" + rule(kind="local.way"),
            local('"ingress"', "way") + group(""),
        ),
        Case(
            "computed",
            group(ingress(OPEN, low="20 + 2")),
            group(ingress(CLOSED, low="20 + 2")),
        ),
    ),
    refused=(
        Refused(
            "a range",
            variable("0", "low") + group(ingress(OPEN, low="var.low", high=65535)),
            "wider-not-literal",
            "split it by hand",
        ),
        Refused(
            "not known, as somebody reports",
            variable(name="port") + group(ingress(OPEN, low="var.port")),
            "unknown-value",
            "no file of the repository sets var.port",
            findings=(found(GROUP),),
        ),
        Refused(
            "other code refers to the rule",
            local("22", "port")
            + group("")
            + "\n"
            + rule(low="local.port")
            + '\nresource "x" "y" {\n  depends_on = [aws_security_group_rule.ssh]\n}\n',
            "no-safe-place",
            "aws_security_group_rule.ssh would have to go, and main.tf:19 refers to it",
        ),
        Refused(
            "it was moved there",
            local("22", "port")
            + group("")
            + "\n"
            + rule(low="local.port")
            + "\nmoved {\n  from = aws_security_group_rule.old\n"
            + "  to   = aws_security_group_rule.ssh\n}\n",
            "no-safe-place",
            "main.tf:20 refers to it",
        ),
        Refused(
            "JSON refers to the rule",
            {
                "main.tf": local("22", "port") + group("") + "\n" + rule(low="local.port"),
                "o.tf.json": '{"output": {"x": {"value": "${aws_security_group_rule.ssh.id}"}}}',
            },
            "no-safe-place",
            "o.tf.json refers to it",
        ),
    ),
    untouched=(
        Untouched("not known", variable(name="port") + group(ingress(OPEN, low="var.port"))),
        Untouched("a web port", variable("443", "port") + group(ingress(OPEN, low="var.port"))),
        Untouched("egress", local('"egress"', "w") + group("") + "\n" + rule(kind="local.w")),
        Untouched("no port", variable('"ssh"', "port") + group(ingress(OPEN, low="var.port"))),
    ),
)


def through(value: str, more: str = "") -> tuple[str, str]:
    """A rule of `value`, with a local `admins` that has the world in it, and without."""
    before, after = (local(c) + more + group(ingress(value)) for c in (OPEN, CLOSED))
    return before, after


NESTED = """locals {
  net = {
    all  = { cidrs = ["0.0.0.0/0"] }
    corp = { cidrs = ["10.0.0.0/8"] }
  }
}

"""
NAMED = """locals {
  admins = {
    all  = "0.0.0.0/0" # everybody
    corp = "10.0.0.0/8"
  }
}

"""
ONE_NAMED = NAMED.replace('    all  = "0.0.0.0/0" # everybody\n', "")
SWITCHED = """locals {
  admins = [
    { cidr = "10.0.0.0/8", on = true },
    { cidr = "0.0.0.0/0", on = true },
    { cidr = "0.0.0.0/0", on = false },
  ]
}

"""
SWITCHED_OFF = SWITCHED.replace('    { cidr = "0.0.0.0/0", on = true },\n', "")
FILTERED = '[for c in %s : c if c != "0.0.0.0/0"]'
PAIR = "locals {{\n  a = {}\n  b = {}\n}}\n\n"
CHAIN = "locals {\n  a = %s\n  b = local.a\n  c = local.b\n}\n\n"

LOCALS = Shape(
    "locals, locals of locals, and what is computed of them",
    "the item or entry leaves the collection that it is written in",
    "the value is made of parts (`format`, templates, `cidrsubnet`): then it is filtered",
    rewritten=(
        Case("a list", *through("local.admins"), trail=("main.tf:2 → local.admins (main.tf:2)",)),
        Case(
            "locals of locals",
            *both(lambda c: CHAIN % c + group(ingress("local.c"))),
            trail=("main.tf:2 → local.a (main.tf:2) → local.b (main.tf:3) → local.c (main.tf:4)",),
        ),
        Case("in parentheses", *through("(local.admins)")),
        Case(
            "two rules of one group, of which one goes and the other keeps a source",
            group(ingress() + "\n" + ingress('split(",", "0.0.0.0/0,10.0.0.0/8")')),
            group(ingress('split(",", "10.0.0.0/8")')),
        ),
        Case("concat", *through('concat(local.admins, ["192.0.2.0/24"])')),
        Case("flatten", *through('flatten([local.admins, [["192.0.2.0/24"]]])')),
        Case("compact", *through('compact(concat(local.admins, [""]))')),
        Case("distinct", *through("distinct(concat(local.admins, local.admins))")),
        Case("tolist and toset", *through("tolist(toset(local.admins))")),
        Case("sort and reverse", *through("reverse(sort(local.admins))")),
        Case("setunion", *through('setunion(local.admins, ["192.0.2.0/24"])')),
        Case("setsubtract", *through('setsubtract(local.admins, ["192.0.2.0/24"])')),
        Case("slice", *through("slice(local.admins, 0, length(local.admins))")),
        Case("try", *through('try(local.admins, ["192.0.2.0/24"])')),
        Case("lookup", *through('lookup({ a = local.admins }, "a", [])')),
        Case("merge", *through("merge({ a = [] }, { a = local.admins }).a")),
        Case("for", *through("[for cidr in local.admins : cidr]")),
        Case("for with if", *through('[for cidr in local.admins : cidr if cidr != ""]')),
        Case("a splat of a list", *through("local.admins[*]")),
        Case("what is true", *through("var.on ? local.admins : []", variable("true", "on"))),
        Case("what is false", *through("var.on ? [] : local.admins", variable("false", "on"))),
        Case(
            "one of the branches",
            *both(
                lambda c: variable("true", "on") + group(ingress(f'var.on ? {c} : ["1.2.3.4/32"]'))
            ),
        ),
        Case("a template of it alone", *through('"${local.admins}"'), tidy=False),
        Case(
            "a literal within parentheses",
            *both(lambda c: group(ingress(f"({c})"))),
            trail=("main.tf:8",),
        ),
        Case(
            "an item by its index",
            local('[["0.0.0.0/0", "10.0.0.0/8"], []]') + group(ingress("local.admins[0]")),
            local('[["10.0.0.0/8"], []]') + group(ingress("local.admins[0]")),
        ),
        Case(
            "element",
            local('[["0.0.0.0/0", "10.0.0.0/8"], []]') + group(ingress("element(local.admins, 2)")),
            local('[["10.0.0.0/8"], []]') + group(ingress("element(local.admins, 2)")),
        ),
        Case(
            "the values of a map, and its comment",
            NAMED + group(ingress("values(local.admins)")),
            ONE_NAMED + group(ingress("values(local.admins)")),
        ),
        Case(
            "for over a map",
            NAMED + group(ingress("[for name, cidr in local.admins : cidr]")),
            ONE_NAMED + group(ingress("[for name, cidr in local.admins : cidr]")),
        ),
        Case(
            "a list of an object, with if: the one that is off stays",
            SWITCHED + group(ingress("[for a in local.admins : a.cidr if a.on]")),
            SWITCHED_OFF + group(ingress("[for a in local.admins : a.cidr if a.on]")),
        ),
        Case(
            "a splat of objects",
            local('[{ cidr = "0.0.0.0/0" }, { cidr = "10.0.0.0/8" }]')
            + group(ingress("local.admins[*].cidr")),
            local('[{ cidr = "10.0.0.0/8" }]') + group(ingress("local.admins[*].cidr")),
        ),
        Case(
            "nested, taken together",
            NESTED + group(ingress("flatten(values(local.net)[*].cidrs)")),
            NESTED.replace('["0.0.0.0/0"]', "[]")
            + group(ingress("flatten(values(local.net)[*].cidrs)")),
        ),
        Case(
            "a local of one item is emptied where another list is beside it",
            local('["0.0.0.0/0"]') + group(ingress('concat(local.admins, ["10.0.0.0/8"])')),
            local("[]") + group(ingress('concat(local.admins, ["10.0.0.0/8"])')),
        ),
        Case(
            "in two locals",
            PAIR.format(OPEN, OPEN) + group(ingress("concat(local.a, local.b)")),
            PAIR.format(CLOSED, CLOSED) + group(ingress("concat(local.a, local.b)")),
            trail=("main.tf:2 → local.a (main.tf:2)", "main.tf:3 → local.b (main.tf:3)"),
        ),
        Case(
            "two groups of one local are one change",
            *both(
                lambda c: local(c) + LOCAL + "\n" + group(ingress("local.admins"), label="other")
            ),
        ),
        Case(
            "a text with commas",
            local('"0.0.0.0/0,10.0.0.0/8"') + group(ingress('split(",", local.admins)')),
            local('"10.0.0.0/8"') + group(ingress('split(",", local.admins)')),
        ),
        Case(
            "the last of a text with commas and spaces",
            local('"10.0.0.0/8 , 0.0.0.0/0"')
            + group(ingress('[for c in split(",", local.admins) : trimspace(c)]')),
            local('"10.0.0.0/8"')
            + group(ingress('[for c in split(",", local.admins) : trimspace(c)]')),
        ),
        Case(
            "in the middle of a text",
            local('"192.0.2.0/24, 0.0.0.0/0, 10.0.0.0/8"')
            + group(ingress('split(", ", local.admins)')),
            local('"192.0.2.0/24, 10.0.0.0/8"') + group(ingress('split(", ", local.admins)')),
        ),
        Case(
            "all of a text: the rule goes",
            local('"0.0.0.0/0"') + group(ingress('split(",", local.admins)')),
            local('"0.0.0.0/0"') + SHUT,
            REVIEW,
            because="remove the rule itself",
        ),
        Case(
            "a template",
            local('"0.0.0.0"') + group(ingress('["${local.admins}/0", "10.0.0.0/8"]')),
            local('"0.0.0.0"') + group(ingress(FILTERED % '["${local.admins}/0", "10.0.0.0/8"]')),
            REVIEW,
            because="filter the value where it is used, in main.tf",
        ),
        Case(
            "format",
            local('"0.0.0.0"') + group(ingress('[format("%s/0", local.admins), "10.0.0.0/8"]')),
            local('"0.0.0.0"')
            + group(ingress(FILTERED % '[format("%s/0", local.admins), "10.0.0.0/8"]')),
            REVIEW,
            because="filter the value where it is used, in main.tf",
        ),
        Case(
            "a computed value that is all of the rule",
            local('"0.0.0.0"') + group(ingress('["${local.admins}/0"]')),
            local('"0.0.0.0"') + SHUT,
            REVIEW,
            because="remove the rule itself",
        ),
    ),
    refused=(
        Refused(
            "a data source, as somebody reports",
            group(ingress("data.aws_ip_ranges.all.cidr_blocks"))
            + '\ndata "aws_ip_ranges" "all" {\n  services = ["ec2"]\n}\n',
            "unknown-value",
            "is known after the apply only",
            findings=(found(GROUP),),
        ),
        Refused(
            "an attribute that AWS decides",
            group(ingress("[aws_eip.x.address]")) + '\nresource "aws_eip" "x" {}\n',
            "unknown-value",
            "known after the apply only",
            findings=(found(GROUP),),
        ),
        Refused(
            "a function that is not evaluated",
            group(ingress("[uuid()]")),
            "unknown-value",
            "`uuid()` is not evaluated at main.tf:8",
            findings=(found(GROUP),),
        ),
        Refused(
            "an unknown condition",
            variable(name="on") + local(OPEN) + group(ingress("var.on ? local.admins : []")),
            "unknown-value",
            "no file of the repository sets var.on",
            findings=(found(GROUP),),
        ),
        Refused(
            "a local that refers to itself",
            "locals {\n  a = local.b\n  b = local.a\n}\n\n" + group(ingress("local.a")),
            "unknown-value",
            "refers to itself",
            findings=(found(GROUP),),
        ),
        Refused(
            "a local that is not there",
            group(ingress("local.nowhere")),
            "unknown-value",
            "local.nowhere is not declared",
            findings=(found(GROUP),),
        ),
    ),
    untouched=(
        Untouched("a data source", group(ingress("data.aws_ip_ranges.all.cidr_blocks"))),
        Untouched(
            "an unknown condition",
            variable(name="on") + local(OPEN) + group(ingress("var.on ? local.admins : []")),
        ),
        Untouched(
            "what is not chosen",
            variable("false", "on")
            + local(OPEN)
            + group(ingress(f"var.on ? local.admins : {CLOSED}")),
        ),
        Untouched(
            "what is left out by if",
            local(OPEN) + group(ingress('[for c in local.admins : c if c != "0.0.0.0/0"]')),
        ),
        Untouched(
            "what is subtracted",
            local(OPEN) + group(ingress('setsubtract(local.admins, ["0.0.0.0/0"])')),
        ),
        Untouched(
            "a cycle", "locals {\n  a = local.b\n  b = local.a\n}\n\n" + group(ingress("local.a"))
        ),
        Untouched(
            "the workspace", group(ingress('terraform.workspace == "x" ? ["0.0.0.0/0"] : []'))
        ),
        Untouched("a narrow part of the world", group(ingress('[cidrsubnet("0.0.0.0/0", 8, 10)]'))),
        Untouched("an index that is not there", local(OPEN) + group(ingress("[local.admins[7]]"))),
        Untouched(
            "a list where a text belongs", local(OPEN) + group("") + "\n" + vpc_rule("local.admins")
        ),
        Untouched("a text where a list belongs", local('"0.0.0.0/0"') + LOCAL),
    ),
)

SHAPES = (DEFAULTS, PORTS, LOCALS)
test_rewritten, test_refused, test_untouched = made_of(SHAPES)
