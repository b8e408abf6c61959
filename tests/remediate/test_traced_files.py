"""Values in files beside the code: variable definitions, overrides, JSON syntax, data."""

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
from tables import REVIEW, Case, found, group, ingress, vpc_rule

GROUP = "aws_security_group.web"
MAIN = variable() + group(ingress("var.admins"))
WITH_DEFAULT = variable(OPEN) + group(ingress("var.admins"))
NAMED = {"terraform": {"var_files": {".": ["envs/prod.tfvars"]}}}
TWO_FILES = {"terraform": {"var_files": {".": ["a.tfvars", "b.tfvars"]}}}
SHARED = {"terraform": {"var_files": {"b": ["a/terraform.tfvars"]}}}
COMMENTED = """# The networks of the administrators.
admins = [
  "10.0.0.0/8", # office
%s]

region = "eu-central-1"
"""


def json_list(cidrs: str, name: str = "admins") -> str:
    """{"admins": […]}, an item a line."""
    items = cidrs.strip("[]").split(", ")
    body = ",\n".join(f"    {item}" for item in items)
    return f'{{\n  "{name}": [\n{body}\n  ],\n  "region": "eu-central-1"\n}}\n'


TFVARS = Shape(
    "`terraform.tfvars`, `*.auto.tfvars`, both as JSON too, and what `terraform.var_files` names",
    "the CIDR leaves the list of the file that counts",
    "the whole rule has to go",
    rewritten=(
        Case(
            "terraform.tfvars",
            *both(lambda c: {"main.tf": MAIN, "terraform.tfvars": f"admins = {c}\n"}),
            trail=("terraform.tfvars:1 → var.admins (terraform.tfvars:1)",),
        ),
        Case(
            "over a default, which stays as it is",
            *both(lambda c: {"main.tf": WITH_DEFAULT, "terraform.tfvars": f"admins = {c}\n"}),
        ),
        Case(
            "an auto file over terraform.tfvars",
            *both(
                lambda c: {
                    "main.tf": MAIN,
                    "terraform.tfvars": f"admins = {CLOSED}\n",
                    "x.auto.tfvars": f"admins = {c}\n",
                }
            ),
        ),
        Case(
            "the last of the auto files",
            *both(
                lambda c: {
                    "main.tf": MAIN,
                    "a.auto.tfvars": f"admins = {CLOSED}\n",
                    "b.auto.tfvars": f"admins = {c}\n",
                }
            ),
        ),
        Case(
            "JSON",
            *both(lambda c: {"main.tf": MAIN, "terraform.tfvars.json": json_list(c)}),
            trail=("terraform.tfvars.json:3 → var.admins (terraform.tfvars.json:2)",),
        ),
        Case(
            "JSON over terraform.tfvars",
            *both(
                lambda c: {
                    "main.tf": MAIN,
                    "terraform.tfvars": f"admins = {OPEN}\n",
                    "terraform.tfvars.json": json_list(c),
                }
            ),
        ),
        Case(
            "an auto file in JSON, on one line",
            *both(lambda c: {"main.tf": MAIN, "x.auto.tfvars.json": f'{{"admins": {c}}}\n'}),
        ),
        Case(
            "the last of a JSON list",
            *both(
                lambda c: {
                    "main.tf": MAIN,
                    "terraform.tfvars.json": json_list(
                        '["10.0.0.0/8", "0.0.0.0/0"]' if c == OPEN else c
                    ),
                }
            ),
        ),
        Case(
            "comments and other settings stay",
            {"main.tf": MAIN, "terraform.tfvars": COMMENTED % '  "0.0.0.0/0",  # OPS-7\n'},
            {"terraform.tfvars": COMMENTED % ""},
        ),
        Case(
            "CRLF and no newline at the end",
            *both(lambda c: {"main.tf": MAIN, "terraform.tfvars": f"x = 1\r\nadmins = {c}"}),
            tidy=False,
        ),
        Case(
            "a file that is named",
            *both(lambda c: {"main.tf": WITH_DEFAULT, "envs/prod.tfvars": f"admins = {c}\n"}),
            config=NAMED,
        ),
        Case(
            "over an auto file",
            *both(
                lambda c: {
                    "main.tf": MAIN,
                    "x.auto.tfvars": f"admins = {OPEN}\n",
                    "envs/prod.tfvars": f"admins = {c}\n",
                }
            ),
            config=NAMED,
        ),
        Case(
            "the last that is named",
            *both(
                lambda c: {
                    "main.tf": MAIN,
                    "a.tfvars": f"admins = {OPEN}\n",
                    "b.tfvars": f"admins = {c}\n",
                }
            ),
            config=TWO_FILES,
        ),
        Case(
            "others that nobody names do not count",
            *both(
                lambda c: {
                    "main.tf": MAIN,
                    "envs/prod.tfvars": f"admins = {c}\n",
                    "envs/dev.tfvars": f"admins = {OPEN}\n",
                }
            ),
            config=NAMED,
        ),
        Case(
            "a map of rules",
            {
                "main.tf": variable(name="rules")
                + group("")
                + "\n"
                + vpc_rule("each.value", more="for_each          = var.rules"),
                "terraform.tfvars": 'rules = {\n  ssh = "0.0.0.0/0"\n  vpn = "10.0.0.0/8"\n}\n',
            },
            {"terraform.tfvars": 'rules = {\n  vpn = "10.0.0.0/8"\n}\n'},
        ),
        Case(
            "one file, two roots, both open",
            *both(
                lambda c: {
                    "a/main.tf": MAIN,
                    "b/main.tf": MAIN,
                    "a/terraform.tfvars": f"admins = {c}\n",
                }
            ),
            config=SHARED,
        ),
        Case(
            "one file, two roots, one with a web port: it is filtered",
            {
                "a/main.tf": variable() + group(ingress("var.admins", low=443)),
                "b/main.tf": MAIN,
                "a/terraform.tfvars": f"admins = {OPEN}\n",
            },
            {
                "b/main.tf": variable()
                + group(ingress('[for c in var.admins : c if c != "0.0.0.0/0"]'))
            },
            REVIEW,
            config=SHARED,
            because="filter the value where it is used, in b/main.tf",
        ),
        Case(
            "all that the rule has",
            {"main.tf": MAIN, "terraform.tfvars": 'admins = ["0.0.0.0/0"]\n'},
            {"main.tf": variable() + group("ingress = []")},
            REVIEW,
            because="remove the rule itself, in main.tf",
        ),
    ),
    refused=(
        Refused(
            "a file in a folder below, which nobody names, as somebody reports",
            {"main.tf": WITH_DEFAULT, "envs/prod.tfvars": f"admins = {OPEN}\n"},
            "unknown-value",
            "var.admins is set in envs/prod.tfvars, and nothing says whether that file is given "
            "with -var-file; name it under `terraform.var_files`",
            findings=(found(GROUP),),
        ),
        Refused(
            "a file of another name beside the code",
            {"main.tf": WITH_DEFAULT, "prod.tfvars": f"admins = {OPEN}\n"},
            "unknown-value",
            "var.admins is set in prod.tfvars",
            findings=(found(GROUP),),
        ),
        Refused(
            "a file that does not parse may set anything",
            {"main.tf": WITH_DEFAULT, "x.auto.tfvars": "admins = [\n"},
            "unknown-value",
            "var.admins may be set in a file: x.auto.tfvars:1",
            findings=(found(GROUP),),
        ),
        Refused(
            "a file that is named and not there",
            {"main.tf": WITH_DEFAULT},
            "unknown-value",
            "envs/prod.tfvars is named as a variable file and is not there",
            config=NAMED,
            findings=(found(GROUP),),
        ),
        Refused(
            "JSON with a template, which is not evaluated there",
            {"main.tf": MAIN, "terraform.tfvars.json": '{"admins": ["${x}", "0.0.0.0/0"]}\n'},
            "unknown-value",
            "in JSON",
            findings=(found(GROUP),),
        ),
    ),
    untouched=(
        Untouched(
            "private in terraform.tfvars, open in the default",
            {"main.tf": WITH_DEFAULT, "terraform.tfvars": f"admins = {CLOSED}\n"},
        ),
        Untouched(
            "private in an auto file, open in terraform.tfvars",
            {
                "main.tf": MAIN,
                "terraform.tfvars": f"admins = {OPEN}\n",
                "x.auto.tfvars": f"admins = {CLOSED}\n",
            },
        ),
        Untouched(
            "the first of the auto files is open",
            {
                "main.tf": MAIN,
                "a.auto.tfvars": f"admins = {OPEN}\n",
                "b.auto.tfvars": f"admins = {CLOSED}\n",
            },
        ),
        Untouched(
            "below, not named", {"main.tf": WITH_DEFAULT, "envs/prod.tfvars": f"admins = {OPEN}\n"}
        ),
        Untouched("beside, not named", {"main.tf": MAIN, "prod.tfvars": f"admins = {OPEN}\n"}),
        Untouched("a dot file", {"main.tf": MAIN, ".auto.tfvars": f"admins = {OPEN}\n"}),
        Untouched(
            "an example", {"main.tf": MAIN, "terraform.tfvars.example": f"admins = {OPEN}\n"}
        ),
        Untouched(
            "a setting that nobody declares",
            {"main.tf": group(ingress(CLOSED)), "terraform.tfvars": f"admins = {OPEN}\n"},
        ),
        Untouched(
            "of another folder", {"a/main.tf": MAIN, "b/terraform.tfvars": f"admins = {OPEN}\n"}
        ),
    ),
)

PLAIN = group(ingress(CLOSED))
LIFECYCLE = (
    'resource "aws_security_group" "web" {\n  lifecycle {\n    ignore_changes = [ingress]\n  }\n}\n'
)
TAGGED = 'resource "aws_security_group" "web" {\n  tags = { team = "ops" }\n}\n'


def overriding(cidrs: str) -> str:
    return group(ingress(cidrs)).replace('  name = "edge"\n\n', "")


OVERRIDES = Shape(
    "`override.tf`, `*_override.tf`",
    "the CIDR leaves the list in the file that counts in the end",
    rewritten=(
        Case("the rules", *both(lambda c: {"main.tf": PLAIN, "override.tf": overriding(c)})),
        Case(
            "of two, the last",
            *both(
                lambda c: {
                    "main.tf": group(ingress(OPEN)),
                    "a_override.tf": overriding(OPEN),
                    "b_override.tf": overriding(c),
                }
            ),
        ),
        Case(
            "a variable", *both(lambda c: {"main.tf": WITH_DEFAULT, "x_override.tf": variable(c)})
        ),
        Case(
            "a local",
            *both(
                lambda c: {
                    "main.tf": local(OPEN) + group(ingress("local.admins")),
                    "override.tf": local(c),
                }
            ),
        ),
        Case(
            "tags alone: the rules are those of the block",
            *both(lambda c: {"main.tf": group(ingress(c)), "override.tf": TAGGED}),
        ),
        Case(
            "in JSON syntax",
            *both(
                lambda c: {
                    "main.tf": variable() + group(ingress("var.admins")),
                    "override.tf.json": f'{{"variable": {{"admins": {{"default": {c}}}}}}}\n',
                }
            ),
        ),
    ),
    refused=(
        Refused(
            "ignored in the override alone",
            {"main.tf": group(ingress(OPEN)), "override.tf": LIFECYCLE},
            "ignored-changes",
            "ignores changes of its rules",
        ),
        Refused(
            "ignored in the block, beside another lifecycle in the override",
            {
                "main.tf": group(ingress(OPEN) + "\nlifecycle {\n  ignore_changes = [ingress]\n}"),
                "override.tf": LIFECYCLE.replace(
                    "ignore_changes = [ingress]", "create_before_destroy = true"
                ),
            },
            "ignored-changes",
            "ignores changes of its rules",
        ),
    ),
    untouched=(
        Untouched(
            "private in the end",
            {"main.tf": group(ingress(OPEN)), "override.tf": overriding(CLOSED)},
        ),
        Untouched(
            "a private variable in the end",
            {"main.tf": WITH_DEFAULT, "x_override.tf": variable(CLOSED)},
        ),
        Untouched(
            "a name that only resembles one",
            {"main.tf": PLAIN, "overrides.tf": "locals {\n  x = 1\n}\n"},
        ),
    ),
)


def in_json(cidrs: str, more: str = "") -> str:
    return (
        '{\n  "resource": {\n    "aws_security_group": {\n      "web": {\n        "name": "edge",'
        f'{more}\n        "ingress": {{\n          "from_port": 22,\n          "to_port": 22,\n'
        f'          "protocol": "tcp",\n          "cidr_blocks": {cidrs}\n        }}\n      }}\n'
        "    }\n  }\n}\n"
    )


def dynamic_in_json(over: str) -> str:
    return (
        '{"resource": {"aws_security_group": {"web": {"name": "edge", "dynamic": {"ingress": {'
        f'"for_each": {over}, "content": {{"from_port": 22, "to_port": 22, "protocol": "tcp", '
        '"cidr_blocks": ["${ingress.value}"]}}}}}}}\n'
    )


def rules_in_json(rules: str) -> str:
    return (
        '{"locals": {"rules": ' + rules + '}, "resource": {"aws_vpc_security_group_ingress_rule": '
        '{"ssh": {"for_each": "${local.rules}", "security_group_id": "sg-1", "ip_protocol": "tcp", '
        '"from_port": 22, "to_port": 22, "cidr_ipv4": "${each.value}"}}}}\n'
    )


JSON_OPEN = (
    '"ingress": [{"from_port": 22, "to_port": 22, "protocol": "tcp", '
    '"cidr_blocks": ["0.0.0.0/0"]}, '
)
JSON_VPN = '{"from_port": 22, "to_port": 22, "protocol": "tcp", "cidr_blocks": ["10.0.0.0/8"]}]'
JSON_TWO = '{"resource": {"aws_security_group": {"web": {"name": "edge", %s}}}}\n'

JSON = Shape(
    "`.tf.json`",
    "the item, element or entry leaves its list or object",
    "the name of the group is not in the code, so that it may be a bastion's",
    rewritten=(
        Case("a CIDR", *both(lambda c: {"main.tf.json": in_json(c)}), trail=("main.tf.json:10",)),
        Case(
            "a variable in JSON, a group in HCL",
            *both(
                lambda c: {
                    "main.tf": group(ingress("var.admins")),
                    "vars.tf.json": f'{{"variable": {{"admins": {{"default": {c}}}}}}}\n',
                }
            ),
        ),
        Case(
            "a local in JSON",
            *both(
                lambda c: {
                    "main.tf": group(ingress("local.admins")),
                    "l.tf.json": f'{{"locals": {{"admins": {c}}}}}\n',
                }
            ),
        ),
        Case(
            "a group in JSON, a variable in HCL",
            *both(lambda c: {"main.tf": variable(c), "sg.tf.json": in_json('"${var.admins}"')}),
        ),
        Case(
            "one of two blocks",
            {"main.tf.json": JSON_TWO % (JSON_OPEN + JSON_VPN)},
            {"main.tf.json": JSON_TWO % ('"ingress": [' + JSON_VPN)},
        ),
        Case("a dynamic block", *both(lambda c: {"main.tf.json": dynamic_in_json(c)})),
        Case(
            "the call of a module",
            *both(
                lambda c: {
                    "sg/main.tf": MAIN,
                    "main.tf.json": f'{{"module": {{"x": {{"source": "./sg", "admins": {c}}}}}}}\n',
                }
            ),
        ),
        Case(
            "an entry of for_each",
            {"main.tf.json": rules_in_json('{"ssh": "0.0.0.0/0", "vpn": "10.0.0.0/8"}')},
            {"main.tf.json": rules_in_json('{"vpn": "10.0.0.0/8"}')},
            REVIEW,
            because="markers",
        ),
    ),
    refused=(
        Refused(
            "ignored",
            {
                "main.tf.json": in_json(
                    OPEN, '\n        "lifecycle": {"ignore_changes": ["ingress"]},'
                )
            },
            "ignored-changes",
        ),
        Refused(
            "all ignored",
            {"main.tf.json": in_json(OPEN, '\n        "lifecycle": [{"ignore_changes": "all"}],')},
            "ignored-changes",
        ),
        Refused(
            "all that the group has",
            {"main.tf.json": in_json('["0.0.0.0/0"]')},
            "no-safe-place",
            "would be left without a source",
        ),
        Refused(
            "not known, as somebody reports",
            {"main.tf.json": in_json('"${var.x}"')},
            "unknown-value",
            "var.x is not declared",
            findings=(found(GROUP, file="main.tf.json"),),
        ),
    ),
    untouched=(
        Untouched("a private network", {"main.tf.json": in_json(CLOSED)}),
        Untouched(
            "a comment",
            {"main.tf.json": '{"//": {"resource": {"aws_security_group": {"web": {}}}}}\n'},
        ),
        Untouched("not known", {"main.tf.json": in_json('"${var.x}"')}),
        Untouched("JSON that is broken", {"main.tf.json": in_json(OPEN)[:-4]}),
        Untouched("a list of documents", {"main.tf.json": f"[{in_json(OPEN)}]\n"}),
    ),
)

TOFU = Shape(
    "`.tofu` files",
    "as in `.tf`",
    rewritten=(
        Case("a local", *both(lambda c: {"main.tofu": local(c) + group(ingress("local.admins"))})),
        Case(
            "a local in .tofu, a group in .tf",
            *both(lambda c: {"main.tf": group(ingress("local.admins")), "locals.tofu": local(c)}),
        ),
        Case(
            "an override",
            *both(lambda c: {"main.tofu": WITH_DEFAULT, "x_override.tofu": variable(c)}),
        ),
    ),
    refused=(
        Refused(
            "the group in both",
            {"main.tf": group(ingress(OPEN)), "main.tofu": group(ingress(OPEN))},
            "address-twice",
        ),
    ),
    untouched=(
        Untouched(
            "a private network", {"main.tofu": local(CLOSED) + group(ingress("local.admins"))}
        ),
        Untouched(
            "an override that closes it",
            {"main.tofu": WITH_DEFAULT, "override.tofu": variable(CLOSED)},
        ),
    ),
)

READ = local('jsondecode(file("${path.module}/nets.json"))', "nets") + group(
    ingress("local.nets.admins")
)
OBJECTS = '{\n  "all": { "cidr": "0.0.0.0/0" },\n  "corp": { "cidr": "10.0.0.0/8" }\n}\n'
YAML = "admins:\n  - 0.0.0.0/0\n  - 10.0.0.0/8\n"
FILTER = '[for c in %s : c if c != "0.0.0.0/0"]'


def computed(root: str, port: int) -> dict[str, str]:
    """A root that reads a file whose name is nowhere written out."""
    text = local('"nets"', "file") + group(
        ingress('jsondecode(file("../data/${local.file}.json")).admins', low=port)
    )
    return {f"{root}/main.tf": text}


DATA = Shape(
    "`jsondecode(file(…))`, and other files that are read",
    "the item leaves the JSON file; what comes of another format is filtered where it is used",
    "the file is no JSON object, or something else reads it",
    rewritten=(
        Case(
            "JSON",
            *both(lambda c: {"main.tf": READ, "nets.json": json_list(c)}),
            trail=("nets.json:3 → local.nets (main.tf:2)",),
        ),
        Case(
            "JSON on one line",
            *both(lambda c: {"main.tf": READ, "nets.json": f'{{"admins": {c}}}'}),
        ),
        Case(
            "JSON of objects",
            {
                "main.tf": READ.replace("local.nets.admins", "values(local.nets)[*].cidr"),
                "nets.json": OBJECTS,
            },
            {"nets.json": OBJECTS.replace('  "all": { "cidr": "0.0.0.0/0" },\n', "")},
        ),
        Case(
            "a file of the module, which two roots call",
            *both(
                lambda c: {
                    "sg/main.tf": READ,
                    "sg/nets.json": json_list(c),
                    "x/main.tf": 'module "x" {\n  source = "../sg"\n}\n',
                    "y/main.tf": 'module "x" {\n  source = "../sg"\n}\n',
                }
            ),
        ),
        Case(
            "a name that is computed, by two roots",
            *both(
                lambda c: {
                    **computed("a", 22),
                    **computed("b", 3389),
                    "data/nets.json": json_list(c),
                }
            ),
        ),
        Case(
            "another root computes the same name, for a web port",
            {**computed("a", 22), **computed("b", 443), "data/nets.json": json_list(OPEN)},
            {
                "a/main.tf": computed("a", 22)["a/main.tf"].replace(
                    'jsondecode(file("../data/${local.file}.json")).admins',
                    FILTER % 'jsondecode(file("../data/${local.file}.json")).admins',
                )
            },
            REVIEW,
            because="filter the value where it is used, in a/main.tf",
        ),
        Case(
            "a list alone",
            {"main.tf": READ.replace(".admins", ""), "nets.json": OPEN + "\n"},
            {"main.tf": READ.replace("local.nets.admins", FILTER % "local.nets")},
            REVIEW,
            because="filter the value where it is used",
        ),
        Case(
            "YAML",
            {"main.tf": READ.replace("json", "yaml"), "nets.yaml": YAML},
            {
                "main.tf": READ.replace("json", "yaml").replace(
                    "local.nets.admins", FILTER % "local.nets.admins"
                )
            },
            REVIEW,
            because="filter the value where it is used",
        ),
        Case(
            "lines of a text",
            {
                "main.tf": group(ingress('split("\\n", trimspace(file("nets.txt")))')),
                "nets.txt": "0.0.0.0/0\n10.0.0.0/8\n",
            },
            {"main.tf": group(ingress(FILTER % 'split("\\n", trimspace(file("nets.txt")))'))},
            REVIEW,
            because="filter the value where it is used",
        ),
        Case(
            "CSV",
            {
                "main.tf": group(ingress('csvdecode(file("nets.csv"))[*].cidr')),
                "nets.csv": "cidr\n0.0.0.0/0\n10.0.0.0/8\n",
            },
            {"main.tf": group(ingress(FILTER % 'csvdecode(file("nets.csv"))[*].cidr'))},
            REVIEW,
            because="filter the value where it is used",
        ),
        Case(
            "a template",
            {
                "main.tf": group(
                    ingress('jsondecode(templatefile("nets.tftpl", { more = "10.0.0.0/8" }))')
                ),
                "nets.tftpl": '["0.0.0.0/0", "${more}"]\n',
            },
            {
                "main.tf": group(
                    ingress(
                        FILTER % 'jsondecode(templatefile("nets.tftpl", { more = "10.0.0.0/8" }))'
                    )
                )
            },
            REVIEW,
            because="filter the value where it is used",
        ),
    ),
    refused=(
        Refused(
            "a file that is not there, as somebody reports",
            READ,
            "unknown-value",
            "nets.json' cannot be read",
            findings=(found(GROUP),),
        ),
        Refused(
            "a file outside",
            READ.replace("${path.module}/nets", "../../nets"),
            "unknown-value",
            "is outside the repository",
            findings=(found(GROUP),),
        ),
        Refused(
            "an absolute path",
            READ.replace("${path.module}/nets", "/etc/nets"),
            "unknown-value",
            "is not in the repository",
            findings=(found(GROUP),),
        ),
        Refused(
            "somebody's home",
            READ.replace("${path.module}/nets", "~/nets"),
            "unknown-value",
            "somebody's home",
            findings=(found(GROUP),),
        ),
        Refused(
            "JSON that is broken",
            {"main.tf": READ, "nets.json": '{"admins": ["0.0.0.0/0"'},
            "unknown-value",
            "",
            findings=(found(GROUP),),
        ),
    ),
    untouched=(
        Untouched("a private network", {"main.tf": READ, "nets.json": json_list(CLOSED)}),
        Untouched("a file that is not there", READ),
        Untouched("a file outside", READ.replace("${path.module}/nets", "../../nets")),
        Untouched("JSON that is broken", {"main.tf": READ, "nets.json": '{"admins": ["0.0.0.0/0"'}),
        Untouched(
            "a file that nothing reads",
            {"main.tf": group(ingress(CLOSED)), "nets.json": json_list(OPEN)},
        ),
    ),
)

SHAPES = (TFVARS, OVERRIDES, JSON, TOFU, DATA)
test_rewritten, test_refused, test_untouched = made_of(SHAPES)
