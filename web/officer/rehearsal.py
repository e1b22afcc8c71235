"""Rehearsals: asked for, watched while they run, read when they are done, gone after a week."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from publisher.desk.proposals import OPEN, Proposals, digest_of
from publisher.desk.rehearsals import read_result
from publisher.desk.requests import Kind, Request, Requests, Stand
from publisher.desk.shapes import read_shapes
from publisher.errors import ProposalError, RequestError
from publisher.log import ActionLog, utc
from publisher.periods import Period
from publisher.policy.proposals import Proposal
from web.officer import rehearsal_others, rehearsal_places, rehearsal_view, rehearsal_words
from web.officer.access import database, now, who
from web.officer.rehearsal_figures import minutes_since, period_words, rho, whole
from web.officer.rehearsal_view import Json
from web.officer.state import the_desk
from web.officer.texts import say
from web.officer.times import moment

rehearsal = Blueprint("rehearsal", __name__)
MOST_AREAS = 8
_STEP = re.compile(r"(proposed|in force), \S+ \S+: ([a-z0-9_-]+)(?:, (.+))?")


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wrote in the form, as it was written."""

    period: str
    areas: str
    alternatives: str

    @property
    def errors(self) -> dict[str, str]:
        """Field -> key of what is wrong with it."""
        found = {}
        try:
            Period.parse(self.period or "2022")
        except ValueError:
            found["period"] = "rehearsal.bad_period"
        codes = self.areas.replace(",", " ").split()
        if len(codes) > MOST_AREAS or not all(re.fullmatch(r"[0-9]{4}", code) for code in codes):
            found["areas"] = "rehearsal.bad_areas"
        return found

    @property
    def details(self) -> dict[str, str]:
        """What the scheduler process is told."""
        areas = ",".join(self.areas.replace(",", " ").split())
        return {"period": self.period, "areas": areas, "alternatives": self.alternatives}


@rehearsal.after_request
def keep_nothing(response: Response) -> Response:
    """No browser or proxy keeps what a rehearsal shows."""
    response.headers["Cache-Control"] = "no-store"
    return response


@rehearsal.get("/rehearsals")
def listing() -> str:
    """The latest rehearsals."""
    found = [r for r in Requests(database()).recent(200) if r.kind is Kind.REHEARSE]
    policies = {p.id: p.policy for p in Proposals(database()).all()}
    rows = [(r, policies.get(int(r.subject), "") if r.subject.isdecimal() else "", _stand(r)) for r in found]
    return render_template("rehearsal_list.html", rows=rows)


def _stand(asked: Request) -> str:
    gone = asked.stand is Stand.DONE and read_result(the_desk(), asked.id, now=now()) is None
    return "gone" if gone else asked.stand.value


@rehearsal.post("/proposals/<int:number>/rehearse")
def ask(number: int) -> ResponseReturnValue:
    """Queue a rehearsal of a proposal as it stands."""
    proposal = _proposal(number)
    if proposal is None:
        abort(404)
    if proposal.state not in OPEN:
        abort(409)
    names = ",".join(request.form.getlist("alternatives"))
    wish = Wish(request.form.get("period", "").strip(), request.form.get("areas", "").strip(), names)
    if wish.errors:
        page = render_template("rehearsal_ask.html", proposal=proposal, wish=wish, errors=wish.errors, untried=())
        return page, 422
    made = Requests(database()).ask(
        Kind.REHEARSE, str(number), by=who().name, at=utc(now()), details={"digest": proposal.digest, **wish.details}
    )
    return redirect(url_for("rehearsal.result", number=made.id))


@rehearsal.get("/rehearsals/<int:number>")
def result(number: int) -> ResponseReturnValue:
    """How far a rehearsal is, or what it found."""
    asked = _asked(number)
    proposal = _proposal(int(asked.subject)) if asked.subject.isdecimal() else None
    if asked.stand in (Stand.QUEUED, Stand.RUNNING):
        return render_template("rehearsal_running.html", asked=asked, proposal=proposal, **_progress(asked))
    if asked.stand is not Stand.DONE:
        return render_template("rehearsal_stopped.html", asked=asked, proposal=proposal, **_again(asked, proposal))
    found = read_result(the_desk(), number, now=now())
    if found is None:
        return render_template("rehearsal_gone.html", proposal=proposal, **_again(asked, proposal)), 410
    ActionLog(database()).write(
        at=utc(now()), actor=who().name, action="read-rehearsal", subject=found["policy"], digest=found["digest"],
        detail=f"request {number}",
    )  # fmt: skip
    return render_template("rehearsal_result.html", asked=asked, proposal=proposal, **_page(found, asked, proposal))


@rehearsal.get("/rehearsals/<int:number>/progress")
def progress(number: int) -> ResponseReturnValue:
    """What the page of a running rehearsal puts in place; nothing (204) when it has ended."""
    asked = _asked(number)
    if asked.stand not in (Stand.QUEUED, Stand.RUNNING):
        return "", 204
    return render_template("rehearsal_progress.html", **_progress(asked))


def _asked(number: int) -> Request:
    try:
        found = Requests(database()).get(number)
    except RequestError:
        abort(404)
    if found.kind is not Kind.REHEARSE:
        abort(404)
    return found


def _proposal(number: int) -> Proposal | None:
    try:
        return Proposals(database()).get(number)
    except ProposalError:
        return None


def _again(asked: Request, proposal: Proposal | None) -> dict[str, object]:
    """The form to ask once more, with what was asked for; `can_ask` where the proposal is still open."""
    details = dict(asked.details or {})
    wish = Wish(details.get("period", ""), details.get("areas", ""), "")
    return {"can_ask": proposal is not None and proposal.state in OPEN, "wish": wish, "errors": {}, "untried": ()}


def _progress(asked: Request) -> dict[str, str]:
    """What is being done, and since when, in words."""
    since = say("rehearsal.run_since", g.lang, when=moment(asked.at), n=minutes_since(asked.at, now()))
    return {"doing": _doing(asked), "since": since}


def _doing(asked: Request) -> str:
    if asked.stand is Stand.QUEUED:
        ahead = sum(r.id < asked.id for r in Requests(database()).waiting())
        return say("rehearsal.run_queued", g.lang, n=ahead) if ahead else say("rehearsal.run_next", g.lang)
    step = _STEP.fullmatch(asked.note)
    if step is None:
        return say("rehearsal.run_started", g.lang)
    side = say(f"rehearsal.side_{step[1].replace(' ', '_')}", g.lang)
    key = step[2] if step[2] in ("count", "audit", "suppress") else "other"
    doing = say(f"rehearsal.step_{key}", g.lang, what=step[3] or step[2])
    return say("rehearsal.run_step", g.lang, side=side, step=doing)


def _page(found: Json, asked: Request, proposal: Proposal | None) -> dict[str, object]:
    """Everything that the page of a result shows."""
    tables = rehearsal_view.tables_of(found)
    table = request.args.get("table", tables[0])
    if table not in tables:
        abort(404)
    return {
        **_again(asked, proposal),
        "found": found, "table": table, "tables": tables,
        "finding": rehearsal_words.finding(found, table, g.lang),
        "notices": _notices(found, proposal),
        "warnings": rehearsal_words.warnings(found, g.lang),
        "metrics": rehearsal_view.metrics(found, table, g.lang),
        "examples": rehearsal_places.examples(found, table, g.lang),
        "map": rehearsal_places.map_of(found, table, read_shapes(the_desk(), found["edition"]), g.lang),
        "basis": _basis(found, table),
        "charges": rehearsal_view.charges(found, g.lang) if _charged(found) else (),
        "heads": rehearsal_others.heads(found, g.lang),
        "others": rehearsal_others.others(found, table, g.lang),
        "untried": rehearsal_others.untried(found, g.lang),
        "period": period_words(found["period"], g.lang),
        "verdict": _verdict(found),
        "cap": rho(found["proposed"]["account"]["cap"], g.lang),
    }  # fmt: skip


def _verdict(found: Json) -> str:
    """What the audit of the proposal found."""
    verdict = found["proposed"].get("verdict")
    if verdict is None:
        return say(f"rehearsal.audit_{'none' if found['proposed']['protection'] == 'noise' else 'refused'}", g.lang)
    counts = {key: whole(verdict[key], g.lang) for key in ("withheld", "exact", "narrow")}
    return say(f"rehearsal.audit_{'passed' if verdict['passed'] else 'failed'}", g.lang, **counts)


def _charged(found: Json) -> bool:
    """Whether one of the two charges anything."""
    return any(side and side["rho"] != "0" for side in (found["current"], found["proposed"]))


def _notices(found: Json, proposal: Proposal | None) -> Sequence[str]:
    """What the reader must know of which texts and periods stand side by side."""
    out = []
    if proposal is not None and proposal.digest != found["digest"]:
        out.append(say("rehearsal.other_bytes", g.lang, digest=found["digest"][:12]))
    if found["base"] != _in_force(found["policy"]):
        out.append(say("rehearsal.other_base", g.lang))
    current = found["current"]
    if current is None:
        out.append(say("rehearsal.not_in_force", g.lang))
    elif found["base"] == found["digest"]:
        out.append(say("rehearsal.same", g.lang))
    elif current["period"] != found["period"]:
        out.append(say("rehearsal.other_period", g.lang, period=period_words(current["period"], g.lang)))
    return out


def _in_force(policy: str) -> str:
    """Digest of the version now in force, empty for none."""
    try:
        return digest_of((the_desk().active / f"{policy}.yaml").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ""


def _basis(found: Json, table: str) -> str:
    """What the sizes of noisy numbers are reckoned from."""
    own = rehearsal_view.table_of(found["proposed"], table)
    if own is None or "marks" not in own:
        return ""
    share = own["marks"]["assumed_in_places"]
    if share is None:
        return say("rehearsal.basis_published", g.lang)
    return say("rehearsal.basis_assumed", g.lang, share=f"{100 * share:g}")
