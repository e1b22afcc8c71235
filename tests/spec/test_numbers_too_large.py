"""Numbers that are too large to add up in their decimals: refused before the charge where that is known from public
terms; what the records make so large is refused after it, by name, and nothing is made of it."""

from pathlib import Path

import numpy as np
import pytest
from homes import NOW, ROOT, make_cases, make_home, put_in_force

from publisher.activation import active_policy
from publisher.errors import LedgerError, PolicyError
from publisher.home import Home
from publisher.ledger import Account
from publisher.periods import Period
from publisher.pipeline import run_release
from publisher.preparation import RunRequest, prepare
from publisher.rehearsal.answer import rehearse
from publisher.workspace import Workspace, open_workspace

POLICY, PERIOD = "fk-ohalsa", Period.parse("2022")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return make_home(tmp_path / "home", make_cases(persons=300), policies=())


def in_force(home: Home, decimals: int, clamp: str) -> None:
    """A sum beside the persons of the policy."""
    text = (ROOT / "policies" / f"{POLICY}.yaml").read_text(encoding="utf-8")
    count = "      - {id: persons, kind: persons}\n"
    assert count in text
    terms = f'rho: "0.01", decimals: {decimals}, clamp: {{all: "{clamp}"}}'
    paid = f"      - {{id: paid, kind: sum, of: amount, {terms}}}\n"
    path = home.root / f"{POLICY}.yaml"
    path.write_text(text.replace(count, count + paid), encoding="utf-8")
    put_in_force(home, [path])


class Source:
    """Noise that is as large as it is told."""

    def __init__(self, most: int) -> None:
        self.most, self.calls = most, 0

    def __call__(self, values: np.ndarray, scale: float) -> np.ndarray:
        self.calls += 1
        return values + self.most


def spent(work: Workspace) -> int:
    return work.ledger.spent(Account("forsakringskassan", 2022))


def run(work: Workspace, source: Source, **options: bool | str) -> object:
    return run_release(work, RunRequest(POLICY, PERIOD, **options), now=NOW, noise=source)  # type: ignore[arg-type]


def test_what_noise_alone_makes_too_large_is_refused_before_the_charge(home: Home) -> None:
    in_force(home, 6, "900000000")
    source = Source(0)
    with open_workspace(home, exclusive=True) as work:
        with pytest.raises(PolicyError, match=r"part fk-ohalsa-omradestyp/paid: with 6 decimals .*fewer decimals"):
            run(work, source)
        assert (source.calls, spent(work), list(work.store.records())) == (0, 0, [])
        policy = active_policy(work.home, work.log, POLICY, work.settings).policy
        warned = [w for w in rehearse(prepare(work, policy, PERIOD), now=NOW, say=print)["warnings"] if "refused" in w]
    assert len(warned) == 1
    assert warned[0].startswith("a run would be refused: part fk-ohalsa-omradestyp/paid: with 6 decimals")


def test_what_only_the_records_make_too_large_is_refused_by_name_and_its_charge_stands(home: Home) -> None:
    in_force(home, 2, "30000")
    huge, usual = Source(2**55), Source(0)
    with open_workspace(home, exclusive=True) as work:
        with pytest.raises(PolicyError, match=r"table fk-ohalsa-omradestyp: measure p.*: a number .*fewer decimals"):
            run(work, huge)
        assert huge.calls > 0
        charged = spent(work)
        assert charged == 60_000_000
        assert (list(work.store.records()), list(home.vault.iterdir())) == ([], [])
        with pytest.raises(LedgerError):
            run(work, usual)
        assert (usual.calls, spent(work)) == (0, charged)
        run(work, usual, again=True, reason="fewer persons")
        assert spent(work) == 2 * charged
        assert len(work.store.records()) == 1
