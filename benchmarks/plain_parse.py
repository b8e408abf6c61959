"""The other side of parse_speed: reads and parses every Terraform file, and nothing else.

python -m benchmarks.plain_parse FOLDER
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import tree_sitter_hcl
from tree_sitter import Language, Parser


def main(folder: str) -> int:
    """The number of files that do not parse, as an exit status."""
    parser = Parser(Language(tree_sitter_hcl.language()))
    broken = 0
    for top, directories, names in os.walk(folder):
        directories[:] = [d for d in directories if d != ".git"]
        for name in names:
            if name.endswith(".tf"):
                tree = parser.parse(Path(top, name).read_bytes())
                broken += tree.root_node.has_error
    return min(broken, 1)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
