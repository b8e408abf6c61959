"""What the stand-in remembers besides git: people, Apps, tokens, issues, pull requests, checks.

Mutable on purpose, as a server's memory is; `World.lock` is held by whoever reads or changes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from threading import RLock

from remediator.embedded.github.gitstore import GitStore
from remediator.embedded.github.rules import Requirements, Ruleset

ROLES = ("none", "read", "triage", "write", "maintain", "admin")


@dataclass
class User:
    id: int
    login: str
    type: str = "User"
    """User, Bot or Organization."""


@dataclass
class App:
    """A GitHub App that is installed once, for all repositories of the one owner."""

    id: int
    slug: str
    user: User
    """Its bot, `slug[bot]`."""
    owner: User
    public_key: str
    private_key: str
    installation_id: int
    permissions: dict[str, str]
    created_at: datetime


@dataclass
class Token:
    """What is sent with a request. `permissions` None: a person's, limited by the role alone."""

    value: str
    user: User
    permissions: Mapping[str, str] | None = None
    repositories: frozenset[int] | None = None
    """None: all."""
    expires_at: datetime | None = None
    app: App | None = None
    is_actions: bool = False
    """A workflow's GITHUB_TOKEN."""
    is_jwt: bool = False
    """An App's own word, good for asking for tokens and no more."""


@dataclass
class Label:
    id: int
    name: str
    color: str = "ededed"
    description: str | None = None


@dataclass
class Comment:
    id: int
    user: User
    body: str
    created_at: datetime
    updated_at: datetime


@dataclass
class Review:
    id: int
    user: User
    state: str
    """APPROVED, CHANGES_REQUESTED, COMMENTED or DISMISSED."""
    body: str
    commit_id: str
    submitted_at: datetime


@dataclass
class AutoMerge:
    enabled_by: Token
    method: str
    title: str | None
    message: str | None


@dataclass(frozen=True)
class AutoMergeEvent:
    """Somebody switched auto-merge on or off; a push, a draft or the end switches it off, too.
    `queue`: into the merge queue, or out of it."""

    id: int
    on: bool
    user: User
    at: datetime
    queue: bool = False


@dataclass
class Pull:
    head_ref: str
    head_sha: str
    """As it was last seen: it stays when the branch goes."""
    base_ref: str
    base_sha: str
    draft: bool = False
    merged_at: datetime | None = None
    merged_by: User | None = None
    merge_commit_sha: str | None = None
    auto_merge: AutoMerge | None = None
    queued: Token | None = None
    """Who put it into the merge queue, while it is there."""
    auto_merge_events: list[AutoMergeEvent] = field(default_factory=list)
    reviewers: list[User] = field(default_factory=list)
    teams: list[str] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    unknown_reads: int = 0
    """How many more reads find its mergeability not computed yet."""


@dataclass
class Issue:
    """An issue; with `pull`, a pull request. Both count in one row of numbers."""

    id: int
    number: int
    user: User
    title: str
    body: str | None
    created_at: datetime
    updated_at: datetime
    state: str = "open"
    state_reason: str | None = None
    closed_at: datetime | None = None
    closed_by: User | None = None
    locked: bool = False
    labels: list[str] = field(default_factory=list)
    assignees: list[User] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    pull: Pull | None = None


@dataclass
class CheckRun:
    id: int
    app: App
    name: str
    head_sha: str
    status: str
    conclusion: str | None
    output: dict[str, str | None]
    details_url: str | None
    external_id: str | None
    started_at: datetime
    completed_at: datetime | None


@dataclass
class Status:
    id: int
    user: User
    sha: str
    state: str
    context: str
    description: str | None
    target_url: str | None
    created_at: datetime


@dataclass(frozen=True)
class Push:
    """A ref that changed, by whom: by git push, or through the API."""

    ref: str
    before: str | None
    after: str | None
    user: User
    at: datetime


@dataclass
class Settings:
    """The repository's settings that a bot meets. The defaults are a new repository's."""

    private: bool = True
    default_branch: str = "main"
    has_issues: bool = True
    archived: bool = False
    allow_auto_merge: bool = False
    allow_merge_commit: bool = True
    allow_squash_merge: bool = True
    allow_rebase_merge: bool = True
    allow_update_branch: bool = False
    squash_message: str = "COMMIT_MESSAGES"
    """What GitHub writes below a squash's title where nobody says: or PR_BODY, or BLANK."""
    queue_waits: bool = False
    """The checks of what is in the merge queue take their time."""
    delete_branch_on_merge: bool = False
    actions_may_create_pull_requests: bool = False
    rulesets_status: int = 200
    """404: an older GitHub Enterprise Server, which knows no rulesets; 403: a private repository
    on a plan without them."""
    slow_mergeability: int = 0
    """So many reads of a pull request whose head is new find `mergeable` null."""


@dataclass
class Repository:
    id: int
    owner: User
    name: str
    git: GitStore
    created_at: datetime
    settings: Settings = field(default_factory=Settings)
    collaborators: dict[str, str] = field(default_factory=dict)
    """Roles by login."""
    labels: dict[str, Label] = field(default_factory=dict)
    """By name in lower case."""
    issues: dict[int, Issue] = field(default_factory=dict)
    statuses: list[Status] = field(default_factory=list)
    check_runs: list[CheckRun] = field(default_factory=list)
    protections: dict[str, Requirements] = field(default_factory=dict)
    rulesets: list[Ruleset] = field(default_factory=list)
    teams: dict[str, set[str]] = field(default_factory=dict)
    """Logins by the team's slug."""
    dispatches: list[dict[str, object]] = field(default_factory=list)
    pushes: list[Push] = field(default_factory=list)
    verified: set[str] = field(default_factory=set)
    """Commits that GitHub itself has signed."""
    refs: dict[str, str] = field(default_factory=dict)
    """As they were when they were last looked at."""

    @property
    def full_name(self) -> str:
        return f"{self.owner.login}/{self.name}"

    def pulls(self) -> Iterator[tuple[Issue, Pull]]:
        for issue in self.issues.values():
            if issue.pull:
                yield issue, issue.pull

    def role(self, user: User) -> str:
        if user.id == self.owner.id:
            return "admin"
        return self.collaborators.get(user.login, "none" if self.settings.private else "read")

    def is_allowed(self, user: User, role: str) -> bool:
        return ROLES.index(self.role(user)) >= ROLES.index(role)


class World:
    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.lock = RLock()
        self.clock = clock
        self.users: dict[str, User] = {}
        self.apps: dict[int, App] = {}
        self.tokens: dict[str, Token] = {}
        self.repositories: dict[str, Repository] = {}
        self.ids = count(1001)

    def new_id(self) -> int:
        return next(self.ids)

    def user(self, login: str, kind: str = "User") -> User:
        """The user of this login, made where there is none."""
        if login not in self.users:
            self.users[login] = User(self.new_id(), login, kind)
        return self.users[login]

    def add_token(self, token: Token) -> Token:
        self.tokens[token.value] = token
        return token

    def repository(self, owner: str, name: str) -> Repository | None:
        return self.repositories.get(f"{owner}/{name}".lower())
