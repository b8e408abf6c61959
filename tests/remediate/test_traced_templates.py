"""JSON in a template file: closed there, and for review, as no second reader reads it."""

from __future__ import annotations

from shapes import CLOSED, OPEN, Refused, Shape, Untouched, both, local, made_of, variable
from tables import REVIEW, Case, found, group, ingress

GROUP = "aws_security_group.web"
FILTER = '[for c in %s : c if c != "0.0.0.0/0"]'
READER = "nets.tftpl has no second reader"
USE = "filter the value where it is used"
LINES = """{
  "office": "${more}",
  "admins": [
    "10.0.0.0/8",
%s    "${more}"
  ]
}
"""
WALK = '{"admins": ["0.0.0.0/0"%{ for c in more }, "${c}"%{ endfor }]}\n'


def reading(more: str = '"192.0.2.0/24"', port: int = 22, folder: str = "${path.module}") -> str:
    """A group that is open to the networks of a template."""
    call = f'jsondecode(templatefile("{folder}/nets.tftpl", {{ more = {more} }}))'
    return local(call, "nets") + group(ingress("local.nets.admins", low=port))


READ = reading()


def listed(cidrs: str) -> str:
    return f'{{"admins": {cidrs[:-1]}, "${{more}}"]}}\n'


TEMPLATES = Shape(
    "JSON in a template that `templatefile` renders",
    "the item leaves the JSON as the template has it; what a directive or another text makes is "
    "filtered where it is used",
    "it always is: no second reader reads a template",
    rewritten=(
        Case(
            "a list with another that is inserted",
            *both(lambda c: {"main.tf": READ, "nets.tftpl": listed(c)}),
            REVIEW,
            because=READER,
            trail=("nets.tftpl:1 → local.nets (main.tf:2)",),
        ),
        Case(
            "over several lines",
            {"main.tf": READ, "nets.tftpl": LINES % '    "0.0.0.0/0",\n'},
            {"nets.tftpl": LINES % ""},
            REVIEW,
            because=READER,
            trail=("nets.tftpl:5 → local.nets (main.tf:2)",),
        ),
        Case(
            "nothing is inserted, CRLF, and no newline at the end",
            *both(
                lambda c: {"main.tf": READ, "nets.tftpl": f'{{\r\n  "admins": {c}\r\n}}'},
            ),
            REVIEW,
            because=READER,
        ),
        Case(
            "letters of several bytes before it",
            *both(
                lambda c: {
                    "main.tf": READ,
                    "nets.tftpl": f'{{"ä€": "${{more}}", "admins": {c}}}\n',
                }
            ),
            REVIEW,
            because=READER,
        ),
        Case(
            "the world is what is inserted: its place goes",
            {"main.tf": reading('"0.0.0.0/0"'), "nets.tftpl": listed(CLOSED)},
            {"nets.tftpl": f'{{"admins": {CLOSED}}}\n'},
            REVIEW,
            because=READER,
        ),
        Case(
            "two roots, both open: one change",
            *both(
                lambda c: {
                    "a/main.tf": reading(folder="../data"),
                    "b/main.tf": reading(port=3389, folder="../data"),
                    "data/nets.tftpl": listed(c),
                }
            ),
            REVIEW,
            because=READER,
        ),
        Case(
            "another root has it for a web port: it is filtered",
            {
                "a/main.tf": reading(folder="../data"),
                "b/main.tf": reading(port=443, folder="../data"),
                "data/nets.tftpl": listed(OPEN),
            },
            {
                "a/main.tf": reading(folder="../data").replace(
                    "= local.nets.admins", f"= {FILTER % 'local.nets.admins'}"
                )
            },
            REVIEW,
            because=USE,
        ),
        Case(
            "a walk is in it: it is filtered",
            {"main.tf": reading(CLOSED), "nets.tftpl": WALK},
            {
                "main.tf": reading(CLOSED).replace(
                    "= local.nets.admins", f"= {FILTER % 'local.nets.admins'}"
                )
            },
            REVIEW,
            because=USE,
        ),
        Case(
            "lines of a text: they are filtered",
            {
                "main.tf": group(ingress('split("\\n", templatefile("nets.tftpl", {}))')),
                "nets.tftpl": "0.0.0.0/0\n10.0.0.0/8",
            },
            {"main.tf": group(ingress(FILTER % 'split("\\n", templatefile("nets.tftpl", {}))'))},
            REVIEW,
            because=USE,
        ),
    ),
    refused=(
        Refused(
            "a name that it is not given, as somebody reports",
            {"main.tf": READ, "nets.tftpl": listed(OPEN).replace("more", "less")},
            "unknown-value",
            "`less` is not evaluated at nets.tftpl:1",
            findings=(found(GROUP),),
        ),
        Refused(
            "what is inserted is not known, as somebody reports",
            {
                "main.tf": variable(name="office") + reading("var.office"),
                "nets.tftpl": listed(OPEN),
            },
            "unknown-value",
            "no file of the repository sets var.office",
            findings=(found(GROUP),),
        ),
        Refused(
            "a template that does not end, as somebody reports",
            {"main.tf": READ, "nets.tftpl": '{"admins": ["0.0.0.0/0", "${more"]}\n'},
            "unknown-value",
            "is not understood",
            findings=(found(GROUP),),
        ),
    ),
    untouched=(
        Untouched("private networks", {"main.tf": READ, "nets.tftpl": listed(CLOSED)}),
        Untouched("no file", READ),
        Untouched(
            "a name that it is not given",
            {"main.tf": READ, "nets.tftpl": listed(OPEN).replace("more", "less")},
        ),
        Untouched("a web port", {"main.tf": reading(port=443), "nets.tftpl": listed(OPEN)}),
        Untouched(
            "the world is in a text that is no list",
            {"main.tf": READ, "nets.tftpl": '{"note": "0.0.0.0/0", "admins": ["${more}"]}\n'},
        ),
    ),
)

SHAPES = (TEMPLATES,)
test_rewritten, test_refused, test_untouched = made_of(SHAPES)
