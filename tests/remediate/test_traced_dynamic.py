"""Dynamic `ingress` blocks, and `ingress` as an attribute that is computed."""

from __future__ import annotations

from textwrap import indent

from shapes import (
    CLOSED,
    OPEN,
    Refused,
    Shape,
    Untouched,
    both,
    dynamic,
    local,
    made_of,
    variable,
)
from tables import REVIEW, WORLD, Case, found, group, ingress

GROUP = "aws_security_group.web"
STATIC = ingress('["192.0.2.0/24"]') + "\n"
SHUT = group("ingress = []")


def listed(*items: str, name: str = "rules") -> str:
    body = "".join(f"    {item}\n" for item in items)
    return f"locals {{\n  {name} = [\n{body}  ]\n}}\n\n"


def mapped(*items: str) -> str:
    return listed(*items).replace("[\n", "{\n").replace("  ]\n", "  }\n")


SSH = '{ port = 22, cidrs = ["0.0.0.0/0"] },'
HTTPS = '{ port = 443, cidrs = ["0.0.0.0/0"] },'
MIXED = '{ port = 22, cidrs = ["10.0.0.0/8", "0.0.0.0/0"] },'
VPN = '{ port = 22, cidrs = ["10.0.0.0/8"] },'
OF_RULES = group(dynamic("local.rules", "ingress.value.cidrs", "ingress.value.port"))
NAMED = group(dynamic("local.rules", "rule.value.cidrs", "rule.value.port", "rule"))

LISTS = Shape(
    '`dynamic "ingress"` over a list or set of CIDRs',
    "the item leaves its list; the last one becomes `ingress = []`",
    "the block has to go as a whole, or what it walks over is filtered",
    rewritten=(
        Case(
            "a list that is written there",
            *both(lambda c: group(dynamic(c))),
            trail=("main.tf:5",),
        ),
        Case("a local", *both(lambda c: local(c) + group(dynamic("local.admins")))),
        Case("a variable", *both(lambda c: variable(c) + group(dynamic("var.admins")))),
        Case("a set", *both(lambda c: local(c) + group(dynamic("toset(local.admins)")))),
        Case(
            "its key",
            *both(lambda c: local(c) + group(dynamic("toset(local.admins)", "[ingress.key]"))),
        ),
        Case(
            "an iterator of another name",
            *both(lambda c: group(dynamic(c, "[admin.value]", iterator="admin"))),
        ),
        Case(
            "the only item, beside a block that stays",
            local('["0.0.0.0/0"]') + group(STATIC + dynamic("local.admins")),
            local("[]") + group(STATIC + dynamic("local.admins")),
        ),
        Case("the only item, written there", group(dynamic('["0.0.0.0/0"]')), SHUT),
        Case(
            "the only item, of a local: the block goes",
            local('["0.0.0.0/0"]') + group(dynamic("local.admins")),
            local('["0.0.0.0/0"]') + SHUT,
            REVIEW,
            because="remove the rule itself",
        ),
        Case(
            "two dynamic blocks of one list",
            *both(
                lambda c: (
                    local(c)
                    + group(dynamic("local.admins") + "\n" + dynamic("local.admins", low=3389))
                )
            ),
        ),
        Case(
            "the other is of a web port: it is filtered",
            local(OPEN) + group(dynamic("local.admins") + "\n" + dynamic("local.admins", low=443)),
            local(OPEN)
            + group(
                dynamic('[for c in local.admins : c if c != "0.0.0.0/0"]')
                + "\n"
                + dynamic("local.admins", low=443)
            ),
            REVIEW,
            because="filter the value where it is used",
        ),
    ),
    refused=(
        Refused(
            "a list that is not known, as somebody reports",
            variable() + group(dynamic("var.admins")),
            "unknown-value",
            "no file of the repository sets var.admins",
            findings=(found(GROUP),),
        ),
        Refused(
            "changes of ingress are ignored",
            local(OPEN)
            + group(dynamic("local.admins") + "\nlifecycle {\n  ignore_changes = [ingress]\n}"),
            "ignored-changes",
            "aws_security_group.web (main.tf:5)",
        ),
    ),
    untouched=(
        Untouched("an empty list", local("[]") + group(dynamic("local.admins"))),
        Untouched("null", local("null") + group(dynamic("local.admins"))),
        Untouched("not known", variable() + group(dynamic("var.admins"))),
        Untouched("a web port", local(OPEN) + group(dynamic("local.admins", low=443))),
        Untouched(
            "another iterator's value",
            local(OPEN) + group(dynamic("local.admins", "[each.value]", iterator="x")),
        ),
        Untouched(
            "egress", local(OPEN) + group(dynamic("local.admins").replace("ingress", "egress"))
        ),
        Untouched(
            "a switch that is off", local(OPEN) + group(dynamic("false ? local.admins : []"))
        ),
    ),
)

PORTS = Shape(
    '`dynamic "ingress"` over ports, open to literal CIDRs',
    "the port leaves its list",
    rewritten=(
        Case(
            "a list that is written there",
            group(dynamic("[22, 443]", '["0.0.0.0/0"]', "ingress.value")),
            group(dynamic("[443]", '["0.0.0.0/0"]', "ingress.value")),
        ),
        Case(
            "a variable",
            variable("[80, 443, 22, 3389]", "ports", "list(number)")
            + group(dynamic("var.ports", '["0.0.0.0/0"]', "ingress.value")),
            variable("[80, 443]", "ports", "list(number)")
            + group(dynamic("var.ports", '["0.0.0.0/0"]', "ingress.value")),
        ),
        Case(
            "a map of names and ports",
            mapped("ssh   = 22 # for now", "https = 443")
            + group(dynamic("local.rules", '["0.0.0.0/0"]', "ingress.value")),
            mapped("https = 443") + group(dynamic("local.rules", '["0.0.0.0/0"]', "ingress.value")),
        ),
        Case(
            "texts, in a set",
            local('["22", "443"]', "ports")
            + group(dynamic("toset(local.ports)", '["0.0.0.0/0"]', "ingress.key")),
            local('["443"]', "ports")
            + group(dynamic("toset(local.ports)", '["0.0.0.0/0"]', "ingress.key")),
        ),
        Case(
            "other sources beside the world: these stay",
            group(dynamic("[22, 3389]", OPEN, "ingress.value")),
            group(dynamic("[22, 3389]", CLOSED, "ingress.value")),
        ),
        Case(
            "the only port: the block goes",
            group(dynamic("[22]", '["0.0.0.0/0"]', "ingress.value")),
            SHUT,
        ),
    ),
    refused=(
        Refused(
            "a port that has another source too, where a web port has none",
            group(dynamic("[22, 443]", OPEN, "ingress.value")),
            "no-safe-place",
            "the change would also take tcp 22 from 10.0.0.0/8",
        ),
        Refused(
            "ranges",
            listed("{ low = 0, high = 65535 },")
            + group(
                dynamic("local.rules", '["0.0.0.0/0"]', "ingress.value.low").replace(
                    "to_port     = ingress.value.low", "to_port     = ingress.value.high"
                )
            ),
            "wider-not-literal",
        ),
    ),
    untouched=(
        Untouched("web ports", group(dynamic("[80, 443]", '["0.0.0.0/0"]', "ingress.value"))),
        Untouched(
            "not known",
            variable(name="p") + group(dynamic("var.p", '["0.0.0.0/0"]', "ingress.value")),
        ),
    ),
)

OBJECTS = Shape(
    '`dynamic "ingress"` over objects, in a list or a map',
    "the element goes that makes the wrong rule, or the CIDR leaves the element's list",
    "it also feeds something else",
    rewritten=(
        Case(
            "the element goes, the CIDR of another leaves its list",
            listed(SSH, HTTPS, MIXED) + OF_RULES,
            listed(HTTPS, VPN) + OF_RULES,
        ),
        Case("one of a list", listed(SSH, HTTPS) + OF_RULES, listed(HTTPS) + OF_RULES),
        Case("another iterator", listed(SSH, VPN) + NAMED, listed(VPN) + NAMED),
        Case(
            "of a map",
            mapped("ssh = " + SSH.rstrip(","), "web = " + HTTPS.rstrip(",")) + OF_RULES,
            mapped("web = " + HTTPS.rstrip(",")) + OF_RULES,
        ),
        Case(
            "the CIDR is the key",
            mapped('"0.0.0.0/0"  = { port = 22 }', '"10.0.0.0/8" = { port = 22 }')
            + group(dynamic("local.rules", "[ingress.key]", "ingress.value.port")),
            mapped('"10.0.0.0/8" = { port = 22 }')
            + group(dynamic("local.rules", "[ingress.key]", "ingress.value.port")),
        ),
        Case(
            "with lookup and try",
            listed('{ port = 22, cidrs = ["0.0.0.0/0"] },', "{ port = 8443 },")
            + group(
                dynamic(
                    "local.rules",
                    f"try(ingress.value.cidrs, {CLOSED})",
                    'lookup(ingress.value, "port", 22)',
                )
            ),
            listed("{ port = 8443 },")
            + group(
                dynamic(
                    "local.rules",
                    f"try(ingress.value.cidrs, {CLOSED})",
                    'lookup(ingress.value, "port", 22)',
                )
            ),
        ),
        Case(
            "the world is what lookup falls back to: the element goes, not the default",
            listed("{ port = 22 },", '{ port = 8443, cidrs = ["10.0.0.0/8"] },')
            + group(
                dynamic(
                    "local.rules", 'try(ingress.value.cidrs, ["0.0.0.0/0"])', "ingress.value.port"
                )
            ),
            listed('{ port = 8443, cidrs = ["10.0.0.0/8"] },')
            + group(
                dynamic(
                    "local.rules", 'try(ingress.value.cidrs, ["0.0.0.0/0"])', "ingress.value.port"
                )
            ),
        ),
        Case(
            "optional attributes of a typed variable",
            variable(
                f"[{{ port = 22, cidrs = {OPEN} }}, {{ port = 8080 }}]",
                "rules",
                "list(object({ port = number, cidrs = optional(list(string), []) }))",
            )
            + group(
                dynamic(
                    "[for r in var.rules : r if length(r.cidrs) > 0]",
                    "ingress.value.cidrs",
                    "ingress.value.port",
                )
            ),
            variable(
                f"[{{ port = 22, cidrs = {CLOSED} }}, {{ port = 8080 }}]",
                "rules",
                "list(object({ port = number, cidrs = optional(list(string), []) }))",
            )
            + group(
                dynamic(
                    "[for r in var.rules : r if length(r.cidrs) > 0]",
                    "ingress.value.cidrs",
                    "ingress.value.port",
                )
            ),
        ),
        Case(
            "concat of two lists",
            listed(SSH).replace("rules", "base")
            + listed(VPN, name="more")
            + group(
                dynamic(
                    "concat(local.base, local.more)", "ingress.value.cidrs", "ingress.value.port"
                )
            ),
            "locals {\n  base = []\n}\n\n"
            + listed(VPN, name="more")
            + group(
                dynamic(
                    "concat(local.base, local.more)", "ingress.value.cidrs", "ingress.value.port"
                )
            ),
        ),
        Case(
            "comments above and beside",
            listed("# everybody", SSH + " # OPS-1", "# the office", VPN) + OF_RULES,
            listed("# the office", VPN) + OF_RULES,
        ),
        Case(
            "a group for each of two environments",
            local('{ prod = ["10.0.0.0/8"], dev = ["0.0.0.0/0", "10.0.0.0/8"] }', "envs")
            + group("for_each = local.envs\n\n" + dynamic("each.value")),
            local('{ prod = ["10.0.0.0/8"], dev = ["10.0.0.0/8"] }', "envs")
            + group("for_each = local.envs\n\n" + dynamic("each.value")),
        ),
        Case(
            "another resource has the list too, and nothing can be filtered",
            listed(SSH, VPN) + OF_RULES + '\nresource "x" "y" {\n  rules = local.rules\n}\n',
            listed(VPN) + OF_RULES + '\nresource "x" "y" {\n  rules = local.rules\n}\n',
            REVIEW,
            because="the edit would also change x.y",
        ),
    ),
    refused=(
        Refused(
            "an element for all ports",
            listed('{ port = 0, cidrs = ["0.0.0.0/0"] },')
            + OF_RULES.replace("to_port     = ingress.value.port", "to_port     = 65535"),
            "wider-not-literal",
        ),
        Refused(
            "elements that are not known, as somebody reports",
            variable(name="rules") + OF_RULES.replace("local.rules", "var.rules"),
            "unknown-value",
            "no file of the repository sets var.rules",
            findings=(found(GROUP),),
        ),
        Refused(
            "the description of the group is made of the list: it would be replaced",
            listed(SSH, VPN)
            + group(
                'description = join(",", local.rules[*].port)\n\n'
                + dynamic("local.rules", "ingress.value.cidrs", "ingress.value.port")
            ),
            "no-safe-place",
            "would change in description, too",
        ),
    ),
    untouched=(
        Untouched("private networks", listed(VPN) + OF_RULES),
        Untouched("web ports", listed(HTTPS) + OF_RULES),
        Untouched(
            "not known", variable(name="rules") + OF_RULES.replace("local.rules", "var.rules")
        ),
        Untouched("an attribute that is missing", listed("{ port = 22 },") + OF_RULES),
        Untouched(
            "two content blocks",
            group(dynamic(OPEN).replace("content {", "content {\n  }\n  content {")),
        ),
        Untouched("no content", group('dynamic "ingress" {\n  for_each = ["0.0.0.0/0"]\n}\n')),
    ),
)

ELEMENT = """{
  description      = "%s"
  from_port        = 22
  to_port          = 22
  protocol         = "tcp"
  cidr_blocks      = %s
  ipv6_cidr_blocks = []
  prefix_list_ids  = []
  security_groups  = []
  self             = false
}"""


def element(cidrs: str, name: str = "ssh") -> str:
    return ELEMENT % (name, cidrs)


def rules(cidrs: str) -> str:
    return local(f"[\n{indent(element(cidrs), '    ')},\n  ]", "rules")


COMPREHENSION = """ingress = [for cidr in local.admins : {
  description      = "ssh"
  from_port        = 22
  to_port          = 22
  protocol         = "tcp"
  cidr_blocks      = [cidr]
  ipv6_cidr_blocks = []
  prefix_list_ids  = []
  security_groups  = []
  self             = false
}]"""

ATTRIBUTES = Shape(
    "`ingress = concat(…)`, a `for`, or a list from elsewhere",
    "the element goes, or the CIDR leaves its list",
    "the rules also feed something else",
    rewritten=(
        Case(
            "concat with elements that are written there",
            group(f"ingress = concat([], [{element(OPEN)}])"),
            group(f"ingress = concat([], [{element(CLOSED)}])"),
        ),
        Case(
            "the only element",
            group(f"ingress = concat([], [{element(WORLD)}])"),
            group("ingress = concat([], [])"),
        ),
        Case(
            "elements of a local",
            *both(lambda c: rules(c) + group("ingress = local.rules")),
            trail=("main.tf:8 → local.rules (main.tf:2)",),
        ),
        Case(
            "the only element of a local",
            rules('["0.0.0.0/0"]') + group("ingress = local.rules"),
            "locals {\n  rules = []\n}\n\n" + group("ingress = local.rules"),
        ),
        Case("for", *both(lambda c: local(c) + group(COMPREHENSION))),
        Case(
            "for of a port list",
            local("[22, 443]", "ports")
            + group(
                COMPREHENSION.replace("cidr in local.admins", "p in local.ports")
                .replace("= 22", "= p")
                .replace("[cidr]", '["0.0.0.0/0"]')
            ),
            local("[443]", "ports")
            + group(
                COMPREHENSION.replace("cidr in local.admins", "p in local.ports")
                .replace("= 22", "= p")
                .replace("[cidr]", '["0.0.0.0/0"]')
            ),
        ),
        Case(
            "another resource has the rules too",
            rules('["0.0.0.0/0"]')
            + group("ingress = local.rules")
            + '\nresource "x" "y" {\n  rules = local.rules\n}\n',
            "locals {\n  rules = []\n}\n\n"
            + group("ingress = local.rules")
            + '\nresource "x" "y" {\n  rules = local.rules\n}\n',
            REVIEW,
            because="the edit would also change x.y",
        ),
    ),
    refused=(
        Refused(
            "not known, as somebody reports",
            variable(name="rules") + group("ingress = var.rules"),
            "unknown-value",
            "no file of the repository sets var.rules",
            findings=(found(GROUP),),
        ),
        Refused(
            "ignored",
            rules(OPEN) + group("ingress = local.rules\n\nlifecycle {\n  ignore_changes = all\n}"),
            "ignored-changes",
        ),
    ),
    untouched=(
        Untouched("private networks", rules(CLOSED) + group("ingress = local.rules")),
        Untouched("not known", variable(name="rules") + group("ingress = var.rules")),
        Untouched("an object", rules(OPEN) + group("ingress = local.rules[0]")),
    ),
)

SHAPES = (LISTS, PORTS, OBJECTS, ATTRIBUTES)
test_rewritten, test_refused, test_untouched = made_of(SHAPES)
