"""What auditors are handed: rows from records, in three formats, from hostile content."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from remediator.audit.forms import write
from remediator.audit.history import Unrecorded
from remediator.audit.report import Report, as_csv, as_json, open_seconds, row
from remediator.model import Record

MERGED = datetime(2026, 3, 10, 12, 0, 0, tzinfo=UTC)
TRAILERS = (
    ("Remediator-Version", "1"),
    ("Finding-Id", "f1"),
    ("Finding-Id", "f2"),
    ("Finding-Class", "open-admin-port"),
    ("Finding-Source", "aws-config"),
    ("Finding-Created", "2026-03-08T10:30:00Z"),
    ("Evaluated-At", "2026-03-10T11:59:00Z"),
    ("Resource", "arn:aws:ec2:eu-west-1:1:security-group/sg-1"),
    ("Terraform-Address", "live/prod:aws_security_group.web"),
    ("Disposition", "auto"),
    ("Policy-Row", "admin-port sha256:abc"),
    ("Check", "blast-radius: pass: all 1 instances: have the finding"),
    ("Proof", "narrower: pass: after is within before"),
    ("Before", '{"ingress": ["tcp 22 0.0.0.0/0"]}'),
    ("After", '{"ingress": []}'),
)
RECORD = Record(
    commit="c" * 40,
    merge="m" * 40,
    actor="Remediator <bot@x.org>",
    merged_by="Pat <pat@x.org>",
    committed_at=MERGED - timedelta(hours=1),
    merged_at=MERGED,
    subject="fix(sg): close SSH",
    trailers=TRAILERS,
)
QUICK = Unrecorded("d" * 40, "Dev <dev@x.org>", MERGED, "quick fix", ("a.tf", "b.tf"))


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def with_trailer(key: str, value: str) -> Record:
    kept = tuple(pair for pair in TRAILERS if pair[0] != key)
    return replace(RECORD, trailers=(*kept, (key, value)))


def printed(form: str, report: Report, out: io.StringIO | None = None) -> str:
    out = out or io.StringIO()
    write(report, form, out)
    return out.getvalue()


def cells(report: Report) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(as_csv(report), newline="")))


# Rows --------------------------------------------------------------------------------------


def test_a_row_says_what_the_record_says() -> None:
    assert row(RECORD) == {
        "commit": "c" * 40,
        "merge": "m" * 40,
        "merged_at": "2026-03-10T12:00:00Z",
        "merged_by": "Pat <pat@x.org>",
        "actor": "Remediator <bot@x.org>",
        "committed_at": "2026-03-10T11:00:00Z",
        "subject": "fix(sg): close SSH",
        "findings": ["f1", "f2"],
        "class": "open-admin-port",
        "source": "aws-config",
        "resources": ["arn:aws:ec2:eu-west-1:1:security-group/sg-1"],
        "addresses": ["live/prod:aws_security_group.web"],
        "disposition": "auto",
        "policy_row": "admin-port",
        "policy_digest": "abc",
        "checks": [
            {
                "name": "blast-radius",
                "verdict": "pass",
                "detail": "all 1 instances: have the finding",
            }
        ],
        "proofs": [{"name": "narrower", "verdict": "pass", "detail": "after is within before"}],
        "before": {"ingress": ["tcp 22 0.0.0.0/0"]},
        "after": {"ingress": []},
        "created_at": "2026-03-08T10:30:00Z",
        "evaluated_at": "2026-03-10T11:59:00Z",
        "open_seconds": 2 * 86400 + 5400,
        "digests": "ok",
        "problems": [],
    }


def test_what_is_not_said_is_null() -> None:
    found = row(replace(RECORD, trailers=TRAILERS[:1], merge=None))
    nothing = {name for name, value in found.items() if value is None}
    assert nothing == {
        *("merge", "class", "source", "disposition", "policy_row", "policy_digest"),
        *("before", "after", "created_at", "evaluated_at", "open_seconds"),
    }
    assert found["findings"] == found["checks"] == []


OPEN = [
    ("2026-03-10T12:00:00Z", 0),
    ("2026-03-10T11:59:00+00:00", 60),
    ("2026-03-10T13:59:00+02:00", 60),
    ("2026-03-11T12:00:00Z", None),
    ("2026-03-10T11:59:00", None),
    ("yesterday", None),
    ("", None),
    ("9999-99-99T00:00:00Z", None),
]


@pytest.mark.parametrize(("created", "seconds"), OPEN)
def test_how_long_it_was_open(created: str, seconds: int | None) -> None:
    assert open_seconds(with_trailer("Finding-Created", created)) == seconds


@pytest.mark.parametrize(
    "state", ["not json", "{", "NaN", *("[" * n + "]" * n for n in (70, 900, 30_000))]
)
def test_a_state_that_is_no_json_stays_text(state: str) -> None:
    record = with_trailer("Before", state)
    assert row(record)["before"] == state
    assert json.loads(as_json(Report.of([record])))["records"][0]["before"] == state
    assert cells(Report.of([record]))[0]["before"] == state


def test_problems_are_told() -> None:
    found = row(replace(RECORD, problems=("a.tf has another digest",)))
    assert (found["digests"], found["problems"]) == ("problems", ["a.tf has another digest"])
    assert Report.of([RECORD, replace(RECORD, problems=("x",))]).problems == 1


def test_times_are_shown_in_utc() -> None:
    east = replace(RECORD, merged_at=MERGED.astimezone(timezone(timedelta(hours=9))))
    assert row(east)["merged_at"] == "2026-03-10T12:00:00Z"


# Filters -----------------------------------------------------------------------------------

DAY = timedelta(days=1)
WITHIN = [
    (None, None, True),
    (MERGED, None, True),
    (MERGED + DAY, None, False),
    (None, MERGED, False),
    (None, MERGED + DAY, True),
    (MERGED - DAY, MERGED + DAY, True),
]


@pytest.mark.parametrize(("since", "until", "kept"), WITHIN)
def test_since_and_until(since: datetime | None, until: datetime | None, kept: bool) -> None:
    report = Report.of([RECORD], [QUICK], since, until)
    assert (bool(report.records), bool(report.unrecorded)) == (kept, kept)


# Formats -----------------------------------------------------------------------------------


def test_json_is_a_document_with_a_version() -> None:
    found = json.loads(as_json(Report.of([RECORD], [QUICK])))
    assert found == {
        "version": 1,
        "records": [row(RECORD)],
        "unrecorded": [
            {
                "commit": "d" * 40,
                "merged_at": "2026-03-10T12:00:00Z",
                "actor": "Dev <dev@x.org>",
                "subject": "quick fix",
                "files": ["a.tf", "b.tf"],
            }
        ],
    }


def test_csv_holds_the_whole_population() -> None:
    record, quick = cells(Report.of([RECORD], [QUICK]))
    assert (record["kind"], quick["kind"]) == ("record", "unrecorded")
    assert record["findings"] == "f1; f2"
    assert record["checks"] == "blast-radius: pass: all 1 instances: have the finding"
    assert record["after"] == '{"ingress": []}'
    assert record["open_seconds"] == "178200"
    assert (quick["files"], quick["disposition"]) == ("a.tf; b.tf", "")
    assert None not in record


FORMULAS = ['=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "\tx", "\r=1", "\n=1", "\uff1d1"]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_is_a_formula(text: str) -> None:
    hostile = replace(
        RECORD,
        actor=text,
        subject=text,
        trailers=tuple((key, text) for key, _ in TRAILERS),
        problems=(text,),
    )
    quick = replace(QUICK, actor=text, subject=text, files=(text,))
    for line in csv.reader(io.StringIO(as_csv(Report.of([hostile], [quick])), newline="")):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for cell in line)
    assert cells(Report.of([hostile]))[0]["actor"] == f"'{text}"


@pytest.mark.parametrize("text", ["x;=HYPERLINK(1)", "x;+1", 'a";@SUM(1);"', "a\t-1", "x;\uff1d1"])
def test_no_part_of_a_cell_is_a_formula_where_semicolons_part_cells(text: str) -> None:
    """As in a spreadsheet of a country whose decimals have a comma."""
    table = as_csv(Report.of([replace(RECORD, subject=text, actor=text)]))
    for separator in (";", "\t"):
        for line in csv.reader(io.StringIO(table, newline=""), delimiter=separator):
            assert not any(cell.startswith(("=", "+", "-", "@", "\uff1d")) for cell in line)


@pytest.mark.parametrize("text", ['a "quoted", cell', "two\nlines", "a,b;c", "größe 🔒", "'x"])
def test_cells_come_back_as_they_were(text: str) -> None:
    assert cells(Report.of([replace(RECORD, subject=text)]))[0]["subject"] == text


HOSTILE = "\x1b[31mred\x1b[0m [bold]x[/bold]\n\u202evil\ud800\r\x07"


@pytest.mark.parametrize("form", ["table", "json", "csv"])
@pytest.mark.parametrize("out", [io.StringIO, Screen])
def test_hostile_text_comes_out_harmless(form: str, out: type[io.StringIO]) -> None:
    hostile = replace(
        RECORD,
        actor=HOSTILE,
        subject=HOSTILE,
        trailers=tuple((key, HOSTILE) for key, _ in TRAILERS),
        problems=(HOSTILE,),
    )
    quick = replace(QUICK, actor=HOSTILE, subject=HOSTILE, files=(HOSTILE,))
    text = printed(form, Report.of([hostile], [quick]), out())
    text.encode()
    if form == "table":
        assert "\x1b[31m" not in text
        assert not {"\u202e", "\r", "\x07"} & {*text}


def test_a_table_in_a_log_is_plain_and_whole() -> None:
    bad = replace(RECORD, problems=("sg.tf has another digest than its After-SHA256 says",))
    lines = printed("table", Report.of([RECORD, bad], [QUICK])).splitlines()
    assert lines[0] == "Changes with a record: 2"
    assert " ".join(lines[1].split()) == "merged commit by finding address decided open digests"
    assert "f1 (+1)  live/prod:aws_security_group.web  auto     2 d 1 h  ok" in lines[2]
    assert lines[3].endswith("1 problems")
    assert "Terraform or rules changed without a record: 1" in lines
    assert lines[-1] == f"{'c' * 12}: sg.tf has another digest than its After-SHA256 says"
    assert all(line.isascii() for line in lines)


def test_a_table_on_a_terminal_is_drawn() -> None:
    text = printed("table", Report.of([RECORD], [QUICK]), Screen())
    assert "─" in text
    assert "Changes with a record: 1" in text


def test_an_empty_register_is_said() -> None:
    assert printed("table", Report.of([])).startswith("Changes with a record: 0\n")
    assert cells(Report.of([])) == []


def test_there_is_no_such_format() -> None:
    with pytest.raises(ValueError, match="no such format: xml"):
        printed("xml", Report.of([]))
