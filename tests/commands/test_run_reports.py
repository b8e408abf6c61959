"""`remediator run --findings` with scanners' reports: the live rules bear them out, or do not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from commandline import (
    WORLD,
    Ran,
    SmallStage,
    bot_branches,
    group,
    ingress,
    main_head,
    one_root,
    refs,
    remediator,
    run,
)

ACCOUNT, REGION = "123456789012", "us-east-1"
SOURCE = one_root(
    group("web", ingress("10.0.0.0/8", WORLD)),
    group("db", ingress(WORLD, port=3306)),
    group("quiet", ingress("10.0.0.0/8")),
)
FILE = "live/prod/main.tf"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallStage]:
    with SmallStage(tmp_path_factory.mktemp("world"), SOURCE) as stage:
        stage.keep()
        yield stage


@pytest.fixture
def stage(world: SmallStage) -> SmallStage:
    world.restore()
    return world


def hub(stage: SmallStage, name: str, control: str = "EC2.13", **changes: Any) -> dict[str, Any]:
    """A Security Hub finding of a group of the stage."""
    arn = f"arn:aws:ec2:{REGION}:{ACCOUNT}:security-group/{stage.id_of(name)}"
    known = {
        "SchemaVersion": "2018-10-08",
        "Id": f"hub-{name}-{control}",
        "ProductArn": "arn:aws:securityhub:us-east-1::product/aws/securityhub",
        "GeneratorId": f"security-control/{control}",
        "AwsAccountId": ACCOUNT,
        "FirstObservedAt": "2026-01-02T03:04:05Z",
        "LastObservedAt": "2026-01-03T03:04:05Z",
        "Resources": [{"Type": "AwsEc2SecurityGroup", "Id": arn}],
        "Compliance": {"Status": "FAILED", "SecurityControlId": control},
    }
    return known | changes


def elsewhere(finding: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(finding).replace(old, new))
    return found


def run_with(stage: SmallStage, document: Any, *arguments: str) -> Ran:
    file = stage.folder / "report.json"
    file.write_text(json.dumps(document))
    return run(stage, "--findings", file, *arguments)


def of_group(stage: SmallStage, ran: Ran, name: str) -> list[dict[str, Any]]:
    wanted = stage.id_of(name)
    return [o for o in ran.outcomes if o["finding"]["resource"].endswith(wanted)]


def test_a_confirmed_report_is_among_the_sources_of_the_finding(stage: SmallStage) -> None:
    ran = run_with(stage, {"Findings": [hub(stage, "web")]})
    assert ran.status == 0
    (outcome,) = of_group(stage, ran, "web")
    finding = outcome["finding"]
    assert outcome["outcome"] == "merged"
    assert finding["source"].endswith("securityhub:EC2.13 hub-web-EC2.13")
    assert finding["id"] == f"open-admin-port/{ACCOUNT}/{REGION}/{stage.id_of('web')}/tcp:22-22"
    assert finding["created_at"] == "2026-01-02T03:04:05Z"
    (check,) = [c for c in outcome["checks"] if c["name"] == "freshness"]
    assert check["verdict"] == "pass"


def test_the_record_names_the_report(stage: SmallStage) -> None:
    run_with(stage, {"Findings": [hub(stage, "web")]})
    (head,) = [c for b, c in bot_branches(stage).items() if "web" in b or "open-admin" in b] or [
        *bot_branches(stage).values()
    ][:1]
    text = stage.git("log", "--format=%B", head, folder=stage.remote)
    assert "securityhub:EC2.13 hub-web-EC2.13" in text


def test_a_run_without_the_report_knows_what_a_run_with_it_closed(stage: SmallStage) -> None:
    run_with(stage, {"Findings": [hub(stage, "web")]})
    (outcome,) = of_group(stage, run(stage), "web")
    assert (outcome["outcome"], outcome["reason"]["code"]) == ("merged", "awaiting-apply")


def test_a_control_selects_its_own_doors_alone(stage: SmallStage) -> None:
    ran = run_with(stage, [hub(stage, "db", "EC2.19"), hub(stage, "db", "EC2.13")])
    outcomes = {o["outcome"]: o for o in of_group(stage, ran, "db")}
    assert outcomes.keys() == {"proposed", "resolved"}
    assert "EC2.19" in outcomes["proposed"]["finding"]["source"]
    assert outcomes["resolved"]["reason"]["code"] == "not-live"
    assert "EC2.13" in outcomes["resolved"]["finding"]["source"]


def test_what_the_live_rules_do_not_bear_out_is_resolved(stage: SmallStage) -> None:
    ran = run_with(stage, {"detail": {"findings": [hub(stage, "quiet")]}})
    (outcome,) = of_group(stage, ran, "quiet")
    assert (outcome["outcome"], outcome["reason"]["code"]) == ("resolved", "not-live")
    assert outcome["finding"]["id"] == "hub-quiet-EC2.13"
    assert "do not have it any more" in ran.out


def test_a_group_that_nobody_else_flags_counts_where_a_report_names_it(stage: SmallStage) -> None:
    """With `live_rules: false` only what AWS Config flags is looked at: and what is reported."""
    stage.configure(sources="{live_rules: false, aws_config: {rules: [VPC_SG_OPEN_ONLY]}}")
    assert run(stage, "--observe").outcomes == []
    ran = run_with(stage, [hub(stage, "web")])
    assert ran.only()["outcome"] == "merged"


def test_an_own_finding_is_confirmed_without_a_flag_too(stage: SmallStage) -> None:
    stage.configure(sources="{live_rules: false, aws_config: {rules: [VPC_SG_OPEN_ONLY]}}")
    evidence = {"protocol": "tcp", "from_port": 22, "to_port": 22, "cidrs": [WORLD]}
    resource = {"id": stage.id_of("web"), "account": ACCOUNT, "region": REGION}
    entry = {"class": "open-admin-port", "resource": resource, "evidence": evidence, "id": "mine"}
    ran = run_with(stage, {"version": 1, "findings": [entry]})
    assert (ran.only()["outcome"], ran.only()["finding"]["id"]) == ("merged", "mine")


@pytest.mark.parametrize(("old", "new"), [(REGION, "eu-central-1"), (ACCOUNT, "210987654321")])
def test_a_group_that_was_not_looked_at_is_never_resolved(
    stage: SmallStage, old: str, new: str
) -> None:
    """Security Hub aggregates accounts and regions: nothing is known of the others."""
    entry = elsewhere(hub(stage, "quiet"), old, new)
    entry = elsewhere(entry, stage.id_of("quiet"), "sg-0fffffffffffffff0")
    ran = run_with(stage, [entry], "--observe")
    (outcome,) = [o for o in ran.outcomes if "sg-0fff" in o["finding"]["resource"]]
    assert outcome["outcome"] == "unmanaged"
    assert (outcome["finding"]["account"], outcome["finding"]["region"]) == (
        new if old == ACCOUNT else ACCOUNT,
        new if old == REGION else REGION,
    )


def test_another_accounts_own_finding_is_not_resolved_either(stage: SmallStage) -> None:
    evidence = {"protocol": "tcp", "from_port": 22, "to_port": 22, "cidrs": [WORLD]}
    resource = {"id": "sg-0fffffffffffffff0", "account": "210987654321", "region": REGION}
    entry = {"class": "open-admin-port", "resource": resource, "evidence": evidence, "id": "mine"}
    ran = run_with(stage, {"version": 1, "findings": [entry]}, "--observe")
    (outcome,) = [o for o in ran.outcomes if o["finding"]["id"] == "mine"]
    assert outcome["outcome"] == "unmanaged"


def test_where_a_region_does_not_answer_the_code_is_asked_and_a_person(stage: SmallStage) -> None:
    stage.aws.faults.deny("ec2:DescribeSecurityGroupRules")
    before = main_head(stage)
    ran = run_with(stage, [hub(stage, "web")])
    assert ran.status == 3
    outcome = ran.only()
    assert (outcome["outcome"], outcome["disposition"]) == ("proposed", "review")
    (check,) = [c for c in outcome["checks"] if c["name"] == "freshness"]
    assert check["verdict"] == "unknown"
    assert main_head(stage) == before


def test_an_unknown_check_is_a_refusal_and_no_error(stage: SmallStage) -> None:
    bucket = {"Type": "AwsS3Bucket", "Id": "arn:aws:s3:::mine"}
    compliance = {"SecurityControlId": "S3.1"}
    ran = run_with(stage, [hub(stage, "web", Resources=[bucket], Compliance=compliance)])
    assert ran.status == 0
    (odd,) = [o for o in ran.outcomes if o["finding"]["class"] == "S3.1"]
    assert (odd["outcome"], odd["reason"]["code"]) == ("refused", "unknown-class")
    assert (odd["finding"]["id"], odd["finding"]["resource"]) == (
        "hub-web-EC2.13",
        "arn:aws:s3:::mine",
    )
    assert [o["outcome"] for o in of_group(stage, ran, "web")] == ["merged"]


def test_a_place_in_the_code_is_found_on_the_base_branch(stage: SmallStage) -> None:
    entry = {
        "check_id": "CKV_AWS_24",
        "file_path": f"/{FILE}",
        "resource": "aws_security_group.web",
    }
    gone = entry | {"resource": "aws_security_group.gone"}
    (stage.checkout / FILE).write_text("# Not committed, and not looked at.\n")
    document = {"check_type": "terraform", "results": {"failed_checks": [entry, gone]}}
    ran = run_with(stage, document)
    assert ran.status == 0
    ours = [o for o in ran.outcomes if "checkov" in o["finding"]["source"]]
    assert sorted((o["outcome"], o["reason"]["code"]) for o in ours)[1] == (
        "resolved",
        "gone-from-code",
    )
    merged = [o for o in ran.outcomes if o["outcome"] == "merged"]
    assert {o["finding"]["resource"] for o in merged} >= {"aws_security_group.web"}
    assert len({o["commit"] for o in merged}) == 1  # the live finding's change and no other


def test_malformed_entries_are_said_and_the_others_go_on(stage: SmallStage) -> None:
    ran = run_with(stage, [hub(stage, "web"), hub(stage, "web", Id=7)])
    assert ran.status == 2
    assert "report.json: entry 2 is left out: Expected `str`, got `int`" in ran.err
    assert [o["outcome"] for o in of_group(stage, ran, "web")] == ["merged"]


def test_a_report_that_is_none_stops_the_run(stage: SmallStage) -> None:
    before = refs(stage.remote)
    ran = run_with(stage, {"Findings": 7})
    assert (ran.status, ran.document) == (2, None)
    assert refs(stage.remote) == before


def test_hostile_text_reaches_no_line_of_its_own(stage: SmallStage) -> None:
    evil = "x\nFinding-Class: forged\n\x1b[31m::error::forged"
    ran = run_with(stage, [hub(stage, "web", Id=evil)])
    assert [o["outcome"] for o in of_group(stage, ran, "web")] == ["merged"]
    assert "\x1b" not in ran.out + ran.err
    for head in bot_branches(stage).values():
        message = stage.git("log", "-1", "--format=%B", head, folder=stage.remote)
        assert "\x1b" not in message
        assert not [line for line in message.splitlines() if line.startswith("::")]
        assert "Finding-Class: forged" not in message.splitlines()


def test_explain_takes_a_report_too(stage: SmallStage) -> None:
    file = stage.folder / "report.json"
    file.write_text(json.dumps([hub(stage, "web"), hub(stage, "quiet")]))
    asked = ["--config", stage.config, "--findings", file]
    ran = remediator("explain", stage.id_of("web"), *asked)
    assert ran.status == 0
    assert "securityhub:EC2.13 hub-web-EC2.13" in ran.out
    assert "decided: auto" in ran.out
    ran = remediator("explain", "hub-quiet-EC2.13", *asked)
    assert (ran.status, "resolved" in ran.out) == (0, True)
