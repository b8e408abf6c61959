"""botocore's models of AWS's services, read once: they are megabytes of JSON, and each session
would read them by itself, also those of the accounts of one run.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.loaders import JSONFileLoader


@cache
def models() -> JSONFileLoader:
    """For the `file_loader` of a session's loader. The files are botocore's own: they do not
    change while the program runs, and a session's clients share what is read of them, too."""
    from botocore.loaders import JSONFileLoader

    class Once(JSONFileLoader):
        @cache  # noqa: B019 - there is one of it
        def load_file(self, file_path: str) -> Any:
            return super().load_file(file_path)

    return Once()
