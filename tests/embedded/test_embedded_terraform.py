"""The helpers around the real terraform. What terraform itself does is in tests/e2e."""

from __future__ import annotations

from pathlib import Path
from time import sleep

import pytest

from remediator.embedded.mirror import MIRROR_VARIABLE, find_provider_mirror, write_cli_config
from remediator.embedded.terraform import Plan, Terraform, provider_override
from remediator.model import ConfigurationError, UpstreamError


def mirror_in(folder: Path, name: str = "5.0.0/linux_amd64/terraform-provider-aws_v5_x5") -> Path:
    file = folder / "registry.example" / "hashicorp" / "aws" / name
    file.parent.mkdir(parents=True)
    file.touch()
    return folder


@pytest.mark.parametrize(
    "name", ["5.0.0/linux_amd64/terraform-provider-aws_v5.0.0_x5", "terraform-provider-aws_5.zip"]
)
def test_the_variable_names_a_mirror(tmp_path: Path, name: str) -> None:
    mirror = mirror_in(tmp_path / "mirror", name)
    assert find_provider_mirror({MIRROR_VARIABLE: str(mirror)}) == mirror


@pytest.mark.parametrize("inner", [".", "registry.example", "nowhere"])
def test_a_variable_that_names_no_mirror_teaches(tmp_path: Path, inner: str) -> None:
    (tmp_path / "registry.example").mkdir()
    with pytest.raises(ConfigurationError, match="holds no <host>/hashicorp/aws"):
        find_provider_mirror({MIRROR_VARIABLE: str(tmp_path / inner)})


def test_the_places_where_terraform_looks(tmp_path: Path) -> None:
    home, cache = tmp_path / "home", mirror_in(tmp_path / "cache")
    home.mkdir()
    assert find_provider_mirror({"HOME": str(home), "TF_PLUGIN_CACHE_DIR": str(cache)}) == cache
    plugins = mirror_in(home / ".terraform.d" / "plugins")
    assert find_provider_mirror({"HOME": str(home)}) == plugins
    data = mirror_in(tmp_path / "data" / "terraform" / "plugins")
    found = find_provider_mirror({"HOME": "/nowhere", "XDG_DATA_HOME": str(tmp_path / "data")})
    assert found == data


@pytest.mark.parametrize("given", ["TF_CLI_CONFIG_FILE", "HOME"])
def test_terraforms_own_configuration_names_a_mirror(tmp_path: Path, given: str) -> None:
    mirror = mirror_in(tmp_path / 'a "mirror"')
    (tmp_path / "plain").symlink_to(mirror, target_is_directory=True)
    config = write_cli_config(tmp_path, tmp_path / "plain")
    assert r"a \"mirror\"" in config.read_text(encoding="utf-8")
    plain = f'provider_installation {{\n  filesystem_mirror {{\n    path = "{tmp_path}/plain"\n}}}}'
    home = tmp_path / ".terraformrc"
    home.write_text(plain, encoding="utf-8")
    value = home if given == "TF_CLI_CONFIG_FILE" else tmp_path
    assert find_provider_mirror({given: str(value)}) == tmp_path / "plain"


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"x" * 100_000, b'path = "/nowhere"'])
def test_a_configuration_that_helps_nobody(tmp_path: Path, content: bytes) -> None:
    config = tmp_path / "broken"
    config.write_bytes(content)
    cache = mirror_in(tmp_path / "cache")
    environ = {
        "HOME": str(tmp_path),
        "TF_CLI_CONFIG_FILE": str(config),
        "TF_PLUGIN_CACHE_DIR": str(cache),
    }
    assert find_provider_mirror(environ) == cache


def test_a_template_in_a_path_stays_text(tmp_path: Path) -> None:
    folder = tmp_path / "${env}"
    folder.mkdir()
    assert "$${env}" in write_cli_config(folder, folder).read_text(encoding="utf-8")


def test_the_override_turns_every_service_to_the_endpoint() -> None:
    text = provider_override("http://127.0.0.1:5000", "eu-west-1", ("ec2", "sts"))
    assert text.count('= "http://127.0.0.1:5000"') == 2
    assert 'provider "aws" {' in text
    assert "skip_credentials_validation = true" in text
    assert "skip_metadata_api_check     = true" in text


def test_a_plan_tells_what_would_be_done() -> None:
    def change(address: str, *actions: str) -> dict[str, object]:
        return {"address": address, "change": {"actions": list(actions)}}

    changes = (
        change("a.kept", "no-op"),
        change("data.a.read", "read"),
        change("a.replaced", "delete", "create"),
        change("a.gone", "delete"),
    )
    plan = Plan(changes, ())
    assert plan.actions == {"a.replaced": ("delete", "create"), "a.gone": ("delete",)}
    assert plan.change("a.kept") == {"actions": ["no-op"]}
    with pytest.raises(KeyError):
        plan.change("a.none")


def fake_terraform(folder: Path, script: str) -> dict[str, str]:
    program = folder / "terraform"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
    return {"PATH": f"{folder}:/usr/bin:/bin"}


def test_no_terraform_on_path(tmp_path: Path) -> None:
    with pytest.raises(UpstreamError, match="is it on PATH"):
        Terraform(tmp_path, tmp_path / "rc", {"PATH": str(tmp_path)}).init()


def test_terraforms_own_message_is_passed_on(tmp_path: Path) -> None:
    env = fake_terraform(tmp_path, "printf '╷\\n│ Error: Unsupported argument\\n╵\\n' >&2; exit 1")
    with pytest.raises(UpstreamError) as caught:
        Terraform(tmp_path, tmp_path / "rc", env).init()
    assert caught.value.text == "Error: Unsupported argument"
    assert caught.value.what == f"terraform init in {tmp_path}"


def test_a_terraform_that_hangs_is_stopped_with_its_children(tmp_path: Path) -> None:
    env = fake_terraform(tmp_path, f"sleep 600 & echo $! > {tmp_path}/child; wait")
    with pytest.raises(UpstreamError, match="took more than 1 s"):
        Terraform(tmp_path, tmp_path / "rc", env, timeout=1).apply()
    child = int((tmp_path / "child").read_text(encoding="utf-8"))
    for _ in range(100):  # a busy machine takes its time over a signal
        if not _is_running(child):
            return
        sleep(0.1)
    pytest.fail("the child of a stopped terraform runs on")


def _is_running(process: int) -> bool:
    """A zombie, which its new parent has not yet collected, does not run."""
    try:
        status = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def test_nothing_of_this_machines_aws_reaches_terraform(
    tmp_path: Path, aws_environment: pytest.MonkeyPatch
) -> None:
    aws_environment.setenv("AWS_SECRET_ACCESS_KEY", "hush")
    aws_environment.setenv("TF_VAR_secret", "hush")
    env = fake_terraform(tmp_path, f"env > {tmp_path}/env")
    Terraform(tmp_path, tmp_path / "rc", env).init()
    seen = (tmp_path / "env").read_text(encoding="utf-8")
    assert "hush" not in seen
    assert f"TF_CLI_CONFIG_FILE={tmp_path}/rc" in seen
