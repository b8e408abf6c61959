"""Functions that read files of the repository, and those over their paths.

https://developer.hashicorp.com/terraform/language/functions/file
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable

from remediator.terraform.functions.call import Call
from remediator.terraform.functions.encoding import DIGESTS, in_base64
from remediator.terraform.functions.signature import (
    Function,
    finished,
    known_text,
    present,
    read,
    takes,
    text,
    without_parts,
)
from remediator.terraform.functions.texts import normalized
from remediator.terraform.value import Handle, Known, Unknown, Value, failure


def _content(call: Call, path: str) -> bytes | Unknown:
    if path.startswith("~"):
        return Unknown(f"{path!r} is in somebody's home")
    return call.around.read(path)


def _of_file(made: Callable[[Call, str, bytes], Value]) -> Function:
    """A function of the content of one file."""

    def function(call: Call) -> Value:
        given = read(call, text)
        if isinstance(given, Unknown):
            return finished(given, call)
        path = str(given[0])
        data = _content(call, path)
        return finished(data if isinstance(data, Unknown) else made(call, path, data), call)

    return function


def _file(call: Call, path: str, data: bytes) -> Value:
    """The text of a JSON file remembers the document, so that its values can be traced."""
    try:
        content = data.decode()
    except UnicodeDecodeError:
        return failure(f"{path!r} is no text")
    return Known(normalized(content), None, call.around.json_file(path))


def _encoded(encode: Callable[[bytes], str]) -> Function:
    return _of_file(lambda call, path, data: Known(encode(data)))


def _fileexists(call: Call) -> Value:
    given = read(call, text)
    if isinstance(given, Unknown):
        return finished(given, call)
    path = str(given[0])
    if path.startswith("~"):
        return Unknown(f"{path!r} is in somebody's home", call.expression)
    found = call.around.exists(path)
    return finished(found if isinstance(found, Unknown) else Known(found), call)


def _templatefile(call: Call) -> Value:
    given = read(call, text, present)
    if isinstance(given, Unknown):
        return finished(given, call)
    path, variables = str(given[0]), call.arguments[1]
    if path.startswith("~"):
        return Unknown(f"{path!r} is in somebody's home", call.expression)
    if isinstance(variables, Unknown | Handle):
        return finished(without_parts(variables), call)
    return finished(call.around.render(path, variables), call)


# Paths -------------------------------------------------------------------------------------


@takes(text)
def _basename(path: str) -> Value:
    if not path:
        return Known(".")
    return Known(path.rstrip("/").rpartition("/")[2] or "/")


@takes(text)
def _dirname(path: str) -> Value:
    head = path.rpartition("/")[0] + ("/" if "/" in path else "")
    clean = posixpath.normpath(head) if head else "."
    return Known("/" + clean.lstrip("/") if clean.startswith("/") else clean)


@takes(known_text)
def _pathexpand(path: Known) -> Value:
    """Without a `~` it stays as it is."""
    if str(path.value).startswith("~"):
        return Unknown("where the home is depends on the machine")
    return path


FUNCTIONS: dict[str, Function] = {
    "basename": _basename,
    "dirname": _dirname,
    "file": _of_file(_file),
    "filebase64": _encoded(in_base64),
    "fileexists": _fileexists,
    "pathexpand": _pathexpand,
    "templatefile": _templatefile,
    **{
        name.replace("base64", "filebase64") if "base64" in name else f"file{name}": _encoded(d)
        for name, d in DIGESTS.items()
    },
}
