"""`remediator run` where the remote, the checkout or the code has changed meanwhile."""

from __future__ import annotations

import shlex
from pathlib import Path

from commandline import (
    WORLD,
    SmallStage,
    bot_branches,
    group,
    ingress,
    main_head,
    one_root,
    refs,
    root_head,
    run,
    show,
    somebody_pushes,
    subjects,
    untouched_parts,
    wrapped_git,
)

SSH = one_root(group("web", ingress("10.0.0.0/8", WORLD)))
FILE = "live/prod/main.tf"
FIX = "fix(sg): close SSH to the world on web"


# A checkout in use --------------------------------------------------------------------------


def test_a_checkout_in_use_is_left_as_it_is(tmp_path: Path) -> None:
    with SmallStage(tmp_path, SSH) as stage:
        file = stage.checkout / FILE
        base = file.read_text()
        stage.git("switch", "--quiet", "-c", "my-work")
        file.write_text(base + "# stashed\n")
        stage.git("stash")
        file.write_text(base + "# staged\n")
        stage.git("add", FILE)
        file.write_text(base + "# staged\n# not staged\n")
        (stage.checkout / "live/prod/untracked.tf").write_text("# untracked\n")
        before = untouched_parts(stage.checkout)
        ran = run(stage)
        assert (ran.status, ran.only()["outcome"]) == (0, "merged")
        assert untouched_parts(stage.checkout) == before
        assert "# " not in show(stage, "main", FILE)
        assert stage.git("stash", "list").count("\n") == 1
        assert stage.git("status", "--porcelain").splitlines() == [
            f"MM {FILE}",
            "?? live/prod/untracked.tf",
        ]


def test_a_checkout_that_is_behind_is_no_hindrance(tmp_path: Path) -> None:
    with SmallStage(tmp_path, SSH) as stage:
        newer = somebody_pushes(stage, "README.md", "words\n")
        before = untouched_parts(stage.checkout)
        assert run(stage).only()["outcome"] == "merged"
        assert untouched_parts(stage.checkout) == before
        assert stage.git("rev-parse", "main^1", folder=stage.remote).strip() == newer


# The base moves between the fetch and the push ----------------------------------------------

# Before its push reaches the remote, somebody's commit is there: the first time, or always.
MOVING = """
for word in "$@"; do [ "$word" = push ] && pushing=1; done
if [ -n "$pushing" ] && [ "$REMEDIATOR_TEST_PUSHER" != yes ]; then
  export REMEDIATOR_TEST_PUSHER=yes
  if [ ! -e {once} ] || [ {always} = yes ]; then
    touch {once}
    date +%N >> {clone}/{path}
    "$GIT" -C {clone} add --all
    "$GIT" -C {clone} -c user.name=S -c user.email=s@example.com commit -q -m "Somebody was faster"
    "$GIT" -C {clone} push -q origin HEAD:main
  fi
fi
exec "$GIT" "$@"
"""


def _moving(stage: SmallStage, always: bool, path: str = "README.md") -> dict[str, str]:
    clone, once = stage.folder / "clone", stage.folder / "once"
    stage.git("clone", "--quiet", str(stage.remote), str(clone), folder=stage.folder)
    values = {
        "once": shlex.quote(str(once)),
        "clone": shlex.quote(str(clone)),
        "always": "yes" if always else "no",
        "path": path,
    }
    script = MOVING
    for name, value in values.items():
        script = script.replace(f"{{{name}}}", value)
    return wrapped_git(stage.folder / "bin", script)


def test_a_base_that_moved_is_built_upon(tmp_path: Path) -> None:
    with SmallStage(tmp_path, SSH) as stage:
        ran = run(stage, env=_moving(stage, always=False))
        assert (ran.status, ran.only()["outcome"]) == (0, "merged")
        log = subjects(stage, "--first-parent", "main")
        assert [s.partition(": ")[2] or s for s in log[:2]] == [FIX, "Somebody was faster"]
        (head,) = bot_branches(stage).values()
        parents = stage.git("log", "-1", "--format=%P", "main", folder=stage.remote).split()
        assert parents == [stage.git("rev-parse", "main^1", folder=stage.remote).strip(), head]
        assert WORLD not in show(stage, "main", FILE)
        assert show(stage, "main", "README.md")


def test_the_same_file_moving_keeps_both_changes(tmp_path: Path) -> None:
    """`date` appends a number, which no Terraform file may end with: a comment takes it."""
    files = {"live/prod/main.tf": SSH[FILE] + "\n#"}
    with SmallStage(tmp_path, files) as stage:
        ran = run(stage, env=_moving(stage, always=False, path=FILE))
        assert (ran.status, ran.only()["outcome"]) == (0, "merged")
        text = show(stage, "main", FILE)
        assert WORLD not in text
        assert text.rpartition("#")[2].strip().isdecimal()


def test_a_base_that_always_moves_is_a_refusal_and_the_next_run_finishes(tmp_path: Path) -> None:
    with SmallStage(tmp_path, SSH) as stage:
        stage.configure(limits="{push_attempts: 2}")
        before = untouched_parts(stage.checkout)
        ran = run(stage, env=_moving(stage, always=True))
        assert ran.status == 0
        assert ran.only()["outcome"] == "refused"
        assert ran.only()["reason"]["code"] == "base-moves"
        assert "moved 2 times" in ran.out
        assert bot_branches(stage) == {}
        assert subjects(stage, "main")[:3] == ["Somebody was faster"] * 2 + ["Exempt nobody"]
        assert untouched_parts(stage.checkout) == before
        assert run(stage).only()["outcome"] == "merged"


# Branches of ours, and what others do with them ---------------------------------------------

WIDE = one_root(group("legacy", ingress(WORLD, port=20, to=25)))


def test_somebody_elses_commit_on_our_branch_is_respected(tmp_path: Path) -> None:
    with SmallStage(tmp_path, WIDE) as stage:
        assert run(stage).only()["outcome"] == "proposed"
        (branch,) = bot_branches(stage)
        theirs = somebody_pushes(stage, "notes.txt", "I would rather …\n", branch)
        before = refs(stage.remote)
        ran = run(stage)
        assert ran.status == 0
        assert ran.only()["reason"]["code"] == "foreign-branch"
        assert "somebody else pushed" in ran.out
        assert "Merge or delete it" in ran.out
        assert refs(stage.remote) == before
        assert bot_branches(stage) == {branch: theirs}


def test_a_review_branch_follows_a_base_that_changed_its_file(tmp_path: Path) -> None:
    with SmallStage(tmp_path, WIDE) as stage:
        run(stage)
        (old,) = bot_branches(stage).values()
        base = somebody_pushes(stage, FILE, "# A word of explanation.\n" + WIDE[FILE])
        assert run(stage).only()["reason"]["code"] == "review"
        (new,) = bot_branches(stage).values()
        assert new != old
        assert stage.git("rev-parse", f"{new}^", folder=stage.remote).strip() == base
        assert show(stage, new, FILE).startswith("# A word of explanation.\n")


def test_a_fix_that_a_person_reverted_comes_back_for_review_only(tmp_path: Path) -> None:
    with SmallStage(tmp_path, SSH) as stage:
        assert run(stage).only()["outcome"] == "merged"
        stage.git("pull", "--quiet", "origin", "main")
        stage.git("revert", "--no-edit", "-m", "1", "HEAD")
        stage.git("push", "--quiet", "origin", "main")
        reverted = main_head(stage)
        ran = run(stage)
        assert ran.status == 0
        outcome = ran.only()
        assert (outcome["outcome"], outcome["disposition"]) == ("proposed", "review")
        (check,) = [c for c in outcome["checks"] if c["name"] == "regression"]
        assert "has come back" in check["detail"]
        assert "regression: " in ran.out
        assert main_head(stage) == reverted
        # What is proposed can be merged: it is not the commit that the base has already.
        (head,) = bot_branches(stage).values()
        assert stage.git("rev-parse", f"{head}^", folder=stage.remote).strip() == reverted
        before = refs(stage.remote)
        assert run(stage).only()["reason"]["code"] == "waiting"
        assert refs(stage.remote) == before


def test_a_fix_that_left_the_bases_own_line_is_remembered(tmp_path: Path) -> None:
    """An ordinary push of a merge whose first parent is another branch; then it is opened again."""
    with SmallStage(tmp_path, SSH) as stage:
        first = main_head(stage)
        assert run(stage).only()["outcome"] == "merged"
        stage.git("fetch", "--quiet", "origin")
        stage.git("checkout", "--quiet", "-B", "other", first)
        stage.git("commit", "--quiet", "--allow-empty", "-m", "of no interest")
        stage.git("merge", "--quiet", "--no-ff", "-m", "Merge main", "origin/main")
        stage.git("checkout", "--quiet", first, "--", ".")
        stage.git("commit", "--quiet", "-m", "open it again")
        stage.git("push", "--quiet", "origin", "other:main")
        outcome = run(stage).only()
        assert (outcome["outcome"], outcome["disposition"]) == ("proposed", "review")
        assert "has come back" in {c["name"]: c["detail"] for c in outcome["checks"]}["regression"]


# Who else is affected -----------------------------------------------------------------------

BOX = 'variable "name" {\n  type = string\n}\n\n' + group("this", ingress(WORLD)).replace(
    '"this"\n  description', "var.name\n  description"
)


def _boxes(*names: str) -> dict[str, str]:
    calls = "".join(
        f'module "{n}" {{\n  source = "../../modules/box"\n  name   = "{n}"\n}}\n' for n in names
    )
    return {FILE: root_head("live/prod") + calls, "modules/box/main.tf": BOX}


def _close_by_hand(stage: SmallStage, name: str) -> None:
    permission = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}
    stage.ec2.revoke_security_group_ingress(
        GroupId=stage.id_of(name), IpPermissions=[permission | {"IpRanges": [{"CidrIp": WORLD}]}]
    )


def test_a_module_whose_every_group_has_it_is_changed_once(tmp_path: Path) -> None:
    with SmallStage(tmp_path, _boxes("one", "two")) as stage:
        ran = run(stage)
        assert [o["outcome"] for o in ran.outcomes] == ["merged", "merged"]
        assert len({o["commit"] for o in ran.outcomes}) == 1
        assert len(bot_branches(stage)) == 1


def test_a_module_where_only_one_group_has_it_is_for_review_with_the_list(tmp_path: Path) -> None:
    with SmallStage(tmp_path, _boxes("one", "two")) as stage:
        _close_by_hand(stage, "two")
        before = main_head(stage)
        ran = run(stage)
        outcome = ran.only()
        assert (outcome["outcome"], outcome["disposition"]) == ("proposed", "review")
        (check,) = [c for c in outcome["checks"] if c["name"] == "blast-radius"]
        assert "live/prod:module.two.aws_security_group.this" in check["detail"]
        assert "live/prod:module.two.aws_security_group.this" in ran.out
        assert main_head(stage) == before
        assert len(bot_branches(stage)) == 1


def test_a_group_that_is_exempt_by_its_address_is_left(tmp_path: Path) -> None:
    with SmallStage(tmp_path, SSH) as stage:
        (stage.checkout / "exemptions.yaml").write_text(
            "version: 1\nexemptions:\n  - id: known\n    owner: a@example.com\n"
            "    reason: A test of ours needs it\n    expires: 2999-01-01\n"
            "    match: {class: open-admin-port, address: aws_security_group.web}\n"
        )
        before = refs(stage.remote)
        ran = run(stage)
        assert ran.only()["outcome"] == "exempted"
        assert "known until 2999-01-01, owned by a@example.com" in ran.out
        assert refs(stage.remote) == before


def test_a_review_branch_is_made_on_a_base_that_has_the_merges_of_its_run(tmp_path: Path) -> None:
    """Else the next run would push it anew, though nothing has changed."""
    both = one_root(group("web", ingress(WORLD)), group("legacy", ingress(WORLD, port=20, to=25)))
    with SmallStage(tmp_path, both) as stage:
        assert sorted(o["outcome"] for o in run(stage).outcomes) == ["merged", "proposed"]
        before = refs(stage.remote)
        run(stage)
        assert refs(stage.remote) == before


# Closed in the code, and not applied yet ----------------------------------------------------


def _rule(name: str, port: int, *cidrs: str) -> str:
    listed = ", ".join(f'"{c}"' for c in cidrs)
    return (
        f'resource "aws_security_group_rule" "{name}" {{\n  type              = "ingress"\n'
        "  security_group_id = aws_security_group.web.id\n"
        f"  from_port         = {port}\n  to_port           = {port}\n"
        f'  protocol          = "tcp"\n  cidr_blocks       = [{listed}]\n}}\n'
    )


def _merge_by_hand(stage: SmallStage, branch: str) -> None:
    stage.git("pull", "--quiet", "origin", "main")
    stage.git("fetch", "--quiet", "origin", branch)
    stage.git("merge", "--quiet", "--no-ff", "-m", f"Merge {branch}", "FETCH_HEAD")
    stage.git("push", "--quiet", "origin", "main")


def test_a_removed_rule_does_not_hide_that_its_neighbour_waits_too(tmp_path: Path) -> None:
    """RDP's rule goes by itself; of SSH's, which a person merges, one CIDR goes."""
    rules = _rule("ssh", 22, "10.0.0.0/8", WORLD), _rule("rdp", 3389, WORLD)
    with SmallStage(tmp_path, one_root(group("web"), *rules)) as stage:
        outcomes = run(stage).outcomes
        assert sorted(o["outcome"] for o in outcomes) == ["merged", "proposed"]
        (branch,) = [o["branch"] for o in outcomes if o["outcome"] == "proposed"]
        _merge_by_hand(stage, branch)
        ran = run(stage)
        assert [o["reason"]["code"] for o in ran.outcomes] == ["awaiting-apply"] * 2
        assert len({o["commit"] for o in ran.outcomes}) == 2


def test_a_rule_that_somebody_else_removed_is_not_ours(tmp_path: Path) -> None:
    with SmallStage(tmp_path, one_root(group("web"), _rule("rdp", 3389, WORLD))) as stage:
        somebody_pushes(stage, FILE, one_root(group("web"))[FILE])
        assert run(stage).only()["reason"]["code"] == "not-in-code"
