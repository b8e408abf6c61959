"""Policies of AWS's own that an identity has by an attachment: their text is not in the code.

What they allow today comes with the finding, from the live account; a text from elsewhere may be
another. https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from remediator.access.iam import Kind
from remediator.model import Finding, Json
from remediator.remediate.iam.editing import block_around
from remediator.remediate.iam.narrowing import narrowed
from remediator.remediate.iam.policies import ROLE, PolicyText, tree_of
from remediator.remediate.iam.policy_access import MANAGED, Document, listed
from remediator.remediate.iam.principals import live_policies
from remediator.remediate.iam.removable import Removable
from remediator.terraform.content import Content
from remediator.terraform.evaluate import Scope, attribute, evaluate
from remediator.terraform.expression import Expression
from remediator.terraform.literal import string_literal
from remediator.terraform.value import Known, Unknown, as_text
from remediator.terraform.value import Mapping as MapOf
from remediator.terraform.value import Sequence as ListOf
from remediator.terraform.write import identifier

ATTACHMENTS: Mapping[str, str] = {
    "aws_iam_role_policy_attachment": "role",
    "aws_iam_user_policy_attachment": "user",
    "aws_iam_group_policy_attachment": "group",
}
EXCLUSIVE = "aws_iam_policy_attachment"
"""One for several roles, users and groups: what goes of it goes for all of them."""
_OF_AWS = re.compile(r"arn:[a-z-]+:iam::aws:policy/(?:.*/)?([\w+=,.@-]+)")
_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class Attached:
    """An ARN of an AWS-managed policy, and where it stands."""

    arn: str
    value: Known
    label: str

    @property
    def document(self) -> Document:
        return Document(self.label, Kind.IDENTITY, None, f"{MANAGED}{self.arn}")


def is_of_aws(arn: str | None) -> bool:
    return _OF_AWS.fullmatch(arn or "") is not None


def attached(kind: str, content: Content, scope: Scope) -> tuple[list[Attached], list[PolicyText]]:
    """The AWS-managed policies, and the policy of the code that an attachment names."""
    name = "managed_policy_arns" if kind == ROLE else "policy_arn"
    expression = content.arguments.get(name)
    if expression is None or kind not in (ROLE, EXCLUSIVE, *ATTACHMENTS):
        return [], []
    value = evaluate(expression, scope)
    items = value.items if isinstance(value, ListOf) else (value,)
    found = []
    for item in items:
        arn = as_text(item)
        if isinstance(item, Known) and arn is not None and is_of_aws(arn):
            found.append(Attached(arn, item, f"{name} {arn}" if kind == ROLE else name))
    named = []
    for at in places(kind, content, scope):
        label = f"{name} {_words(at)}" if kind == ROLE else name
        named.append(_named(label, _words(at), at, scope))
    if kind in ATTACHMENTS and (chosen := _chosen(expression, scope)) is not None:
        named.append(_named(name, chosen, expression, scope))
    return found, [policy for policy in named if policy is not None]


def places(kind: str, content: Content, scope: Scope) -> tuple[Expression, ...]:
    """The expressions that each are the ARN of one attached policy, as far as they are written in
    the block or in a local of its folder: an item of the role's list, or the entry of the instance
    in a `for_each` map, whose keys stay known where a value is not. None of a set: its values are
    the keys."""
    if kind == ROLE:
        arns = content.arguments.get("managed_policy_arns")
        return _listed(_written(arns, scope)) if arns is not None else ()
    arn, each = content.arguments.get("policy_arn"), content.arguments.get("for_each")
    if arn is None:
        return ()
    if each is None or _words(arn) != "each.value":
        return (arn,)
    key, collection = own_key(scope), _written(each, scope)
    if key is None or collection.kind != "object":
        return ()
    return tuple(e.value for e in collection.entries if e.name == key)[-1:]


def _written(collection: Expression, scope: Scope) -> Expression:
    """The list or map itself, where all that stands there is the name of a local that is it."""
    own = collection.unwrapped
    value = evaluate(own, scope) if own.kind == "traversal" else None
    source = value.source if isinstance(value, ListOf | MapOf) else None
    if source is None or [hop.text for hop in source.via] != [_words(own)]:
        return own
    is_local = block_around(source, "locals") is not None
    return source.expression.unwrapped if is_local else own


def _listed(arns: Expression) -> tuple[Expression, ...]:
    if arns.kind == "call" and arns.function == "toset" and len(arns.arguments) == 1:
        arns = arns.arguments[0].unwrapped
    return arns.items if arns.kind == "tuple" else ()


def _words(expression: Expression) -> str:
    return " ".join(expression.text.decode(errors="replace").split())


_REFERENCE = r"aws_iam_policy\.[A-Za-z_][\w-]*\.arn"
_CASE = r'each\.key == "(?:[^"\\]|\\.)*" \? ' + _REFERENCE + " : "
_BY_KEY = re.compile(f"(?:{_CASE})*each\\.(?:value|key)")


def own_key(scope: Scope) -> str | None:
    """The instance's key in `for_each`."""
    each = scope.local.get("each")
    return as_text(each.get("key")) if isinstance(each, MapOf) else None


def is_by_key(expression: Expression) -> bool:
    """Whether it is each instance's own value, but for some that are told by their keys."""
    return _BY_KEY.fullmatch(_words(expression)) is not None


def case_of(key: str, reference: str) -> str:
    """Before the rest of such an expression: this instance has that policy."""
    return f"each.key == {string_literal(key)} ? {reference} : "


def _chosen(expression: Expression, scope: Scope) -> str | None:
    """The policy of the code that an instance has by its key."""
    key = own_key(scope)
    if key is None or not is_by_key(expression):
        return None
    text, case = _words(expression), re.escape(case_of(key, "aws_iam_policy.x.arn"))
    found = re.search(case.replace(re.escape("aws_iam_policy.x.arn"), f"({_REFERENCE})"), text)
    return found[1] if found else None


def _named(label: str, words: str, expression: Expression, scope: Scope) -> PolicyText | None:
    """`aws_iam_policy.x.arn`: the policy of that block."""
    if re.fullmatch(_REFERENCE, words) is None:
        return None
    block = scope.names.get("aws_iam_policy", words.split(".")[1], None, expression)
    if block is None or isinstance(block, Unknown):
        return None
    tree = tree_of(attribute(block, "policy", expression))
    return PolicyText(label, Kind.IDENTITY, tree)


def live_documents(finding: Finding) -> dict[str, Json]:
    """By ARN, the texts of the AWS-managed policies that the identity has."""
    return {p.id: p.document for p in live_policies(finding) if p.kind == "aws"}


def actions_in(document: Json) -> Iterator[str]:
    """The action patterns of every Allow."""
    for statement in Document("", Kind.IDENTITY, document).statements:
        if statement.get("Effect") == "Allow":
            yield from listed(statement.get("Action"))


def grants_any(document: Json, goes: Removable) -> bool:
    return any(narrowed(action, goes) is not None for action in actions_in(document))


def is_all_gone(document: Json, goes: Removable) -> bool:
    """Whether no Allow of it would be left with anything."""
    statements = Document("", Kind.IDENTITY, document).statements
    allows = [s for s in statements if s.get("Effect") == "Allow"]
    if not allows or any("Action" not in s for s in allows):
        return False
    return all(narrowed(action, goes) == () for action in actions_in(document))


def without(document: Json, goes: Removable) -> Json:
    """The policy without what may go: what is put in the place of AWS's."""
    assert isinstance(document, dict)
    left: list[Json] = []
    for statement in Document("", Kind.IDENTITY, document).statements:
        if statement.get("Effect") != "Allow" or "Action" not in statement:
            left.append(statement)
            continue
        kept: list[Json] = []
        for action in listed(statement["Action"]):
            rest = narrowed(action, goes)
            kept += [action] if rest is None else [*rest]
        if kept:
            left.append({**statement, "Action": [*dict.fromkeys(map(str, kept))]})
    return {"Version": document.get("Version", "2012-10-17"), "Statement": left}


def label_of(arn: str, name: str) -> tuple[str, str]:
    """The label and the name of the policy that takes the place of AWS's for an identity."""
    found = _OF_AWS.fullmatch(arn)
    short = found[1] if found else "policy"
    plain = re.sub(r"[^\w+=,.@-]", "-", f"{short}-used-by-{name}", flags=re.ASCII)
    return identifier(f"{short}_used_by_{name}"), plain[:128]


def resource_text(label: str, name: str, document: Json) -> str:
    lines = "\n".join(f"  {line}" if line else "" for line in hcl_of(document).splitlines())
    return (
        f'resource "aws_iam_policy" "{label}" {{\n  name   = {string_literal(name)}\n'
        f"  policy = jsonencode({lines.lstrip()})\n}}"
    )


def hcl_of(value: Json) -> str:
    """A JSON value as HCL, an item a line where there is more than one."""
    if isinstance(value, dict):
        names = (k if _BARE.fullmatch(k) else string_literal(k) for k in value)
        pairs = zip(names, map(hcl_of, value.values()), strict=True)
        body = "\n".join(f"{name} = {text}" for name, text in pairs)
        return "{\n" + _indented(body) + "\n}"
    if isinstance(value, list):
        items = [hcl_of(item) for item in value]
        if len(items) == 1 and "\n" not in items[0]:
            return f"[{items[0]}]"
        return "[\n" + _indented("\n".join(f"{item}," for item in items)) + "\n]" if items else "[]"
    if isinstance(value, str):
        return string_literal(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else str(value)


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" if line else "" for line in text.splitlines())
