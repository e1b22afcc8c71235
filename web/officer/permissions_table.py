"""`python -m web.officer.permissions_table`: every route of the officer's site with its roles, as Markdown.

`docs/permissions.md` is what it prints, and a test compares the two.
"""

import inspect
import tempfile
from pathlib import Path

import click
from flask import Flask
from werkzeug.routing import Rule

from publisher.desk.folder import Desk
from publisher.policy.proposals import Role
from web.officer.app import create_app
from web.officer.permissions import PERMISSIONS

_HEAD = """# Who may do what on the officer's site

Every route there is, below `/sv` or `/en` (`LANG`), and the roles that may open it; whatever does not stand here is
closed to all. Made by `python -m web.officer.permissions_table > docs/permissions.md` from `web/officer/permissions.py`
and the routes themselves; a test compares it with both, and another tries every route as every role and as nobody.
A role opens a route; what may be done with a single proposal (nobody approves what they have written in) is decided
behind it, in `publisher/policy/proposals.py`.
"""


def table(app: Flask) -> str:
    """The whole page."""
    who = [*(role.value for role in Role), "nobody"]
    lines = [f"| Method | Path | {' | '.join(who)} | What it does |", f"| --- | --- |{' :-: |' * len(who)} --- |"]
    lines += [_line(app, rule) for rule in sorted(app.url_map.iter_rules(), key=lambda r: (_path(r), _method(r)))]
    return f"{_HEAD}\n" + "\n".join(lines) + "\n"


def _line(app: Flask, rule: Rule) -> str:
    roles = PERMISSIONS[rule.endpoint]
    marks = " | ".join("yes" if roles is None or role in roles else "" for role in Role)
    return f"| {_method(rule)} | `{_path(rule)}` | {marks} | {'yes' if roles is None else ''} | {_does(app, rule)} |"


def _method(rule: Rule) -> str:
    return "POST" if "POST" in (rule.methods or ()) else "GET"


def _path(rule: Rule) -> str:
    return rule.rule.replace("<any(sv, en):lang>", "LANG")


def _does(app: Flask, rule: Rule) -> str:
    """The first sentence of the view's docstring."""
    if rule.endpoint == "static":
        return "Stylesheets and scripts of the site."
    return (inspect.getdoc(app.view_functions[rule.endpoint]) or "").split("\n\n")[0].replace("\n", " ")


def main() -> None:
    """Print the page; the application that it asks has a desk of its own, with nothing in it."""
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder) / "officer")
        desk.create()
        click.echo(table(create_app(desk)), nl=False)


if __name__ == "__main__":
    main()
