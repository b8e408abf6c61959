"""The real terraform against the embedded AWS: it applies, and it judges.

https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from remediator.embedded.aws import CREDENTIALS
from remediator.model import UpstreamError
from remediator.terraform import process

OVERRIDE_FILE = "remediator_override.tf"
"""Terraform merges `*_override.tf` over the user's files, which stay as they are."""

SERVICES = (
    *("ec2", "sts", "iam", "s3", "config"),
    *("ecr", "kms", "lambda", "secretsmanager", "sns", "sqs"),
)
_KEPT = ("PATH", "HOME", "TMPDIR", "TEMP", "SYSTEMROOT", "USERPROFILE")
_MAX_MESSAGE = 2000
_ASKED_TWICE = re.compile(
    r"api error Invalid(?:Group\.Duplicate|Permission\.(?:NotFound|Duplicate))"
)
_BOX = str.maketrans("", "", "│╷╵")


def provider_override(endpoint: str, region: str, services: Sequence[str] = SERVICES) -> str:
    """The text of OVERRIDE_FILE: the AWS provider turned to the embedded AWS."""
    endpoints = "".join(f"    {service} = {json.dumps(endpoint)}\n" for service in services)
    return (
        'provider "aws" {\n'
        f"  region                      = {json.dumps(region)}\n"
        f"  access_key                  = {json.dumps(CREDENTIALS.access_key)}\n"
        f"  secret_key                  = {json.dumps(CREDENTIALS.secret_key)}\n"
        "  skip_credentials_validation = true\n"
        "  skip_metadata_api_check     = true\n"
        "  s3_use_path_style           = true\n"
        "  max_retries                 = 2\n"  # moto answers 500 to what it lacks; 25 by default
        "\n"
        f"  endpoints {{\n{endpoints}  }}\n"
        "}\n"
    )


@dataclass(frozen=True, slots=True)
class Plan:
    """`resource_changes` and `resource_drift` of `terraform show -json PLAN`, unchanged."""

    resource_changes: tuple[dict[str, Any], ...]
    resource_drift: tuple[dict[str, Any], ...]

    @property
    def actions(self) -> dict[str, tuple[str, ...]]:
        """What would be done, by address: ("update",), ("delete",), ("delete", "create") …"""
        return {
            change["address"]: tuple(change["change"]["actions"])
            for change in self.resource_changes
            if change["change"]["actions"] not in (["no-op"], ["read"])
        }

    def change(self, address: str) -> dict[str, Any]:
        """The change at an address: actions, before, after, after_unknown. KeyError if none."""
        for change in self.resource_changes:
            if change["address"] == address:
                found: dict[str, Any] = change["change"]
                return found
        raise KeyError(address)


class Terraform:
    """terraform on PATH, in one root module's folder, with a CLI configuration of ours.

    Every call ends within `timeout` seconds; UpstreamError carries terraform's own message.
    `env` is added to a small environment: no credentials of this machine reach the provider.
    """

    def __init__(
        self,
        folder: Path,
        cli_config: Path,
        env: Mapping[str, str] | None = None,
        *,
        timeout: int = 900,
    ) -> None:
        self._folder, self._timeout = folder, timeout
        self._env = {name: os.environ[name] for name in _KEPT if name in os.environ} | {
            "TF_CLI_CONFIG_FILE": str(cli_config),
            "TF_IN_AUTOMATION": "1",
            "TF_INPUT": "0",
            "CHECKPOINT_DISABLE": "1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "GOGC": "400",  # terraform and its provider live for seconds: a third less CPU time
            **(env or {}),
        }

    def init(self) -> None:
        self._run("init", "-no-color")

    def validate(self) -> None:
        self._run("validate", "-no-color")

    def apply(self) -> None:
        """Once more where the provider asked twice for one thing: its connection broke after the
        embedded AWS had done it."""
        try:
            self._run("apply", "-no-color", "-auto-approve")
        except UpstreamError as error:
            if not _ASKED_TWICE.search(str(error)):
                raise
            self._run("apply", "-no-color", "-auto-approve")

    def plan(self) -> Plan:
        """What `terraform apply` would do now. The plan holds secrets and is not kept."""
        with TemporaryDirectory(prefix="remediator-plan-") as scratch:
            file = str(Path(scratch) / "plan")
            self._run("plan", "-no-color", f"-out={file}")
            shown = self._json("show", "-json", file)
        return Plan(
            tuple(shown.get("resource_changes", ())), tuple(shown.get("resource_drift", ()))
        )

    def show(self) -> dict[str, Any]:
        """The state, as `terraform show -json` gives it."""
        return self._json("show", "-json")

    def _json(self, *arguments: str) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self._run(*arguments))
        return answer

    def _run(self, command: str, *arguments: str) -> str:
        what = f"terraform {command} in {self._folder}"
        asked = ["terraform", command, *arguments]
        try:
            done = process.run(asked, self._folder, self._env, self._timeout)
        except subprocess.TimeoutExpired as error:
            text = f"took more than {self._timeout} s and was stopped"
            raise UpstreamError(what, text) from error
        except OSError as error:
            text = f"terraform cannot be started; is it on PATH? ({error.strerror})"
            raise UpstreamError(what, text) from error
        if done.status != 0:
            raise UpstreamError(what, _message(done.err or done.out))
        return done.out.decode("utf-8", "replace")


def _message(said: bytes) -> str:
    lines = (line.translate(_BOX).strip() for line in said.decode("utf-8", "replace").splitlines())
    return "\n".join(line for line in lines if line)[:_MAX_MESSAGE]
