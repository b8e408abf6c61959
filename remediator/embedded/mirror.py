"""Where Terraform can get the AWS provider without a registry: a mirror on this machine.

https://developer.hashicorp.com/terraform/cli/config/config-file#provider-installation
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from remediator.model import ConfigurationError

MIRROR_VARIABLE = "REMEDIATOR_PROVIDER_MIRROR"
_LAYOUTS = (
    "*/hashicorp/aws/*/*/terraform-provider-aws*",  # unpacked: <version>/<os_arch>/
    "*/hashicorp/aws/terraform-provider-aws_*.zip",  # packed
)
_FOLDER = re.compile(r'^\s*(?:path|plugin_cache_dir)\s*=\s*"([^"$]+)"', re.MULTILINE)
_MAX_CONFIG = 64 * 1024


def find_provider_mirror(environ: Mapping[str, str]) -> Path | None:
    """The folder that holds `<host>/hashicorp/aws/…`, or None where there is none.

    Looks where REMEDIATOR_PROVIDER_MIRROR says, else where Terraform itself does: its CLI
    configuration, TF_PLUGIN_CACHE_DIR and the implied mirrors. Nothing is searched deeper
    than a mirror is. Raises ConfigurationError where the variable names no mirror.
    """
    named = environ.get(MIRROR_VARIABLE)
    if named:
        if not _holds_provider(Path(named)):
            raise ConfigurationError(
                f"{MIRROR_VARIABLE} names {named!r}, which holds no "
                "<host>/hashicorp/aws/<version>/<os_arch>/terraform-provider-aws*"
            )
        return Path(named)
    return next((place for place in _places(environ) if _holds_provider(place)), None)


def write_cli_config(folder: Path, mirror: Path) -> Path:
    """A Terraform CLI configuration that takes every provider from the mirror alone."""
    path = folder / "remediator.tfrc"
    path.write_text(
        "disable_checkpoint = true\n"
        "provider_installation {\n"
        "  filesystem_mirror {\n"
        f"    path = {_quoted(mirror.resolve().as_posix())}\n"
        "  }\n"
        "}\n",
        encoding="utf-8",
    )
    return path


def _places(environ: Mapping[str, str]) -> Iterator[Path]:
    home = Path(environ.get("HOME") or environ.get("USERPROFILE") or ".")
    configuration = environ.get("TF_CLI_CONFIG_FILE")
    yield from _configured(Path(configuration) if configuration else home / ".terraformrc")
    if cache := environ.get("TF_PLUGIN_CACHE_DIR"):
        yield Path(cache)
    data = environ.get("XDG_DATA_HOME")
    yield home / ".terraform.d" / "plugins"
    yield (Path(data) if data else home / ".local" / "share") / "terraform" / "plugins"
    yield Path("/usr/local/share/terraform/plugins")
    yield Path("/usr/share/terraform/plugins")


def _configured(path: Path) -> list[Path]:
    try:
        if path.stat().st_size > _MAX_CONFIG:
            return []
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return []  # Terraform itself only warns of a configuration that it cannot read
    return [Path(folder).expanduser() for folder in _FOLDER.findall(text)]


def _holds_provider(folder: Path) -> bool:
    return any(next(folder.glob(layout), None) is not None for layout in _LAYOUTS)


def _quoted(text: str) -> str:
    """An HCL string: JSON's escapes, and no template in it."""
    return json.dumps(text, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
