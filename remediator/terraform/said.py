"""What terraform says when it fails, in one sentence and without a value in it.

Below its title an error quotes code, the values of variables, and messages that people wrote
with values in them: all of that may hold a secret, and the title and the place do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from posixpath import join, normpath

from remediator.texts import plain

_BOX = str.maketrans("", "", "│╷╵")
_TITLE = re.compile(r"^Error: (.+)$", re.MULTILINE)
_PLACE = re.compile(r"^ *on (\S.*?) line (\d+)", re.MULTILINE)
_USERINFO = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)[^/\s'\"]*@")
_QUERY = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://[^\s?'\"]*)\?[^\s'\"]*")
_HEADING = "Terraform encountered problems"
"""A title that only says that others follow."""

_SECRET = re.compile(r"SECRET|TOKEN|PASSW|CREDENTIAL|PRIVATE|_KEY|^TF_VAR_", re.IGNORECASE)
_SHORTEST = 6
_MAX, _LONGEST = 400, 4000


def summary(stderr: bytes, root: str, secrets: Iterable[str] = ()) -> str:
    """The first error's title and place; `root` is the folder that terraform ran in."""
    text = stderr.decode("utf-8", "replace").translate(_BOX)
    text = "\n".join(line.lstrip() if "Error: " in line else line for line in text.splitlines())
    found = list(_TITLE.finditer(text))
    titles = [match for match in found if not match[1].startswith(_HEADING)] or found
    if not titles:
        return "it gave no reason"
    first = titles[0]
    end = titles[1].start() if len(titles) > 1 else len(text)
    place = _PLACE.search(text, first.end(), end)
    where = f" ({normpath(join(root, place[1]))}:{place[2]})" if place else ""
    more = f", and {len(titles) - 1} more" if len(titles) > 1 else ""
    return plain(f"{_without_secrets(first[1][:_LONGEST], secrets)}{where}{more}", _MAX)


def secrets_in(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The values of the environment that must not be shown, longest first."""
    found = {v for name, v in environment.items() if _SECRET.search(name) and len(v) >= _SHORTEST}
    return tuple(sorted(found, key=len, reverse=True))


def _without_secrets(text: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, "***")
    return _QUERY.sub(r"\1?…", _USERINFO.sub(r"\1***@", text))
