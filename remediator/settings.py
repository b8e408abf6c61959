"""The values that remediator.yaml is made of, each refused with what to write instead."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Protocol, TypeVar

from pydantic import AfterValidator, BeforeValidator, ValidationInfo

from remediator.fields import Glob, digits, one_line
from remediator.sentences import shown

DIRECTORY = "directory"
"""The validation context's key for the directory that paths are relative to."""

_REGION = re.compile(r"[a-z]{2,}(?:-[a-z]+)+-[0-9]{1,2}")
_RULE = re.compile(r"[A-Z][A-Z0-9_]{0,127}|name:[A-Za-z0-9_-]{1,128}")
_BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/[^\s/][^\r\n]*")
_REMOTE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_URL = re.compile(r"https?://[A-Za-z0-9.\[\]:-]+(?:/[^\s]*)?")
_ACCOUNT = re.compile(r"[0-9]{12}")
_ROLE = re.compile(r"/?(?:[\w+=,.@-]+/)*[\w+=,.@-]{1,64}", re.ASCII)
_PERCENT = re.compile(r"([0-9]{1,3})%")
_GITHUB = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})/[A-Za-z0-9._-]{1,100}")
_EMAIL = re.compile(r"[^\s<>@]+@[^\s<>@]+")
# git-check-ref-format(1), and no leading dash: a branch is no option.
_NOT_A_BRANCH = re.compile(r"^[-/.]|\.\.|//|/\.|@\{|[\x00-\x20\x7f~^:?*\[\\]|\.lock(/|$)|[/.]$|^@$")
_WIDEST = {4: 8, 6: 16}
_UNIQUE_LOCAL = ipaddress.IPv6Network("fc00::/7")


def is_there(path: Path) -> bool:
    """False only where there is no such entry: a broken link or a closed folder is not absence."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def _path(value: object) -> object:
    """Before pathlib sees it, to which the empty text is the current directory."""
    return Path(one_line(value)) if isinstance(value, str) else value


def _beside(value: Path, info: ValidationInfo) -> Path:
    directory: Path = (info.context or {}).get(DIRECTORY, Path("."))
    return directory / value


def _region(value: str) -> str:
    if not _REGION.fullmatch(value):
        raise ValueError(f"{shown(value)} is not a region; write one such as eu-central-1")
    return value


def _rule(value: str) -> str:
    if not _RULE.fullmatch(value):
        hint = "write a managed rule's identifier such as INCOMING_SSH_DISABLED"
        raise ValueError(f"{shown(value)} is not a rule; {hint}, or name: and the rule's name")
    return value


def some_rule(rules: tuple[str, ...]) -> tuple[str, ...]:
    if not rules:
        raise ValueError("is empty; write a rule, or aws_config: null to switch the source off")
    return rules


def _in_repository(value: str) -> str:
    text = one_line(value)
    parts = text.rstrip("/").split("/")
    if text.startswith("/") or "\\" in text or ".." in parts:
        hint = "write a path from the repository's top such as live/prod"
        raise ValueError(f"{shown(value)} is not inside the repository; {hint}")
    return "/".join(p for p in parts if p not in ("", ".")) or "."


def _state(value: str, info: ValidationInfo) -> str:
    text = one_line(value)
    if "://" not in text:
        return str(_beside(Path(text), info))
    if not _BUCKET.fullmatch(text):
        raise ValueError(f"{shown(value)} is not a state; write a file or s3://bucket/key")
    return text


def _program(value: str, info: ValidationInfo) -> str:
    """A name without a folder is looked up on PATH, as a shell does."""
    text = one_line(value)
    return str(_beside(Path(text), info)) if os.path.dirname(text) else text


def _remote(value: str) -> str:
    if not _REMOTE.fullmatch(value):
        raise ValueError(f"{shown(value)} is not the name of a remote; write one such as origin")
    return value


def _branch(value: str) -> str:
    if not value or _NOT_A_BRANCH.search(value) or not value.isprintable():
        raise ValueError(f"{shown(value)} is not the name of a branch; write one such as main")
    return value


def _url(value: str) -> str:
    if not _URL.fullmatch(value):
        raise ValueError(f"{shown(value)} is not an address; write http:// or https:// and a host")
    return value


def _account(value: str) -> str:
    if not _ACCOUNT.fullmatch(value):
        raise ValueError(f"{shown(value)} is not an account; write its twelve digits, in quotes")
    return value


def _role(value: str) -> str:
    if not _ROLE.fullmatch(value):
        raise ValueError(
            f"{shown(value)} is not a role; write its name, with its path if it has one"
        )
    return value.removeprefix("/")


def _changes(value: object) -> object:
    """A number of changes, or a share of a root's identities."""
    if isinstance(value, str) and (found := _PERCENT.fullmatch(value)):
        if 1 <= int(found[1]) <= 100:
            return value
    elif value is None or (isinstance(value, int) and value >= 1 and not isinstance(value, bool)):
        return value
    raise ValueError(f'{shown(str(value))} is no limit; write a number such as 20, or "10%"')


def _github_repository(value: str) -> str:
    if not _GITHUB.fullmatch(value) or value.endswith(("/.", "/..", ".git")):
        raise ValueError(f"{shown(value)} is not a repository; write owner/name")
    return value


def _api_url(value: str) -> str:
    """Ours is joined to paths that begin with a slash."""
    return _url(value).rstrip("/")


def _git_name(value: str) -> str:
    text = one_line(value)
    if "<" in text or ">" in text:
        raise ValueError(f"{shown(value)} has an angle bracket, which git cannot keep; remove it")
    return text


def _git_email(value: str) -> str:
    text = one_line(value)
    if not _EMAIL.fullmatch(text):
        raise ValueError(f"{shown(value)} is not an e-mail address; write name@host")
    return text


def arn_pattern(value: str) -> str:
    if not value.startswith(("arn:", "*")):
        hint = "write a pattern that begins with arn: or *"
        raise ValueError(f"{shown(value)} cannot match an ARN; {hint}")
    return value


def _cidr(value: str) -> str:
    """Canonical, as AWS keeps it. Raises ValueError for what would let in far too many."""
    if "/" not in value or "%" in value:
        raise ValueError(f"{shown(value)} is not a CIDR; write one such as 203.0.113.0/24")
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError as error:
        hint = "write one such as 203.0.113.0/24"
        raise ValueError(f"{shown(value)} is not a CIDR; {hint}") from error
    if ipaddress.ip_interface(value).ip != network.network_address:
        raise ValueError(f"{shown(value)} has bits beyond its prefix; write {network}")
    if _is_wide(network):
        raise ValueError(f"{shown(value)} {_too_wide(network)}")
    return str(network)


_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _is_wide(network: _Network) -> bool:
    if isinstance(network, ipaddress.IPv6Network) and network.subnet_of(_UNIQUE_LOCAL):
        return False
    return network.prefixlen < _WIDEST[network.version]


def _too_wide(network: _Network) -> str:
    if network.prefixlen == 0:
        return "is the whole world; write the networks that administrators come from"
    widest = _WIDEST[network.version]
    return f"is wider than /{widest}; write the networks that administrators come from"


def not_wide_together(cidrs: tuple[str, ...]) -> tuple[str, ...]:
    """The world in pieces is the world here as well."""
    networks = [ipaddress.ip_network(c) for c in cidrs]
    v4 = [n for n in networks if isinstance(n, ipaddress.IPv4Network)]
    v6 = [n for n in networks if isinstance(n, ipaddress.IPv6Network)]
    joined: list[_Network] = [*ipaddress.collapse_addresses(v4), *ipaddress.collapse_addresses(v6)]
    for network in joined:
        if _is_wide(network):
            raise ValueError(f"together these hold {network}, which {_too_wide(network)}")
    return cidrs


class _HasPlace(Protocol):
    @property
    def path(self) -> str: ...
    @property
    def workspace(self) -> str: ...


R = TypeVar("R", bound=_HasPlace)


def distinct_roots(roots: Sequence[R]) -> Sequence[R]:
    seen: set[tuple[str, str]] = set()
    for root in roots:
        if (root.path, root.workspace) in seen:
            where = f"{shown(root.path)} with workspace {shown(root.workspace)}"
            raise ValueError(f"{where} is listed twice; remove one of the two")
        seen.add((root.path, root.workspace))
    return roots


BesideFile = Annotated[Path, BeforeValidator(_path), AfterValidator(_beside)]
Region = Annotated[str, AfterValidator(_region)]
ConfigRule = Annotated[str, AfterValidator(_rule)]
InRepository = Annotated[str, AfterValidator(_in_repository)]
StateSource = Annotated[str, AfterValidator(_state)]
Program = Annotated[str, AfterValidator(_program)]
RemoteName = Annotated[str, AfterValidator(_remote)]
BranchName = Annotated[str, AfterValidator(_branch)]
HttpUrl = Annotated[str, AfterValidator(_url)]
GitHubRepository = Annotated[str, AfterValidator(_github_repository)]
ApiUrl = Annotated[str, AfterValidator(_api_url)]
GitName = Annotated[str, AfterValidator(_git_name)]
GitEmail = Annotated[str, AfterValidator(_git_email)]
AccountId = Annotated[str, BeforeValidator(digits), AfterValidator(_account)]
RoleName = Annotated[str, AfterValidator(_role)]
MaxChanges = Annotated[int | str | None, BeforeValidator(_changes)]
ArnGlob = Annotated[Glob, AfterValidator(arn_pattern)]
AdminCidr = Annotated[str, AfterValidator(_cidr)]
