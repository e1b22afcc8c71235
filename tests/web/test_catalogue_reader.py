import json
import os
from datetime import UTC, datetime

import pytest
from publicfolder import (
    ACCOUNT,
    KEY,
    OTHER_KEY,
    REGSO_TABLE,
    TYPE_TABLE,
    Listed,
    entry,
    manifest_of,
    public_key,
    release,
    rendered,
    seal,
    seal_catalogue,
    seal_release,
    statement,
)

from publisher.errors import ReleaseError
from publisher.release.cells import Layout, Selection
from publisher.release.codec import canonical_json
from publisher.release.documents import parse_account
from publisher.release.model import CellStatus
from publisher.release.reader import Catalogue, NotPublishedError, WithdrawnError, read_release
from web.public import create_app

LATEST = "fk-sjukpenning.2022.v1"
NOW = datetime(2024, 5, 1, tzinfo=UTC)


def flip(path) -> None:
    """Change one bit in the middle of a file."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


def test_the_latest_release_is_listed_and_opened(live):
    assert [t.table for t in live.snapshot().tables] == [TYPE_TABLE, REGSO_TABLE]
    assert live.resolve(TYPE_TABLE).facts.id == LATEST
    assert live.resolve(REGSO_TABLE).facts.id == "fk-ersattning.2022.v2"
    assert live.snapshot().account.cap_default == "0.125"


def test_read_release_gives_the_cells_that_were_sealed(public):
    found = read_release(public / "releases" / LATEST, public_key())
    made, _ = rendered("2022", 1, "fk-sjukpenning")
    assert set(found.tables[0].cells) == set(made.tables[0].cells)


@pytest.mark.parametrize("name", ["manifest.json", "manifest.sig", "catalogue.json", "account.json"])
def test_a_catalogue_with_a_changed_file_is_refused(public, name):
    flip(public / "catalogues/c000007" / name)
    with pytest.raises(ReleaseError):
        Catalogue(public).snapshot()


@pytest.mark.parametrize("name", ["manifest.json", "manifest.sig", "release.json"])
def test_a_release_with_a_changed_file_is_not_opened(public, live, name):
    flip(public / "releases" / LATEST / name)
    with pytest.raises(ReleaseError):
        live.resolve(TYPE_TABLE, LATEST)


def test_cells_that_were_changed_are_not_selected_from(public, live):
    opened = live.resolve(TYPE_TABLE)
    flip(public / "releases" / LATEST / "tables" / TYPE_TABLE / "cells.sqlite")
    table = opened.facts.table(TYPE_TABLE)
    with pytest.raises(ReleaseError, match="not the file"):
        opened.select(table, Selection(None, (None, None), None, None), limit=1)


def test_cells_that_are_changed_after_the_first_reading_are_not_selected_from(public, live):
    opened = live.resolve(TYPE_TABLE)
    table, everything = opened.facts.table(TYPE_TABLE), Selection(None, (None, None), None, None)
    opened.select(table, everything, limit=1)
    flip(public / "releases" / LATEST / "tables" / TYPE_TABLE / "cells.sqlite")
    with pytest.raises(ReleaseError, match="not the file"):
        opened.select(table, everything, limit=1)


def test_everything_signed_by_another_key_is_refused(public):
    with pytest.raises(ReleaseError):
        Catalogue(public, public_key_pem=public_key(OTHER_KEY)).snapshot()


def test_a_release_signed_by_another_key_is_not_opened(public, live):
    seal_release(public, "2022", key=OTHER_KEY)
    with pytest.raises(ReleaseError, match="signature"):
        live.resolve(TYPE_TABLE, LATEST)


def test_a_key_that_is_exchanged_while_the_site_runs_is_not_believed(public, live, clock):
    live.snapshot()
    (public / "keys/signing.pem").write_bytes(public_key(OTHER_KEY))
    seal_catalogue(public, 8, (), key=OTHER_KEY)
    clock.tick()
    assert live.snapshot().name == "c000007"
    assert live.public_key_pem == public_key(KEY)


def test_a_catalogue_that_does_not_verify_leaves_the_old_one_served(public, live, clock):
    live.snapshot()
    seal_catalogue(public, 8, ())
    flip(public / "catalogues/c000008/manifest.sig")
    clock.tick()
    assert live.snapshot().name == "c000007"
    seal_catalogue(public, 8, ())
    clock.tick()
    assert live.snapshot().name == "c000008"


def test_the_pointer_is_looked_at_once_a_second(public, live, clock):
    live.snapshot()
    seal_catalogue(public, 8, ())
    clock.seconds = 0.9
    assert live.snapshot().name == "c000007"
    clock.seconds = 1.0
    assert live.snapshot().name == "c000008"


def test_an_older_catalogue_put_back_is_refused(public, live, clock):
    seal_catalogue(public, 8, ())
    assert live.snapshot().name == "c000008"
    (public / "current").write_text("c000007\n")
    clock.tick()
    assert live.snapshot().name == "c000008"


@pytest.mark.parametrize(
    "pointer", ["", "../c000007", "c000007/../c000007", "/etc", "c000099", "c000007\nx", "\x00", "é"]
)
def test_a_pointer_that_names_no_catalogue_is_refused(public, pointer):
    (public / "current").write_text(pointer)
    with pytest.raises(ReleaseError):
        Catalogue(public).snapshot()


def test_a_catalogue_that_lies_under_another_name_is_refused(public):
    (public / "catalogues/c000007").rename(public / "catalogues/c000009")
    (public / "current").write_text("c000009\n")
    with pytest.raises(ReleaseError):
        Catalogue(public).snapshot()


def test_a_release_folder_given_as_a_catalogue_is_refused(public):
    files = {"catalogue.json": canonical_json({"tables": []}), "account.json": canonical_json(ACCOUNT)}
    made = manifest_of("release", "fk-x.2022.v1", files, "2023-02-15T07:00:00Z")
    seal(public, made, files)
    (public / "releases/fk-x.2022.v1").rename(public / "catalogues/c000008")
    (public / "current").write_text("c000008\n")
    with pytest.raises(ReleaseError):
        Catalogue(public).snapshot()


def test_a_release_that_a_link_leads_out_to_is_not_opened(public, live, tmp_path):
    outside = (public / "releases" / LATEST).rename(tmp_path / LATEST)
    os.symlink(outside, public / "releases" / LATEST)
    with pytest.raises(ReleaseError, match="leads out"):
        live.resolve(TYPE_TABLE, LATEST)


def test_a_file_that_a_link_leads_out_to_is_not_read(public, live, tmp_path):
    opened = live.resolve(TYPE_TABLE)
    path = public / "releases" / LATEST / "tables" / TYPE_TABLE / "data.csv"
    os.symlink(path.rename(tmp_path / "data.csv"), path)
    with pytest.raises(ReleaseError, match="leads out"):
        opened.folder.read(f"tables/{TYPE_TABLE}/data.csv")


def test_a_pointer_that_is_a_link_out_is_refused(public, tmp_path):
    os.symlink((public / "current").rename(tmp_path / "current"), public / "current")
    with pytest.raises(ReleaseError):
        Catalogue(public).snapshot()


@pytest.mark.parametrize("name", ["nothing", "../keys", "", "a/b", TYPE_TABLE.upper()])
def test_an_unknown_table_is_not_published(live, name):
    with pytest.raises(NotPublishedError):
        live.resolve(name)


@pytest.mark.parametrize("name", ["fk-sjukpenning.2023.v1", "../x", "", "fk-ersattning.2022.v2", LATEST.upper()])
def test_an_unknown_release_or_that_of_another_table_is_not_published(live, name):
    with pytest.raises(NotPublishedError):
        live.resolve(TYPE_TABLE, name)


def test_a_release_on_the_host_that_the_catalogue_does_not_list_is_not_published(public, live):
    seal_release(public, "2022", 2)
    with pytest.raises(NotPublishedError):
        live.resolve(TYPE_TABLE, "fk-sjukpenning.2022.v2")


def test_a_release_before_its_time_is_not_published_even_if_listed(public, clock):
    early = Catalogue(public, monotonic=clock, now=lambda: datetime(2023, 2, 15, 6, 59, 59, tzinfo=UTC))
    with pytest.raises(NotPublishedError):
        early.resolve(TYPE_TABLE, LATEST)
    assert early.resolve(TYPE_TABLE).facts.id == "fk-sjukpenning.2021.v1"


def test_a_withdrawn_release_gives_its_tombstone(live):
    with pytest.raises(WithdrawnError) as caught:
        live.resolve(REGSO_TABLE, "fk-ersattning.2022.v1")
    assert caught.value.entry.reason == "Fel indelning i områden"


def test_a_withdrawal_holds_from_the_next_look_on(public, live, clock):
    live.resolve(TYPE_TABLE, LATEST)
    made = [release(p) for p in ("2020", "2021", "2022")]
    taken = entry(made[2], status="withdrawn", reason="fel")
    listed = Listed(TYPE_TABLE, "fk-sjukpenning", made[1].id, (entry(made[0]), entry(made[1]), taken))
    seal_catalogue(public, 8, (listed,))
    clock.tick()
    with pytest.raises(WithdrawnError):
        live.resolve(TYPE_TABLE, LATEST)
    assert live.resolve(TYPE_TABLE).facts.id == made[1].id


def test_a_table_with_only_withdrawn_releases_gives_the_tombstone(public, live, clock):
    taken = entry(release("2022"), status="withdrawn", reason="fel")
    seal_catalogue(public, 8, (Listed(TYPE_TABLE, "fk-sjukpenning", None, (taken,)),))
    with pytest.raises(WithdrawnError):
        live.resolve(TYPE_TABLE)


def test_a_latest_release_that_does_not_verify_gives_way_to_the_one_before(public, live):
    flip(public / "releases" / LATEST / "release.json")
    assert live.resolve(TYPE_TABLE).facts.id == "fk-sjukpenning.2021.v1"


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t["tables"][0].update(latest="fk-sjukpenning.2025.v1"),
        lambda t: t["tables"][1].update(latest="fk-ersattning.2022.v1"),
        lambda t: t["tables"][0].update(table="../x"),
        lambda t: t["tables"][0].update(more=1),
        lambda t: t["tables"][0]["releases"][0].update(status="draft"),
        lambda t: t["tables"][0]["releases"][0].update(release="../../x"),
        lambda t: t["tables"][0]["releases"][0].update(version=2),
        lambda t: t["tables"].append(t["tables"][0]),
        lambda t: t.update(more=1),
    ],
)
def test_a_signed_catalogue_of_another_form_is_refused(public, change):
    obj = json.loads((public / "catalogues/c000007/catalogue.json").read_bytes())
    change(obj)
    files = {"catalogue.json": canonical_json(obj), "account.json": canonical_json(ACCOUNT)}
    seal(public, manifest_of("catalogue", "c000008", files, "2024-02-15T07:00:00Z"), files)
    (public / "current").write_text("c000008\n")
    with pytest.raises(ReleaseError):
        Catalogue(public).snapshot()


def test_a_catalogue_of_before_the_privacy_statement_is_still_read(public):
    later = ("mu", "true_positive_per_cent", "false_positive_per_cent")
    old = {k: v for k, v in ACCOUNT.items() if k not in later} | {
        name: [{k: v for k, v in entry.items() if k not in later} for entry in ACCOUNT[name]]
        for name in ("accounts", "lifetimes")
    }
    files = {"catalogue.json": canonical_json({"tables": []}), "account.json": canonical_json(old)}
    seal(public, manifest_of("catalogue", "c000008", files, "2024-02-15T07:00:00Z"), files)
    (public / "current").write_text("c000008\n")
    snapshot = Catalogue(public).snapshot()
    assert snapshot.account.accounts[0].mu == snapshot.account.lifetimes[0].true_positive_per_cent == ""
    assert snapshot.statement("sv", TYPE_TABLE) is None
    assert set(snapshot.files) == {"account.json", "manifest.json", "manifest.sig"}
    assert create_app(Catalogue(public)).test_client().get("/sv/privacy").status_code == 200


@pytest.mark.parametrize("name", ["mu", "true_positive_per_cent"])
def test_an_account_whose_meaning_is_no_number_is_refused(name):
    changed = {**ACCOUNT, "lifetimes": [{**ACCOUNT["lifetimes"][0], name: "much"}]}
    with pytest.raises(ReleaseError, match="not decimal text"):
        parse_account(canonical_json(changed))


def test_a_signed_catalogue_with_a_statement_of_another_form_is_refused(public):
    files = {
        "catalogue.json": canonical_json({"tables": []}),
        "account.json": canonical_json(ACCOUNT),
        "statement.sv.json": canonical_json(statement("en")),
    }
    seal(public, manifest_of("catalogue", "c000008", files, "2024-02-15T07:00:00Z"), files)
    (public / "current").write_text("c000008\n")
    with pytest.raises(ReleaseError, match="no catalogue has verified"):
        Catalogue(public).snapshot()


def test_a_folder_that_holds_nothing_is_refused(tmp_path):
    with pytest.raises(ReleaseError):
        Catalogue(tmp_path).snapshot()


def test_pages_of_a_selection_hold_each_row_once_and_whole(live):
    opened = live.resolve(REGSO_TABLE)
    table = opened.facts.table(REGSO_TABLE)
    kept = Selection(None, (None,), (2,), (0,))
    found, page = [], 1
    while True:
        rows = opened.page(table, kept, Layout("c0", page, 50)).rows
        if not rows:
            break
        found += rows
        page += 1
    assert [row[0].area for row in found] == [a.code for a in table.areas]
    assert all([c.categories[0] for c in row] == list(table.dimensions[0].codes) for row in found)


def test_sorting_by_a_value_keeps_levels_together_and_withheld_cells_last(live):
    opened = live.resolve(REGSO_TABLE)
    table = opened.facts.table(REGSO_TABLE)
    kept, layout = Selection(None, ((1,),), (2,), (0,)), Layout("c0", 1, 500, sort=1, descending=True)
    rows = [row[0] for row in opened.page(table, kept, layout).rows]
    regso = [c for c in rows if len(c.area) > 4]
    assert rows[-len(regso) :] == regso
    shown = [c.value for c in regso if c.value is not None]
    assert shown == sorted(shown, reverse=True)
    assert all(c.status is CellStatus.SUPPRESSED for c in regso[len(shown) :])


def test_a_selection_gives_published_cells_as_they_are(live):
    opened = live.resolve(TYPE_TABLE)
    table = opened.facts.table(TYPE_TABLE)
    published = set(rendered("2022", 1, "fk-sjukpenning")[0].tables[0].cells)
    chosen = opened.select(table, Selection((0, 5), (None, (0,)), None, None), limit=1000)
    assert len(chosen) == 2 * 3 * 3 * 2
    assert set(chosen) <= published


def test_a_table_that_its_release_does_not_hold_is_not_published(public, clock):
    made = release("2022")
    seal_catalogue(public, 8, (Listed("fk-annan", "fk-sjukpenning", made.id, (entry(made),)),))
    found = Catalogue(public, monotonic=clock, now=lambda: NOW)
    for named in (None, made.id):
        with pytest.raises(NotPublishedError):
            found.resolve("fk-annan", named)
