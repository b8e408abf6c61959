"""The Terraform module that `remediator init` writes: the real terraform applies it, and with the
role that it makes every read is allowed."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest
from commandline import remediator

from remediator.aws.session import AwsSession, Credentials
from remediator.commands import checkup_aws
from remediator.commands.checkup import Level
from remediator.config import Aws, Config, Sources
from remediator.embedded.aws import ACCOUNT, REGION, EmbeddedAws
from remediator.embedded.terraform import OVERRIDE_FILE, SERVICES, Terraform, provider_override
from remediator.model import UpstreamError

if TYPE_CHECKING:
    from conftest import NewTerraform

pytestmark = pytest.mark.e2e
ISSUER = "token.actions.githubusercontent.com"
ROLE = "RemediatorReadOnly"


@pytest.fixture
def module(tmp_path: Path) -> Path:
    asked = ("--repository", "acme/infrastructure", "--region", REGION, "--install", "remediator")
    ran = remediator("init", tmp_path, *asked)
    assert ran.status == 0
    return tmp_path / "remediator-aws"


def variables(module: Path, **values: object) -> None:
    (module / "terraform.tfvars.json").write_text(json.dumps(values))


def initialised(module: Path, aws: EmbeddedAws, new: NewTerraform) -> Terraform:
    terraform = new(module)
    override = provider_override(aws.endpoint, REGION, (*SERVICES, "events"))
    (module / OVERRIDE_FILE).write_text(override)
    terraform.init()
    return terraform


def applied(module: Path, aws: EmbeddedAws, new: NewTerraform) -> dict[str, tuple[str, ...]]:
    """What a second plan would still do."""
    terraform = initialised(module, aws, new)
    terraform.apply()
    return dict(terraform.plan().actions)


def client(aws: EmbeddedAws, service: str) -> Any:
    import boto3

    return boto3.client(service, region_name=REGION, endpoint_url=aws.endpoint)


def document(value: Any) -> Any:
    return json.loads(unquote(value)) if isinstance(value, str) else value


def test_it_is_laid_out_as_terraform_wants_it(module: Path) -> None:
    command = ["terraform", "fmt", "-check", "-diff", str(module)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_role_is_for_one_branch_and_can_read_all_that_is_asked_for_and_nothing_more(
    module: Path, embedded_aws: EmbeddedAws, terraform_cli: NewTerraform
) -> None:
    """In one folder: most of the time is terraform's, getting ready."""
    states = client(embedded_aws, "s3")
    for bucket in ("states", "other"):
        states.create_bucket(
            Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        states.put_object(Bucket=bucket, Key="prod.tfstate", Body=b"{}")
    variables(module, state_objects=["arn:aws:s3:::states/*"])
    assert applied(module, embedded_aws, terraform_cli) == {}
    is_for_one_branch(embedded_aws)
    can_read_and_nothing_more(embedded_aws)


def is_for_one_branch(embedded_aws: EmbeddedAws) -> None:
    iam = client(embedded_aws, "iam")
    role = iam.get_role(RoleName=ROLE)["Role"]
    (statement,) = document(role["AssumeRolePolicyDocument"])["Statement"]
    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert statement["Principal"] == {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{ISSUER}"}
    assert statement["Condition"] == {
        "StringEquals": {
            f"{ISSUER}:aud": "sts.amazonaws.com",
            f"{ISSUER}:sub": "repo:acme/infrastructure:ref:refs/heads/main",
        }
    }
    events = client(embedded_aws, "events")
    assert events.list_rules()["Rules"] == []
    assert [r["RoleName"] for r in iam.list_roles()["Roles"]] == [ROLE]


def can_read_and_nothing_more(embedded_aws: EmbeddedAws) -> None:
    given = client(embedded_aws, "sts").assume_role_with_web_identity(
        RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{ROLE}",
        RoleSessionName="GitHubActions",
        WebIdentityToken="emulated",
    )["Credentials"]
    keys = Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    session = AwsSession([REGION], endpoint_url=embedded_aws.endpoint, credentials=keys)
    embedded_aws.enforce_iam()
    sources = Sources.model_validate({"access_analyzer": {}})
    config = Config(version=1, aws=Aws(regions=(REGION,)), sources=sources)
    items = list(checkup_aws.look(session, config))
    wrong = [i.text for i in items if i.level is not Level.OK]
    # moto asks for tagging:GetResources, which AWS calls tag:GetResources.
    assert [text for text in wrong if "tagging:GetResources" not in text] == []
    s3: Any = session.client("s3", REGION)
    assert s3.get_object(Bucket="states", Key="prod.tfstate")["Body"].read() == b"{}"
    ec2: Any = session.client("ec2", REGION)
    for refused in (
        lambda: s3.get_object(Bucket="other", Key="prod.tfstate"),
        lambda: s3.put_object(Bucket="states", Key="prod.tfstate", Body=b""),
        lambda: ec2.create_security_group(GroupName="x", Description="x"),
    ):
        with pytest.raises(Exception, match=r"AccessDenied|UnauthorizedOperation"):
            refused()


def test_findings_wake_the_workflow(
    module: Path, embedded_aws: EmbeddedAws, terraform_cli: NewTerraform
) -> None:
    variables(module, dispatch_token="ghp_emulated")
    assert applied(module, embedded_aws, terraform_cli) == {}
    events = client(embedded_aws, "events")
    (destination,) = events.list_api_destinations()["ApiDestinations"]
    endpoint = "https://api.github.com/repos/acme/infrastructure/dispatches"
    assert destination["InvocationEndpoint"] == endpoint
    assert destination["HttpMethod"] == "POST"
    (rule,) = events.list_rules()["Rules"]
    pattern = json.loads(rule["EventPattern"])
    assert {source for part in pattern["$or"] for source in part["source"]} == {
        "aws.config",
        "aws.access-analyzer",
    }
    (target,) = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
    assert target["Arn"] == destination["ApiDestinationArn"]
    template = target["InputTransformer"]["InputTemplate"]
    sent = {"detail-type": "Config Rules Compliance Change", "detail": {"resourceId": "sg-1"}}
    paths = target["InputTransformer"]["InputPathsMap"]
    for name, path in paths.items():
        template = template.replace(f"<{name}>", json.dumps(sent.get(path.removeprefix("$."))))
    body = json.loads(template)
    assert body["event_type"] == "remediator"
    assert body["client_payload"]["event"].items() >= sent.items()
    assert set(body["client_payload"]["event"]) == {p.removeprefix("$.") for p in paths.values()}
    iam = client(embedded_aws, "iam")
    name = f"{ROLE}-events"
    policy = iam.get_role_policy(RoleName=name, PolicyName="invoke")["PolicyDocument"]
    (statement,) = document(policy)["Statement"]
    assert statement["Action"] == "events:InvokeApiDestination"
    assert statement["Resource"] == destination["ApiDestinationArn"]


def test_a_further_account_lets_in_the_first_ones_role(
    module: Path, embedded_aws: EmbeddedAws, terraform_cli: NewTerraform
) -> None:
    first = f"arn:aws:iam::{ACCOUNT}:role/first"
    client(embedded_aws, "iam").create_role(RoleName="first", AssumeRolePolicyDocument="{}")
    variables(module, trusted_role_arn=first)
    assert applied(module, embedded_aws, terraform_cli) == {}
    iam = client(embedded_aws, "iam")
    role = iam.get_role(RoleName=ROLE)["Role"]
    (statement,) = document(role["AssumeRolePolicyDocument"])["Statement"]
    assert (statement["Action"], statement["Principal"]) == ("sts:AssumeRole", {"AWS": first})
    assert iam.list_open_id_connect_providers()["OpenIDConnectProviderList"] == []


def test_it_is_valid_and_a_pattern_lets_in_nobody(
    module: Path, embedded_aws: EmbeddedAws, terraform_cli: NewTerraform
) -> None:
    """In one folder: most of the time is terraform's, getting ready."""
    terraform = initialised(module, embedded_aws, terraform_cli)
    terraform.validate()
    for given in ({"repository": "acme/*", "branch": "*"}, {"branch": "main:x"}):
        variables(module, **given)
        with pytest.raises(UpstreamError) as refused:
            terraform.apply()
        assert str(refused.value).count("Invalid value for variable") == len(given)
