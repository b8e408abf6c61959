"""`remediator run`, from finding to pushed merge, beside git doing the same edit by hand.

    python -m benchmarks.run_speed

One finding, then many, in a repository of 10,000 files whose state has 20,000 resources.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

from benchmarks import layout
from benchmarks.generate import Built, build, git
from benchmarks.live import environment, make_groups
from benchmarks.measure import REMEDIATOR, Promise, Sample, Series, alternate, report, run
from remediator.embedded.aws import EmbeddedAws

BY_HAND = "git add, commit, push"
MAX_RATIO, MAX_SECONDS, MAX_MB = 4.0, 2.0, 500.0


class Bench:
    """One repository; every measurement finds it as it was built.

    `inside` has, a run each, what the run itself says it took from the findings to the merges:
    without start-up, without asking AWS, without reading the state.
    """

    def __init__(self, built: Built, home: str) -> None:
        self.built, self.environment = built, environment(home)
        self.inside: list[Sample] = []
        self.hands = built.folder / "hands"
        git(built.folder, "clone", "-q", str(built.remote), str(self.hands))
        git(self.hands, "config", "user.name", "A person")
        git(self.hands, "config", "user.email", "person@example.com")

    def by_hand(self) -> Sample:
        self._reset()
        path = self.built.offences[0].file
        file = self.hands / path
        file.write_text(layout.closed(file.read_text()))
        total = Sample(0, 0)
        for step in (
            ["git", "add", path],
            ["git", "commit", "-q", "-m", "Close SSH to the world"],
            ["git", "push", "-q", "origin", "main"],
        ):
            total += run(step, self.hands, self.environment)
        return total

    def by_run(self) -> Sample:
        self._reset()
        out = self.built.folder / "out.json"
        command = [REMEDIATOR, "run", "--config", str(self.built.config), "--json", str(out)]
        taken = run(command, self.built.folder, self.environment)
        document = json.loads(out.read_text())
        self._check(document)
        inside = sum(sum(o["timings"].values()) for o in document["outcomes"])
        self.inside.append(Sample(inside, taken.peak_mb))
        return taken

    def _reset(self) -> None:
        remote, base = self.built.remote, self.built.base
        git(remote, "update-ref", "refs/heads/main", base)
        made = git(remote, "for-each-ref", "--format=delete %(refname)", "refs/heads/remediator")
        git(remote, "update-ref", "--stdin", stdin=f"{made}\n".encode() if made else b"")
        git(self.hands, "reset", "-q", "--hard", base)
        for clone in (self.hands, self.built.checkout):
            git(clone, "fetch", "-q", "--prune", "origin")

    def _check(self, document: Mapping[str, object]) -> None:
        """What was timed must also have been done, all of it, to the byte."""
        outcomes = document["outcomes"]
        assert isinstance(outcomes, list)
        merged = [o for o in outcomes if o["outcome"] == "merged"]
        if len(merged) != len(self.built.offences):
            others = [(o["outcome"], o["reason"]) for o in outcomes if o not in merged][:3]
            raise RuntimeError(f"{len(merged)} of {len(self.built.offences)} merged: {others}")
        for offence in self.built.offences:
            before = git(self.built.remote, "show", f"{self.built.base}:{offence.file}")
            if git(self.built.remote, "show", f"main:{offence.file}") != layout.closed(before):
                raise RuntimeError(f"{offence.file} on main is not what a person would have made")


def main() -> int:
    parser = argparse.ArgumentParser(description="Time `remediator run` against git by hand.")
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--resources", type=int, default=20_000)
    parser.add_argument("--findings", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=5)
    given, _ = parser.parse_known_args()
    one, broken = _one(given)
    return _many(given, one) or broken


def _one(given: argparse.Namespace) -> tuple[Series, int]:
    name = "remediator run, 1 finding"
    with tempfile.TemporaryDirectory() as scratch, EmbeddedAws() as aws:
        bench = _bench(given, 1, scratch, aws.endpoint)
        taken = alternate(given.rounds, {BY_HAND: bench.by_hand, name: bench.by_run})
    ours, hand = taken[name], taken[BY_HAND].seconds
    inside = Series("of it, from finding to pushed merge", tuple(bench.inside[1:]))
    promises = [
        Promise("finding to merge against git", inside.seconds / hand, MAX_RATIO, "x"),
        Promise("the whole run", ours.seconds, MAX_SECONDS, "s"),
        Promise("memory", ours.peak_mb, MAX_MB, "MB"),
    ]
    title = f"run, {given.files} files, {given.resources} resources, whole processes"
    return ours, report(title, [*taken.values(), inside], promises)


def _many(given: argparse.Namespace, one: Series) -> int:
    with tempfile.TemporaryDirectory() as scratch, EmbeddedAws() as aws:
        bench = _bench(given, given.findings, scratch, aws.endpoint)
        ours = Series(f"remediator run, {given.findings} findings", (bench.by_run(),))
    each = ours.seconds / given.findings
    promises = [
        Promise("cost a finding, against a single one's", each / one.seconds, 1.0, "x"),
        Promise("memory", ours.peak_mb, MAX_MB, "MB"),
    ]
    status = report(f"run, {given.findings} findings", [one, ours], promises)
    print(f"  {each * 1000:.0f} ms a finding")
    return status


def _bench(given: argparse.Namespace, findings: int, scratch: str, endpoint: str) -> Bench:
    folder = Path(scratch) / "big"
    ids = make_groups(endpoint, findings)
    built = build(folder, given.files, given.resources, findings, group_ids=ids, endpoint=endpoint)
    return Bench(built, scratch)


if __name__ == "__main__":
    raise SystemExit(main())
