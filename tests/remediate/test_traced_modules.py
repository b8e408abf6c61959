"""Values that come through module calls: closed where they are given, in whichever root."""

from __future__ import annotations

from collections.abc import Mapping

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
from tables import REVIEW, Case, found, group, ingress, rule

SG = variable(name="cidrs", kind="list(string)") + group(ingress("var.cidrs"))
WITH_PORT = (
    variable(name="cidrs", kind="list(string)")
    + variable(name="port", kind="number")
    + group(ingress("var.cidrs", low="var.port"))
)
FILTER = '[for c in %s : c if c != "0.0.0.0/0"]'


def defaulted(cidrs: str = OPEN) -> str:
    """A module whose CIDRs have a default, and whose port has none."""
    kind = "list(string)"
    return variable(cidrs, "cidrs", kind) + WITH_PORT.partition("\n\n")[2]


def call(name: str = "ssh", source: str = "./sg", **given: object) -> str:
    return _call(name, {"source": f'"{source}"', **given})


def fanned(name: str, over: str, word: str = "for_each", **given: object) -> str:
    """A call with for_each or count."""
    return _call(name, {word: over, "source": '"./sg"', **given})


def _call(name: str, given: Mapping[str, object]) -> str:
    width = max(map(len, given))
    lines = "".join(f"  {key.ljust(width)} = {value}\n" for key, value in given.items())
    return f'module "{name}" {{\n{lines}}}\n'


TWO_AWAY = (
    "live/prod/main.tf:3 → var.admins of module.app (live/prod/main.tf:3) → "
    "var.cidrs of module.app.module.ssh (modules/app/main.tf:5)"
)
IN_TFVARS = (
    "live/terraform.tfvars:1 → var.admins (live/terraform.tfvars:1) → "
    "var.admins of module.app (live/main.tf:5) → "
    "var.cidrs of module.app.module.ssh (modules/app/main.tf:5)"
)
FROM_OUTPUT = (
    "nets/main.tf:2 → module.nets.admins (nets/main.tf:2) → var.cidrs of module.ssh (main.tf:7)"
)

ARGUMENTS = Shape(
    "an argument of a module call",
    "the CIDR leaves the argument's list, or wherever the caller has it from",
    "the caller's value also feeds something else: then it is filtered in the call",
    rewritten=(
        Case(
            "a list in the call",
            *both(lambda c: {"sg/main.tf": SG, "main.tf": call(cidrs=c)}),
            trail=("main.tf:3 → var.cidrs of module.ssh (main.tf:3)",),
        ),
        Case(
            "a local of the caller",
            *both(lambda c: {"sg/main.tf": SG, "main.tf": local(c) + call(cidrs="local.admins")}),
            trail=("main.tf:2 → local.admins (main.tf:2) → var.cidrs of module.ssh (main.tf:7)",),
        ),
        Case(
            "a variable of the caller",
            *both(lambda c: {"sg/main.tf": SG, "main.tf": variable(c) + call(cidrs="var.admins")}),
        ),
        Case(
            "two modules away",
            *both(
                lambda c: {
                    "modules/sg/main.tf": SG,
                    "modules/app/main.tf": variable() + call(source="../sg", cidrs="var.admins"),
                    "live/prod/main.tf": call("app", "../../modules/app", admins=c),
                }
            ),
            trail=(TWO_AWAY,),
        ),
        Case(
            "in a tfvars file, two modules away",
            *both(
                lambda c: {
                    "modules/sg/main.tf": SG,
                    "modules/app/main.tf": variable() + call(source="../sg", cidrs="var.admins"),
                    "live/main.tf": variable() + call("app", "../modules/app", admins="var.admins"),
                    "live/terraform.tfvars": f"admins = {c}\n",
                }
            ),
            trail=(IN_TFVARS,),
        ),
        Case(
            "added to on its way",
            *both(
                lambda c: {
                    "sg/main.tf": SG,
                    "main.tf": local(c) + call(cidrs='concat(local.admins, ["192.0.2.0/24"])'),
                }
            ),
        ),
        Case(
            "an object",
            *both(
                lambda c: {
                    "sg/main.tf": variable(name="rule") + group(ingress("var.rule.cidrs")),
                    "main.tf": call(rule=f"{{ cidrs = {c} }}"),
                }
            ),
        ),
        Case(
            "an output of another module",
            *both(
                lambda c: {
                    "nets/main.tf": f'output "admins" {{\n  value = {c}\n}}\n',
                    "sg/main.tf": SG,
                    "main.tf": call("nets", "./nets") + "\n" + call(cidrs="module.nets.admins"),
                }
            ),
            trail=(FROM_OUTPUT,),
        ),
        Case(
            "an output of an output",
            *both(
                lambda c: {
                    "a/main.tf": f'output "x" {{\n  value = {c}\n}}\n',
                    "b/main.tf": call("a", "../a") + '\noutput "x" {\n  value = module.a.x\n}\n',
                    "main.tf": call("b", "./b") + "\n" + group(ingress("module.b.x")),
                }
            ),
        ),
        Case(
            "for_each, each with its own list",
            *both(
                lambda c: {
                    "sg/main.tf": WITH_PORT,
                    "main.tf": "locals {\n  all = {\n"
                    f"    ssh = {{ port = 22, cidrs = {c} }}\n"
                    '    web = { port = 443, cidrs = ["0.0.0.0/0"] }\n  }\n}\n\n'
                    + fanned("sg", "local.all", cidrs="each.value.cidrs", port="each.value.port"),
                }
            ),
        ),
        Case(
            "count",
            *both(
                lambda c: {
                    "sg/main.tf": SG,
                    "main.tf": fanned("sg", "2", "count", cidrs=c),
                }
            ),
        ),
        Case(
            "two calls of one local: the one with a web port keeps it",
            {
                "sg/main.tf": WITH_PORT,
                "main.tf": local(OPEN)
                + call("ssh", cidrs="local.admins", port=22)
                + "\n"
                + call("web", cidrs="local.admins", port=443),
            },
            {
                "main.tf": local(OPEN)
                + call("ssh", cidrs=FILTER % "local.admins", port=22)
                + "\n"
                + call("web", cidrs="local.admins", port=443),
            },
            REVIEW,
            because="place: filter cidrs at main.tf:5 in the module call",
        ),
        Case(
            "two calls of one local, both open",
            *both(
                lambda c: {
                    "sg/main.tf": SG,
                    "main.tf": local(c)
                    + call("a", cidrs="local.admins")
                    + "\n"
                    + call("b", cidrs="local.admins"),
                }
            ),
        ),
        Case(
            "a module that is not here is given it too",
            {
                "sg/main.tf": SG,
                "main.tf": local(OPEN)
                + call(cidrs="local.admins")
                + "\n"
                + call("far", "git::https://example.com/x.git", cidrs="local.admins"),
            },
            {
                "main.tf": local(OPEN)
                + call(cidrs=FILTER % "local.admins")
                + "\n"
                + call("far", "git::https://example.com/x.git", cidrs="local.admins"),
            },
            REVIEW,
            because="filter cidrs at main.tf:5 in the module call; or filter the value where it",
        ),
        Case(
            "all that the rule has: the rule goes, in the module",
            {
                "sg/main.tf": SG,
                "main.tf": local('["0.0.0.0/0"]') + call(cidrs="concat(local.admins, [])"),
            },
            {
                "sg/main.tf": variable(name="cidrs", kind="list(string)") + group("ingress = []"),
            },
            REVIEW,
            because="remove the rule itself, in sg/main.tf",
        ),
    ),
    refused=(
        Refused(
            "instances of one call, one of which has a web port",
            {
                "sg/main.tf": WITH_PORT,
                "main.tf": fanned("sg", "{ ssh = 22, web = 443 }", cidrs=OPEN, port="each.value"),
            },
            "no-safe-place",
            'module.sg["web"].aws_security_group.web the change would also take tcp 443 from 0',
        ),
        Refused(
            "not given, as somebody reports",
            {"sg/main.tf": SG, "main.tf": call()},
            "unknown-value",
            "no file of the repository sets var.cidrs",
            findings=(found("aws_security_group.web", file="sg/main.tf"),),
        ),
        Refused(
            "given by a module that is not here",
            {
                "sg/main.tf": SG,
                "main.tf": call("far", "git::https://example.com/x.git")
                + "\n"
                + call(cidrs="module.far.cidrs"),
            },
            "unknown-value",
            "module.far at main.tf:1 comes from 'git::https://example.com/x.git'",
            findings=(found("aws_security_group.web", file="sg/main.tf"),),
        ),
    ),
    untouched=(
        Untouched("a private network", {"sg/main.tf": SG, "main.tf": call(cidrs=CLOSED)}),
        Untouched("not given", {"sg/main.tf": SG, "main.tf": call()}),
        Untouched("nobody calls it", {"sg/main.tf": SG}),
        Untouched("a web port", {"sg/main.tf": WITH_PORT, "main.tf": call(cidrs=OPEN, port=443)}),
        Untouched(
            "no instance of the call",
            {"sg/main.tf": SG, "main.tf": fanned("sg", "{}", cidrs=OPEN)},
        ),
        Untouched("a module outside", {"a/main.tf": call(source="../../sg", cidrs=OPEN)}),
        Untouched(
            "a module that calls itself", {"a/main.tf": call(source="../a", cidrs=OPEN) + SG}
        ),
        Untouched(
            "modules that call each other, twice each",
            {
                "a/main.tf": call("x", "../b") + call("y", "../b") + SG,
                "b/main.tf": call("x", "../a") + call("y", "../a"),
            },
        ),
    ),
)

BOTH_PORTS = {
    "x/main.tf": call("ssh", "../sg", port=22),
    "y/main.tf": call("web", "../sg", port=443),
}

USED = '\nresource "x" "y" {\n  cidrs = var.cidrs\n}\n'

DEFAULTS = Shape(
    "the default of a module's variable, which several calls share",
    "it is changed where all of them are open; else the calls that are open are given their own",
    "the module uses it elsewhere too: then it is filtered where it is used",
    rewritten=(
        Case(
            "one call",
            *both(lambda c: {"sg/main.tf": defaulted(c), "main.tf": call(port=22)}),
            trail=("sg/main.tf:3 → var.cidrs (sg/main.tf:3)",),
        ),
        Case(
            "two roots, both open: one change",
            *both(
                lambda c: {
                    "sg/main.tf": defaulted(c),
                    "x/main.tf": call(source="../sg", port=22),
                    "y/main.tf": call(source="../sg", port=3389),
                }
            ),
        ),
        Case(
            "two roots, one with a web port: the other call gets its own",
            {"sg/main.tf": defaulted(), **BOTH_PORTS},
            {"x/main.tf": call("ssh", "../sg", port=22, cidrs=CLOSED)},
        ),
        Case(
            "three calls, two open: both get their own",
            {
                "sg/main.tf": defaulted(),
                "main.tf": call("a", port=22)
                + "\n"
                + call("b", port=22)
                + "\n"
                + call("c", port=443),
            },
            {
                "main.tf": call("a", port=22, cidrs=CLOSED)
                + "\n"
                + call("b", port=22, cidrs=CLOSED)
                + "\n"
                + call("c", port=443)
            },
        ),
        Case(
            "through a module between",
            {
                "sg/main.tf": defaulted(),
                "app/main.tf": variable(name="port") + call(source="../sg", port="var.port"),
                "x/main.tf": call("app", "../app", port=22),
                "y/main.tf": call("web", "../sg", port=443),
            },
            {
                "app/main.tf": variable(name="port")
                + call(source="../sg", port="var.port", cidrs=CLOSED)
            },
        ),
        Case(
            "the call is on one line",
            {
                "sg/main.tf": defaulted(),
                "x/main.tf": 'module "ssh" { source = "../sg" }\n',
                "y/main.tf": call("web", "../sg", port=443),
            }
            | {
                "sg/main.tf": defaulted().replace(
                    '"port" {\n  type = number', '"port" {\n  type    = number\n  default = 22'
                )
            },
            {"x/main.tf": f'module "ssh" {{\n  source = "../sg"\n  cidrs  = {CLOSED}\n}}\n'},
        ),
        Case(
            "a call in JSON syntax is open too",
            {
                "sg/main.tf": defaulted(),
                "x/main.tf.json": '{"module": {"ssh": {"source": "../sg", "port": 22}}}\n',
                "y/main.tf": call("ssh", "../sg", port=22),
            },
            {"sg/main.tf": defaulted(CLOSED)},
        ),
        Case(
            "the module has another use for it",
            {"sg/main.tf": defaulted() + USED, "main.tf": call(port=22)},
            {"sg/main.tf": defaulted().replace("= var.cidrs", f"= {FILTER % 'var.cidrs'}") + USED},
            REVIEW,
            because="filter the value where it is used, in sg/main.tf",
        ),
    ),
    refused=(
        Refused(
            "a call in JSON is open, another has a web port",
            {
                "sg/main.tf": defaulted(),
                "x/main.tf.json": '{"module": {"ssh": {"source": "../sg", "port": 22}}}\n',
                "y/main.tf": call("web", "../sg", port=443),
            },
            "no-safe-place",
            "y:module.web.aws_security_group.web the change would also take tcp 443 from 0.0.0.0/0",
        ),
    ),
    untouched=(
        Untouched(
            "all calls are given another",
            {"sg/main.tf": defaulted(), "main.tf": call(port=22, cidrs=CLOSED)},
        ),
        Untouched("all have a web port", {"sg/main.tf": defaulted(), "main.tf": call(port=443)}),
        Untouched(
            "the port is not known", {"sg/main.tf": defaulted(), "main.tf": call(port="var.p")}
        ),
    ),
)

MANIFEST = '{"Modules": [{"Key": "", "Dir": "."}, {"Key": "ssh", "Dir": "%s"}]}\n'
FETCHED = ".terraform/modules/ssh"


def fetched(cidrs: str, module: str = SG, **given: object) -> dict[str, str]:
    return {
        "main.tf": call(
            source="example.com/net/sg/aws", **({"cidrs": cidrs} if cidrs else {}), **given
        ),
        ".terraform/modules/modules.json": MANIFEST % FETCHED,
        f"{FETCHED}/main.tf": module,
    }


ELSEWHERE = Shape(
    "a module from a registry or git",
    "the arguments of its call, where `terraform init` has fetched it; never its own files",
    "its rules are replaced by the provider",
    rewritten=(
        Case("its argument", *both(lambda c: fetched(c))),
        Case(
            "its default is the world: the call is given its own",
            fetched("", defaulted(), port=22),
            {"main.tf": call(source="example.com/net/sg/aws", port=22, cidrs=CLOSED)},
        ),
        Case(
            "it makes rules of their own",
            fetched(OPEN, variable(name="cidrs") + group("") + "\n" + rule("var.cidrs")),
            {"main.tf": call(source="example.com/net/sg/aws", cidrs=CLOSED)},
            REVIEW,
            because="the AWS provider replaces module.ssh.aws_security_group_rule.ssh",
        ),
    ),
    refused=(
        Refused(
            "the literal is in the fetched module itself",
            fetched("", group(ingress(OPEN, low="20 + 2"))),
            "no-place",
            "a module that is not here",
        ),
    ),
    untouched=(
        Untouched("not fetched", {"main.tf": call(source="example.com/net/sg/aws", cidrs=OPEN)}),
        Untouched(
            "fetched to a folder outside",
            fetched(OPEN) | {".terraform/modules/modules.json": MANIFEST % "../../sg"},
        ),
        Untouched(
            "a manifest that is broken",
            fetched(OPEN) | {".terraform/modules/modules.json": '{"Modules": ['},
        ),
    ),
)

SHAPES = (ARGUMENTS, DEFAULTS, ELSEWHERE)
test_rewritten, test_refused, test_untouched = made_of(SHAPES)
