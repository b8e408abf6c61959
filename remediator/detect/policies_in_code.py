"""Policies in the code that let in everybody, or grant every action of a service.

Each instance in each root is looked at as it is evaluated, whatever way its policy is written. What
is not known is not told: a finding here is certain from the code alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from posixpath import dirname

from remediator.detect.code import SOURCE
from remediator.detect.groups import finding_id
from remediator.model import Finding, Json, Refusal, Resource
from remediator.remediate.iam.documents import Statement
from remediator.remediate.iam.outsiders import EVERYONE, SEEN_OPEN
from remediator.remediate.iam.policies import IDENTITY, PolicyText, identity_policies
from remediator.remediate.iam.trusting import ARGUMENTS, PERMISSION, Trusting, lets_in
from remediator.terraform.configuration import Expansion, ModuleInstance
from remediator.terraform.configurations import Configurations
from remediator.terraform.content import Content
from remediator.terraform.effects import full_address
from remediator.terraform.module import JSON, NATIVE, is_source
from remediator.terraform.value import as_text
from remediator.tree import Tree

_TYPES = tuple(dict.fromkeys((*IDENTITY, *ARGUMENTS, PERMISSION)))
_FORMATION: dict[str, str] = {
    "aws_iam_role": "AWS::IAM::Role",
    "aws_iam_policy": "AWS::IAM::ManagedPolicy",
    "aws_iam_role_policy": "AWS::IAM::Role",
    "aws_iam_user_policy": "AWS::IAM::User",
    "aws_iam_group_policy": "AWS::IAM::Group",
    "aws_s3_bucket_policy": "AWS::S3::Bucket",
    "aws_kms_key": "AWS::KMS::Key",
    "aws_kms_key_policy": "AWS::KMS::Key",
    "aws_sqs_queue": "AWS::SQS::Queue",
    "aws_sqs_queue_policy": "AWS::SQS::Queue",
    "aws_sns_topic": "AWS::SNS::Topic",
    "aws_sns_topic_policy": "AWS::SNS::Topic",
    "aws_secretsmanager_secret": "AWS::SecretsManager::Secret",
    "aws_secretsmanager_secret_policy": "AWS::SecretsManager::Secret",
    "aws_ecr_repository_policy": "AWS::ECR::Repository",
    PERMISSION: "AWS::Lambda::Function",
}


_TEXTS = (*NATIVE, *JSON, ".tfvars", ".json", ".tftpl", ".tpl", ".yaml", ".yml")
_SERVICE = re.compile(rb'"[A-Za-z0-9-]+:\*\\?"')
_EVERYTHING = re.compile(
    rb"""(?<![A-Za-z])([A-Za-z]++)\\?"?\s*[=:]\s*"""  # a key, tried once however long it is
    rb"""(?:\[[^\[\]{}]*?)?\\?"\*\\?\"""",
    re.ASCII,
)
_HARMLESS = frozenset((b"resource", b"resources", b"notresource"))
"""Keys under which a lone `*` gives nobody anything by itself."""


def policy_findings(configurations: Configurations, now: datetime) -> Iterator[Finding]:
    """Of every root that reads a text with a wildcard for all actions or everybody, and reaches a
    file which mentions a resource type that has a policy."""
    tree = configurations.sources.tree
    paths = tree.grep(list(_TYPES), (*NATIVE, *JSON))
    directories = {dirname(p) for p in paths if is_source(p)}
    seen: set[str] = set()
    for root in sorted(configurations.reached_from(_wide(tree))):
        for module in configurations.of(root).modules():
            if module.directory not in directories:
                continue
            for finding in _of_module(module, now):
                if finding.id not in seen:
                    seen.add(finding.id)
                    yield finding


def _wide(tree: Tree) -> list[str]:
    """Texts that a finding can come from: found without parsing, so that the cost of looking
    grows with what there is to find."""
    texts = tree.read_many(tree.grep(['*"'], _TEXTS))
    return [path for path, data in texts if is_source(path) and _is_wide(data)]


def _is_wide(data: bytes) -> bool:
    if _SERVICE.search(data):
        return True
    return any(m[1].lower() not in _HARMLESS for m in _EVERYTHING.finditer(data))


def _of_module(module: ModuleInstance, now: datetime) -> Iterator[Finding]:
    if isinstance(module.declared, Refusal) or module.unsure is not None:
        return
    for labels, content in module.declared.of_kind("resource"):
        if labels[0] not in _TYPES or ("resource", labels) in module.declared.twice:
            continue
        for expansion in module.expansions(content):
            if expansion.unsure is None:
                yield from _of_instance(module, labels, content, expansion, now)


def _of_instance(
    module: ModuleInstance,
    labels: tuple[str, ...],
    content: Content,
    expansion: Expansion,
    now: datetime,
) -> Iterator[Finding]:
    kind, scope, root = labels[0], module.scope_of(expansion), module.configuration.directory
    address = full_address(module, "resource", labels, expansion.key)
    found: list[tuple[str, PolicyText, list[Statement]]] = []
    if kind in ARGUMENTS or kind == PERMISSION:
        for text in Trusting.of(kind, content, scope, (root, address)).texts:
            found.append((SEEN_OPEN, text, list(filter(_is_open, text.statements))))
    if kind in IDENTITY:
        for text in identity_policies(kind, content, scope)[0]:
            found.append(("wildcard-grant", text, list(filter(_is_wild, text.statements))))
    for name, text, statements in found:
        if statements:
            evidence: dict[str, Json] = {
                "argument": text.label,
                "statement": statements[0].shown,
                "statements": [s.shown for s in statements],
            }
            yield Finding(
                id=finding_id(name, root, address, text.label),
                finding_class=name,
                source=SOURCE,
                resource=Resource(_FORMATION[kind], "", name=labels[1], tags=None),
                evidence=evidence,
                created_at=None,
                observed_at=now,
                address=address,
                file=content.file.path,
                line=content.line,
                root=root,
            )


def _is_open(statement: Statement) -> bool:
    """What a NotPrincipal leaves is not told here."""
    return "NotPrincipal" not in statement.tree.entries and lets_in(statement, EVERYONE)


def _is_wild(statement: Statement) -> bool:
    texts = [as_text(a) or "" for a in statement.actions]
    return statement.grants and any(t == "*" or t.endswith(":*") for t in texts)
