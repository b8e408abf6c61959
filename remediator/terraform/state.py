"""Terraform states: raw version 4, and `terraform show -json`.

Only the attributes named here ever become objects: a state holds secrets in clear text, and the
decoder skips over everything else without keeping it.
https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec

from remediator.model import SourceError
from remediator.terraform.address import Address, Key, module_steps

_NAMES = ("id", "arn", "security_group_id", "security_group_rule_id", "type", "unique_id")
_JOINED = (
    *("name", "role", "user", "group", "policy_arn", "bucket", "key_id", "queue_url"),
    *("function_name", "statement_id", "secret_arn", "repository", "permissions_boundary"),
)
_LISTS = ("roles", "users", "groups", "managed_policy_arns")


class Attributes(msgspec.Struct, frozen=True):
    """What a finding may be joined by. Absent or null is None."""

    id: str | None = None
    arn: str | None = None
    security_group_id: str | None = None
    security_group_rule_id: str | None = None
    type: str | None = None
    unique_id: str | None = None
    name: str | None = None
    role: str | None = None
    user: str | None = None
    group: str | None = None
    policy_arn: str | None = None
    bucket: str | None = None
    key_id: str | None = None
    queue_url: str | None = None
    function_name: str | None = None
    statement_id: str | None = None
    secret_arn: str | None = None
    repository: str | None = None
    permissions_boundary: str | None = None
    roles: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    managed_policy_arns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StateResource:
    """`provider` is the configuration that it is made with, alias and module included; "" where
    the state does not say: `show -json` has no aliases."""

    address: Address
    attributes: Attributes
    provider: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """The managed resource instances; data sources and deposed objects are left out."""

    resources: tuple[StateResource, ...]


class _Loose(msgspec.Struct):
    """The same names with any value: one odd resource must not break the others."""

    id: Any = None
    arn: Any = None
    security_group_id: Any = None
    security_group_rule_id: Any = None
    type: Any = None
    unique_id: Any = None
    name: Any = None
    role: Any = None
    user: Any = None
    group: Any = None
    policy_arn: Any = None
    bucket: Any = None
    key_id: Any = None
    queue_url: Any = None
    function_name: Any = None
    statement_id: Any = None
    secret_arn: Any = None
    repository: Any = None
    permissions_boundary: Any = None
    roles: Any = None
    users: Any = None
    groups: Any = None
    managed_policy_arns: Any = None


class _Instance(msgspec.Struct):
    attributes: _Loose | None = None
    index_key: str | int | None = None
    deposed: str | None = None


class _Resource(msgspec.Struct):
    mode: str
    type: str
    name: str
    module: str = ""
    provider: Any = None
    instances: list[_Instance] = []


class _Raw(msgspec.Struct):
    version: int | None = None
    format_version: str | None = None
    resources: list[_Resource] | None = None
    values: _Values | None = None
    encrypted_data: Any = None


class _Shown(msgspec.Struct):
    address: str
    mode: str
    values: _Loose | None = None
    deposed_key: str | None = None


class _Module(msgspec.Struct):
    resources: list[_Shown] = []
    child_modules: list[_Module] = []


class _Values(msgspec.Struct):
    root_module: _Module = msgspec.field(default_factory=_Module)


_DECODER = msgspec.json.Decoder(_Raw)


def read_state(data: bytes, where: str) -> State:
    """Raises SourceError for what is truncated, of another version, or no state at all."""
    try:
        raw = _DECODER.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as why:
        raise SourceError(where, 1, 1, f"is no whole Terraform state: {why}") from None
    found = list(_instances(raw, where))
    seen: set[Address] = set()
    for resource in found:
        if resource.address in seen:
            raise SourceError(where, 1, 1, f"holds {resource.address} twice; repair the state")
        seen.add(resource.address)
    return State(tuple(found))


def _instances(raw: _Raw, where: str) -> Iterator[StateResource]:
    if raw.encrypted_data is not None:
        raise SourceError(where, 1, 1, "is encrypted; give the output of `show -json` instead")
    if raw.format_version is not None:
        if raw.format_version.split(".")[0] != "1":
            text = f"has format {raw.format_version}; this reads format 1 of `show -json`"
            raise SourceError(where, 1, 1, text)
        yield from _shown(raw.values or _Values(), where)
    elif raw.version == 4:
        yield from _version4(raw.resources or [], where)
    elif raw.version is not None:
        text = f"is of version {raw.version}; run `terraform apply` once with Terraform 0.12 or "
        raise SourceError(where, 1, 1, text + "later, which writes version 4")
    else:
        raise SourceError(where, 1, 1, "is JSON and no Terraform state: it says no version")


def _version4(resources: list[_Resource], where: str) -> Iterator[StateResource]:
    for resource in resources:
        if resource.mode != "managed":
            continue
        try:
            modules = module_steps(resource.module)
        except ValueError as why:
            raise SourceError(where, 1, 1, f"names a module that is none: {why}") from None
        provider = resource.provider if isinstance(resource.provider, str) else ""
        for one in resource.instances:
            if one.deposed is None:
                key: Key = one.index_key
                address = Address(modules, "managed", resource.type, resource.name, key)
                yield StateResource(address, _strict(one.attributes), provider)


def _shown(values: _Values, where: str) -> Iterator[StateResource]:
    modules = [values.root_module]
    while modules:
        module = modules.pop()
        modules += module.child_modules
        for resource in module.resources:
            if resource.mode != "managed" or resource.deposed_key is not None:
                continue
            try:
                address = Address.parse(resource.address)
            except ValueError as why:
                raise SourceError(where, 1, 1, str(why)) from None
            yield StateResource(address, _strict(resource.values))


def _strict(loose: _Loose | None) -> Attributes:
    if loose is None:
        return Attributes()
    found: dict[str, Any] = {}
    for name in (*_NAMES, *_JOINED):
        if isinstance(value := getattr(loose, name), str):
            found[name] = value
    for name in _LISTS:
        if isinstance(value := getattr(loose, name), list):
            found[name] = tuple(text for text in value if isinstance(text, str))
    return Attributes(**found)


@dataclass(frozen=True)
class StateIndex:
    """Several roots' states, by what a finding knows. Keys of `_blocks`: root, module names and
    block address. `_all` has every resource, with its root; of
    `_accounts` the keys are root and provider."""

    _ids: Mapping[str, tuple[tuple[str, StateResource], ...]]
    _groups: Mapping[str, tuple[tuple[str, StateResource], ...]]
    _blocks: Mapping[tuple[str, tuple[str, ...], str], tuple[StateResource, ...]]
    _all: tuple[tuple[str, StateResource], ...]
    _accounts: Mapping[tuple[str, str], frozenset[str]]

    @cached_property
    def _joined(self) -> Mapping[tuple[str, str, str], tuple[tuple[str, StateResource], ...]]:
        """Made when it is first asked for: findings of security groups never do."""
        found: dict[tuple[str, str, str], list[tuple[str, StateResource]]] = {}
        for root, resource in self._all:
            for key in _keys(resource):
                found.setdefault(key, []).append((root, resource))
        return {key: tuple(some) for key, some in found.items()}

    @staticmethod
    def of(states: Iterable[tuple[str, State]]) -> StateIndex:
        """Of (root, state); a root has several where it has several workspaces."""
        ids: dict[str, list[tuple[str, StateResource]]] = {}
        groups: dict[str, list[tuple[str, StateResource]]] = {}
        blocks: dict[tuple[str, tuple[str, ...], str], list[StateResource]] = {}
        every: list[tuple[str, StateResource]] = []
        accounts: dict[tuple[str, str], set[str]] = {}
        for root, state in states:
            for resource in state.resources:
                every.append((root, resource))
                if account := _account(resource):
                    accounts.setdefault((root, resource.provider), set()).add(account)
                address, known = resource.address, resource.attributes
                for name in {known.id, known.arn, known.unique_id} - {None}:
                    assert name is not None
                    ids.setdefault(name, []).append((root, resource))
                group = known.security_group_id or _group_id(resource)
                if group:
                    groups.setdefault(group, []).append((root, resource))
                place = (root, address.module_names, address.block)
                blocks.setdefault(place, []).append(resource)
        return StateIndex(
            _frozen(ids),
            _frozen(groups),
            {k: tuple(v) for k, v in blocks.items()},
            tuple(every),
            {key: frozenset(found) for key, found in accounts.items()},
        )

    def by(self, kind: str, name: str, value: str) -> tuple[tuple[str, StateResource], ...]:
        """The resources of a type whose attribute of that name is the value, or lists it."""
        return self._joined.get((kind, name, value), ())

    def accounts(self, root: str, provider: str | None = None) -> frozenset[str]:
        """The accounts of all ARNs that a root's states have: of one provider's, or of all."""
        found = (
            some
            for (where, of), some in self._accounts.items()
            if where == root and provider in (None, of)
        )
        return frozenset().union(*found)

    def has(self, root: str) -> bool:
        """Whether its states have any resource."""
        return root in self._roots

    @cached_property
    def _roots(self) -> frozenset[str]:
        return frozenset(root for root, _ in self._all)

    def all_accounts(self) -> frozenset[str]:
        """Of every root: those that this repository manages."""
        return frozenset().union(*self._accounts.values())

    def by_id(self, live: str) -> tuple[tuple[str, StateResource], ...]:
        """Of an id, an ARN or an IAM unique id: (root, resource) of every state that knows it."""
        return self._ids.get(live, ())

    def of_group(self, group: str) -> tuple[tuple[str, StateResource], ...]:
        """The security group itself and every rule resource that is joined to it."""
        return self._groups.get(group, ())

    def count(self, root: str, types: Set[str]) -> int:
        """How many instances of resources of these types a root has."""
        return sum(
            len(found)
            for (where, _, _), found in self._blocks.items()
            if where == root and found[0].address.type in types
        )

    def of_block(
        self, root: str, modules: tuple[str, ...], block: str
    ) -> tuple[StateResource, ...]:
        """Every instance that a block makes, reached through these module calls."""
        return self._blocks.get((root, modules, block), ())


def _keys(resource: StateResource) -> Iterator[tuple[str, str, str]]:
    kind, known = resource.address.type, resource.attributes
    for name in ("id", "arn", *_JOINED):
        value = getattr(known, name)
        if value is not None:
            yield kind, name, value
    for name in _LISTS:
        for value in dict.fromkeys(getattr(known, name)):
            yield kind, name, value


def _account(resource: StateResource) -> str | None:
    """Of the ARN of a resource that is there itself: a subscription's is its topic's with more.

    https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
    """
    if resource.address.type == "aws_sns_topic_subscription":
        return None
    parts = (resource.attributes.arn or "").split(":")
    return parts[4] if len(parts) > 5 and parts[4].isdigit() and len(parts[4]) == 12 else None


def _group_id(resource: StateResource) -> str | None:
    groups = ("aws_security_group", "aws_default_security_group")
    return resource.attributes.id if resource.address.type in groups else None


def _frozen(
    found: dict[str, list[tuple[str, StateResource]]],
) -> dict[str, tuple[tuple[str, StateResource], ...]]:
    return {key: tuple(entries) for key, entries in found.items()}
