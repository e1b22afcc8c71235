"""What would help a table that is mostly holes: which alternative publishes most without being so too."""

from collections.abc import Sequence
from dataclasses import dataclass

from publisher.rehearsal.figures import TableFigures
from publisher.rehearsal.trials import Trial


@dataclass(frozen=True, slots=True)
class Advice:
    """For one table.

    `first`: of the alternatives that promise as much, pass the policy check and leave no table of holes, the one that
    shows most cells that are not zero.  `weaker`: the same of those that promise less.  Empty where there is none.
    `noise`: alternatives were tried, and none that promises as much helps.
    """

    table: str
    first: str
    weaker: str
    noise: bool
    text: str


def advice_of(trials: Sequence[Trial], tables: Sequence[str]) -> tuple[Advice, ...]:
    """One for each table that is mostly holes, or that a run would refuse.  The first trial is the policy as it is."""
    own, others = {t.table: t for t in trials[0].tables}, trials[1:]
    return tuple(_advice(i, own.get(i), others) for i in tables if i not in own or own[i].holes.mostly)


def _advice(table: str, own: TableFigures | None, others: Sequence[Trial]) -> Advice:
    first, weaker = (_best(table, [t for t in others if _is_weaker(t) is w]) for w in (False, True))
    noise = bool(others) and first is None
    words = [f"table {table} {holes_in_words(own) if own else 'cannot be protected as it is'}"]
    if first:
        words.append(f"what would help first is {_shown(table, first)}")
    if weaker:
        words.append(
            f"{'a weaker promise would too' if first else 'only a weaker promise would help'}: {_shown(table, weaker)}"
        )
    if noise:
        words.append("no alternative that was tried and promises as much helps; noise would (docs/limits.md)")
    if not others:
        words.append("to see what would help, rehearse with --alternatives all")
    return Advice(table, first.name if first else "", weaker.name if weaker else "", noise, "; ".join(words))


def _is_weaker(trial: Trial) -> bool:
    return trial.alternative is not None and trial.alternative.weaker


def _of(table: str, trial: Trial) -> TableFigures:
    return next(t for t in trial.tables if t.table == table)


def _best(table: str, trials: Sequence[Trial]) -> Trial | None:
    """The trial that shows most; the earlier one of two that show the same."""
    good = [t for t in trials if not t.refused and not t.check and not _of(table, t).holes.mostly]
    return max(good, key=lambda t: _of(table, t).group.published, default=None)


def _shown(table: str, trial: Trial) -> str:
    group = _of(table, trial).group
    words = trial.alternative.text.en.rstrip(".") if trial.alternative else ""
    return f"{trial.name} ({words}: {group.published} of {group.non_zero} cells that are not zero would be shown)"


def holes_in_words(table: TableFigures) -> str:
    """What makes a table one of holes, in plain words."""
    holes = table.holes
    words = [f"would be mostly holes: at level {holes.finest}, {holes.finest_per_cent:g} % of the cells that are not "
             "zero would be withheld"]  # fmt: skip
    if holes.municipalities:
        words.append(f"{holes.speaking} of {holes.municipalities} municipalities would show more than their own total")
    return ", and ".join(words)
