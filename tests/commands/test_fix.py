"""`remediator fix`: a checkout is rewritten in place, and nothing in it is ever lost."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from commandline import WORLD, Ran, files_below, group, ingress, one_root, remediator, root_head

from remediator.evaluate.policy import PACKAGED

FILE = "live/prod/main.tf"
WEB = group("web", ingress("10.0.0.0/8", WORLD))
FIXED = WEB.replace(f', "{WORLD}"', "")
WIDE = group("legacy", ingress(WORLD, port=20, to=25))
CLOSED = group("legacy", "  ingress = []\n")
SOURCE = {**one_root(WEB), "live/prod/wide.tf": WIDE, "notes.txt": "0.0.0.0/0\n"}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return written(tmp_path / "checkout", SOURCE)


def written(folder: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder


def fix(place: Path, *arguments: str | Path) -> Ran:
    file = place.parent / "outcomes.json"
    ran = remediator("fix", place, "--json", file, *arguments)
    found = json.loads(file.read_text()) if file.exists() else None
    return Ran(ran.status, ran.out, ran.err, found)


def changed(place: Path, before: dict[str, str]) -> set[str]:
    after = files_below(place)
    return {path for path, _ in before.items() ^ after.items()}


def test_it_rewrites_what_is_automatic_and_leaves_the_rest(place: Path) -> None:
    before = files_below(place)
    ran = fix(place)
    assert ran.status == 1  # what wants a review is left for a person
    assert (place / FILE).read_text() == root_head("live/prod") + FIXED
    assert changed(place, before) == {FILE}
    assert "written to live/prod/main.tf" in ran.out
    assert "wants a person; `--review` writes it too" in ran.out
    assert ran.err.splitlines()[1:] == ["2 findings: 1 written, 1 for review"]


def test_with_review_it_writes_both_and_nothing_is_left(place: Path) -> None:
    before = files_below(place)
    ran = fix(place, "--review")
    assert ran.status == 0
    assert changed(place, before) == {FILE, "live/prod/wide.tf"}
    assert (place / "live/prod/wide.tf").read_text() == CLOSED
    assert ran.err.splitlines()[1:] == ["4 findings: 4 written"]


def test_what_a_split_keeps_is_a_finding_of_its_own_in_the_same_run(place: Path) -> None:
    """Running again would find it, so that it is told, and closed, at once."""
    ran = fix(place, "--review")
    wide = [o["finding"] for o in ran.outcomes if o["terraform"]["file"].endswith("wide.tf")]
    assert [(f["class"], f["id"].rpartition("/")[2]) for f in wide] == [
        ("open-admin-port", "tcp:20-25"),
        ("open-port", "tcp:20-21"),
        ("open-port", "tcp:23-25"),
    ]
    before = files_below(place)
    again = fix(place, "--review")
    assert (again.status, again.outcomes) == (0, [])
    assert files_below(place) == before


LAX = (
    PACKAGED.read_text()
    .replace("when: [wider]\n    disposition: review", "when: [wider]\n    disposition: auto")
    .replace("class: open-port\n    disposition: review", "class: open-port\n    disposition: {}")
)


@pytest.mark.parametrize(
    ("disposition", "status", "kept"), [("review", 1, True), ("alert", 0, True), ("auto", 0, False)]
)
def test_a_policy_that_splits_by_itself(
    place: Path, disposition: str, status: int, kept: bool
) -> None:
    """What is kept ends as the policy says for its class, in the first run as in any other."""
    written(place, {"policy.yaml": LAX.format(disposition)})
    written(place, {"remediator.yaml": "version: 1\npolicy: policy.yaml\n"})
    first = fix(place)
    assert first.status == status
    wide = (place / "live/prod/wide.tf").read_text()
    ports = [line.split()[-1] for line in wide.splitlines() if "_port" in line]
    assert ports == (["20", "21", "23", "25"] if kept else [])
    before = files_below(place)
    again = fix(place)
    assert files_below(place) == before
    assert [o["outcome"] for o in again.outcomes] == [o["outcome"] for o in first.outcomes[2:]][
        : 2 * kept
    ]
    assert again.status == status


def test_with_diff_and_review_the_diff_is_what_would_be_written(place: Path) -> None:
    ran = fix(place, "--diff", "--review")
    assert ran.err.splitlines()[1:] == ["4 findings: 4 would be written"]
    patch = ran.out[ran.out.index("--- a/") :]
    subprocess.run(["git", "apply", "-"], cwd=place, input=patch, text=True, check=True)
    assert (place / "live/prod/wide.tf").read_text() == CLOSED


def test_nothing_is_called_merged_or_proposed(place: Path) -> None:
    """There is nothing to merge into: the words are those of a folder, whatever JSON says."""
    for arguments in (("--diff",), ("--diff", "--review"), (), ("--review",)):
        ran = fix(place, *arguments)
        assert {o["outcome"] for o in ran.outcomes} <= {"merged", "proposed"}
        assert not re.search("merged|proposed", ran.out + ran.err)


def test_a_second_time_changes_nothing(place: Path) -> None:
    fix(place)
    before = files_below(place)
    assert fix(place).status == 1
    assert files_below(place) == before


def test_nothing_to_do_is_status_0(tmp_path: Path) -> None:
    place = written(tmp_path / "checkout", one_root(group("web", ingress("10.0.0.0/8"))))
    ran = fix(place)
    assert (ran.status, ran.out) == (0, "")
    assert ran.err.splitlines()[1:] == ["0 findings: nothing to do"]
    assert ran.document is not None
    assert (ran.document["mode"], ran.document["outcomes"]) == ("fix", [])


def test_diff_prints_what_git_can_apply_and_writes_nothing(place: Path) -> None:
    before = files_below(place)
    ran = fix(place, "--diff")
    assert ran.status == 1
    assert files_below(place) == before
    patch = ran.out[ran.out.index("--- a/") :]
    done = subprocess.run(
        ["git", "apply", "-"], cwd=place, input=patch, text=True, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert (place / FILE).read_text() == root_head("live/prod") + FIXED
    assert changed(place, before) == {FILE}


def test_uncommitted_work_is_kept_and_edited(place: Path) -> None:
    git = ["git", "-C", str(place), "-c", "user.name=A", "-c", "user.email=a@example.com"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "as it was"]):
        subprocess.run([*git, *command], check=True)
    text = (place / FILE).read_text()
    (place / FILE).write_text("# mine, staged\n" + text)
    subprocess.run([*git, "add", "-A"], check=True)
    mine = "# mine, staged\n# mine, not staged\n" + text + "\n# and the end\n"
    (place / FILE).write_text(mine)
    index = (place / ".git/index").read_bytes()
    fix(place)
    assert (place / FILE).read_text() == mine.replace(WEB, FIXED)
    assert (place / ".git/index").read_bytes() == index


def test_every_byte_beside_the_edit_stays(tmp_path: Path) -> None:
    """CRLF, a byte order mark, tabs, trailing blanks, no final newline."""
    text = f"\ufeff{WEB.replace('  from_port   = 22', chr(9) + 'from_port = 22  ')}# end"
    data = text.replace("\n", "\r\n").encode()
    place = written(tmp_path / "checkout", {})
    place.mkdir()
    (place / "main.tf").write_bytes(data)
    (place / "main.tf").chmod(0o640)
    assert fix(place).status == 0
    assert (place / "main.tf").read_bytes() == data.replace(f', "{WORLD}"'.encode(), b"")
    assert (place / "main.tf").stat().st_mode & 0o777 == 0o640


# Bad input ----------------------------------------------------------------------------------


def test_a_file_that_does_not_parse_is_said_and_the_others_are_fixed(place: Path) -> None:
    (place / "live/other").mkdir()
    (place / "live/other/main.tf").write_text(WEB + "}")
    ran = fix(place)
    assert ran.status == 1
    assert "error: live/other/main.tf:" in ran.err
    assert (place / FILE).read_text().endswith(FIXED)
    assert (place / "live/other/main.tf").read_text() == WEB + "}"


def test_a_link_out_of_the_folder_is_not_followed(place: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.tf"
    outside.write_text(WEB)
    (place / "live/prod/link.tf").symlink_to(outside)
    (place / "linked").symlink_to(tmp_path, target_is_directory=True)
    fix(place)
    assert outside.read_text() == WEB


PROVIDER = 'provider "aws" {\n  default_tags {\n    tags = { Role = "jump" }\n  }\n}\n'


@pytest.mark.parametrize("absolute", [True, False], ids=["absolute", "relative"])
def test_what_a_link_out_of_the_folder_says_is_not_known(
    place: Path, tmp_path: Path, absolute: bool
) -> None:
    (tmp_path / "providers.tf").write_text(PROVIDER)
    target = tmp_path / "providers.tf" if absolute else Path("../../../providers.tf")
    (place / "live/prod/providers.tf").symlink_to(target)
    assert (place / "live/prod/providers.tf").read_text() == PROVIDER
    ran = fix(place)
    assert "live/prod/providers.tf is a link to a file that is not in the repository" in ran.out
    assert (place / FILE).read_text() == root_head("live/prod") + WEB


def test_no_such_folder(tmp_path: Path) -> None:
    ran = remediator("fix", tmp_path / "none")
    assert ran.status == 2
    assert "none" in ran.err


def test_a_file_instead_of_a_folder(place: Path) -> None:
    ran = remediator("fix", place / FILE)
    assert ran.status == 2
    assert "is a file" in ran.err


READ_ONLY = """
import os, sys
from remediator.cli import main
os.chdir(sys.argv[1])
main(["fix", "."])
"""


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX's")
def test_a_folder_that_may_not_be_written(place: Path) -> None:
    """Root may write everywhere: it gives that right away first."""
    command = [sys.executable, "-c", READ_ONLY, str(place)]
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("root, and no setpriv to be without CAP_DAC_OVERRIDE")
        command = ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override", *command]
    before = files_below(place)
    folder = (place / FILE).parent
    folder.chmod(0o555)
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    finally:
        folder.chmod(0o755)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "\nerror: live/prod/main.tf" in done.stderr
    assert "Permission denied" in done.stderr
    assert "Traceback" not in done.stderr
    assert files_below(place) == before


# Findings and states ------------------------------------------------------------------------

GROUP_ID = "sg-0123456789abcdef0"
EVIDENCE = {"protocol": "tcp", "from_port": 22, "to_port": 22, "cidrs": [WORLD]}


def state(*names: str, version: int = 4) -> dict[str, Any]:
    resources = [
        {
            "mode": "managed",
            "type": "aws_security_group",
            "name": name,
            "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
            "instances": [{"attributes": {"id": GROUP_ID, "name": name, "secret": "hunter2"}}],
        }
        for name in names
    ]
    return {"version": version, "serial": 1, "lineage": "x", "outputs": {}, "resources": resources}


def findings_file(place: Path, *entries: dict[str, Any]) -> Path:
    file = place.parent / "findings.json"
    file.write_text(json.dumps({"version": 1, "findings": entries}))
    return file


def live_finding(place: Path, **changes: Any) -> Path:
    entry = {
        "class": "open-admin-port",
        "resource": {"id": GROUP_ID, "name": "web"},
        "evidence": EVIDENCE,
        "observed_at": "2999-01-01T00:00:00Z",
    }
    return findings_file(place, entry | changes)


def state_file(place: Path, text: str) -> Path:
    file = place.parent / "terraform.tfstate"
    file.write_text(text)
    return file


def test_a_live_finding_is_traced_by_a_state(place: Path) -> None:
    file = state_file(place, json.dumps(state("web")))
    before = files_below(place)
    ran = fix(place, "--findings", live_finding(place), "--state", file, "--review")
    assert ran.status == 0
    assert changed(place, before) == {FILE}
    assert ran.only()["terraform"] == {
        "root": "live/prod",
        "address": "aws_security_group.web",
        "file": FILE,
        "line": 13,
    }


def test_a_finding_of_unknown_age_is_for_review(place: Path) -> None:
    file = state_file(place, json.dumps(state("web")))
    before = files_below(place)
    ran = fix(place, "--findings", live_finding(place), "--state", file)
    assert (ran.status, ran.only()["outcome"]) == (1, "proposed")
    assert "freshness" in ran.out
    assert files_below(place) == before


def test_a_second_look_sees_the_code_as_it_is_by_then(place: Path) -> None:
    """What was read for the first one is kept with the states."""
    file = state_file(place, json.dumps(state("web")))
    assert fix(place, "--review", "--state", file).status == 0
    assert (place / "live/prod/wide.tf").read_text() == CLOSED
    assert fix(place, "--review", "--state", file).outcomes == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (json.dumps(state("web"))[:-40], "is no whole Terraform state"),
        ("", "is no whole Terraform state"),
        (json.dumps(state("web", version=3)), "is of version 3"),
        (json.dumps(state("web", "web")), "holds aws_security_group.web twice"),
        ("[]", "is no whole Terraform state"),
    ],
)
def test_a_state_that_cannot_be_read(place: Path, text: str, words: str) -> None:
    before = files_below(place)
    file = state_file(place, text)
    ran = fix(place, "--findings", live_finding(place), "--state", file)
    assert (ran.status, ran.only()["reason"]["code"]) == (1, "state-missing")
    assert words in ran.out
    assert "hunter2" not in ran.out + ran.err
    assert files_below(place) == before


def test_a_state_that_is_not_there(place: Path) -> None:
    ran = fix(place, "--findings", live_finding(place), "--state", place / "none.tfstate")
    assert ran.status == 1
    assert "none.tfstate cannot be read: No such file or directory" in ran.out


def test_a_state_that_names_a_block_the_code_no_longer_has(place: Path) -> None:
    file = state_file(place, json.dumps(state("gone")))
    ran = fix(place, "--findings", live_finding(place), "--state", file)
    assert (ran.status, ran.only()["reason"]["code"]) == (1, "not-in-code")
    assert "aws_security_group.gone" in ran.out


def test_a_state_of_a_root_that_is_none(place: Path) -> None:
    file = state_file(place, json.dumps(state("web")))
    ran = fix(place, "--state", f"live/none={file}")
    assert ran.status == 2
    assert "'live/none' is no root module here; the root modules are live/prod" in ran.err


def test_a_state_for_one_of_several_roots_must_say_which(place: Path) -> None:
    written(place, one_root(root="live/other"))
    file = state_file(place, json.dumps(state("web")))
    ran = fix(place, "--findings", live_finding(place), "--state", file)
    assert ran.status == 2
    assert "say whose state it is, as ROOT=FILE" in ran.err
    named = f"live/prod={file}"
    assert fix(place, "--findings", live_finding(place), "--state", named).only()["terraform"]


def test_no_state_is_a_refusal(place: Path) -> None:
    ran = fix(place, "--findings", live_finding(place))
    assert ran.status == 1
    assert ran.only()["outcome"] in ("unmanaged", "refused")
    assert "no Terraform state knows" in ran.out


@pytest.mark.parametrize(
    ("text", "words"),
    [("nonsense", "is not a findings file"), ('{"version": 9, "findings": []}', "of version 9")],
)
def test_a_findings_file_that_is_none_stops_it(place: Path, text: str, words: str) -> None:
    before = files_below(place)
    file = place.parent / "findings.json"
    file.write_text(text)
    ran = fix(place, "--findings", file)
    assert ran.status == 2
    assert words in ran.err
    assert files_below(place) == before


def test_an_unknown_class_is_refused_and_the_others_are_fixed(place: Path) -> None:
    fine = {"class": "open-admin-port", "evidence": EVIDENCE, "file": FILE}
    fine |= {"address": "aws_security_group.web", "observed_at": "2999-01-01T00:00:00Z"}
    odd = fine | {"class": "open-umbrella", "id": "odd"}
    ran = fix(place, "--findings", findings_file(place, odd, fine), "--review")
    assert ran.status == 1
    found = {o["finding"]["class"]: o["outcome"] for o in ran.outcomes}
    assert found["open-umbrella"] == "refused"
    assert (place / FILE).read_text().endswith(FIXED)


def test_a_finding_may_not_name_a_file_outside(place: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    written(outside, {"main.tf": WEB})
    entry = {"class": "open-admin-port", "evidence": EVIDENCE, "address": "aws_security_group.web"}
    paths = ["../outside/main.tf", str(outside / "main.tf"), "live/../../outside/main.tf"]
    entries = [entry | {"file": path, "id": path} for path in paths]
    ran = fix(place, "--findings", findings_file(place, *entries), "--review")
    assert ran.status == 1
    assert {o["outcome"] for o in ran.outcomes} == {"refused"}
    assert (outside / "main.tf").read_text() == WEB


# A folder of a repository --------------------------------------------------------------------

DEFAULT = 'variable "cidrs" {\n  default = ["10.0.0.0/8", "0.0.0.0/0"]\n}\n\n'
SHARED = {
    "modules/ssh/main.tf": DEFAULT
    + group("box", ingress("10.9.0.0/16")).replace('["10.9.0.0/16"]', "var.cidrs"),
    "live/prod/main.tf": 'module "ssh" {\n  source = "../../modules/ssh"\n}\n',
    "live/web/main.tf": 'module "web" {\n  source = "../../modules/ssh"\n}\n',
}


def test_a_folder_is_fixed_where_it_is_and_nowhere_else(tmp_path: Path) -> None:
    """The module's default is outside; the call is inside, and says what the module does not."""
    (written(tmp_path, SHARED) / ".git").mkdir()
    ran = remediator("fix", "live/prod", folder=tmp_path)
    after = {p: (tmp_path / p).read_text() for p in SHARED}
    assert after == {
        **SHARED,
        "live/prod/main.tf": (
            'module "ssh" {\n  source = "../../modules/ssh"\n  cidrs  = ["10.0.0.0/8"]\n}\n'
        ),
    }, ran.err


def test_who_else_uses_a_module_is_known_from_the_whole_repository(tmp_path: Path) -> None:
    """Its caller's port is another's: the default must stay."""
    port = 'variable "port" {}\n\n' + SHARED["modules/ssh/main.tf"].replace("= 22", "= var.port")
    callers = {
        name: text.replace("}\n", f"  port   = {number}\n}}\n")
        for (name, text), number in zip(list(SHARED.items())[1:], (22, 8080), strict=True)
    }
    (written(tmp_path, {"modules/ssh/main.tf": port, **callers}) / ".git").mkdir()
    remediator("fix", "modules/ssh", folder=tmp_path)
    assert (tmp_path / "modules/ssh/main.tf").read_text() == port
