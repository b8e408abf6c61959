"""`remediator run` on many identities: 4,000 roles of 100 services, with three findings each.

    python -m benchmarks.identities

First the whole, in observation mode; then one finding by an event, from its receipt to the pushed
merge. The embedded AWS answers from this process: its CPU time is shown apart.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks import identity_code as code
from benchmarks.generate import commit, git
from benchmarks.live import environment
from benchmarks.measure import REMEDIATOR, Promise, Sample, Series, report, run
from benchmarks.states import REGION
from remediator.embedded.aws import EmbeddedAws

MAX_SECONDS, MAX_MB, MAX_EVENT, FINDINGS_EACH = 120.0, 500.0, 8.0, 3
_ANALYZERS = {"unused": "ACCOUNT_UNUSED_ACCESS", "external": "ACCOUNT"}
_SMALL = (2, 5)


@dataclass(frozen=True, slots=True)
class Measured:
    """One run: the process, the emulated AWS's CPU seconds meanwhile, and its document."""

    sample: Sample
    emulated: float
    document: Mapping[str, Any]

    @property
    def calls(self) -> Mapping[str, int]:
        calls: Mapping[str, int] = self.document["aws_calls"]
        return calls

    @property
    def kinds(self) -> Counter[str]:
        return Counter(o["outcome"] for o in self.document["outcomes"])


class World:
    """The same roles in a repository, in states and in the embedded AWS."""

    def __init__(self, folder: Path, aws: EmbeddedAws, services: int, each: int) -> None:
        self.folder, self.aws = folder, aws
        folder.mkdir()
        self.woken = code.of_events(each)
        self.roles = [*code.roles(services, each), self.woken]
        _make_live(aws, self.roles)
        self.remote = folder / "remote.git"
        commit(self.remote, code.files(self.roles))
        git(folder, "clone", "-q", str(self.remote), "checkout")
        self.config = self._configured()
        self.environment = environment(str(folder))

    def _configured(self) -> Path:
        lines = ["version: 1", "mode: enforce", "repository:", "  path: checkout"]
        lines += ["aws:", f"  regions: [{REGION}]", f"  endpoint_url: {self.aws.endpoint}"]
        lines += ["sources:", "  aws_config: null", "  live_rules: false", "  access_analyzer: {}"]
        lines += ["roots:"]
        (self.folder / "states").mkdir()
        for service in dict.fromkeys(r.service for r in self.roles):
            own = [r for r in self.roles if r.service == service]
            (self.folder / "states" / f"{service}.tfstate").write_text(code.state(own))
            lines += [f"  - path: {code.root_of(service)}", f"    state: states/{service}.tfstate"]
        config = self.folder / "remediator.yaml"
        config.write_text("\n".join(lines) + "\n")
        return config

    def run(self, *arguments: str) -> Measured:
        out = self.folder / "out.json"
        command = [REMEDIATOR, "run", "--config", str(self.config), "--json", str(out), *arguments]
        before = time.process_time()
        sample = run(command, self.folder, self.environment)
        emulated = time.process_time() - before
        return Measured(sample, emulated, json.loads(out.read_text()))

    def event(self) -> Path:
        """Of one role's unused permissions, as EventBridge delivers it."""
        client: Any = self.aws.session((REGION,)).client("accessanalyzer", REGION)
        arns = {a["name"]: a["arn"] for a in client.list_analyzers()["analyzers"]}
        wanted = {"resource": {"eq": [self.woken.arn]}}
        found = client.list_findings_v2(analyzerArn=arns["unused"], filter=wanted)
        (summary,) = found["findings"]
        detail = {
            "findingId": summary["id"],
            "resource": summary["resource"],
            "resourceType": summary["resourceType"],
            "accountId": code.ACCOUNT,
            "status": "ACTIVE",
            "findingType": summary["findingType"],
        }
        file = self.folder / "event.json"
        document = {
            "version": "0",
            "detail-type": "Unused Access Finding for IAM entities",
            "source": "aws.access-analyzer",
            "account": code.ACCOUNT,
            "region": REGION,
            "resources": [arns["unused"]],
            "detail": detail,
        }
        file.write_text(json.dumps(document))
        return file


def _make_live(aws: EmbeddedAws, roles: Sequence[code.Role]) -> None:
    """In moto's own objects, which are in this process: thousands of calls would take minutes."""
    from moto.iam.models import iam_backends

    backend = iam_backends[code.ACCOUNT]["aws"]
    now = datetime.now(UTC)
    for role in roles:
        trust, policy = json.dumps(role.trust), json.dumps(role.policy)
        backend.create_role(role.name, trust, "/", None, "", [], None)
        if role.managed:
            backend.create_policy("", "/", policy, role.name, [])
            backend.attach_role_policy(role.policy_arn, role.name)
        else:
            backend.put_role_policy(role.name, "own", policy)
        aws.use.used(role.arn, code.USED, now - timedelta(days=5))
    aws.make_older(timedelta(days=200))
    client: Any = aws.session((REGION,)).client("accessanalyzer", REGION)
    for name, kind in _ANALYZERS.items():
        client.create_analyzer(analyzerName=name, type=kind)


def measured(services: int, each: int, *, event: bool) -> tuple[Measured, Measured | None]:
    with tempfile.TemporaryDirectory() as scratch, EmbeddedAws() as aws:
        world = World(Path(scratch) / "world", aws, services, each)
        whole = world.run("--observe")
        wanted = FINDINGS_EACH * services * each + 1
        if len(whole.document["outcomes"]) != wanted or whole.kinds.keys() - {"merged", "proposed"}:
            raise RuntimeError(f"of {wanted} findings: {dict(whole.kinds)}")
        woken = world.run("--event", str(world.event())) if event else None
        if woken is not None and woken.kinds != {"merged": 1}:
            raise RuntimeError(f"the event's finding: {woken.document['outcomes']}")
        return whole, woken


def main() -> int:
    parser = argparse.ArgumentParser(description="Time `remediator run` on many identities.")
    parser.add_argument("--services", type=int, default=100)
    parser.add_argument("--roles", type=int, default=40, help="of each service")
    given, _ = parser.parse_known_args()
    small, _ = measured(*_SMALL, event=False)
    whole, woken = measured(given.services, given.roles, event=True)
    assert woken is not None
    ours = Series("remediator run --observe", (whole.sample,))
    event = Series("remediator run --event", (woken.sample,))
    promises = [
        Promise("the whole run", whole.sample.seconds, MAX_SECONDS, "s"),
        Promise("memory", whole.sample.peak_mb, MAX_MB, "MB"),
        Promise("an event, from receipt to pushed merge", woken.sample.seconds, MAX_EVENT, "s"),
    ]
    count = given.services * given.roles
    title = f"identities, {given.services} services of {given.roles}, whole processes"
    status = report(title, [ours, event], promises)
    print(f"  outcomes of {count * FINDINGS_EACH + 1} findings: {dict(whole.kinds)}")
    print(f"  CPU of the emulated AWS: {whole.emulated:.1f} s, {woken.emulated:.1f} s by event")
    _table(whole.calls, small.calls, woken.calls, count)
    return status


def _table(
    whole: Mapping[str, int], small: Mapping[str, int], event: Mapping[str, int], count: int
) -> None:
    few = _SMALL[0] * _SMALL[1]
    print(f"\n  {'calls to AWS':46} {few:>6} {count:>6} principals   by event")
    for name in sorted({*whole, *small, *event}):
        row = (small.get(name, 0), whole.get(name, 0), event.get(name, 0))
        print(f"  {name:46} {row[0]:>6} {row[1]:>6} {row[2]:>21}")
    total = [sum(calls.values()) for calls in (small, whole, event)]
    print(f"  {'in all':46} {total[0]:>6} {total[1]:>6} {total[2]:>21}")


if __name__ == "__main__":
    raise SystemExit(main())
