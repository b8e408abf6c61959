"""`remediator fix FOLDER`: the rules that hold there are those of its repository."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from commandline import WORLD, Ran, group, ingress, remediator

WEB = group("web", ingress(WORLD))
CONFIG = "version: 1\n"
ENTRY = """\
version: 1
exemptions:
  - id: partner
    owner: team@example.com
    reason: The partner has no fixed address.
    expires: 2999-12-31
    match: {{address: {}}}
"""
EXEMPT = ENTRY.format("aws_security_group.web")
POLICY = """\
version: 1
rows:
  - {{id: admin, class: open-admin-port, disposition: {}, rationale: Ours., source: Ours}}
  - {{id: web, class: open-web-port, disposition: alert, rationale: Ours., source: Ours}}
  - {{id: other, class: open-port, disposition: review, rationale: Ours., source: Ours}}
  - {{id: egress, class: open-egress, disposition: exempt, rationale: Ours., source: Ours}}
  - {{id: unused, class: unused-permissions, disposition: review, rationale: Ours., source: Ours}}
  - {{id: outside, class: external-access, disposition: review, rationale: Ours., source: Ours}}
  - {{id: keys, class: unused-credentials, disposition: review, rationale: Ours., source: Ours}}
  - {{id: world, class: open-to-world-policy, disposition: review, rationale: Ours., source: Ours}}
  - {{id: wild, class: wildcard-grant, disposition: alert, rationale: Ours., source: Ours}}
"""


@pytest.fixture
def top(tmp_path: Path) -> Path:
    """A repository whose live/prod is open; above it lies what is somebody else's."""
    (tmp_path / "exemptions.yaml").write_text(EXEMPT)
    top = tmp_path / "infrastructure"
    return written(top, {"live/prod/main.tf": WEB, ".git/HEAD": "ref: refs/heads/main\n"})


def written(folder: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder


def fix(folder: Path, *arguments: str | Path, inside: Path | None = None) -> Ran:
    file = folder.parent / "outcomes.json"
    ran = remediator("fix", folder, "--json", file, *arguments, folder=inside)
    found = json.loads(file.read_text()) if file.exists() else None
    return Ran(ran.status, ran.out, ran.err, found)


def ended(ran: Ran) -> tuple[str, str]:
    return ran.only()["outcome"], ran.only()["reason"]["code"]


@pytest.mark.parametrize("folder", [".", "live", "live/prod"])
def test_the_exemptions_of_the_repositorys_top_hold_in_every_folder(top: Path, folder: str) -> None:
    written(top, {"exemptions.yaml": EXEMPT})
    ran = fix(top / folder)
    assert ended(ran) == ("exempted", "exemption")
    assert (top / "live/prod/main.tf").read_text() == WEB


def test_the_configuration_and_what_it_names_beside_itself(top: Path) -> None:
    text = f"{CONFIG}policy: rules/policy.yaml\nexemptions: rules/ours.yaml\n"
    files = {"remediator.yaml": text, "rules/ours.yaml": "version: 1\nexemptions: []\n"}
    written(top, {**files, "rules/policy.yaml": POLICY.format("alert")})
    assert ended(fix(top / "live/prod")) == ("alerted", "admin")
    written(top, {"rules/ours.yaml": EXEMPT})
    assert ended(fix(top / "live/prod")) == ("exempted", "exemption")


def test_it_says_which_files_it_uses(top: Path) -> None:
    text = f"{CONFIG}policy: policy.yaml\n"
    written(top, {"remediator.yaml": text, "policy.yaml": POLICY.format("auto")})
    written(top, {"exemptions.yaml": EXEMPT})
    ran = fix(top / "live/prod", "--diff", inside=top)
    said = "configuration: remediator.yaml; policy: policy.yaml; exemptions: exemptions.yaml"
    assert ran.err.splitlines()[0] == said


def test_it_says_so_where_there_is_none(top: Path) -> None:
    ran = fix(top / "live/prod", "--diff")
    said = "no remediator.yaml: the defaults hold; nothing is exempt"
    assert ran.err.splitlines()[0] == said
    assert ran.only()["outcome"] == "merged"


def test_exemptions_without_a_configuration_are_told_too(top: Path) -> None:
    written(top, {"exemptions.yaml": EXEMPT})
    ran = fix(top / "live/prod", "--diff", inside=top / "live")
    said = f"no remediator.yaml: the defaults hold; exemptions: {Path('../exemptions.yaml')}"
    assert ran.err.splitlines()[0] == said


def test_the_nearest_configuration_holds(top: Path) -> None:
    written(top, {"remediator.yaml": CONFIG, "exemptions.yaml": EXEMPT})
    written(top, {"live/remediator.yaml": CONFIG})
    ran = fix(top / "live/prod", inside=top)
    assert ran.only()["outcome"] == "merged"
    assert "exemptions.yaml is not read: no configuration names it" in ran.err


def test_a_list_beside_the_code_that_the_configuration_does_not_name_is_told(top: Path) -> None:
    written(top, {"remediator.yaml": CONFIG, "live/prod/exemptions.yaml": EXEMPT})
    ran = fix(top / "live/prod", "--diff", inside=top)
    assert ran.only()["outcome"] == "merged"
    name = Path("live/prod/exemptions.yaml")
    assert f"{name} is not read: no configuration names it" in ran.err


def test_what_is_named_is_used_and_nothing_else(top: Path) -> None:
    written(top, {"remediator.yaml": CONFIG, "exemptions.yaml": EXEMPT})
    written(top, {"other/mine.yaml": CONFIG})
    ran = fix(top / "live/prod", "--config", "other/mine.yaml", inside=top)
    assert ran.only()["outcome"] == "merged"
    assert ran.err.startswith(f"configuration: {Path('other/mine.yaml')}; nothing is exempt")


def test_a_configuration_above_that_is_wrong_stops_it(top: Path) -> None:
    written(top, {"remediator.yaml": "version: 1\nmode: on\n"})
    ran = fix(top / "live/prod", inside=top)
    assert ran.status == 2
    assert "remediator.yaml:2: mode: " in ran.err
    assert (top / "live/prod/main.tf").read_text() == WEB


def test_nothing_above_the_repository_holds(top: Path) -> None:
    """The list beside the repository would exempt it."""
    assert fix(top / "live/prod").only()["outcome"] == "merged"


def test_outside_of_a_repository_the_folder_alone_counts(top: Path) -> None:
    (top / ".git/HEAD").unlink()
    (top / ".git").rmdir()
    written(top, {"exemptions.yaml": EXEMPT})
    assert fix(top / "live/prod").only()["outcome"] == "merged"


def test_a_linked_work_tree_has_a_file_for_git(top: Path) -> None:
    (top / ".git/HEAD").unlink()
    (top / ".git").rmdir()
    written(top, {".git": "gitdir: ../main/.git/worktrees/x\n", "exemptions.yaml": EXEMPT})
    assert ended(fix(top / "live/prod")) == ("exempted", "exemption")


@pytest.mark.skipif(os.name != "posix", reason="symbolic links")
def test_a_link_to_a_folder_is_where_it_leads(top: Path, tmp_path: Path) -> None:
    written(top, {"exemptions.yaml": EXEMPT})
    (tmp_path / "shortcut").symlink_to(top / "live/prod", target_is_directory=True)
    assert ended(fix(tmp_path / "shortcut")) == ("exempted", "exemption")


# Addresses ----------------------------------------------------------------------------------

CALL = 'module "game" {\n  source = "../../modules/game"\n}\n'


@pytest.mark.parametrize("folder", [".", "modules/game"])
@pytest.mark.parametrize("pattern", ["module.game.aws_security_group.web", "'module.game[*].*'"])
def test_an_exemption_of_a_modules_instance_keeps_fix_from_its_code(
    top: Path, folder: str, pattern: str
) -> None:
    (top / "live/prod/main.tf").unlink()
    written(top, {"modules/game/main.tf": WEB, "live/prod/game.tf": CALL})
    written(top, {"exemptions.yaml": ENTRY.format(pattern)})
    ran = fix(top / folder)
    assert ran.only()["outcome"] == "proposed"
    assert "exemption: partner may hold: the finding's whole address is not known" in ran.out
    assert (top / "modules/game/main.tf").read_text() == WEB


def test_an_exemption_of_another_block_does_not(top: Path) -> None:
    written(top, {"exemptions.yaml": ENTRY.format("module.game.aws_security_group.other")})
    assert fix(top / "live/prod").only()["outcome"] == "merged"


# What is no configuration -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (EXEMPT, "2: this is a list of exemptions and no configuration; name the file under"),
        (POLICY.format("auto"), "2: this is a policy and no configuration; name the file under"),
        (
            f"{CONFIG}mode: observe\nexemptions:\n  - id: partner\n",
            "4: exemptions[0]: a mapping stands where a text belongs",
        ),
    ],
    ids=["exemptions", "policy", "entries in a configuration"],
)
def test_another_file_given_as_the_configuration(top: Path, text: str, said: str) -> None:
    written(top, {"given.yaml": text})
    ran = fix(top / "live/prod", "--config", "given.yaml", inside=top)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith(f"error: given.yaml:{said}")
