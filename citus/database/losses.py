"""What goes with an object, beside the rows: asked of ``pg_depend``, as ``CASCADE`` does.

A rewrite (``alter_distributed_table``, ``undistribute_table``) makes a new table and drops the old
one with all that depends on it. Citus makes the table's own indexes, constraints, triggers,
policies, statistics and grants anew, and the views over it as they were defined. What else there
is, is lost: it is found here by what it depends on, and not by a list of kinds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from citus.database.executor import Database

_OF_REWRITE = """
WITH RECURSIVE rewritten AS (
    SELECT unnest(%s::text[])::regclass::oid AS oid
), reached(classid, objid, objsubid) AS (
    SELECT 'pg_class'::regclass::oid, oid, 0 FROM rewritten
    UNION
    SELECT next.classid, next.objid, next.objsubid FROM reached r CROSS JOIN LATERAL (
        -- what needs it, where that is no part of a table that is made anew
        SELECT d.classid, d.objid, d.objsubid FROM pg_depend d
        WHERE d.refclassid = r.classid AND d.refobjid = r.objid AND d.deptype = 'n'
          AND (r.objsubid = 0 OR d.refobjsubid = r.objsubid)
        -- its row type, and arrays of that
        UNION ALL SELECT 'pg_type'::regclass, unnest(ARRAY[t.oid, t.typarray]), 0 FROM pg_type t
        WHERE r.classid = 'pg_class'::regclass AND r.objsubid = 0 AND t.typrelid = r.objid
        -- the view of a view's rule
        UNION ALL SELECT 'pg_class'::regclass, w.ev_class, 0 FROM pg_rewrite w
        WHERE r.classid = 'pg_rewrite'::regclass AND w.oid = r.objid AND w.rulename = '_RETURN'
    ) AS next WHERE next.objid <> 0
), views AS (
    SELECT c.oid, c.relacl FROM reached JOIN pg_class c ON c.oid = objid
    WHERE classid = 'pg_class'::regclass AND objsubid = 0 AND c.relkind IN ('v', 'm')
), own AS (
    SELECT 'pg_class'::regclass::oid AS classid, oid AS objid, 'r' AS part FROM rewritten
    UNION SELECT 'pg_class'::regclass, oid, 'v' FROM views
    UNION SELECT d.classid, d.objid, CASE WHEN v.oid IS NULL THEN 'r' ELSE 'v' END
    FROM pg_depend d LEFT JOIN views v ON v.oid = d.refobjid
    WHERE d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
      AND (v.oid IS NOT NULL OR d.refobjid IN (SELECT oid FROM rewritten))
)
SELECT DISTINCT pg_describe_object(r.classid, r.objid, r.objsubid) FROM reached r
LEFT JOIN pg_rewrite w ON r.classid = 'pg_rewrite'::regclass AND w.oid = r.objid
WHERE NOT (r.classid = 'pg_class'::regclass AND r.objsubid = 0
           AND (r.objid IN (SELECT oid FROM rewritten) OR r.objid IN (SELECT oid FROM views)))
  AND NOT (r.classid = 'pg_type'::regclass AND r.objid IN (
      SELECT unnest(ARRAY[t.oid, t.typarray]) FROM pg_type t
      WHERE t.typrelid IN (SELECT oid FROM rewritten UNION SELECT oid FROM views)))
  AND w.rulename IS DISTINCT FROM '_RETURN'
  AND NOT EXISTS (SELECT FROM own o WHERE (o.classid, o.objid, o.part) = (r.classid, r.objid, 'r'))
UNION
SELECT pg_describe_object(o.classid, o.objid, 0) FROM own o
LEFT JOIN pg_rewrite w ON o.classid = 'pg_rewrite'::regclass AND w.oid = o.objid
WHERE o.part = 'v' AND o.objid NOT IN (SELECT oid FROM views)
  AND o.classid <> 'pg_type'::regclass AND w.rulename IS DISTINCT FROM '_RETURN'
  AND NOT EXISTS (SELECT FROM pg_class t WHERE t.oid = o.objid AND t.relkind = 't')
UNION
SELECT 'the comment on ' || pg_describe_object(c.classoid, c.objoid, c.objsubid)
FROM pg_description c JOIN own o ON o.classid = c.classoid AND o.objid = c.objoid
UNION
SELECT 'the grants on ' || pg_describe_object('pg_class'::regclass, oid, 0) FROM views
WHERE relacl IS NOT NULL
ORDER BY 1"""

# Everything that DROP SCHEMA … CASCADE would take and that is no part of the schema.
_OUTSIDE = """
WITH RECURSIVE taken(classid, objid, objsubid) AS (
    SELECT 'pg_namespace'::regclass::oid, oid, 0 FROM pg_namespace WHERE nspname = %s
    UNION
    SELECT next.classid, next.objid, next.objsubid FROM taken t CROSS JOIN LATERAL (
        SELECT d.classid, d.objid, d.objsubid FROM pg_depend d
        WHERE d.refclassid = t.classid AND d.refobjid = t.objid AND d.deptype IN ('n', 'a', 'i')
          AND (t.objsubid = 0 OR d.refobjsubid = t.objsubid)
        UNION ALL SELECT 'pg_class'::regclass, w.ev_class, 0 FROM pg_rewrite w
        WHERE t.classid = 'pg_rewrite'::regclass AND w.oid = t.objid AND w.rulename = '_RETURN'
    ) AS next
), placed AS (
    SELECT taken.*, coalesce(relation.relnamespace, (
        SELECT n.oid FROM pg_namespace n
        WHERE n.nspname = (pg_identify_object(classid, objid, objsubid)).schema)) AS namespace
    FROM taken LEFT JOIN LATERAL (
        SELECT c.relnamespace FROM pg_class c WHERE c.oid = coalesce(
            (SELECT conrelid FROM pg_constraint WHERE classid = 'pg_constraint'::regclass
                AND oid = objid),
            (SELECT tgrelid FROM pg_trigger WHERE classid = 'pg_trigger'::regclass
                AND oid = objid),
            (SELECT polrelid FROM pg_policy WHERE classid = 'pg_policy'::regclass
                AND oid = objid),
            (SELECT ev_class FROM pg_rewrite WHERE classid = 'pg_rewrite'::regclass
                AND oid = objid),
            (SELECT adrelid FROM pg_attrdef WHERE classid = 'pg_attrdef'::regclass
                AND oid = objid))
    ) AS relation ON true
)
SELECT DISTINCT pg_describe_object(classid, objid, objsubid) FROM placed
WHERE namespace <> (SELECT oid FROM pg_namespace WHERE nspname = %s)
  AND NOT EXISTS (SELECT FROM pg_rewrite w WHERE classid = 'pg_rewrite'::regclass
                  AND w.oid = objid AND w.rulename = '_RETURN')
  AND classid <> 'pg_type'::regclass
  AND namespace::regnamespace::text NOT IN ('pg_toast', 'pg_catalog')
ORDER BY 1"""


def of_rewrite(database: Database, tables: list[str]) -> tuple[str, ...]:
    """Name what is lost when *tables*, as SQL names them, are rewritten together."""
    return _texts(database.rows(_OF_REWRITE, tables))


def of_drop(database: Database, schema: str) -> tuple[str, ...]:
    """Name what ``DROP SCHEMA … CASCADE`` would take outside the schema."""
    return _texts(database.rows(_OUTSIDE, schema, schema))


def told(loses: tuple[str, ...]) -> str:
    """End the why of a statement with what it loses, if anything."""
    return f"; loses {', '.join(loses)}" if loses else ""


def _texts(rows: list[tuple[str]]) -> tuple[str, ...]:
    return tuple(str(row[0]) for row in rows)
