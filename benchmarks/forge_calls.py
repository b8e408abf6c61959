"""Calls to GitHub's API: 500 findings with 200 open pull requests, new, unchanged, changed, gone.

    python -m benchmarks.forge_calls

Counts what a run asks of an embedded GitHub (real HTTP, real git), from its own log. Pushes are
git's and no API calls. A changed pull request may take 5 reads and 4 writes, an unchanged one
nothing beyond the listing: status 1 where one takes more.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from github import Auth, Github

from remediator.audit.history import records
from remediator.embedded.github.server import EmbeddedGitHub
from remediator.forge.git import GitForge
from remediator.forge.github.calls import Calls
from remediator.forge.github.snapshot import Reader
from remediator.forge.github.there import Limits
from remediator.forge.github.workplace import PullWorkplace
from remediator.forge.github.writes import Writes
from remediator.model import (
    BlockRef,
    Change,
    Check,
    Decision,
    Disposition,
    Edit,
    Finding,
    Instance,
    Kind,
    Outcome,
    Owner,
    Patch,
    Proof,
    Resource,
)
from remediator.workplace import Delivered

REPOSITORY, MOST_READS, MOST_WRITES = "example-org/infrastructure", 5, 4
WHEN = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
_RULE = {"from_port": 22, "protocol": "tcp", "source": "0.0.0.0/0", "to_port": 22}


@dataclass(frozen=True, slots=True)
class Row:
    """`changed`: pull requests that were opened, made again or closed. `listing`: reads that
    do not depend on them."""

    run: str
    changed: int
    reads: int
    writes: int
    listing: int
    pushes: int
    seconds: float

    @property
    def kept(self) -> bool:
        # One more read and one more write are the dashboard's.
        reads = self.reads - self.listing - 1
        return reads <= MOST_READS * self.changed and self.writes - 1 <= MOST_WRITES * self.changed


class Bench:
    def __init__(self, folder: Path, server: EmbeddedGitHub, findings: int, most: int) -> None:
        self.names = [f"group-{n:03}" for n in range(findings)]
        self._limits = Limits(most, most)
        repo = server.repository(REPOSITORY)
        self._server, self._bot = server, server.app_token(server.app("bot", "example-org"))
        self._work = folder / "work"
        files = {f"live/{name}.tf": "open\n" for name in self.names}
        self._work.mkdir()
        self._git("init", "-q", "-b", "main")
        self._git("remote", "add", "origin", server.git_url(repo, self._bot))
        self.commit({**files, "CODEOWNERS": "* @pat\n"})
        server.person("pat", repo)

    def commit(self, files: Mapping[str, str]) -> None:
        """Somebody's commit on the base."""
        for path, text in files.items():
            (self._work / path).parent.mkdir(exist_ok=True)
            (self._work / path).write_text(text, encoding="utf-8")
        self._git("add", "-A")
        self._git("commit", "-q", "-m", "Work")
        self._git("push", "-q", "origin", "main")

    def run(self, what: str, names: Sequence[str], changed: int, now: datetime = WHEN) -> Row:
        self._server.traffic.reset()
        started = time.perf_counter()
        place = self._workplace(now)
        listing = len(self._server.traffic.reads) - self._of_git()
        outcomes = [self._deliver(place, name, now) for name in names]
        place.finish(outcomes, complete=True)
        if place.problems:
            raise SystemExit(str(place.problems[0]))
        seconds = time.perf_counter() - started
        traffic = self._server.traffic
        writes = [route for route in traffic.writes if not route.startswith("GIT")]
        reads = [route for route in traffic.reads if not route.startswith("GIT")]
        pushes = len(traffic.writes) - len(writes)
        return Row(what, changed, len(reads), len(writes), listing, pushes, seconds)

    def _of_git(self) -> int:
        return sum(route.startswith("GIT") for route in self._server.traffic.reads)

    def _workplace(self, now: datetime) -> PullWorkplace:
        connection = Github(
            auth=Auth.Token(self._bot.value),
            base_url=self._server.api_url,
            retry=None,
            seconds_between_requests=None,
            seconds_between_writes=None,
        )
        calls = Calls(connection, 60.0, time.time, time.sleep)
        return PullWorkplace(
            GitForge(self._work, "origin", "main", ("Remediator", "bot@example.com")),
            lambda commit: records(self._work, commit, verify=False),
            Writes(calls, Reader(calls, REPOSITORY, "main")),
            self._limits,
            now,
        )

    def _deliver(self, place: PullWorkplace, name: str, now: datetime) -> Outcome:
        change = a_change(name, place.tree().read(f"live/{name}.tf"))
        answer = place.deliver(change, "https://example.com/why", now)
        assert isinstance(answer, Delivered)
        found = change.findings[0]
        return Outcome(found, Kind.PROPOSED, "", "", branch=answer.branch)

    def _git(self, *arguments: str) -> None:
        person = ("-c", "user.name=Pat", "-c", "user.email=pat@example.com")
        subprocess.run(["git", "-C", str(self._work), *person, *arguments], check=True)


def a_change(name: str, before: bytes) -> Change:
    file, address = f"live/{name}.tf", f"aws_security_group.{name}"
    resource = Resource("AWS::EC2::SecurityGroup", f"sg-{name}", None, "111122223333", "us-east-1")
    finding = Finding(
        f"open-admin-port/{name}", "open-admin-port", "ec2:", resource, {}, WHEN, WHEN
    )
    owner = Owner(
        "live", address, BlockRef(file, 0, 4, 1, "live", address), (Instance("live", address, ""),)
    )
    check = Check.lowers("policy", Disposition.REVIEW, "open-admin-port-bastion: review")
    decision = Decision(Disposition.REVIEW, (check,), "open-admin-port-bastion", "f" * 64, "Why.")
    proof = Proof(
        (Check.passed("gone", "gone"),),
        json.dumps({"ingress": [_RULE]}),
        json.dumps({"ingress": []}),
        ("tcp 22 from 0.0.0.0/0",),
    )
    after = before.replace(b"open", b"shut")
    patch = Patch.of((Edit(file, 0, len(before), after),), {file: before})
    return Change(
        f"open-admin-port-{name}",
        (finding,),
        (owner,),
        decision,
        patch,
        proof,
        f"fix(sg): close SSH to the world on {name}",
        {file: before},
        {file: after},
    )


def measure(folder: Path, findings: int, most: int, touched: int) -> list[Row]:
    with EmbeddedGitHub(folder / "hub", lambda: WHEN) as server:
        bench = Bench(folder, server, findings, most)
        names, later = bench.names, WHEN + timedelta(hours=2)
        rows = [bench.run(f"{findings} findings, none open", names, most)]
        rows.append(bench.run(f"again, {most} open", names, 0))
        bench.commit({f"live/{name}.tf": "more\nopen\n" for name in names[:touched]})
        rows.append(bench.run(f"the base moved under {touched}", names, touched))
        rows.append(bench.run("again", names, 0))
        left = names[touched:]
        # As many more come in for those that go: the limit stays.
        rows.append(bench.run(f"{touched} gone, {touched} new", left, 2 * touched, later))
        rows.append(bench.run("again", left, 0, later))
    return rows


def table(rows: Sequence[Row]) -> str:
    lines = [
        "| run | changed pull requests | listing | more reads | writes | pushes | seconds |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        cells = [row.run, row.changed, row.listing, row.reads - row.listing, row.writes, row.pushes]
        lines.append(f"| {' | '.join(map(str, cells))} | {row.seconds:.1f} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--findings", type=int, default=500)
    parser.add_argument("--open", type=int, default=200)
    parser.add_argument("--touched", type=int, default=20)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        rows = measure(Path(folder), given.findings, given.open, given.touched)
    print(table(rows))
    broken = [row.run for row in rows if not row.kept]
    print(f"\nbroken: {', '.join(broken)}" if broken else "\nkept")
    return int(bool(broken))


if __name__ == "__main__":
    raise SystemExit(main())
