"""A history with records as `run` makes them, its remote, and `remediator audit` on it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from commandline import WORLD, Ran, group, ingress, remediator
from test_history import History

from remediator.forge.trailer import encode
from remediator.model import sha256

OFFICE = "198.51.100.0/24"
OPEN, CLOSED = group("web", ingress(OFFICE, WORLD)), group("web", ingress(OFFICE))
POLICY = "policy.yaml"
NOTES = "refs/notes/remediator"
CODEOWNERS = "live/* @example/web\n"


def access(*sources: str) -> str:
    rules = [
        {"from_port": 22, "protocol": "tcp", "source": source, "to_port": 22} for source in sources
    ]
    return json.dumps({"ingress": rules}, sort_keys=True, separators=(",", ":"))


def record(before: str, after: str, path: str = "live/main.tf", **changes: str) -> str:
    """A whole message; a change replaces the trailer of that name (`_` for `-`)."""
    pairs = {
        "Remediator-Version": "1",
        "Finding-Id": "open-admin-port/111122223333/eu-central-1/sg-1/tcp:22-22",
        "Finding-Class": "open-admin-port",
        "Finding-Source": "config:restricted-ssh",
        "Finding-Created": "2025-12-31T23:00:00Z",
        "Evaluated-At": "2026-01-01T02:00:00Z",
        "Resource": "arn:aws:ec2:eu-central-1:111122223333:security-group/sg-1",
        "Terraform-Address": "live:aws_security_group.web",
        "Disposition": "auto",
        "Policy-Row": "row sha256:" + "0" * 64,
        "Check": "policy: pass: row: auto.",
        "Proof": "narrower: pass: it is",
        "Before": access(WORLD),
        "After": access(OFFICE),
        "Before-SHA256": f"{sha256(before.encode())} {path}",
        "After-SHA256": f"{sha256(after.encode())} {path}",
    }
    pairs |= {key.replace("_", "-"): value for key, value in changes.items()}
    return f"fix(sg): close SSH to the world on web\n\nbody\n\n{encode([*pairs.items()])}"


@dataclass
class Evidence:
    history: History
    folder: Path

    @property
    def bare(self) -> Path:
        return self.folder / "remote.git"

    def git(self, *arguments: str, who: str = "Pat", stdin: str = "") -> str:
        return self.history.git(*arguments, who=who, stdin=stdin)

    def push(self) -> None:
        self.git("push", "-q", "--force", "origin", "main", "+refs/notes/*:refs/notes/*")

    def change(
        self,
        message: str | None = None,
        who: str = "Bot",
        text: str = CLOSED,
        path: str = "live/main.tf",
    ) -> str:
        """One automatic change, merged. Answers the merge."""
        self.git("checkout", "-q", "-B", "remediator/x")
        self.history.commit({path: text}, message or record(OPEN, CLOSED), who)
        self.git("checkout", "-q", "main")
        return self.history.merge("remediator/x", who="Bot")

    def note(self, commit: str, text: str, *options: str, who: str = "Bot") -> None:
        asked = ("notes", "--ref=remediator", "add", *options, "-m", text, commit)
        self.git(*asked, who=who)

    def audit(self, *arguments: str, **settings: str) -> Ran:
        config = self.folder / "remediator.yaml"
        lines = ["version: 1", "repository: {path: repository}"]
        lines += ["identity: {name: Bot, email: bot@x.org}", f"policy: repository/{POLICY}"]
        lines += [f"{key}: {value}" for key, value in settings.items()]
        config.write_text("\n".join(lines) + "\n")
        self.push()
        return remediator("audit", "--config", config, *arguments)

    def document(self, *arguments: str, **settings: str) -> dict[str, Any]:
        ran = self.audit("--format", "json", *arguments, **settings)
        found: dict[str, Any] = json.loads(ran.out)
        assert ran.status == (1 if found["alarms"] else 0)
        return found

    def alarms(self, *arguments: str, **settings: str) -> list[str]:
        return [alarm["code"] for alarm in self.document(*arguments, **settings)["alarms"]]


def evidence(folder: Path, files: Mapping[str, str | None] | None = None) -> Evidence:
    """An open group in a root of its own, a policy that somebody merged, and owners."""
    history = History(folder / "repository")
    history.path.mkdir()
    history.git("init", "-q", "-b", "main")
    made = Evidence(history, folder)
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(made.bare)], check=True)
    history.git("remote", "add", "origin", str(made.bare))
    packaged = Path(__file__).parents[2] / "remediator/evaluate/policy.yaml"
    history.commit({"live/main.tf": OPEN, **(files or {})}, "Infrastructure")
    history.git("checkout", "-q", "-b", "policy")
    history.commit(
        {POLICY: packaged.read_text(), "CODEOWNERS": CODEOWNERS}, "Adopt the policy", who="Ann"
    )
    history.git("checkout", "-q", "main")
    history.merge("policy", "Merge the policy", who="Lead")
    return made
