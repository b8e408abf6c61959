"""The whole register: who, when, why, whose, and what became of it; and an auditor's walk."""

from __future__ import annotations

import csv
import html.parser
import io
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from evidence import CLOSED, CODEOWNERS, NOTES, OPEN, POLICY, Evidence, evidence, record
from hypothesis import given
from hypothesis import strategies as st

from remediator.audit import figures
from remediator.model import sha256

HEAD = '  description = "A group"\n'
TAGGED = OPEN.replace(HEAD, f'{HEAD}  tags = {{ Team = "web", Cost-Center = "4711" }}\n')
PROVIDER = (
    'provider "aws" {\n  default_tags {\n    tags = { team = "platform", cost_center = "1000" }\n'
    "  }\n}\n"
)


@pytest.fixture
def its(tmp_path: Path) -> Evidence:
    return evidence(tmp_path)


def policy_row(its: Evidence, row: str = "open-admin-port") -> str:
    return f"{row} sha256:{sha256((its.history.path / POLICY).read_bytes())}"


# Who, why and whose --------------------------------------------------------------------------


def test_the_row_of_the_policy_and_the_merge_that_brought_it(its: Evidence) -> None:
    its.change(record(OPEN, CLOSED, Policy_Row=policy_row(its)))
    (row,) = its.document()["records"]
    assert row["policy_commit"] == its.git("rev-parse", "main^1")
    assert row["policy_merged_by"] == "Lead <lead@x.org>"
    assert row["policy_author"] == "Ann <ann@x.org>"
    assert row["policy_subject"] == "Adopt the policy"


def test_a_row_that_changed_later_is_dated_by_its_own_change(its: Evidence) -> None:
    """Another row changes the digest, and not who approved this one."""
    first = its.git("rev-parse", "main")
    text = (its.history.path / POLICY).read_text()
    its.history.commit({POLICY: text + "# a comment\n"}, "comment")
    its.change(record(OPEN, CLOSED, Policy_Row=policy_row(its)))
    assert its.document()["records"][0]["policy_commit"] == first
    changed = text.replace("disposition: auto", "disposition: review", 1)
    made = its.history.commit({POLICY: changed, "live/main.tf": OPEN}, "stricter", who="Max")
    its.change(
        record(OPEN, CLOSED, Policy_Row=policy_row(its), Evaluated_At="2026-01-03T00:00:00Z")
    )
    assert its.document()["records"][0]["policy_commit"] == made


def test_a_policy_that_the_history_does_not_have(its: Evidence) -> None:
    its.change()
    (row,) = its.document()["records"]
    assert (row["policy_commit"], row["policy_merged_by"]) == (None, None)


OTHER = PROVIDER.replace("{\n", '{\n  alias = "x"\n', 1).replace("platform", "data")
OWNERS = [
    (OPEN, (None, None)),
    (PROVIDER + OTHER + OPEN, ("platform", "1000")),
    (PROVIDER + OTHER + OPEN.replace(HEAD, f"{HEAD}  provider = aws.x\n"), ("data", "1000")),
    (PROVIDER + OPEN.replace(HEAD, f"{HEAD}  provider = aws.y\n"), (None, None)),
    (TAGGED, ("web", "4711")),
    (PROVIDER + OPEN, ("platform", "1000")),
    (PROVIDER + TAGGED, ("web", "4711")),
    (OPEN.replace(HEAD, f"{HEAD}  tags = var.tags\n"), (None, None)),
]


@pytest.mark.parametrize(("before", "owner"), OWNERS)
def test_the_owning_team(its: Evidence, before: str, owner: tuple[str | None, str | None]) -> None:
    after = before.replace(', "0.0.0.0/0"', "")
    assert after != before
    its.history.commit({"live/main.tf": before}, "as it is")
    its.change(record(before, after), text=after)
    (row,) = its.document()["records"]
    assert (row["team"], row["cost_center"]) == owner
    assert row["code_owners"] == [CODEOWNERS.split()[1]]


@pytest.mark.parametrize("provider", ["", PROVIDER])
def test_what_the_change_removed_belonged_to_whom_it_did(its: Evidence, provider: str) -> None:
    left = provider + TAGGED if not provider else provider + OPEN
    rule = (
        'resource "aws_security_group_rule" "ssh" {\n'
        "  security_group_id = aws_security_group.web.id\n}\n"
    )
    its.history.commit({"live/main.tf": left + rule}, "as it is")
    address = "live:aws_security_group_rule.ssh"
    its.change(record(left + rule, left, Terraform_Address=address), text=left)
    (row,) = its.document()["records"]
    assert (row["team"], row["cost_center"]) == (
        ("platform", "1000") if provider else ("web", "4711")
    )


def test_a_module_s_resources_belong_to_whom_its_provider_does(its: Evidence) -> None:
    alias = PROVIDER.replace("{\n", '{\n  alias = "x"\n', 1).replace("platform", "data")
    call = 'module "web" {\n  source    = "../web"\n  providers = { aws = aws.x }\n}\n'
    its.history.commit({"live/main.tf": PROVIDER + alias + call, "web/main.tf": OPEN}, "as it is")
    address = "live:module.web.aws_security_group.web"
    its.change(record(OPEN, CLOSED, "web/main.tf", Terraform_Address=address), path="web/main.tf")
    (row,) = its.document()["records"]
    assert (row["team"], row["cost_center"]) == ("data", "1000")


PARTS = [
    ("aws_iam_role_policy", "role = aws_iam_role.app.id", "aws_iam_role"),
    ("aws_iam_user_policy", "user = aws_iam_user.app.name", "aws_iam_user"),
    ("aws_s3_bucket_policy", "bucket = aws_s3_bucket.app.id", "aws_s3_bucket"),
    ("aws_sns_topic_policy", "arn = aws_sns_topic.app.arn", "aws_sns_topic"),
]


@pytest.mark.parametrize(("kind", "names", "whole"), PARTS)
def test_a_policy_belongs_to_whom_its_resource_does(
    its: Evidence, kind: str, names: str, whole: str
) -> None:
    tags = '{ Team = "jobs", CostCenter = "77" }'
    code = f'resource "{whole}" "app" {{\n  tags = {tags}\n}}\n'
    before = f'{code}resource "{kind}" "own" {{\n  {names}\n  policy = "open"\n}}\n'
    after = before.replace('"open"', '"shut"')
    its.history.commit({"live/main.tf": before}, "as it is")
    its.change(record(before, after, Terraform_Address=f"live:{kind}.own"), text=after)
    (row,) = its.document()["records"]
    assert (row["team"], row["cost_center"]) == ("jobs", "77")


def test_the_names_of_the_tags_are_configured(its: Evidence) -> None:
    after = TAGGED.replace(', "0.0.0.0/0"', "")
    its.history.commit({"live/main.tf": TAGGED}, "as it is")
    its.change(record(TAGGED, after), text=after)
    (row,) = its.document(audit="{team_tags: cost-center, cost_tags: []}")["records"]
    assert (row["team"], row["cost_center"]) == ("4711", None)


# When --------------------------------------------------------------------------------------


def test_what_became_of_it(its: Evidence) -> None:
    merge = its.change()
    its.note(merge, "Applied: 2026-01-02T00:00:00Z\nResolved: 2026-01-03T00:00:00Z")
    (row,) = its.document()["records"]
    assert (row["applied_at"], row["resolved_at"]) == (
        "2026-01-02T00:00:00Z",
        "2026-01-03T00:00:00Z",
    )
    assert row["open_to_resolved_seconds"] == 2 * 86400 + 3600
    assert row["merged_to_applied_seconds"] > 0


def test_what_people_change_is_in_the_population(its: Evidence) -> None:
    its.change()
    pushed = its.history.commit({"live/main.tf": CLOSED + "# x\n"}, "direct push", who="Dev")
    its.git("checkout", "-q", "-b", "work")
    its.history.commit({"live/other.tf": "# y\n"}, "work", who="Dev")
    its.git("checkout", "-q", "main")
    merged = its.history.merge("work")
    rows = {row["commit"]: row for row in its.document()["unrecorded"]}
    assert (rows[pushed]["direct"], rows[pushed]["touches"]) == (True, ["live/main.tf"])
    assert (rows[merged]["direct"], rows[merged]["touches"]) == (False, [])


# The auditor's walk --------------------------------------------------------------------------


class Walk(html.parser.HTMLParser):
    """Per entry of the page: what each command answers, and the command."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[list[tuple[str, str, str]]] = []
        self._in: tuple[str, str] | None = None
        self._text = ""
        self._code = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "details":
            self.entries.append([])
        if tag == "tr" and given.get("data-what"):
            self._in = (given["data-what"] or "", given.get("data-path") or "")
        self._code = tag == "code" and self._in is not None
        self._text = "" if self._code else self._text

    def handle_data(self, data: str) -> None:
        if self._code:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "code" and self._in:
            self.entries[-1].append((*self._in, self._text))
            self._in, self._code = None, False


def walked(page: str) -> list[list[tuple[str, str, str]]]:
    parser = Walk()
    parser.feed(page)
    return parser.entries


def answer(folder: Path, command: str) -> str:
    done = subprocess.run(
        ["sh", "-c", command], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_an_auditor_arrives_at_the_same_with_git_alone(its: Evidence) -> None:
    """In a clone of their own, from the page alone, for every row and every command."""
    odd = "live/it's $(odd).tf"
    its.history.commit({odd: OPEN.replace("web", "odd")}, "another")
    for path, text, number in (("live/main.tf", OPEN, 1), (odd, OPEN.replace("web", "odd"), 2)):
        after = text.replace(', "0.0.0.0/0"', "")
        its.git("checkout", "-q", "-B", "remediator/x")
        when = f"2026-01-01T0{number}:00:00Z"
        message = record(text, after, path, Evaluated_At=when)
        its.history.commit({path: after}, message, "Bot")
        its.git("checkout", "-q", "main")
        its.note(its.history.merge("remediator/x"), "Applied: 2026-02-01T00:00:00Z")
    rows = its.document()["records"]
    entries = walked(its.audit("--format", "html").out)
    clone = its.folder / "auditor"
    subprocess.run(["git", "clone", "-q", str(its.bare), str(clone)], check=True)
    answer(clone, f"git fetch -q origin {NOTES}:{NOTES}")
    assert len(entries) == len(rows) == 2
    for row, steps in zip(rows, entries, strict=True):
        said = {(what, path): answer(clone, command) for what, path, command in steps}
        plain = {what: text.strip() for (what, _), text in said.items()}
        assert plain["actor"] == row["actor"]
        assert plain["committed"].replace("+00:00", "Z") == row["committed_at"]
        assert (plain["merged by"], plain["merged"].replace("+00:00", "Z")) == (
            row["merged_by"],
            row["merged_at"],
        )
        assert json.loads(plain["access before"]) == row["before"]
        assert json.loads(plain["access after"]) == row["after"]
        assert plain["it is in the history"] == "yes"
        assert f"Applied: {row['applied_at']}" in plain["what became of it"]
        (file,) = row["changed"]
        for side in ("before", "after"):
            text = said[f"file {side}", file["path"]]
            assert text == file[side]
            assert f"{sha256(text.encode())} {file['path']}" in plain["digests"]
        assert "-    cidr_blocks" in plain["what changed"]


# Forms -------------------------------------------------------------------------------------

HOSTILE = "<script>alert(1)</script>\"' onmouseover=x {{ 7*7 }} \u202e=cmd"


def test_markup_in_names_does_nothing(its: Evidence) -> None:
    changes = {
        "Finding_Id": HOSTILE,
        "Finding_Source": HOSTILE,
        "Terraform_Address": HOSTILE,
        "Resource": HOSTILE,
        "Disposition": HOSTILE,
        "Check": f"{HOSTILE}: {HOSTILE}: {HOSTILE}",
        "Before": json.dumps({HOSTILE: HOSTILE}),
        "After": "null",
    }
    message = record(OPEN, CLOSED, **changes).replace("fix(sg): close", f"fix(sg): {HOSTILE} close")
    its.change(message)
    its.history.commit({"live/x.tf": "x"}, HOSTILE, who="Dev")
    page = its.audit("--format", "html").out
    assert page.count("<script>") == 1
    assert "onmouseover=x" in page  # told, as text
    assert "49" not in page.partition("Register")[2].partition("alert")[0]
    assert "\u202e" not in page
    allowed = {"html", "head", "body", "script", "style"}

    class Tags(html.parser.HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert not {name for name, _ in attrs if name.startswith("on")}, (tag, attrs)
            if tag in allowed:
                allowed.discard(tag)
            else:
                assert tag not in ("script", "style", "iframe", "img", "object", "embed")

    Tags().feed(page)


def test_the_page_needs_no_network(its: Evidence) -> None:
    its.change()
    page = its.audit("--format", "html").out
    assert "default-src 'none'" in page
    for word in ("src=", 'href="http', "url(", "@import", "fetch("):
        assert word not in page.partition("<body>")[2].replace("nosrc=", "")


def test_formulas_in_csv_do_nothing(its: Evidence) -> None:
    its.change(record(OPEN, CLOSED, Finding_Id="=HYPERLINK(1)", Finding_Source="@SUM(1)"))
    rows = list(csv.DictReader(io.StringIO(its.audit("--format", "csv").out)))
    (row,) = [r for r in rows if r["kind"] == "record"]
    assert (row["findings"], row["source"]) == ("'=HYPERLINK(1)", "'@SUM(1)")
    assert {"team", "applied_at", "policy_merged_by", "record_sha256"} <= row.keys()


# Figures -----------------------------------------------------------------------------------


@given(st.lists(st.one_of(st.none(), st.integers(0, 10**8))))
def test_every_change_is_counted_once(seconds: list[int | None]) -> None:
    found = figures.exposure([{"open_seconds": s} for s in seconds])
    assert sum(b.merged for b in found.buckets) + found.unknown == len(seconds)
    assert found.beyond == sum(s is not None and s >= 14 * 86400 for s in seconds)
    assert found.beyond == found.buckets[-1].merged


def test_access_is_compared_line_by_line() -> None:
    one = {"from_port": 22, "protocol": "tcp", "source": "0.0.0.0/0", "to_port": 22}
    two = {**one, "source": "10.0.0.0/8"}
    found = figures.compared({"a": {"ingress": [one, two]}}, {"a": {"ingress": [two]}})
    assert found == [
        ("-", "a: ingress: tcp 22 from 0.0.0.0/0"),
        (" ", "a: ingress: tcp 22 from 10.0.0.0/8"),
    ]
    assert figures.compared(None, "text") == [("+", "text")]


def test_a_policy_is_compared_action_by_action() -> None:
    first = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "*"}
    denied = {"Effect": "Deny", "NotAction": "iam:*", "Resource": ["a", "b"], "Principal": "*"}
    odd = {"Effect": "Allow", "Action": {"x": 1}, "Condition": {"Bool": {"k": "true"}}}
    before: dict[str, Any] = {"policy": {"Statement": [first, denied, odd]}}
    after: dict[str, Any] = {"policy": {"Statement": [{**first, "Action": "s3:GetObject"}, denied]}}
    assert figures.compared(before, after) == [
        (" ", "policy: Statement: Allow s3:GetObject on *"),
        ("-", "policy: Statement: Allow s3:PutObject on *"),
        (" ", "policy: Statement: Deny all but iam:* on a, b by *"),
        ("-", 'policy: Statement: Allow {"x": 1} if {"Bool": {"k": "true"}}'),
    ]


# What has no record ------------------------------------------------------------------------


def test_what_opens_a_door_beside_terraform_is_listed_too(its: Evidence) -> None:
    """A policy's JSON that a change of ours edited, and the rules that let things be."""
    its.change(record("{}", "[]", "live/policy.json"), text=OPEN)  # the record names the file
    its.history.commit({"live/policy.json": "{}"}, "wider again", "Dev")
    its.history.commit({"other.json": "{}"}, "of no interest", "Dev")
    its.history.commit({"exemptions.yaml": "version: 1\nexemptions: []\n"}, "let it be", "Dev")
    its.history.commit({"remediator.yaml": "version: 1\n"}, "observe", "Dev")
    found = json.loads(its.audit("--format", "json").out)["unrecorded"]
    told = {row["subject"]: (row["files"], row["touches"]) for row in found}
    assert told["wider again"] == (["live/policy.json"], ["live/policy.json"])
    assert told["let it be"] == (["exemptions.yaml"], [])
    assert told["observe"] == (["remediator.yaml"], [])
    assert "of no interest" not in told
