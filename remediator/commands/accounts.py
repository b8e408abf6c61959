"""Sessions of the accounts that a configuration names: its own, a list, or an organisation's."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from remediator.aws.account import global_region
from remediator.aws.organization import REGION, read_accounts
from remediator.aws.permissions import Permission
from remediator.aws.session import AwsSession
from remediator.config import Config
from remediator.model import UpstreamError

AT_ONCE = 4
"""Accounts whose roles are assumed, and that are read, at a time."""

ASSUMING = Permission("sts:AssumeRole", "to read the other accounts, each by its own role")


@dataclass(frozen=True, slots=True)
class Accounts:
    """`sessions` by account id, the session's own first; an account whose role cannot be assumed
    is a fault, and the others go on."""

    sessions: tuple[tuple[str, AwsSession], ...]
    problems: tuple[UpstreamError, ...] = ()


def accounts_of(
    session: AwsSession, config: Config, only: frozenset[str] = frozenset()
) -> Accounts:
    """`only`: the accounts that an event is from; empty is all."""
    try:
        own = session.account()
    except UpstreamError as fault:
        return Accounts((), (fault,))
    if not config.aws.several:
        return Accounts(((own, session),))
    problems: list[UpstreamError] = []
    wanted = list(config.aws.accounts)
    if config.aws.organization:
        try:
            found = read_accounts(session.client("organizations", REGION))
            wanted += [a.id for a in found or () if a.active]
        except UpstreamError as fault:
            problems.append(fault)
    chosen = [a for a in dict.fromkeys(wanted) if not only or a in only]

    def one(account: str) -> AwsSession | UpstreamError:
        try:
            return session if account == own else session.assume(role_arn(account, session, config))
        except UpstreamError as fault:
            return UpstreamError(f"{fault.what} for account {account}", fault.text)

    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        answers = list(zip(chosen, pool.map(one, chosen), strict=True))
    sessions = tuple((a, s) for a, s in answers if not isinstance(s, UpstreamError))
    problems += (fault for _, fault in answers if isinstance(fault, UpstreamError))
    return Accounts(sessions, tuple(problems))


def role_arn(account: str, session: AwsSession, config: Config) -> str:
    home = global_region(session.regions[0])
    partition = {"cn-north-1": "aws-cn", "us-gov-west-1": "aws-us-gov"}.get(home, "aws")
    return f"arn:{partition}:iam::{account}:role/{config.aws.role}"
