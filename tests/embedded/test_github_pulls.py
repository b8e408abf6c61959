"""Pull requests of the stand-in, through PyGithub, as a bot makes and merges them."""

from __future__ import annotations

import pytest
from github import GithubException
from githubhub import BRANCH, Hub, client, refused

from remediator.embedded.github.rules import Requirements


def test_a_pull_request_is_made_and_found_by_its_head(hub: Hub) -> None:
    made = hub.propose()
    assert (made.number, made.state, made.draft) == (1, "open", False)
    assert (made.changed_files, made.additions, made.deletions, made.commits) == (1, 1, 1, 1)
    assert made.user.login == "remediator[bot]"
    found = hub.client.get_pulls(head=f"acme:{BRANCH}", state="all")
    assert [p.number for p in found] == [1]
    assert [p.number for p in hub.client.get_pulls(head="acme:other", state="all")] == []
    assert [p.number for p in hub.client.get_pulls(head=f"other:{BRANCH}", state="all")] == []
    assert [p.number for p in hub.client.get_pulls(base="other")] == []
    assert [f.filename for f in made.get_files()] == ["main.tf"]
    assert [c.commit.message for c in made.get_commits()] == ["Change"]


def test_a_second_pull_request_of_a_head_is_refused(hub: Hub) -> None:
    first = hub.propose()
    with pytest.raises(GithubException) as error:
        hub.client.create_pull("main", BRANCH, title="Again", body="")
    assert refused(error).startswith("422 | Validation Failed | A pull request already exists")
    first.edit(state="closed")
    second = hub.client.create_pull("main", BRANCH, title="Again", body="")
    assert second.number == 2
    with pytest.raises(GithubException) as error:
        first.edit(state="open")
    assert "A pull request already exists" in refused(error)


def test_a_pull_request_needs_a_head_a_base_and_commits(hub: Hub) -> None:
    hub.work.git("push", "--quiet", "origin", "main:same")
    for head, base, text in (
        ("absent", "main", "'field': 'head', 'code': 'invalid'"),
        (BRANCH, "absent", "'field': 'base', 'code': 'invalid'"),
        ("same", "main", "No commits between main and same"),
    ):
        hub.work.branch(BRANCH)
        with pytest.raises(GithubException) as error:
            hub.client.create_pull(base, head, title="x", body="")
        assert text in refused(error)


def test_a_body_that_is_too_long_is_refused(hub: Hub) -> None:
    hub.work.branch(BRANCH)
    with pytest.raises(GithubException) as error:
        hub.client.create_pull("main", BRANCH, title="x", body="b" * 65_537)
    assert "body is too long (maximum is 65536 characters)" in refused(error)
    made = hub.client.create_pull("main", BRANCH, title="x", body="b" * 65_536)
    with pytest.raises(GithubException) as error:
        made.edit(body="b" * 65_537)
    assert "body is too long" in refused(error)
    with pytest.raises(GithubException) as error:
        made.create_issue_comment("b" * 65_537)
    assert "body is too long" in refused(error)


@pytest.mark.parametrize(("method", "parents"), [("merge", 2), ("squash", 1), ("rebase", 1)])
def test_a_merge_is_a_real_commit(hub: Hub, method: str, parents: int) -> None:
    made = hub.propose()
    hub.work.commit("Meanwhile", other_tf="# other\n")
    hub.work.git("push", "--quiet", "origin", "main")
    done = made.merge(merge_method=method, sha=made.head.sha)
    assert done.merged
    hub.work.git("fetch", "--quiet", "origin")
    tip = hub.work.git("rev-parse", "origin/main")
    assert tip == done.sha
    assert len(hub.work.git("show", "--no-patch", "--format=%P", tip).split()) == parents
    assert hub.work.git("show", f"{tip}:main.tf") == f"# {BRANCH}"
    assert hub.work.git("show", f"{tip}:other.tf") == "# other"
    again = hub.client.get_pull(1)
    assert (again.merged, again.state, again.merge_commit_sha) == (True, "closed", tip)
    assert again.merged_by.login == "remediator[bot]"
    assert again.merged_at is not None
    verified = hub.client.get_commit(tip).commit.raw_data["verification"]["verified"]
    assert verified == (method != "rebase")
    hub.work.git("fsck", "--strict")


def test_a_merge_with_the_sha_of_another_head_is_refused(hub: Hub) -> None:
    made = hub.propose()
    before = made.head.sha
    hub.work.branch(BRANCH, main_tf="# somebody else\n")
    with pytest.raises(GithubException) as error:
        made.merge(sha=before)
    assert refused(error) == "409 | Head branch was modified. Review and try the merge again."
    assert not hub.client.get_pull(1).merged


def test_a_conflict_cannot_be_merged(hub: Hub) -> None:
    made = hub.propose()
    hub.work.commit("Meanwhile", main_tf="# two\n")
    hub.work.git("push", "--quiet", "origin", "main")
    now = hub.client.get_pull(1)
    assert (now.mergeable, now.mergeable_state) == (False, "dirty")
    with pytest.raises(GithubException) as error:
        made.merge()
    assert refused(error) == "405 | Pull Request is not mergeable"


def test_the_settings_of_the_repository_decide_how_it_may_merge(hub: Hub) -> None:
    made = hub.propose()
    hub.repo.settings.allow_merge_commit = False
    with pytest.raises(GithubException) as error:
        made.merge()
    assert refused(error) == "405 | Merge commits are not allowed on this repository."
    assert made.merge(merge_method="squash").merged


def test_mergeability_is_not_known_at_first(hub: Hub) -> None:
    hub.repo.settings.slow_mergeability = 1
    hub.propose()
    assert hub.client.get_pull(1).mergeable is None
    assert hub.client.get_pull(1).mergeable is True


# What the base asks for -----------------------------------------------------------------------


def checked(hub: Hub, conclusion: str, name: str = "plan") -> None:
    ci = client(hub.server, hub.server.app("ci", "acme"))
    sha = hub.client.get_pull(1).head.sha
    ci.get_repo("acme/infrastructure").create_check_run(name, sha, conclusion=conclusion)


def test_auto_merge_waits_for_what_the_base_asks_for_and_then_merges(hub: Hub) -> None:
    hub.repo.settings.allow_auto_merge = True
    hub.server.protect(hub.repo, "main", Requirements(contexts=("plan",)))
    made = hub.propose()
    assert hub.client.get_pull(1).mergeable_state == "blocked"
    with pytest.raises(GithubException) as error:
        made.merge()
    assert refused(error) == '405 | Required status check "plan" is expected.'
    made.enable_automerge(
        "SQUASH", commit_headline="Close SSH (#1)", expected_head_oid=made.head.sha
    )
    waiting = hub.client.get_pull(1)
    assert waiting.auto_merge["merge_method"] == "squash"
    assert waiting.auto_merge["enabled_by"]["login"] == "remediator[bot]"
    checked(hub, "failure")
    assert not hub.client.get_pull(1).merged
    checked(hub, "success")
    merged = hub.client.get_pull(1)
    assert (merged.merged, merged.merged_by.login) == (True, "remediator[bot]")
    assert hub.client.get_commit("main").commit.message.startswith("Close SSH (#1)")


def test_auto_merge_is_refused_where_there_is_nothing_to_wait_for(hub: Hub) -> None:
    hub.repo.settings.allow_auto_merge = True
    hub.server.protect(hub.repo, "main", Requirements(contexts=("plan",)))
    made = hub.propose()
    checked(hub, "success")
    with pytest.raises(GithubException) as error:
        made.enable_automerge()
    assert "Pull request is in clean status" in str(error.value)
    checked(hub, "failure", "another")
    with pytest.raises(GithubException) as error:
        made.enable_automerge()
    assert "Pull request is in unstable status" in str(error.value)


def test_auto_merge_is_refused_where_the_repository_does_not_allow_it(hub: Hub) -> None:
    hub.server.protect(hub.repo, "main", Requirements(approvals=1))
    made = hub.propose()
    with pytest.raises(GithubException) as error:
        made.enable_automerge()
    assert "Auto merge is not allowed for this repository" in str(error.value)


def test_auto_merge_can_be_taken_back(hub: Hub) -> None:
    hub.repo.settings.allow_auto_merge = True
    hub.server.protect(hub.repo, "main", Requirements(approvals=1))
    made = hub.propose()
    with pytest.raises(GithubException):
        made.disable_automerge()
    made.enable_automerge()
    made.disable_automerge()
    hub.as_person(hub.alice).get_pull(1).create_review(event="APPROVE")
    assert not hub.client.get_pull(1).merged


def test_an_approval_counts_from_people_with_write_access_who_are_not_the_author(hub: Hub) -> None:
    hub.server.protect(hub.repo, "main", Requirements(approvals=1))
    reader = hub.server.person("reader", hub.repo, role="read")
    made = hub.propose()
    with pytest.raises(GithubException) as error:
        made.create_review(event="APPROVE")
    assert "Can not approve your own pull request" in refused(error)
    hub.as_person(reader).get_pull(1).create_review(event="APPROVE")
    assert hub.client.get_pull(1).mergeable_state == "blocked"
    hub.as_person(hub.alice).get_pull(1).create_review(event="REQUEST_CHANGES", body="No")
    with pytest.raises(GithubException) as error:
        made.merge()
    assert "Changes have been requested." in refused(error)
    hub.as_person(hub.alice).get_pull(1).create_review(event="APPROVE")
    assert [r.state for r in made.get_reviews()] == ["APPROVED", "CHANGES_REQUESTED", "APPROVED"]
    assert made.merge().merged


def test_code_owners_are_asked_and_must_agree(hub: Hub) -> None:
    bob = hub.server.person("bob", hub.repo)
    hub.server.add_ruleset(hub.repo, Requirements(code_owners=True))
    made = hub.propose()
    assert [u.login for u in made.requested_reviewers] == ["alice"]
    hub.as_person(bob).get_pull(1).create_review(event="APPROVE")
    assert hub.client.get_pull(1).mergeable_state == "blocked"
    hub.as_person(hub.alice).get_pull(1).create_review(event="APPROVE")
    assert hub.client.get_pull(1).mergeable_state == "clean"


def test_a_draft_asks_nobody_until_it_is_ready(hub: Hub) -> None:
    hub.work.branch(BRANCH)
    made = hub.client.create_pull("main", BRANCH, title="x", body="", draft=True)
    assert (made.draft, made.requested_reviewers) == (True, [])
    with pytest.raises(GithubException) as error:
        made.merge()
    assert refused(error) == "405 | Pull Request is still a draft"
    made.mark_ready_for_review()
    ready = hub.client.get_pull(1)
    assert (ready.draft, [u.login for u in ready.requested_reviewers]) == (False, ["alice"])
    ready.convert_to_draft()
    assert hub.client.get_pull(1).draft


def test_reviewers_must_be_collaborators(hub: Hub) -> None:
    hub.server.person("bob", hub.repo)
    hub.repo.teams["platform"] = {"bob"}
    made = hub.propose()
    made.create_review_request(reviewers=["bob"], team_reviewers=["platform"])
    users, teams = made.get_review_requests()
    assert {u.login for u in users} == {"alice", "bob"}
    assert [t.slug for t in teams] == ["platform"]
    with pytest.raises(GithubException) as error:
        made.create_review_request(reviewers=["stranger"])
    assert "Reviews may only be requested from collaborators" in refused(error)


def test_a_branch_that_must_be_up_to_date_is_updated(hub: Hub) -> None:
    hub.server.protect(hub.repo, "main", Requirements(pull_request=True, strict=True))
    made = hub.propose()
    admin = hub.server.person("root", hub.repo, role="admin")
    hub.work.git("remote", "set-url", "origin", hub.server.git_url(hub.repo, admin))
    hub.work.commit("Meanwhile", other_tf="# other\n")
    hub.work.git("push", "--quiet", "origin", "main")
    assert hub.client.get_pull(1).mergeable_state == "behind"
    assert not made.update_branch(expected_head_sha="0" * 40)
    assert made.update_branch(expected_head_sha=made.head.sha)
    assert not made.update_branch()
    now = hub.client.get_pull(1)
    assert (now.mergeable_state, now.commits) == ("clean", 2)
    assert now.head.sha != made.head.sha


# What happens to it by itself -----------------------------------------------------------------


def test_a_push_moves_its_head_and_the_branchs_end_closes_it(hub: Hub) -> None:
    hub.propose()
    pushed = hub.work.branch(BRANCH, main_tf="# more\n")
    assert hub.client.get_pull(1).head.sha == pushed
    assert hub.repo.pushes[-1].user.login == "alice"
    hub.client.get_git_ref(f"heads/{BRANCH}").delete()
    gone = hub.client.get_pull(1)
    assert (gone.state, gone.merged, gone.head.sha) == ("closed", False, pushed)
    with pytest.raises(GithubException) as error:
        gone.edit(state="open")
    assert f"The {BRANCH} branch has been deleted." in refused(error)


def test_a_branch_that_was_made_anew_keeps_it_closed(hub: Hub) -> None:
    made = hub.propose()
    made.edit(state="closed")
    hub.work.branch(BRANCH, main_tf="# from the base again\n")
    with pytest.raises(GithubException) as error:
        made.edit(state="open")
    assert "was force-pushed or recreated" in refused(error)


def test_it_is_opened_again_while_its_branch_is_as_it_was(hub: Hub) -> None:
    made = hub.propose()
    made.edit(state="closed")
    assert hub.client.get_pull(1).closed_at is not None
    made.edit(state="open", title="Other", body="Else")
    again = hub.client.get_pull(1)
    assert (again.state, again.title, again.body) == ("open", "Other", "Else")


def test_a_merge_by_hand_marks_it_as_merged(hub: Hub) -> None:
    hub.propose()
    hub.work.git("merge", "--quiet", "--no-ff", "--no-edit", BRANCH)
    hub.work.git("push", "--quiet", "origin", "main")
    now = hub.client.get_pull(1)
    assert (now.merged, now.merged_by.login) == (True, "alice")
    assert now.merge_commit_sha == hub.work.git("rev-parse", "main")


def test_the_branch_goes_with_the_merge_where_the_repository_says_so(hub: Hub) -> None:
    hub.repo.settings.delete_branch_on_merge = True
    hub.propose().merge()
    assert [b.name for b in hub.client.get_branches()] == ["main"]
