"""Policies that a break-glass identity has, too: a finding of another changes none of them.

By the live account, whose tags are known, and by the names of the states and of the code there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from remediator.model import Check, Disposition, Finding, Resource
from remediator.remediate.iam.attaching import grants_any
from remediator.remediate.iam.principals import OWN, LivePolicy, Principal, live_policies
from remediator.remediate.iam.removable import Removable
from remediator.terraform.state import StateIndex
from remediator.texts import listed, plain

Marked = Callable[[Resource], bool]
"""Whether a resource surely is break-glass, by the markers of the configuration."""
_TYPES = {"role": "AWS::IAM::Role", "user": "AWS::IAM::User", "group": "AWS::IAM::Group"}


def among(
    principals: Iterable[Principal], live: LivePolicy | None, index: StateIndex, marked: Marked
) -> tuple[str, ...]:
    """Who of them is break-glass, with those that the live account says."""
    found = [str(p) for p in principals if any(map(marked, _called(p, index)))]
    return tuple(dict.fromkeys([*(live.emergency if live else ()), *found]))


def _called(principal: Principal, index: StateIndex) -> Iterator[Resource]:
    kind, name, account = _TYPES.get(principal.kind), principal.name, principal.account
    if kind is None:
        return
    own = [r for _, r in index.by(OWN[principal.kind], "name", name)]
    arns = [arn for r in own if (arn := r.attributes.arn) and f":{account}:" in arn]
    arn = next(iter(arns), f"arn:aws:iam::{account}:{principal.kind}/{name}")
    names = [n for r in own for n in (r.address.name, *r.address.module_names)]
    for one in dict.fromkeys([name, *names]):
        yield Resource(kind, name, arn, account, None, one, None)


def whole(finding: Finding, goes: Removable, spared: Sequence[tuple[str, str]]) -> Iterator[Check]:
    """Where no policy is left that may lose any of it. `spared`: each policy that is kept, and
    for whom."""
    live = live_policies(finding)
    kept = {**dict(spared), **{p.id: listed([*p.emergency]) for p in live if p.emergency}}
    granting = [p.id for p in live if grants_any(p.document, goes)]
    if not kept or not {*granting} <= kept.keys():
        return
    shown = [f"{plain(p, 160)} (of {plain(who, 160)})" for p, who in kept.items()]
    yield Check.lowers(
        "who-else",
        Disposition.EXEMPT,
        f"attached to break-glass, and kept as it is: {listed(shown, 3)}",
    )
