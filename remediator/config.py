"""remediator.yaml: what a platform engineer decides, with a safe default for all of it.

Every path in a configuration is relative to the file that says it, and comes out of `load`
joined to that file's directory. docs/configuration.md explains each key.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    model_validator,
)

from remediator import settings, yamlfile
from remediator.fields import Glob, Name, OneLine, Strict, Version, listed
from remediator.yamlfile import Document, InvalidFile, Problem

DEFAULT_FILE = "remediator.yaml"
DEFAULT_EXEMPTIONS = "exemptions.yaml"
DEFAULT_RULES = (
    "INCOMING_SSH_DISABLED",
    "RESTRICTED_INCOMING_TRAFFIC",
    "VPC_SG_PORT_RESTRICTION_CHECK",
)
_RULE_BY_NAME = "name:"
_OTHER_FILES = (
    ("exemptions", "a list of exemptions", "exemptions"),
    ("rows", "a policy", "policy"),
)


class Mode(StrEnum):
    OBSERVE = "observe"
    ENFORCE = "enforce"


class Repository(Strict):
    # The default instance, too, has its path joined to the configuration's directory.
    model_config = ConfigDict(revalidate_instances="always")

    path: settings.BesideFile = Field(
        default=Path("."), description="The infrastructure repository."
    )
    remote: settings.RemoteName = Field(default="origin", description="The git remote to push to.")
    base: settings.BranchName = Field(default="main", description="The branch that is deployed.")


class Aws(Strict):
    regions: tuple[settings.Region, ...] = Field(
        default=(), description="Regions to look into; none: the region of the AWS session."
    )
    profile: OneLine | None = Field(
        default=None, description="The profile of the AWS configuration."
    )
    endpoint_url: settings.HttpUrl | None = Field(
        default=None, description="Where AWS answers, for an emulated one."
    )
    accounts: Annotated[tuple[settings.AccountId, ...], BeforeValidator(listed)] = Field(
        default=(), description="Accounts to look into; none: that of the AWS session."
    )
    organization: StrictBool = Field(
        default=False, description="Look into every active account of the organisation."
    )
    role: settings.RoleName = Field(
        default="RemediatorReadOnly", description="The role to assume in each other account."
    )

    @property
    def several(self) -> bool:
        return self.organization or bool(self.accounts)


class AwsConfigSource(Strict):
    rules: Annotated[tuple[settings.ConfigRule, ...], AfterValidator(settings.some_rule)] = Field(
        default=DEFAULT_RULES,
        description="Managed rules by identifier, whatever they are called; `name:` one by name.",
    )

    @property
    def identifiers(self) -> frozenset[str]:
        return frozenset(r for r in self.rules if not r.startswith(_RULE_BY_NAME))

    @property
    def names(self) -> frozenset[str]:
        return frozenset(
            r.removeprefix(_RULE_BY_NAME) for r in self.rules if r.startswith(_RULE_BY_NAME)
        )


class AccessAnalyzerSource(Strict):
    recommendations: Annotated[StrictInt, Field(ge=0, le=10_000)] = Field(
        default=50, description="For how many findings of a run AWS's own advice is asked for."
    )
    last_use_reports: Annotated[StrictInt, Field(ge=0, le=10_000)] = Field(
        default=500, description="For how many principals of a run last use is asked for."
    )


class Sources(Strict):
    aws_config: AwsConfigSource | None = Field(
        default=AwsConfigSource(), description="Compliance as AWS Config says it; null: not asked."
    )
    live_rules: StrictBool = Field(
        default=True, description="Look for findings in the live rules themselves, too."
    )
    access_analyzer: AccessAnalyzerSource | None = Field(
        default=None, description="Findings of IAM Access Analyzer; null: not asked."
    )

    @model_validator(mode="after")
    def _some(self) -> Sources:
        if self.aws_config is None and self.access_analyzer is None and not self.live_rules:
            raise ValueError("every source is off, so nothing would be found; leave one on")
        return self


class Root(Strict):
    path: settings.InRepository = Field(
        description="The root module's directory.", examples=["live/prod"]
    )
    state: Annotated[tuple[settings.StateSource, ...], BeforeValidator(listed)] = Field(
        default=(), description="State files or s3://bucket/key; none: the root's own backend."
    )
    workspace: OneLine = Field(default="default", description="The Terraform workspace.")


class Marker(Strict):
    """What a resource is known by. Case does not count; any one pattern is enough."""

    tags: Mapping[OneLine, Annotated[tuple[Glob, ...], BeforeValidator(listed)]] = Field(
        default={}, description="Patterns of values, by the tag's key."
    )
    names: Annotated[tuple[Glob, ...], BeforeValidator(listed)] = Field(
        default=(), description="Patterns of the resource's name, or of its Name tag."
    )
    arns: Annotated[tuple[settings.ArnGlob, ...], BeforeValidator(listed)] = Field(
        default=(), description="Patterns of the ARN."
    )

    @property
    def is_empty(self) -> bool:
        return not (any(self.tags.values()) or self.names or self.arns)


# Each key by itself: whoever adds an ARN to the bastions does not lose those known by name.
_MARKER_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "bastion": {
        "tags": {"Role": ["*bastion*", "*jump*"]},
        "names": ["*bastion*", "*jump*"],
    },
    "break-glass": {
        "tags": {"Purpose": ["*break*glass*"], "BreakGlass": ["true", "yes"]},
        "names": ["*break*glass*", "*emergency*"],
    },
    "production": {
        "tags": {"Environment": ["prod*"], "Env": ["prod*"], "Stage": ["prod*"]},
        "names": ["prod-*", "*-prod", "*-prod-*", "*production*"],
    },
}


def _with_defaults(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    given = {name: value.get(name, {}) for name in _MARKER_DEFAULTS}
    whole = {
        name: {**_MARKER_DEFAULTS[name], **own} if isinstance(own, dict) else own
        for name, own in given.items()
    }
    return {**whole, **{name: own for name, own in value.items() if name not in whole}}


def _marking(markers: Mapping[str, Marker]) -> Mapping[str, Marker]:
    for name, marker in markers.items():
        if marker.is_empty and name not in _MARKER_DEFAULTS:
            raise ValueError(f"{name} marks nothing; write its tags, names or arns")
    return markers


class Terraform(Strict):
    """The real terraform as a judge. How it reaches AWS is the provider's own configuration."""

    plan: StrictBool = Field(
        default=False, description="Judge each change with `terraform plan`, too."
    )
    binary: settings.Program = Field(default="terraform", description="A name on PATH, or a path.")
    refresh: StrictBool = Field(
        default=False, description="Ask AWS what is there now; else the states are believed."
    )
    var_files: Mapping[
        settings.InRepository,
        Annotated[tuple[settings.InRepository, ...], BeforeValidator(listed)],
    ] = Field(default={}, description="By root module, what is given with -var-file, in order.")
    timeout_seconds: Annotated[StrictInt, Field(ge=10, le=7200)] = Field(
        default=600, description="How long each call of terraform may take."
    )

    def files(self) -> dict[str, tuple[str, ...]]:
        """The variable files by the root's directory, "" for the top."""
        return {"" if root == "." else root: paths for root, paths in self.var_files.items()}


class Limits(Strict):
    push_attempts: Annotated[StrictInt, Field(ge=1, le=50)] = Field(
        default=5, description="How often a push is rebuilt when the base has moved."
    )
    evidence_max_age_hours: Annotated[StrictInt, Field(ge=1, le=8760)] = Field(
        default=24, description="Older evidence leaves review at the most."
    )
    max_changes: settings.MaxChanges = Field(
        default=None, description="Most changes of a run, or a share of a root's identities."
    )
    session_hours: Annotated[StrictInt, Field(ge=1, le=2160)] = Field(
        default=48, description="A principal with a session in these is active."
    )
    session_margin_hours: Annotated[StrictInt, Field(ge=0, le=48)] = Field(
        default=4, description="How late AWS's records of sessions may be."
    )
    grant_grace_days: Annotated[StrictInt, Field(ge=0, le=400)] = Field(
        default=14, description="A permission granted less than this ago is left alone."
    )

    apply_within_hours: Annotated[StrictInt, Field(ge=1, le=8760)] = Field(
        default=72, description="A change merged for longer, and not applied, is reported."
    )

    @property
    def apply_within(self) -> timedelta:
        return timedelta(hours=self.apply_within_hours)

    @property
    def evidence_max_age(self) -> timedelta:
        return timedelta(hours=self.evidence_max_age_hours)

    @property
    def session(self) -> timedelta:
        return timedelta(hours=self.session_hours)

    @property
    def session_margin(self) -> timedelta:
        return timedelta(hours=self.session_margin_hours)

    @property
    def grant_grace(self) -> timedelta:
        return timedelta(days=self.grant_grace_days)


class GitHub(Strict):
    """Deliver as pull requests. Secrets come from the environment, never from here."""

    repository: settings.GitHubRepository = Field(
        description="owner/name.", examples=["example-org/infrastructure"]
    )
    api_url: settings.ApiUrl = Field(
        default="https://api.github.com",
        description="An Enterprise Server has it at https://HOST/api/v3.",
    )
    app_id: Annotated[StrictInt, Field(ge=1)] | None = Field(
        default=None, description="The GitHub App to act as; none: a token."
    )
    installation_id: Annotated[StrictInt, Field(ge=1)] | None = Field(
        default=None, description="The App's installation; none: it is asked for."
    )
    sign_commits: StrictBool = Field(
        default=False, description="Make each commit through the API, so that GitHub signs it."
    )
    open_limit: Annotated[StrictInt, Field(ge=0, le=1000)] = Field(
        default=10, description="How many pull requests may be open at once."
    )
    hourly_limit: Annotated[StrictInt, Field(ge=0, le=500)] = Field(
        default=2, description="How many new ones within an hour."
    )
    dashboard: StrictBool = Field(default=True, description="Keep an issue that lists all.")
    wait_seconds: Annotated[StrictInt, Field(ge=0, le=3600)] = Field(
        default=120, description="How long a run waits for GitHub's rate limits, all in all."
    )
    pace_seconds: Annotated[StrictInt, Field(ge=0, le=10)] = Field(
        default=1, description="The pause before each write, which GitHub asks for."
    )


class Audit(Strict):
    """What the register is held against, and where it finds who a resource belongs to."""

    allowed_signers: settings.BesideFile | None = Field(
        default=None, description="An ssh allowedSigners file, to verify signed commits with."
    )
    authors: Annotated[tuple[Glob, ...], BeforeValidator(listed)] = Field(
        default=("*[bot]@users.noreply.github.com",),
        description="Addresses, besides the identity's, that records are written by.",
    )
    team_tags: Annotated[tuple[OneLine, ...], BeforeValidator(listed)] = Field(
        default=("team", "owner"), description="The tags that name the owning team; the first."
    )
    cost_tags: Annotated[tuple[OneLine, ...], BeforeValidator(listed)] = Field(
        default=("cost-center", "cost_center", "costcenter"),
        description="The tags that name the cost centre; case does not count.",
    )


class Identity(Strict):
    """Who the commits are by. `.invalid` (RFC 2606) can be nobody's address."""

    name: settings.GitName = Field(default="Remediator", description="The author of the commits.")
    email: settings.GitEmail = Field(
        default="noreply@remediator.invalid", description="The author's address."
    )


class Config(Strict):
    version: Version = Field(description="The format of this file.", examples=[1])
    mode: Mode = Field(
        default=Mode.OBSERVE, description="observe changes nothing; enforce commits."
    )
    repository: Repository = Repository()
    aws: Aws = Aws()
    sources: Sources = Sources()
    roots: Annotated[tuple[Root, ...], AfterValidator(settings.distinct_roots)] = Field(
        default=(), description="The root modules; none: they are discovered."
    )
    markers: Annotated[
        Mapping[Name, Marker], BeforeValidator(_with_defaults), AfterValidator(_marking)
    ] = Field(default={}, description="What sets a resource apart, by the trait's name.")
    approved_admin_cidrs: Annotated[
        tuple[settings.AdminCidr, ...], AfterValidator(settings.not_wide_together)
    ] = Field(
        default=(), description="What replaces the world on an admin port; none: nothing does."
    )
    trusted_accounts: Annotated[tuple[settings.AccountId, ...], BeforeValidator(listed)] = Field(
        default=(), description="Accounts that may be let in, beside the organisation's."
    )
    exemptions: Annotated[tuple[settings.BesideFile, ...], BeforeValidator(listed)] = Field(
        default=(Path(DEFAULT_EXEMPTIONS),), description="The lists of exemptions."
    )
    policy: settings.BesideFile | None = Field(
        default=None, description="Dispositions that replace the packaged ones."
    )
    terraform: Terraform = Terraform()
    limits: Limits = Limits()
    identity: Identity = Identity()
    github: GitHub | None = Field(
        default=None, description="Deliver as pull requests on GitHub; none: by git alone."
    )
    audit: Audit = Audit()
    observations: settings.BesideFile | None = Field(
        default=None,
        description="The folder in which runs that observe keep their outcomes.",
    )


def load(path: Path | None = None, directory: Path = Path(".")) -> Config:
    """The configuration in `path`; without one, that which governs `directory`, or the defaults.

    Raises ConfigurationError: for a file that is named and not there, for anything in it that
    is not understood, and for a file named in it that does not exist.
    """
    place = directory if path else governing(directory)
    file = path or place / DEFAULT_FILE
    if path is None and not settings.is_there(file):
        context = {settings.DIRECTORY: place}
        return _existing(Config.model_validate({"version": 1}, context=context), None)
    document = yamlfile.read(file)
    if problem := _of_another_kind(document):
        raise InvalidFile(problem)
    context = {settings.DIRECTORY: file.parent}
    return _existing(yamlfile.validate(Config, document, context), document)


def governing(directory: Path) -> Path:
    """The folder whose files hold for `directory`: it, or the nearest one above, up to the top of
    its repository, that has a configuration; without any, one that has exemptions."""
    places = [*up_to_the_top(directory)]
    for name in (DEFAULT_FILE, DEFAULT_EXEMPTIONS):
        for place in places:
            if settings.is_there(place / name):
                return place
    return directory


def up_to_the_top(directory: Path) -> Iterator[Path]:
    """The folder and those above it, up to its repository's top. Outside of a repository the
    folder alone: what lies above is somebody else's."""
    real = Path(os.path.realpath(directory))
    line = [real, *real.parents]
    top = next((n for n, place in enumerate(line) if settings.is_there(place / ".git")), 0)
    yield directory
    for place in line[1 : top + 1]:
        yield Path(os.path.relpath(place))


def _of_another_kind(document: Document) -> Problem | None:
    """A list of exemptions or a policy, given where a configuration belongs."""
    frame = document.value if isinstance(document.value, dict) else {}
    for key, what, named in _OTHER_FILES:
        entries = frame.get(key)
        of_mappings = isinstance(entries, list) and any(isinstance(e, dict) for e in entries)
        if of_mappings and frame.keys() <= {"version", key}:
            text = f"this is {what} and no configuration; name the file under `{named}` in one"
            return Problem(document.path, document.line((key,)), text)
    return None


def _existing(config: Config, document: Document | None) -> Config:
    """Files that were named must be there; the default exemption list may be absent."""
    if document is None or "exemptions" not in config.model_fields_set:
        there = tuple(p for p in config.exemptions if settings.is_there(p))
        config = config.model_copy(update={"exemptions": there})
    if document is not None:
        problems = list(_missing(config, document))
        if problems:
            raise InvalidFile(*problems)
    return config


def _missing(config: Config, document: Document) -> list[Problem]:
    named = [(("exemptions", i), p) for i, p in enumerate(config.exemptions)]
    files: list[tuple[tuple[str | int, ...], Path]] = [*named]
    if config.policy is not None:
        files.append((("policy",), config.policy))
    return [
        document.problem(keys, f"there is no file {path}; create it, or remove it here")
        for keys, path in files
        if not settings.is_there(path)
    ]
