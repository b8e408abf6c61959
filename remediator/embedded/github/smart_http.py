"""Git's smart HTTP, served by `git http-backend` (git-http-backend(1))."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping

from remediator.embedded.github.requests import Answer
from remediator.embedded.github.requirements import rules_of
from remediator.embedded.github.world import Repository, Token

HEADS = "refs/heads/"

# Refusals come through git's own hook, so that a client sees what a client of GitHub sees.
HOOK = """\
#!/bin/sh
[ -z "$STAND_IN_CLOSED$STAND_IN_NO_FORCE$STAND_IN_NO_DELETION" ] && exit 0
ref=$1 old=$2 new=$3 zero=0000000000000000000000000000000000000000
listed() { printf '%s\\n' "$1" | grep -qxF -e "$ref"; }
refuse() {
    echo "error: GH006: Protected branch update failed for $ref."
    echo "error: $1"
    exit 1
}
if listed "$STAND_IN_CLOSED"; then refuse "Changes must be made through a pull request."; fi
if [ "$new" = "$zero" ]; then
    if listed "$STAND_IN_NO_DELETION"; then refuse "Cannot delete this protected branch"; fi
elif [ "$old" != "$zero" ] && listed "$STAND_IN_NO_FORCE" &&
    ! git merge-base --is-ancestor "$old" "$new"; then
    refuse "Cannot force-push to this protected branch"
fi
exit 0
"""


def install_hook(repo: Repository) -> None:
    hook = repo.git.path / "hooks" / "update"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(HOOK, encoding="utf-8")
    hook.chmod(0o755)


def serve(
    repo: Repository, method: str, path: str, query: str, headers: Mapping[str, str],
    body: bytes, token: Token,
) -> Answer:  # fmt: skip
    """`path` is what follows the repository: `/info/refs`, `/git-receive-pack`, …"""
    env = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    env |= {
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_PROJECT_ROOT": str(repo.git.path.parent),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": f"/{repo.git.path.name}{path}",
        "REQUEST_METHOD": method,
        "QUERY_STRING": query,
        "CONTENT_TYPE": headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_CONTENT_ENCODING": headers.get("content-encoding", ""),
        "GIT_PROTOCOL": headers.get("git-protocol", ""),
        "REMOTE_USER": token.user.login,
        "REMOTE_ADDR": "127.0.0.1",
        **_rules(repo, token),
    }
    done = subprocess.run(
        ["git", "http-backend"], input=body, capture_output=True, check=False, timeout=120, env=env
    )
    return _cgi(done.stdout)


def _rules(repo: Repository, token: Token) -> dict[str, str]:
    closed, no_force, no_deletion = [], [], []
    for ref in repo.refs:
        rules = rules_of(repo, ref.removeprefix(HEADS), token)
        if rules is None or not ref.startswith(HEADS):
            continue
        if rules.forbids_pushes and (
            rules.enforce_admins or not repo.is_allowed(token.user, "admin")
        ):
            closed.append(ref)
        if rules.no_force_push:
            no_force.append(ref)
        if rules.no_deletion:
            no_deletion.append(ref)
    return {
        "STAND_IN_CLOSED": "\n".join(closed),
        "STAND_IN_NO_FORCE": "\n".join(no_force),
        "STAND_IN_NO_DELETION": "\n".join(no_deletion),
    }


def _cgi(output: bytes) -> Answer:
    """RFC 3875, section 6: headers, an empty line, the body."""
    head, _, body = output.partition(b"\r\n\r\n")
    headers, status = [], 200
    for line in head.decode("latin-1").splitlines():
        name, _, value = line.partition(": ")
        if name.lower() == "status":
            status = int(value.split()[0])
        elif name:
            headers.append((name, value))
    return Answer(status if head else 500, body, tuple(headers))
