"""How terraform is called: with what, in which folder and environment, and what is left of it.

The program is a stand-in that writes down what it sees. tests/e2e has the real one.
"""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from plans import GROUP, change, document, element, group

from remediator.model import ConfigurationError, Refusal, UpstreamError
from remediator.terraform.plan import Plan
from remediator.terraform.runner import OVERRIDE_FILE, Options, Stand, Terraform
from remediator.tree import MemoryTree, Tree

SECRET = "hunter2-0123456789"
STATE = json.dumps({"version": 4, "serial": 7, "resources": [], "outputs": {"k": SECRET}}).encode()
FILES = {
    "live/prod/main.tf": b'terraform {\n  backend "s3" {}\n}\n',
    "live/prod/prod.tfvars": b"a = 1\n",
    "modules/x/main.tf": b"",
}
PLANNED = document(change(f"{GROUP}.web", "update", group(element("10.0.0.0/8"))))
PROGRAM = """#!{python}
import json, os, sys, time
from pathlib import Path

folder, command = Path({folder!r}), sys.argv[1]
behaviour = json.loads((folder / "behaviour").read_text())
override = Path({override!r})
seen = dict(
    arguments=sys.argv[1:],
    folder=os.getcwd(),
    environment=dict(os.environ),
    override=override.read_text() if override.exists() else None,
    files=sorted(str(p) for p in Path(os.getcwd()).iterdir()),
)
with (folder / "calls").open("a") as calls:
    calls.write(json.dumps(seen) + "\\n")
out = next((a[5:] for a in sys.argv if a.startswith("-out=")), None)
if out:
    Path(out).write_text("plan")
time.sleep(behaviour.get("sleep", {{}}).get(command, 0))
if command == "show":
    sys.stdout.buffer.write((folder / "shown").read_bytes())
status, words = behaviour.get(command, [0, ""])
(folder / "behaviour").write_text(json.dumps({{**behaviour, **behaviour.get("then", {{}})}}))
sys.stderr.write(words)
sys.exit(status)
"""


@dataclass
class StandIn:
    folder: Path
    scratch: Path

    def behave(self, shown: bytes = PLANNED, **behaviour: Any) -> None:
        (self.folder / "shown").write_bytes(shown)
        (self.folder / "behaviour").write_text(json.dumps(behaviour))

    @property
    def calls(self) -> list[dict[str, Any]]:
        file = self.folder / "calls"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    @property
    def commands(self) -> list[str]:
        return [call["arguments"][0] for call in self.calls]

    def terraform(self, environment: Mapping[str, str] | None = None, **options: Any) -> Terraform:
        path = f"{self.folder}{os.pathsep}{os.environ['PATH']}"
        given = {"PATH": path, "TMPDIR": str(self.scratch), **(environment or {})}
        return Terraform(Options(**options), given)


@pytest.fixture
def stand_in(tmp_path: Path) -> StandIn:
    folder, scratch = tmp_path / "bin", tmp_path / "scratch"
    folder.mkdir()
    scratch.mkdir()
    program = folder / "terraform"
    text = PROGRAM.format(python=sys.executable, folder=str(folder), override=OVERRIDE_FILE)
    program.write_text(text)
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    made = StandIn(folder, scratch)
    made.behave()
    return made


def plan(
    terraform: Terraform,
    tree: Tree | None = None,
    workspace: str = "default",
    root: str = "live/prod",
) -> Plan | Refusal:
    stand = terraform.stand(root, workspace, STATE)
    assert isinstance(stand, Stand), stand
    return terraform.plan(stand, tree or MemoryTree(FILES))


def left(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "scratch").iterdir())


def failure(answer: Plan | Refusal) -> str:
    assert isinstance(answer, Refusal), answer
    assert (answer.stage, answer.code) == ("prove", "plan-failed")
    assert SECRET not in answer.text
    return answer.text


def test_it_inits_plans_and_shows(stand_in: StandIn) -> None:
    with stand_in.terraform() as terraform:
        answer = plan(terraform)
    assert isinstance(answer, Plan)
    assert (answer.where, len(answer.changes)) == ("live/prod", 1)
    assert stand_in.commands == ["init", "plan", "show"]
    _, planned, shown = stand_in.calls
    assert {"-input=false", "-lock=false", "-refresh=false", "-detailed-exitcode"} <= {
        *planned["arguments"]
    }
    assert not any("apply" in call["arguments"] for call in stand_in.calls)
    (out,) = [a.removeprefix("-out=") for a in planned["arguments"] if a.startswith("-out=")]
    assert shown["arguments"] == ["show", "-json", out]


def test_everything_it_is_given_is_in_the_scratch_folder(stand_in: StandIn, tmp_path: Path) -> None:
    with stand_in.terraform(var_files={"live/prod": ("live/prod/prod.tfvars",)}) as terraform:
        plan(terraform)
        (scratch,) = left(tmp_path)
        assert stat.S_IMODE(scratch.stat().st_mode) == 0o700
    for call in stand_in.calls:
        assert call["folder"] == f"{scratch}/tree/live/prod"
        assert call["environment"]["TF_DATA_DIR"].startswith(f"{scratch}/")
        paths = [a.partition("=")[2] for a in call["arguments"] if a.startswith(("-out", "-var"))]
        assert all(path.startswith(f"{scratch}/") for path in paths)
    assert f"-var-file={scratch}/tree/live/prod/prod.tfvars" in stand_in.calls[1]["arguments"]
    assert left(tmp_path) == []


def test_the_backend_is_a_copy_of_the_state(stand_in: StandIn, tmp_path: Path) -> None:
    with stand_in.terraform() as terraform:
        plan(terraform)
        (state,) = tmp_path.rglob("terraform.tfstate")
        assert state.read_bytes() == STATE
        assert not list(tmp_path.rglob(OVERRIDE_FILE))
    for call in stand_in.calls:
        assert f'backend "local" {{\n    path          = "{state}"' in call["override"]


def test_a_workspace_has_its_own_state(stand_in: StandIn, tmp_path: Path) -> None:
    with stand_in.terraform({"TF_WORKSPACE": "other"}) as terraform:
        answer = plan(terraform, workspace="blue")
        (state,) = tmp_path.rglob("terraform.tfstate")
    assert isinstance(answer, Plan)
    assert answer.where == "live/prod (blue)"
    (environment, *_) = (call["environment"] for call in stand_in.calls)
    assert environment["TF_WORKSPACE"] == "blue"
    assert state.parent.name == "blue"
    assert f'workspace_dir = "{state.parent.parent}"' in stand_in.calls[0]["override"]


DROPPED = {
    "TF_CLI_ARGS": "-destroy",
    "TF_CLI_ARGS_plan": "-destroy",
    "TF_DATA_DIR": "/elsewhere",
    "TF_LOG": "trace",
    "TF_LOG_PATH": "/elsewhere/log",
    "TF_WORKSPACE": "other",
}
PASSED = {
    "AWS_ACCESS_KEY_ID": "AKIA",
    "TF_VAR_a": "1",
    "TF_CLI_CONFIG_FILE": "/some/rc",
    "TF_PLUGIN_CACHE_DIR": "/some/cache",
}


def test_the_environment_is_the_users_but_for_what_would_change_the_plan(
    stand_in: StandIn,
) -> None:
    with stand_in.terraform({**DROPPED, **PASSED}) as terraform:
        plan(terraform)
    for call in stand_in.calls:
        seen = call["environment"]
        assert seen.items() >= PASSED.items()
        assert all(seen.get(name) != value for name, value in DROPPED.items())
        assert (seen["TF_INPUT"], seen["TF_IN_AUTOMATION"]) == ("0", "1")


def test_refresh_only_where_it_is_asked_for(stand_in: StandIn) -> None:
    with stand_in.terraform(refresh=True) as terraform:
        plan(terraform)
    assert "-refresh=true" in stand_in.calls[1]["arguments"]


def test_the_same_tree_is_planned_once_and_init_runs_once(stand_in: StandIn) -> None:
    edited = MemoryTree({**FILES, "live/prod/main.tf": b"# edited\n"})
    with stand_in.terraform() as terraform:
        stand = terraform.stand("live/prod", "default", STATE)
        assert isinstance(stand, Stand)
        answers = [terraform.plan(stand, t) for t in (MemoryTree(FILES), edited, edited)]
    assert answers[1] is answers[2]
    assert stand_in.commands == ["init", "plan", "show", "plan", "show"]


def test_where_a_plan_wants_another_init_it_is_made(stand_in: StandIn) -> None:
    moved = MemoryTree({**FILES, "live/prod/new.tf": b""})
    with stand_in.terraform() as terraform:
        stand = terraform.stand("live/prod", "default", STATE)
        assert isinstance(stand, Stand)
        terraform.plan(stand, MemoryTree(FILES))
        hint = 'Error: Module not installed\n\nRun "terraform init" to install it.\n'
        stand_in.behave(plan=[1, hint], then={"plan": [0, ""]})
        answer = terraform.plan(stand, moved)
    assert isinstance(answer, Plan)
    assert stand_in.commands[3:] == ["plan", "init", "plan", "show"]


@pytest.mark.parametrize("status", [0, 2])
def test_a_plan_with_and_without_changes(stand_in: StandIn, status: int) -> None:
    stand_in.behave(plan=[status, ""])
    with stand_in.terraform() as terraform:
        assert isinstance(plan(terraform), Plan)


@pytest.mark.parametrize(
    ("command", "status"), [("init", 1), ("init", 2), ("plan", 1), ("show", 1), ("show", 2)]
)
def test_what_fails_is_a_sentence_without_a_secret(
    stand_in: StandIn, tmp_path: Path, command: str, status: int
) -> None:
    words = f"Error: No such thing\n\n  on main.tf line 3:\n   3: {SECRET}\n\nIt is {SECRET}.\n"
    stand_in.behave(**{command: [status, words]})
    with stand_in.terraform() as terraform:
        said = failure(plan(terraform))
    assert said == (
        f"terraform {command} for live/prod failed: No such thing (live/prod/main.tf:3)"
    )
    assert left(tmp_path) == []


def test_a_secret_of_the_environment_is_masked(stand_in: StandIn) -> None:
    stand_in.behave(plan=[1, f"Error: refused {SECRET}\n"])
    with stand_in.terraform({"DB_PASSWORD": SECRET}) as terraform:
        assert failure(plan(terraform)).endswith("failed: refused ***")


@pytest.mark.parametrize("command", ["init", "plan", "show"])
def test_what_takes_too_long_is_stopped(stand_in: StandIn, tmp_path: Path, command: str) -> None:
    stand_in.behave(sleep={command: 30})
    started = time.monotonic()
    with stand_in.terraform(seconds=1) as terraform:
        said = failure(plan(terraform))
    assert time.monotonic() - started < 20
    assert f"terraform {command} for live/prod took more than 1 s and was stopped" in said
    assert "terraform.timeout_seconds" in said
    assert left(tmp_path) == []


@pytest.mark.parametrize("shown", [b"", b"{", b'{"format_version": "9.0"}', b"null"])
def test_a_plan_that_cannot_be_read(stand_in: StandIn, shown: bytes) -> None:
    stand_in.behave(shown)
    with stand_in.terraform() as terraform:
        assert "what terraform shows of its plan of live/prod" in failure(plan(terraform))


def test_a_variable_file_that_is_not_there(stand_in: StandIn) -> None:
    with stand_in.terraform(var_files={"live/prod": ("live/prod/no.tfvars",)}) as terraform:
        said = failure(plan(terraform))
    assert "terraform.var_files names live/prod/no.tfvars for live/prod" in said
    assert stand_in.calls == []


def test_variable_files_of_another_root_are_not_given(stand_in: StandIn) -> None:
    with stand_in.terraform(var_files={"live/dev": ("live/prod/prod.tfvars",)}) as terraform:
        plan(terraform)
    assert not any(a.startswith("-var-file") for a in stand_in.calls[1]["arguments"])


@pytest.mark.parametrize("name", ["\u00e9_override.tf", "~z_override.tf", OVERRIDE_FILE])
def test_an_override_that_would_come_after_ours(stand_in: StandIn, name: str) -> None:
    files = {**FILES, f"live/prod/{name}": b'terraform {\n  backend "s3" {}\n}\n'}
    with stand_in.terraform() as terraform:
        assert "would be merged after the backend" in failure(plan(terraform, MemoryTree(files)))
    assert stand_in.calls == []


@pytest.mark.parametrize("path", ["live/prod/zz_override.tf", "live/~z_override.tf"])
def test_other_overrides_do_not_matter(stand_in: StandIn, path: str) -> None:
    with stand_in.terraform() as terraform:
        assert isinstance(plan(terraform, MemoryTree({**FILES, path: b""})), Plan)


def test_the_state_must_be_the_state_itself(stand_in: StandIn) -> None:
    with stand_in.terraform() as terraform:
        answer = terraform.stand("", "default", b'{"format_version": "1.0", "values": {}}')
    assert isinstance(answer, Refusal)
    assert "the state of the top folder is the output of `terraform show -json`" in answer.text


class Away(MemoryTree):
    def paths(self) -> Sequence[str]:
        raise UpstreamError("git cat-file", "ended while objects were read")


def test_a_tree_that_cannot_be_read(stand_in: StandIn) -> None:
    with stand_in.terraform() as terraform:
        assert "git cat-file" in failure(plan(terraform, Away({})))


def test_no_folder_for_temporary_files(stand_in: StandIn) -> None:
    stand_in.scratch.rmdir()
    with stand_in.terraform() as terraform:
        assert isinstance(plan(terraform), Plan)
    stand_in.scratch.mkdir(0o500)
    if not os.access(stand_in.scratch, os.W_OK):
        with pytest.raises(ConfigurationError, match="set TMPDIR"), stand_in.terraform():
            pass


def test_no_terraform_at_all(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Terraform(Options("no-such-terraform"), {"PATH": str(tmp_path)})
    assert "no-such-terraform" in str(caught.value)
    assert "terraform.binary" in str(caught.value)


def test_an_exception_removes_the_scratch_folder(stand_in: StandIn, tmp_path: Path) -> None:
    def interrupted() -> None:
        with stand_in.terraform() as terraform:
            plan(terraform)
            assert left(tmp_path)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert left(tmp_path) == []


TERMINATED = """
import os, signal, sys
from remediator.terraform.runner import Options, Terraform
with Terraform(Options(sys.executable), os.environ | {"TMPDIR": sys.argv[1]}) as terraform:
    terraform.stand("", "default", b"{}")
    print(len(os.listdir(sys.argv[1])), flush=True)
    signal.pause()
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to wait for")
def test_being_terminated_removes_it_too(tmp_path: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", TERMINATED, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    with child:
        assert child.stdout.readline() == "1\n"
        child.send_signal(signal.SIGTERM)
        assert child.wait(30) == 128 + signal.SIGTERM
    assert list(tmp_path.iterdir()) == []


def test_afterwards_signals_are_as_they_were(stand_in: StandIn) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with stand_in.terraform():
        pass
    assert signal.getsignal(signal.SIGTERM) is before
