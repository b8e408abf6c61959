"""What the emulated Access Analyzer, CloudTrail and last accessed rely on inside moto and botocore.

Fails first, and by name, when one of them moves.
"""

from __future__ import annotations

import importlib
import inspect

import botocore.session
import pytest
from moto import backend_index
from moto.cloudtrail.responses import CloudTrailResponse
from moto.core.base_backend import BackendDict
from moto.core.responses import BaseResponse
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.iam.models import (
    AccessKey,
    AWSManagedPolicy,
    Group,
    ManagedPolicy,
    Role,
    User,
    iam_backends,
)
from moto.iam.responses import IamResponse
from moto.moto_server.werkzeug_app import HTTP_METHODS, BackendRequest
from moto.sts.responses import TokenResponse

from remediator.embedded.analyzer_service import HOST, MODULE, EmbeddedAccessAnalyzer
from remediator.embedded.cloudtrail_service import EmbeddedCloudTrail, EmbeddedSts
from remediator.embedded.front import ANALYZER_OPERATIONS
from remediator.embedded.iam_service import EmbeddedIam
from remediator.embedded.served import checked

ACCOUNT, REGION = "123456789012", "us-east-1"


def own(made: type) -> set[str]:
    return {n for n, m in vars(made).items() if inspect.isfunction(m) and n[0] != "_"}


def test_moto_still_lacks_access_analyzer() -> None:
    """Where moto has it, ours must go."""
    assert importlib.util.find_spec("moto.accessanalyzer") is None
    assert MODULE not in {name for name, _ in backend_index.backend_url_patterns}
    host = "http://access-analyzer.us-east-1.amazonaws.com"
    assert HOST.match(host)
    assert not [n for n, form in backend_index.backend_url_patterns if form.match(host)]


@pytest.mark.parametrize(
    ("ours", "motos", "added"),
    [
        (EmbeddedCloudTrail, CloudTrailResponse, {"lookup_events"}),
        (
            EmbeddedIam,
            IamResponse,
            {"generate_service_last_accessed_details", "get_service_last_accessed_details"},
        ),
        (EmbeddedSts, TokenResponse, set()),
        (EmbeddedAccessAnalyzer, BaseResponse, own(EmbeddedAccessAnalyzer)),
    ],
)
def test_moto_lacks_what_is_added_and_has_what_is_extended(
    ours: type, motos: type, added: set[str]
) -> None:
    assert [name for name in added if hasattr(motos, name)] == []
    assert [name for name in own(ours) - added if not hasattr(motos, name)] == []


def test_every_operation_is_one_of_aws_and_has_its_path() -> None:
    model = botocore.session.get_session().get_service_model(MODULE)
    by_method = {name.lower(): name for name in model.operation_names}
    served = {by_method[name.replace("_", "")] for name in own(EmbeddedAccessAnalyzer)}
    assert {name for _, name in ANALYZER_OPERATIONS} == served
    for form, name in ANALYZER_OPERATIONS:
        http = model.operation_model(name).http
        path = http["requestUri"].replace("{analyzerName}", "x").replace("{id}", "x")
        called = f"{http['method']} {path}"
        first = next(n for f, n in ANALYZER_OPERATIONS if f.fullmatch(called))
        assert (bool(form.fullmatch(called)), first) == (True, name)


def test_an_answer_that_aws_could_not_give_is_not_given() -> None:
    with pytest.raises(ValueError, match=r'Missing required parameter in input: "findings"'):
        checked(MODULE, "ListFindingsV2", {})
    with pytest.raises(ValueError, match="Invalid type"):
        checked("cloudtrail", "LookupEvents", {"Events": [{"EventTime": 3.5j}]})


def test_iam_keeps_what_is_read_and_set() -> None:
    backend = iam_backends[ACCOUNT]["aws"]
    assert {"roles", "users", "groups", "managed_policies", "access_keys"} <= set(vars(backend))
    role = Role(ACCOUNT, "aws", "AROA", "r", "{}", "/", None, "", [], None)
    assert {"policies", "managed_policies", "create_date"} <= set(vars(role))
    assert {"last_used", "last_used_region", "assume_role_policy_document"} <= set(vars(role))
    user = User(ACCOUNT, REGION, "u")
    assert {"policies", "managed_policies", "access_keys", "password"} <= set(vars(user))
    assert {"password_last_used", "create_date", "account_id"} <= set(vars(user))
    group = Group(ACCOUNT, REGION, "g")
    assert {"policies", "managed_policies", "users", "create_date"} <= set(vars(group))
    key = AccessKey("u", "AKIA", ACCOUNT)
    assert {"last_used", "status", "create_date", "access_key_id"} <= set(vars(key))
    policy = ManagedPolicy("p", ACCOUNT, REGION, "v1", document="{}")
    assert issubclass(AWSManagedPolicy, ManagedPolicy)
    assert {"versions", "create_date", "update_date", "account_id"} <= set(vars(policy))
    assert {"document", "is_default", "create_date"} <= set(vars(policy.versions[0]))


@pytest.mark.parametrize(
    ("module", "name", "region", "attribute"),
    [
        ("s3", "s3", "aws", "buckets"),
        ("kms", "kms", REGION, "keys"),
        ("sqs", "sqs", REGION, "queues"),
        ("sns", "sns", REGION, "topics"),
        ("awslambda", "lambda", REGION, "list_functions"),
        ("secretsmanager", "secretsmanager", REGION, "secrets"),
        ("ecr", "ecr", REGION, "repositories"),
        ("organizations", "organizations", "aws", "accounts"),
    ],
)
def test_backends_have_what_is_guarded(module: str, name: str, region: str, attribute: str) -> None:
    backends = getattr(importlib.import_module(f"moto.{module}.models"), f"{name}_backends")
    assert isinstance(backends, BackendDict)
    assert hasattr(backends[ACCOUNT][region], attribute)


def test_the_engine_of_enforcement_answers_by_document() -> None:
    policy = IAMPolicy('{"Statement": [{"Effect": "Allow", "Action": "a:B", "Resource": "*"}]}')
    assert policy.is_action_permitted("a:B", "*") is PermissionResult.PERMITTED
    assert policy.is_action_permitted("a:C", "*") is PermissionResult.NEUTRAL


def test_an_application_can_be_made_of_its_parts() -> None:
    assert BackendRequest.from_wsgi_server is True
    assert {"GET", "POST", "PUT", "DELETE"} <= set(HTTP_METHODS)
