"""`remediator fix --findings` with scanners' reports: they say where, the code says what."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from commandline import WORLD, Ran, files_below, group, ingress, one_root, remediator

SCANS = Path(__file__).parents[1] / "scans"
SG = "aws_security_group"
GROUP_ID = "sg-0123456789abcdef0"
ARN = f"arn:aws:ec2:us-east-1:123456789012:security-group/{GROUP_ID}"
MAIN, MORE = "live/prod/main.tf", "live/prod/more.tf"
MODULE = "modules/my mod/main.tf"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """The code that Checkov scanned (tests/scans)."""
    return Path(shutil.copytree(SCANS / "code", tmp_path / "checkout"))


def fix(place: Path, *arguments: str | Path) -> Ran:
    file = place.parent / "outcomes.json"
    file.unlink(missing_ok=True)
    ran = remediator("fix", place, "--json", file, *arguments)
    found = json.loads(file.read_text()) if file.exists() else None
    return Ran(ran.status, ran.out, ran.err, found)


def report(place: Path, document: Any, name: str = "report") -> Path:
    file = place.parent / name
    file.write_text(json.dumps(document))
    return file


def changed(place: Path, before: dict[str, str]) -> set[str]:
    return {path for path, _ in before.items() ^ files_below(place).items()}


def ended(ran: Ran) -> dict[tuple[str, str], tuple[str, str]]:
    """(class, resource) → (outcome, code)."""
    return {
        (o["finding"]["class"], o["finding"]["resource"]): (o["outcome"], o["reason"]["code"])
        for o in ran.outcomes
    }


def record(check: str, path: str, line: int = 9, resource: str = f"{SG}.web") -> dict[str, Any]:
    entry = {"check_id": check, "file_path": path, "file_line_range": [line, line + 5]}
    return entry | {"resource": resource}


def checkov(*records: dict[str, Any]) -> dict[str, Any]:
    return {"check_type": "terraform", "results": {"failed_checks": list(records)}}


def sarif(check: str, uri: str, line: int) -> dict[str, Any]:
    where = {"artifactLocation": {"uri": uri}, "region": {"startLine": line}}
    result = {"ruleId": check, "locations": [{"physicalLocation": where}]}
    return {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "T"}}, "results": [result]}]}


def asff(**changes: Any) -> dict[str, Any]:
    known = {
        "SchemaVersion": "2018-10-08",
        "Id": "hub-1",
        "ProductArn": "arn:aws:securityhub:us-east-1::product/aws/securityhub",
        "GeneratorId": "security-control/EC2.13",
        "AwsAccountId": "123456789012",
        "LastObservedAt": "2999-01-01T00:00:00Z",
        "Resources": [{"Type": "AwsEc2SecurityGroup", "Id": ARN}],
        "Compliance": {"Status": "FAILED", "SecurityControlId": "EC2.13"},
    }
    return {"Findings": [known | changes]}


# Rewritten ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["checkov.json", "checkov-subfolder.json", "checkov.sarif"])
def test_what_checkov_says_is_fixed(place: Path, name: str) -> None:
    before = files_below(place)
    ran = fix(place, "--findings", SCANS / name)
    assert ran.status == 1
    assert changed(place, before) == {MAIN}
    assert '"10.0.0.0/8"]' in (place / MAIN).read_text()
    assert 'aws_security_group_rule" "rdp"' not in (place / MAIN).read_text()
    found = ended(ran)
    assert found["open-admin-port", f"{SG}.web"] == ("merged", "written")
    assert found["open-admin-port", "aws_security_group_rule.rdp"] == ("merged", "written")
    assert found["open-admin-port", "aws_security_group_rule.everything"][0] == "proposed"
    assert found["open-admin-port", f"{SG}.inner"][0] == "proposed"
    assert found["open-web-port", f"{SG}.web"][0] == "alerted"
    assert found["open-egress", f"{SG}.web"][0] == "exempted"
    # Suppressed in the code, and so in no report: `fix` alone would close it.
    assert not [r for _, r in found if "accepted" in r]


def test_the_entries_that_select_one_finding_are_all_its_sources(place: Path) -> None:
    ran = fix(place, "--findings", SCANS / "checkov.json", "--findings", SCANS / "checkov.sarif")
    sources = {
        o["finding"]["resource"]: o["finding"]["source"]
        for o in ran.outcomes
        if o["finding"]["class"] == "open-admin-port"
    }
    assert sources["aws_security_group_rule.everything"] == (
        "code, checkov:CKV_AWS_24, checkov:CKV_AWS_260, checkov:CKV_AWS_277, checkov:CKV_AWS_25"
    )


def test_the_finding_is_the_one_that_is_there_without_a_report(place: Path) -> None:
    alone = {o["finding"]["id"]: o for o in fix(place, "--diff").outcomes}
    for o in fix(place, "--diff", "--findings", SCANS / "checkov.json").outcomes:
        if o["outcome"] in ("merged", "proposed", "alerted"):
            own = alone[o["finding"]["id"]]
            assert (o["outcome"], o["disposition"]) == (own["outcome"], own["disposition"])
            assert o["terraform"]["address"] == own["terraform"]["address"]


def test_with_review_the_module_is_written_too(place: Path) -> None:
    before = files_below(place)
    fix(place, "--findings", SCANS / "checkov.json", "--review")
    assert changed(place, before) >= {MAIN, MORE, MODULE}


def test_the_second_time_the_report_is_out_of_date(place: Path) -> None:
    one = report(place, checkov(record("CKV_AWS_24", "/live/prod/main.tf")))
    assert fix(place, "--findings", one).status == 0
    before = files_below(place)
    ran = fix(place, "--findings", one)
    assert (ran.status, ran.only()["outcome"]) == (0, "resolved")
    assert ran.only()["reason"]["code"] == "gone-from-code"
    assert ran.only()["edits"] == []
    assert "does not open it to the world any more" in ran.out
    assert files_below(place) == before


@pytest.mark.parametrize(
    "uri",
    [
        "live/prod/main.tf",
        "/live/prod/main.tf",
        "file:///home/ci/infrastructure/live/prod/main.tf",
        "./live/prod/../prod/main.tf",
        "live%2Fprod/main.tf",
        "prod/main.tf",
    ],
)
def test_a_line_is_found_whatever_the_file_is_called(place: Path, uri: str) -> None:
    before = files_below(place)
    ran = fix(place, "--findings", report(place, sarif("AVD-AWS-0107", uri, 18)))
    assert (ran.status, ran.only()["finding"]["source"]) == (0, "code, t:AVD-AWS-0107")
    assert changed(place, before) == {MAIN}


def test_a_report_and_the_tools_own_form_together(place: Path) -> None:
    evidence = {"protocol": "tcp", "from_port": 3389, "to_port": 3389, "cidrs": [WORLD]}
    own = {"class": "open-admin-port", "evidence": evidence, "file": MAIN}
    own |= {"address": "aws_security_group_rule.rdp", "observed_at": "2999-01-01T00:00:00Z"}
    first = report(place, {"version": 1, "findings": [own]}, "own")
    second = report(place, checkov(record("CKV_AWS_24", MAIN)), "checkov")
    ran = fix(place, "--findings", first, "--findings", second, "--review")
    assert (ran.status, len(ran.outcomes)) == (0, 2)


# Refused and unchanged -----------------------------------------------------------------------


def test_an_unknown_check_is_a_refusal_and_the_others_go_on(place: Path) -> None:
    one = report(
        place, checkov(record("CKV2_AWS_5", "/live/prod/main.tf"), record("CKV_AWS_24", MAIN))
    )
    ran = fix(place, "--findings", one)
    assert ran.status == 1
    assert ended(ran) == {
        ("CKV2_AWS_5", f"{SG}.web"): ("refused", "unknown-class"),
        ("open-admin-port", f"{SG}.web"): ("merged", "written"),
    }
    assert "checkov's check CKV2_AWS_5 belongs to no finding class" in ran.out
    assert "/live/prod/main.tf:9" in ran.out


def test_the_same_entry_twice_is_one(place: Path) -> None:
    one = report(place, checkov(*[record("CKV2_AWS_5", "/live/prod/main.tf")] * 3))
    assert fix(place, "--findings", one).only()["outcome"] == "refused"


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (checkov(record("CKV_AWS_24", "/live/none.tf")), "no-such-file"),
        (checkov(record("CKV_AWS_24", "../outside/secret.tf")), "no-such-file"),
        (checkov(record("CKV_AWS_24", "live/../../outside/secret.tf")), "no-such-file"),
        (sarif("CKV_AWS_24", "file:///etc/passwd", 1), "no-such-file"),
        (sarif("CKV_AWS_24", "%2e%2e/outside/secret.tf", 1), "no-such-file"),
        (sarif("CKV_AWS_24", "https://example.com/live/prod/main.tf", 9), "no-such-file"),
        (sarif("CKV_AWS_24", "live/prod/main.tf%00.tf", 9), "no-such-file"),
        (sarif("CKV_AWS_24", "linked/secret.tf", 1), "no-such-file"),
        (sarif("CKV_AWS_24", "main.tf", 9), "ambiguous-file"),
        (sarif("CKV_AWS_24", "live/prod/main.tf", 4), "no-resource-there"),
        (sarif("CKV_AWS_24", "live/prod/main.tf", 10**9), "no-resource-there"),
    ],
)
def test_a_name_that_leads_nowhere_changes_nothing(place: Path, document: Any, code: str) -> None:
    outside = place.parent / "outside"
    outside.mkdir()
    (outside / "secret.tf").write_text(group("web", ingress(WORLD)))
    (place / "linked").symlink_to(outside, target_is_directory=True)
    before = files_below(place.parent)
    ran = fix(place, "--findings", report(place, document), "--review")
    assert ran.status == 1
    assert (ran.only()["outcome"], ran.only()["reason"]["code"]) == ("refused", code)
    after = files_below(place.parent)
    assert {p for p, _ in before.items() ^ after.items()} == {"report", "outcomes.json"}


def test_a_file_that_does_not_parse_is_said(place: Path) -> None:
    (place / MAIN).write_text((place / MAIN).read_text() + "}")
    ran = fix(place, "--findings", report(place, checkov(record("CKV_AWS_24", MAIN))))
    assert (ran.status, ran.only()["reason"]["code"]) == (1, "unreadable-source")


def test_a_value_that_nobody_knows_is_refused_and_not_resolved(place: Path) -> None:
    text = (place / MORE).read_text()
    (place / MORE).write_text(text.replace('  default = ["0.0.0.0/0"]\n', ""))
    before = files_below(place)
    entry = record("CKV_AWS_24", MORE, 27, "aws_security_group_rule.variable")
    ran = fix(place, "--findings", report(place, checkov(entry)))
    assert (ran.status, ran.only()["outcome"]) == (1, "refused")
    assert "var.office" in ran.out
    assert files_below(place) == before


def test_exemptions_are_asked_of_a_value_that_nobody_knows_too(place: Path) -> None:
    text = (place / MORE).read_text()
    (place / MORE).write_text(text.replace('  default = ["0.0.0.0/0"]\n', ""))
    (place / "exemptions.yaml").write_text(
        "version: 1\nexemptions:\n  - id: office\n    owner: me@example.com\n    reason: Known.\n"
        "    expires: 2999-01-01\n    match:\n      address: aws_security_group_rule.variable\n"
    )
    (place / "remediator.yaml").write_text("version: 1\nexemptions: exemptions.yaml\n")
    entry = record("CKV_AWS_24", MORE, 27, "aws_security_group_rule.variable")
    ran = fix(place, "--findings", report(place, checkov(entry)))
    assert (ran.status, ran.only()["outcome"]) == (0, "exempted")


def test_malformed_entries_are_said_and_the_others_go_on(place: Path) -> None:
    bad = record("CKV_AWS_24", MAIN) | {"check_id": 7}
    ran = fix(place, "--findings", report(place, checkov(bad, record("CKV_AWS_24", MAIN))))
    assert (ran.status, ran.only()["outcome"]) == (1, "merged")
    assert f"error: {place.parent / 'report'}: entry 1 is left out: Expected `str`" in ran.err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[]", "is not a findings file"),
        ('{"check_type": "terraform"}', "is not a findings file"),
        ('{"runs": [], "version": "3.0"}', "is SARIF of another version"),
        ('{"Findings": 7}', "is an answer of Security Hub"),
        ('{"check_type": "x", "results": 7}', "is a Checkov report whose"),
        ('{"runs":' * 50_000, "is not a findings file"),
    ],
)
def test_a_file_that_is_no_report_stops_it(place: Path, text: str, words: str) -> None:
    before = files_below(place)
    (place.parent / "report").write_text(text)
    ran = fix(place, "--findings", place.parent / "report")
    assert ran.status == 2
    assert f"{place.parent / 'report'}:1:1: {words}" in ran.err
    assert files_below(place) == before


def test_hostile_names_reach_no_line_of_their_own(place: Path) -> None:
    evil = "x\nerror: forged\n\x1b[31m::error::forged"
    entries = [record(evil, MAIN), record("CKV_AWS_24", evil, 9, evil)]
    ran = fix(place, "--findings", report(place, checkov(*entries)))
    assert ran.status == 1
    assert "\x1b" not in ran.out + ran.err
    lines = (ran.out + ran.err).splitlines()
    assert not [line for line in lines if line.startswith(("error: forged", "::error"))]


# Live ids, without AWS -------------------------------------------------------------------------


def state_file(place: Path, name: str) -> Path:
    resource = {
        "mode": "managed",
        "type": SG,
        "name": name,
        "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
        "instances": [{"attributes": {"id": GROUP_ID}}],
    }
    return report(place, {"version": 4, "serial": 1, "resources": [resource]}, "terraform.tfstate")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """One root with a state: a group that is open on 22, and another on 3306."""
    files = one_root(
        group("web", ingress("10.0.0.0/8", WORLD)), group("db", ingress(WORLD, port=3306))
    )
    for path, text in files.items():
        (tmp_path / "checkout" / path).parent.mkdir(parents=True)
        (tmp_path / "checkout" / path).write_text(text)
    return tmp_path / "checkout"


def live(place: Path, name: str, **changes: Any) -> Ran:
    file = report(place, asff(**changes))
    return fix(place, "--findings", file, "--state", state_file(place, name), "--review")


def test_security_hub_says_which_group_and_the_code_which_rule(checkout: Path) -> None:
    before = files_below(checkout)
    ran = live(checkout, "web")
    assert (ran.status, ran.only()["outcome"]) == (0, "proposed")  # observed in the year 2999
    assert changed(checkout, before) == {MAIN}
    assert f', "{WORLD}"' not in (checkout / MAIN).read_text()
    finding = ran.only()["finding"]
    assert finding["source"] == "securityhub:EC2.13 hub-1"
    assert finding["id"] == f"open-admin-port/123456789012/us-east-1/{GROUP_ID}/tcp:22-22"
    assert finding["resource"] == ARN


def test_how_old_the_report_is_decides_whether_it_is_automatic(checkout: Path) -> None:
    old = live(checkout, "web", LastObservedAt="2020-01-01T00:00:00Z")
    assert old.only()["disposition"] == "review"
    assert "freshness: observed " in old.out


def test_another_control_selects_another_rule(checkout: Path) -> None:
    before = (checkout / MAIN).read_text()
    ran = live(checkout, "db", Compliance={"SecurityControlId": "EC2.19"})
    assert ran.only()["finding"]["class"] == "open-port"
    after = (checkout / MAIN).read_text()
    assert after.partition('"db"')[0] == before.partition('"db"')[0]
    assert WORLD not in after.partition('"db"')[2]


@pytest.mark.parametrize(
    ("name", "control", "outcome"),
    [
        ("db", "EC2.13", "drifted"),  # the code is right: it was opened outside Terraform
        ("web", "EC2.14", "drifted"),
        ("gone", "EC2.13", "refused"),
    ],
)
def test_a_group_whose_code_does_not_say_so(
    checkout: Path, name: str, control: str, outcome: str
) -> None:
    before = files_below(checkout)
    ran = live(checkout, name, Compliance={"SecurityControlId": control})
    assert (ran.status, ran.only()["outcome"]) == (1, outcome)
    assert files_below(checkout) == before


def test_a_group_of_no_state_is_unmanaged(checkout: Path) -> None:
    before = files_below(checkout)
    ran = fix(checkout, "--findings", report(checkout, asff()))
    assert (ran.status, ran.only()["outcome"]) == (1, "unmanaged")
    assert f"no Terraform state knows {GROUP_ID}" in ran.out
    assert files_below(checkout) == before


def test_prowler_says_it_too(checkout: Path) -> None:
    name = "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_22"
    entry = {
        "class_uid": 2004,
        "metadata": {"event_code": name, "product": {"name": "Prowler"}},
        "finding_info": {"uid": "p-1"},
        "resources": [{"uid": ARN}],
        "status_code": "FAIL",
    }
    passed = entry | {"status_code": "PASS"}
    file = report(checkout, [entry, passed])
    ran = fix(checkout, "--findings", file, "--state", state_file(checkout, "web"), "--review")
    assert (ran.status, ran.only()["outcome"]) == (0, "proposed")
    assert ran.only()["finding"]["source"] == f"prowler:{name} p-1"
    assert "entries left out as not active: status_code PASS (1)\n" in ran.err


def test_what_security_hub_closed_is_left_out(checkout: Path) -> None:
    before = files_below(checkout)
    file = report(checkout, asff(Workflow={"Status": "SUPPRESSED"}))
    ran = fix(checkout, "--findings", file)
    assert (ran.status, ran.outcomes) == (0, [])
    assert "entries left out as not active: Workflow.Status SUPPRESSED (1)\n" in ran.err
    assert files_below(checkout) == before
