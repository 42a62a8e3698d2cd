"""Tables keep their rows however they are spread, and what else a rewrite takes is asked for."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from citus.database import permit
from citus.database.distributed_table import DistributedTableProvider
from citus.database.errors import ChangedSincePreview, StatementFailed
from citus.database.placements import PlacementsProvider, PlacementsSpec
from citus.database.provider import PLANNED_SQL
from citus.database.reference_table import ReferenceTableProvider
from citus.database.table import HASH, NONE, REFERENCE, SINGLE_SHARD, TableSpec
from citus.errors import Refused
from tests.live.database.place import Place
from tests.live.declared import Declared, RefusedInPreview
from tests.live.server_log import statements_of_plans

pytestmark = pytest.mark.live

FAMILY = """
    CREATE SCHEMA {name};
    CREATE TABLE {name}.companies (id bigint PRIMARY KEY, name text);
    CREATE TABLE {name}.ads (
        id bigint, company_id bigint NOT NULL REFERENCES {name}.companies (id),
        PRIMARY KEY (company_id, id));
    INSERT INTO {name}.companies SELECT i, 'company ' || i FROM generate_series(1, 40) i;
    INSERT INTO {name}.ads SELECT i, i FROM generate_series(1, 40) i;
"""


def companies(place: Place, **more: object) -> TableSpec:
    spec = TableSpec(place.endpoint, place.name, "companies", HASH, "id", 4, NONE)
    return replace(spec, **more)  # type: ignore[arg-type]


def ads(place: Place) -> TableSpec:
    other = f"{place.name}.companies"
    return TableSpec(place.endpoint, place.name, "ads", HASH, "company_id", None, other)


@pytest.fixture
def family(place: Place) -> tuple[Declared, Declared]:
    """Distribute companies, and ads beside it with a foreign key."""
    place.by_hand(FAMILY)
    first, second = Declared(DistributedTableProvider()), Declared(DistributedTableProvider())
    first.up(companies(place, followers=(f"{place.name}.ads",)))
    second.up(ads(place))
    return first, second


def rows(place: Place) -> tuple[object, ...]:
    [row] = place.by_hand(
        "SELECT count(*), sum(c.id), count(a.id) FROM {name}.companies c"
        " LEFT JOIN {name}.ads a ON a.company_id = c.id"
    )
    return row


def groups(place: Place, *tables: str) -> list[int]:
    """Give the tables' colocation groups."""
    found = place.by_hand(
        "SELECT relname, colocationid FROM pg_dist_partition JOIN pg_class ON oid = logicalrelid"
        " WHERE relnamespace = '{name}'::regnamespace"
    )
    return [dict(found)[table] for table in tables]


def test_a_larger_shard_count_takes_those_beside_it_along(
    place: Place, family: tuple[Declared, Declared]
) -> None:
    first, second = family
    before, larger = rows(place), companies(place, shard_count=8, followers=(f"{place.name}.ads",))
    first.refresh()
    shown = first.up(larger)
    assert "shard_count := 8, cascade_to_colocated := true)" in shown[0]
    assert rows(place) == before
    for resource, declared in ((first, larger), (second, ads(place))):
        resource.refresh()
        assert not resource.changes(declared)
        assert resource.preview(declared) == []
    counts = "SELECT count(*) FROM pg_dist_shard WHERE logicalrelid = '{name}.TABLE'::regclass"
    for table in ("companies", "ads"):
        assert place.by_hand(counts.replace("TABLE", table)) == [(8,)]


def test_a_table_that_joined_by_citus_choice_is_no_drift_and_stops_a_rewrite(
    place: Place, family: tuple[Declared, Declared], monkeypatch: pytest.MonkeyPatch
) -> None:
    """To rewrite the one alone would break joins with the other."""
    first, _ = family
    first.refresh()
    assert not first.changes(companies(place))
    with statements_of_plans(place.cluster, monkeypatch) as ran:
        with pytest.raises(RefusedInPreview) as refused:
            first.preview(companies(place, shard_count=8))
        first.outputs.pop("beside")
        first.inputs.pop("beside")
        with pytest.raises(Refused, match="by Citus' choice"):  # the preview didn't know yet
            first.up(companies(place, shard_count=8))
    assert ran.statements == []
    assert str(refused.value) == (
        f"table {place.name}.companies shares its shards with {place.name}.ads by Citus' choice: "
        "declare colocateWith there first, this table to change both, or none to part them"
    )


def test_a_follower_that_is_no_longer_declared_stays_where_it_is(
    place: Place, family: tuple[Declared, Declared]
) -> None:
    first, _ = family
    first.refresh()
    assert not first.changes(companies(place))
    assert len(set(groups(place, "companies", "ads"))) == 1


def test_no_stranger_with_as_many_shards_joins_a_table_that_stands_apart(
    place: Place, family: tuple[Declared, Declared]
) -> None:
    first, second = family
    place.by_hand("""CREATE TABLE {name}.stranger (id bigint);
        SELECT create_distributed_table('{name}.stranger', 'id', shard_count := 6)""")
    larger = companies(place, shard_count=6, followers=(f"{place.name}.ads",))
    first.refresh()
    first.up(larger)
    one, two, other = groups(place, "companies", "ads", "stranger")
    assert one == two != other
    for resource, declared in ((first, larger), (second, ads(place))):
        resource.refresh()
        assert resource.preview(declared) == []


def test_a_follower_that_was_parted_by_hand_comes_back_without_a_rewrite(
    place: Place, family: tuple[Declared, Declared], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, second = family
    place.by_hand("SELECT update_distributed_table_colocation('{name}.ads', 'none')")
    second.refresh()
    # The shards lie alike, or they don't: the preview can't know, and shows both.
    assert len(permit.statements(second.preview(ads(place)))) == 2
    with statements_of_plans(place.cluster, monkeypatch) as ran:
        second.up(ads(place))
    assert [s.split("(")[0] for s in ran.statements] == [
        "SELECT update_distributed_table_colocation"
    ]
    assert len(set(groups(place, "companies", "ads"))) == 1


def test_a_comment_is_lost_by_permit_only(place: Place, family: tuple[Declared, Declared]) -> None:
    first, _ = family
    place.by_hand("COMMENT ON TABLE {name}.companies IS 'who pays'")
    larger = companies(place, shard_count=8, followers=(f"{place.name}.ads",))
    first.refresh()
    planned = first.preview(larger)
    assert "DESTROYS DATA: rewrites" in planned[0]
    assert f"loses the comment on table {place.name}.companies" in planned[0]
    with pytest.raises(Refused, match="allowDataLoss"):
        first.up(larger)
    assert groups(place, "companies") == groups(place, "ads")
    first.provider.permits = (planned[-1].split()[-1],)  # type: ignore[attr-defined]
    first.up(larger)
    assert rows(place) == (40, 820, 40)


def test_a_comment_that_came_after_the_preview_stops_the_rewrite(
    place: Place, family: tuple[Declared, Declared]
) -> None:
    first, _ = family
    first.refresh()
    checked = first.check(companies(place, shard_count=8, followers=(f"{place.name}.ads",)))
    assert "DESTROYS" not in "".join(checked[PLANNED_SQL])
    place.by_hand("COMMENT ON COLUMN {name}.ads.id IS 'counted'")
    with pytest.raises(Exception, match="preview again"):
        first.run(checked)


@pytest.mark.parametrize(
    ("one", "other"),
    [(HASH, REFERENCE), (REFERENCE, HASH), (HASH, SINGLE_SHARD), (SINGLE_SHARD, REFERENCE)],
)
def test_every_row_stays_when_a_table_is_spread_in_another_way(
    one: str, other: str, place: Place
) -> None:
    place.by_hand("""CREATE SCHEMA {name}; CREATE TABLE {name}.t (id bigint PRIMARY KEY);
        INSERT INTO {name}.t SELECT generate_series(1, 100)""")
    resource = Declared(ReferenceTableProvider())
    for distribution in (one, other, one):
        column = "id" if distribution == HASH else ""
        declared = TableSpec(place.endpoint, place.name, "t", distribution, column)
        resource.up(declared)
        assert place.by_hand("SELECT count(*), sum(id) FROM {name}.t") == [(100, 5050)]
        resource.refresh()
        assert not resource.changes(declared)


def test_a_table_that_no_file_has_made_is_named(place: Place) -> None:
    place.by_hand("CREATE SCHEMA {name}")
    with pytest.raises(Refused) as refused:
        Declared(DistributedTableProvider()).up(companies(place))
    assert str(refused.value) == (
        f"table {place.name}.companies does not exist: "
        f"a file in sql/{place.name}/ has to make it first"
    )


def test_what_citus_refuses_is_told_as_psql_does(place: Place) -> None:
    place.by_hand("CREATE SCHEMA {name}; CREATE TABLE {name}.companies (id bigint, u int UNIQUE)")
    with pytest.raises(StatementFailed) as failed:
        Declared(DistributedTableProvider()).up(companies(place))
    said = str(failed.value).splitlines()
    assert said[0].startswith(f"table {place.name}.companies: cannot create constraint on ")
    assert said[1].startswith("DETAIL: ")
    assert said[-1].startswith("STATEMENT: SELECT create_distributed_table(")


def test_a_table_that_exists_otherwise_is_adopted_once_it_is_declared_so(place: Place) -> None:
    place.by_hand(
        FAMILY + "SELECT create_distributed_table('{name}.companies', 'id', shard_count := 9,"
        " colocate_with := 'none')"
    )
    resource = Declared(DistributedTableProvider())
    with pytest.raises(ChangedSincePreview, match="its shard_count is 9: declare it so first"):
        resource.up(companies(place, shard_count=4))
    assert resource.up(companies(place, shard_count=9))
    assert resource.outputs["colocation_id"]


def test_an_identity_column_is_told_of_before_it_is_in_the_way(place: Place) -> None:
    place.by_hand("""CREATE SCHEMA {name};
        CREATE TABLE {name}.companies (id bigint GENERATED ALWAYS AS IDENTITY)""")
    resource = Declared(DistributedTableProvider())
    resource.up(companies(place))
    with pytest.raises(StatementFailed, match="identity column"):
        resource.up(companies(place, shard_count=8))


def test_placements_count_the_shards_of_each_table_on_each_node(place: Place) -> None:
    place.by_hand(FAMILY)
    Declared(DistributedTableProvider()).up(companies(place, shard_count=6))
    resource = Declared(PlacementsProvider())
    resource.up(PlacementsSpec(place.endpoint, {"a table": "now"}))
    table = f"{place.name}.companies"
    shards = {
        node: tables[table]
        for node, tables in resource.outputs["shards"].items()
        if table in tables
    }
    assert shards == {str(worker.address): 2 for worker in place.cluster.workers}
    resource.refresh()
    assert not resource.changes(PlacementsSpec(place.endpoint, {"a table": "now"}))
    assert resource.changes(PlacementsSpec(place.endpoint, {"a table": "later"}))


@pytest.mark.real_only("the stand-in has no logical replication of shards")
def test_writes_go_on_while_a_table_is_distributed_concurrently(place: Place) -> None:
    place.by_hand(FAMILY + "ALTER TABLE {name}.ads DROP CONSTRAINT ads_company_id_fkey")
    written: list[int] = []
    ended = threading.Event()

    def write() -> None:
        with place.cluster.connect() as session:
            while not ended.is_set():
                number = 1000 + len(written)
                session.execute(f"INSERT INTO {place.name}.companies VALUES ({number})".encode())
                written.append(number)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        Declared(DistributedTableProvider()).up(companies(place, concurrently=True))
    finally:
        ended.set()
        writer.join()
    assert written
    assert place.by_hand("SELECT count(*) FROM {name}.companies") == [(40 + len(written),)]
