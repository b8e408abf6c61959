"""How this copy was installed, and so what a workflow installs to have the same one.

A name alone is whoever's who registers it in an index, and what a workflow installs runs with the
App's write token. So a name is only written where this very copy came from an index by it.

https://packaging.python.org/en/latest/specifications/direct-url/ (PEP 610)
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution

from remediator.model import ConfigurationError
from remediator.texts import plain

NAME = "remediator"
# Anonymous, or the user that every ssh forge has: no password of this machine goes into a file.
_ADDRESS = re.compile(r"(https://|ssh://(git@)?)[A-Za-z0-9.-]+(:\d+)?/[A-Za-z0-9._~+/-]+")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_FOLDER = re.compile(r"[A-Za-z0-9._/-]+")
_EXAMPLE = "--install git+https://git.example.com/acme/remediator@COMMIT"


@dataclass(frozen=True, slots=True)
class Installed:
    """`direct_url` is the text of PEP 610's file: None of a copy that came from an index."""

    version: str
    direct_url: str | None = None


def installed() -> Installed | None:
    """Of the copy that runs; None where it was not installed at all."""
    try:
        found = distribution(NAME)
    except PackageNotFoundError:
        return None
    return Installed(found.version, found.read_text("direct_url.json"))


def requirement(copy: Installed | None) -> str:
    """What pip is given for the same copy. Raises ConfigurationError where no workflow could
    install it: the message says which option names what it is to install."""
    if copy is None:
        raise _asked("it was not installed by pip")
    if copy.direct_url is None:
        return f"{NAME}=={copy.version}"
    try:
        document = json.loads(copy.direct_url)
        url, vcs = document["url"], document.get("vcs_info")
        folder = document.get("subdirectory") or ""
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        raise _asked("how it was installed cannot be read") from None
    if not isinstance(vcs, dict):
        raise _asked(f"it was installed from {_shown(url)}, a folder or an archive")
    commit = str(vcs.get("commit_id"))
    fits = (
        vcs.get("vcs") == "git"
        and _ADDRESS.fullmatch(str(url))
        and _COMMIT.fullmatch(commit)
        and (not folder or _FOLDER.fullmatch(str(folder)))
    )
    if not fits:
        raise _asked(f"it was installed from {_shown(url)}, which is no address for a workflow")
    return f"git+{url}@{commit}" + (f"#subdirectory={folder}" if folder else "")


def _asked(why: str) -> ConfigurationError:
    text = f"nobody can know what the workflows are to install: {why}; name it, as in {_EXAMPLE}"
    return ConfigurationError(text)


def _shown(url: object) -> str:
    """Without what could be a password."""
    return plain(re.sub(r"//[^/]*@", "//", str(url)), 200)
