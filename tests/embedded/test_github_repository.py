"""The stand-in's repository: git over HTTP, and the REST calls around branches and history."""

from __future__ import annotations

import base64

import pytest
from github import GithubException, InputGitTreeElement
from githubhub import BRANCH, Hub, client, refused

from remediator.embedded.github.rules import Requirements

# Git over HTTP --------------------------------------------------------------------------------


def test_git_clones_fetches_and_pushes_with_a_token(hub: Hub) -> None:
    made = hub.work.branch(BRANCH)
    bot = hub.server.app_token(hub.app)
    hub.work.git("remote", "set-url", "origin", hub.server.git_url(hub.repo, bot))
    hub.work.git("fetch", "--quiet", "origin")
    assert hub.work.git("rev-parse", f"origin/{BRANCH}") == made
    hub.work.git("push", "--quiet", "origin", f"{BRANCH}:remediator/other")
    assert hub.repo.pushes[-1].user.login == "remediator[bot]"
    assert hub.repo.git.refs()["refs/heads/remediator/other"] == made


def test_a_large_push_arrives_whole(hub: Hub) -> None:
    """Over http.postBuffer git sends chunks."""
    noise = base64.b64encode(b"".join(str(n * n).encode() for n in range(400_000))).decode()
    hub.work.git("config", "http.postBuffer", "65536")
    made = hub.work.branch(BRANCH, noise_txt=noise)
    assert hub.repo.git.refs()[f"refs/heads/{BRANCH}"] == made


def test_the_lease_and_atomic_pushes_are_gits_own(hub: Hub) -> None:
    hub.work.branch(BRANCH)
    stale = "0" * 39 + "1"
    lease = f"--force-with-lease=refs/heads/{BRANCH}:{stale}"
    done = hub.work.try_git("push", "--atomic", lease, "origin", f"main:{BRANCH}", "main:new")
    assert done.returncode
    assert "stale info" in done.stderr
    assert "refs/heads/new" not in hub.repo.git.refs()


@pytest.mark.parametrize("kind", ["nobody", "unknown", "reader", "stranger"])
def test_git_refuses_who_may_not_push(hub: Hub, kind: str) -> None:
    reader = hub.server.person("reader", hub.repo, role="read")
    stranger = hub.server.person("stranger")
    url = hub.server.git_url(hub.repo)
    tokens = {"unknown": "ghp_x", "reader": reader.value, "stranger": stranger.value}
    if kind in tokens:
        url = url.replace("://", f"://x-access-token:{tokens[kind]}@")
    hub.work.git("remote", "set-url", "origin", url)
    done = hub.work.try_git("push", "origin", "main:other")
    assert done.returncode
    assert "refs/heads/other" not in hub.repo.git.refs()


def test_a_protected_branch_takes_no_push(hub: Hub) -> None:
    hub.server.protect(hub.repo, "main", Requirements(pull_request=True))
    hub.work.commit("Directly", main_tf="# two\n")
    done = hub.work.try_git("push", "origin", "main")
    assert "Changes must be made through a pull request." in done.stderr
    assert "hook declined" in done.stderr
    tip = hub.repo.git.refs()["refs/heads/main"]
    made = hub.work.git("rev-parse", "main")
    hub.server.protect(hub.repo, "main", Requirements())
    hub.work.git("push", "--quiet", "origin", "main")
    done = hub.work.try_git("push", "--force", "origin", f"{tip}:main")
    assert "Cannot force-push to this protected branch" in done.stderr
    done = hub.work.try_git("push", "origin", ":main")
    assert done.returncode
    assert hub.repo.git.refs()["refs/heads/main"] == made


def test_a_bypass_actor_may_push_where_others_may_not(hub: Hub) -> None:
    hub.server.add_ruleset(hub.repo, Requirements(pull_request=True), bypass=(hub.app,))
    hub.work.commit("Directly", main_tf="# two\n")
    assert hub.work.try_git("push", "origin", "main").returncode
    bot = hub.server.app_token(hub.app)
    hub.work.git("push", "--quiet", hub.server.git_url(hub.repo, bot), "main")


# Refs, commits, trees and blobs ---------------------------------------------------------------


def test_a_branch_is_made_moved_and_deleted_through_the_api(hub: Hub) -> None:
    tip = hub.work.git("rev-parse", "main")
    made = hub.client.create_git_ref(f"refs/heads/{BRANCH}", tip)
    assert made.object.sha == tip
    with pytest.raises(GithubException) as error:
        hub.client.create_git_ref(f"refs/heads/{BRANCH}", tip)
    assert refused(error) == "422 | Reference already exists"
    found = hub.client.get_git_matching_refs("heads/remediator/")
    assert [r.ref for r in found] == [f"refs/heads/{BRANCH}"]
    newer = hub.work.branch("newer")
    made.edit(newer)
    with pytest.raises(GithubException) as error:
        made.edit(tip)
    assert refused(error) == "422 | Update is not a fast forward"
    made.edit(tip, force=True)
    made.delete()
    with pytest.raises(GithubException) as error:
        hub.client.get_git_ref(f"heads/{BRANCH}")
    assert error.value.status == 404


@pytest.mark.parametrize("own_author", [False, True])
def test_a_commit_through_the_api_is_signed_where_it_names_no_author(
    hub: Hub, own_author: bool
) -> None:
    from github import InputGitAuthor

    tip = hub.work.git("rev-parse", "main")
    parent = hub.client.get_git_commit(tip)
    element = InputGitTreeElement("live/main.tf", "100755", "blob", content="# new\n")
    gone = InputGitTreeElement("main.tf", "100644", "blob", sha=None)
    tree = hub.client.create_git_tree([element, gone], base_tree=parent.tree)
    author = InputGitAuthor("Bot", "bot@example.com", "2026-01-02T03:04:05Z")
    more = {"author": author} if own_author else {}
    made = hub.client.create_git_commit("Change\n\nWhy", tree, [parent], **more)
    assert made.raw_data["verification"]["verified"] is not own_author
    hub.client.create_git_ref(f"refs/heads/{BRANCH}", made.sha)
    hub.work.git("fetch", "--quiet", "origin")
    listed = hub.work.git("ls-tree", "-r", "--format=%(objectmode) %(path)", made.sha)
    assert listed.splitlines() == ["100644 CODEOWNERS", "100755 live/main.tf"]
    assert hub.work.git("show", "-s", "--format=%B", made.sha) == "Change\n\nWhy"
    blob = hub.client.get_git_blob(tree.tree[1].sha) if tree.tree[1].type == "blob" else None
    assert blob is None
    everything = hub.client.get_git_tree(made.sha, recursive=True)
    assert [e.path for e in everything.tree] == ["CODEOWNERS", "live", "live/main.tf"]


def test_blobs_keep_their_bytes(hub: Hub) -> None:
    data = bytes(range(256))
    made = hub.client.create_git_blob(base64.b64encode(data).decode(), "base64")
    assert base64.b64decode(hub.client.get_git_blob(made.sha).content) == data


# Branches, contents, history ------------------------------------------------------------------


def test_contents_are_files_and_folders(hub: Hub) -> None:
    hub.work.branch(BRANCH, live__prod__main_tf="# prod\n")
    file = hub.client.get_contents("live/prod/main.tf", ref=BRANCH)
    assert not isinstance(file, list)
    assert file.decoded_content == b"# prod\n"
    listed = hub.client.get_contents("live", ref=BRANCH)
    assert isinstance(listed, list)
    assert [(c.type, c.path) for c in listed] == [("dir", "live/prod")]
    with pytest.raises(GithubException) as error:
        hub.client.get_contents("absent.tf")
    assert error.value.status == 404


def test_a_file_is_written_from_exactly_what_was_read(hub: Hub) -> None:
    file = hub.client.get_contents("main.tf")
    assert not isinstance(file, list)
    made = hub.client.update_file("main.tf", "Change", "# two\n", file.sha)["commit"]
    assert hub.client.get_branch("main").commit.sha == made.sha
    with pytest.raises(GithubException) as error:
        hub.client.update_file("main.tf", "Change", "# three\n", file.sha)
    assert error.value.status == 409
    hub.client.create_file("new.tf", "New", "# new\n")
    messages = [c.commit.message for c in hub.client.get_commits(path="new.tf")]
    assert messages == ["New"]


def test_branches_compare(hub: Hub) -> None:
    made = hub.work.branch(BRANCH)
    hub.work.commit("Meanwhile", other_tf="# other\n")
    hub.work.git("push", "--quiet", "origin", "main")
    found = hub.client.compare("main", BRANCH)
    assert (found.status, found.ahead_by, found.behind_by) == ("diverged", 1, 1)
    assert [c.sha for c in found.commits] == [made]
    assert [(f.filename, f.status) for f in found.files] == [("main.tf", "modified")]
    assert hub.client.compare("main", "main").status == "identical"


def test_history_comes_in_pages(hub: Hub) -> None:
    for number in range(4):
        hub.work.commit(f"Commit {number}", main_tf=f"# {number}\n")
    hub.work.git("push", "--quiet", "origin", "main")
    small = client(hub.server, hub.app, per_page=2).get_repo("acme/infrastructure")
    hub.server.traffic.reset()
    found = [c.commit.message for c in small.get_commits()]
    assert found == ["Commit 3", "Commit 2", "Commit 1", "Commit 0", "Infrastructure"]
    assert len(hub.server.traffic.reads) == 3


def test_one_commit_names_its_files_and_its_pull_requests(hub: Hub) -> None:
    made = hub.propose()
    one = hub.client.get_commit(made.head.sha)
    assert [(f.filename, f.additions, f.deletions) for f in one.files] == [("main.tf", 1, 1)]
    assert [p.number for p in one.get_pulls()] == [1]


# Rules ----------------------------------------------------------------------------------------


def rules(hub: Hub) -> list[dict[str, object]]:
    url = f"{hub.client.url}/rules/branches/main"
    _, data = hub.client.requester.requestJsonAndCheck("GET", url)
    return list(data)


def test_rules_of_a_branch_are_those_of_its_rulesets(hub: Hub) -> None:
    assert rules(hub) == []
    wanted = Requirements(contexts=("plan",), strict=True, approvals=1, linear_history=True)
    hub.server.add_ruleset(hub.repo, wanted)
    hub.server.add_ruleset(hub.repo, Requirements(merge_queue=True), "release/*")
    assert [r["type"] for r in rules(hub)] == [
        "deletion",
        "non_fast_forward",
        "required_linear_history",
        "pull_request",
        "required_status_checks",
    ]
    url = f"{hub.client.url}/rules/branches/release/1"
    _, data = hub.client.requester.requestJsonAndCheck("GET", url)
    assert data[-1]["type"] == "merge_queue"


@pytest.mark.parametrize("status", [403, 404])
def test_rules_are_not_there_everywhere(hub: Hub, status: int) -> None:
    hub.repo.settings.rulesets_status = status
    with pytest.raises(GithubException) as error:
        rules(hub)
    assert error.value.status == status


def test_protection_is_told_to_those_who_may_see_the_administration(hub: Hub) -> None:
    branch = hub.client.get_branch("main")
    assert not branch.protected
    with pytest.raises(GithubException) as error:
        branch.get_protection()
    assert refused(error) == "404 | Branch not protected"
    hub.server.protect(hub.repo, "main", Requirements(contexts=("plan",), approvals=2))
    assert hub.client.get_branch("main").protected
    found = branch.get_protection()
    assert found.required_status_checks.contexts == ["plan"]
    assert found.required_pull_request_reviews.required_approving_review_count == 2
    with pytest.raises(GithubException) as error:
        hub.as_person(hub.alice).get_branch("main").get_protection()
    assert error.value.status == 403


def test_code_owners_that_are_not_there_are_errors(hub: Hub) -> None:
    def errors() -> list[dict[str, object]]:
        url = f"{hub.client.url}/codeowners/errors"
        return list(hub.client.requester.requestJsonAndCheck("GET", url)[1]["errors"])

    assert errors() == []
    hub.work.commit("Owners", CODEOWNERS="*.tf @alice @nobody\nlive/ @acme/absent\n")
    hub.work.git("push", "--quiet", "origin", "main")
    assert [(e["line"], e["column"], e["kind"]) for e in errors()] == [
        (1, 13, "Unknown owner"),
        (2, 7, "Unknown owner"),
    ]


@pytest.mark.parametrize("role", ["read", "triage", "write", "maintain", "admin"])
def test_the_role_of_a_collaborator_is_told(hub: Hub, role: str) -> None:
    hub.server.person("bob", hub.repo, role=role)
    old = {"triage": "read", "maintain": "write"}.get(role, role)
    assert hub.client.get_collaborator_permission("bob") == old
    assert hub.client.get_collaborator_role_name("bob") == role


def test_a_stranger_has_no_role(hub: Hub) -> None:
    hub.server.person("stranger")
    assert hub.client.get_collaborator_permission("stranger") == "none"
    with pytest.raises(GithubException) as error:
        hub.client.get_collaborator_permission("absent")
    assert error.value.status == 404


def test_a_dispatch_is_kept_and_bounded(hub: Hub) -> None:
    assert hub.client.create_repository_dispatch("remediator", {"finding": "x"})
    assert hub.repo.dispatches == [{"event_type": "remediator", "client_payload": {"finding": "x"}}]
    assert not hub.client.create_repository_dispatch("x", {str(n): n for n in range(11)})
    assert len(hub.repo.dispatches) == 1


def test_settings_are_shown_to_those_who_may_push(hub: Hub) -> None:
    hub.repo.settings.allow_auto_merge = True
    assert hub.client.allow_auto_merge is True
    reader = hub.server.person("reader", hub.repo, role="read")
    assert hub.as_person(reader).allow_auto_merge is None
