"""`remediator doctor`, with everything in place and with each thing that may be wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from commandline import Ran, remediator
from githubhub import Hub

from remediator.embedded.aws import REGION, EmbeddedAws
from remediator.embedded.github.rules import Requirements

CONFIG = """\
version: 1
mode: enforce
repository:
  path: work
aws:
  regions: [{region}]
  endpoint_url: {aws}
sources:
  access_analyzer: {{}}
github:
  repository: acme/infrastructure
  api_url: {github}
  pace_seconds: 0
exemptions: work/exemptions.yaml
"""
ROOT = """\
terraform {
  backend "s3" {
    bucket = "states"
    key    = "prod.tfstate"
    region = "REGION"
  }
}
module "remediator" {
  source = "../../remediator-aws"
}
"""


@dataclass
class Clinic:
    hub: Hub
    aws: EmbeddedAws
    folder: Path

    def doctor(self, **env: str) -> Ran:
        secret = {"REMEDIATOR_GITHUB_TOKEN": self.hub.server.app_token(self.hub.app).value}
        config = self.folder / "remediator.yaml"
        return remediator("doctor", "--config", config, env=secret | env)

    def push(self, **files: str) -> None:
        self.hub.work.commit("Change", **files)
        self.hub.work.git("push", "--quiet", "origin", "main")


def state() -> bytes:
    return json.dumps(
        {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "x", "resources": []}
    ).encode()


@pytest.fixture
def clinic(hub: Hub, embedded_aws: EmbeddedAws, tmp_path: Path) -> Clinic:
    """Everything is in place."""
    s3 = embedded_aws.session().client("s3", REGION)
    where = {"LocationConstraint": REGION}
    s3.create_bucket(Bucket="states", CreateBucketConfiguration=where)  # type: ignore[arg-type]
    s3.put_object(Bucket="states", Key="prod.tfstate", Body=state())
    text = CONFIG.format(region=REGION, aws=embedded_aws.endpoint, github=hub.server.api_url)
    (tmp_path / "remediator.yaml").write_text(text)
    ran = remediator("init", tmp_path / "work", "--repository", "acme/infrastructure",
                     "--region", REGION, "--install", "remediator")  # fmt: skip
    assert ran.status == 0
    place = Clinic(hub, embedded_aws, tmp_path)
    admin = hub.server.person("root", hub.repo, role="admin")
    hub.work.git("remote", "set-url", "origin", hub.server.git_url(hub.repo, admin))
    hub.work.git("rm", "--quiet", "main.tf")
    place.push(live__prod__main_tf=ROOT.replace("REGION", REGION))
    hub.repo.settings.allow_auto_merge = True
    hub.server.add_ruleset(hub.repo, Requirements(contexts=("verify", "exemptions"), strict=True))
    return place


def found(ran: Ran, level: str) -> list[str]:
    return [line for line in ran.out.splitlines() if line.startswith(f"{level} ")]


def test_all_is_well(clinic: Clinic) -> None:
    ran = clinic.doctor()
    assert (found(ran, "fail"), found(ran, "warn")) == ([], [])
    assert ran.status == 0
    assert ran.out.rstrip().endswith("everything is in place")
    for text in (
        "mode enforce",
        "origin/main is fetched",
        "origin may be pushed to",
        "every read that is asked for here is allowed",
        "live/prod: its state is read",
        "may write contents, pull requests and issues",
        "main requires the check verify",
        "CODEOWNERS names people and teams that are there",
    ):
        assert text in ran.out


def test_nothing_is_changed(clinic: Clinic) -> None:
    """Not by the writes either that are only tried."""
    hub = clinic.hub
    before = (hub.repo.git.refs(), dict(hub.repo.issues), dict(hub.repo.labels))
    assert clinic.doctor().status == 0
    assert (hub.repo.git.refs(), hub.repo.issues, hub.repo.labels) == before
    reading = ("Describe", "Get", "List", "Lookup", "Head")
    assert all(call.partition(":")[2].startswith(reading) for call in clinic.aws.calls[2:])


@pytest.mark.parametrize("right", ["contents", "pull_requests", "issues"])
def test_a_right_that_the_token_lacks_is_named(clinic: Clinic, right: str) -> None:
    clinic.hub.app.permissions[right] = "read"
    ran = clinic.doctor()
    assert ran.status == 1
    (line,) = found(ran, "fail")
    assert f"the token lacks `{right.replace('_', '-')}: write`" in line
    assert "→ add it to the App's permissions" in ran.out


def archived(clinic: Clinic) -> None:
    clinic.hub.repo.settings.archived = True


def without_issues(clinic: Clinic) -> None:
    clinic.hub.repo.settings.has_issues = False


def without_auto_merge(clinic: Clinic) -> None:
    clinic.hub.repo.settings.allow_auto_merge = False


def without_merge_commits(clinic: Clinic) -> None:
    clinic.hub.repo.settings.allow_merge_commit = False


def without_rules(clinic: Clinic) -> None:
    clinic.hub.repo.rulesets.clear()


def without_rulesets(clinic: Clinic) -> None:
    clinic.hub.repo.settings.rulesets_status = 404


def with_approvals(clinic: Clinic) -> None:
    clinic.hub.server.add_ruleset(clinic.hub.repo, Requirements(approvals=2))


def another_default(clinic: Clinic) -> None:
    clinic.hub.work.git("push", "--quiet", "origin", "main:trunk")
    clinic.hub.repo.settings.default_branch = "trunk"
    clinic.hub.repo.rulesets.clear()
    clinic.hub.server.protect(clinic.hub.repo, "main", Requirements(contexts=("verify",)))


def unknown_owner(clinic: Clinic) -> None:
    clinic.push(CODEOWNERS="*.tf @nobody\n")


def no_owners(clinic: Clinic) -> None:
    clinic.hub.work.git("rm", "--quiet", "CODEOWNERS")
    clinic.push()


def no_workflows(clinic: Clinic) -> None:
    clinic.hub.work.git("rm", "--quiet", ".github/workflows/remediator-verify.yml")
    clinic.push()


def denied(clinic: Clinic) -> None:
    clinic.aws.faults.deny("ec2:DescribeSecurityGroupRules")


def config_denied(clinic: Clinic) -> None:
    clinic.aws.faults.deny("config:DescribeConfigRules")


def no_credentials(clinic: Clinic) -> None:
    clinic.aws.faults.fail("sts:GetCallerIdentity", "ExpiredToken", status=403)


def behind(clinic: Clinic) -> None:
    clinic.hub.repo.rulesets.clear()
    clinic.hub.server.add_ruleset(clinic.hub.repo, Requirements(contexts=("verify",)))


def squashing_queue(clinic: Clinic) -> None:
    rules = Requirements(merge_queue=True, queue_method="squash")
    clinic.hub.server.add_ruleset(clinic.hub.repo, rules)


def blank_squashes(clinic: Clinic) -> None:
    clinic.hub.repo.settings.squash_message = "BLANK"


def no_state(clinic: Clinic) -> None:
    clinic.aws.session().client("s3", REGION).delete_object(Bucket="states", Key="prod.tfstate")


def another_backend(clinic: Clinic) -> None:
    clinic.push(live__prod__main_tf='terraform {\n  backend "http" {}\n}\n')


def reader(clinic: Clinic) -> None:
    token = clinic.hub.server.person("reader", clinic.hub.repo, role="read")
    url = clinic.hub.server.git_url(clinic.hub.repo, token)
    clinic.hub.work.git("remote", "set-url", "origin", url)


def no_remote(clinic: Clinic) -> None:
    clinic.hub.work.git("remote", "set-url", "origin", str(clinic.folder / "absent"))


def expiring(clinic: Clinic) -> None:
    day = (datetime.now(UTC) - timedelta(days=2)).date()
    (clinic.folder / "work" / "exemptions.yaml").write_text(
        "version: 1\nexemptions:\n  - id: old\n    owner: team\n    reason: It was so.\n"
        f"    expires: {day}\n    match: {{account: '123456789012'}}\n"
    )


def unreadable(clinic: Clinic) -> None:
    with (clinic.folder / "remediator.yaml").open("a") as file:
        file.write("mod: observe\n")


@pytest.mark.parametrize(
    ("wrong", "level", "text", "advice"),
    [
        (archived, "fail", "the repository is archived", "unarchive it"),
        (without_issues, "fail", "the dashboard needs issues", "github.dashboard: false"),
        (without_auto_merge, "warn", "auto-merge is off", "switch on “Allow auto-merge”"),
        (without_merge_commits, "warn", "merged by squash or rebase", "“Allow merge commits”"),
        (without_rules, "warn", "does not require the check verify", "require the status"),
        (without_rulesets, "warn", "does not require the check verify", "require the status"),
        (behind, "warn", "merge onto a main that nobody", "“Require branches to be up to date"),
        (squashing_queue, "warn", "merge queue squashes", "choose another merge method"),
        (blank_squashes, "warn", "loses its record", "“Default message”"),
        (with_approvals, "warn", "asks for 2 approval(s)", "bypass actor"),
        (another_default, "warn", "the default branch trunk", "of the default branch"),
        (unknown_owner, "warn", "CODEOWNERS:1: Unknown owner", "make sure @nobody exists"),
        (no_owners, "warn", "without a CODEOWNERS file", "write .github/CODEOWNERS"),
        (no_workflows, "warn", "lacks the workflows remediator-verify", "`remediator init`"),
        (
            denied,
            "fail",
            "needs the permission ec2:DescribeSecurityGroupRules",
            "`remediator init`",
        ),
        (config_denied, "fail", "the permission config:DescribeConfigRules", "`remediator init`"),
        (no_credentials, "fail", "the AWS credentials have expired", ""),
        (no_state, "warn", "live/prod: ", "name its state under `roots`"),
        (another_backend, "warn", 'backend "http"', "name its state under `roots`"),
        (reader, "fail", "origin may not be pushed to", "credentials that may push"),
        (no_remote, "fail", "git fetch origin", ""),
        (expiring, "warn", "expired on", "renew it, or remove it"),
        (unreadable, "fail", "mod", ""),
    ],
)
def test_what_is_wrong_is_told_with_what_to_do(
    clinic: Clinic, wrong: Callable[[Clinic], None], level: str, text: str, advice: str
) -> None:
    wrong(clinic)
    ran = clinic.doctor()
    assert ran.status == (level == "fail")
    assert text in " ".join(found(ran, level)), ran.out
    assert advice in ran.out


def test_a_repository_that_is_not_seen_is_told(clinic: Clinic) -> None:
    stranger = clinic.hub.server.person("stranger")
    ran = clinic.doctor(REMEDIATOR_GITHUB_TOKEN=stranger.value)
    assert ran.status == 1
    assert "404" in found(ran, "fail")[0]
    assert "→ correct `github.repository`, or install the App" in ran.out
    ran = clinic.doctor(REMEDIATOR_GITHUB_TOKEN="ghp_x")
    assert "→ GitHub does not take this token" in ran.out


def test_without_github_it_says_what_would_be_gained(clinic: Clinic) -> None:
    file = clinic.folder / "remediator.yaml"
    start, _, rest = file.read_text().partition("github:\n")
    file.write_text(start + rest[rest.index("exemptions:") :])
    ran = clinic.doctor()
    assert ran.status == 0
    assert "reviews are pushed as branches" in ran.out


def test_no_secret_is_shown(clinic: Clinic) -> None:
    token = clinic.hub.server.app_token(clinic.hub.app).value
    clinic.hub.server.faults.fail("GET /repos/{owner}/{repo}", 500, token, times=None)
    ran = clinic.doctor(REMEDIATOR_GITHUB_TOKEN=token, AWS_SECRET_ACCESS_KEY="very-secret")
    assert ran.status == 1
    assert "very-secret" not in ran.out + ran.err


def test_with_an_app_it_finds_the_installation(clinic: Clinic) -> None:
    app = clinic.hub.app
    file = clinic.folder / "remediator.yaml"
    file.write_text(
        file.read_text().replace("  pace_seconds", f"  app_id: {app.id}\n  pace_seconds")
    )
    ran = clinic.doctor(REMEDIATOR_GITHUB_APP_KEY=app.private_key)
    assert (ran.status, found(ran, "fail")) == (0, [])


@pytest.mark.parametrize(
    ("email", "level", "text"),
    [
        ("", "warn", "noreply@remediator.invalid is no App's address"),
        ("{id}+{login}@users.noreply.github.com", "ok", "signs commits as {login}"),
        ("1{id}+{login}@users.noreply.github.com", "warn", "{login} has the number {id}, and not"),
        ("{id}+absent[bot]@users.noreply.github.com", "warn", "there is no absent[bot]"),
        ("{id}+{login}@example.com", "warn", "is no App's address"),
        ("{id}+alice@users.noreply.github.com", "warn", "is no App's address"),
    ],
)
def test_signed_commits_are_by_the_apps_own_address(
    clinic: Clinic, email: str, level: str, text: str
) -> None:
    bot = clinic.hub.app.user
    file = clinic.folder / "remediator.yaml"
    more = "  sign_commits: true\n  pace_seconds"
    written = file.read_text().replace("  pace_seconds", more)
    if email:
        written += f"identity: {{email: '{email.format(id=bot.id, login=bot.login)}'}}\n"
    file.write_text(written)
    ran = clinic.doctor()
    lines = " ".join(found(ran, level))
    assert text.format(id=bot.id, login=bot.login) in lines, ran.out
    assert ("set `identity.email` to ID+SLUG[bot]@" in ran.out) == (level == "warn")
    assert ran.status == 0


def test_whose_commits_they_are_does_not_matter_without_signing(clinic: Clinic) -> None:
    assert "App's address" not in clinic.doctor().out
