"""Markdown as a page that opens in a browser, nearly as GitHub shows it."""

from __future__ import annotations

import re
from html import escape

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; color: #1f2328; background: #fff;
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }}
h1 {{ font-size: 1.5rem; margin-bottom: 0; }}
h2 {{ font-size: 1.15rem; border-bottom: 1px solid #d1d9e0; padding-bottom: .3rem; }}
table {{ border-collapse: collapse; margin: 1rem 0; }}
th, td {{ border: 1px solid #d1d9e0; padding: .35rem .7rem; text-align: left;
  vertical-align: top; }}
th:first-child, td:first-child {{ min-width: 8rem; }}
code, pre {{ font: 13px/1.45 ui-monospace, monospace; background: #f0f2f4; border-radius: 4px; }}
code {{ padding: .1rem .3rem; overflow-wrap: anywhere; }}
pre {{ padding: .8rem; overflow-x: auto; }}
pre code {{ padding: 0; background: none; }}
summary {{ cursor: pointer; font-weight: 600; margin: .4rem 0; }}
.about {{ color: #59636e; margin: .3rem 0 1.5rem; }}
.label {{ background: #ddf4ff; border-radius: 1rem; padding: .1rem .6rem; }}
ins {{ background: #dafbe1; text-decoration: none; }}
del {{ background: #ffebe9; text-decoration: none; }}
</style>
<main>
<h1>{title}</h1>
<p class="about">{about}</p>
{body}
{diff}
</main>
</html>
"""


def page(title: str, about: str, markdown: str, diff: str = "") -> str:
    """`markdown` is ours, with all foreign text in it escaped: its HTML is passed on."""
    from markdown_it import MarkdownIt

    body = MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown)
    body = _BOX.sub(_box, body).replace("<h3>", "<h2>").replace("</h3>", "</h2>")
    changed = f"<h2>Files changed</h2><pre>{_coloured(diff)}</pre>" if diff else ""
    return _PAGE.format(title=escape(title), about=escape(about), body=body, diff=changed)


_BOX = re.compile(r"<li>\[([ x])\] (.*?)</li>", re.DOTALL)


def _box(found: re.Match[str]) -> str:
    ticked = " checked" if found[1] == "x" else ""
    return f"<li><label><input type=checkbox{ticked}> {found[2]}</label></li>"


def _coloured(diff: str) -> str:
    return "\n".join(_line(line) for line in diff.splitlines())


def _line(line: str) -> str:
    text = escape(line)
    if line.startswith("+") and not line.startswith("+++"):
        return f"<ins>{text}</ins>"
    if line.startswith("-") and not line.startswith("---"):
        return f"<del>{text}</del>"
    return text
