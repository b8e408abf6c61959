"""What a plan's values come to, in the words that a prediction is made in: a facet.

Only what is named here is ever kept of a value. A facet is a set of texts, sorted: two of them
are equal where they mean the same, however each was written.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from remediator.access.doors import Ports
from remediator.access.network import Rule, RuleSet, parse_cidr
from remediator.model import Json

INGRESS = "ingress"
OTHER_SOURCES = "ingress from others"
Texts = tuple[str, ...]
Values = Mapping[str, Json]
NOTHING: Mapping[str, Texts] = MappingProxyType({})

_SOURCES = ("cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6")
_OTHERS = (
    "prefix_list_ids",
    "prefix_list_id",
    "security_groups",
    "source_security_group_id",
    "referenced_security_group_id",
)
_PORTS = ("protocol", "ip_protocol", "from_port", "to_port")


@dataclass(frozen=True, slots=True)
class Facet:
    """`attributes` are those that it is read from, in full. `texts` raises ValueError, TypeError
    or AttributeError for values of a form that it does not know."""

    attributes: frozenset[str]
    texts: Callable[[Values], Texts]


def _of_rules(read: Callable[[Values], Iterable[Rule]]) -> Callable[[Values], Texts]:
    return lambda values: RuleSet.of(read(values)).describe()


def ingress(rules: Iterable[Rule]) -> Texts:
    """The facet `ingress` of rules that were evaluated: who may come in, by CIDR."""
    return RuleSet.of(r for r in rules if _is_cidr(r.source)).describe()


def _is_cidr(text: str) -> bool:
    try:
        parse_cidr(text)
    except ValueError:
        return False
    return True


def _inline(of_element: Callable[[Values], Iterable[Rule]]) -> Callable[[Values], Iterable[Rule]]:
    def read(values: Values) -> Iterator[Rule]:
        elements = values.get("ingress") or []
        if not isinstance(elements, list):
            raise TypeError("`ingress` is no list")
        for element in elements:
            if not isinstance(element, dict):
                raise TypeError("an element of `ingress` is no object")
            yield from of_element(element)

    return read


def _cidrs(values: Values) -> Iterator[Rule]:
    return _rules(values, [text for name in _SOURCES for text in _listed(values.get(name))])


def _others(values: Values) -> Iterator[Rule]:
    named = [f"{name}: {text}" for name in _OTHERS for text in _listed(values.get(name))]
    return _rules(values, [*named, *(["self"] if values.get("self") else [])])


def _rules(values: Values, sources: Iterable[str]) -> Iterator[Rule]:
    if values.get("type") == "egress":
        return
    protocol = values.get("protocol") or values.get("ip_protocol")
    ports = Ports.of(str(protocol), _port(values.get("from_port")), _port(values.get("to_port")))
    yield from (Rule(ports.protocol, ports.from_port, ports.to_port, s) for s in sources)


def _port(value: Json) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise TypeError("a port is no number")


def _listed(value: Json) -> list[str]:
    found = value if isinstance(value, list) else [] if value in (None, "") else [value]
    if not all(isinstance(text, str) for text in found):
        raise TypeError("a source is no text")
    return [str(text) for text in found]


# Policies ------------------------------------------------------------------------------------


def statements(document: Json) -> Texts:
    """The statements of a policy, each as canonical JSON: a list of one is its item, and the order
    within a list does not count. Raises TypeError for what is no policy."""
    if not isinstance(document, dict):
        raise TypeError("a policy is no object")
    found = document.get("Statement")
    items = found if isinstance(found, list) else [found]
    return tuple(sorted(json.dumps(_settled(s), sort_keys=True) for s in items))


def _settled(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _settled(item) for key, item in value.items()}
    if isinstance(value, list):
        items = sorted({json.dumps(_settled(item), sort_keys=True) for item in value})
        return json.loads(items[0]) if len(items) == 1 else [json.loads(item) for item in items]
    return value


def _policy(argument: str) -> Facet:
    def read(values: Values) -> Texts:
        text = values.get(argument)
        if not isinstance(text, str):
            raise TypeError("a policy is no text")
        return statements(json.loads(text))

    return Facet(frozenset((argument,)), read)


_WITH_POLICY = (
    *("aws_iam_policy", "aws_iam_role_policy", "aws_iam_user_policy", "aws_iam_group_policy"),
    *("aws_s3_bucket_policy", "aws_kms_key", "aws_kms_key_policy", "aws_sqs_queue"),
    *("aws_sqs_queue_policy", "aws_sns_topic", "aws_sns_topic_policy"),
    *("aws_secretsmanager_secret", "aws_secretsmanager_secret_policy"),
    "aws_ecr_repository_policy",
)
_INLINE = frozenset((INGRESS,))
_EVERY = frozenset((*_PORTS, "type"))
_GROUP = {
    INGRESS: Facet(_INLINE, _of_rules(_inline(_cidrs))),
    OTHER_SOURCES: Facet(_INLINE, _of_rules(_inline(_others))),
}
_RULE = {
    INGRESS: Facet(_EVERY.union(_SOURCES), _of_rules(_cidrs)),
    OTHER_SOURCES: Facet(_EVERY.union(_OTHERS, ["self"]), _of_rules(_others)),
}
FACETS: Mapping[str, Mapping[str, Facet]] = {
    "aws_security_group": _GROUP,
    "aws_security_group_rule": _RULE,
    "aws_vpc_security_group_ingress_rule": _RULE,
    **{kind: {"policy": _policy("policy")} for kind in _WITH_POLICY},
    "aws_iam_role": {"assume_role_policy": _policy("assume_role_policy")},
}
"""By resource type."""
