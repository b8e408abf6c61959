"""Bad input of every kind under `run`: a clear sentence, the right status, nothing half-written,
and the other findings still handled. One world for all; each test breaks one thing in it.
"""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from commandline import (
    FAKE_KEYS,
    WORLD,
    Ran,
    SmallStage,
    bot_branches,
    group,
    ingress,
    one_root,
    refs,
    run,
    somebody_pushes,
    untouched_parts,
)

from remediator.embedded.stage import BUCKET, REGION

OTHER = "live/other/main.tf"
SOURCE = {
    **one_root(group("web", ingress("10.0.0.0/8", WORLD)), root="live/prod"),
    **one_root(group("other", ingress("10.0.0.0/8", WORLD)), root="live/other"),
    "live/other/more.tf": "# Nothing yet.\n",
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallStage]:
    with SmallStage(tmp_path_factory.mktemp("world"), SOURCE) as stage:
        stage.keep()
        yield stage


@pytest.fixture(scope="module")
def states(world: SmallStage) -> dict[str, bytes]:
    return {root: read_state(world, root) for root in world.roots}


@pytest.fixture
def stage(world: SmallStage, states: dict[str, bytes]) -> SmallStage:
    world.restore()
    for root, data in states.items():
        write_state(world, data, root)
    return world


def _s3(stage: SmallStage) -> Any:
    return stage.session.client("s3", REGION)


def read_state(stage: SmallStage, root: str = "live/other") -> bytes:
    found: bytes = _s3(stage).get_object(Bucket=BUCKET, Key=f"{root}.tfstate")["Body"].read()
    return found


def write_state(stage: SmallStage, data: bytes, root: str = "live/other") -> None:
    _s3(stage).put_object(Bucket=BUCKET, Key=f"{root}.tfstate", Body=data)


def outcome_of(stage: SmallStage, ran: Ran, name: str) -> dict[str, Any]:
    wanted = stage.id_of(name)
    (found,) = [o for o in ran.outcomes if o["finding"]["resource"].endswith(wanted)]
    return found


def refused_alone(stage: SmallStage, code: str, *words: str) -> None:
    """`other` is refused for this reason, on stdout too, and `web` is merged as if nothing was."""
    ran = run(stage)
    assert ran.status == 0, ran.err
    other = outcome_of(stage, ran, "other")
    assert (other["outcome"], other["reason"]["code"]) == ("refused", code), other["reason"]
    for word in words:
        assert word in other["reason"]["text"]
        assert word in ran.out
    assert other["edits"] == []
    assert outcome_of(stage, ran, "web")["outcome"] == "merged"
    assert len(bot_branches(stage)) == 1
    changed = stage.git("diff", "--name-only", "main^1", "main", folder=stage.remote).split()
    assert changed == ["live/prod/main.tf"]


# Code that cannot be used -------------------------------------------------------------------


def test_a_neighbouring_file_that_does_not_parse(stage: SmallStage) -> None:
    somebody_pushes(stage, "live/other/more.tf", 'resource "x" {\n  a = [1,\n}\n')
    refused_alone(stage, "unreadable-source", "live/other/more.tf:", "correct the file")


def test_the_file_itself_does_not_parse(stage: SmallStage) -> None:
    somebody_pushes(stage, OTHER, SOURCE[OTHER] + "}\n")
    refused_alone(stage, "state-missing", "the state of live/other could not be read")


def test_the_file_that_does_not_parse_is_named(stage: SmallStage) -> None:
    somebody_pushes(stage, OTHER, SOURCE[OTHER] + "}\n")
    ran = run(stage)
    assert "live/other/main.tf:" in ran.out + ran.err


def test_a_broken_neighbour_that_may_name_a_backend_hides_none(stage: SmallStage) -> None:
    somebody_pushes(stage, "live/other/more.tf", 'terraform {\n  backend "s3" {\n')
    refused_alone(stage, "unreadable-source", "live/other/more.tf:", "correct the file")


def test_a_file_that_is_no_text(stage: SmallStage) -> None:
    somebody_pushes(stage, "live/other/more.tf", "\0\x01 \ufffe")
    refused_alone(stage, "unreadable-source", "live/other/more.tf:", "correct the file")


def test_an_address_twice_in_the_code(stage: SmallStage) -> None:
    somebody_pushes(stage, "live/other/more.tf", group("other", ingress("10.9.0.0/16")))
    refused_alone(stage, "address-twice", "aws_security_group.other", "live/other/more.tf:1", OTHER)


def test_a_block_that_the_code_no_longer_has(stage: SmallStage) -> None:
    head, _, _ = SOURCE[OTHER].partition("resource ")
    somebody_pushes(stage, OTHER, head)
    refused_alone(stage, "not-in-code", "aws_security_group.other", "next apply")


# States that cannot be used -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data: data[: len(data) // 2], "is no whole Terraform state"),
        (lambda data: b"", "is no whole Terraform state"),
        (lambda data: b"<html>Not today</html>", "is no whole Terraform state"),
        (lambda data: b"[" * 100_000, "is no whole Terraform state"),
        (lambda data: b"\x00\xff" * 100, "is no whole Terraform state"),
        (lambda data: data.replace(b'"version": 4', b'"version": 3'), "is of version 3"),
        (lambda data: data.replace(b'"version": 4', b'"version": 5'), "is of version 5"),
        (lambda data: b"{}", "it says no version"),
    ],
    ids=["truncated", "empty", "html", "deep", "binary", "version 3", "version 5", "no state"],
)
def test_a_state_that_cannot_be_read(stage: SmallStage, change: Any, words: str) -> None:
    write_state(stage, change(read_state(stage)))
    refused_alone(stage, "state-missing", "the state of live/other could not be read", words)


def test_an_address_twice_in_the_state(stage: SmallStage) -> None:
    document = json.loads(read_state(stage))
    document["resources"] *= 2
    write_state(stage, json.dumps(document).encode())
    refused_alone(stage, "state-missing", "holds aws_security_group.other twice")


def test_a_root_without_a_state(stage: SmallStage) -> None:
    _s3(stage).delete_object(Bucket=BUCKET, Key="live/other.tfstate")
    refused_alone(stage, "state-missing", f"no state at s3://{BUCKET}/live/other.tfstate")


# The repository and its remote --------------------------------------------------------------


def stopped(stage: SmallStage, status: int, *words: str, env: Any = None) -> Ran:
    """The whole run ends: a sentence, this status, and neither side has changed."""
    remote, checkout = refs(stage.remote), untouched_parts(stage.checkout)
    ran = run(stage, env=env)
    assert ran.status == status, ran.err
    for word in words:
        assert word in ran.err
    assert ran.err.startswith("error: ") or "\nerror: " in ran.err
    assert refs(stage.remote) == remote
    assert untouched_parts(stage.checkout) == checkout
    return ran


def test_a_remote_that_is_away(stage: SmallStage) -> None:
    gone = stage.remote.with_name("gone.git")
    stage.git("remote", "set-url", "origin", str(gone))
    stopped(stage, 3, "git fetch origin: ", "gone.git")


def test_the_password_of_a_remote_that_is_away_is_not_shown(stage: SmallStage) -> None:
    stage.git("remote", "set-url", "origin", f"http://me:hunter2@127.0.0.1:{_closed_port()}/x.git")
    ran = stopped(stage, 3, "git fetch origin: ")
    assert "hunter2" not in ran.err + ran.out


def _closed_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
    return port


def test_no_such_remote(stage: SmallStage) -> None:
    stage.configure(repository="{path: infrastructure, remote: upstream}")
    stopped(stage, 2, "has no remote called upstream", "git remote add upstream URL")


def test_no_such_base(stage: SmallStage) -> None:
    stage.configure(repository="{path: infrastructure, base: trunk}")
    stopped(stage, 3, "git fetch origin: ", "trunk")


def test_no_repository(stage: SmallStage) -> None:
    stage.configure(repository="{path: applied/..}")
    stopped(stage, 2, "is not a git repository")


def test_no_such_folder(stage: SmallStage) -> None:
    stage.configure(repository="{path: elsewhere}")
    stopped(stage, 2, "elsewhere: there is no such folder")


def _hook(stage: SmallStage, script: str) -> None:
    hook = stage.remote / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\n{script}\n")
    hook.chmod(0o755)


def test_a_remote_that_declines_everything(stage: SmallStage) -> None:
    _hook(stage, "echo 'main needs a signed form' >&2; exit 1")
    ran = stopped(stage, 3, "git push origin: ", "pre-receive hook declined", "signed form")
    assert [o["outcome"] for o in ran.outcomes] == ["refused", "refused"]
    assert {o["reason"]["code"] for o in ran.outcomes} == {"remote-failed"}
    (stage.remote / "hooks" / "pre-receive").unlink()
    assert [o["outcome"] for o in run(stage).outcomes] == ["merged", "merged"]


def test_a_remote_that_declines_one_change_gets_the_other(stage: SmallStage) -> None:
    _hook(
        stage,
        'while read -r old new ref; do [ "$ref" = refs/heads/main ] || continue\n'
        '  git diff --name-only "$old" "$new" | grep -q other && exit 1\ndone; exit 0',
    )
    ran = run(stage)
    assert ran.status == 3
    assert "pre-receive hook declined" in ran.err
    assert outcome_of(stage, ran, "other")["reason"]["code"] == "remote-failed"
    assert outcome_of(stage, ran, "web")["outcome"] == "merged"
    assert len(bot_branches(stage)) == 1


def test_a_remote_that_fails_three_times_is_asked_no_more(stage: SmallStage) -> None:
    """Its disk is full, say: three faults are enough, whatever the number of findings."""
    many = [group(f"g{n}", ingress(WORLD, port=22)) for n in range(5)]
    somebody_pushes(stage, "live/prod/many.tf", "\n".join(many))
    _hook(stage, "echo asked >> asked; exit 1")
    file = stage.folder / "code.json"
    entry = {"class": "open-admin-port", "file": "live/prod/many.tf"}
    evidence = {"protocol": "tcp", "from_port": 22, "to_port": 22, "cidrs": [WORLD]}
    findings = [
        entry | {"evidence": evidence, "address": f"aws_security_group.g{n}"} for n in range(5)
    ]
    file.write_text(json.dumps({"version": 1, "findings": findings}))
    ran = run(stage, "--findings", file)
    assert ran.status == 3
    assert {o["reason"]["code"] for o in ran.outcomes} == {"remote-failed"}
    assert len(ran.outcomes) == 7
    assert (stage.remote / "asked").read_text().count("asked") == 3


def test_a_shallow_clone_is_completed_by_itself(stage: SmallStage) -> None:
    somebody_pushes(stage, "README.md", "words\n")
    shutil.rmtree(stage.checkout)
    url = f"file://{stage.remote}"
    stage.git("clone", "--quiet", "--depth=1", url, str(stage.checkout), folder=stage.folder)
    before = untouched_parts(stage.checkout)
    ran = run(stage)
    assert (ran.status, len(bot_branches(stage))) == (0, 2)
    assert untouched_parts(stage.checkout) == before


def test_a_bare_clone_will_do(stage: SmallStage) -> None:
    shutil.rmtree(stage.checkout)
    stage.git("clone", "--quiet", "--bare", str(stage.remote), "bare.git", folder=stage.folder)
    stage.configure(repository="{path: bare.git}", exemptions="")
    ran = run(stage)
    assert (ran.status, len(bot_branches(stage))) == (0, 2)


# What decides cannot be read ----------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["version: 1\nexemptions: [", "exemptions: []\n", "version: 1\nexemptions:\n  - id: x\n", ""],
)
def test_an_exemption_list_that_cannot_be_read_stops_the_run(stage: SmallStage, text: str) -> None:
    (stage.checkout / "exemptions.yaml").write_text(text)
    ran = stopped(stage, 2, "exemptions.yaml:")
    assert ran.document is None


def test_an_unknown_key_in_the_configuration_stops_the_run(stage: SmallStage) -> None:
    stage.configure(colour="red")
    stopped(stage, 2, "remediator.yaml:", "colour")


def test_a_document_that_cannot_be_written_is_said_and_the_run_is_done(stage: SmallStage) -> None:
    ran = run(stage, "--json", stage.folder / "no-such-folder" / "outcomes.json")
    assert ran.status == 2
    assert "cannot be written: No such file or directory; the run itself is done" in ran.err
    assert len(bot_branches(stage)) == 2


# AWS ----------------------------------------------------------------------------------------


def test_no_credentials(stage: SmallStage) -> None:
    env = dict.fromkeys(["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
    assert env.keys() <= FAKE_KEYS.keys()
    ran = stopped(stage, 3, "no AWS credentials were found", env=env)
    assert ran.outcomes == []
    assert ran.out.splitlines() == ["0 findings: nothing could be looked at in AWS"]
    (error,) = [line for line in ran.err.splitlines() if line.startswith("error: ")]
    assert "sts:GetCallerIdentity in us-east-1, s3:GetObject in us-east-1: no AWS cred" in error


def test_no_region(stage: SmallStage) -> None:
    stage.configure(aws=f"{{endpoint_url: '{stage.aws.endpoint}'}}")
    stopped(stage, 2, "no AWS region: list `regions` in remediator.yaml")


def test_access_to_the_rules_is_denied(stage: SmallStage) -> None:
    stage.aws.faults.deny("ec2:DescribeSecurityGroupRules")
    ran = stopped(stage, 3, "the role needs the permission ec2:DescribeSecurityGroupRules")
    assert ran.outcomes == []
    assert ran.out.splitlines() == ["0 findings: nothing could be looked at in AWS"]


def test_access_to_aws_config_is_denied_and_the_live_rules_are_enough(stage: SmallStage) -> None:
    stage.aws.faults.deny("config:DescribeConfigRules")
    ran = run(stage)
    assert ran.status == 3
    assert "the role needs the permission config:DescribeConfigRules" in ran.err
    assert [o["outcome"] for o in ran.outcomes] == ["merged", "merged"]
    assert "2 findings: 2 merged, not everything could be looked at in AWS\n" in ran.out
    assert len(bot_branches(stage)) == 2


def test_throttled_once_is_nothing(stage: SmallStage) -> None:
    stage.aws.faults.throttle("ec2:DescribeSecurityGroupRules", times=1)
    ran = run(stage)
    assert (ran.status, len(bot_branches(stage))) == (0, 2)


def test_throttled_for_good(stage: SmallStage) -> None:
    stage.aws.faults.throttle("ec2:DescribeSecurityGroupRules")
    stopped(stage, 3, "throttled after 5 attempts; try later")


def test_an_answer_that_breaks_off_is_no_answer(stage: SmallStage) -> None:
    """With the first page alone, `other` or `web` would seem to be closed."""
    stage.aws.faults.truncate("ec2:DescribeSecurityGroupRules")
    ran = stopped(stage, 3, "ec2:DescribeSecurityGroupRules in us-east-1: AWS failed on its side")
    assert ran.outcomes == []


def test_an_answer_that_is_none(stage: SmallStage) -> None:
    stage.aws.faults.garble("ec2:DescribeSecurityGroupRules")
    stopped(stage, 3, "the answer is not what AWS answers")


def test_an_endpoint_that_is_down(stage: SmallStage) -> None:
    endpoint = f"http://127.0.0.1:{_closed_port()}"
    stage.configure(aws=f"{{regions: [us-east-1], endpoint_url: '{endpoint}'}}")
    stopped(stage, 3, "the AWS endpoint cannot be reached")


def test_a_region_that_is_none_leaves_the_other(stage: SmallStage) -> None:
    endpoint = stage.aws.endpoint
    stage.configure(aws=f"{{regions: [us-east-1, zz-nowhere-9], endpoint_url: '{endpoint}'}}")
    ran = run(stage)
    assert ran.status == 3
    assert "in zz-nowhere-9: " in ran.err
    assert "2 findings: 2 merged, zz-nowhere-9 could not be looked at\n" in ran.out
    assert [o["outcome"] for o in ran.outcomes] == ["merged", "merged"]
    assert len(bot_branches(stage)) == 2
