"""Sessions of the accounts that a configuration names: its own, a list, or an organisation's."""

from __future__ import annotations

from dataclasses import dataclass

from remediator.aws.account import global_region
from remediator.aws.organization import REGION, read_accounts
from remediator.aws.permissions import Permission
from remediator.aws.session import AwsSession
from remediator.config import Config
from remediator.model import UpstreamError

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
    sessions: list[tuple[str, AwsSession]] = []
    for account in chosen:
        try:
            one = session if account == own else session.assume(role_arn(account, session, config))
            sessions.append((account, one))
        except UpstreamError as fault:
            problems.append(UpstreamError(f"{fault.what} for account {account}", fault.text))
    return Accounts(tuple(sessions), tuple(problems))


def role_arn(account: str, session: AwsSession, config: Config) -> str:
    home = global_region(session.regions[0])
    partition = {"cn-north-1": "aws-cn", "us-gov-west-1": "aws-us-gov"}.get(home, "aws")
    return f"arn:{partition}:iam::{account}:role/{config.aws.role}"
