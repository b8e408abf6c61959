"""What the embedded AWS relies on inside moto. Fails first, and by name, when moto moves."""

from __future__ import annotations

import inspect
import subprocess
import sys
from importlib.metadata import requires, version

from moto.config.models import ConfigRule, config_backends
from moto.config.responses import ConfigResponse
from moto.core.authorization import ActionAuthenticatorMixin
from moto.core.exceptions import AccessDeniedError, JsonRESTError
from moto.core.responses import ActionResult, BaseResponse
from moto.core.utils import convert_to_flask_response
from moto.ec2.models import ec2_backends
from moto.ec2.models.security_groups import SecurityGroupRule
from moto.ec2.responses import EC2Response
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from remediator.embedded.config_service import EmbeddedConfig

ACCOUNT, REGION = "123456789012", "eu-west-1"


def test_moto_is_the_version_that_was_tried() -> None:
    assert version("moto") == "5.2.5"
    pinned = [r for r in requires("remediator") or () if r.startswith("moto")]
    assert pinned
    assert all("==5.2.5" in r for r in pinned)


def test_moto_still_lacks_what_is_added() -> None:
    """Where moto has it, ours must go."""
    added = [n for n, m in vars(EmbeddedConfig).items() if inspect.isfunction(m) and n[0] != "_"]
    assert len(added) == 3
    assert [n for n in added if hasattr(ConfigResponse, n)] == []


def test_backends_are_by_account_and_region() -> None:
    assert isinstance(config_backends[ACCOUNT][REGION].config_rules, dict)
    groups = ec2_backends[ACCOUNT][REGION].describe_security_groups()
    assert {"id", "ingress_rules", "egress_rules"} <= set(vars(groups[0]))


def test_a_config_rule_tells_its_identifier_and_parameters() -> None:
    source = {"Owner": "AWS", "SourceIdentifier": "RESTRICTED_INCOMING_TRAFFIC"}
    raw = {
        "ConfigRuleName": "x",
        "Source": source,
        "InputParameters": '{"blockedPort1": "22"}',
    }
    rule = ConfigRule(ACCOUNT, REGION, raw, {})
    assert rule.source.source_identifier == "RESTRICTED_INCOMING_TRAFFIC"
    assert rule.input_parameters_dict == {"blockedPort1": "22"}


def test_a_security_group_rule_has_ports_and_cidrs() -> None:
    backend = ec2_backends[ACCOUNT][REGION]
    rule = SecurityGroupRule(backend, "-1", "sg-1", None, None, {"CidrIpv6": "::/0"})
    assert (rule.ip_protocol, rule.from_port, rule.to_port) == ("-1", None, None)
    assert (rule.cidr_ipv4, rule.cidr_ipv6) == (None, "::/0")


def test_responses_dispatch_by_method_and_answer_action_results() -> None:
    assert inspect.ismethod(ConfigResponse.dispatch)
    assert issubclass(EC2Response, BaseResponse)
    assert {"describe_security_groups", "describe_security_group_rules"} <= set(dir(EC2Response))
    assert ActionResult({"a": 1}).result == {"a": 1}
    assert callable(convert_to_flask_response(ConfigResponse.dispatch))
    assert hasattr(ActionAuthenticatorMixin, "_authenticate_and_authorize_normal_action")
    assert isinstance(AccessDeniedError("u", "a").to_json(), JsonRESTError)


def test_an_application_a_service_with_one_view_each() -> None:
    assert "create_app" in inspect.signature(DomainDispatcherApplication).parameters
    for service in ("config", "ec2"):
        assert len(create_backend_app(service).view_functions) == 1


def test_moto_and_boto3_wait_until_they_are_wanted() -> None:
    code = (
        "import sys, remediator.embedded.aws, remediator.embedded.terraform, "
        "remediator.detect.live, remediator.detect.aws_config; "
        "print([m for m in ('moto', 'boto3', 'botocore', 'werkzeug') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
