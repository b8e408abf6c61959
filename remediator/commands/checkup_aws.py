"""doctor, AWS: whose credentials these are, and whether each read is allowed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from remediator.aws.faults import error_code, upstream
from remediator.aws.organization import REGION as ORGANIZATIONS_REGION
from remediator.aws.session import AwsSession
from remediator.commands.accounts import AT_ONCE, accounts_of
from remediator.commands.checkup import Item, Level
from remediator.config import Config
from remediator.model import UpstreamError

AREA = "aws"


@dataclass(frozen=True, slots=True)
class Probe:
    """The smallest call that one permission allows. With a code of `allowed` AWS says that there
    is nothing of that name, and so that it would have told."""

    service: str
    operation: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    allowed: frozenset[str] = frozenset()
    everywhere: bool = False
    """In each region, and not in the first alone."""


_NOBODY = "remediator-doctor"
_LIVE = (
    Probe("ec2", "DescribeSecurityGroups", {"MaxResults": 5}, everywhere=True),
    Probe("ec2", "DescribeSecurityGroupRules", {"MaxResults": 5}, everywhere=True),
)
_CONFIG = (
    Probe("config", "DescribeConfigRules", everywhere=True),
    Probe(
        "config",
        "GetComplianceDetailsByConfigRule",
        {"ConfigRuleName": _NOBODY, "Limit": 1},
        frozenset({"NoSuchConfigRuleException"}),
        everywhere=True,
    ),
)
_IDENTITIES = (
    Probe("accessanalyzer", "ListAnalyzers", {"maxResults": 1}, everywhere=True),
    Probe("iam", "GetAccountAuthorizationDetails", {"MaxItems": 1}),
    Probe(
        "iam",
        "GetCredentialReport",
        {},
        frozenset({"ReportNotPresent", "ReportExpired", "ReportInProgress"}),
    ),
    Probe("iam", "ListAccessKeys", {"UserName": _NOBODY}, frozenset({"NoSuchEntity"})),
    Probe("cloudtrail", "LookupEvents", {"MaxResults": 1}),
    Probe("resourcegroupstaggingapi", "GetResources", {"ResourcesPerPage": 1}),
)
_ORGANIZATION = Probe(
    "organizations",
    "ListAccounts",
    {"MaxResults": 1},
    frozenset({"AWSOrganizationsNotInUseException"}),
)


def look(session: AwsSession, config: Config) -> Iterator[Item]:
    region = session.regions[0]
    with upstream("sts", "GetCallerIdentity", region):
        who = session.client("sts", region).get_caller_identity()
    yield Item(AREA, Level.OK, f"credentials of {who['Arn']}, in {', '.join(session.regions)}")
    if who["Arn"].endswith(":root"):
        text = "these are the root account's credentials, which can do everything"
        yield Item(AREA, Level.WARN, text, "use a read-only role: `remediator init` writes one")
    if config.aws.organization:
        yield from _asked(session, _ORGANIZATION, ORGANIZATIONS_REGION)
    accounts = accounts_of(session, config)
    for fault in accounts.problems:
        advice = "let that account's role be assumed by this one (`aws.role`)"
        yield Item(AREA, Level.FAIL, str(fault), advice)
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        for items in pool.map(lambda of: _account(of[0], of[1], config), accounts.sessions):
            yield from items


def _account(account: str, session: AwsSession, config: Config) -> list[Item]:
    found = [
        item
        for probe, region in _wanted(session, config)
        for item in _asked(session, probe, region, account)
    ]
    text = f"account {account}: every read that is asked for here is allowed"
    return found or [Item(AREA, Level.OK, text)]


def _wanted(session: AwsSession, config: Config) -> Iterator[tuple[Probe, str]]:
    probes = list(_LIVE)
    if config.sources.aws_config is not None:
        probes += _CONFIG
    if config.sources.access_analyzer is not None:
        probes += _IDENTITIES
    for probe in probes:
        for region in session.regions if probe.everywhere else session.regions[:1]:
            yield probe, region


def _asked(session: AwsSession, probe: Probe, region: str, account: str = "") -> Iterator[Item]:
    """Nothing where it is allowed; what AWS says names the permission where it is not."""
    try:
        _call(session, probe, region)
    except UpstreamError as fault:
        where = f" (account {account})" if account else ""
        advice = "give the role this permission: `remediator init` writes a policy with all of them"
        denied = "access denied" in fault.text
        yield Item(AREA, Level.FAIL, f"{fault}{where}", advice if denied else "")


def _call(session: AwsSession, probe: Probe, region: str) -> None:
    from botocore import xform_name
    from botocore.exceptions import ClientError

    client: Any = session.client(probe.service, region)  # type: ignore[call-overload]
    with upstream(probe.service, probe.operation, region):
        try:
            getattr(client, xform_name(probe.operation))(**probe.arguments)
        except ClientError as error:
            if error_code(error) not in probe.allowed:
                raise
