"""Contexts in which conditions may come out one way or the other: what a witness is tried in.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from itertools import chain, islice, product

from remediator.access.iam.conditions import Condition, Family, Network, moment, network, number
from remediator.access.iam.operators import holds
from remediator.access.iam.patterns import ANY, STAR, Pattern, key_of, settled
from remediator.access.iam.principals import Principal, Sort

_TRIES = 80
_VALUES = 40
_Values = tuple[str, ...]

_GROUPS = {
    "aws:sourceip": "network",
    "aws:sourcevpc": "network",
    "aws:sourcevpce": "network",
    "aws:vpcsourceip": "network",
    "aws:principalorgid": "organization",
    "aws:sourcearn": "source",
    "aws:sourceaccount": "source",
    "aws:multifactorauthpresent": "mfa",
    "aws:multifactorauthage": "mfa",
    "aws:currenttime": "time",
    "aws:epochtime": "time",
    "aws:securetransport": "transport",
    "aws:requestedregion": "region",
    "aws:useragent": "agent",
    "aws:referer": "referer",
    "sts:externalid": "external id",
}
"""Keys of different groups tell nothing of each other, nor of the principal or the resource."""
_TAGS = ("principaltag/", "requesttag/", "resourcetag/")
_OPTIONAL = {
    *("aws:multifactorauthpresent", "aws:multifactorauthage", "aws:principalorgid", "aws:referer"),
    *("aws:sourcevpc", "aws:sourcevpce", "aws:sourcearn", "aws:sourceaccount", "aws:tagkeys"),
    *("aws:useragent", "aws:tokenissuetime", "aws:sourceidentity", "sts:externalid"),
}
"""Keys that a request may lack. Of others that is not known."""
_OF_SOMEBODY = ("aws:principal", "aws:userid", "aws:username")
_ACCOUNT_KEYS = ("account", "accountid")


def independent(keys: Iterable[str]) -> bool:
    groups = [_tag(key) or _GROUPS.get(key) for key in keys]
    return None not in groups and len(set(groups)) == len(groups)


def _tag(key: str) -> str:
    """The part of a key that names a tag, which services repeat under prefixes of their own."""
    name = key.partition(":")[2]
    return name if name.startswith(_TAGS) else ""


def determined(key: str, asker: Principal) -> bool:
    """Whether the principal alone says what the key is."""
    own = derived(asker)
    return own is not None and (key in own or _of_nobody(key, own))


def _of_nobody(key: str, own: Mapping[str, str]) -> bool:
    return "aws:principalaccount" not in own and key.startswith(_OF_SOMEBODY)


def settling(patterns: Iterable[Pattern]) -> dict[str, str]:
    """A value for each variable, that no pattern names."""
    named = "".join(one.text for one in patterns)
    keys = dict.fromkeys(key_of(v) for one in patterns for v in one.variables)
    return {key: _unnamed(key, number, named) for number, key in enumerate(sorted(keys), 1)}


def _unnamed(key: str, number: int, named: str) -> str:
    made = f"{_account(number)}" if key.endswith(_ACCOUNT_KEYS) else f"some-{number}"
    while made in named:
        made = str(int(made) + 1) if made.isdecimal() else f"{made}-x"
    return made


def _account(number: int) -> str:
    return f"{222233330000 + number}"


def contexts(
    conditions: Iterable[Condition],
    wanted: Iterable[Condition],
    asker: Principal,
    fixed: Mapping[str, str],
) -> Iterator[dict[str, _Values]]:
    """Some contexts that this principal may ask in, with all that the conditions tell apart.

    First one where `wanted` holds, if there is one, then those that differ from it in one key.
    `fixed` are the values of variables.
    """
    by_key: dict[str, list[Condition]] = {}
    for condition in sorted(conditions, key=lambda c: c.place):
        by_key.setdefault(condition.key, []).append(condition)
    given = {key: (value,) for key, value in fixed.items()}
    own, held = derived(asker), list(wanted)
    choices = [
        sorted(_choices(key, some, own, fixed), key=partial(_misses, key, held, given))
        for key, some in _ordered(by_key, held).items()
    ]
    if not all(choices):
        return
    for chosen in islice(chain(_one_other(choices), product(*choices)), _TRIES):
        made = {**given, **dict(zip(by_key, chosen, strict=True))}
        yield {key: values for key, values in made.items() if values}


def _ordered(
    by_key: Mapping[str, list[Condition]], wanted: Collection[Condition]
) -> dict[str, list[Condition]]:
    """With those that are wanted first, for only so many values are tried."""
    return {key: sorted(some, key=lambda c: c not in wanted) for key, some in by_key.items()}


def _misses(
    key: str, wanted: Iterable[Condition], given: Mapping[str, _Values], values: _Values
) -> int:
    """How many of the conditions on the key do not hold."""
    context = {**given, key: values} if values else given
    return sum(not holds(one, context) for one in wanted if one.key == key)


def _one_other(choices: Sequence[Sequence[_Values]]) -> Iterator[tuple[_Values, ...]]:
    best = tuple(some[0] for some in choices)
    yield best
    for place, some in enumerate(choices):
        for other in some[1:]:
            yield (*best[:place], other, *best[place + 1 :])


def derived(asker: Principal) -> Mapping[str, str] | None:
    """What a request says of the principal; None where it may be anybody."""
    account = asker.account.partition(":")[2]
    match asker.sort:
        case Sort.IDENTITY | Sort.UNIQUE_ID | Sort.CANONICAL | Sort.FEDERATED:
            return None
        case Sort.ACCOUNT | Sort.ROLE:
            return {"aws:principalarn": str(asker), "aws:principalaccount": account}
        case Sort.USER:
            name = {"aws:username": asker.role}
            return {"aws:principalarn": str(asker), "aws:principalaccount": account, **name}
        case Sort.SESSION | Sort.FEDERATED_USER:
            return {"aws:principalaccount": account}
        case Sort.SERVICE:
            return {"aws:principalservicename": asker.name, "aws:principalisawsservice": "true"}
        case _:
            return {}


def _choices(
    key: str,
    conditions: Sequence[Condition],
    own: Mapping[str, str] | None,
    fixed: Mapping[str, str],
) -> Iterator[_Values]:
    """Values to try for one key; an empty one is a request without it."""
    if key in fixed:
        yield (fixed[key],)
        return
    if own is not None and key in own:
        yield (own[key],)
        return
    if own is not None and _of_nobody(key, own):
        yield ()
        return
    tried = dict.fromkeys(text for condition in conditions for text in _others(condition))
    for condition in conditions:
        for value in sorted(condition.values, key=lambda v: v.text)[:_VALUES]:
            with suppress(ValueError, OverflowError):
                tried.update(dict.fromkeys(_examples(condition.operator.family, value, fixed)))
    yield from ((text,) for text in [*tried][:_VALUES])
    if key in _OPTIONAL or _tag(key):
        yield ()


def _examples(family: Family, value: Pattern, fixed: Mapping[str, str]) -> Iterator[str]:
    """Values that match, and those beside them."""
    made = settled(value, fixed)
    if made is None:
        return
    match family:
        case Family.NUMBER:
            yield from (str(number(made.plain) + n) for n in (-1, 0, 1))
        case Family.DATE:
            around = (moment(made.plain) + timedelta(seconds=n) for n in (-1, 0, 1))
            yield from (f"{m:%Y-%m-%dT%H:%M:%SZ}" for m in around)
        case Family.ADDRESS:
            yield from _around(network(made.plain))
        case Family.BOOL:
            yield from ("true", "false")
        case Family.NULL:
            return
        case _:
            instead = {STAR: "any", ANY: "x"}
            yield "".join(instead.get(token, token) for token in made.tokens)


def _around(held: Network) -> Iterator[str]:
    """The ends of a network, and the addresses beside it."""
    most = (1 << held.max_prefixlen) - 1
    first, last = int(held.network_address), int(held.broadcast_address)
    make = type(held.network_address)
    yield from (str(make(n)) for n in {first - 1, first, last, last + 1} if 0 <= n <= most)


def _others(condition: Condition) -> Iterator[str]:
    """Values that none of the condition's are."""
    match condition.operator.family:
        case Family.ADDRESS:
            yield from ("192.0.2.99", "203.0.113.99")
        case Family.ARN:
            yield "arn:aws:other:us-east-1:111122223333:other"
        case Family.EQUALS | Family.FOLDED | Family.LIKE | Family.NULL:
            yield "111122229999" if condition.key.endswith(_ACCOUNT_KEYS) else "other"
        case _:
            return
