"""Runs against the stand-in for GitHub: what the loop would hand over, delivered for real."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from copy import copy, deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from shutil import copytree, rmtree
from typing import Any

from changemaker import AROUND, change, finding
from github import Auth, Github
from githubcontract import Contract

from remediator.audit.history import records
from remediator.embedded.github.server import EmbeddedGitHub
from remediator.embedded.github.world import Repository, Token
from remediator.forge.git import GitForge
from remediator.forge.github.calls import Calls
from remediator.forge.github.snapshot import Reader
from remediator.forge.github.there import Limits
from remediator.forge.github.workplace import PullWorkplace
from remediator.forge.github.writes import Writes
from remediator.model import Kind, Outcome, Refusal
from remediator.workplace import Delivered, Moved

IDENTITY = ("Remediator", "bot@example.com")
START = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
NAME = "example-org/infrastructure"
ROOM = Limits(50, 50)


class KilledError(BaseException):
    """The process is gone: nothing that catches an Exception sees it."""


@dataclass
class Ran:
    outcomes: tuple[Outcome, ...]
    writes: tuple[str, ...]
    reads: tuple[str, ...]
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    def codes(self) -> dict[str, str]:
        return {o.finding.resource.name: o.code for o in self.outcomes}


@dataclass
class Cut:
    """Kills the run after so many calls, to the API and by git. 0: never."""

    after: int = 0
    calls: int = 0

    def step(self) -> None:
        self.calls += 1
        if self.calls == self.after:
            raise KilledError


class CutCalls(Calls):
    def __init__(self, connection: Any, seconds: float, clock: Any, sleep: Any, cut: Cut) -> None:
        super().__init__(connection, seconds, clock, sleep)
        self._cut = cut

    def _patient(self, send: Any) -> Any:
        answer = super()._patient(send)
        self._cut.step()
        return answer


class CutForge(GitForge):
    def __init__(self, work: Path, cut: Cut, email: str) -> None:
        super().__init__(work, "origin", "main", ("Remediator", email))
        self._cut = cut

    def push(self, updates: Any, expected: Any) -> Any:
        pushed = super().push(updates, expected)
        self._cut.step()
        return pushed


@dataclass
class Saved:
    folders: dict[Path, Path]
    repo: Repository
    now: datetime
    ids: Iterator[int]


@dataclass
class World:
    """`now` is the time for both sides. Each name is a file with one finding in it."""

    folder: Path
    server: EmbeddedGitHub
    names: Sequence[str]
    now: datetime = START
    sleeps: list[float] = field(default_factory=list)
    cut: Cut = field(default_factory=Cut)
    sign: bool = False

    def __post_init__(self) -> None:
        self.repo = self.server.repository(NAME)
        self.app = self.server.app("remediator", "example-org")
        self.bot = self.server.app_token(self.app)
        self.pat = self.server.person("pat", self.repo)
        self.person = self.folder / "person"
        files = {f"live/prod/{name}.tf": "open\n" for name in self.names}
        self.person.mkdir(parents=True)
        self.git("init", "-q", "-b", "main")
        self.git("remote", "add", "origin", self.server.git_url(self.repo, self.pat))
        self.write({**files, "README.md": "words\n", "CODEOWNERS": "* @pat\n"})
        self.git("push", "-q", "origin", "main")
        self.work = self.folder / "work"
        url = self.server.git_url(self.repo, self.bot)
        run_git(self.folder, "clone", "-q", url, str(self.work))
        run_git(self.work, "config", "maintenance.auto", "false")

    @property
    def email(self) -> str:
        """The App's own, in commits that GitHub makes for it."""
        return f"{self.app.user.id}+{self.app.user.login}@users.noreply.github.com"

    # What people do --------------------------------------------------------------------------

    def git(self, *arguments: str) -> str:
        return run_git(self.person, *arguments)

    def write(self, files: dict[str, str], message: str = "Work") -> str:
        for path, text in files.items():
            place = self.person / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)
        return self.git("rev-parse", "HEAD")

    def push(self, files: dict[str, str], branch: str = "main") -> str:
        self.git("fetch", "-q", "origin")
        self.git("checkout", "-q", "-B", "here", f"origin/{branch}")
        made = self.write(files)
        self.git("push", "-q", "origin", f"here:{branch}")
        return made

    def as_pat(self) -> Any:
        return client(self.server, self.pat).get_repo(NAME)

    def comment(self, number: int, text: str, who: Token | None = None) -> None:
        repo = client(self.server, who or self.pat).get_repo(NAME)
        repo.get_issue(number).create_comment(text)

    def tick(self, box: str) -> None:
        board = self.board()
        body = board.body
        assert f"- [ ] <!-- box:{box} -->" in body, body
        board.edit(body=body.replace(f"- [ ] <!-- box:{box} -->", f"- [x] <!-- box:{box} -->"))

    def board(self) -> Any:
        found = [i for i in self.as_pat().get_issues(state="open") if not i.pull_request]
        (board,) = found
        return board

    # Runs ------------------------------------------------------------------------------------

    def another(self) -> World:
        """The same, seen by a second run in a clone of its own."""
        clone = self.folder / "another"
        rmtree(clone, ignore_errors=True)
        copytree(self.work, clone, symlinks=True)
        twin = copy(self)
        twin.work, twin.cut, twin.sleeps = clone, Cut(), []
        return twin

    def workplace(self, limits: Limits = ROOM, **more: Any) -> PullWorkplace:
        connection = client(self.server, self.bot)
        calls = CutCalls(connection, 100.0, self.now.timestamp, self.sleeps.append, self.cut)
        return PullWorkplace(
            CutForge(self.work, self.cut, self.email if self.sign else IDENTITY[1]),
            lambda commit: records(self.work, commit, verify=False),
            Writes(calls, Reader(calls, NAME, "main")),
            limits,
            self.now,
            sign=self.sign,
            **more,
        )

    def run(
        self,
        names: Sequence[str] | None = None,
        *,
        auto: Sequence[str] = (),
        limits: Limits = ROOM,
        complete: bool = True,
        also: Sequence[Outcome] = (),
        between: Callable[[], None] = lambda: None,
        **changes: Any,
    ) -> Ran:
        """One run that finds what these files have. `between`: after the changes were made."""
        self.server.traffic.reset()
        place = self.workplace(limits)
        wanted = list(self.names) if names is None else list(names)
        ordered = [n for n in wanted if n in auto] + [n for n in wanted if n not in auto]
        outcomes = [self._deliver(place, name, name in auto, changes) for name in ordered]
        between()
        ended = place.finish([*outcomes, *also], complete=complete)
        traffic = self.server.traffic
        api = [
            (a.route, a.is_write)
            for a, _ in traffic.log
            if a.route not in ("GIT refs", "GIT fetch")
        ]
        return Ran(
            ended,
            tuple(r for r, is_write in api if is_write),
            tuple(r for r, is_write in api if not is_write),
            place.notes,
            tuple(str(p) for p in place.problems),
        )

    def _deliver(
        self, place: PullWorkplace, name: str, auto: bool, changes: dict[str, Any]
    ) -> Outcome:
        found = finding(self.names.index(name) + 1, name=name)
        for _ in range(5):
            file = f"live/prod/{name}.tf"
            before = place.tree().read(file)
            record = place.closed(found.id)
            if b"open" not in before and record is not None:
                merged = record.merge or record.commit
                return Outcome(found, Kind.MERGED, "awaiting-apply", "", commit=merged)
            after = before.replace(b"open", b"shut")
            lowered = auto and place.closed(found.id) is None
            made = change(
                name, auto=lowered, findings=(found,), file=file, before=before, after=after
            )
            if name in changes:
                made = changes[name](made)
            answer = place.deliver(made, AROUND.reference, self.now)
            if not isinstance(answer, Moved):
                return _outcome(Outcome(found, Kind.PROPOSED, "", ""), answer)
        raise AssertionError("the base never stood still")

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)

    # What is there ---------------------------------------------------------------------------

    def pulls(self, state: str = "open") -> list[Any]:
        return sorted(self.as_pat().get_pulls(state=state), key=lambda p: p.number)

    def only(self, state: str = "open") -> Any:
        (pull,) = self.pulls(state)
        return pull

    def state(self) -> dict[str, Any]:
        """All that a person sees, without numbers and ids that depend on the way there."""
        issues = self.repo.issues.values()
        pulls = [
            (
                pull.head_ref,
                issue.title,
                issue.state,
                pull.merged_at is not None,
                sorted(issue.labels),
                sorted(u.login for u in pull.reviewers),
                pull.auto_merge is not None and issue.state == "open",
                pull.queued is not None,
                _steady(issue.body),
                sorted(_steady(c.body) for c in issue.comments),
            )
            for issue, pull in self.repo.pulls()
        ]
        boards = [_steady(i.body) for i in issues if not i.pull and i.state == "open"]
        bare = self.repo.git.path
        branches = run_git(bare, "for-each-ref", "--format=%(refname)", "refs/heads").split()
        files = run_git(bare, "grep", "-n", "", "main", "--", "live")
        return {"pulls": sorted(pulls), "boards": boards, "files": files, "branches": branches}

    def exactly(self) -> str:
        """All that the next run can see: GitHub's memory to the letter, and the refs there; a run
        begins with a fetch. Of two worlds that are the same in this, it makes the same."""
        hub = {k: v for k, v in vars(self.repo).items() if k not in ("git", "pushes", "refs")}
        refs = run_git(self.repo.git.path, "for-each-ref")
        return sha256(f"{hub!r}\n{refs}".encode()).hexdigest()

    # The same world again ----------------------------------------------------------------------

    def save(self, place: Path, *, clone: bool = True) -> Saved:
        """What a run can change: not the person's clone. Without `clone`: what is on GitHub."""
        folders = {self.repo.git.path: place / "bare"}
        if clone:
            folders[self.work] = place / "work"
        for folder, copied in folders.items():
            copytree(folder, copied, symlinks=True)
        return Saved(folders, deepcopy(self.repo), self.now, copy(self.server.world.ids))

    def restore(self, saved: Saved) -> None:
        for folder, copied in saved.folders.items():
            rmtree(folder)
            copytree(copied, folder, symlinks=True)
        self.now, self.cut = saved.now, Cut()
        self.recall(saved)
        self.server.faults.clear()
        self.server.traffic.before.clear()

    def recall(self, saved: Saved) -> None:
        """GitHub's memory, without its repository's folder."""
        self.repo = deepcopy(saved.repo)
        self.server.world.ids = copy(saved.ids)
        self.server.world.repositories[NAME.lower()] = self.repo

    def base_file(self, name: str) -> str:
        run_git(self.work, "fetch", "-q", "origin", "main")
        return run_git(self.work, "show", f"FETCH_HEAD:live/prod/{name}.tf")


@contextmanager
def world(folder: Path, *names: str, held: bool = True) -> Iterator[World]:
    """`held`: every request and answer is held against GitHub's own description."""
    made: list[World] = []
    clock = lambda: made[0].now if made else START  # noqa: E731
    with EmbeddedGitHub(folder / "hub", clock, Contract() if held else None) as server:
        made.append(World(folder / "w", server, names or ("a",)))
        yield made[0]
        assert server.violations == []


def _steady(text: str | None) -> str:
    """Without commit ids and pull request numbers."""
    text = re.sub(r"[0-9a-f]{40}|\b[0-9a-f]{12}\b", "…", text or "")
    return re.sub(r"/pull/\d+", "/pull/N", text)


def _outcome(outcome: Outcome, answer: Delivered | Refusal) -> Outcome:
    if isinstance(answer, Refusal):
        return replace(outcome, kind=Kind.REFUSED, code=answer.code, text=answer.text)
    return replace(
        outcome,
        kind=answer.kind,
        code=answer.code,
        text=answer.text,
        commit=answer.commit,
        branch=answer.branch,
    )


def client(server: EmbeddedGitHub, who: Token) -> Github:
    return Github(
        auth=Auth.Token(who.value),
        base_url=server.api_url,
        per_page=100,
        retry=None,
        seconds_between_requests=None,
        seconds_between_writes=None,
    )


def run_git(where: Path, *arguments: str) -> str:
    person = ("-c", "user.name=Pat", "-c", "user.email=pat@example.com")
    done = subprocess.run(
        ["git", "-C", str(where), *person, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def killed(run: Callable[[], Any]) -> bool:
    """Whether the run died on the way."""
    with suppress(KilledError):
        run()
        return False
    return True
