"""Instances that `for_each` and `count` make: the element goes that makes the wrong one."""

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

WEB = group("") + "\n"
EACH = "for_each          = "
COUNT = "count             = "
RULE = "aws_vpc_security_group_ingress_rule.ssh"


def each(over: str, cidr: str = "each.value", low: object = 22, more: str = "") -> str:
    return WEB + vpc_rule(cidr, low, more=f"{EACH}{over}{more}")


def entries(*lines: str, name: str = "rules") -> str:
    body = "".join(f"    {line}\n" for line in lines)
    return f"locals {{\n  {name} = {{\n{body}  }}\n}}\n\n"


SSH = 'ssh   = { port = 22, cidr = "0.0.0.0/0" }'
HTTPS = 'https = { port = 443, cidr = "0.0.0.0/0" }'
VPN = 'vpn   = { port = 22, cidr = "10.0.0.0/8" }'
OBJECTS = each("local.rules", "each.value.cidr", "each.value.port")
TWO = ('ssh = "0.0.0.0/0"', 'vpn = "10.0.0.0/8"')
KEPT = entries('vpn = "10.0.0.0/8"')
AFTER_VPN = entries(VPN.replace("vpn  ", "vpn"))
MERGED = """locals {
  base = { vpn = { port = 22, cidr = "10.0.0.0/8" } }
  rules = merge(local.base, {
    ssh = { port = 22, cidr = "0.0.0.0/0" }
    web = { port = 443, cidr = "0.0.0.0/0" }
  })
}

"""
PRODUCT = """locals {
  ports = [22, 443]
  cidrs = ["0.0.0.0/0", "10.0.0.0/8"]
  rules = {
    for pair in setproduct(local.ports, local.cidrs) :
    "${pair[0]}-${pair[1]}" => { port = pair[0], cidr = pair[1] }
  }
}

"""
NESTED = """locals {
  teams = {
    web = { port = 443, cidrs = ["0.0.0.0/0"] }
    ops = { port = 22, cidrs = ["0.0.0.0/0", "10.0.0.0/8"] }
  }
  rules = merge([
    for team, t in local.teams : {
      for cidr in t.cidrs : "${team}-${cidr}" => { port = t.port, cidr = cidr }
    }
  ]...)
}

"""
PREVENTED = "\n\nlifecycle {\n  prevent_destroy = true\n}"
SHOWN = '\noutput "x" {\n  value = %s\n}\n'
CIDR_KEYS = """locals {
  rules = {
    "0.0.0.0/0"  = 22
    "10.0.0.0/8" = 22
  }
}

"""

MAPS = Shape(
    "rules made by `for_each` over a map",
    "the entry of the wrong rule leaves the map",
    "it also feeds something else, or the provider replaces the rule",
    rewritten=(
        Case(
            "of texts",
            entries(*TWO) + each("local.rules"),
            KEPT + each("local.rules"),
            trail=("main.tf:3 → local.rules (main.tf:2)",),
        ),
        Case(
            "of objects; the web port and the private network stay",
            entries(SSH, HTTPS, VPN) + OBJECTS,
            entries(HTTPS, VPN) + OBJECTS,
        ),
        Case(
            "of a variable",
            variable(f"{{ {', '.join(TWO)} }}") + each("var.admins"),
            variable('{ vpn = "10.0.0.0/8" }') + each("var.admins"),
        ),
        Case(
            "written where it is walked over",
            each('{ ssh = "0.0.0.0/0", vpn = "10.0.0.0/8" }'),
            each('{ vpn = "10.0.0.0/8" }'),
            trail=("main.tf:11",),
        ),
        Case(
            "the only entry",
            entries('ssh = "0.0.0.0/0"') + each("local.rules"),
            "locals {\n  rules = {}\n}\n\n" + each("local.rules"),
        ),
        Case(
            "the comment of an entry goes with it, the others stay",
            entries(
                "# everybody, for the move", 'ssh = "0.0.0.0/0" # OPS-1', "# the office", TWO[1]
            )
            + each("local.rules"),
            entries("# the office", TWO[1]) + each("local.rules"),
        ),
        Case(
            "a map keyed by the CIDR",
            CIDR_KEYS + each("local.rules", "each.key", "each.value"),
            CIDR_KEYS.replace('    "0.0.0.0/0"  = 22\n', "")
            + each("local.rules", "each.key", "each.value"),
        ),
        Case(
            "one of two lists in an object",
            entries(f"a = {{ cidrs = {OPEN} }}", f"b = {{ cidrs = {CLOSED} }}")
            + WEB
            + rule("each.value.cidrs", more=EACH + "local.rules"),
            entries(f"a = {{ cidrs = {CLOSED} }}", f"b = {{ cidrs = {CLOSED} }}")
            + WEB
            + rule("each.value.cidrs", more=EACH + "local.rules"),
            REVIEW,
            because='the AWS provider replaces aws_security_group_rule.ssh["a"]',
        ),
        Case(
            "merge",
            MERGED + OBJECTS,
            MERGED.replace('    ssh = { port = 22, cidr = "0.0.0.0/0" }\n', "") + OBJECTS,
            trail=("main.tf:4 → local.rules (main.tf:3)",),
        ),
        Case(
            "teams and their lists, flattened: the CIDR leaves the team's list",
            NESTED + OBJECTS,
            NESTED.replace('22, cidrs = ["0.0.0.0/0", "10.0.0.0/8"]', '22, cidrs = ["10.0.0.0/8"]')
            + OBJECTS,
        ),
        Case(
            "a group for each entry",
            entries(f"a = {{ cidrs = {OPEN} }}", f"b = {{ cidrs = {CLOSED} }}")
            + group("for_each = local.rules\n\n" + ingress("each.value.cidrs")),
            entries(f"a = {{ cidrs = {CLOSED} }}", f"b = {{ cidrs = {CLOSED} }}")
            + group("for_each = local.rules\n\n" + ingress("each.value.cidrs")),
        ),
        Case(
            "depends_on names all of them",
            entries(*TWO)
            + each("local.rules")
            + f'\nresource "x" "y" {{\n  depends_on = [{RULE}]\n}}\n',
            KEPT + each("local.rules") + f'\nresource "x" "y" {{\n  depends_on = [{RULE}]\n}}\n',
        ),
        Case(
            "an output shows their ids: it changes too",
            entries(*TWO) + each("local.rules") + SHOWN % f"values({RULE})[*].id",
            KEPT + each("local.rules") + SHOWN % f"values({RULE})[*].id",
            REVIEW,
            because="the edit would also change output.x",
        ),
        Case(
            "another resource is made of the same map",
            entries(*TWO)
            + each("local.rules")
            + '\nresource "x" "y" {\n  for_each = local.rules\n}\n',
            KEPT + each("local.rules") + '\nresource "x" "y" {\n  for_each = local.rules\n}\n',
            REVIEW,
            because='the edit would also change x.y["ssh"]',
        ),
        Case(
            "for_each of a for",
            entries(*TWO) + each('{ for k, v in local.rules : k => v if v != "" }'),
            KEPT + each('{ for k, v in local.rules : k => v if v != "" }'),
        ),
        Case(
            "two rules of one entry's port and CIDR lists",
            entries(*TWO)
            + each("local.rules")
            + "\n"
            + vpc_rule("each.value", 3389, more=EACH + "local.rules", label="rdp"),
            KEPT
            + each("local.rules")
            + "\n"
            + vpc_rule("each.value", 3389, more=EACH + "local.rules", label="rdp"),
        ),
    ),
    refused=(
        Refused(
            "an output refers to the one that would go",
            entries(*TWO) + each("local.rules") + SHOWN % f'{RULE}["ssh"].id',
            "no-safe-place",
            "output.x would fail",
        ),
        Refused(
            "another resource refers to it",
            entries(*TWO)
            + each("local.rules")
            + f'\nresource "x" "y" {{\n  rule = {RULE}["ssh"].id\n}}\n',
            "no-safe-place",
            "x.y would fail",
        ),
        Refused(
            "it must not be destroyed",
            entries(*TWO) + each("local.rules", more=PREVENTED),
            "prevent-destroy",
            'aws_vpc_security_group_ingress_rule.ssh["ssh"] (main.tf:12)',
        ),
        Refused(
            "keys that are positions: all behind it would move",
            variable(OPEN) + each("{ for i, c in var.admins : i => c }"),
            "no-safe-place",
            f'{RULE}["0"] the change would make tcp 22 from 10.0.0.0/8 anew',
        ),
        Refused(
            "a product of ports and CIDRs, where each feeds other rules too",
            PRODUCT + OBJECTS,
            "no-safe-place",
            f'{RULE}["443-0.0.0.0/0"] the change would also take tcp 443',
        ),
        Refused(
            "a map that is not known, as somebody reports",
            variable(name="rules") + each("var.rules"),
            "unknown-value",
            "no file of the repository sets var.rules",
            findings=(found(RULE),),
        ),
        Refused(
            "an entry with a wide port",
            entries('all = { from = 0, cidr = "0.0.0.0/0" }')
            + WEB
            + vpc_rule("each.value.cidr", "each.value.from", 65535, more=EACH + "local.rules"),
            "wider-not-literal",
            "tcp 0-65535",
        ),
    ),
    untouched=(
        Untouched("an empty map", "locals {\n  rules = {}\n}\n\n" + each("local.rules")),
        Untouched("private networks", KEPT + each("local.rules")),
        Untouched("web ports", entries(HTTPS) + OBJECTS),
        Untouched("not known", variable(name="rules") + each("var.rules")),
        Untouched(
            "left out by if",
            entries(SSH)
            + each(
                "{ for k, v in local.rules : k => v if v.port != 22 }",
                "each.value.cidr",
                "each.value.port",
            ),
        ),
        Untouched(
            "a key twice is an error",
            entries(*TWO) + each('{ for k, v in local.rules : "x" => v }'),
        ),
    ),
)

EITHER = vpc_rule(
    'strcontains(each.value, ":") ? null : each.value',
    more='cidr_ipv6         = strcontains(each.value, ":") ? each.value : null\n'
    + EACH
    + "toset(%s)",
)

SETS = Shape(
    "rules made by `for_each` over a set",
    "the item leaves its list",
    "others use the set too: then it is filtered where it is used",
    rewritten=(
        Case("toset", *both(lambda c: local(c) + each("toset(local.admins)"))),
        Case("toset of a list that is written there", *both(lambda c: each(f"toset({c})"))),
        Case(
            "a variable of type set",
            *both(lambda c: variable(c, kind="set(string)") + each("var.admins")),
        ),
        Case("each.key", *both(lambda c: local(c) + each("toset(local.admins)", "each.key"))),
        Case(
            "setunion",
            *both(lambda c: local(c) + each('setunion(local.admins, ["192.0.2.0/24"])')),
        ),
        Case(
            "the only item",
            local('["0.0.0.0/0"]') + each("toset(local.admins)"),
            local("[]") + each("toset(local.admins)"),
        ),
        Case(
            "a set of ports",
            local('["22", "443"]', "ports")
            + WEB
            + vpc_rule(low="each.value", more=EACH + "toset(local.ports)"),
            local('["443"]', "ports")
            + WEB
            + vpc_rule(low="each.value", more=EACH + "toset(local.ports)"),
        ),
        Case(
            "another rule takes the same set: it is filtered",
            variable(OPEN, kind="set(string)")
            + each("var.admins")
            + "\n"
            + vpc_rule("each.value", 443, more=EACH + "var.admins", label="web"),
            variable(OPEN, kind="set(string)")
            + each('toset([for c in var.admins : c if c != "0.0.0.0/0"])')
            + "\n"
            + vpc_rule("each.value", 443, more=EACH + "var.admins", label="web"),
            REVIEW,
            because="filter the value where it is used, in main.tf",
        ),
        Case(
            "a set by toset stays one",
            local(OPEN)
            + each("toset(local.admins)")
            + "\n"
            + vpc_rule("each.value", 443, more=EACH + "toset(local.admins)", label="web"),
            local(OPEN)
            + each('toset([for c in local.admins : c if c != "0.0.0.0/0"])')
            + "\n"
            + vpc_rule("each.value", 443, more=EACH + "toset(local.admins)", label="web"),
            REVIEW,
            because="filter the value where it is used, in main.tf",
        ),
        Case(
            "both families of one set are one change",
            local('["0.0.0.0/0", "10.0.0.0/8", "::/0"]') + WEB + EITHER % "local.admins",
            local(CLOSED) + WEB + EITHER % "local.admins",
        ),
        Case(
            "both families, filtered at once",
            local('["0.0.0.0/0", "10.0.0.0/8", "::/0"]')
            + WEB
            + EITHER % "local.admins"
            + SHOWN % "local.admins",
            local('["0.0.0.0/0", "10.0.0.0/8", "::/0"]')
            + WEB
            + EITHER % '[for c in local.admins : c if !contains(["0.0.0.0/0", "::/0"], c)]'
            + SHOWN % "local.admins",
            REVIEW,
            because="filter the value where it is used, in main.tf",
        ),
    ),
    refused=(
        Refused(
            "an output refers to the one that would go",
            local(OPEN) + each("toset(local.admins)") + SHOWN % f'{RULE}["0.0.0.0/0"].id',
            "no-safe-place",
            "output.x would fail",
        ),
        Refused(
            "items that are not known, as somebody reports",
            variable(name="office") + each("toset([var.office])"),
            "unknown-value",
            "no file of the repository sets var.office",
            findings=(found(RULE),),
        ),
    ),
    untouched=(
        Untouched("a list, which for_each does not take", local(OPEN) + each("local.admins")),
        Untouched("private networks", local(CLOSED) + each("toset(local.admins)")),
        Untouched("too many to count", local("range(1000)") + each("toset(local.admins)")),
        Untouched("a web port", local(OPEN) + each("toset(local.admins)", low=443)),
    ),
)


def counted(cidr: str, number: str, low: object = 22) -> str:
    return WEB + vpc_rule(cidr, low, more=COUNT + number)


BY_INDEX = counted("local.admins[count.index]", "length(local.admins)")

COUNTS = Shape(
    "rules made by `count`",
    "the last item leaves its list, with the last instance; a rule that all instances repeat goes",
    "the rule itself has to go",
    rewritten=(
        Case(
            "by index: the last one",
            local('["10.0.0.0/8", "0.0.0.0/0"]') + BY_INDEX,
            local(CLOSED) + BY_INDEX,
        ),
        Case("by index: the only one", local('["0.0.0.0/0"]') + BY_INDEX, local("[]") + BY_INDEX),
        Case(
            "element",
            local('["10.0.0.0/8", "0.0.0.0/0"]')
            + counted("element(local.admins, count.index)", "length(local.admins)"),
            local(CLOSED) + counted("element(local.admins, count.index)", "length(local.admins)"),
        ),
        Case(
            "each instance has a group of its own",
            *both(lambda c: local(c) + group(f"count = 2\n\n{ingress('local.admins')}")),
        ),
        Case(
            "a switch that is on",
            *both(
                lambda c: (
                    variable("true", "on")
                    + local(c)
                    + group(f"count = var.on ? 1 : 0\n\n{ingress('local.admins')}")
                )
            ),
        ),
        Case(
            "a switch that is on, and all that the rule has",
            variable("true", "on")
            + local('"0.0.0.0/0"')
            + counted("local.admins", "var.on ? 1 : 0"),
            variable("true", "on") + local('"0.0.0.0/0"') + group(""),
            REVIEW,
            because="remove the rule itself",
        ),
        Case(
            "a number that is not known, as somebody reports",
            *both(
                lambda c: (
                    variable(name="n")
                    + local(c)
                    + group(f"count = var.n\n\n{ingress('local.admins')}")
                )
            ),
            REVIEW,
            because="the code does not say how many instances aws_security_group.web has",
            findings=(found("aws_security_group.web"),),
        ),
        Case(
            "ports by index: the last one",
            local("[443, 22]", "ports")
            + counted('"0.0.0.0/0"', "length(local.ports)", "local.ports[count.index]"),
            local("[443]", "ports")
            + counted('"0.0.0.0/0"', "length(local.ports)", "local.ports[count.index]"),
        ),
    ),
    refused=(
        Refused(
            "by index: the first of two, behind which all would move",
            local(OPEN) + BY_INDEX,
            "no-safe-place",
            f"{RULE}[0] the change would make tcp 22 from 10.0.0.0/8 anew",
        ),
        Refused(
            "one beyond the end would fail",
            local(OPEN) + counted("local.admins[count.index]", "2"),
            "no-safe-place",
            "aws_vpc_security_group_ingress_rule.ssh[0]",
        ),
        Refused(
            "its number is not known, and something refers to it, as somebody reports",
            variable(name="on")
            + local('"0.0.0.0/0"')
            + counted("local.admins", "var.on ? 1 : 0")
            + SHOWN % f"{RULE}[*].id",
            "no-safe-place",
            "main.tf:21 refers to it",
            findings=(found(RULE),),
        ),
    ),
    untouched=(
        Untouched("none", local(OPEN) + counted("local.admins[0]", "0")),
        Untouched(
            "a switch that is off",
            variable("false", "on")
            + local('"0.0.0.0/0"')
            + counted("local.admins", "var.on ? 1 : 0"),
        ),
        Untouched(
            "a number that is not known",
            variable(name="n") + local('"0.0.0.0/0"') + counted("local.admins", "var.n"),
        ),
        Untouched("a negative number", local('"0.0.0.0/0"') + counted("local.admins", "-1")),
    ),
)

SHAPES = (MAPS, SETS, COUNTS)
test_rewritten, test_refused, test_untouched = made_of(SHAPES)
