"""Access from outside to a queue and a function, from AWS to the merge.

The demo's applier makes neither: they are made by hand, as the code and the state have them.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from commandline import REGION, Ran, SmallStage, main_head, one_root, run, show
from identityworld import STRANGER, document

from remediator.embedded.aws import ACCOUNT
from remediator.embedded.stage import BUCKET

FILE, KEY = "live/prod/main.tf", "live/prod.tfstate"
OTHER = "arn:aws:iam::555566667777:role/x"
PERMISSION = """\
resource "aws_lambda_permission" "{name}" {{
  statement_id  = "{name}"
  function_name = aws_lambda_function.f.function_name
  principal     = "{who}"
  action        = "lambda:InvokeFunction"
}}
"""
PERMISSIONS = {
    "account": PERMISSION.format(name="account", who=STRANGER),
    "role": PERMISSION.format(name="role", who=OTHER),
    "bucket": PERMISSION.format(name="bucket", who="s3.amazonaws.com"),
}
LETS = {
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{STRANGER}:root"},
    "Action": "sqs:SendMessage",
    "Resource": "*",
}
QUEUE = f"""\
resource "aws_sqs_queue" "jobs" {{
  name = "jobs"
}}

resource "aws_sqs_queue_policy" "jobs" {{
  queue_url = aws_sqs_queue.jobs.id
  policy    = <<EOT
{document(LETS)}
EOT
}}
"""
FUNCTION = 'resource "aws_lambda_function" "f" {\n  function_name = "f"\n}\n'


def _function(stage: SmallStage) -> str:
    trust = {"Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = stage.client("iam").create_role(
        RoleName="f", AssumeRolePolicyDocument=document({"Effect": "Allow", **trust})
    )
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("f.py", "")
    client = stage.client("lambda")
    made = client.create_function(
        FunctionName="f",
        Runtime="python3.12",
        Role=role["Role"]["Arn"],
        Handler="f.f",
        Code={"ZipFile": code.getvalue()},
    )
    for name, who in (("account", STRANGER), ("role", OTHER), ("bucket", "s3.amazonaws.com")):
        action = {"StatementId": name, "Action": "lambda:InvokeFunction", "Principal": who}
        client.add_permission(FunctionName="f", **action)
    return str(made["FunctionArn"])


def _queue(stage: SmallStage) -> str:
    client = stage.client("sqs")
    url = client.create_queue(QueueName="jobs")["QueueUrl"]
    client.set_queue_attributes(QueueUrl=url, Attributes={"Policy": document(LETS)})
    return str(url)


def _resource(kind: str, name: str, **attributes: str) -> dict[str, Any]:
    instance = {"schema_version": 0, "attributes": attributes}
    return {"mode": "managed", "type": kind, "name": name, "instances": [instance]}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallStage]:
    files = one_root(QUEUE, FUNCTION, *PERMISSIONS.values())
    with SmallStage(tmp_path_factory.mktemp("world"), files) as stage:
        arn, url = _function(stage), _queue(stage)
        resources = [
            _resource("aws_lambda_function", "f", id="f", function_name="f", arn=arn),
            *(_resource("aws_lambda_permission", n, id=n, function_name="f") for n in PERMISSIONS),
            _resource("aws_sqs_queue", "jobs", id=url, arn=f"arn:aws:sqs:{REGION}:{ACCOUNT}:jobs"),
            _resource("aws_sqs_queue_policy", "jobs", id=url, queue_url=url),
        ]
        state = json.dumps({"version": 4, "resources": resources})
        stage.client("s3").put_object(Bucket=BUCKET, Key=KEY, Body=state.encode())
        stage.configure(sources="{aws_config: null, live_rules: false, access_analyzer: {}}")
        stage.aws.make_older(timedelta(days=1))
        stage.client("accessanalyzer").create_analyzer(analyzerName="a", type="ACCOUNT")
        yield stage


@pytest.fixture(scope="module")
def ran(stage: SmallStage) -> Ran:
    return run(stage)


def test_each_is_closed_by_itself(ran: Ran) -> None:
    assert (ran.status, ran.err) == (0, "")
    assert {(o["finding"]["class"], o["outcome"]) for o in ran.outcomes} == {
        ("external-access", "merged")
    }
    assert len(ran.outcomes) == 3


def test_a_resource_goes_where_no_statement_is_left(stage: SmallStage, ran: Ran) -> None:
    after = show(stage, main_head(stage), FILE)
    assert "aws_sqs_queue_policy" not in after
    assert 'resource "aws_sqs_queue" "jobs"' in after
    assert PERMISSIONS["account"] not in after
    assert PERMISSIONS["role"] not in after
    assert PERMISSIONS["bucket"] in after
