"""`approved_admin_cidrs` take the world's place where the value is written, never twice."""

from __future__ import annotations

from shapes import CLOSED, OPEN, Refused, Shape, Untouched, dynamic, local, made_of, variable
from tables import REVIEW, WORLD, Case, group, ingress, rule, vpc_rule

ONE = {"approved_admin_cidrs": ["198.51.100.0/24"]}
TWO = {"approved_admin_cidrs": ["198.51.100.0/24", "203.0.113.0/24"]}
BOTH = {"approved_admin_cidrs": ["198.51.100.0/24", "2001:db8::/32"]}
LOCAL = group(ingress("local.admins"))
EACH = "for_each          = "
SET = group("") + "\n" + vpc_rule("each.value", more=EACH + "toset(local.admins)")
DUAL = group(
    "ingress {\n"
    "  from_port        = 22\n"
    "  to_port          = 22\n"
    '  protocol         = "tcp"\n'
    "  cidr_blocks      = local.v4\n"
    "  ipv6_cidr_blocks = local.v6\n"
    "}\n"
)
FILTERED = 'concat([for c in local.admins : c if c != "0.0.0.0/0"], ["198.51.100.0/24"])'


def families(v4: str, v6: str) -> str:
    return f"locals {{\n  v4 = {v4}\n  v6 = {v6}\n}}\n\n{DUAL}"


APPROVED = Shape(
    "`approved_admin_cidrs` in the configuration, for values from elsewhere",
    "they take the place of the world in its list, unless they are in already",
    "they are added to what is filtered; or their place cannot hold them, and they are missing",
    rewritten=(
        Case(
            "all of a list", local(WORLD) + LOCAL, local('["198.51.100.0/24"]') + LOCAL, config=ONE
        ),
        Case(
            "one of a list",
            local(OPEN) + LOCAL,
            local('["198.51.100.0/24", "10.0.0.0/8"]') + LOCAL,
            config=ONE,
        ),
        Case(
            "two, over several lines",
            local('[\n    "10.0.0.0/8",\n    "0.0.0.0/0",\n  ]') + LOCAL,
            local('[\n    "10.0.0.0/8",\n    "198.51.100.0/24",\n    "203.0.113.0/24",\n  ]')
            + LOCAL,
            config=TWO,
        ),
        Case(
            "there already",
            local('["198.51.100.0/24", "0.0.0.0/0"]') + LOCAL,
            local('["198.51.100.0/24"]') + LOCAL,
            config=ONE,
        ),
        Case(
            "one of two is there already",
            local('["198.51.100.0/24", "0.0.0.0/0"]') + LOCAL,
            local('["198.51.100.0/24", "203.0.113.0/24"]') + LOCAL,
            config=TWO,
        ),
        Case(
            "another rule of the group has it already",
            local(WORLD) + group(ingress('["198.51.100.0/24"]') + "\n" + dynamic("local.admins")),
            local("[]") + group(ingress('["198.51.100.0/24"]') + "\n" + dynamic("local.admins")),
            config=ONE,
        ),
        Case(
            "each family gets its own",
            families('["0.0.0.0/0"]', '["::/0"]'),
            families('["198.51.100.0/24"]', '["2001:db8::/32"]'),
            config=BOTH,
        ),
        Case(
            "a family of which none is approved",
            families('["0.0.0.0/0"]', '["::/0"]'),
            families('["198.51.100.0/24"]', "[]"),
            config=ONE,
        ),
        Case(
            "a text with commas",
            local('"0.0.0.0/0,10.0.0.0/8"') + group(ingress('split(",", local.admins)')),
            local('"198.51.100.0/24,203.0.113.0/24,10.0.0.0/8"')
            + group(ingress('split(",", local.admins)')),
            config=TWO,
        ),
        Case(
            "a map: the text is replaced",
            local('{ ssh = "0.0.0.0/0" }') + SET.replace("toset(local.admins)", "local.admins"),
            local('{ ssh = "198.51.100.0/24" }')
            + SET.replace("toset(local.admins)", "local.admins"),
            config=ONE,
        ),
        Case(
            "SSH and RDP of one literal",
            local(WORLD)
            + group(ingress("local.admins") + "\n" + ingress("local.admins", low=3389)),
            local('["198.51.100.0/24"]')
            + group(ingress("local.admins") + "\n" + ingress("local.admins", low=3389)),
            config=ONE,
        ),
        Case(
            "filtered, as another resource has the value too",
            local(OPEN) + LOCAL + '\nresource "x" "y" {\n  cidrs = local.admins\n}\n',
            local(OPEN)
            + group(ingress(FILTERED))
            + '\nresource "x" "y" {\n  cidrs = local.admins\n}\n',
            REVIEW,
            config=ONE,
            because="filter the value where it is used",
        ),
        Case(
            "all that is there is filtered",
            local(WORLD) + LOCAL + '\nresource "x" "y" {\n  cidrs = local.admins\n}\n',
            local(WORLD)
            + group(ingress(FILTERED))
            + '\nresource "x" "y" {\n  cidrs = local.admins\n}\n',
            REVIEW,
            config=ONE,
            because="filter the value where it is used",
        ),
        Case(
            "the provider replaces a rule of its own",
            local(WORLD) + group("") + "\n" + rule("local.admins"),
            local('["198.51.100.0/24"]') + group("") + "\n" + rule("local.admins"),
            REVIEW,
            config=ONE,
            because="the AWS provider replaces aws_security_group_rule.ssh",
        ),
        Case(
            "a port that nobody is approved for",
            local(WORLD)
            + group(ingress('["10.0.0.0/8"]') + "\n" + dynamic("local.admins", low=8080)),
            local("[]")
            + group(ingress('["10.0.0.0/8"]') + "\n" + dynamic("local.admins", low=8080)),
            REVIEW,
            config=ONE,
            because="open-port",
        ),
        Case(
            "a map's one text cannot become two: they are missing",
            local('{ ssh = "0.0.0.0/0" }') + SET.replace("toset(local.admins)", "local.admins"),
            local("{}") + SET.replace("toset(local.admins)", "local.admins"),
            REVIEW,
            config=TWO,
            because="198.51.100.0/24, 203.0.113.0/24 is approved, and would not be let in",
        ),
        Case(
            "no new instance of a set is made: it is missing",
            local(WORLD) + SET,
            local("[]") + SET,
            REVIEW,
            config=ONE,
            because="198.51.100.0/24 is approved, and would not be let in",
        ),
        Case(
            "a port in a list of ports: it is missing",
            group(dynamic("[22, 443]", WORLD, "ingress.value")),
            group(dynamic("[443]", WORLD, "ingress.value")),
            REVIEW,
            config=ONE,
            because="198.51.100.0/24 is approved, and would not be let in",
        ),
    ),
    refused=(
        Refused(
            "all ports",
            local(OPEN) + group(ingress("local.admins", low=0, high=65535)),
            "wider-not-literal",
            config=ONE,
        ),
        Refused(
            "ignored",
            local(OPEN)
            + group(ingress("local.admins") + "\nlifecycle {\n  ignore_changes = [ingress]\n}"),
            "ignored-changes",
            config=ONE,
        ),
    ),
    untouched=(
        Untouched("the approved network alone", local('["198.51.100.0/24"]') + LOCAL, ONE),
        Untouched("a private network", local(CLOSED) + LOCAL, ONE),
        Untouched("a web port", local(OPEN) + group(ingress("local.admins", low=443)), ONE),
        Untouched("not known", variable(name="x") + group(ingress("var.x")), ONE),
    ),
)

SHAPES = (APPROVED,)
test_rewritten, test_refused, test_untouched = made_of(SHAPES)
