"""What protected each period stands on the table's page: the policy's edition, the terms and the release's format."""

import html
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from publicfolder import (
    TYPE_TABLE,
    Listed,
    entry,
    manifest_of,
    public_key,
    release,
    render_release,
    seal,
    seal_catalogue,
)

from publisher.release.model import NoiseFacts, Release, Table
from publisher.release.reader import Catalogue
from web.public import create_app

EDITIONS = {"2020": "d" * 64, "2021": "e" * 64, "2022": "f" * 64}
Row = tuple[str, str, str]


def older(table: Table) -> Table:
    """The table with other terms for all periods but the last."""
    facts = table.protection
    changes = {"rho": "0.07"} if isinstance(facts, NoiseFacts) else {"threshold": 10, "level": "interval"}
    return replace(table, other_rules=dict.fromkeys(table.periods[:-1], replace(facts, **changes)))  # type: ignore[arg-type]


def sealed(root: Path, made: Release) -> Release:
    made = replace(made, tables=tuple(older(t) for t in made.tables))
    files = render_release(made)
    manifest = manifest_of("release", made.id, files, made.publish_at)
    seal(root, replace(manifest, policy_digest=EDITIONS[made.period]), files)
    return made


@pytest.fixture(scope="module", params=["fk-ersattning", "fk-sjukpenning"])
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Callable[[str, bool], str]]:
    """The policy, and pages in a language, with the first release public still or withdrawn."""
    policy, root = request.param, tmp_path_factory.mktemp("terms") / "public"
    (root / "keys").mkdir(parents=True)
    (root / "keys" / "signing.pem").write_bytes(public_key())
    made = [sealed(root, release(period, policy=policy)) for period in EDITIONS]
    table = made[0].tables[0].id
    state = {"number": 6}

    def page(lang: str, withdrawn: bool) -> str:
        gone = {"status": "withdrawn", "reason": "Fel", "withdrawn_at": "2023-02-15T09:12:00Z"} if withdrawn else {}
        entries = (entry(made[0], **gone), *(entry(m) for m in made[1:]))
        state["number"] += 1
        seal_catalogue(root, state["number"], (Listed(table, policy, made[-1].id, entries),))
        return create_app(Catalogue(root)).test_client().get(f"/{lang}/tables/{table}").text

    return policy, page


def rows(page: str) -> list[Row]:
    part = page.split('<h3 id="terms">')[1].split("</table>", maxsplit=1)[0]
    cells = re.findall(r'<tr><th scope="row">(.*?)</th>\s*<td>(.*?)</td><td>(.*?)</td></tr>', part, re.DOTALL)
    return [tuple(html.unescape(re.sub(r"<[^>]*>", "", c)) for c in row) for row in cells]  # type: ignore[misc]


def test_each_period_names_the_edition_of_the_policy_and_the_terms_that_it_was_sealed_with(
    site: tuple[str, Callable[[str, bool], str]],
) -> None:
    policy, page = site
    for lang in ("sv", "en"):
        text = page(lang, False)
        found = rows(text)
        assert [(p, edition) for p, edition, _ in found] == [(p, d[:12]) for p, d in EDITIONS.items()]
        for period in EDITIONS:
            assert re.search(rf'/releases/{policy}\.{period}\.v1">{period}</a>', text.split('<h3 id="terms">')[1])
        words = [w for _, _, w in found]
        assert words[0] == words[1] != words[2]
        if policy == "fk-ersattning":
            assert ["1–9" in w and "interval" in w for w in words] == [True, True, False]
            assert ["1–4" in w and "ambiguous" in w for w in words] == [False, False, True]
            assert "<dd>release/3</dd>" in text
        else:
            assert ["0.07" in w or "0,07" in w for w in words] == [True, True, False]
            assert "<dd>release/6</dd>" in text


def test_of_a_period_whose_release_was_withdrawn_no_edition_is_claimed(
    site: tuple[str, Callable[[str, bool], str]],
) -> None:
    policy, page = site
    text = page("en", True)
    first = rows(text)[0]
    assert first[:2] == ("2020", "the release that sealed it was withdrawn")
    assert f'/releases/{policy}.2020.v1">2020' not in text


def test_periods_that_were_sealed_alike_stand_in_one_row(tmp_path: Path) -> None:
    root = tmp_path / "public"
    (root / "keys").mkdir(parents=True)
    (root / "keys" / "signing.pem").write_bytes(public_key())
    made = [release(period) for period in EDITIONS]
    for one in made:
        files = render_release(one)
        seal(root, manifest_of("release", one.id, files, one.publish_at), files)
    seal_catalogue(root, 7, (Listed(TYPE_TABLE, "fk-sjukpenning", made[-1].id, tuple(entry(m) for m in made)),))
    text = create_app(Catalogue(root)).test_client().get(f"/en/tables/{TYPE_TABLE}").text
    assert [row[:2] for row in rows(text)] == [("2020, 2021, 2022", "a" * 12)]


def test_every_level_of_suppression_has_its_words() -> None:
    from publisher.policy.model import ProtectionLevel
    from web.public.texts import PROMISES

    assert PROMISES.keys() == {level.value for level in ProtectionLevel}
