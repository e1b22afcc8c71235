"""The pages.  A view selects from verified releases and fills a template; it computes no figure."""

from typing import cast

from flask import Blueprint, Response, current_app, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from publisher.errors import ReleaseError
from publisher.release.documents import TableEntry
from publisher.release.facts import format_of
from publisher.release.model import Release, Table
from publisher.release.reader import Catalogue, OpenRelease
from web.public import selection
from web.public.protection import terms
from web.public.tablepage import build

pages = Blueprint("pages", __name__)

_LANG = "/<any(sv, en):lang>"
_ROBOTS = "User-agent: *\nDisallow: /*?\nAllow: /\n"
Listed = tuple[TableEntry, Release, Table]


def language_of(path: str) -> str:
    """The language that an address asks for; Swedish where it names none."""
    return "en" if path == "/en" or path.startswith("/en/") else "sv"


def page(template: str, **values: object) -> str:
    """A page from a template, lines without leading blanks."""
    text = render_template(template, **values)
    return "\n".join(line.strip() for line in text.splitlines() if line.strip()) + "\n"


def _catalogue() -> Catalogue:
    return cast(Catalogue, current_app.extensions["catalogue"])


def _listed() -> tuple[Listed, ...]:
    """The tables with a latest release that verifies, the latest published first."""
    found = []
    for entry in _catalogue().snapshot().tables:
        try:
            release = _catalogue().resolve(entry.table).facts
        except ReleaseError:
            continue  # withdrawn, still on its way, or not what was sealed: not listed until it verifies
        found.append((entry, release, release.table(entry.table)))
    return tuple(sorted(found, key=lambda f: f[1].publish_at, reverse=True))


@pages.get("/")
def root() -> BaseResponse:
    """The start is Swedish."""
    return redirect(f"{request.script_root}/sv/")


@pages.get(f"{_LANG}/")
def catalogue(lang: str) -> str:
    """All tables, or those whose title or code holds every word of `q`."""
    sought = request.args.get("q", "")[:200]
    tables = tuple(item for item in _listed() if _has_words(item, sought))
    return page("catalogue.html", tables=tables, sought=sought)


def _has_words(item: Listed, sought: str) -> bool:
    entry, release, table = item
    titles = (table.title, release.title, *(m.text for m in table.measures))
    text = " ".join([entry.table, *(t for title in titles for t in (title.sv, title.en))]).casefold()
    return all(word in text for word in sought.casefold().split())


@pages.get(f"{_LANG}/tables/<table>")
def latest(lang: str, table: str) -> str:
    """The latest release of a table."""
    return _table_page(lang, table, None)


@pages.get(f"{_LANG}/tables/<table>/releases/<release>")
def one_release(lang: str, table: str, release: str) -> str:
    """A named release of a table."""
    return _table_page(lang, table, release)


def _table_page(lang: str, table: str, release: str | None) -> str:
    entry = _catalogue().snapshot().entry(table)
    opened = _opened(entry, release)
    shown = build(opened, entry, request.args, lang)
    newest = _catalogue().resolve(table).facts.id if entry.latest else ""
    sealed = {"terms": terms(_catalogue(), opened, entry, lang), "format": format_of(opened.facts)}
    words = {"query": selection.query, "written": selection.written}
    return page("table.html", p=shown, newest=newest, named=release is not None, **sealed, **words)


def _opened(entry: TableEntry, release: str | None) -> OpenRelease:
    return _catalogue().resolve(entry.table, release)


@pages.get(f"{_LANG}/about")
def about(lang: str) -> str:
    """What the statistics are, and how to read them."""
    return page(f"about.{lang}.html")


@pages.get(f"{_LANG}/privacy")
def privacy(lang: str) -> str:
    """What is protected and how, the privacy account, and what is not promised."""
    tables = _listed()
    names = {release.agency: release.source.get(lang) for _, release, _ in tables}
    live = _catalogue().snapshot()
    stated = {table.id: live.statement(lang, table.id) for _, _, table in tables}
    return page(f"privacy.{lang}.html", tables=tables, account=live.account, names=names, stated=stated)


@pages.get(f"{_LANG}/accessibility")
def accessibility(lang: str) -> str:
    """The accessibility statement."""
    return page(f"accessibility.{lang}.html")


@pages.get("/healthz")
def health() -> Response:
    """200 where a verified catalogue is served, else 503."""
    name = _catalogue().snapshot().name
    return Response(f"ok {name}\n", content_type="text/plain; charset=utf-8")


@pages.get("/robots.txt")
def robots() -> Response:
    """Selections are without number; what they select from is linked and open."""
    return Response(_ROBOTS, content_type="text/plain; charset=utf-8")
