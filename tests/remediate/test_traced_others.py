"""What a value feeds besides: everything that a change reaches is weighed and listed."""

from __future__ import annotations

from shapes import (
    CLOSED,
    OPEN,
    Refused,
    Shape,
    Untouched,
    dynamic,
    local,
    made_of,
    variable,
)
from tables import REVIEW, Case, group, ingress, rule, vpc_rule

FILTER = '[for c in local.admins : c if c != "0.0.0.0/0"]'
LOCAL = group(ingress("local.admins"))
FILTERED = group(ingress(FILTER))
USE = "filter the value where it is used, in main.tf"
WIDELY = """ingress {
  from_port = 22
  to_port   = 22
  protocol  = "tcp"
  cidr_blocks = %s
}
"""
MULTILINE = """concat(
    local.admins,
    ["192.0.2.0/24"], # the office
  )"""


def kept(more: str, cidrs: str = OPEN) -> tuple[str, str]:
    """The literal stays for `more`; the rule filters it."""
    head = local(cidrs)
    return head + LOCAL + more, head + FILTERED + more


SET = '\nresource "aws_wafv2_ip_set" "x" {\n  addresses = local.admins\n}\n'
OUTPUT = '\noutput "admins" {\n  value = local.admins\n}\n'
PRINTED = '\noutput "text" {\n  value = "from ${join(", ", local.admins)}"\n}\n'
DATA = '\ndata "http" "x" {\n  url = "https://example.com/${local.admins[0]}"\n}\n'
FAR = '\nmodule "far" {\n  source = "example.com/x/y"\n  cidrs  = local.admins\n}\n'

PRECONDITION = """
lifecycle {
  precondition {
    condition     = length(local.admins) == 2
    error_message = "Two."
  }
}"""
VALIDATED = f"""variable "admins" {{
  default = {OPEN}

  validation {{
    condition     = length(var.admins) > 1
    error_message = "Two at least."
  }}
}}

"""

MIXED = {
    "sg/main.tf": variable(name="cidrs") + group(ingress("var.cidrs")),
    "main.tf": local(OPEN)
    + LOCAL
    + '\nmodule "sg" {\n  source = "./sg"\n  cidrs  = local.admins\n}\n'
    + SET,
}

FILTERS = Shape(
    "a literal that feeds something else too",
    "the value is filtered where the rule takes it: `[for c in … : c if c != …]`",
    "it always is, with a list of everything that the edit reaches",
    rewritten=(
        Case(
            "a web port of the same group",
            local(OPEN) + group(ingress("local.admins") + "\n" + ingress("local.admins", low=443)),
            local(OPEN) + group(ingress(FILTER) + "\n" + ingress("local.admins", low=443)),
            REVIEW,
            because=USE,
            trail=("main.tf:2 → local.admins (main.tf:2)",),
        ),
        Case(
            "a web port of another group",
            *kept("\n" + group(ingress("local.admins", low=443), label="web2")),
            REVIEW,
            because=USE,
        ),
        Case(
            "SSH and RDP are filtered, the web port is not",
            local(OPEN)
            + group(
                "\n".join(
                    [
                        ingress("local.admins"),
                        ingress("local.admins", low=3389),
                        ingress("local.admins", low=443),
                    ]
                )
            ),
            local(OPEN)
            + group(
                "\n".join(
                    [ingress(FILTER), ingress(FILTER, low=3389), ingress("local.admins", low=443)]
                )
            ),
            REVIEW,
            because=USE,
        ),
        Case("another resource", *kept(SET), REVIEW, because=USE),
        Case("an output", *kept(OUTPUT), REVIEW, because=USE),
        Case("a text of an output", *kept(PRINTED), REVIEW, because=USE),
        Case("a data source", *kept(DATA), REVIEW, because=USE),
        Case("a module that is not here", *kept(FAR), REVIEW, because=USE),
        Case(
            "the number of another resource's instances",
            *kept('\nresource "x" "y" {\n  count = length(local.admins)\n}\n'),
            REVIEW,
            because=USE,
        ),
        Case(
            "a condition of another resource",
            *kept('\nresource "x" "y" {\n  open = contains(local.admins, "0.0.0.0/0")\n}\n'),
            REVIEW,
            because=USE,
        ),
        Case(
            "a nested block of another resource",
            *kept('\nresource "x" "y" {\n  inner {\n    cidrs = local.admins\n  }\n}\n'),
            REVIEW,
            because=USE,
        ),
        Case(
            "a validation that would not hold",
            VALIDATED + group(ingress("var.admins")),
            VALIDATED + group(ingress(FILTER.replace("local", "var"))),
            REVIEW,
            because=USE,
        ),
        Case(
            "a precondition that would not hold",
            local(OPEN) + group(ingress("local.admins") + PRECONDITION),
            local(OPEN) + group(ingress(FILTER) + PRECONDITION),
            REVIEW,
            because=USE,
        ),
        Case(
            "the description of the group, which is replaced with it",
            local(OPEN)
            + group('description = join(", ", local.admins)\n\n' + ingress("local.admins")),
            local(OPEN) + group('description = join(", ", local.admins)\n\n' + ingress(FILTER)),
            REVIEW,
            because=USE,
        ),
        Case(
            "over several lines, with a comment",
            local(OPEN) + group(WIDELY % MULTILINE) + SET,
            local(OPEN) + group(WIDELY % f'[for c in {MULTILINE} : c if c != "0.0.0.0/0"]') + SET,
            REVIEW,
            because=USE,
        ),
        Case(
            "a conditional",
            variable("true", "on")
            + local(OPEN)
            + group(ingress("var.on ? local.admins : []"))
            + SET,
            variable("true", "on")
            + local(OPEN)
            + group(ingress('[for c in var.on ? local.admins : [] : c if c != "0.0.0.0/0"]'))
            + SET,
            REVIEW,
            because=USE,
        ),
        Case(
            "lines of a heredoc",
            "locals {\n  admins = <<-EOT\n    0.0.0.0/0\n    10.0.0.0/8\n  EOT\n}\n\n"
            + group(ingress('compact(split("\\n", local.admins))')),
            "locals {\n  admins = <<-EOT\n    0.0.0.0/0\n    10.0.0.0/8\n  EOT\n}\n\n"
            + group(
                ingress('[for c in compact(split("\\n", local.admins)) : c if c != "0.0.0.0/0"]')
            ),
            REVIEW,
            because=USE,
        ),
        Case(
            "a rule of its own, which the provider replaces",
            local(OPEN) + group("") + "\n" + rule("local.admins") + SET,
            local(OPEN) + group("") + "\n" + rule(FILTER) + SET,
            REVIEW,
            because="the AWS provider replaces aws_security_group_rule.ssh",
        ),
        Case(
            "a walk over ports: the list that it opens them to is filtered",
            local(OPEN) + group(dynamic("[22, 3389]", "local.admins", "ingress.value")) + SET,
            local(OPEN) + group(dynamic("[22, 3389]", FILTER, "ingress.value")) + SET,
            REVIEW,
            because=USE,
        ),
        Case(
            "one is in a module: it is filtered in the call, the other where it is used",
            MIXED,
            {
                "main.tf": MIXED["main.tf"]
                .replace("cidr_blocks = local.admins", f"cidr_blocks = {FILTER}")
                .replace("cidrs  = local.admins", f"cidrs  = {FILTER}")
            },
            REVIEW,
            because="in the module call, and filter the value where it is used, in main.tf",
        ),
        Case(
            "a rule of its own with a source that is not known: it stays",
            variable(name="office")
            + local('["0.0.0.0/0"]')
            + group("")
            + "\n"
            + rule("concat(local.admins, var.office)")
            + SET,
            variable(name="office")
            + local('["0.0.0.0/0"]')
            + group("")
            + "\n"
            + rule('[for c in concat(local.admins, var.office) : c if c != "0.0.0.0/0"]')
            + SET,
            REVIEW,
            because="may open it too: no file of the repository sets var.office",
        ),
        Case(
            "nothing can be filtered: the list says what else changes",
            local('{ ssh = "0.0.0.0/0", vpn = "10.0.0.0/8" }')
            + group("")
            + "\n"
            + vpc_rule("each.value", more="for_each          = local.admins")
            + '\nresource "x" "y" {\n  all = values(local.admins)\n}\n'
            + '\nresource "x" "z" {\n  all = values(local.admins)\n}\n',
            local('{ vpn = "10.0.0.0/8" }')
            + group("")
            + "\n"
            + vpc_rule("each.value", more="for_each          = local.admins")
            + '\nresource "x" "y" {\n  all = values(local.admins)\n}\n'
            + '\nresource "x" "z" {\n  all = values(local.admins)\n}\n',
            REVIEW,
            because="blast-radius: the edit would also change x.y, x.z",
        ),
    ),
    refused=(
        Refused(
            "all that the rule has, and a web port too: no filter leaves a rule",
            local('["0.0.0.0/0"]')
            + group("")
            + "\n"
            + rule("local.admins", more="description       = aws_security_group.web.name")
            + "\n"
            + rule("local.admins", low=443, label="web")
            + '\noutput "x" {\n  value = aws_security_group_rule.ssh.id\n}\n',
            "no-safe-place",
            "would be left without a source",
        ),
        Refused(
            "a port that is looked up, where the entry feeds a web port by default",
            local('{ a = { cidr = "0.0.0.0/0", ports = [22, 443] } }')
            + group(
                dynamic(
                    "flatten([for a in local.admins : [for p in a.ports : { p = p, c = a.cidr }]])",
                    "[ingress.value.c]",
                    "ingress.value.p",
                )
            )
            + '\nresource "x" "y" {\n  count = length(local.admins.a.ports) == 2 ? 1 : 0\n}\n'
            + '\noutput "y" {\n  value = x.y[0].id\n}\n',
            "no-safe-place",
            "output.y would fail",
        ),
    ),
    untouched=(
        Untouched("filtered already", local(OPEN) + FILTERED + SET),
        Untouched("only the others have it", local(OPEN) + group(ingress(CLOSED)) + SET),
        Untouched("web ports alone", local(OPEN) + group(ingress("local.admins", low=443)) + SET),
    ),
)

SHAPES = (FILTERS,)
test_rewritten, test_refused, test_untouched = made_of(SHAPES)
