"""The facts of findings of identities and policies, from what was read of their account. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from remediator.aws.account import AccountView
from remediator.aws.credential_report import CredentialReport
from remediator.aws.identities import Document, LivePolicy, Principal
from remediator.aws.last_accessed import Uses
from remediator.config import Marker
from remediator.evaluate import access_checks as access
from remediator.evaluate import key_checks as keys
from remediator.evaluate import permission_checks as permissions
from remediator.evaluate import principals as who
from remediator.evaluate import seen
from remediator.evaluate.catalogue import service_of
from remediator.evaluate.contradicted import UNUSED_DAYS, without_used
from remediator.evaluate.facts import Facts
from remediator.evaluate.use import Grant, Removable, Unused, Use, removable
from remediator.model import Finding, Json, UpstreamError
from remediator.texts import listed

UNUSED, ACCESS, CREDENTIALS = "unused-permissions", "external-access", "unused-credentials"
CLASSES = frozenset({UNUSED, ACCESS, CREDENTIALS})


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the configuration says. `grace`: a permission granted less than this ago is kept."""

    window: who.Window
    grace: timedelta
    trusted: frozenset[str]
    markers: Mapping[str, Marker]

    @property
    def now(self) -> datetime:
        return self.window.now


@dataclass(frozen=True, slots=True)
class Resources:
    """Of resources that are no identities, by ARN: the policy as it is or why not, and the tags."""

    policies: Mapping[str, Document | UpstreamError]
    tags: Mapping[str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class Known:
    """Of one account. `uses`: the reports of last use, by principal's ARN; a sentence where there
    is none. `emergency`: the ARNs of the principals that are marked as break-glass."""

    view: AccountView
    resources: Resources
    bounds: Bounds
    uses: Mapping[str, Uses | str]
    emergency: frozenset[str] = frozenset()


def located(finding: Finding, known: Known) -> Finding:
    """With the resource's live tags and name: markers and exemptions go by them."""
    resource, arn = finding.resource, finding.resource.arn or ""
    if resource.type in who.IDENTITIES:
        principal = known.view.principal(arn)
        tags = principal.tags if principal else resource.tags
        return replace(finding, resource=replace(resource, tags=tags))
    tags = known.resources.tags.get(arn, resource.tags)
    return replace(finding, resource=replace(resource, tags=tags))


def may_go(finding: Finding, known: Known) -> Removable | None:
    """What a principal leaves unused; None where what it has is not known."""
    principal = known.view.principal(finding.resource.arn)
    if principal is None:
        return None
    report = known.uses.get(principal.arn)
    times = list(report.times) if isinstance(report, Uses) else []
    sessions = _sessions(principal, known)
    times += [t for t in (sessions.last_used, sessions.heard) if t]
    use = Use(
        _unused(finding.evidence),
        [_grant(p, principal, finding, known) for p in principal.policies],
        times,
        now=known.bounds.now,
        grace=known.bounds.grace,
    )
    found = removable(use)
    if not isinstance(report, Uses):
        return found
    days = _analyzer(finding).get("unused_days")
    window = timedelta(days=days if isinstance(days, int) else UNUSED_DAYS)
    found = without_used(found, report, known.bounds.now, max(window, known.bounds.grace))
    return replace(
        found,
        used=seen.uncatalogued(report),
        unexplained=tuple(seen.unexplained(map(service_of, found.actions), report)),
    )


def _unused(evidence: Mapping[str, Json]) -> list[Unused]:
    found = evidence.get("unused")
    entries = [e for e in found if isinstance(e, dict)] if isinstance(found, list) else []
    return [u for e in entries if (u := _service(e))]


def _service(entry: Mapping[str, Json]) -> Unused | None:
    name, actions = entry.get("service"), entry.get("actions")
    if not isinstance(name, str):
        return None
    if actions is None:
        return Unused(name.casefold(), time_of(entry.get("last_accessed")), None)
    listed = actions if isinstance(actions, list) else []
    pairs = [
        (a["action"], time_of(a.get("last_accessed")))
        for a in listed
        if isinstance(a, dict) and isinstance(a.get("action"), str)
    ]
    return Unused(
        name.casefold(),
        time_of(entry.get("last_accessed")),
        tuple((str(action), time) for action, time in pairs),
    )


def _grant(policy: LivePolicy, principal: Principal, finding: Finding, known: Known) -> Grant:
    """Of an inline policy AWS tells no date. It is settled where CloudTrail knows of no change;
    or else where the analyzer calls unused only what it has seen unused for longer than that."""
    at = known.view.granted(principal, policy)
    made = principal.created_at
    if made is not None and known.bounds.now - made < known.bounds.grace:
        at = max(made, at or made)  # nobody had anything before there was somebody
    analyzer = finding.evidence.get("analyzer")
    days = analyzer.get("unused_days") if isinstance(analyzer, dict) else None
    watched = isinstance(days, int) and timedelta(days=days) >= known.bounds.grace
    return Grant(policy.id, policy.document, at, not known.view.grants.lacking or watched)


def facts_of(finding: Finding, found: Removable | None, known: Known) -> Facts:
    """The checks in the order of the record. `found`: what may go, of unused permissions."""
    view, bounds, resource = known.view, known.bounds, finding.resource
    principal = view.principal(resource.arn)
    why = str(view.identities) if isinstance(view.identities, UpstreamError) else ""
    password, mfa = _console(resource.arn, view)
    facts = who.principal_facts(resource, principal, password, mfa, why)
    policies = principal.policies if principal else None
    if who.is_root(resource):
        return facts
    if finding.finding_class == UNUSED:
        facts = facts.and_(who.escalation_facts(facts.traits, policies))
    sessions = _sessions(principal, known) if principal else None
    facts = facts.and_(who.session_facts(resource, sessions, bounds.window, why))
    if finding.finding_class == UNUSED:
        lacking = _lacking_use(resource.arn, found, known)
        days = _analyzer(finding).get("unused_days")
        made = principal.created_at if principal else None
        facts = facts.and_(permissions.analysis_facts(_analyzed(finding), policies, why, made))
        facts = facts.and_(
            permissions.use_facts(found, policies, days if isinstance(days, int) else None, lacking)
        )
        facts = facts.and_(permissions.database_facts(resource, policies, found, bounds.markers))
    if finding.finding_class == ACCESS:
        facts = facts.and_(_access(finding, known, why))
        if resource.type == who.ROLE:
            reached = permissions.reached_database_facts(resource, policies, bounds.markers)
            facts = facts.and_(reached)
    if finding.finding_class == CREDENTIALS and finding.evidence.get("kind") == "access-key":
        facts = facts.and_(keys.key_facts(view.credentials, resource.arn, bounds.now))
    return facts.and_(access.reversible_facts(finding))


def _access(finding: Finding, known: Known, why: str) -> Facts:
    organization = known.view.organization
    accounts = None if isinstance(organization, UpstreamError) else organization
    live = live_document(finding, known)
    fault = str(live) if isinstance(live, UpstreamError) else why
    read = None if live is None or isinstance(live, UpstreamError) else _as_policy(live)
    facts = permissions.analysis_facts(_analyzed(finding), read, fault)
    return facts.and_(access.trust_facts(finding.evidence, accounts, known.bounds.trusted))


def _as_policy(document: Document) -> Sequence[LivePolicy]:
    return (LivePolicy("its policy", "inline", document, ()),)


def live_document(finding: Finding, known: Known) -> Document | UpstreamError | None:
    """The policy that lets somebody in: a role's trust, or a resource's own."""
    if finding.resource.type in who.IDENTITIES:
        principal = known.view.principal(finding.resource.arn)
        return principal.trust if principal else None
    return known.resources.policies.get(finding.resource.arn or "")


def _sessions(principal: Principal, known: Known) -> who.Sessions:
    view = known.view
    names = (principal.arn, f"{principal.kind}/{principal.name}")
    heard = [view.heard[name] for name in names if name in view.heard]
    lacking = [s for h in view.sessions for s in h.lacking]
    used = principal.last_used
    if principal.kind == "user":
        if isinstance(view.credentials, CredentialReport):
            row = view.credentials.users.get(principal.arn)
            used = row.last_used if row else None
            if row is None:
                lacking.append("the credential report does not have the user yet")
        else:
            lacking.append(str(view.credentials))
    if principal.kind == "group":
        lacking.append("whoever is in the group may be active")
    return who.Sessions(used, max(heard, default=None), tuple(lacking))


def _console(arn: str | None, view: AccountView) -> tuple[bool | None, bool | None]:
    """Whether a user has a password and an MFA device."""
    report = view.credentials
    row = report.users.get(arn or "") if isinstance(report, CredentialReport) else None
    return (row.password, row.mfa) if row else (None, None)


def _lacking_use(arn: str | None, found: Removable | None, known: Known) -> list[str]:
    report = known.uses.get(arn or "", "the report of last use was not asked for")
    if isinstance(report, str):
        return [report]
    missing = seen.unreported(found, report) if found else []
    return [f"the report of last use does not have {listed(missing, 5)}"] if missing else []


def _analyzer(finding: Finding) -> Mapping[str, Json]:
    found = finding.evidence.get("analyzer")
    return found if isinstance(found, dict) else {}


def _analyzed(finding: Finding) -> datetime | None:
    return time_of(_analyzer(finding).get("analyzed_at"))


def time_of(value: Json) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        return None
    return time if time.tzinfo else None


def evidence_of(
    finding: Finding,
    found: Removable | None,
    recommendation: dict[str, Json] | None,
    facts: Facts,
    known: Known,
) -> dict[str, Json]:
    """The evidence with what is live, as the class takes it. Findings of one change have the same
    traits, so that what holds for one of them holds for the change."""
    traits: list[Json] = [*sorted(facts.traits)]
    evidence: dict[str, Json] = {**finding.evidence, "traits": traits}
    if finding.finding_class == UNUSED:
        principal = known.view.principal(finding.resource.arn)
        policies: list[Json] | None = None
        if principal is not None:
            policies = [_policy(p, principal.arn, known.emergency) for p in principal.policies]
        evidence["live"] = {"policies": policies} if policies is not None else None
        evidence["removable"] = found.as_json() if found is not None else None
        evidence["recommendation"] = recommendation
    if finding.finding_class == CREDENTIALS and finding.evidence.get("kind") == "access-key":
        made = keys.never_used_since(known.view.credentials, finding.resource.arn)
        evidence["created_at"] = made.isoformat() if isinstance(made, datetime) else None
    if finding.finding_class == ACCESS:
        live = live_document(finding, known)
        readable = live is not None and not isinstance(live, UpstreamError)
        evidence["live"] = {"document": dict(live)} if readable else None  # type: ignore[arg-type]
    return evidence


def _policy(policy: LivePolicy, of: str, emergency: frozenset[str]) -> Json:
    """A group's inline policy may be called as one of the user's own."""
    group = policy.holder.rpartition("/")[2] if policy.holder not in ("", of) else ""
    return {
        "id": f"{policy.id} of group {group}" if group else policy.id,
        "kind": policy.kind,
        "document": dict(policy.document) if policy.document is not None else None,
        "attached": [*policy.attached],
        "break_glass": [a for a in policy.attached if a in emergency and a != of]
        if policy.kind == "customer"
        else [],
        "updated_at": policy.updated_at.strftime("%Y-%m-%dT%H:%M:%SZ")
        if policy.updated_at
        else None,
    }
