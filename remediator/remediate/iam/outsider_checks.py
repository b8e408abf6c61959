"""Whether it is a stranger that goes, and whether it is out when it is gone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from remediator.model import Check, Disposition, Finding, Json, Refusal
from remediator.remediate.iam.catalogue import globbed
from remediator.remediate.iam.outsiders import EVERYBODY, account_of, outsider_of
from remediator.remediate.iam.policy_access import listed as texts
from remediator.remediate.iam.principals import account_in
from remediator.remediate.iam.trusting import Trusting, lets_in
from remediator.remediate.instances import EvaluatedInstance
from remediator.terraform.value import as_text
from remediator.texts import listed, plain


def own_account(finding: Finding) -> Refusal | None:
    """A policy that keeps its own account out locks it out: of a key, for good."""
    own = finding.resource.account or account_in(finding.resource.arn)
    who = outsider_of(finding)
    if own is None or own not in {account_of(text) for kind, text in who.pairs if kind == "AWS"}:
        return None
    return Refusal(
        "locate",
        "own-account",
        f"the finding names {plain(who.shown, 120)}, which is of the resource's own account "
        f"{own}, and no access from outside: to take it away may lock the account out. Look at "
        "what made the finding",
    )


def named_check(finding: Finding) -> Iterator[Check]:
    """Services, federated users and canonical ids are of no account that could be unknown."""
    who = outsider_of(finding)
    strange = [text for kind, text in sorted(who.pairs) if kind != "AWS" or not account_of(text)]
    strange = [text for text in strange if text != EVERYBODY]
    if strange:
        names = listed([plain(text, 80) for text in strange], 3)
        yield Check.lowers("outsider", Disposition.REVIEW, f"{names} names no account")
    given = finding.evidence.get("accounts")
    accounts = [a for a in given if isinstance(a, str)] if isinstance(given, list) else []
    others = [t for _, t in sorted(who.pairs) if (a := account_of(t)) and a not in accounts]
    if accounts and others:
        detail = f"{listed(others, 3)} is not of the accounts that the finding names"
        yield Check.lowers("outsider", Disposition.REVIEW, detail)


_MANAGED = "managed_accounts"
"""What is added to a finding's evidence: whom it names of the accounts that the states have."""


def told(finding: Finding, managed: frozenset[str]) -> Finding:
    """With the accounts that this repository manages, as far as the finding names them."""
    pairs = outsider_of(finding).pairs
    named = {a for kind, text in pairs if kind == "AWS" and (a := account_of(text))}
    found: list[Json] = [*sorted(named & managed)]
    given = {name: value for name, value in finding.evidence.items() if name != _MANAGED}
    return replace(finding, evidence={**given, _MANAGED: found} if found else given)


def managed_check(finding: Finding) -> Iterator[Check]:
    """An account with resources here is one of ours, whatever no organisation says."""
    found = finding.evidence.get(_MANAGED)
    if isinstance(found, list) and found:
        names = listed([str(account) for account in found], 3)
        detail = f"{names} is an account whose resources this repository has in its states"
        yield Check.lowers("outsider", Disposition.REVIEW, detail)


_DELIVERY = frozenset(("s3:putobject", "s3:putobjectacl", "s3:getbucketacl", "s3:getbucketpolicy"))
"""What AWS's own accounts need to deliver logs and reports: of Elastic Load Balancing, Redshift, …

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
"""


def delivery_check(finding: Finding, instances: Sequence[EvaluatedInstance]) -> Iterator[Check]:
    """Who may write to a bucket and read nothing of it mostly delivers its logs, from an account
    of AWS that no organisation has: without that, the logs stop and nobody is told."""
    who = outsider_of(finding)
    for instance in instances:
        assert isinstance(instance.evaluation, Trusting)
        for text in instance.evaluation.texts:
            meant = [s for s in text.statements if lets_in(s, who)]
            actions = {(as_text(a) or "?").lower() for s in meant for a in s.actions}
            writes = {a for a in actions if globbed(a).fullmatch("s3:putobject")}
            is_delivery = all(a in _DELIVERY or a.startswith("s3:putobject") for a in actions)
            if writes and is_delivery and not any(s.negated for s in meant):
                detail = f"{plain(who.shown, 80)} only writes to it, as who delivers logs does"
                yield Check.lowers("log-delivery", Disposition.REVIEW, detail)
                return


def still_in(finding: Finding, instances: Sequence[EvaluatedInstance]) -> Iterator[str]:
    """Statements for everybody are for this one too, and are another finding's to change."""
    if outsider_of(finding).is_("AWS", EVERYBODY):
        return
    for instance in instances:
        assert isinstance(instance.evaluation, Trusting)
        for document in instance.evaluation.access.documents:
            for number, statement in enumerate(document.statements):
                principal = statement.get("Principal")
                named = principal.get("AWS") if isinstance(principal, dict) else principal
                if statement.get("Effect") == "Allow" and EVERYBODY in texts(named):
                    name = plain(str(statement.get("Sid") or f"#{number}"), 60)
                    yield f"statement {name} of {instance.address} lets in everybody, and so it"
