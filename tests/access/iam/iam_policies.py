"""Policies in few words, for tables of cases."""

from __future__ import annotations

from typing import Any

ACCOUNT, OTHER = "111122223333", "444455556666"
S3 = "arn:aws:s3:::"


def policy(*statements: dict[str, Any], version: str = "2012-10-17") -> dict[str, Any]:
    return {"Version": version, "Statement": list(statements)}


def allow(action: Any = "s3:GetObject", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any = "s3:GetObject", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return allow(action, resource, **more) | {"Effect": "Deny"}


def but(statement: dict[str, Any], *elements: str) -> dict[str, Any]:
    """With NotAction for Action, and so on."""
    return {(f"Not{k}" if k in elements else k): v for k, v in statement.items()}


def trust(principal: Any, effect: str = "Allow", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": "sts:AssumeRole", "Principal": principal, **more}


def bucket(principal: Any, effect: str = "Allow", **more: Any) -> dict[str, Any]:
    return {**allow(resource=f"{S3}b/*"), "Effect": effect, "Principal": principal, **more}


def when(operator: str, key: str, *values: Any) -> dict[str, Any]:
    return {"Condition": {operator: {key: list(values)}}}


def iam(name: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:iam::{account}:{name}"


def session(role: str, name: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:sts::{account}:assumed-role/{role}/{name}"
