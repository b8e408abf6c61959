"""Which accounts are our own, by the configuration and by the organisation that the run is in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from remediator.aws.account import AccountView
from remediator.aws.organization import REGION, read_accounts
from remediator.aws.session import AwsSession
from remediator.config import Config
from remediator.model import UpstreamError


@dataclass(frozen=True, slots=True)
class Ours:
    """`accounts` are trusted; `organization` are all of the run's organisation, None where AWS
    does not tell the run's own session."""

    accounts: frozenset[str]
    organization: frozenset[str] | None = None

    def told(self, view: AccountView) -> AccountView:
        """With the organisation's accounts, which AWS tells to its management account alone."""
        known = self.organization
        if known is None or view.account not in known:
            return view
        if not isinstance(view.organization, UpstreamError):
            return view
        return replace(view, organization=known)


def ours(session: AwsSession, config: Config, looked_at: Iterable[str]) -> Ours:
    """`looked_at`: the accounts that were assumed. Whoever names several accounts to look into
    says that they are theirs, whether or not there is an organisation."""
    accounts = frozenset({*config.trusted_accounts, *config.aws.accounts, *looked_at})
    if not config.aws.several:
        return Ours(accounts)
    try:
        found = read_accounts(session.client("organizations", REGION))
    except UpstreamError:
        return Ours(accounts)
    return Ours(accounts, frozenset(a.id for a in found) if found else None)
