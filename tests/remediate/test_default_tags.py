"""What default tags mark: a bastion by them is for review, and so is what may be one."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest
from cases import Files, fix
from tables import group, ingress, rule

from remediator.model import Kind, Outcome

SSH = ingress()
COMPUTED = ingress(cidrs="local.cidrs")
CIDRS = 'locals {\n  cidrs = ["10.0.0.0/8", "0.0.0.0/0"]\n}\n'


def provider(tags: str | None, alias: str = "") -> str:
    """`tags` is an expression; None where the provider gives none."""
    own = f'alias = "{alias}"\n' if alias else ""
    given = f"default_tags {{\n  tags = {tags}\n}}\n" if tags is not None else ""
    return f'provider "aws" {{\n{indent(own + given, "  ")}}}\n'


def of(text: str, reference: str) -> str:
    """The group `web` with a provider that it names."""
    return text.replace('name = "edge"', f'name = "edge"\n  provider = {reference}')


WEB, JUMP = '{ Role = "web" }', '{ Role = "jump" }'
TAGGED = group(f'tags = {{ Role = "web" }}\n\n{SSH}')
OTHERS = provider(JUMP, "other")


def called(*calls: str, module: str = group(SSH), **roots: str) -> dict[str, str]:
    """A root with these arguments of a call each, and its providers."""
    text = roots.get("root", "")
    for number, arguments in enumerate(calls):
        inside = indent(f'source = "./edge"\n{arguments}', "  ")
        text += f'module "m{number}" {{\n{inside}\n}}\n'
    return {"main.tf": text, "edge/main.tf": module}


CALLEE = """\
terraform {
  required_providers {
    aws = {
      source                = "hashicorp/aws"
      configuration_aliases = [aws.main]
    }
  }
}
"""

BASTIONS: dict[str, Files] = {
    "of the default provider": provider(JUMP) + group(SSH),
    "in another file": {"main.tf": group(SSH), "providers.tf": provider(JUMP)},
    "of the one that it names": OTHERS + of(group(SSH), "aws.other"),
    "through a local": f"locals {{\n  tags = {JUMP}\n}}\n{provider('local.tags')}{group(SSH)}",
    "beside tags of its own": provider(JUMP) + group(f'tags = {{ Team = "x" }}\n\n{SSH}'),
    "of a group that a rule is in": provider(JUMP) + group("") + rule(),
    "of a group that is evaluated": provider(JUMP) + CIDRS + group(COMPUTED),
    "beside its own, which a variable may take away": provider(JUMP)
    + CIDRS
    + 'variable "role" {\n  default = "web"\n}\n'
    + group(f"tags = {{ Role = var.role }}\n\n{COMPUTED}"),
    "of the module's caller": called("", root=provider(JUMP)),
    "that the module is given": called("providers = { aws = aws.other }", root=OTHERS),
    "that the module is given by another name": called(
        "providers = { aws.main = aws.other }",
        root=OTHERS,
        module=CALLEE + of(group(SSH), "aws.main"),
    ),
    "of one of two callers": called(
        "", "providers = { aws = aws.other }", root=provider(WEB) + OTHERS
    ),
    "of the module itself": called("", root=provider(WEB), module=provider(JUMP) + group(SSH)),
    "of the caller's, which an empty block stands for": called(
        "providers = { aws = aws.other }", root=OTHERS, module=provider(None) + group(SSH)
    ),
    "of the caller's, which an empty block stands for by another name": called(
        "providers = { aws.main = aws.other }",
        root=OTHERS,
        module=provider(None, "main") + of(group(SSH), "aws.main"),
    ),
    "of a module that was fetched": {
        "main.tf": provider(WEB)
        + 'module "x" {\n  source = "example/x"\n  cidrs  = ["10.0.0.0/8", "0.0.0.0/0"]\n}\n',
        ".terraform/modules/modules.json": '{"Modules": [{"Key": "", "Dir": "."}, '
        '{"Key": "x", "Dir": ".terraform/modules/x"}]}',
        ".terraform/modules/x/main.tf": provider(JUMP)
        + 'variable "cidrs" {}\n'
        + group(ingress(cidrs="var.cidrs")),
    },
    "put together from locals": f"locals {{\n  more = {JUMP}\n}}\n"
    + provider('merge({ Team = "x" }, local.more)')
    + group(SSH),
}


def only(before: Files) -> Outcome:
    return fix(before).only


def row(outcome: Outcome) -> str:
    assert outcome.kind is Kind.PROPOSED, (outcome.kind, outcome.code, outcome.text)
    assert outcome.decision is not None
    return outcome.decision.policy_row


@pytest.mark.parametrize("before", BASTIONS.values(), ids=BASTIONS)
def test_a_bastion_by_default_tags_is_for_review(before: Files) -> None:
    assert row(only(before)) == "open-admin-port-bastion"


NONE: dict[str, Files] = {
    "a test's": {"main.tf": group(SSH), "x.tftest.hcl": provider(JUMP)},
    "other tags": provider(WEB) + group(SSH),
    "through a local": 'locals {\n  role = "web"\n}\n'
    + provider("{ Role = local.role }")
    + group(SSH),
    "no tags at all": provider(None) + group(SSH),
    "its own tags are over them": provider(JUMP) + TAGGED,
    "its own tags are over them, of a group that is evaluated": provider(JUMP)
    + CIDRS
    + group(f'tags = {{ Role = "web" }}\n\n{COMPUTED}'),
    "another provider's": OTHERS + provider(WEB) + group(SSH),
    "no provider block but another's": OTHERS + group(SSH),
    "of a group that is evaluated": provider(WEB) + CIDRS + group(COMPUTED),
    "of the module's caller": called("", root=provider(WEB)),
    "another provider of the caller's": called("", root=provider(WEB) + OTHERS),
    "put together from locals": 'locals {\n  more = { Team = "x" }\n}\n'
    + provider(f"merge(local.more, {WEB})")
    + group(SSH),
    "the module's own, which is not empty": called(
        "", root=provider(JUMP), module=provider(WEB) + group(SSH)
    ),
    "of a group that leaves something else to others": provider(WEB)
    + group(f"{SSH}\nlifecycle {{\n  ignore_changes = [description]\n}}\n"),
    "the one that the module is given": called(
        "providers = { aws = aws.web }", root=provider(JUMP) + provider(WEB, "web")
    ),
}


@pytest.mark.parametrize("before", NONE.values(), ids=NONE)
def test_what_default_tags_do_not_mark_is_automatic(before: Files) -> None:
    outcome = only(before)
    assert outcome.kind is Kind.MERGED, (outcome.code, outcome.text)


IN_JSON = '{"provider": {"aws": {"default_tags": {"tags": {"Role": "jump"}}}}}'
DYNAMIC = dedent("""\
    provider "aws" {
      dynamic "default_tags" {
        for_each = [1]
        content {
          tags = { Role = "jump" }
        }
      }
    }
    """)
SETTABLE = """\
variable "jump" {
  default = false
}

variable "role" {
  default = "web"
}

variable "number" {
  default = 0
}

variable "other" {
  default = null
}

locals {
  all    = { web = { Role = "web" }, jump = { Role = "jump" } }
  chosen = var.jump ? { Role = "jump" } : { Role = "web" }
  empty  = var.jump ? { Role = "jump" } : {}
}

"""
"""What whoever applies may choose by, without being it."""
CHOSEN = {
    "all": f"var.jump ? {JUMP} : {WEB}",
    "one": '{ Role = var.jump ? "jump" : "web" }',
    "through a local": "local.chosen",
    "none, through a local": "local.empty",
    "by a key": "local.all[var.role]",
    "by a function's key": "lookup(local.all, var.role, {})",
    "by an index": '{ Role = ["web", "jump"][var.number] }',
    "by a function's index": '{ Role = element(["web", "jump"], var.number) }',
    "instead of null": '{ Role = coalesce(var.other, "web") }',
    "instead of what fails": '{ Role = try(var.other.role, "web") }',
    "for its name": '{ (var.role) = "jump" }',
    "for its name in a text": '{ "${var.role}" = "jump" }',
}
RENAMED = provider(JUMP).replace('"aws"', '"amazon"')
SAME = 'terraform {\n  required_providers {\n    amazon = { source = "hashicorp/aws" }\n  }\n}\n'
IGNORING = 'provider "aws" {{\n  ignore_tags {{\n    keys = ["Role"]\n  }}\n{}}}\n'
LEFT = {"name": "[tags]", "key": '[tags["Role"]]', "text": '["tags"]'}
UNKNOWN: dict[str, Files] = {
    **{f"chosen {name}": SETTABLE + provider(tags) + group(SSH) for name, tags in CHOSEN.items()},
    "chosen in a module": {
        "main.tf": provider("module.x.chosen") + 'module "x" {\n  source = "./x"\n}\n' + group(SSH),
        "x/main.tf": SETTABLE + 'output "chosen" {\n  value = local.chosen\n}\n',
    },
    "given by an empty block, or not": called(
        "", root=provider(JUMP), module=provider(None) + group(SSH)
    ),
    "two blocks of default tags": provider('{ A = "x" }\n}\ndefault_tags {\n  tags = { B = "x" }')
    + group(SSH),
    "a provider block without a name": provider(JUMP).replace('"aws"', "") + group(SSH),
    "another local name": SAME + RENAMED + group(SSH),
    "another local name of the caller's": called("", root=SAME + RENAMED),
    "in JSON syntax with escapes": {
        "main.tf": group(SSH),
        "providers.tf.json": IN_JSON.replace("default_t", "default\\u005ft").replace(
            '"provider"', '"\\u0070rovider"'
        ),
    },
    "of a caller that makes none yet": {
        **called("count = var.jump ? 1 : 0", root=SETTABLE + provider(JUMP)),
        "other/main.tf": provider(WEB) + 'module "x" {\n  source = "../edge"\n}\n',
    },
    "of a caller that makes none yet, of a group that is evaluated": {
        **called(
            "count = var.jump ? 1 : 0",
            root=SETTABLE + provider(JUMP),
            module=CIDRS + group(COMPUTED),
        ),
        "other/main.tf": provider(WEB) + 'module "x" {\n  source = "../edge"\n}\n',
    },
    "of a caller that an override keeps from making one": {
        **called("", root=provider(WEB)),
        "other_override.tf": 'module "m0" {\n  count = 0\n}\n',
    },
    "of a caller with two calls of one name, of which one makes none": {
        **called("", root=provider(WEB)),
        "again.tf": 'module "m0" {\n  source = "./edge"\n  count  = 0\n}\n',
    },
    "of a caller with a file that does not parse": {
        **called("", root=provider(WEB)),
        "broken.tf": 'module "m1" {\n',
    },
    "of a caller with another file of providers that does not parse": {
        **called("", root=provider(WEB)),
        "broken.tf": 'provider "aws" {\n',
    },
    "an argument instead of a block": provider(JUMP).replace("default_tags {", "default_tags = {")
    + group(SSH),
    "in what Terragrunt writes": {
        "live/webapp/main.tf": group(SSH),
        "live/webapp/terragrunt.hcl": 'include "top" {\n  path = find_in_parent_folders()\n}\n',
        "terragrunt.hcl": 'generate "provider" {\n  path     = "provider.tf"\n  contents = <<EOT\n'
        f"{provider(JUMP)}EOT\n}}\n",
    },
    "a variable that nobody sets": provider("var.tags") + group(SSH),
    "one that nobody knows": provider("{ Role = var.role }") + group(SSH),
    "a variable that may be given": provider("{ Role = var.role }")
    + 'variable "role" {\n  default = "web"\n}\n'
    + group(SSH),
    "a variable that may be given more": provider("var.tags")
    + 'variable "tags" {\n  default = {}\n}\n'
    + group(SSH),
    "what may be merged": provider("merge(var.tags, { Team = 1 })")
    + 'variable "tags" {\n  default = {}\n}\n'
    + group(SSH),
    "with more": provider("merge(var.tags, { Team = 1 })") + group(SSH),
    "a dynamic block": DYNAMIC + group(SSH),
    "in JSON syntax": {"main.tf": group(SSH), "providers.tf.json": IN_JSON},
    "in an override file": {"main.tf": provider(WEB) + group(SSH), "override.tf": provider(JUMP)},
    "a provider that is not there": OTHERS + of(group(SSH), "aws.another"),
    "one of several by a key": OTHERS + of(group(SSH), 'aws.by_region["eu"]'),
    "an alias that is not known": provider(JUMP, "${var.x}") + group(SSH),
    "tags that the provider leaves to others": IGNORING.format(
        f"  default_tags {{\n    tags = {WEB}\n  }}\n"
    )
    + group(SSH),
    "tags that the provider leaves to others, and none of its own": IGNORING.format("")
    + group(SSH),
    "tags that the caller's provider leaves to others": called("", root=IGNORING.format("")),
    **{
        f"tags that the group leaves to others, by {name}": provider(WEB)
        + group(f"{SSH}\nlifecycle {{\n  ignore_changes = {ignored}\n}}\n")
        for name, ignored in LEFT.items()
    },
    "a computed group's, that it leaves to others": CIDRS
    + group(f"{COMPUTED}\nlifecycle {{\n  ignore_changes = [tags]\n}}\n"),
    "own tags that are not known": provider(WEB) + group(f"tags = var.tags\n\n{SSH}"),
    "a provider that the module is not given": called(
        "providers = { random = random }", root=provider(JUMP)
    ),
    "providers that are not written out": called("providers = var.x", root=provider(JUMP)),
    "of a caller's that nobody knows": called("", root=provider("var.tags")),
    "of one of two callers": called(
        "", "providers = { aws = aws.x }", root=provider(WEB) + provider("var.tags", "x")
    ),
}


@pytest.mark.parametrize("before", UNKNOWN.values(), ids=UNKNOWN)
def test_what_default_tags_may_mark_is_for_review(before: Files) -> None:
    outcome = only(before)
    assert row(outcome) != "open-admin-port-bastion"
    assert outcome.decision is not None
    (unsure,) = [c for c in outcome.decision.checks if c.name == "markers" and c.limit < 3]
    assert "tags not known" in unsure.detail
