"""Names, tags and findings of identities that try to be something else: in the commit, on the
terminal and in the JSON they stay text, on their own line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from commandline import REGION, Ran, SmallStage, bot_branches, main_head, one_root, run
from identityworld import ago

from remediator.embedded.aws import ACCOUNT

FORGED = "Finding-Class: open-egress"
ATTACK = {
    "a newline and a trailer": f"x\n\n{FORGED}\nDisposition: exempt",
    "a carriage return": f"x\r{FORGED}",
    "a line separator of Unicode": f"x\u2028{FORGED}",
    "a workflow command": "x\n::set-output name=merged::true\n::add-mask::x",
    "Markdown": "**x** [here](https://example.com) `` `y` `` | z | @everyone closes #1",
    "HTML": '<img src=x onerror="alert(1)"><!-- <b>',
    "an escape of the terminal": "x\x1b[2J\x1b]0;title\x07",
    "from right to left": "x\u202etxt.exe",
}
USED = "s3:ListAllMyBuckets"
NAMES = [f"orders-{number}" for number in range(len(ATTACK))]
ROLE = """\
resource "aws_iam_role" "{name}" {{
  name = "{name}"
  assume_role_policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{
      Effect    = "Allow"
      Principal = {{ Service = "lambda.amazonaws.com" }}
      Action    = "sts:AssumeRole"
    }}]
  }})
}}

resource "aws_iam_role_policy" "{name}" {{
  name = "own"
  role = aws_iam_role.{name}.name
  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{
      Effect   = "Allow"
      Action   = ["{used}", "s3:DeleteBucket"]
      Resource = "*"
    }}]
  }})
}}
"""


def arn(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


def found(name: str, text: str, id_: str) -> dict[str, Any]:
    """Everything of it that nobody checks against AWS says `text`."""
    policy = {"id": text, "kind": "inline", "document": {"Statement": []}, "attached": [text]}
    return {
        "class": "unused-permissions",
        "id": f"{id_}{text}",
        "source": text,
        "resource": {
            "type": "AWS::IAM::Role",
            "id": name,
            "arn": arn(name),
            "account": ACCOUNT,
            "region": REGION,
            "name": text,
            "tags": {text: text},
        },
        "evidence": {
            "removable": {"services": [], "actions": ["s3:DeleteBucket"], "kept": []},
            "unused": [{"service": text, "actions": None}],
            "traits": [text],
            "live": {"policies": [policy]},
        },
        "observed_at": datetime.now(UTC).isoformat(),
    }


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallStage]:
    roles = one_root(*(ROLE.format(name=name, used=USED) for name in NAMES))
    with SmallStage(tmp_path_factory.mktemp("world"), roles) as stage:
        stage.configure(sources="{aws_config: null, live_rules: false, access_analyzer: {}}")
        stage.aws.make_older(timedelta(days=200))
        for name in NAMES:
            stage.aws.use.used(arn(name), USED, ago(days=5))
        make: Any = stage.session.client
        kind = "ACCOUNT_UNUSED_ACCESS"
        make("accessanalyzer", REGION).create_analyzer(analyzerName="unused", type=kind)
        yield stage


@pytest.fixture(scope="module")
def ran(world: SmallStage) -> Ran:
    pairs = list(zip(NAMES, ATTACK.values(), strict=True))
    given = [found(name, text, "f") for name, text in pairs]
    given += [found(f"gone\n{FORGED}", text, "gone") for _, text in pairs[:2]]
    file = world.folder / "scan.json"
    file.write_text(json.dumps({"version": 1, "findings": given}))
    return run(world, "--findings", file)


@pytest.fixture(scope="module")
def messages(world: SmallStage, ran: Ran) -> list[str]:
    heads = [main_head(world), *bot_branches(world).values()]
    arguments = ("log", "-z", "--format=%B", *heads)
    texts = world.git(*arguments, folder=world.remote).split("\0")
    return [text for text in texts if "Remediator-Version" in text]


def test_the_run_ends_and_changes_what_it_can(ran: Ran, messages: list[str]) -> None:
    assert ran.status == 0, ran.err
    ended = [o["outcome"] for o in ran.outcomes]
    assert len(messages) >= len(ATTACK) / 2
    assert {*ended} & {"merged", "proposed"}


def test_deleted_principals_change_nothing(ran: Ran) -> None:
    gone = [o for o in ran.outcomes if "gone" in o["finding"]["id"][:4]]
    assert gone
    assert all(not o["edits"] and o["disposition"] != "auto" for o in gone), [
        (o["outcome"], o["disposition"], o["reason"]) for o in gone
    ]


def test_no_trailer_is_forged(messages: list[str]) -> None:
    for message in messages:
        lines = re.split("[\n\r\u2028\u2029]", message)
        assert [line for line in lines if line.startswith("Finding-Class: ")] == [
            "Finding-Class: unused-permissions"
        ]
        assert not [line for line in lines if line.startswith("Disposition: exempt")]


@pytest.mark.parametrize("name", ATTACK)
def test_the_terminal_shows_it_on_a_line_of_something_else(ran: Ran, name: str) -> None:
    shown = ran.out + ran.err
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\u202e]", shown)
    for line in shown.splitlines():
        assert not line.lstrip().startswith(("::", FORGED)), line


def test_a_commit_has_no_control_characters(messages: list[str]) -> None:
    for message in messages:
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\u202e]", message)
        assert not [line for line in message.splitlines() if line.lstrip().startswith("::")]


def test_a_commit_mentions_and_closes_nothing(messages: list[str]) -> None:
    """GitHub acts on both in the message of a commit, wherever they stand."""
    for message in messages:
        assert "@everyone" not in message
        assert not re.search(r"closes\s+#1\b", message)


def test_json_has_it_as_data(ran: Ran) -> None:
    ids = {o["finding"]["id"] for o in ran.outcomes}
    assert ids
    for outcome in ran.outcomes:
        texts = [outcome["reason"]["text"], *(c["detail"] for c in outcome["checks"])]
        if outcome["proof"]:
            texts += [c["detail"] for c in outcome["proof"]["checks"]]
        for text in texts:
            assert not re.search("[\x00-\x1f\x7f\u2028\u2029\u202e]", text), text
