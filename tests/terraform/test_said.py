"""What terraform says when it fails, told in one sentence that holds no secret."""

from __future__ import annotations

import pytest

from remediator.terraform.said import secrets_in, summary

SECRET = "hunter2-0123456789"
VARIABLE = """
Error: No value for required variable

  on main.tf line 11:
  11: variable "office" { type = string }

The root module input variable "office" is not set, and has no default value.
"""
TWO = """
Error: Unclosed configuration block

  on ../../modules/web/main.tf line 1, in resource "a":
   1: resource "a" {

Error: Missing name for resource

  on bad.tf line 2:
"""
TOLD = "Unclosed configuration block (modules/web/main.tf:1), and 1 more"
BOXED = """╷
│ Warning: Something
│
│ Error: Unsupported argument
│
│   on main.tf line 3, in resource "aws_security_group" "z":
│    3:  foo = 1
╵
"""
VALUE = f"""
Error: Invalid value for variable

  on v.tf line 1:
   1: variable "password" {{
    ├────────────────
    │ var.password is "{SECRET}"

too short: {SECRET}
"""
MODULE = f"""
Error: Failed to download module https://user:{SECRET}@git.example.com/x.git?key={SECRET}

Could not download "git::https://user:{SECRET}@git.example.com/x.git"
"""


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (VARIABLE, "No value for required variable (live/prod/main.tf:11)"),
        (TWO, TOLD),
        (BOXED, "Unsupported argument (live/prod/main.tf:3)"),
        (VALUE, "Invalid value for variable (live/prod/v.tf:1)"),
        (MODULE, "Failed to download module https://***@git.example.com/x.git?…"),
        (f"Error: Terraform encountered problems during initialisation\n{TWO}", TOLD),
        ("", "it gave no reason"),
        ("panic: runtime error\n", "it gave no reason"),
        ("Error: one\x1b[31m \u202eline\r\n", "one\ufffd[31m \ufffdline"),
    ],
)
def test_the_first_title_and_its_place(said: str, told: str) -> None:
    assert summary(said.encode(), "live/prod") == told


def test_it_is_short() -> None:
    assert len(summary(b"Error: " + b"x" * 10_000, "")) <= 400


def test_what_is_no_utf8_is_told_all_the_same() -> None:
    assert summary(b"Error: a\xff\n", "") == "a\ufffd"


@pytest.mark.parametrize(
    "name",
    ["AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN", "DB_PASSWORD", "TF_VAR_license", "aws_session_token"],
)
def test_secrets_of_the_environment_are_masked(name: str) -> None:
    secrets = secrets_in({name: SECRET, "HOME": "/somewhere/else", "A_TOKEN": "on"})
    assert secrets == (SECRET,)
    assert summary(f"Error: refused {SECRET}!\n".encode(), "", secrets) == "refused ***!"
