"""What `remediator init` writes, as texts. Pure but for reading the templates."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from remediator.aws.permissions import Permission
from remediator.forge.message import templates
from remediator.model import ConfigurationError
from remediator.texts import plain

if TYPE_CHECKING:
    from jinja2 import Environment

MODULE = "remediator-aws"
"""The folder of the Terraform module for the AWS side."""

# Each is the commit of the release that is named; the tags were looked up.
PINS = {
    "app_token": "1b10c78c7865c340bc4f6099eb2f838309f1e8c3 # v3.1.1",
    "aws": "e6de054238d6b7531b4efff3b6587d9aade6a06c # v6.2.3",
    "checkout": "3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1",
    "python": "5fda3b95a4ea91299a34e894583c3862153e4b97 # v7.0.0",
    "sarif": "8aad20d150bbac5944a9f9d289da16a4b0d87c1e # v4.36.2",
    "upload": "bbbca2ddaa5d8feaa63e36b76fdaad77386f024f # v7.0.0",
}
WORKFLOWS = ("remediator", "remediator-schedule", "remediator-verify")
_AWS = ("events", "main", "outputs", "variables", "versions")

# What is written into YAML and Terraform unescaped by anything but quotes.
_FORMS = {
    "repository": (re.compile(r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+"), "owner/name"),
    "base": (re.compile(r"[A-Za-z0-9._/-]+"), "a branch such as main"),
    "api_url": (re.compile(r"(https?://[A-Za-z0-9.:-]+(/[A-Za-z0-9./-]*)?)?"), "an address"),
    "install": (re.compile(r"[A-Za-z0-9._=<>~!@+:/#\[\],-]+"), "a requirement for pip"),
}
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")


@dataclass(frozen=True, slots=True)
class Answers:
    """What the files depend on. Raises ConfigurationError for what cannot stand in them."""

    repository: str
    base: str
    regions: tuple[str, ...]
    install: str
    api_url: str = ""
    """Empty for github.com."""
    guarded: bool = False
    """The run is skipped while nothing is set up: for a repository that has no AWS."""

    def __post_init__(self) -> None:
        for name, (form, hint) in _FORMS.items():
            value = getattr(self, name)
            if not form.fullmatch(value):
                raise ConfigurationError(f"{name}: {plain(value)!r} is not {hint}")
        for region in self.regions:
            if not _REGION.fullmatch(region):
                text = f"region: {plain(region)!r} is not a region; write one such as eu-central-1"
                raise ConfigurationError(text)
        if not self.regions:
            raise ConfigurationError("name the AWS region, or regions: --region eu-central-1")

    @property
    def issuer(self) -> str:
        """Who signs the identity of workflow runs, without https://."""
        if not self.api_url:
            return "token.actions.githubusercontent.com"
        host = self.api_url.partition("://")[2].partition("/")[0]
        return f"{host}/_services/token"

    @property
    def minute(self) -> int:
        """Off the hour, and not the same for everybody."""
        return 7 + zlib.crc32(self.repository.encode()) % 47


def files(answers: Answers, reads: Iterable[Permission]) -> Mapping[str, str]:
    """By path, from the top of the repository."""
    asked = sorted({p.action: p for p in reads}.values())
    values = {
        "base": answers.base,
        "regions": list(answers.regions),
        "repository": answers.repository,
        "install": answers.install,
        "api_url": answers.api_url,
        "guarded": answers.guarded,
        "issuer": answers.issuer,
        "minute": answers.minute,
        "pins": PINS,
        "reads": asked,
        "width": max(len(p.action) for p in asked) + 3,
    }
    pages = _environment()
    found = {"remediator.yaml": "remediator.yaml", "exemptions.yaml": "exemptions.yaml"}
    found |= {f".github/workflows/{n}.yml": f"workflows/{n}.yml" for n in WORKFLOWS}
    found |= {f"{MODULE}/{n}.tf": f"aws/{n}.tf" for n in _AWS}
    return {path: pages.get_template(name).render(values) for path, name in found.items()}


@cache
def _environment() -> Environment:
    """`[[ ]]` and `[% %]`: the usual braces are GitHub's and Terraform's own."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(templates() / "init"),
        undefined=StrictUndefined,
        variable_start_string="[[",
        variable_end_string="]]",
        block_start_string="[%",
        block_end_string="%]",
        comment_start_string="[#",
        comment_end_string="#]",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        # YAML and Terraform: every value is held to its form, and quoted.
        autoescape=False,  # noqa: S701
    )
    environment.filters["quoted"] = json.dumps
    return environment
