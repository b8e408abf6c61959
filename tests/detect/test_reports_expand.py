"""What an entry about the code selects there, and how it ends where it selects nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from remediator.commands.assembly import class_name
from remediator.detect.evaluated_code import all_findings_in
from remediator.detect.given_tags import given_in
from remediator.detect.reports.checks import about
from remediator.detect.reports.expand import Code, Owned, of_group, of_place
from remediator.detect.reports.outcomes import merged
from remediator.detect.reports.reported import Live, Place, Reported, security_group
from remediator.estate import Estate, States
from remediator.model import UNOBSERVED, Finding, Kind, Outcome
from remediator.remediate.world_open import door_of, evidence_of
from remediator.terraform.state import StateIndex
from remediator.tree import MemoryTree

NO_STATES = States(StateIndex.of(()), frozenset(), frozenset(), {})
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
WEB = """\
resource "aws_security_group" "web" {
  name = "web"

  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }

  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }

  ingress {
    from_port   = 8080
    to_port     = 8090
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }
}

variable "office" {
  type = list(string)
}

resource "aws_security_group_rule" "office" {
  type              = "ingress"
  security_group_id = aws_security_group.web.id
  from_port         = 22
  to_port           = 22
  protocol          = "tcp"
  cidr_blocks       = var.office
}

resource "aws_default_security_group" "default" {
  vpc_id = "vpc-1"
}

resource "aws_security_group" "public" {
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["198.51.100.0/24"]
  }
}
"""
LIST = """\
resource "aws_security_group" "listed" {
  ingress = [
    { from_port = 22, to_port = 22, protocol = "tcp", cidr_blocks = ["0.0.0.0/0"] },
    { from_port = 3389, to_port = 3389, protocol = "tcp", cidr_blocks = ["::/0"] },
  ]
}
"""
DYNAMIC = """\
resource "aws_security_group" "dynamic" {
  dynamic "ingress" {
    for_each = var.rules
    content {
      from_port = ingress.value
      to_port   = ingress.value
      protocol  = "tcp"
    }
  }
}
"""
FILES = {
    "live/web.tf": WEB,
    "live/list.tf": LIST,
    "live/dynamic.tf": DYNAMIC,
    "odd/broken.tf": 'resource "aws_security_group" "x" {\n',
    "json/data.tf.json": '{"resource": {"aws_security_group": {"j": {}}}}',
    "moved/new.tf": LIST.replace("listed", "moved"),
    "moved/old.tf": "# It was here.\n",
    "over/main.tf": LIST.replace("0.0.0.0/0", "10.0.0.0/8"),
    "over/main_override.tf": 'resource "aws_security_group" "listed" {\n  ingress = var.x\n}\n',
    "odd/fine.tf": LIST.replace("0.0.0.0/0", "10.0.0.0/8"),
    "twice/a/main.tf": LIST,
    "twice/b/main.tf": LIST.replace("listed", "other"),
}


@pytest.fixture(scope="module")
def code() -> Code:
    estate = Estate.of(MemoryTree({p: t.encode() for p, t in FILES.items()}), NO_STATES)

    def look() -> Sequence[Finding]:
        return all_findings_in(estate.configurations, class_name, evidence_of, NOW)[0]

    return Code(estate.sources, look, class_name, evidence_of, NOW, given_in(estate.configurations))


def answer(code: Code, check: str, place: Place) -> Sequence[Finding] | Outcome:
    known = about(check)
    assert known is not None
    return of_place(Reported("scanner", check, place), known, place, code)


def selected(code: Code, check: str, file: str, line: int = 0, address: str | None = None) -> Any:
    found = answer(code, check, Place((file,), line, address))
    assert not isinstance(found, Outcome), found
    return [(f.address, door_of(f).ports.key) for f in found]


def ended(
    code: Code, check: str, file: str, line: int = 0, address: str | None = None
) -> tuple[Kind, str]:
    found = answer(code, check, Place((file,), line, address))
    assert isinstance(found, Outcome), found
    assert found.text
    assert found.finding.source == f"scanner:{check}"
    return found.kind, found.code


SSH, HTTPS = "tcp:22-22", "tcp:443-443"
SG = "aws_security_group"


# Selected ----------------------------------------------------------------------------------


@pytest.mark.parametrize("line", [1, 2, 3, 4, 5, 8, 9])
def test_a_line_inside_the_block(code: Code, line: int) -> None:
    assert selected(code, "CKV_AWS_24", "live/web.tf", line) == [(f"{SG}.web", SSH)]


@pytest.mark.parametrize(
    ("line", "doors"),
    [
        (1, [SSH, HTTPS]),  # the block as a whole
        (3, [SSH, HTTPS]),
        (4, [SSH]),
        (8, [SSH]),
        (9, [SSH]),
        (11, [HTTPS]),
        (16, [HTTPS]),
        (20, [SSH, HTTPS]),  # a rule that is not open: the line may have moved
        (24, [SSH, HTTPS]),
    ],
)
def test_a_line_inside_one_rule_selects_that_one(code: Code, line: int, doors: list[str]) -> None:
    any_port = "4728cd65-a20c-49da-8b31-9c08b423e4db"
    assert selected(code, any_port, "live/web.tf", line) == [(f"{SG}.web", d) for d in doors]


def test_a_line_inside_an_element_of_a_list(code: Code) -> None:
    assert selected(code, "AVD-AWS-0107", "live/list.tf", 4) == [(f"{SG}.listed", "tcp:3389-3389")]


def test_only_the_doors_that_the_check_is_about(code: Code) -> None:
    assert selected(code, "CKV_AWS_25", "live/list.tf", 1) == [(f"{SG}.listed", "tcp:3389-3389")]


@pytest.mark.parametrize("line", [0, 1, 999])
def test_an_address_needs_no_line(code: Code, line: int) -> None:
    address = f"module.a.module.b[0].{SG}.web"
    assert selected(code, "CKV_AWS_24", "live/web.tf", line, address) == [(f"{SG}.web", SSH)]


def test_an_address_that_is_none_leaves_the_line(code: Code) -> None:
    found = selected(code, "CKV_AWS_24", "live/web.tf", 1, "AWS::EC2::SecurityGroup.web")
    assert found == [(f"{SG}.web", SSH)]


def test_a_block_that_moved_to_the_file_beside_it(code: Code) -> None:
    found = selected(code, "CKV_AWS_24", "moved/old.tf", 1, f"{SG}.moved")
    assert found == [(f"{SG}.moved", SSH)]


def test_an_older_meaning_of_a_check(code: Code) -> None:
    """tfsec's check was about any port."""
    found = selected(code, "aws-ec2-no-public-ingress-sgr", "live/web.tf", 11)
    assert found == [(f"{SG}.web", HTTPS)]


def test_it_is_the_finding_that_is_there_without_a_report(code: Code) -> None:
    found = answer(code, "CKV_AWS_24", Place(("live/web.tf",), 1))
    assert not isinstance(found, Outcome)
    assert [f for f in found if f in code.findings] == list(found)


def with_findings(code: Code, *places: tuple[str, str]) -> tuple[Code, list[Finding]]:
    """A code of which evaluation says these instances, each an (address, file), let in SSH."""
    (like,) = [f for f in code.findings if f.address == f"{SG}.web" and "22" in f.id]
    found = [replace(like, id=a, address=a, file=f, root="live") for a, f in places]
    return Code(code.sources, lambda: found, class_name, evidence_of, NOW, code.given_of), found


def test_what_an_instance_comes_to_counts_too(code: Code) -> None:
    instances = [(f"module.x.{SG}.dynamic[{n}]", "live/dynamic.tf") for n in range(2)]
    wider, found = with_findings(code, *instances)
    assert answer(wider, "CKV_AWS_24", Place(("live/dynamic.tf",), 3)) == found
    one = Place(("live/dynamic.tf",), 3, instances[1][0])
    assert answer(wider, "CKV_AWS_24", one) == found[1:]
    other = Place(("live/dynamic.tf",), 3, f'module.x["odd"].{SG}.dynamic')
    assert answer(wider, "CKV_AWS_24", other) == found


def test_what_is_in_json_syntax_is_found_by_its_address(code: Code) -> None:
    wider, found = with_findings(code, (f"{SG}.j", "json/data.tf.json"))
    assert answer(wider, "CKV_AWS_24", Place(("json/data.tf.json",), 0, f"{SG}.j")) == found


def test_egress_is_what_the_report_says(code: Code) -> None:
    found = answer(code, "CKV_AWS_382", Place(("live/web.tf",), 1))
    assert not isinstance(found, Outcome)
    (finding,) = found
    assert (finding.finding_class, finding.address) == ("open-egress", f"{SG}.web")
    assert finding.source == "scanner:CKV_AWS_382"


# What is not known goes to the loop, which asks the exemptions and refuses -----------------------


@pytest.mark.parametrize(
    ("file", "line", "address"),
    [
        ("live/web.tf", 35, "aws_security_group_rule.office"),
        ("live/dynamic.tf", 3, f"{SG}.dynamic"),
    ],
)
def test_a_value_that_is_not_known(code: Code, file: str, line: int, address: str) -> None:
    found = answer(code, "CKV_AWS_24", Place((file,), line))
    assert not isinstance(found, Outcome)
    (finding,) = found
    assert (finding.address, finding.source) == (address, "scanner:CKV_AWS_24")
    assert not [f for f in code.findings if f.address == address]


# Resolved, and refused -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("check", "file", "line", "address"),
    [
        ("CKV_AWS_25", "live/web.tf", 1, f"{SG}.web"),
        ("CKV_AWS_25", "live/web.tf", 5, None),
        ("CKV_AWS_277", "live/web.tf", 1, None),
        ("CKV_AWS_24", "live/web.tf", 1, f"{SG}.gone"),
        ("CKV_AWS_24", "live/web.tf", 1, f"module.x.{SG}.gone[0]"),
        ("AVD-AWS-0107", "live/web.tf", 46, None),
    ],
)
def test_what_the_code_does_not_bear_out(
    code: Code, check: str, file: str, line: int, address: str | None
) -> None:
    assert ended(code, check, file, line, address) == (Kind.RESOLVED, "gone-from-code")


@pytest.mark.parametrize(
    ("file", "line", "address", "why"),
    [
        ("live/none.tf", 1, None, "no-such-file"),
        ("../../outside/main.tf", 1, None, "no-such-file"),
        ("/etc/passwd", 1, None, "no-such-file"),
        ("", 1, None, "no-such-file"),
        ("main.tf", 1, None, "ambiguous-file"),
        ("live/web.tf", 26, None, "no-resource-there"),
        ("live/web.tf", 25, None, "no-resource-there"),
        ("live/web.tf", 0, None, "no-resource-there"),
        ("live/web.tf", 9999, None, "no-resource-there"),
        ("live/web.tf", 40, None, "unsupported-owner"),
        ("odd/broken.tf", 1, None, "unreadable-source"),
        ("odd/fine.tf", 1, f"{SG}.gone", "unreadable-source"),
        ("odd/fine.tf", 1, None, "unreadable-source"),
        ("over/main.tf", 1, None, "override-file"),
        ("json/data.tf.json", 1, None, "json-syntax"),
        ("json/data.tf.json", 1, f"{SG}.j", "json-syntax"),
    ],
)
def test_what_is_not_clear_is_refused(
    code: Code, file: str, line: int, address: str | None, why: str
) -> None:
    assert ended(code, "CKV_AWS_24", file, line, address) == (Kind.REFUSED, why)


def test_a_name_of_two_files_is_the_one_with_the_resource(code: Code) -> None:
    assert selected(code, "CKV_AWS_24", "main.tf", 1, f"{SG}.other") == [(f"{SG}.other", SSH)]
    assert ended(code, "CKV_AWS_24", "main.tf", 1, f"{SG}.none") == (Kind.REFUSED, "ambiguous-file")


def test_a_source_that_is_less_than_the_world_is_not_called_resolved(code: Code) -> None:
    check = "aws-ec2-security-group-allows-public-ingress"
    assert ended(code, check, "live/web.tf", 45) == (Kind.REFUSED, "not-world-open")
    assert selected(code, check, "live/web.tf", 4) == [(f"{SG}.web", SSH)]


def test_a_place_without_a_file(code: Code) -> None:
    found = answer(code, "CKV_AWS_24", Place(()))
    assert isinstance(found, Outcome)
    assert (found.code, found.text[:7]) == ("no-such-file", "no file")


# A live group by its blocks ----------------------------------------------------------------------

GROUP = "sg-0123456789abcdef0"


def of_live(code: Code, check: str, *addresses: str, **changes: Any) -> list[Finding]:
    live = security_group(GROUP, "123456789012", "us-east-1", **changes)
    known = about(check)
    assert isinstance(live, Live)
    assert known is not None
    blocks = tuple(b for a in addresses if (b := code.sources.find("live", a)))
    assert len(blocks) == len(addresses)
    entry = Reported("hub", check, live, "id", observed_at=NOW)
    return [*of_group(entry, known, live.resource, Owned(blocks), code, entry.observed_at)]


def test_the_doors_of_its_blocks(code: Code) -> None:
    (finding,) = of_live(code, "EC2.13", f"{SG}.web", "aws_security_group_rule.office")
    assert finding.id == f"open-admin-port/123456789012/us-east-1/{GROUP}/tcp:22-22"
    assert finding.evidence == {
        "protocol": "tcp", "from_port": 22, "to_port": 22, "cidrs": ["0.0.0.0/0"],
    }  # fmt: skip
    assert (finding.address, finding.file) == (None, None)
    assert (finding.resource.name, finding.resource.tags) == ("web", ())
    assert finding.observed_at == NOW


def test_what_the_report_knows_of_the_group_wins(code: Code) -> None:
    told = (("Role", "bastion"),)
    (finding,) = of_live(code, "EC2.13", f"{SG}.web", group_name="jump", tags=told)
    assert (finding.resource.name, finding.resource.tags) == ("jump", told)


def test_without_a_block_there_is_the_least_that_it_says(code: Code) -> None:
    (finding,) = of_live(code, "EC2.54")
    assert door_of(finding).cidrs == ("::/0",)
    assert finding.resource.tags is None
    (finding,) = of_live(code, "EC2.18")
    assert door_of(finding).ports.key == "-1:-1--1"
    (finding,) = of_live(code, "EC2.14", f"{SG}.web")
    assert door_of(finding).ports.key == "tcp:3389-3389"


def test_a_report_that_does_not_say_when_is_never_fresh(code: Code) -> None:
    live = security_group(GROUP, None, None)
    known = about("EC2.13")
    assert live is not None
    assert known is not None
    entry = Reported("hub", "EC2.13", live)
    (finding,) = of_group(entry, known, live.resource, Owned(), code, entry.observed_at)
    assert finding.observed_at == UNOBSERVED


# Several entries, one finding ------------------------------------------------------------------


def test_each_report_is_among_the_sources(code: Code) -> None:
    first = Reported("a", "CKV_AWS_24", Place(("live/web.tf",), 1), created_at=NOW)
    entries = [first, Reported("b", "AVD-AWS-0107", Place(("live/web.tf",), 4), "own")]
    pairs = []
    for entry in entries:
        found = answer(code, entry.check, entry.at)  # type: ignore[arg-type]
        assert not isinstance(found, Outcome)
        pairs += [(f, entry) for f in found]
    (finding,) = merged(pairs)
    assert finding.source == "code, a:CKV_AWS_24, b:AVD-AWS-0107 own"
    assert finding.created_at == NOW


def test_the_sources_stay_short(code: Code) -> None:
    entries = [Reported(f"t{n}", "CKV_AWS_24", Place(("live/web.tf",), 1)) for n in range(1000)]
    found = answer(code, "CKV_AWS_24", Place(("live/web.tf",), 1))
    assert not isinstance(found, Outcome)
    (finding,) = merged((found[0], entry) for entry in entries)
    assert finding.source.endswith("t3:CKV_AWS_24 and 996 more")
