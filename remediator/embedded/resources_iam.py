"""IAM for the demo's applier: each takes a client of IAM, and answers Terraform's attributes.

Faithful where it matters here: nothing is called for what stays as it is, a role's inline and
managed policies are exclusive, and a policy that changes gets a new version.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Attributes = dict[str, Any]
HOLDERS = ("role", "user", "group")
_MAX_VERSIONS = 5


def put_role(iam: Any, wanted: Attributes, was: Attributes | None) -> Attributes:
    name, trust = wanted["name"], wanted["assume_role_policy"]
    if was is None:
        iam.create_role(
            RoleName=name,
            Path=wanted.get("path") or "/",
            AssumeRolePolicyDocument=trust,
            Tags=_tags(wanted),
        )
    elif was["assume_role_policy"] != trust:
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=trust)
    before = was or {"inline_policy": [], "managed_policy_arns": []}
    inline = {one["name"]: one["policy"] for one in wanted.get("inline_policy", ())}
    were = {one["name"]: one["policy"] for one in before["inline_policy"]}
    for gone in were.keys() - inline.keys():
        iam.delete_role_policy(RoleName=name, PolicyName=gone)
    for policy, document in inline.items() - were.items():
        iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=document)
    managed = wanted.get("managed_policy_arns") or []
    for arn in set(before["managed_policy_arns"]) - set(managed):
        iam.detach_role_policy(RoleName=name, PolicyArn=arn)
    for arn in set(managed) - set(before["managed_policy_arns"]):
        iam.attach_role_policy(RoleName=name, PolicyArn=arn)
    made = iam.get_role(RoleName=name)["Role"]
    return {
        "id": name,
        "name": name,
        "arn": made["Arn"],
        "unique_id": made["RoleId"],
        "path": made["Path"],
        "assume_role_policy": trust,
        "inline_policy": [{"name": n, "policy": text} for n, text in inline.items()],
        "managed_policy_arns": managed,
        "tags": wanted.get("tags") or {},
    }


def remove_role(iam: Any, was: Attributes) -> None:
    for one in was["inline_policy"]:
        iam.delete_role_policy(RoleName=was["name"], PolicyName=one["name"])
    for arn in was["managed_policy_arns"]:
        iam.detach_role_policy(RoleName=was["name"], PolicyArn=arn)
    iam.delete_role(RoleName=was["name"])


def put_user(iam: Any, wanted: Attributes, was: Attributes | None) -> Attributes:
    name = wanted["name"]
    if was is None:
        path = wanted.get("path") or "/"
        iam.create_user(UserName=name, Path=path, Tags=_tags(wanted))
    made = iam.get_user(UserName=name)["User"]
    return {
        "id": name,
        "name": name,
        "arn": made["Arn"],
        "unique_id": made["UserId"],
        "path": made["Path"],
        "tags": wanted.get("tags") or {},
    }


def remove_user(iam: Any, was: Attributes) -> None:
    iam.delete_user(UserName=was["name"])


def put_group(iam: Any, wanted: Attributes, was: Attributes | None) -> Attributes:
    name = wanted["name"]
    if was is None:
        iam.create_group(GroupName=name, Path=wanted.get("path") or "/")
    made = iam.get_group(GroupName=name)["Group"]
    return {"id": name, "name": name, "arn": made["Arn"], "unique_id": made["GroupId"]}


def remove_group(iam: Any, was: Attributes) -> None:
    iam.delete_group(GroupName=was["name"])


def put_policy(iam: Any, wanted: Attributes, was: Attributes | None) -> Attributes:
    name, document, path = wanted["name"], wanted["policy"], wanted.get("path") or "/"
    if was is None:
        made = iam.create_policy(PolicyName=name, Path=path, PolicyDocument=document)["Policy"]
        ids = {"id": made["Arn"], "arn": made["Arn"], "policy_id": made["PolicyId"]}
        return ids | {"name": name, "path": path, "policy": document}
    if was["policy"] != document:
        _make_room(iam, was["arn"])
        iam.create_policy_version(PolicyArn=was["arn"], PolicyDocument=document, SetAsDefault=True)
    return was | {"policy": document}


def _make_room(iam: Any, arn: str) -> None:
    versions = iam.list_policy_versions(PolicyArn=arn)["Versions"]
    if len(versions) >= _MAX_VERSIONS:
        oldest = min((v for v in versions if not v["IsDefaultVersion"]), key=_number)
        iam.delete_policy_version(PolicyArn=arn, VersionId=oldest["VersionId"])


def _number(version: Attributes) -> int:
    return int(version["VersionId"][1:])


def remove_policy(iam: Any, was: Attributes) -> None:
    for version in iam.list_policy_versions(PolicyArn=was["arn"])["Versions"]:
        if not version["IsDefaultVersion"]:
            iam.delete_policy_version(PolicyArn=was["arn"], VersionId=version["VersionId"])
    iam.delete_policy(PolicyArn=was["arn"])


def put_inline(holder: str) -> Callable[[Any, Attributes, Attributes | None], Attributes]:
    def put(iam: Any, wanted: Attributes, was: Attributes | None) -> Attributes:
        name, of, document = wanted["name"], wanted[holder], wanted["policy"]
        made = {"id": f"{of}:{name}", "name": name, holder: of, "policy": document}
        if made != was:
            call = getattr(iam, f"put_{holder}_policy")
            call(**{_parameter(holder): of}, PolicyName=name, PolicyDocument=document)
        return made

    return put


def remove_inline(holder: str) -> Callable[[Any, Attributes], object]:
    def remove(iam: Any, was: Attributes) -> object:
        call = getattr(iam, f"delete_{holder}_policy")
        return call(**{_parameter(holder): was[holder]}, PolicyName=was["name"])

    return remove


def attach(holder: str) -> Callable[[Any, Attributes, Attributes | None], Attributes]:
    def put(iam: Any, wanted: Attributes, was: Attributes | None) -> Attributes:
        of, arn = wanted[holder], wanted["policy_arn"]
        made = {"id": f"{of}-{arn}", holder: of, "policy_arn": arn}
        if made != was:
            if was:
                detach(holder)(iam, was)
            getattr(iam, f"attach_{holder}_policy")(**{_parameter(holder): of}, PolicyArn=arn)
        return made

    return put


def detach(holder: str) -> Callable[[Any, Attributes], object]:
    def remove(iam: Any, was: Attributes) -> object:
        call = getattr(iam, f"detach_{holder}_policy")
        return call(**{_parameter(holder): was[holder]}, PolicyArn=was["policy_arn"])

    return remove


def put_membership(iam: Any, wanted: Attributes, was: Attributes | None) -> Attributes:
    group, before = wanted["group"], set(was["users"] if was else ())
    for user in set(wanted["users"]) - before:
        iam.add_user_to_group(GroupName=group, UserName=user)
    for user in before - set(wanted["users"]):
        iam.remove_user_from_group(GroupName=group, UserName=user)
    return {"id": wanted["name"], "name": wanted["name"], "group": group, "users": wanted["users"]}


def remove_membership(iam: Any, was: Attributes) -> None:
    for user in was["users"]:
        iam.remove_user_from_group(GroupName=was["group"], UserName=user)


def put_access_key(iam: Any, wanted: Attributes, was: Attributes | None) -> Attributes:
    """The secret is forgotten at once."""
    user, status = wanted["user"], wanted.get("status") or "Active"
    if was is None:
        key = iam.create_access_key(UserName=user)["AccessKey"]["AccessKeyId"]
    else:
        key = was["id"]
    if status != (was["status"] if was else "Active"):
        iam.update_access_key(UserName=user, AccessKeyId=key, Status=status)
    return {"id": key, "user": user, "status": status}


def remove_access_key(iam: Any, was: Attributes) -> None:
    iam.delete_access_key(UserName=was["user"], AccessKeyId=was["id"])


def put_password(iam: Any, wanted: Attributes, was: Attributes | None) -> Attributes:
    if was is None:
        iam.create_login_profile(UserName=wanted["user"], Password="Em-bedded.1234567890")  # noqa: S106
    return {"id": wanted["user"], "user": wanted["user"]}


def remove_password(iam: Any, was: Attributes) -> None:
    iam.delete_login_profile(UserName=was["user"])


def _tags(wanted: Attributes) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in (wanted.get("tags") or {}).items()]


def _parameter(holder: str) -> str:
    return f"{holder.capitalize()}Name"
