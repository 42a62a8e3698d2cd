-- The stand-in for Citus, in SQL for PostgreSQL 18: the boundary is the table in ../README.md.
--
-- Sections
--   1  schemas and types
--   2  catalogues
--   3  who calls, and on which node
--   4  connections to other nodes
--   5  running a command on nodes
--   6  roles: what Citus propagates when they change, sent before they are needed
--   7  nodes: what every node knows of the cluster
--   8  nodes: functions for users
--   9  health of connections
--  10  tables: what they are
--  11  tables: colocation groups and where shards are
--  12  tables: what may be distributed
--  13  tables: into the catalogues and out
--  14  local tables that a reference table pulls in
--  15  tables: functions for users
--  16  distributed schemas: which tables may be in one
--  17  distributed schemas: functions for users
--  18  moves of shards
--  19  event triggers
--  20  views
--  21  permissions
--
-- Functions that write a catalogue or connect as the superuser are SECURITY DEFINER with a
-- fixed search_path; each checks the rights of the role that calls it, as Citus does.

\echo Use "CREATE EXTENSION citus" to load this file. \quit


-- 1  schemas and types ---------------------------------------------------------------------

-- Tables can't be created in pg_catalog, but they can be moved there: they are born in `citus`.
CREATE SCHEMA citus;

-- Nobody but the superuser may look into `citus_internal`: its functions check nothing.
CREATE SCHEMA citus_internal;

CREATE TYPE citus.noderole AS ENUM ('primary', 'secondary', 'unavailable');
ALTER TYPE citus.noderole SET SCHEMA pg_catalog;
CREATE TYPE citus.distribution_type AS ENUM ('hash', 'range', 'append');
CREATE TYPE citus.shard_transfer_mode AS ENUM ('auto', 'force_logical', 'block_writes');


-- 2  catalogues ----------------------------------------------------------------------------
-- Columns, types, defaults, indexes and their names as in Citus.

CREATE SEQUENCE citus.pg_dist_groupid_seq MAXVALUE 4294967296;
CREATE SEQUENCE citus.pg_dist_node_nodeid_seq MAXVALUE 4294967296;
CREATE SEQUENCE citus.pg_dist_colocationid_seq MAXVALUE 4294967296;
CREATE SEQUENCE citus.pg_dist_shardid_seq START 102008;
CREATE SEQUENCE citus.pg_dist_placement_placementid_seq;

CREATE TABLE citus.pg_dist_local_group (groupid int NOT NULL PRIMARY KEY);
INSERT INTO citus.pg_dist_local_group VALUES (0);

CREATE TABLE citus.pg_dist_node (
    nodeid int NOT NULL DEFAULT nextval('citus.pg_dist_node_nodeid_seq') PRIMARY KEY,
    groupid int NOT NULL DEFAULT nextval('citus.pg_dist_groupid_seq'),
    nodename text NOT NULL,
    nodeport int NOT NULL DEFAULT 5432,
    noderack text NOT NULL DEFAULT 'default',
    hasmetadata bool NOT NULL DEFAULT false,
    isactive bool NOT NULL DEFAULT true,
    noderole noderole NOT NULL DEFAULT 'primary',
    nodecluster name NOT NULL DEFAULT 'default',
    metadatasynced bool DEFAULT false,
    shouldhaveshards bool NOT NULL DEFAULT true,
    UNIQUE (nodename, nodeport),
    CONSTRAINT primaries_are_only_allowed_in_the_default_cluster
        CHECK (NOT (nodecluster <> 'default' AND noderole = 'primary'))
);

CREATE TABLE citus.pg_dist_schema (
    schemaid oid NOT NULL PRIMARY KEY,
    colocationid int NOT NULL,
    CONSTRAINT pg_dist_schema_unique_colocationid_index UNIQUE (colocationid)
);

CREATE TABLE citus.pg_dist_colocation (
    colocationid int NOT NULL PRIMARY KEY,
    shardcount int NOT NULL,
    replicationfactor int NOT NULL,
    distributioncolumntype oid NOT NULL,
    distributioncolumncollation oid NOT NULL
);
CREATE INDEX pg_dist_colocation_configuration_index ON citus.pg_dist_colocation
    (distributioncolumntype, shardcount, replicationfactor, distributioncolumncollation);

CREATE TABLE citus.pg_dist_partition (
    logicalrelid regclass NOT NULL,
    partmethod "char" NOT NULL,
    partkey text,
    colocationid int NOT NULL DEFAULT 0,
    repmodel "char" NOT NULL DEFAULT 'c',
    autoconverted bool DEFAULT false
);
CREATE UNIQUE INDEX pg_dist_partition_logical_relid_index
    ON citus.pg_dist_partition (logicalrelid);
CREATE INDEX pg_dist_partition_colocationid_index ON citus.pg_dist_partition (colocationid);

CREATE TABLE citus.pg_dist_shard (
    logicalrelid regclass NOT NULL,
    shardid bigint NOT NULL,
    shardstorage "char" NOT NULL,
    shardminvalue text,
    shardmaxvalue text
);
CREATE UNIQUE INDEX pg_dist_shard_shardid_index ON citus.pg_dist_shard (shardid);
CREATE INDEX pg_dist_shard_logical_relid_index ON citus.pg_dist_shard (logicalrelid);

CREATE TABLE citus.pg_dist_placement (
    placementid bigint NOT NULL DEFAULT nextval('citus.pg_dist_placement_placementid_seq'),
    shardid bigint NOT NULL,
    shardstate int NOT NULL,
    shardlength bigint NOT NULL,
    groupid int NOT NULL,
    CONSTRAINT placement_shardid_groupid_unique_index UNIQUE (shardid, groupid)
);
CREATE UNIQUE INDEX pg_dist_placement_placementid_index ON citus.pg_dist_placement (placementid);
CREATE INDEX pg_dist_placement_shardid_index ON citus.pg_dist_placement (shardid);
CREATE INDEX pg_dist_placement_groupid_index ON citus.pg_dist_placement (groupid);

-- Passwords stand here in plain text, as in Citus: only a superuser may read them.
CREATE FUNCTION pg_catalog.role_exists(name) RETURNS boolean
    LANGUAGE sql STABLE STRICT
    AS $$ SELECT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = $1) $$;

CREATE FUNCTION pg_catalog.authinfo_valid(text) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT
    AS $$
        SELECT $1 ~ ('^\s*((password|sslcert|sslkey)\s*=\s*'
                     '(''([^''\\]|\\.)*''|([^''\s\\]|\\.)([^\s\\]|\\.)*|(?=\s|$))(\s+|$))*$')
    $$;

CREATE TABLE citus.pg_dist_authinfo (
    nodeid int NOT NULL,
    rolename name NOT NULL CONSTRAINT role_exists CHECK (role_exists(rolename)),
    authinfo text NOT NULL CONSTRAINT authinfo_valid CHECK (authinfo_valid(authinfo))
);
CREATE UNIQUE INDEX pg_dist_authinfo_identification_index
    ON citus.pg_dist_authinfo (rolename, nodeid DESC);

-- Moves of shards leave nothing behind here, and run at once.
CREATE TABLE citus.pg_dist_cleanup (
    record_id bigint NOT NULL PRIMARY KEY,
    operation_id bigint NOT NULL,
    object_type int NOT NULL,
    object_name text NOT NULL,
    node_group_id int NOT NULL,
    policy_type int NOT NULL
);
CREATE TYPE citus.citus_job_status AS ENUM (
    'scheduled', 'running', 'finished', 'cancelling', 'cancelled', 'failing', 'failed');
ALTER TYPE citus.citus_job_status SET SCHEMA pg_catalog;
CREATE TYPE citus.citus_task_status AS ENUM (
    'blocked', 'runnable', 'running', 'done', 'cancelling', 'error', 'unscheduled', 'cancelled');
ALTER TYPE citus.citus_task_status SET SCHEMA pg_catalog;
CREATE TABLE citus.pg_dist_background_job (
    job_id bigserial PRIMARY KEY,
    state citus_job_status NOT NULL DEFAULT 'scheduled',
    job_type name NOT NULL,
    description text NOT NULL,
    started_at timestamptz,
    finished_at timestamptz
);
CREATE TABLE citus.pg_dist_background_task (
    job_id bigint NOT NULL REFERENCES citus.pg_dist_background_job,
    task_id bigserial PRIMARY KEY,
    owner regrole NOT NULL DEFAULT current_user::regrole,
    pid int,
    status citus_task_status NOT NULL DEFAULT 'runnable',
    command text NOT NULL,
    retry_count int,
    not_before timestamptz,
    message text NOT NULL DEFAULT '',
    nodes_involved int[],
    UNIQUE (job_id, task_id)
);

CREATE TABLE citus.pg_dist_rebalance_strategy (
    name name NOT NULL PRIMARY KEY,
    default_strategy boolean NOT NULL DEFAULT false,
    default_threshold float4 NOT NULL,
    minimum_threshold float4 NOT NULL DEFAULT 0,
    improvement_threshold float4 NOT NULL DEFAULT 0
);
INSERT INTO citus.pg_dist_rebalance_strategy VALUES
    ('by_shard_count', false, 0, 0, 0), ('by_disk_size', true, 0.1, 0.01, 0.5);

-- The stand-in's own: which roles each node was last told of.
CREATE TABLE citus_internal.told_roles (
    nodeid int PRIMARY KEY,
    digest text NOT NULL,
    names name[] NOT NULL
);

GRANT SELECT ON citus.pg_dist_local_group, citus.pg_dist_node, citus.pg_dist_schema,
    citus.pg_dist_colocation, citus.pg_dist_partition, citus.pg_dist_shard,
    citus.pg_dist_placement, citus.pg_dist_cleanup, citus.pg_dist_background_job,
    citus.pg_dist_background_task, citus.pg_dist_rebalance_strategy TO PUBLIC;
GRANT SELECT ON citus.pg_dist_groupid_seq, citus.pg_dist_node_nodeid_seq,
    citus.pg_dist_colocationid_seq, citus.pg_dist_shardid_seq,
    citus.pg_dist_placement_placementid_seq TO PUBLIC;

ALTER TABLE citus.pg_dist_local_group SET SCHEMA pg_catalog;
ALTER TABLE citus.pg_dist_node SET SCHEMA pg_catalog;
ALTER TABLE citus.pg_dist_schema SET SCHEMA pg_catalog;
ALTER TABLE citus.pg_dist_colocation SET SCHEMA pg_catalog;
ALTER TABLE citus.pg_dist_partition SET SCHEMA pg_catalog;
ALTER TABLE citus.pg_dist_shard SET SCHEMA pg_catalog;
ALTER TABLE citus.pg_dist_placement SET SCHEMA pg_catalog;
ALTER TABLE citus.pg_dist_authinfo SET SCHEMA pg_catalog;
ALTER TABLE citus.pg_dist_cleanup SET SCHEMA pg_catalog;
ALTER TABLE citus.pg_dist_background_job SET SCHEMA pg_catalog;
ALTER TABLE citus.pg_dist_background_task SET SCHEMA pg_catalog;
ALTER TABLE citus.pg_dist_rebalance_strategy SET SCHEMA pg_catalog;
ALTER SEQUENCE citus.pg_dist_groupid_seq SET SCHEMA pg_catalog;
ALTER SEQUENCE citus.pg_dist_node_nodeid_seq SET SCHEMA pg_catalog;
ALTER SEQUENCE citus.pg_dist_colocationid_seq SET SCHEMA pg_catalog;
ALTER SEQUENCE citus.pg_dist_shardid_seq SET SCHEMA pg_catalog;
ALTER SEQUENCE citus.pg_dist_placement_placementid_seq SET SCHEMA pg_catalog;


-- 3  who calls, and on which node ----------------------------------------------------------

CREATE FUNCTION pg_catalog.citus_version() RETURNS text
    LANGUAGE sql STABLE STRICT
    AS $$
        SELECT 'Citus 13.0-standin: catalogues and functions only, every row stays on the '
            || 'coordinator, PostgreSQL ' || pg_catalog.current_setting('server_version')
    $$;

CREATE FUNCTION pg_catalog.citus_is_coordinator() RETURNS boolean
    LANGUAGE sql STRICT
    AS $$ SELECT groupid = 0 FROM pg_catalog.pg_dist_local_group $$;

-- Inside a SECURITY DEFINER function current_user is the function's owner.
CREATE FUNCTION citus_internal.caller() RETURNS name
    LANGUAGE sql STABLE
    AS $$
        SELECT CASE pg_catalog.current_setting('role')
            WHEN 'none' THEN session_user
            ELSE pg_catalog.current_setting('role')::name
        END
    $$;

CREATE FUNCTION citus_internal.ensure_coordinator() RETURNS void
    LANGUAGE plpgsql
    AS $$
    BEGIN
        IF NOT pg_catalog.citus_is_coordinator() THEN
            RAISE EXCEPTION 'operation is not allowed on this node' USING
                ERRCODE = 'XX000',
                HINT = 'Connect to the coordinator and run it again.';
        END IF;
    END
    $$;

CREATE FUNCTION citus_internal.ensure_superuser() RETURNS void
    LANGUAGE plpgsql
    AS $$
    BEGIN
        IF NOT (SELECT rolsuper FROM pg_catalog.pg_roles
                WHERE rolname = citus_internal.caller()) THEN
            RAISE EXCEPTION 'operation is not allowed' USING
                ERRCODE = 'XX000',
                HINT = 'Run the command with a superuser.';
        END IF;
    END
    $$;


-- 4  connections to other nodes ------------------------------------------------------------
-- The library of dblink is bound here once more, out of everybody's reach: the extension
-- dblink itself need not be there, and may be, in any schema.

CREATE FUNCTION citus_internal.dblink_connect(text, text) RETURNS text
    LANGUAGE c STRICT AS '$libdir/dblink', 'dblink_connect';
CREATE FUNCTION citus_internal.dblink_disconnect(text) RETURNS text
    LANGUAGE c STRICT AS '$libdir/dblink', 'dblink_disconnect';
CREATE FUNCTION citus_internal.dblink_get_connections() RETURNS text[]
    LANGUAGE c AS '$libdir/dblink', 'dblink_get_connections';
CREATE FUNCTION citus_internal.dblink(text, text) RETURNS SETOF record
    LANGUAGE c STRICT AS '$libdir/dblink', 'dblink_record';
CREATE FUNCTION citus_internal.dblink_send_query(text, text) RETURNS int
    LANGUAGE c STRICT AS '$libdir/dblink', 'dblink_send_query';
CREATE FUNCTION citus_internal.dblink_get_result(text) RETURNS SETOF record
    LANGUAGE c STRICT AS '$libdir/dblink', 'dblink_get_result';

-- A short name, because dblink cuts a long one off.
CREATE FUNCTION citus_internal.connection_name(host text, port int) RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $$ SELECT 'citus_' || pg_catalog.md5(host || ':' || port) $$;

CREATE FUNCTION citus_internal.conninfo_quote(text) RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $$ SELECT '''' || pg_catalog.regexp_replace($1, '([\\''])', '\\\1', 'g') || '''' $$;

-- The password comes from pg_dist_authinfo where that has one (a row for the node beats the
-- row 0 for all), else from the server's password file.
CREATE FUNCTION citus_internal.conninfo(host text, port int, as_role name, options text)
    RETURNS text
    LANGUAGE sql STABLE
    AS $$
        SELECT pg_catalog.format(
            'host=%s port=%s dbname=%s user=%s connect_timeout=30 application_name=%s '
            'options=%s %s',
            citus_internal.conninfo_quote(host), port,
            citus_internal.conninfo_quote(pg_catalog.current_database()),
            citus_internal.conninfo_quote(as_role),
            citus_internal.conninfo_quote(
                'citus_run_command gpid=' || pg_catalog.pg_backend_pid()),
            citus_internal.conninfo_quote(options),
            (SELECT a.authinfo FROM pg_catalog.pg_dist_authinfo a
             WHERE a.rolename = as_role AND a.nodeid IN (0, (
                 SELECT n.nodeid FROM pg_catalog.pg_dist_node n
                 WHERE n.nodename = host AND n.nodeport = port))
             ORDER BY a.nodeid DESC LIMIT 1))
    $$;

CREATE FUNCTION citus_internal.close(host text, port int) RETURNS void
    LANGUAGE plpgsql
    AS $$
    DECLARE
        connection text := citus_internal.connection_name(host, port);
    BEGIN
        IF connection = ANY (citus_internal.dblink_get_connections()) THEN
            PERFORM citus_internal.dblink_disconnect(connection);
        END IF;
    END
    $$;

-- Opens the connection to a node. Answers NULL, or why it can't, as Citus words it: without
-- the address that libpq puts before it.
CREATE FUNCTION citus_internal.open(
    host text, port int, as_role name, options text DEFAULT '') RETURNS text
    LANGUAGE plpgsql
    AS $$
    DECLARE
        reason text;
    BEGIN
        PERFORM citus_internal.close(host, port);
        PERFORM citus_internal.dblink_connect(
            citus_internal.connection_name(host, port),
            citus_internal.conninfo(host, port, as_role, options));
        RETURN NULL;
    EXCEPTION WHEN sqlclient_unable_to_establish_sqlconnection THEN
        GET STACKED DIAGNOSTICS reason = PG_EXCEPTION_DETAIL;
        RETURN regexp_replace(
            rtrim(reason, E'\n'), '^connection to server at [^\n]*? failed: ', '', 'n');
    END
    $$;

CREATE FUNCTION citus_internal.unreachable(host text, port int, as_role name, reason text)
    RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $$
        SELECT pg_catalog.format(
            'connection to the remote node %s@%s:%s failed with the following error: %s',
            as_role, host, port, reason)
    $$;

-- One query on one node as the superuser; a node that can't be reached is an error. The query
-- may carry verifiers of passwords: the node logs neither it nor where it fails.
CREATE FUNCTION citus_internal.ask(host text, port int, query text) RETURNS text
    LANGUAGE plpgsql
    AS $$
    DECLARE
        reason text := citus_internal.open(host, port, current_user,
            '-c log_statement=none -c log_min_duration_statement=-1 '
            '-c log_min_error_statement=panic -c log_error_verbosity=terse');
        answer text;
    BEGIN
        IF reason IS NOT NULL THEN
            RAISE EXCEPTION '%', citus_internal.unreachable(host, port, current_user, reason)
                USING ERRCODE = '08006';
        END IF;
        SELECT a INTO answer FROM citus_internal.dblink(
            citus_internal.connection_name(host, port), query) AS r (a text);
        PERFORM citus_internal.close(host, port);
        RETURN answer;
    END
    $$;


-- 5  running a command on nodes ------------------------------------------------------------

-- The answer to a command that was sent: one value, or the first line of the error.
CREATE FUNCTION citus_internal.collect(
    connection text, OUT success boolean, OUT result text)
    LANGUAGE plpgsql
    AS $$
    DECLARE
        answers text[];
    BEGIN
        SELECT array_agg(a) INTO answers
            FROM citus_internal.dblink_get_result(connection) AS r (a text);
        success := coalesce(cardinality(answers), 0) <= 1;
        result := CASE WHEN success THEN coalesce(answers[1], '')
                       ELSE 'expected a single row in query result' END;
    EXCEPTION
        WHEN datatype_mismatch THEN
            success := false;
            result := CASE
                WHEN SQLERRM = 'remote query result rowtype does not match '
                               'the specified FROM clause rowtype'
                THEN 'expected a single column in query target'
                ELSE 'ERROR:  ' || split_part(SQLERRM, E'\n', 1) END;
        WHEN OTHERS THEN
            success := false;
            result := CASE SQLERRM
                WHEN 'could not obtain message string for remote error' THEN ''
                ELSE 'ERROR:  ' || split_part(SQLERRM, E'\n', 1) END;
    END
    $$;

-- Waits for what else a command of several statements does; only its first result counts.
CREATE FUNCTION citus_internal.drain(connection text) RETURNS void
    LANGUAGE plpgsql
    AS $$
    BEGIN
        WHILE EXISTS (SELECT FROM citus_internal.dblink_get_result(connection) AS r (a text))
        LOOP END LOOP;
    EXCEPTION WHEN OTHERS THEN
        RETURN;
    END
    $$;

-- Sends the command to all nodes before it waits for the first (parallel), or to one after
-- the other.
CREATE FUNCTION citus_internal.run(
    hosts text[], ports int[], command text, parallel boolean, as_role name)
    RETURNS TABLE (host text, port int, success boolean, result text)
    LANGUAGE plpgsql
    AS $$
    DECLARE
        total int := coalesce(cardinality(hosts), 0);
        batch int := CASE WHEN parallel THEN greatest(total, 1) ELSE 1 END;
        reasons text[];
        connection text;
    BEGIN
        FOR start IN 1 .. total BY batch LOOP
            FOR i IN start .. start + batch - 1 LOOP
                reasons[i] := citus_internal.open(hosts[i], ports[i], as_role);
                IF reasons[i] IS NULL AND command <> '' THEN
                    PERFORM citus_internal.dblink_send_query(
                        citus_internal.connection_name(hosts[i], ports[i]), command);
                END IF;
            END LOOP;
            FOR i IN start .. start + batch - 1 LOOP
                host := hosts[i];
                port := ports[i];
                connection := citus_internal.connection_name(host, port);
                IF reasons[i] IS NOT NULL THEN
                    success := false;
                    result := format('failed to connect to %s:%s', host, port);
                ELSIF command = '' THEN
                    success := false;
                    result := '';
                ELSE
                    SELECT c.success, c.result INTO success, result
                        FROM citus_internal.collect(connection) AS c;
                    PERFORM citus_internal.drain(connection);
                END IF;
                PERFORM citus_internal.close(host, port);
                RETURN NEXT;
            END LOOP;
        END LOOP;
    END
    $$;

-- The node that this server is by its own account, when the catalogue doesn't have it.
CREATE FUNCTION citus_internal.local_host() RETURNS text
    LANGUAGE sql STABLE
    AS $$
        SELECT coalesce(
            nullif(pg_catalog.current_setting('citus.local_hostname', true), ''), 'localhost')
    $$;

CREATE FUNCTION citus_internal.active_nodes()
    RETURNS TABLE (nodeid int, groupid int, nodename text, nodeport int)
    LANGUAGE sql STABLE
    AS $$
        SELECT nodeid, groupid, nodename, nodeport FROM pg_catalog.pg_dist_node
        WHERE isactive AND noderole = 'primary' AND nodecluster = 'default'
        ORDER BY nodename COLLATE "C", nodeport
    $$;

CREATE FUNCTION pg_catalog.run_command_on_all_nodes(
    command text,
    parallel boolean DEFAULT true,
    give_warning_for_connection_errors boolean DEFAULT false,
    OUT nodeid int, OUT success boolean, OUT result text)
    RETURNS SETOF record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        hosts text[];
        ports int[];
    BEGIN
        PERFORM citus_internal.tell_roles_to_all();
        SELECT array_agg(n.nodename), array_agg(n.nodeport) INTO hosts, ports
            FROM citus_internal.active_nodes() AS n;
        IF NOT EXISTS (SELECT FROM citus_internal.active_nodes() AS n
                       JOIN pg_dist_local_group USING (groupid)) THEN
            hosts := hosts || citus_internal.local_host();
            ports := ports || current_setting('port')::int;
        END IF;
        FOR nodeid, success, result IN
            SELECT coalesce(n.nodeid, 0), r.success, r.result
            FROM citus_internal.run(
                hosts, ports, command, parallel, citus_internal.caller()) AS r
            LEFT JOIN pg_dist_node n ON n.nodename = r.host AND n.nodeport = r.port
        LOOP
            IF give_warning_for_connection_errors AND NOT success THEN
                RAISE WARNING 'Error on node with node id %: %', nodeid, result;
            END IF;
            RETURN NEXT;
        END LOOP;
    END
    $$;

CREATE FUNCTION pg_catalog.run_command_on_workers(
    command text,
    parallel boolean DEFAULT true,
    OUT nodename text, OUT nodeport int, OUT success boolean, OUT result text)
    RETURNS SETOF record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        hosts text[];
        ports int[];
    BEGIN
        PERFORM citus_internal.tell_roles_to_all();
        SELECT array_agg(n.nodename), array_agg(n.nodeport) INTO hosts, ports
            FROM citus_internal.active_nodes() AS n WHERE n.groupid <> 0;
        RETURN QUERY SELECT * FROM citus_internal.run(
            hosts, ports, command, parallel, citus_internal.caller());
    END
    $$;

CREATE FUNCTION pg_catalog.run_command_on_coordinator(
    command text,
    give_warning_for_connection_errors boolean DEFAULT false,
    OUT nodeid int, OUT success boolean, OUT result text)
    RETURNS SETOF record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        node record;
    BEGIN
        SELECT n.nodeid, n.nodename, n.nodeport INTO node
            FROM citus_internal.active_nodes() AS n WHERE n.groupid = 0;
        IF NOT FOUND AND NOT citus_is_coordinator() THEN
            RAISE EXCEPTION 'the coordinator is not added to the metadata' USING
                HINT = 'Add the node as a coordinator by using: '
                       'SELECT citus_set_coordinator_host(''<hostname>'')';
        END IF;
        FOR nodeid, success, result IN
            SELECT coalesce(node.nodeid, 0), r.success, r.result
            FROM citus_internal.run(
                ARRAY[coalesce(node.nodename, citus_internal.local_host())],
                ARRAY[coalesce(node.nodeport, current_setting('port')::int)],
                command, false, citus_internal.caller()) AS r
        LOOP
            IF give_warning_for_connection_errors AND NOT success THEN
                RAISE WARNING 'Error on node with node id %: %', nodeid, result;
            END IF;
            RETURN NEXT;
        END LOOP;
    END
    $$;


-- 6  roles ---------------------------------------------------------------------------------
-- No event trigger fires for a role. So the coordinator tells a node of its roles when the
-- node is added and before a command runs on it, if they have changed since.

CREATE FUNCTION citus_internal.roles() RETURNS jsonb
    LANGUAGE sql STABLE
    AS $$
        SELECT coalesce(pg_catalog.jsonb_agg(
            pg_catalog.to_jsonb(r) || pg_catalog.jsonb_build_object(
            'settings', (
                SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
                    'here', s.setdatabase <> 0, 'config', s.setconfig) ORDER BY s.setdatabase)
                FROM pg_catalog.pg_db_role_setting s
                WHERE s.setrole = r.oid AND s.setdatabase IN (0, (
                    SELECT d.oid FROM pg_catalog.pg_database d
                    WHERE d.datname = pg_catalog.current_database()))),
            'groups', (
                SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
                    'name', pg_catalog.pg_get_userbyid(m.roleid),
                    'admin', m.admin_option,
                    'inherit', m.inherit_option,
                    'set', m.set_option) ORDER BY m.roleid, m.grantor)
                FROM pg_catalog.pg_auth_members m
                WHERE m.member = r.oid))
            - 'oid' ORDER BY r.oid), '[]')
        FROM pg_catalog.pg_authid r
        WHERE r.oid >= 16384
    $$;

-- On the node that is told: brings one role in line. A list in a setting (search_path) is
-- stored with its own quotes and must not get another pair.
CREATE FUNCTION citus_internal.take_role(role jsonb) RETURNS void
    LANGUAGE plpgsql
    AS $$
    DECLARE
        rolename name := role ->> 'rolname';
        here boolean;
        setting text;
    BEGIN
        IF NOT role_exists(rolename) THEN
            EXECUTE format('CREATE ROLE %I', rolename);
        END IF;
        EXECUTE format('ALTER ROLE %I %s CONNECTION LIMIT %s PASSWORD %L VALID UNTIL %L',
            rolename,
            (SELECT string_agg(CASE WHEN (role ->> attribute)::boolean THEN keyword
                               ELSE 'NO' || keyword END, ' ')
             FROM (VALUES ('rolsuper', 'SUPERUSER'), ('rolinherit', 'INHERIT'),
                          ('rolcreaterole', 'CREATEROLE'), ('rolcreatedb', 'CREATEDB'),
                          ('rolcanlogin', 'LOGIN'), ('rolreplication', 'REPLICATION'),
                          ('rolbypassrls', 'BYPASSRLS')) AS flags (attribute, keyword)),
            role ->> 'rolconnlimit', role ->> 'rolpassword',
            coalesce(role ->> 'rolvaliduntil', 'infinity'));
        EXECUTE format('ALTER ROLE %I RESET ALL', rolename);
        EXECUTE format('ALTER ROLE %I IN DATABASE %I RESET ALL', rolename, current_database());
        FOR here, setting IN
            SELECT (s -> 'here')::boolean, c
            FROM jsonb_array_elements(nullif(role -> 'settings', 'null')) AS s,
                 jsonb_array_elements_text(s -> 'config') AS c
        LOOP
            EXECUTE format('ALTER ROLE %I %s SET %s TO %s', rolename,
                CASE WHEN here THEN format('IN DATABASE %I', current_database()) END,
                citus_internal.setting_name(setting), citus_internal.setting_value(setting));
        END LOOP;
    EXCEPTION WHEN OTHERS THEN
        -- Raised anew, because the first error's context quotes the statement with its secret.
        RAISE EXCEPTION 'role %: %', rolename, SQLERRM USING ERRCODE = SQLSTATE;
    END
    $$;

CREATE FUNCTION citus_internal.setting_name(setting text) RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $$
        SELECT pg_catalog.string_agg(pg_catalog.quote_ident(part), '.')
        FROM pg_catalog.string_to_table(pg_catalog.split_part(setting, '=', 1), '.') AS part
    $$;

CREATE FUNCTION citus_internal.setting_value(setting text) RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $$
        SELECT CASE
            WHEN pg_catalog.split_part(setting, '=', 1) = ANY (ARRAY[
                'local_preload_libraries', 'search_path', 'session_preload_libraries',
                'temp_tablespaces'])
            THEN CASE WHEN value IN ('', '""') THEN '''''' ELSE value END
            ELSE pg_catalog.quote_literal(value) END
        FROM pg_catalog.substr(setting, pg_catalog.strpos(setting, '=') + 1) AS value
    $$;

-- Which groups the role is in: those it should be in are granted, the others taken away.
CREATE FUNCTION citus_internal.take_groups(role jsonb) RETURNS void
    LANGUAGE plpgsql
    AS $$
    DECLARE
        rolename name := role ->> 'rolname';
        groups jsonb := coalesce(nullif(role -> 'groups', 'null'), '[]');
        entry record;
    BEGIN
        FOR entry IN
            SELECT pg_get_userbyid(m.roleid) AS name
            FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member
            WHERE r.rolname = rolename
        LOOP
            IF NOT groups @> jsonb_build_array(jsonb_build_object('name', entry.name)) THEN
                EXECUTE format('REVOKE %I FROM %I', entry.name, rolename);
            END IF;
        END LOOP;
        FOR entry IN
            SELECT * FROM jsonb_to_recordset(groups)
                AS g (name name, admin boolean, inherit boolean, set boolean)
        LOOP
            EXECUTE format('GRANT %I TO %I WITH ADMIN %s, INHERIT %s, SET %s',
                entry.name, rolename, entry.admin::text, entry.inherit::text, entry.set::text);
        END LOOP;
    END
    $$;

-- On the node that is told: all roles of the coordinator, and the names that are gone there.
-- A role that something on this node still needs stays.
CREATE FUNCTION citus_internal.take_roles(roles jsonb, gone name[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = 'error'
    AS $$
    DECLARE
        lost name;
    BEGIN
        PERFORM pg_advisory_xact_lock(hashtext('citus_internal.take_roles'));
        FOREACH lost IN ARRAY gone LOOP
            BEGIN
                EXECUTE format('DROP ROLE IF EXISTS %I', lost);
            EXCEPTION WHEN dependent_objects_still_exist THEN
                NULL;
            END;
        END LOOP;
        PERFORM citus_internal.take_role(r) FROM jsonb_array_elements(roles) AS r;
        PERFORM citus_internal.take_groups(r) FROM jsonb_array_elements(roles) AS r;
    END
    $$;

-- Tells one node, unless it was told the same before.
CREATE FUNCTION citus_internal.tell_roles(target int, host text, port int) RETURNS void
    LANGUAGE plpgsql
    AS $$
    DECLARE
        told citus_internal.told_roles;
        roles jsonb := citus_internal.roles();
        names name[] := ARRAY(SELECT r ->> 'rolname' FROM jsonb_array_elements(roles) AS r);
    BEGIN
        SELECT * INTO told FROM citus_internal.told_roles WHERE nodeid = target;
        IF told.digest = md5(roles::text) THEN
            RETURN;
        END IF;
        PERFORM citus_internal.ask(host, port, format(
            'SELECT citus_internal.take_roles(%L, %L)::text',
            roles, ARRAY(SELECT unnest(told.names) EXCEPT SELECT unnest(names))));
        IF current_setting('transaction_read_only')::boolean THEN
            RETURN;
        END IF;
        INSERT INTO citus_internal.told_roles VALUES (target, md5(roles::text), names)
            ON CONFLICT (nodeid) DO UPDATE
            SET digest = excluded.digest, names = excluded.names;
    END
    $$;

-- Tells every worker that can be reached: the command that follows says which one can't.
CREATE FUNCTION citus_internal.tell_roles_to_all() RETURNS void
    LANGUAGE plpgsql
    AS $$
    DECLARE
        node record;
    BEGIN
        IF NOT pg_catalog.citus_is_coordinator() THEN
            RETURN;
        END IF;
        FOR node IN SELECT * FROM citus_internal.active_nodes() AS n WHERE n.groupid <> 0 LOOP
            BEGIN
                PERFORM citus_internal.tell_roles(node.nodeid, node.nodename, node.nodeport);
            EXCEPTION
                WHEN connection_failure THEN
                    NULL;
                WHEN OTHERS THEN
                    RAISE WARNING 'the roles of node % could not be brought in line: %',
                        node.nodeid, SQLERRM;
            END;
        END LOOP;
    END
    $$;


-- 7  nodes: what every node knows of the cluster -------------------------------------------

-- On the node that is told: its own group, and all nodes.
CREATE FUNCTION citus_internal.take_nodes(own_group int, nodes jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        LOCK TABLE pg_dist_node IN EXCLUSIVE MODE;
        UPDATE pg_dist_local_group SET groupid = own_group WHERE groupid <> own_group;
        DELETE FROM pg_dist_node;
        INSERT INTO pg_dist_node
            SELECT * FROM jsonb_populate_recordset(NULL::pg_dist_node, nodes);
    END
    $$;

-- Any active worker that can't be reached is an error, as in Citus.
CREATE FUNCTION citus_internal.tell_nodes() RETURNS void
    LANGUAGE plpgsql
    AS $$
    DECLARE
        nodes jsonb;
        node record;
    BEGIN
        SELECT jsonb_agg(to_jsonb(n)) INTO nodes FROM pg_dist_node n;
        FOR node IN SELECT * FROM citus_internal.active_nodes() AS n WHERE n.groupid <> 0 LOOP
            PERFORM citus_internal.ask(node.nodename, node.nodeport, format(
                'SELECT citus_internal.take_nodes(%s, %L)::text', node.groupid, nodes));
        END LOOP;
    END
    $$;

-- What changes the cluster's schemas fails in Citus while an active worker is down.
CREATE FUNCTION citus_internal.ensure_workers_answer() RETURNS void
    LANGUAGE plpgsql
    AS $$
    DECLARE
        node record;
    BEGIN
        FOR node IN SELECT * FROM citus_internal.active_nodes() AS n WHERE n.groupid <> 0 LOOP
            PERFORM citus_internal.ask(node.nodename, node.nodeport, 'SELECT NULL');
        END LOOP;
    END
    $$;

-- A node that is to be changed: only on the coordinator, one change at a time.
CREATE FUNCTION citus_internal.node_to_change(host text, port int) RETURNS pg_dist_node
    LANGUAGE plpgsql
    AS $$
    DECLARE
        node pg_dist_node;
    BEGIN
        PERFORM citus_internal.ensure_coordinator();
        LOCK TABLE pg_dist_node IN EXCLUSIVE MODE;
        SELECT * INTO node FROM pg_dist_node WHERE nodename = host AND nodeport = port;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'node at "%:%" does not exist', host, port
                USING ERRCODE = 'XX000';
        END IF;
        RETURN node;
    END
    $$;

-- The group of a new node: free, or the next one of the sequence.
CREATE FUNCTION citus_internal.new_group(wanted int, node_role noderole) RETURNS int
    LANGUAGE plpgsql
    AS $$
    DECLARE
        chosen int := CASE wanted WHEN -1 THEN nextval('pg_dist_groupid_seq') ELSE wanted END;
    BEGIN
        IF node_role = 'primary' AND EXISTS (
            SELECT FROM pg_dist_node WHERE groupid = chosen AND noderole = 'primary')
        THEN
            RAISE EXCEPTION 'group % already has a primary node', chosen
                USING ERRCODE = 'XX000';
        END IF;
        RETURN chosen;
    END
    $$;

CREATE FUNCTION citus_internal.check_new_node(
    host text, node_group int, node_role noderole, node_cluster name) RETURNS void
    LANGUAGE plpgsql
    AS $$
    BEGIN
        IF node_group <> 0 AND host <> 'localhost' AND EXISTS (
            SELECT FROM pg_dist_node WHERE groupid = 0 AND nodename = 'localhost')
        THEN
            RAISE EXCEPTION
                'cannot add a worker node when the coordinator hostname is set to localhost'
                USING ERRCODE = 'XX000',
                DETAIL = 'Worker nodes need to be able to connect to the coordinator to '
                         'transfer data.',
                HINT = 'Use SELECT citus_set_coordinator_host(''<hostname>'') to configure '
                       'the coordinator hostname';
        END IF;
        IF node_role = 'primary' AND node_cluster <> 'default' THEN
            RAISE EXCEPTION 'primaries must be added to the default cluster'
                USING ERRCODE = 'XX000';
        END IF;
    END
    $$;

-- Two addresses may lead to one server: its system identifier tells.
CREATE FUNCTION citus_internal.check_not_self(host text, port int) RETURNS void
    LANGUAGE plpgsql
    AS $$
    BEGIN
        IF citus_internal.ask(
            host, port, 'SELECT system_identifier::text FROM pg_control_system()')
            = (SELECT system_identifier::text FROM pg_control_system())
        THEN
            RAISE EXCEPTION 'Node cannot add itself as a worker.' USING
                ERRCODE = 'XX000',
                HINT = format('Add the node as a coordinator by using: '
                              'SELECT citus_set_coordinator_host(''%s'', %s);', host, port);
        END IF;
    END
    $$;


-- 8  nodes: functions for users ------------------------------------------------------------

CREATE FUNCTION pg_catalog.citus_set_coordinator_host(
    host text,
    port int DEFAULT current_setting('port')::int,
    node_role noderole DEFAULT 'primary',
    node_cluster name DEFAULT 'default') RETURNS void
    LANGUAGE plpgsql STRICT SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        PERFORM citus_internal.ensure_coordinator();
        LOCK TABLE pg_dist_node IN EXCLUSIVE MODE;
        UPDATE pg_dist_node SET nodename = host, nodeport = port
            WHERE groupid = 0 AND noderole = 'primary';
        IF NOT FOUND THEN
            PERFORM citus_internal.check_new_node(host, 0, node_role, node_cluster);
            INSERT INTO pg_dist_node (groupid, nodename, nodeport, hasmetadata, noderole,
                                      nodecluster, metadatasynced, shouldhaveshards)
                VALUES (0, host, port, true, node_role, node_cluster, true, false);
        END IF;
        PERFORM citus_internal.tell_nodes();
    END
    $$;

-- A node that is there already is answered by its id, whatever group is asked for.
CREATE FUNCTION pg_catalog.citus_add_node(
    nodename text,
    nodeport int,
    groupid int DEFAULT -1,
    noderole noderole DEFAULT 'primary',
    nodecluster name DEFAULT 'default') RETURNS int
    LANGUAGE plpgsql STRICT SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    #variable_conflict use_column
    DECLARE
        host text := nodename;
        port int := nodeport;
        node_group int := groupid;
        node_role noderole := noderole;
        added int;
    BEGIN
        PERFORM citus_internal.ensure_superuser();
        PERFORM citus_internal.ensure_coordinator();
        LOCK TABLE pg_dist_node IN EXCLUSIVE MODE;
        SELECT n.nodeid INTO added FROM pg_dist_node n
            WHERE n.nodename = host AND n.nodeport = port;
        IF FOUND THEN
            RETURN added;
        END IF;
        PERFORM citus_internal.check_new_node(host, node_group, node_role, $5);
        node_group := citus_internal.new_group(node_group, node_role);
        added := nextval('pg_dist_node_nodeid_seq');
        INSERT INTO pg_dist_node
            VALUES (added, node_group, host, port, 'default', true, true, node_role, $5, true,
                    node_group <> 0);
        IF node_role = 'primary' AND node_group <> 0 THEN
            PERFORM citus_internal.check_not_self(host, port);
            PERFORM citus_internal.tell_roles(added, host, port);
        END IF;
        PERFORM citus_internal.tell_nodes();
        RETURN added;
    END
    $$;

CREATE FUNCTION pg_catalog.citus_activate_node(nodename text, nodeport int) RETURNS int
    LANGUAGE plpgsql STRICT SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        node pg_dist_node;
    BEGIN
        PERFORM citus_internal.ensure_superuser();
        node := citus_internal.node_to_change($1, $2);
        UPDATE pg_dist_node SET isactive = true, hasmetadata = true, metadatasynced = true
            WHERE nodeid = node.nodeid;
        IF node.groupid <> 0 THEN
            PERFORM citus_internal.tell_roles(node.nodeid, $1, $2);
        END IF;
        PERFORM citus_internal.tell_nodes();
        RETURN node.nodeid;
    END
    $$;

-- The node itself is not told: it may be down, and keeps what it knew.
CREATE FUNCTION pg_catalog.citus_remove_node(nodename text, nodeport int) RETURNS void
    LANGUAGE plpgsql STRICT SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        node pg_dist_node := citus_internal.node_to_change($1, $2);
        placed record;
    BEGIN
        SELECT p.shardid, c.relname, c.relnamespace::regnamespace AS schema INTO placed
            FROM pg_dist_placement p JOIN pg_dist_shard s USING (shardid)
            JOIN pg_class c ON c.oid = s.logicalrelid
            WHERE p.groupid = node.groupid AND node.noderole = 'primary' AND NOT EXISTS (
                SELECT FROM pg_dist_placement other
                WHERE other.shardid = p.shardid AND other.groupid <> p.groupid)
            ORDER BY p.placementid LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'cannot remove or disable the node %:% because because it '
                'contains the only shard placement for shard %', $1, $2, placed.shardid USING
                ERRCODE = 'XX000',
                DETAIL = format('One of the table(s) that prevents the operation complete '
                                'successfully is %s.%I', placed.schema, placed.relname),
                HINT = 'To proceed, either drop the tables or use undistribute_table() '
                       'function to convert them to local tables';
        END IF;
        DELETE FROM pg_dist_placement WHERE groupid = node.groupid AND node.noderole = 'primary';
        DELETE FROM pg_dist_node WHERE nodeid = node.nodeid;
        DELETE FROM citus_internal.told_roles WHERE nodeid = node.nodeid;
        PERFORM citus_internal.tell_nodes();
    END
    $$;

CREATE FUNCTION pg_catalog.citus_set_node_property(
    nodename text, nodeport int, property text, value boolean) RETURNS void
    LANGUAGE plpgsql STRICT SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        node pg_dist_node := citus_internal.node_to_change($1, $2);
    BEGIN
        IF property <> 'shouldhaveshards' THEN
            RAISE EXCEPTION
                'only the ''shouldhaveshards'' property can be set using this function'
                USING ERRCODE = 'XX000';
        END IF;
        UPDATE pg_dist_node SET shouldhaveshards = value WHERE nodeid = node.nodeid;
        PERFORM citus_internal.tell_nodes();
    END
    $$;

-- The node itself need not answer: Citus tells it of the others later, and so are they told.
CREATE FUNCTION pg_catalog.citus_update_node(
    node_id int, new_node_name text, new_node_port int, force boolean DEFAULT false,
    lock_cooldown int DEFAULT 10000) RETURNS void
    LANGUAGE plpgsql STRICT SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        node pg_dist_node;
    BEGIN
        PERFORM citus_internal.ensure_coordinator();
        LOCK TABLE pg_dist_node IN EXCLUSIVE MODE;
        SELECT * INTO node FROM pg_dist_node WHERE nodename = $2 AND nodeport = $3;
        IF node.nodeid = $1 THEN
            RETURN;
        ELSIF FOUND THEN
            RAISE EXCEPTION 'there is already another node with the specified hostname and port'
                USING ERRCODE = 'object_not_in_prerequisite_state';
        END IF;
        UPDATE pg_dist_node SET nodename = $2, nodeport = $3 WHERE nodeid = $1;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'node % not found', $1 USING ERRCODE = 'no_data_found';
        END IF;
        BEGIN
            PERFORM citus_internal.tell_nodes();
        EXCEPTION WHEN connection_exception OR connection_failure THEN
            NULL;
        END;
    END
    $$;

CREATE FUNCTION pg_catalog.citus_get_active_worker_nodes(
    OUT node_name text, OUT node_port bigint) RETURNS SETOF record
    LANGUAGE sql STRICT
    AS $$
        SELECT nodename, nodeport::bigint FROM pg_catalog.pg_dist_node
        WHERE groupid <> 0 AND isactive AND noderole = 'primary' AND nodecluster = 'default'
        ORDER BY nodename COLLATE "C", nodeport
    $$;

CREATE FUNCTION pg_catalog.master_get_active_worker_nodes(
    OUT node_name text, OUT node_port bigint) RETURNS SETOF record
    LANGUAGE sql STRICT
    AS $$ SELECT * FROM pg_catalog.citus_get_active_worker_nodes() $$;


-- 9  health of connections -----------------------------------------------------------------

CREATE FUNCTION pg_catalog.citus_check_connection_to_node(
    nodename text, nodeport int DEFAULT 5432) RETURNS boolean
    LANGUAGE plpgsql STRICT SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        who name := citus_internal.caller();
        reason text := citus_internal.open($1, $2, who);
    BEGIN
        PERFORM citus_internal.close($1, $2);
        IF reason IS NOT NULL THEN
            RAISE WARNING '%', citus_internal.unreachable($1, $2, who, reason)
                USING ERRCODE = '08006';
        END IF;
        RETURN reason IS NULL;
    END
    $$;

-- Every node tries every node; NULL where the first can't be asked.
CREATE FUNCTION pg_catalog.citus_check_cluster_node_health(
    OUT from_nodename text, OUT from_nodeport int,
    OUT to_nodename text, OUT to_nodeport int, OUT result boolean) RETURNS SETOF record
    LANGUAGE plpgsql STRICT SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        who name := citus_internal.caller();
        reason text;
    BEGIN
        FOR from_nodename, from_nodeport IN
            SELECT n.nodename, n.nodeport FROM citus_internal.active_nodes() AS n
        LOOP
            reason := citus_internal.open(from_nodename, from_nodeport, who);
            FOR to_nodename, to_nodeport IN
                SELECT n.nodename, n.nodeport FROM citus_internal.active_nodes() AS n
            LOOP
                result := NULL;
                IF reason IS NULL THEN
                    result := a FROM citus_internal.dblink(
                        citus_internal.connection_name(from_nodename, from_nodeport),
                        format('SET client_min_messages = error; '
                               'SELECT citus_check_connection_to_node(%L, %s)',
                               to_nodename, to_nodeport)) AS r (a boolean);
                ELSE
                    RAISE WARNING '%', citus_internal.unreachable(
                        from_nodename, from_nodeport, who, reason) USING ERRCODE = '08006';
                END IF;
                RETURN NEXT;
            END LOOP;
            PERFORM citus_internal.close(from_nodename, from_nodeport);
        END LOOP;
    END
    $$;


-- 10  tables: what they are ----------------------------------------------------------------
-- A distribution column is written as Citus writes it, as the text of a PostgreSQL 15 node, and
-- goes from function to function in that form; NULL where a table has none.

-- 'hash', 'single' (one shard, also in a distributed schema), 'reference', 'local' (on the
-- coordinator, pulled in by a foreign key), NULL for an ordinary table.
CREATE FUNCTION citus_internal.kind_of(relation oid) RETURNS text
    LANGUAGE sql STABLE
    AS $$
        SELECT CASE WHEN partmethod = 'h' THEN 'hash' WHEN repmodel = 't' THEN 'reference'
                    WHEN colocationid = 0 THEN 'local' ELSE 'single' END
        FROM pg_catalog.pg_dist_partition WHERE logicalrelid = relation
    $$;

CREATE FUNCTION citus_internal.is_distributed(schema oid) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$ SELECT EXISTS (SELECT FROM pg_catalog.pg_dist_schema WHERE schemaid = schema) $$;

CREATE FUNCTION citus_internal.full_name(relation oid) RETURNS text
    LANGUAGE sql STABLE
    AS $$
        SELECT pg_catalog.format('%I.%I', n.nspname, c.relname)
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.oid = relation
    $$;

CREATE FUNCTION citus_internal.name_of(relation oid) RETURNS name
    LANGUAGE sql STABLE
    AS $$ SELECT relname FROM pg_catalog.pg_class WHERE oid = relation $$;

CREATE FUNCTION citus_internal.partitions_of(relation oid) RETURNS SETOF oid
    LANGUAGE sql STABLE
    AS $$
        SELECT i.inhrelid FROM pg_catalog.pg_inherits i
        JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = relation AND c.relispartition ORDER BY 1
    $$;

CREATE FUNCTION citus_internal.parent_of(partition oid) RETURNS oid
    LANGUAGE sql STABLE
    AS $$
        SELECT i.inhparent FROM pg_catalog.pg_inherits i
        JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
        WHERE i.inhrelid = partition AND c.relispartition
    $$;

CREATE FUNCTION citus_internal.key_part(key text, part text) RETURNS bigint
    LANGUAGE sql IMMUTABLE
    AS $$ SELECT pg_catalog.substring(key, ':' || part || ' (\d+)')::bigint $$;

CREATE FUNCTION citus_internal.make_key(relation oid, column_name text) RETURNS text
    LANGUAGE plpgsql
    AS $$
    DECLARE
        attribute pg_attribute;
    BEGIN
        IF column_name IS NULL THEN
            RETURN NULL;
        END IF;
        SELECT * INTO attribute FROM pg_attribute
            WHERE attrelid = relation AND attname = column_name::name AND NOT attisdropped;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'column "%" of relation "%" does not exist',
                column_name, citus_internal.name_of(relation)
                USING ERRCODE = 'undefined_column';
        ELSIF attribute.attnum <= 0 THEN
            RAISE EXCEPTION 'cannot reference system column "%" in relation "%"',
                column_name, citus_internal.name_of(relation)
                USING ERRCODE = 'feature_not_supported';
        END IF;
        RETURN format(
            '{VAR :varno 1 :varattno %s :vartype %s :vartypmod %s :varcollid %s :varlevelsup 0 '
            ':varnosyn 1 :varattnosyn %s :location -1}',
            attribute.attnum, attribute.atttypid, attribute.atttypmod,
            attribute.attcollation, attribute.attnum);
    END
    $$;

CREATE FUNCTION pg_catalog.column_to_column_name(table_name regclass, column_var_text text)
    RETURNS text
    LANGUAGE sql STABLE STRICT
    AS $$
        SELECT attname::text FROM pg_catalog.pg_attribute
        WHERE attrelid = table_name AND NOT attisdropped
            AND attnum = pg_catalog.substring(column_var_text, ':varattno (\d+)')::int
    $$;

-- Those that foreign keys lead to, in Citus' order: level by level, referenced tables first.
-- Only through ordinary tables, if so asked.
CREATE FUNCTION citus_internal.connected(relation oid, only_ordinary boolean) RETURNS oid[]
    LANGUAGE plpgsql
    AS $$
    DECLARE
        reached oid[] := ARRAY[relation];
        i int := 1;
        neighbour oid;
    BEGIN
        WHILE i <= cardinality(reached) LOOP
            FOR neighbour IN
                SELECT CASE reached[i] WHEN conrelid THEN confrelid ELSE conrelid END
                FROM pg_constraint
                WHERE contype = 'f' AND conparentid = 0 AND reached[i] IN (conrelid, confrelid)
                ORDER BY conrelid = reached[i] DESC, oid
            LOOP
                IF neighbour <> ALL (reached) AND NOT (
                    only_ordinary AND citus_internal.kind_of(neighbour) IS NOT NULL)
                THEN
                    reached := reached || neighbour;
                END IF;
            END LOOP;
            i := i + 1;
        END LOOP;
        RETURN reached;
    END
    $$;


-- 11  tables: colocation groups and where shards are ---------------------------------------

-- A cluster of one: its only server becomes a node that holds shards.
CREATE FUNCTION citus_internal.ensure_some_node() RETURNS void
    LANGUAGE sql
    AS $$
        INSERT INTO pg_catalog.pg_dist_node
            (groupid, nodename, nodeport, hasmetadata, metadatasynced)
        SELECT 0, citus_internal.local_host(), pg_catalog.current_setting('port')::int,
            true, true
        WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_dist_node)
    $$;

-- The groups that may hold shards, by address.
CREATE FUNCTION citus_internal.homes() RETURNS int[]
    LANGUAGE sql STABLE
    AS $$
        SELECT coalesce(
            pg_catalog.array_agg(n.groupid ORDER BY n.nodename COLLATE "C", n.nodeport), '{}')
        FROM pg_catalog.pg_dist_node n
        WHERE n.shouldhaveshards AND n.isactive AND n.noderole = 'primary'
    $$;

CREATE FUNCTION citus_internal.new_colocation(shards int, replicas int, key text) RETURNS int
    LANGUAGE sql
    AS $$
        INSERT INTO pg_catalog.pg_dist_colocation
        SELECT pg_catalog.nextval('pg_catalog.pg_dist_colocationid_seq'), shards, replicas,
            coalesce(t.oid, 0), coalesce(t.typcollation, 0)
        FROM (VALUES (citus_internal.key_part(key, 'vartype'))) AS k (type)
        LEFT JOIN pg_catalog.pg_type t ON t.oid = k.type
        RETURNING colocationid
    $$;

-- The group that a table joins by itself: the oldest that fits and is no schema's.
CREATE FUNCTION citus_internal.default_colocation(shards int, key text) RETURNS int
    LANGUAGE sql STABLE
    AS $$
        SELECT pg_catalog.min(c.colocationid) FROM pg_catalog.pg_dist_colocation c
        WHERE c.shardcount = shards AND c.replicationfactor = 1
            AND c.distributioncolumntype
                = coalesce(citus_internal.key_part(key, 'vartype'), 0)
            AND c.distributioncolumncollation = coalesce((
                SELECT t.typcollation FROM pg_catalog.pg_type t
                WHERE t.oid = citus_internal.key_part(key, 'vartype')), 0)
            AND NOT EXISTS (SELECT FROM pg_catalog.pg_dist_schema s
                            WHERE s.colocationid = c.colocationid)
    $$;

-- All reference tables are in one group.
CREATE FUNCTION citus_internal.reference_colocation() RETURNS int
    LANGUAGE sql
    AS $$
        SELECT coalesce(
            (SELECT pg_catalog.min(colocationid) FROM pg_catalog.pg_dist_colocation
             WHERE replicationfactor = -1),
            citus_internal.new_colocation(1, -1, NULL))
    $$;

CREATE FUNCTION citus_internal.forget_empty_colocations() RETURNS void
    LANGUAGE sql
    AS $$
        DELETE FROM pg_catalog.pg_dist_colocation c
        WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_dist_partition p
                          WHERE p.colocationid = c.colocationid)
            AND NOT EXISTS (SELECT FROM pg_catalog.pg_dist_schema s
                            WHERE s.colocationid = c.colocationid)
    $$;

-- A shard's range of hash values and the groups of its placements.
CREATE TYPE citus_internal.shard AS (low text, high text, groups int[]);

CREATE FUNCTION citus_internal.shards_of(relation oid) RETURNS citus_internal.shard[]
    LANGUAGE sql STABLE
    AS $$
        SELECT pg_catalog.array_agg(
            ROW(s.shardminvalue, s.shardmaxvalue, (
                SELECT pg_catalog.array_agg(
                    p.groupid ORDER BY n.nodename COLLATE "C", n.nodeport)
                FROM pg_catalog.pg_dist_placement p
                JOIN pg_catalog.pg_dist_node n USING (groupid)
                WHERE p.shardid = s.shardid))::citus_internal.shard
            ORDER BY s.shardminvalue::int)
        FROM pg_catalog.pg_dist_shard s WHERE s.logicalrelid = relation
    $$;

-- Shard i of n goes to the nodes in turn; the last takes what the division leaves over.
CREATE FUNCTION citus_internal.new_hash_shards(shards int) RETURNS citus_internal.shard[]
    LANGUAGE plpgsql
    AS $$
    DECLARE
        homes int[] := citus_internal.homes();
        step bigint := 4294967296 / shards;
    BEGIN
        IF cardinality(homes) = 0 THEN
            RAISE EXCEPTION 'replication_factor (1) exceeds number of worker nodes (0)' USING
                ERRCODE = 'invalid_parameter_value',
                HINT = 'Add more worker nodes or try again with a lower replication factor.';
        END IF;
        RETURN ARRAY(
            SELECT ROW(
                -2147483648 + i * step,
                CASE i WHEN shards - 1 THEN 2147483647
                       ELSE -2147483648 + (i + 1) * step - 1 END,
                ARRAY[homes[1 + i % cardinality(homes)]])::citus_internal.shard
            FROM generate_series(0, shards - 1) AS i ORDER BY i);
    END
    $$;

-- The only shard of an empty group: the remainder of the group's id in the list of nodes.
CREATE FUNCTION citus_internal.new_single_shard(colocation int) RETURNS citus_internal.shard[]
    LANGUAGE plpgsql
    AS $$
    DECLARE
        homes int[] := citus_internal.homes();
    BEGIN
        IF cardinality(homes) = 0 THEN
            RAISE EXCEPTION 'couldn''t find any worker nodes' USING
                ERRCODE = 'invalid_parameter_value',
                HINT = 'Add more worker nodes';
        END IF;
        RETURN ARRAY[ROW(NULL, NULL, ARRAY[homes[1 + colocation % cardinality(homes)]])
                     ::citus_internal.shard];
    END
    $$;

-- The shards of a table that joins a group: like those of the tables that are in it.
CREATE FUNCTION citus_internal.shards_for(kind text, colocation int, shards int)
    RETURNS citus_internal.shard[]
    LANGUAGE plpgsql
    AS $$
    DECLARE
        like_table oid;
    BEGIN
        SELECT min(logicalrelid::oid) INTO like_table FROM pg_dist_partition
            WHERE colocationid = colocation AND kind IN ('hash', 'single');
        RETURN CASE
            WHEN like_table IS NOT NULL THEN citus_internal.shards_of(like_table)
            WHEN kind = 'hash' THEN citus_internal.new_hash_shards(shards)
            WHEN kind = 'single' THEN citus_internal.new_single_shard(colocation)
            WHEN kind = 'local' THEN
                ARRAY[ROW(NULL, NULL, ARRAY[0])::citus_internal.shard]
            ELSE ARRAY[ROW(NULL, NULL, ARRAY(
                SELECT n.groupid FROM citus_internal.active_nodes() AS n))
                ::citus_internal.shard] END;
    END
    $$;

-- A node that was added holds the reference tables from here on; Citus copies them.
CREATE FUNCTION citus_internal.replicate_references() RETURNS void
    LANGUAGE plpgsql
    AS $$
    DECLARE
        first_table oid;
        node record;
    BEGIN
        SELECT min(logicalrelid::oid) INTO first_table
            FROM pg_dist_partition WHERE repmodel = 't';
        FOR node IN
            SELECT n.* FROM citus_internal.active_nodes() AS n
            WHERE first_table IS NOT NULL AND NOT EXISTS (
                SELECT FROM pg_dist_shard s JOIN pg_dist_placement p USING (shardid)
                WHERE s.logicalrelid = first_table AND p.groupid = n.groupid)
        LOOP
            IF EXISTS (SELECT FROM pg_dist_node
                       WHERE xmin = pg_current_xact_id_if_assigned()::xid) THEN
                RAISE EXCEPTION 'cannot replicate reference tables in a transaction that '
                    'modified node metadata' USING ERRCODE = 'feature_not_supported';
            END IF;
            RAISE NOTICE 'replicating reference table ''%'' to %:% ...',
                citus_internal.name_of(first_table), node.nodename, node.nodeport;
            PERFORM citus_internal.ask(node.nodename, node.nodeport, 'SELECT NULL');
            INSERT INTO pg_dist_placement (shardid, shardstate, shardlength, groupid)
                SELECT s.shardid, 1, 0, node.groupid
                FROM pg_dist_partition t JOIN pg_dist_shard s USING (logicalrelid)
                WHERE t.repmodel = 't' ORDER BY s.shardid
                ON CONFLICT DO NOTHING;
        END LOOP;
    END
    $$;


-- 12  tables: what may be distributed ------------------------------------------------------

CREATE FUNCTION citus_internal.ensure_table_owner(relation oid) RETURNS void
    LANGUAGE plpgsql
    AS $$
    DECLARE
        own record;
    BEGIN
        SELECT relname, relowner INTO own FROM pg_class WHERE oid = relation;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'relation with OID % does not exist', relation
                USING ERRCODE = 'invalid_parameter_value';
        ELSIF NOT pg_has_role(citus_internal.caller(), own.relowner, 'USAGE') THEN
            RAISE EXCEPTION 'must be owner of table %', own.relname
                USING ERRCODE = 'insufficient_privilege';
        END IF;
    END
    $$;

CREATE FUNCTION citus_internal.ensure_not_in_distributed_schema(relation oid, operation text)
    RETURNS void
    LANGUAGE plpgsql
    AS $$
    BEGIN
        IF (SELECT citus_internal.is_distributed(relnamespace) FROM pg_class
            WHERE oid = relation)
        THEN
            RAISE EXCEPTION '% is not allowed for % because it belongs to a distributed schema',
                citus_internal.full_name(relation), operation USING ERRCODE = 'XX000';
        END IF;
    END
    $$;

CREATE FUNCTION citus_internal.ensure_not_partition(relation oid) RETURNS void
    LANGUAGE plpgsql
    AS $$
    BEGIN
        IF citus_internal.parent_of(relation) IS NOT NULL THEN
            RAISE EXCEPTION 'cannot complete operation because table is a partition' USING
                ERRCODE = 'XX000',
                HINT = format('the parent table is "%s"',
                              citus_internal.name_of(citus_internal.parent_of(relation)));
        END IF;
    END
    $$;

CREATE FUNCTION citus_internal.ensure_no_identity(relation oid) RETURNS void
    LANGUAGE plpgsql
    AS $$
    BEGIN
        IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = relation AND attidentity <> '') THEN
            RAISE EXCEPTION 'cannot complete operation on a table with identity column'
                USING ERRCODE = 'feature_not_supported';
        END IF;
    END
    $$;

CREATE FUNCTION citus_internal.ensure_no_triggers(relation oid) RETURNS void
    LANGUAGE plpgsql
    AS $$
    DECLARE
        name name := citus_internal.name_of(relation);
    BEGIN
        IF EXISTS (SELECT FROM pg_trigger WHERE tgrelid = relation AND NOT tgisinternal) THEN
            RAISE EXCEPTION 'cannot distribute relation "%" because it has triggers', name USING
                ERRCODE = 'XX000',
                HINT = format('Consider dropping all the triggers on "%s" and retry.', name);
        END IF;
    END
    $$;

-- What is asked of a table before anything else.
CREATE FUNCTION citus_internal.check_new_table(relation oid) RETURNS void
    LANGUAGE plpgsql
    AS $body$
    DECLARE
        own record;
    BEGIN
        PERFORM citus_internal.ensure_coordinator();
        PERFORM citus_internal.ensure_table_owner(relation);
        SELECT relname, relkind, relpersistence INTO own FROM pg_class WHERE oid = relation;
        IF own.relpersistence = 't' THEN
            RAISE EXCEPTION 'cannot distribute a temporary table'
                USING ERRCODE = 'feature_not_supported';
        ELSIF own.relkind = 'f' THEN
            RAISE EXCEPTION 'foreign tables cannot be distributed' USING
                ERRCODE = 'XX000',
                HINT = format('Can add foreign table "%s" to metadata by running: SELECT '
                              'citus_add_local_table_to_metadata($$%s$$);',
                              own.relname, citus_internal.full_name(relation));
        ELSIF own.relkind NOT IN ('r', 'p') THEN
            RAISE EXCEPTION '% is not a regular, foreign or partitioned table', own.relname
                USING ERRCODE = 'wrong_object_type';
        END IF;
    END
    $body$;

-- Whether PostgreSQL would find a hash function for a column by itself.
CREATE FUNCTION citus_internal.has_hash(type oid) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
        SELECT EXISTS (
            SELECT FROM pg_catalog.pg_type own
            JOIN pg_catalog.pg_type t
                ON t.oid = CASE own.typtype WHEN 'd' THEN own.typbasetype ELSE own.oid END
            JOIN pg_catalog.pg_opclass o ON o.opcdefault
            JOIN pg_catalog.pg_am a ON a.oid = o.opcmethod AND a.amname = 'hash'
            WHERE own.oid = type AND (
                o.opcintype = t.oid
                OR o.opcintype::regtype::text = CASE
                    WHEN t.typcategory = 'A' THEN 'anyarray'
                    WHEN t.typtype = 'e' THEN 'anyenum'
                    WHEN t.typtype = 'r' THEN 'anyrange'
                    WHEN t.typtype = 'm' THEN 'anymultirange'
                    WHEN t.typtype = 'c' THEN 'record' END
                OR EXISTS (SELECT FROM pg_catalog.pg_cast c
                           WHERE c.castsource = t.oid AND c.casttarget = o.opcintype
                               AND c.castmethod = 'b' AND c.castcontext = 'i')))
    $$;

CREATE FUNCTION citus_internal.check_key(relation oid, key text) RETURNS void
    LANGUAGE plpgsql
    AS $$
    BEGIN
        IF (SELECT attgenerated <> '' FROM pg_attribute WHERE attrelid = relation
            AND attnum = citus_internal.key_part(key, 'varattno')::int)
        THEN
            RAISE EXCEPTION 'cannot distribute relation: %', citus_internal.name_of(relation)
                USING ERRCODE = 'feature_not_supported',
                DETAIL = 'Distribution column must not use GENERATED ALWAYS AS (...) STORED.';
        ELSIF NOT citus_internal.has_hash(citus_internal.key_part(key, 'vartype')) THEN
            RAISE EXCEPTION 'data type % has no default operator class for specified partition '
                'method', citus_internal.key_part(key, 'vartype')::regtype USING
                ERRCODE = 'undefined_object',
                DETAIL = 'Partition column types must have a default operator class defined.';
        ELSIF EXISTS (SELECT FROM pg_collation WHERE NOT collisdeterministic
                      AND oid = citus_internal.key_part(key, 'varcollid')) THEN
            RAISE EXCEPTION 'Hash distributed partition columns may not use a non '
                'deterministic collation' USING ERRCODE = 'feature_not_supported';
        END IF;
    END
    $$;

CREATE FUNCTION citus_internal.check_partitioning(relation oid, kind text) RETURNS void
    LANGUAGE plpgsql
    AS $$
    DECLARE
        name name := citus_internal.name_of(relation);
        parent oid := citus_internal.parent_of(relation);
        parent_name name := citus_internal.name_of(parent);
    BEGIN
        IF parent IS NOT NULL AND citus_internal.kind_of(parent) IS NULL THEN
            RAISE EXCEPTION 'cannot distribute relation "%" which is partition of "%"',
                name, parent_name USING
                ERRCODE = 'XX000',
                DETAIL = 'Citus does not support distributing partitions if their parent is '
                         'not distributed table.',
                HINT = format('Distribute the partitioned table "%s" instead.', parent_name);
        ELSIF (SELECT relkind <> 'p' FROM pg_class WHERE oid = relation) THEN
            RETURN;
        ELSIF kind = 'reference' THEN
            RAISE EXCEPTION 'distributing partitioned tables in only supported for '
                'hash-distributed tables' USING ERRCODE = 'feature_not_supported';
        ELSIF parent IS NOT NULL THEN
            RAISE EXCEPTION 'distributing multi-level partitioned tables is not supported' USING
                ERRCODE = 'feature_not_supported',
                DETAIL = format('Relation "%s" is partitioned table itself and it is also '
                                'partition of relation "%s".', name, parent_name);
        END IF;
    END
    $$;

-- Both sides of a foreign key between distributed tables name their distribution columns at
-- the same place, and an action must not change the referencing one.
CREATE FUNCTION citus_internal.check_key_in_foreign_key(
    foreign_key pg_constraint, key text, other_key text, other_kind text) RETURNS void
    LANGUAGE plpgsql
    AS $$
    DECLARE
        here int := array_position(
            foreign_key.conkey, citus_internal.key_part(key, 'varattno')::int2);
        there int := array_position(
            foreign_key.confkey, citus_internal.key_part(other_key, 'varattno')::int2);
        reason text := CASE
            WHEN here IS NOT NULL AND foreign_key.confdeltype IN ('n', 'd') THEN
                'SET NULL or SET DEFAULT is not supported in ON DELETE operation when '
                'distribution key is included in the foreign key constraint'
            WHEN here IS NOT NULL AND foreign_key.confupdtype IN ('n', 'd', 'c') THEN
                'SET NULL, SET DEFAULT or CASCADE is not supported in ON UPDATE operation when '
                'distribution key included in the foreign constraint.'
            WHEN other_kind = 'hash' AND (here = there) IS NOT TRUE THEN
                'Foreign keys are supported in two cases, either in between two colocated '
                'tables including partition column in the same ordinal in the both tables or '
                'from distributed to reference tables' END;
    BEGIN
        IF reason IS NOT NULL THEN
            RAISE EXCEPTION 'cannot create foreign key constraint' USING
                ERRCODE = 'feature_not_supported',
                DETAIL = reason;
        END IF;
    END
    $$;

-- The foreign keys of a table as it is to be. One to an ordinary table is no matter for a
-- reference or local table: that ordinary table is pulled in.
CREATE FUNCTION citus_internal.check_foreign_keys(
    relation oid, kind text, key text, colocation int) RETURNS void
    LANGUAGE plpgsql
    AS $$
    DECLARE
        foreign_key pg_constraint;
        other_kind text;
        other pg_dist_partition;
        hint text;
    BEGIN
        FOR foreign_key IN
            SELECT * FROM pg_constraint WHERE contype = 'f' AND conrelid = relation ORDER BY oid
        LOOP
            SELECT * INTO other FROM pg_dist_partition
                WHERE logicalrelid = foreign_key.confrelid;
            other_kind := citus_internal.kind_of(foreign_key.confrelid);
            IF foreign_key.confrelid = relation THEN
                other_kind := kind;
                other.colocationid := colocation;
                other.partkey := key;
            END IF;
            hint := format(
                'You could use SELECT create_reference_table(''%s'') to replicate the '
                'referenced table to all nodes or consider dropping the foreign key',
                citus_internal.name_of(foreign_key.confrelid));
            IF kind IN ('reference', 'local') AND other_kind IN ('hash', 'single') THEN
                RAISE EXCEPTION 'cannot create foreign key constraint since foreign keys from '
                    'reference tables and local tables to distributed tables are not supported'
                    USING ERRCODE = 'feature_not_supported',
                    DETAIL = 'Reference tables and local tables can only have foreign keys to '
                             'reference tables and local tables';
            ELSIF kind = 'reference' AND other_kind IS DISTINCT FROM 'reference'
                AND (foreign_key.confdeltype NOT IN ('a', 'r')
                     OR foreign_key.confupdtype NOT IN ('a', 'r'))
            THEN
                RAISE EXCEPTION 'cannot define foreign key constraint, foreign keys from '
                    'reference tables to local tables can only be defined with NO ACTION or '
                    'RESTRICT behaviors' USING
                    ERRCODE = 'feature_not_supported', HINT = hint;
            ELSIF kind IN ('reference', 'local') THEN
                CONTINUE;
            ELSIF other_kind IS NULL THEN
                RAISE EXCEPTION 'referenced table "%" must be a distributed table or a '
                    'reference table', citus_internal.name_of(foreign_key.confrelid) USING
                    ERRCODE = 'invalid_table_definition',
                    DETAIL = 'To enforce foreign keys, the referencing and referenced rows '
                             'need to be stored on the same node.',
                    HINT = hint;
            ELSIF other_kind <> 'reference' AND other.colocationid <> colocation THEN
                RAISE EXCEPTION 'cannot create foreign key constraint since relations are not '
                    'colocated or not referencing a reference table' USING
                    ERRCODE = 'feature_not_supported',
                    DETAIL = 'A distributed table can only have foreign keys if it is '
                             'referencing another colocated hash distributed table or a '
                             'reference table';
            END IF;
            PERFORM citus_internal.check_key_in_foreign_key(
                foreign_key, key, other.partkey, other_kind);
        END LOOP;
    END
    $$;

CREATE FUNCTION citus_internal.check_unique(relation oid, key text) RETURNS void
    LANGUAGE plpgsql
    AS $$
    BEGIN
        IF key IS NOT NULL AND EXISTS (
            SELECT FROM pg_index
            WHERE indrelid = relation AND (indisunique OR indisexclusion)
                AND citus_internal.key_part(key, 'varattno')::int2
                    <> ALL ((indkey::int2[])[0:indnkeyatts - 1]))
        THEN
            RAISE EXCEPTION 'cannot create constraint on "%"', citus_internal.name_of(relation)
                USING ERRCODE = 'feature_not_supported',
                DETAIL = 'Distributed relations cannot have UNIQUE, EXCLUDE, or PRIMARY KEY '
                         'constraints that do not include the partition column (with an '
                         'equality operator if EXCLUDE).';
        END IF;
    END
    $$;

-- Everything about a table as it is to be.
CREATE FUNCTION citus_internal.check_table_as(
    relation oid, kind text, key text, colocation int) RETURNS void
    LANGUAGE plpgsql
    AS $$
    BEGIN
        PERFORM citus_internal.ensure_no_triggers(relation);
        IF (SELECT relnamespace = 'pg_catalog'::regnamespace FROM pg_class
            WHERE oid = relation)
        THEN
            RAISE EXCEPTION 'cannot create a citus table from a catalog table'
                USING ERRCODE = 'feature_not_supported';
        END IF;
        IF key IS NOT NULL THEN
            PERFORM citus_internal.check_key(relation, key);
        END IF;
        PERFORM citus_internal.check_partitioning(relation, kind);
        PERFORM citus_internal.check_foreign_keys(relation, kind, key, colocation);
        PERFORM citus_internal.check_unique(relation, key);
    END
    $$;

-- Refuses foreign keys between a table that is to be distributed and tables of some kinds.
CREATE FUNCTION citus_internal.ensure_no_foreign_key(
    relation oid, outward boolean, kinds text[]) RETURNS void
    LANGUAGE plpgsql
    AS $$
    DECLARE
        tie record;
    BEGIN
        SELECT k.conrelid, k.confrelid, coalesce(citus_internal.kind_of(o.oid), 'regular') AS kind
            INTO tie FROM pg_constraint k
            JOIN pg_class o ON o.oid = CASE WHEN outward THEN k.confrelid ELSE k.conrelid END
            WHERE k.contype = 'f' AND k.conrelid <> k.confrelid
                AND relation = CASE WHEN outward THEN k.conrelid ELSE k.confrelid END
                AND coalesce(citus_internal.kind_of(o.oid), 'regular') = ANY (kinds)
            ORDER BY k.oid LIMIT 1;
        IF FOUND THEN
            tie.kind := CASE tie.kind WHEN 'local' THEN 'citus local' ELSE tie.kind END;
            RAISE EXCEPTION 'relation % is referenced by a foreign key from %',
                citus_internal.name_of(tie.confrelid), citus_internal.name_of(tie.conrelid)
                USING ERRCODE = 'feature_not_supported',
                DETAIL = format(
                    CASE WHEN outward
                    THEN 'foreign keys from a distributed table to a %s table are not supported.'
                    ELSE 'foreign keys from a %s table to a distributed table are not supported.'
                    END, tie.kind);
        END IF;
    END
    $$;

CREATE FUNCTION citus_internal.refuse_colocation(other oid, relation oid, detail text)
    RETURNS void
    LANGUAGE plpgsql
    AS $$
    BEGIN
        RAISE EXCEPTION 'cannot colocate tables % and %',
            citus_internal.name_of(other), citus_internal.name_of(relation) USING
            ERRCODE = 'XX000', DETAIL = detail;
    END
    $$;

CREATE FUNCTION citus_internal.ensure_found(other oid, name text) RETURNS void
    LANGUAGE plpgsql
    AS $$
    BEGIN
        IF other IS NULL THEN
            RAISE EXCEPTION 'relation "%" does not exist', name
                USING ERRCODE = 'undefined_table';
        END IF;
    END
    $$;

-- Whether a table may join the group of another.
CREATE FUNCTION citus_internal.check_colocation(relation oid, key text, other oid) RETURNS void
    LANGUAGE plpgsql
    AS $$
    DECLARE
        kind text := citus_internal.kind_of(other);
        names text := format('%s and %s', citus_internal.name_of(other),
                             citus_internal.name_of(relation));
        their_key text := (SELECT partkey FROM pg_dist_partition WHERE logicalrelid = other);
        own_schema oid := (SELECT relnamespace FROM pg_class WHERE oid = relation);
        their_schema oid := (SELECT relnamespace FROM pg_class WHERE oid = other);
    BEGIN
        IF kind IS NULL THEN
            RAISE EXCEPTION 'relation % is not distributed', citus_internal.name_of(other)
                USING ERRCODE = 'XX000';
        ELSIF kind = 'local' THEN
            RAISE EXCEPTION 'cannot distribute relation' USING
                ERRCODE = 'feature_not_supported',
                DETAIL = 'Currently, colocate_with option is not supported with append / range '
                         'distributed tables and local tables added to metadata.';
        ELSIF kind = 'reference' AND key IS NULL THEN
            PERFORM citus_internal.refuse_colocation(
                other, relation, format('Replication models don''t match for %s.', names));
        ELSIF citus_internal.key_part(key, 'vartype')
            IS DISTINCT FROM citus_internal.key_part(their_key, 'vartype')
        THEN
            PERFORM citus_internal.refuse_colocation(
                other, relation,
                format('Distribution column types don''t match for %s.', names));
        ELSIF citus_internal.is_distributed(their_schema) AND own_schema <> their_schema THEN
            RAISE EXCEPTION 'cannot colocate tables % and %',
                citus_internal.name_of(other), citus_internal.name_of(relation) USING
                ERRCODE = 'XX000',
                DETAIL = 'Cannot colocate tables with distributed schema tables by using '
                         'colocate_with option.',
                HINT = format(
                    'Consider using "CREATE TABLE" statement to create this table as a '
                    'single-shard distributed table in the same schema to automatically '
                    'colocate it with %s.%s',
                    their_schema::regnamespace, citus_internal.name_of(other));
        END IF;
    END
    $$;

-- 'none' and 'default' in any case are no names of tables.
CREATE FUNCTION citus_internal.colocation_for(
    relation oid, key text, shards int, colocate_with text, other oid) RETURNS int
    LANGUAGE plpgsql
    AS $$
    BEGIN
        IF lower(colocate_with) = 'none' THEN
            RETURN citus_internal.new_colocation(shards, 1, key);
        ELSIF lower(colocate_with) = 'default' THEN
            PERFORM pg_advisory_xact_lock(hashtext('citus_internal.default_colocation'));
            RETURN coalesce(citus_internal.default_colocation(shards, key),
                            citus_internal.new_colocation(shards, 1, key));
        END IF;
        PERFORM citus_internal.ensure_found(other, colocate_with);
        PERFORM citus_internal.check_colocation(relation, key, other);
        RETURN (SELECT colocationid FROM pg_dist_partition WHERE logicalrelid = other);
    END
    $$;


-- 13  tables: into the catalogues and out --------------------------------------------------

CREATE FUNCTION citus_internal.enter_table(
    relation oid, kind text, key text, colocation int, shards citus_internal.shard[],
    autoconverted boolean DEFAULT false) RETURNS void
    LANGUAGE plpgsql
    AS $$
    DECLARE
        shard citus_internal.shard;
        id bigint;
    BEGIN
        INSERT INTO pg_dist_partition VALUES (
            relation, CASE kind WHEN 'hash' THEN 'h' ELSE 'n' END, key, colocation,
            CASE kind WHEN 'reference' THEN 't' ELSE 's' END, autoconverted);
        FOREACH shard IN ARRAY shards LOOP
            id := nextval('pg_dist_shardid_seq');
            INSERT INTO pg_dist_shard VALUES (relation, id, 't', shard.low, shard.high);
            INSERT INTO pg_dist_placement (shardid, shardstate, shardlength, groupid)
                SELECT id, 1, 0, g FROM unnest(shard.groups) AS g;
        END LOOP;
        -- The extension can't be dropped from under the table.
        INSERT INTO pg_depend
            SELECT 'pg_class'::regclass, relation, 0, 'pg_extension'::regclass, oid, 0, 'n'
            FROM pg_extension WHERE extname = 'citus';
    END
    $$;

-- Partitions are distributed with their table, after it.
CREATE FUNCTION citus_internal.enter_partitions(relation oid) RETURNS void
    LANGUAGE plpgsql
    AS $$
    DECLARE
        own pg_dist_partition;
        kind text := citus_internal.kind_of(relation);
        shards citus_internal.shard[] := citus_internal.shards_of(relation);
        key text;
        partition oid;
    BEGIN
        SELECT * INTO own FROM pg_dist_partition WHERE logicalrelid = relation;
        FOR partition IN SELECT citus_internal.partitions_of(relation) LOOP
            IF citus_internal.kind_of(partition) IS NULL THEN
                key := citus_internal.make_key(
                    partition, column_to_column_name(relation, own.partkey));
                PERFORM citus_internal.check_table_as(partition, kind, key, own.colocationid);
                PERFORM citus_internal.enter_table(
                    partition, kind, key, own.colocationid, shards);
            END IF;
        END LOOP;
    END
    $$;

CREATE FUNCTION citus_internal.forget_table(relation oid) RETURNS void
    LANGUAGE sql
    AS $$
        DELETE FROM pg_catalog.pg_dist_placement p USING pg_catalog.pg_dist_shard s
            WHERE p.shardid = s.shardid AND s.logicalrelid = relation;
        DELETE FROM pg_catalog.pg_dist_shard WHERE logicalrelid = relation;
        DELETE FROM pg_catalog.pg_dist_partition WHERE logicalrelid = relation;
        DELETE FROM pg_catalog.pg_depend
            WHERE classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND objid = relation
                AND refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
                AND deptype = 'n' AND refobjid = (
                    SELECT oid FROM pg_catalog.pg_extension WHERE extname = 'citus');
    $$;

-- What Citus says of a table that it makes anew.
CREATE FUNCTION citus_internal.announce_rewrite(relation oid) RETURNS void
    LANGUAGE plpgsql
    AS $$
    DECLARE
        name text := citus_internal.full_name(relation);
        partitioned boolean := (SELECT relkind = 'p' FROM pg_class WHERE oid = relation);
    BEGIN
        IF partitioned THEN
            RAISE NOTICE 'converting the partitions of %', name;
            PERFORM citus_internal.announce_rewrite(p)
                FROM citus_internal.partitions_of(relation) AS p;
        END IF;
        RAISE NOTICE 'creating a new table for %', name;
        IF NOT partitioned THEN
            RAISE NOTICE 'moving the data of %', name;
        END IF;
        RAISE NOTICE 'dropping the old %', name;
        RAISE NOTICE 'renaming the new table to %', name;
    END
    $$;

-- What is lost when Citus makes a table anew: comments on it, its columns, indexes,
-- constraints and the views that depend on it, the grants on those views, and functions that
-- depend on any of them.
CREATE FUNCTION citus_internal.lose_by_rewrite(relation oid) RETURNS void
    LANGUAGE plpgsql
    AS $$
    DECLARE
        views oid[];
        lost record;
    BEGIN
        WITH RECURSIVE dependent AS (
            SELECT relation AS oid
            UNION SELECT r.ev_class FROM dependent d
            JOIN pg_depend p ON p.refclassid = 'pg_class'::regclass AND p.refobjid = d.oid
                AND p.classid = 'pg_rewrite'::regclass
            JOIN pg_rewrite r ON r.oid = p.objid)
        SELECT array_agg(oid) INTO views FROM dependent;
        FOR lost IN
            SELECT DISTINCT p.objid::regprocedure AS name FROM pg_depend p
            WHERE p.classid = 'pg_proc'::regclass AND (
                p.refclassid = 'pg_class'::regclass AND p.refobjid = ANY (views)
                OR p.refclassid = 'pg_type'::regclass AND p.refobjid IN (
                    SELECT unnest(ARRAY[t.oid, t.typarray]) FROM pg_type t
                    WHERE t.typrelid = ANY (views)))
        LOOP
            EXECUTE format('DROP ROUTINE %s CASCADE', lost.name);
        END LOOP;
        FOR lost IN
            SELECT DISTINCT c.oid, CASE a.grantee WHEN 0 THEN 'PUBLIC'
                   ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS grantee
            FROM pg_class c, aclexplode(c.relacl) AS a
            WHERE c.oid = ANY (views) AND c.oid <> relation AND a.grantee <> c.relowner
        LOOP
            EXECUTE format('REVOKE ALL ON %s FROM %s CASCADE',
                           citus_internal.full_name(lost.oid), lost.grantee);
        END LOOP;
        DELETE FROM pg_description d
            WHERE d.classoid = 'pg_class'::regclass AND d.objoid = ANY (views || ARRAY(
                    SELECT indexrelid FROM pg_index WHERE indrelid = relation))
                OR d.classoid = 'pg_constraint'::regclass AND d.objoid IN (
                    SELECT oid FROM pg_constraint WHERE conrelid = relation);
    END
    $$;

-- Out of the catalogues, with its partitions.
CREATE FUNCTION citus_internal.undistribute(relation oid) RETURNS void
    LANGUAGE plpgsql
    AS $$
    BEGIN
        PERFORM citus_internal.undistribute(p) FROM citus_internal.partitions_of(relation) AS p;
        PERFORM citus_internal.lose_by_rewrite(relation);
        PERFORM citus_internal.forget_table(relation);
    END
    $$;


-- 14  local tables that a reference table pulls in -----------------------------------------
-- A foreign key between an ordinary table and a reference table makes Citus add the ordinary
-- one to the catalogues, with all that it is connected to, if the coordinator is a node; when
-- the last such connection goes, so do the entries.

CREATE FUNCTION citus_internal.pull_in(relation oid) RETURNS void
    LANGUAGE plpgsql
    AS $$
    DECLARE
        tables oid[];
        member oid;
    BEGIN
        IF citus_internal.kind_of(relation) IS NOT NULL
            OR NOT EXISTS (SELECT FROM pg_dist_node WHERE groupid = 0)
            OR NOT EXISTS (
                SELECT FROM pg_constraint k
                WHERE k.contype = 'f' AND relation IN (k.conrelid, k.confrelid)
                    AND citus_internal.kind_of(CASE relation WHEN k.conrelid THEN k.confrelid
                                               ELSE k.conrelid END) IN ('reference', 'local'))
        THEN
            RETURN;
        END IF;
        tables := citus_internal.connected(relation, only_ordinary := true);
        -- Citus says it once for the first table, and for each when there are several.
        FOR i IN 1 .. CASE cardinality(tables) WHEN 1 THEN 1 ELSE cardinality(tables) + 1 END
        LOOP
            RAISE NOTICE 'local tables that are added to metadata automatically by citus, but '
                'not chained with reference tables via foreign keys might be automatically '
                'converted back to postgres tables';
        END LOOP;
        PERFORM citus_internal.ensure_workers_answer();
        FOREACH member IN ARRAY tables LOOP
            PERFORM citus_internal.enter_table(
                member, 'local', NULL, 0, citus_internal.shards_for('local', 0, 1), true);
        END LOOP;
        FOREACH member IN ARRAY tables LOOP
            PERFORM citus_internal.check_foreign_keys(member, 'local', NULL, 0);
        END LOOP;
    END
    $$;

CREATE FUNCTION citus_internal.pull_in_around(relation oid) RETURNS void
    LANGUAGE plpgsql
    AS $$
    DECLARE
        neighbour oid;
    BEGIN
        PERFORM citus_internal.pull_in(relation);
        IF citus_internal.kind_of(relation) IN ('reference', 'local') THEN
            FOR neighbour IN
                SELECT CASE relation WHEN conrelid THEN confrelid ELSE conrelid END
                FROM pg_constraint
                WHERE contype = 'f' AND relation IN (conrelid, confrelid) ORDER BY oid
            LOOP
                PERFORM citus_internal.pull_in(neighbour);
            END LOOP;
        END IF;
    END
    $$;

CREATE FUNCTION citus_internal.let_go() RETURNS void
    LANGUAGE plpgsql
    AS $$
    DECLARE
        candidate oid;
        tables oid[];
    BEGIN
        FOR candidate IN
            SELECT logicalrelid FROM pg_dist_partition WHERE autoconverted ORDER BY 1
        LOOP
            tables := citus_internal.connected(candidate, only_ordinary := false);
            IF citus_internal.kind_of(candidate) IS NULL OR EXISTS (
                SELECT FROM unnest(tables) AS t WHERE citus_internal.kind_of(t) = 'reference')
            THEN
                CONTINUE;
            END IF;
            RAISE NOTICE 'removing table % from metadata as it is not connected to any '
                'reference tables via foreign keys', citus_internal.full_name(candidate);
            IF cardinality(tables) > 1 THEN
                PERFORM citus_internal.announce_rewrite(t) FROM unnest(tables) AS t;
            END IF;
            PERFORM citus_internal.undistribute(t) FROM unnest(tables) AS t;
        END LOOP;
    END
    $$;


-- 15  tables: functions for users ----------------------------------------------------------
-- `colocate_with` names a table in the caller's search_path, so it is looked up before that
-- path is put aside; a SET clause would have put it aside already.

CREATE FUNCTION citus_internal.shard_count(wanted int) RETURNS int
    LANGUAGE plpgsql
    AS $$
    DECLARE
        shards int := coalesce(
            wanted, nullif(current_setting('citus.shard_count', true), '')::int, 32);
    BEGIN
        IF shards NOT BETWEEN 1 AND 64000 THEN
            RAISE EXCEPTION '% is outside the valid range for parameter "shard_count" '
                '(1 .. 64000)', shards USING ERRCODE = 'XX000';
        END IF;
        RETURN shards;
    END
    $$;

-- The arguments alone, before any table is looked at.
CREATE FUNCTION citus_internal.check_arguments(
    column_name text, method text, colocate_with text, shards int) RETURNS void
    LANGUAGE plpgsql
    AS $$
    DECLARE
        reason text := CASE
            WHEN column_name IS NULL AND shards IS NOT NULL THEN
                'shard_count can''t be specified when the distribution column is null because '
                'in that case it''s automatically set to 1'
            WHEN column_name IS NULL AND method <> 'hash' THEN
                'distribution_type can''t be specified when the distribution column is null '
            WHEN shards IS NOT NULL AND lower(colocate_with) NOT IN ('none', 'default') THEN
                'Cannot use colocate_with with a table and shard_count at the same time' END;
    BEGIN
        IF reason IS NOT NULL THEN
            RAISE EXCEPTION '%', reason USING ERRCODE = 'XX000';
        END IF;
        PERFORM citus_internal.shard_count(shards);
        IF method <> 'hash' THEN
            RAISE EXCEPTION 'the stand-in for Citus distributes by hash only'
                USING ERRCODE = 'feature_not_supported';
        END IF;
    END
    $$;

CREATE FUNCTION citus_internal.distribute(
    relation oid, column_name text, colocate_with text, other oid, wanted int) RETURNS void
    LANGUAGE plpgsql
    AS $$
    DECLARE
        kind text := CASE WHEN column_name IS NULL THEN 'single' ELSE 'hash' END;
        shards int := CASE kind WHEN 'single' THEN 1
                      ELSE citus_internal.shard_count(wanted) END;
        before text := citus_internal.kind_of(relation);
        key text;
        colocation int;
    BEGIN
        PERFORM citus_internal.ensure_some_node();
        IF before <> 'local' THEN
            RAISE EXCEPTION 'table "%" is already distributed', citus_internal.name_of(relation)
                USING ERRCODE = 'invalid_table_definition';
        END IF;
        key := citus_internal.make_key(relation, column_name);
        colocation := citus_internal.colocation_for(relation, key, shards, colocate_with, other);
        PERFORM citus_internal.check_table_as(relation, kind, key, colocation);
        IF before = 'local' AND kind = 'single' THEN
            PERFORM citus_internal.ensure_no_foreign_key(
                relation, false, ARRAY['local', 'reference']);
        END IF;
        PERFORM citus_internal.replicate_references();
        PERFORM citus_internal.ensure_workers_answer();
        PERFORM citus_internal.forget_table(relation);
        PERFORM citus_internal.enter_table(
            relation, kind, key, colocation,
            citus_internal.shards_for(kind, colocation, shards));
        PERFORM citus_internal.enter_partitions(relation);
        PERFORM citus_internal.check_foreign_keys(
                p.logicalrelid, citus_internal.kind_of(p.logicalrelid), p.partkey, p.colocationid)
            FROM pg_constraint k JOIN pg_dist_partition p ON p.logicalrelid = k.conrelid
            WHERE k.contype = 'f' AND k.confrelid = relation;
    END
    $$;

CREATE FUNCTION pg_catalog.create_distributed_table(
    table_name regclass,
    distribution_column text,
    distribution_type citus.distribution_type DEFAULT 'hash',
    colocate_with text DEFAULT 'default',
    shard_count int DEFAULT NULL) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    AS $$
    DECLARE
        path pg_catalog.text := pg_catalog.current_setting('search_path');
        other pg_catalog.oid := pg_catalog.to_regclass(colocate_with);
    BEGIN
        PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
        IF table_name IS NOT NULL AND colocate_with IS NOT NULL
            AND distribution_type IS NOT NULL
        THEN
            PERFORM citus_internal.check_arguments(
                distribution_column, distribution_type::text, colocate_with, shard_count);
            PERFORM citus_internal.check_new_table(table_name);
            PERFORM citus_internal.distribute(
                table_name, distribution_column, colocate_with, other, shard_count);
        END IF;
        PERFORM pg_catalog.set_config('search_path', path, true);
    END
    $$;

-- Inside a function PostgreSQL doesn't tell a transaction block from a statement of its own.
-- But a block that has written has a number, and one that has only read began before this
-- statement; with the extended protocol (its portal is visible) every transaction did that.
CREATE FUNCTION citus_internal.ensure_no_transaction_block() RETURNS void
    LANGUAGE plpgsql
    AS $$
    BEGIN
        IF pg_current_xact_id_if_assigned() IS NOT NULL
            OR statement_timestamp() <> transaction_timestamp()
                AND NOT EXISTS (SELECT FROM pg_cursors WHERE name = '')
        THEN
            RAISE EXCEPTION
                'create_distributed_table_concurrently cannot run inside a transaction block'
                USING ERRCODE = 'active_sql_transaction';
        END IF;
    END
    $$;

-- What only this way of distributing asks for.
CREATE FUNCTION citus_internal.check_concurrently(
    relation oid, column_name text, colocate_with text, other oid) RETURNS void
    LANGUAGE plpgsql
    AS $$
    DECLARE
        key text := citus_internal.make_key(relation, column_name);
        name name := citus_internal.name_of(relation);
    BEGIN
        IF citus_internal.kind_of(relation) <> 'local' THEN
            RETURN;
        END IF;
        PERFORM citus_internal.ensure_no_foreign_key(
            relation, false, ARRAY['local', 'reference', 'regular']);
        PERFORM citus_internal.ensure_no_foreign_key(relation, true, ARRAY['regular']);
        IF lower(colocate_with) NOT IN ('none', 'default') THEN
            PERFORM citus_internal.ensure_found(other, colocate_with);
            IF citus_internal.kind_of(other) = 'reference' THEN
                RAISE EXCEPTION 'cannot create distributed table concurrently because Citus '
                    'allows concurrent table distribution only when '
                    'citus.shard_replication_factor = 1' USING
                    ERRCODE = 'XX000',
                    HINT = format('table %s is requested to be colocated with %s which has '
                                  'citus.shard_replication_factor > 1', name, colocate_with);
            END IF;
            PERFORM citus_internal.check_colocation(relation, key, other);
        END IF;
        IF EXISTS (SELECT FROM pg_class c WHERE c.oid = relation AND c.relkind = 'r'
                   AND NOT citus_internal.can_publish(c.oid)) THEN
            RAISE NOTICE 'relation % does not have a REPLICA IDENTITY or PRIMARY KEY', name;
        END IF;
        IF cardinality(citus_internal.homes()) = 0 THEN
            RAISE EXCEPTION 'no worker nodes are available for placing shards' USING
                ERRCODE = 'invalid_parameter_value',
                HINT = 'Add more worker nodes.';
        END IF;
    END
    $$;

-- Whether logical replication could carry updates of a table.
CREATE FUNCTION citus_internal.can_publish(relation oid) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
        SELECT c.relkind = 'p' OR c.relreplident = 'f' OR EXISTS (
            SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid
                AND (c.relreplident = 'd' AND i.indisprimary
                     OR c.relreplident = 'i' AND i.indisreplident))
        FROM pg_catalog.pg_class c WHERE c.oid = relation
    $$;

CREATE FUNCTION pg_catalog.create_distributed_table_concurrently(
    table_name regclass,
    distribution_column text,
    distribution_type citus.distribution_type DEFAULT 'hash',
    colocate_with text DEFAULT 'default',
    shard_count int DEFAULT NULL) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    AS $$
    DECLARE
        path pg_catalog.text := pg_catalog.current_setting('search_path');
        other pg_catalog.oid := pg_catalog.to_regclass(colocate_with);
    BEGIN
        PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
        IF table_name IS NOT NULL AND colocate_with IS NOT NULL
            AND distribution_type IS NOT NULL
        THEN
            IF distribution_column IS NULL THEN
                RAISE EXCEPTION 'cannot use create_distributed_table_concurrently to create a '
                    'distributed table with a null shard key, consider using '
                    'create_distributed_table()' USING ERRCODE = 'XX000';
            END IF;
            PERFORM citus_internal.check_arguments(
                distribution_column, 'hash', colocate_with, shard_count);
            PERFORM citus_internal.ensure_no_transaction_block();
            IF distribution_type <> 'hash' THEN
                RAISE EXCEPTION
                    'only hash-distributed tables can be distributed without blocking writes'
                    USING ERRCODE = 'invalid_parameter_value';
            END IF;
            PERFORM citus_internal.check_new_table(table_name);
            PERFORM citus_internal.check_concurrently(
                table_name, distribution_column, colocate_with, other);
            PERFORM citus_internal.distribute(
                table_name, distribution_column, colocate_with, other, shard_count);
        END IF;
        PERFORM pg_catalog.set_config('search_path', path, true);
    END
    $$;

CREATE FUNCTION pg_catalog.create_reference_table(table_name regclass) RETURNS void
    LANGUAGE plpgsql STRICT SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        colocation int;
    BEGIN
        PERFORM citus_internal.check_new_table(table_name);
        PERFORM citus_internal.ensure_some_node();
        IF citus_internal.kind_of(table_name) <> 'local' THEN
            RAISE EXCEPTION 'table "%" is already distributed',
                citus_internal.name_of(table_name)
                USING ERRCODE = 'invalid_table_definition';
        END IF;
        colocation := citus_internal.reference_colocation();
        PERFORM citus_internal.check_table_as(table_name, 'reference', NULL, colocation);
        PERFORM citus_internal.replicate_references();
        PERFORM citus_internal.ensure_workers_answer();
        PERFORM citus_internal.forget_table(table_name);
        PERFORM citus_internal.enter_table(
            table_name, 'reference', NULL, colocation,
            citus_internal.shards_for('reference', colocation, 1));
        PERFORM citus_internal.pull_in_around(table_name);
    END
    $$;

CREATE FUNCTION pg_catalog.replicate_reference_tables(
    shard_transfer_mode citus.shard_transfer_mode DEFAULT 'auto') RETURNS void
    LANGUAGE plpgsql STRICT SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        PERFORM citus_internal.replicate_references();
    END
    $$;

CREATE FUNCTION citus_internal.ensure_no_foreign_keys(relation oid) RETURNS void
    LANGUAGE plpgsql
    AS $body$
    DECLARE
        name text := citus_internal.full_name(relation);
        reason text := CASE
            WHEN EXISTS (SELECT FROM pg_constraint
                         WHERE contype = 'f' AND conrelid = relation)
            THEN 'has a foreign key'
            WHEN EXISTS (SELECT FROM pg_constraint
                         WHERE contype = 'f' AND confrelid = relation)
            THEN 'is referenced by a foreign key' END;
    BEGIN
        IF reason IS NOT NULL THEN
            RAISE EXCEPTION 'cannot complete operation because table % %',
                citus_internal.name_of(relation), reason USING
                ERRCODE = 'XX000',
                HINT = format(
                    'Use cascade option to undistribute all the relations involved in a '
                    'foreign key relationship with %s by executing SELECT '
                    'undistribute_table($$%s$$, cascade_via_foreign_keys=>true)', name, name);
        END IF;
    END
    $body$;

CREATE FUNCTION pg_catalog.undistribute_table(
    table_name regclass, cascade_via_foreign_keys boolean DEFAULT false) RETURNS void
    LANGUAGE plpgsql STRICT SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        member oid;
    BEGIN
        PERFORM citus_internal.ensure_coordinator();
        PERFORM citus_internal.ensure_table_owner(table_name);
        IF citus_internal.kind_of(table_name) IS NULL THEN
            RAISE EXCEPTION 'cannot undistribute table because the table is not distributed'
                USING ERRCODE = 'XX000';
        END IF;
        PERFORM citus_internal.ensure_not_in_distributed_schema(
            table_name, 'undistribute_table');
        IF NOT cascade_via_foreign_keys THEN
            PERFORM citus_internal.ensure_no_foreign_keys(table_name);
        END IF;
        PERFORM citus_internal.ensure_not_partition(table_name);
        PERFORM citus_internal.ensure_no_identity(table_name);
        FOREACH member IN ARRAY
            citus_internal.connected(table_name, only_ordinary := false)
        LOOP
            IF citus_internal.kind_of(member) IS NOT NULL THEN
                PERFORM citus_internal.ensure_table_owner(member);
                PERFORM citus_internal.ensure_no_identity(member);
                PERFORM citus_internal.announce_rewrite(member);
                PERFORM citus_internal.ensure_workers_answer();
                PERFORM citus_internal.undistribute(member);
            END IF;
        END LOOP;
        PERFORM citus_internal.forget_empty_colocations();
    END
    $$;

-- What a call of alter_distributed_table asks for, and what the table is.
CREATE TYPE citus_internal.change AS (
    relation oid, column_name text, shards int, colocate_with text, other oid, cascades boolean,
    key text, old_key text, old_shards int, others oid[],
    same_column boolean, same_shards boolean, same_group boolean);

CREATE FUNCTION citus_internal.change_of(
    relation oid, column_name text, shards int, colocate_with text, other oid, cascades boolean)
    RETURNS citus_internal.change
    LANGUAGE plpgsql
    AS $$
    DECLARE
        own pg_dist_partition;
        change citus_internal.change;
    BEGIN
        SELECT * INTO own FROM pg_dist_partition WHERE logicalrelid = relation;
        change := (relation, column_name, shards, colocate_with, other, cascades,
                   coalesce(citus_internal.make_key(relation, column_name), own.partkey),
                   own.partkey, NULL, NULL, false, false, false);
        change.old_shards := count(*) FROM pg_dist_shard WHERE logicalrelid = relation;
        change.others := ARRAY(
            SELECT p.logicalrelid FROM pg_dist_partition p
            WHERE p.colocationid = own.colocationid AND p.logicalrelid <> relation
                AND citus_internal.parent_of(p.logicalrelid) IS NULL
            ORDER BY p.logicalrelid::oid);
        change.same_column := column_name IS NOT NULL AND change.key = change.old_key;
        change.same_shards := coalesce(shards = change.old_shards, false);
        change.same_group := coalesce(other = ANY (change.others || relation), false);
        RETURN change;
    END
    $$;

-- The first of Citus' reasons not to change a table, in its order.
CREATE FUNCTION citus_internal.check_change(change citus_internal.change) RETURNS void
    LANGUAGE plpgsql
    AS $$
    DECLARE
        by_name boolean := lower(change.colocate_with) NOT IN ('none', 'default');
        their_kind text := citus_internal.kind_of(change.other);
        their_key text := (SELECT partkey FROM pg_dist_partition
                           WHERE logicalrelid = change.other);
        their_shards int := (SELECT count(*) FROM pg_dist_shard
                             WHERE logicalrelid = change.other);
        failure text[];
    BEGIN
        failure := CASE
            WHEN change.column_name IS NULL AND change.shards IS NULL
                AND change.colocate_with IS NULL AND change.cascades IS NOT TRUE
            THEN ARRAY['you have to specify at least one of the distribution_column, '
                       'shard_count or colocate_with parameters']
            WHEN by_name AND their_kind IS DISTINCT FROM 'hash'
                AND their_kind IS DISTINCT FROM 'single'
            THEN ARRAY[format('cannot colocate with %s because it is not a distributed table',
                              change.colocate_with)]
            WHEN by_name AND their_kind = 'single'
            THEN ARRAY[format('cannot colocate with %s because it is a single shard '
                              'distributed table', change.colocate_with)]
            WHEN change.shards = 0
            THEN ARRAY['shard_count cannot be 0', NULL,
                       'if you no longer want this to be a distributed table you can try '
                       'undistribute_table() function']
            WHEN change.cascades AND change.column_name IS NOT NULL
            THEN ARRAY['distribution_column cannot be cascaded to colocated tables']
            WHEN change.cascades AND change.shards IS NULL AND change.colocate_with IS NULL
            THEN ARRAY['shard_count or colocate_with is necessary for cascading to colocated '
                       'tables']
            WHEN (change.column_name IS NULL OR change.same_column)
                AND (change.shards IS NULL OR change.same_shards)
                AND (change.colocate_with IS NULL OR change.same_group)
            THEN ARRAY['this call doesn''t change any properties of the table', NULL,
                       'check citus_tables view to see current properties of the table']
            WHEN change.cascades AND change.colocate_with = 'none'
            THEN ARRAY['colocate_with := ''none'' cannot be cascaded to colocated tables']
            WHEN cardinality(change.others) > 0 AND change.shards IS NOT NULL
                AND NOT change.same_shards AND change.cascades IS NULL
            THEN ARRAY['cascade_to_colocated parameter is necessary',
                       'this table is colocated with some other tables',
                       'cascade_to_colocated := false will break the current colocation, '
                       'cascade_to_colocated := true will change the shard count of '
                       'colocated tables too.']
            WHEN by_name AND change.shards <> their_shards
            THEN ARRAY['shard_count cannot be different than the shard count of the table in '
                       'colocate_with', NULL,
                       'if no shard_count is specified shard count will be same with '
                       'colocate_with table''s']
            WHEN by_name AND citus_internal.key_part(change.key, 'vartype')
                <> citus_internal.key_part(their_key, 'vartype')
            THEN CASE WHEN change.column_name IS NULL
                THEN ARRAY[format('cannot colocate with %s because data type of its '
                                  'distribution column is different than %s',
                                  change.colocate_with,
                                  citus_internal.name_of(change.relation))]
                ELSE ARRAY[format('cannot colocate with %s and change distribution column to '
                                  '%s because data type of column %s is different then the '
                                  'distribution column of the %s',
                                  change.colocate_with, change.column_name,
                                  change.column_name, change.colocate_with)] END END;
        PERFORM citus_internal.fail(failure[1], failure[2], failure[3]);
    END
    $$;

-- An error with or without a detail and a hint; none without a message.
CREATE FUNCTION citus_internal.fail(message text, detail text, hint text) RETURNS void
    LANGUAGE plpgsql
    AS $$
    BEGIN
        IF message IS NULL THEN
            RETURN;
        ELSIF hint IS NULL THEN
            RAISE EXCEPTION '%', message USING ERRCODE = 'XX000';
        ELSIF detail IS NULL THEN
            RAISE EXCEPTION '%', message USING ERRCODE = 'XX000', HINT = hint;
        END IF;
        RAISE EXCEPTION '%', message USING ERRCODE = 'XX000', DETAIL = detail, HINT = hint;
    END
    $$;

-- The foreign keys that don't come back with the new table: those of ordinary tables to it,
-- and, unless the whole group changes with it, those to and from distributed tables.
CREATE FUNCTION citus_internal.drop_foreign_keys(relation oid, whole_group boolean) RETURNS void
    LANGUAGE plpgsql
    AS $$
    DECLARE
        lost record;
    BEGIN
        FOR lost IN
            SELECT k.conname, k.conrelid, citus_internal.kind_of(
                CASE relation WHEN k.conrelid THEN k.confrelid ELSE k.conrelid END) AS kind
            FROM pg_constraint k
            WHERE k.contype = 'f' AND k.conparentid = 0 AND k.conrelid <> k.confrelid
                AND relation IN (k.conrelid, k.confrelid)
            ORDER BY k.conrelid = relation DESC, k.oid
        LOOP
            IF lost.kind IN ('hash', 'single') AND NOT whole_group THEN
                RAISE WARNING 'foreign key % will be dropped', lost.conname;
            ELSIF lost.kind IS NOT NULL THEN
                CONTINUE;
            END IF;
            EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I',
                           citus_internal.full_name(lost.conrelid), lost.conname);
        END LOOP;
    END
    $$;

-- Takes a table out of the catalogues and enters it anew, with its partitions.
CREATE FUNCTION citus_internal.rewrite(relation oid, key text, colocation int, shards int)
    RETURNS void
    LANGUAGE plpgsql
    AS $$
    DECLARE
        layout citus_internal.shard[];
    BEGIN
        PERFORM citus_internal.announce_rewrite(relation);
        PERFORM citus_internal.ensure_workers_answer();
        layout := citus_internal.shards_for('hash', colocation, shards);
        PERFORM citus_internal.undistribute(relation);
        PERFORM citus_internal.enter_table(relation, 'hash', key, colocation, layout);
        PERFORM citus_internal.check_key(relation, key);
        PERFORM citus_internal.check_unique(relation, key);
        PERFORM citus_internal.enter_partitions(relation);
    END
    $$;

CREATE FUNCTION citus_internal.alter(change citus_internal.change) RETURNS void
    LANGUAGE plpgsql
    AS $$
    DECLARE
        shards int := coalesce(
            change.shards,
            (SELECT nullif(count(*), 0) FROM pg_dist_shard WHERE logicalrelid = change.other),
            change.old_shards);
        keeps_group boolean := change.colocate_with IS NULL AND change.shards IS NULL
            AND citus_internal.key_part(change.key, 'vartype')
                = citus_internal.key_part(change.old_key, 'vartype');
        colocation int;
        member oid;
    BEGIN
        PERFORM citus_internal.ensure_no_identity(change.relation);
        PERFORM citus_internal.drop_foreign_keys(change.relation, change.cascades IS TRUE);
        colocation := CASE WHEN keeps_group
            THEN (SELECT colocationid FROM pg_dist_partition
                  WHERE logicalrelid = change.relation)
            ELSE citus_internal.colocation_for(
                change.relation, change.key, shards, coalesce(change.colocate_with, 'default'),
                change.other) END;
        PERFORM citus_internal.rewrite(change.relation, change.key, colocation, shards);
        IF change.cascades THEN
            FOREACH member IN ARRAY change.others LOOP
                PERFORM citus_internal.ensure_table_owner(member);
                PERFORM citus_internal.ensure_no_identity(member);
                PERFORM citus_internal.drop_foreign_keys(member, true);
                PERFORM citus_internal.rewrite(
                    member,
                    (SELECT partkey FROM pg_dist_partition WHERE logicalrelid = member),
                    colocation, shards);
            END LOOP;
        END IF;
        PERFORM citus_internal.check_foreign_keys(
            change.relation, 'hash', change.key, colocation);
    END
    $$;

CREATE FUNCTION pg_catalog.alter_distributed_table(
    table_name regclass,
    distribution_column text DEFAULT NULL,
    shard_count int DEFAULT NULL,
    colocate_with text DEFAULT NULL,
    cascade_to_colocated boolean DEFAULT NULL) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    AS $$
    DECLARE
        path pg_catalog.text := pg_catalog.current_setting('search_path');
        other pg_catalog.oid := pg_catalog.to_regclass(colocate_with);
        change citus_internal.change;
    BEGIN
        PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
        PERFORM citus_internal.ensure_coordinator();
        PERFORM citus_internal.ensure_table_owner(table_name);
        IF coalesce(citus_internal.kind_of(table_name), '') NOT IN ('hash', 'single') THEN
            RAISE EXCEPTION 'cannot alter table because the table is not distributed'
                USING ERRCODE = 'XX000';
        END IF;
        PERFORM citus_internal.ensure_not_in_distributed_schema(
            table_name, 'alter_distributed_table');
        IF lower(colocate_with) NOT IN ('none', 'default') THEN
            PERFORM citus_internal.ensure_found(other, colocate_with);
            PERFORM citus_internal.ensure_not_in_distributed_schema(other, 'colocate_with');
        END IF;
        PERFORM citus_internal.ensure_not_partition(table_name);
        IF citus_internal.kind_of(table_name) = 'single' THEN
            RAISE EXCEPTION 'relation % should be a hash distributed table',
                citus_internal.name_of(table_name) USING ERRCODE = 'feature_not_supported';
        END IF;
        change := citus_internal.change_of(
            table_name, distribution_column, shard_count, colocate_with, other,
            cascade_to_colocated);
        PERFORM citus_internal.check_change(change);
        IF change.same_column THEN
            RAISE NOTICE 'table is already distributed by %', distribution_column;
        END IF;
        IF change.same_shards THEN
            RAISE NOTICE 'shard count of the table is already %', shard_count;
        END IF;
        IF change.same_group THEN
            RAISE NOTICE 'table is already colocated with %', colocate_with;
        END IF;
        PERFORM citus_internal.alter(change);
        PERFORM citus_internal.forget_empty_colocations();
        PERFORM pg_catalog.set_config('search_path', path, true);
    END
    $$;

CREATE FUNCTION citus_internal.ensure_shards_agree(one oid, two oid) RETURNS void
    LANGUAGE plpgsql
    AS $$
    DECLARE
        names text := format('%s and %s', citus_internal.name_of(one),
                             citus_internal.name_of(two));
        ones citus_internal.shard[] := citus_internal.shards_of(one);
        twos citus_internal.shard[] := citus_internal.shards_of(two);
        apart int;
    BEGIN
        IF cardinality(ones) <> cardinality(twos) THEN
            PERFORM citus_internal.refuse_colocation(
                one, two, format('Shard counts don''t match for %s.', names));
        END IF;
        SELECT min(i) INTO apart FROM generate_subscripts(ones, 1) AS i
            WHERE (ones[i]).groups <> (twos[i]).groups;
        IF apart IS NOT NULL THEN
            PERFORM citus_internal.refuse_colocation(
                one, two, format(
                    'Shard %s of %s and shard %s of %s are not colocated.',
                    citus_internal.shard_at(one, apart), citus_internal.name_of(one),
                    citus_internal.shard_at(two, apart), citus_internal.name_of(two)));
        END IF;
    END
    $$;

CREATE FUNCTION citus_internal.shard_at(relation oid, place int) RETURNS bigint
    LANGUAGE sql STABLE
    AS $$
        SELECT shardid FROM pg_catalog.pg_dist_shard WHERE logicalrelid = relation
        ORDER BY shardminvalue::int OFFSET place - 1 LIMIT 1
    $$;

CREATE FUNCTION citus_internal.ensure_hash_or_single(relation oid) RETURNS void
    LANGUAGE plpgsql
    AS $$
    BEGIN
        IF coalesce(citus_internal.kind_of(relation), '') NOT IN ('hash', 'single') THEN
            RAISE EXCEPTION 'relation % should be a hash or single shard distributed table',
                citus_internal.name_of(relation) USING ERRCODE = 'feature_not_supported';
        END IF;
    END
    $$;

-- The group of a table that is to be colocated with another, or with none; no row moves.
CREATE FUNCTION citus_internal.regroup(relation oid, other oid) RETURNS int
    LANGUAGE plpgsql
    AS $$
    DECLARE
        own pg_dist_partition;
        theirs pg_dist_partition;
    BEGIN
        IF 'local' IN (citus_internal.kind_of(relation), citus_internal.kind_of(other)) THEN
            RAISE EXCEPTION 'local tables cannot be colocated with other tables'
                USING ERRCODE = 'XX000';
        ELSIF other IS NOT NULL THEN
            PERFORM citus_internal.ensure_hash_or_single(other);
        END IF;
        PERFORM citus_internal.ensure_hash_or_single(relation);
        SELECT * INTO own FROM pg_dist_partition WHERE logicalrelid = relation;
        SELECT * INTO theirs FROM pg_dist_partition WHERE logicalrelid = other;
        IF other IS NULL THEN
            RETURN citus_internal.new_colocation(
                cardinality(citus_internal.shards_of(relation)), 1, own.partkey);
        ELSIF citus_internal.key_part(own.partkey, 'vartype')
            IS DISTINCT FROM citus_internal.key_part(theirs.partkey, 'vartype')
        THEN
            PERFORM citus_internal.refuse_colocation(other, relation, format(
                'Distribution column types don''t match for %s and %s.',
                citus_internal.name_of(other), citus_internal.name_of(relation)));
        ELSIF citus_internal.key_part(own.partkey, 'varcollid')
            <> citus_internal.key_part(theirs.partkey, 'varcollid')
        THEN
            PERFORM citus_internal.refuse_colocation(other, relation, format(
                'Distribution column collations don''t match for %s and %s.',
                citus_internal.name_of(other), citus_internal.name_of(relation)));
        END IF;
        PERFORM citus_internal.ensure_shards_agree(other, relation);
        RETURN theirs.colocationid;
    END
    $$;

CREATE FUNCTION pg_catalog.update_distributed_table_colocation(
    table_name regclass, colocate_with text) RETURNS void
    LANGUAGE plpgsql STRICT SECURITY DEFINER
    AS $$
    DECLARE
        path pg_catalog.text := pg_catalog.current_setting('search_path');
        other pg_catalog.oid := CASE
            WHEN pg_catalog.lower(colocate_with) OPERATOR(pg_catalog.<>) 'none'
            THEN pg_catalog.to_regclass(colocate_with) END;
        colocation int;
    BEGIN
        PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
        PERFORM citus_internal.ensure_coordinator();
        PERFORM citus_internal.ensure_table_owner(table_name);
        PERFORM citus_internal.ensure_not_in_distributed_schema(
            table_name, 'update_distributed_table_colocation');
        IF lower(colocate_with) <> 'none' THEN
            PERFORM citus_internal.ensure_found(other, colocate_with);
            PERFORM citus_internal.ensure_not_in_distributed_schema(other, 'colocate_with');
            PERFORM citus_internal.ensure_table_owner(other);
        END IF;
        colocation := citus_internal.regroup(table_name, other);
        PERFORM citus_internal.ensure_workers_answer();
        UPDATE pg_dist_partition SET colocationid = colocation WHERE logicalrelid = table_name;
        PERFORM citus_internal.forget_empty_colocations();
        PERFORM pg_catalog.set_config('search_path', path, true);
    END
    $$;


-- 16  distributed schemas: which tables may be in one --------------------------------------

-- Parents and children, by partitioning or by inheritance.
CREATE FUNCTION citus_internal.relatives(relation oid)
    RETURNS TABLE (schema oid, by_partition boolean)
    LANGUAGE sql STABLE
    AS $$
        SELECT other.relnamespace, child.relispartition
        FROM pg_catalog.pg_inherits i
        JOIN pg_catalog.pg_class child ON child.oid = i.inhrelid
        JOIN pg_catalog.pg_class other ON other.oid = CASE i.inhrelid
            WHEN relation THEN i.inhparent ELSE i.inhrelid END
        WHERE relation IN (i.inhrelid, i.inhparent) AND child.relkind IN ('r', 'p', 'f')
    $$;

CREATE FUNCTION citus_internal.check_kind(relation oid) RETURNS void
    LANGUAGE plpgsql
    AS $$
    DECLARE
        own record;
    BEGIN
        SELECT relkind, relnamespace INTO own FROM pg_class WHERE oid = relation;
        IF own.relkind = 'f' THEN
            RAISE EXCEPTION 'cannot create a foreign table in a distributed schema'
                USING ERRCODE = 'XX000';
        ELSIF EXISTS (SELECT FROM citus_internal.relatives(relation)
                      WHERE by_partition AND schema <> own.relnamespace) THEN
            RAISE EXCEPTION 'partitioning within a distributed schema is not supported when '
                'the parent and the child are in different schemas' USING ERRCODE = 'XX000';
        ELSIF EXISTS (SELECT FROM citus_internal.relatives(relation)
                      WHERE NOT by_partition) THEN
            RAISE EXCEPTION 'tables in a distributed schema cannot inherit or be inherited'
                USING ERRCODE = 'XX000';
        END IF;
    END
    $$;

-- Foreign keys when a schema with tables is distributed.
CREATE FUNCTION citus_internal.check_schema_foreign_keys(relation oid) RETURNS void
    LANGUAGE plpgsql
    AS $$
    DECLARE
        key record;
    BEGIN
        FOR key IN
            SELECT k.conname, k.conrelid = relation AS outward,
                citus_internal.full_name(k.conrelid) AS referencing,
                citus_internal.full_name(k.confrelid) AS referenced
            FROM pg_constraint k
            JOIN pg_class a ON a.oid = k.conrelid
            JOIN pg_class b ON b.oid = k.confrelid
            WHERE k.contype = 'f' AND relation IN (k.conrelid, k.confrelid)
                AND a.relnamespace <> b.relnamespace
                AND NOT (k.conrelid = relation
                         AND coalesce(citus_internal.kind_of(b.oid), '') = 'reference')
            ORDER BY outward DESC, k.oid
        LOOP
            RAISE EXCEPTION '%', CASE WHEN key.outward
                THEN 'foreign keys from distributed schemas can only point to the same '
                     'distributed schema or reference tables in regular schemas'
                ELSE 'cannot create foreign keys to tables in a distributed schema from '
                     'another schema' END
                USING ERRCODE = 'XX000',
                DETAIL = format('"%s" references "%s" via foreign key constraint "%s"',
                                key.referencing, key.referenced, key.conname);
        END LOOP;
    END
    $$;

-- Everything that Citus wants of a table that comes into a distributed schema.
CREATE FUNCTION citus_internal.check_schema_table(relation oid, operation text) RETURNS void
    LANGUAGE plpgsql
    AS $$
    BEGIN
        PERFORM citus_internal.ensure_table_owner(relation);
        PERFORM citus_internal.check_kind(relation);
        PERFORM citus_internal.check_schema_foreign_keys(relation);
        IF EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass
                   AND objid = relation AND deptype = 'e') THEN
            RAISE EXCEPTION 'schema cannot be distributed since it has table % which is '
                'owned by an extension',
                (SELECT relnamespace::regnamespace FROM pg_class WHERE oid = relation)
                USING ERRCODE = 'XX000';
        ELSIF citus_internal.kind_of(relation) <> 'local' THEN
            RAISE EXCEPTION 'distributed schema cannot have distributed tables' USING
                ERRCODE = 'XX000',
                HINT = format('Undistribute distributed tables before ''%s''.', operation);
        END IF;
    END
    $$;

-- Puts a table into its schema's group.
CREATE FUNCTION citus_internal.enter_schema_table(relation oid, colocation int) RETURNS void
    LANGUAGE plpgsql
    AS $$
    BEGIN
        PERFORM citus_internal.ensure_some_node();
        PERFORM citus_internal.ensure_no_triggers(relation);
        PERFORM citus_internal.forget_table(relation);
        PERFORM citus_internal.enter_table(
            relation, 'single', NULL, colocation,
            citus_internal.shards_for('single', colocation, 1));
    END
    $$;

CREATE FUNCTION citus_internal.enter_schema(schema oid) RETURNS int
    LANGUAGE sql
    AS $$
        INSERT INTO pg_catalog.pg_dist_schema
            VALUES (schema, citus_internal.new_colocation(1, 1, NULL))
            RETURNING colocationid
    $$;

CREATE FUNCTION citus_internal.forget_schema(schema oid) RETURNS void
    LANGUAGE sql
    AS $$
        DELETE FROM pg_catalog.pg_dist_colocation WHERE colocationid = (
            SELECT s.colocationid FROM pg_catalog.pg_dist_schema s WHERE s.schemaid = schema);
        DELETE FROM pg_catalog.pg_dist_schema WHERE schemaid = schema;
    $$;


-- 17  distributed schemas: functions for users ---------------------------------------------

-- The schema that is to be changed: it exists, is the caller's, and is locked.
CREATE FUNCTION citus_internal.schema_to_change(schema oid) RETURNS name
    LANGUAGE plpgsql
    AS $$
    DECLARE
        own record;
    BEGIN
        PERFORM citus_internal.ensure_coordinator();
        PERFORM pg_advisory_xact_lock(hashtext('citus_internal.pg_dist_schema'), schema::int);
        SELECT nspname, nspowner INTO own FROM pg_namespace WHERE oid = schema;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'schema with OID % does not exist', schema
                USING ERRCODE = 'invalid_schema_name';
        ELSIF NOT pg_has_role(citus_internal.caller(), own.nspowner, 'USAGE') THEN
            RAISE EXCEPTION 'must be owner of schema %', own.nspname
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN own.nspname;
    END
    $$;

CREATE FUNCTION citus_internal.check_schema(schema oid, name name) RETURNS void
    LANGUAGE plpgsql
    AS $$
    DECLARE
        extension name;
    BEGIN
        IF name IN ('public', 'information_schema', 'pg_catalog', 'pg_toast') THEN
            RAISE EXCEPTION '% schema cannot be distributed', name USING ERRCODE = 'XX000';
        ELSIF name ~ '^pg_(toast_)?temp_' THEN
            RAISE EXCEPTION 'temporary schema cannot be distributed' USING ERRCODE = 'XX000';
        ELSIF EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_namespace'::regclass
                      AND objid = schema AND deptype = 'e') THEN
            RAISE EXCEPTION 'schema %, which is owned by an extension, cannot be distributed',
                name USING ERRCODE = 'XX000';
        END IF;
        SELECT extname INTO extension FROM pg_extension WHERE extnamespace = schema;
        IF FOUND THEN
            RAISE EXCEPTION 'schema % cannot be distributed since it is the schema of '
                'extension %', name, extension USING ERRCODE = 'XX000';
        END IF;
    END
    $$;

CREATE FUNCTION pg_catalog.citus_schema_distribute(schemaname regnamespace) RETURNS void
    LANGUAGE plpgsql STRICT SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        name name := citus_internal.schema_to_change(schemaname);
        colocation int;
        tables oid[];
    BEGIN
        IF citus_internal.is_distributed(schemaname) THEN
            RAISE NOTICE 'schema % is already distributed', name;
            RETURN;
        END IF;
        SELECT array_agg(c.oid ORDER BY c.relname COLLATE "C") INTO tables FROM pg_class c
            WHERE c.relnamespace = schemaname AND c.relkind IN ('r', 'p', 'f');
        PERFORM citus_internal.check_schema(schemaname, name);
        PERFORM citus_internal.check_schema_table(t, 'citus_schema_distribute')
            FROM unnest(tables) AS t;
        RAISE NOTICE 'distributing the schema %', name;
        PERFORM citus_internal.ensure_workers_answer();
        colocation := citus_internal.enter_schema(schemaname);
        PERFORM citus_internal.enter_schema_table(t, colocation) FROM unnest(tables) AS t;
    END
    $$;

CREATE FUNCTION pg_catalog.citus_schema_undistribute(schemaname regnamespace) RETURNS void
    LANGUAGE plpgsql STRICT SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        name name := citus_internal.schema_to_change(schemaname);
    BEGIN
        IF NOT citus_internal.is_distributed(schemaname) THEN
            RAISE EXCEPTION 'schema % is not distributed', name USING ERRCODE = 'XX000';
        END IF;
        RAISE NOTICE 'undistributing schema %', name;
        PERFORM citus_internal.ensure_workers_answer();
        PERFORM citus_internal.forget_table(p.logicalrelid)
            FROM pg_dist_partition p JOIN pg_dist_schema s USING (colocationid)
            WHERE s.schemaid = schemaname;
        PERFORM citus_internal.forget_schema(schemaname);
    END
    $$;


-- The group of the node to which a schema is to move.
CREATE FUNCTION citus_internal.target_of_move(target pg_dist_node, host text, port int, home int)
    RETURNS int
    LANGUAGE plpgsql
    AS $$
    BEGIN
        IF target.nodeid IS NULL THEN
            RAISE EXCEPTION 'Moving shards to a non-existing node is not supported' USING
                ERRCODE = 'feature_not_supported',
                HINT = format('Add the target node via SELECT citus_add_node(''%s'', %s);',
                              host, port);
        ELSIF target.groupid = home THEN
            RAISE EXCEPTION 'cannot move shard to the same node'
                USING ERRCODE = 'invalid_parameter_value';
        ELSIF NOT target.shouldhaveshards THEN
            RAISE EXCEPTION 'Moving shards to a node that shouldn''t have a shard is not '
                'supported' USING
                ERRCODE = 'feature_not_supported',
                HINT = format('Allow shards on the target node via SELECT * FROM '
                              'citus_set_node_property(''%s'', %s, ''shouldhaveshards'', '
                              'true);', host, port);
        END IF;
        RETURN target.groupid;
    END
    $$;

CREATE FUNCTION citus_internal.ensure_can_publish(relation oid) RETURNS void
    LANGUAGE plpgsql
    AS $$
    BEGIN
        IF NOT citus_internal.can_publish(relation) THEN
            RAISE EXCEPTION 'cannot use logical replication to transfer shards of the relation '
                '% since it doesn''t have a REPLICA IDENTITY or PRIMARY KEY',
                citus_internal.name_of(relation) USING
                ERRCODE = 'feature_not_supported',
                DETAIL = 'UPDATE and DELETE commands on the shard will error out during '
                         'logical replication unless there is a REPLICA IDENTITY or PRIMARY '
                         'KEY.',
                HINT = 'If you wish to continue without a replica identity set the '
                       'shard_transfer_mode to ''force_logical'' or ''block_writes''.';
        END IF;
    END
    $$;

CREATE FUNCTION pg_catalog.citus_schema_move(
    schema_id regnamespace, target_node_name text, target_node_port int,
    shard_transfer_mode citus.shard_transfer_mode DEFAULT 'auto') RETURNS void
    LANGUAGE plpgsql STRICT SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        name name := citus_internal.schema_to_change(schema_id);
        tables oid[];
        target pg_dist_node;
        home int;
    BEGIN
        IF NOT citus_internal.is_distributed(schema_id) THEN
            RAISE EXCEPTION 'schema % is not a distributed schema', name USING ERRCODE = 'XX000';
        END IF;
        tables := ARRAY(
            SELECT p.logicalrelid FROM pg_dist_partition p
            JOIN pg_dist_schema s USING (colocationid)
            WHERE s.schemaid = schema_id ORDER BY p.logicalrelid::oid);
        IF cardinality(tables) = 0 THEN
            RAISE EXCEPTION 'cannot move distributed schema % because it is empty', name
                USING ERRCODE = 'XX000';
        END IF;
        home := ((citus_internal.shards_of(tables[1]))[1]).groups[1];
        SELECT * INTO target FROM pg_dist_node
            WHERE nodename = target_node_name AND nodeport = target_node_port;
        home := citus_internal.target_of_move(
            target, target_node_name, target_node_port, home);
        IF shard_transfer_mode = 'auto' THEN
            PERFORM citus_internal.ensure_can_publish(t) FROM unnest(tables) AS t;
        END IF;
        PERFORM citus_internal.ensure_workers_answer();
        UPDATE pg_dist_placement p SET
                groupid = home, placementid = nextval('pg_dist_placement_placementid_seq')
            FROM pg_dist_shard s
            WHERE p.shardid = s.shardid AND s.logicalrelid = ANY (tables);
    END
    $$;

CREATE FUNCTION pg_catalog.citus_schema_move(
    schema_id regnamespace, target_node_id int,
    shard_transfer_mode citus.shard_transfer_mode DEFAULT 'auto') RETURNS void
    LANGUAGE plpgsql STRICT SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        target pg_dist_node;
    BEGIN
        SELECT * INTO target FROM pg_dist_node WHERE nodeid = target_node_id;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'node with node id % could not be found', target_node_id
                USING ERRCODE = 'XX000';
        END IF;
        PERFORM citus_schema_move(
            schema_id, target.nodename, target.nodeport, shard_transfer_mode);
    END
    $$;


-- 18  moves of shards ----------------------------------------------------------------------
-- Only the entries move: the rows are on the coordinator, so a move is done at once.

-- Shards that lie together and move together, and the node that they are on. Groups of one
-- shard are spread as if they were one.
CREATE VIEW citus_internal.bundles AS
    SELECT t.colocationid, s.shardminvalue, p.groupid,
        CASE WHEN c.shardcount = 1 THEN 0 ELSE t.colocationid END AS spread,
        pg_catalog.min(s.shardid) AS shardid
    FROM pg_catalog.pg_dist_placement p
    JOIN pg_catalog.pg_dist_shard s USING (shardid)
    JOIN pg_catalog.pg_dist_partition t USING (logicalrelid)
    JOIN pg_catalog.pg_dist_colocation c USING (colocationid)
    WHERE t.repmodel = 's'
    GROUP BY t.colocationid, s.shardminvalue, p.groupid, c.shardcount;

CREATE TYPE citus_internal.move AS (
    colocationid int, shardminvalue text, shardid bigint, source int, target int);

-- The next bundle that is on a node that should have no shards (or on this one), and the node
-- with the fewest; else, unless only that is asked for, from the fullest node to the emptiest.
CREATE FUNCTION citus_internal.next_move(only_off int, drain_only boolean)
    RETURNS citus_internal.move
    LANGUAGE sql
    AS $$
        WITH homes AS (SELECT unnest(citus_internal.homes()) AS groupid),
        spreads AS (SELECT DISTINCT spread FROM citus_internal.bundles),
        loads AS (
            SELECT s.spread, h.groupid, pg_catalog.count(b.groupid) AS load
            FROM spreads s CROSS JOIN homes h
            LEFT JOIN citus_internal.bundles b USING (spread, groupid)
            GROUP BY s.spread, h.groupid)
        SELECT b.colocationid, b.shardminvalue, b.shardid, b.groupid, emptiest.groupid
        FROM citus_internal.bundles b
        CROSS JOIN LATERAL (
            SELECT l.groupid, l.load FROM loads l WHERE l.spread = b.spread
            ORDER BY l.load, l.groupid LIMIT 1) AS emptiest
        LEFT JOIN loads own ON own.spread = b.spread AND own.groupid = b.groupid
        WHERE CASE WHEN only_off IS NOT NULL THEN b.groupid = only_off
                   ELSE own.load IS NULL
                        OR NOT drain_only AND own.load >= emptiest.load + 2 END
        ORDER BY own.load DESC, b.shardid LIMIT 1
    $$;

CREATE FUNCTION citus_internal.check_strategy(name name) RETURNS void
    LANGUAGE plpgsql
    AS $$
    BEGIN
        IF name IS NOT NULL AND NOT EXISTS (
            SELECT FROM pg_dist_rebalance_strategy s WHERE s.name = check_strategy.name)
        THEN
            RAISE EXCEPTION 'could not find rebalance strategy with name %', name
                USING ERRCODE = 'XX000';
        END IF;
    END
    $$;

-- Make the moves one after the other; give their commands, as the tasks of a job have them.
CREATE FUNCTION citus_internal.make_moves(
    only_off int, drain_only boolean, mode citus.shard_transfer_mode) RETURNS text[]
    LANGUAGE plpgsql
    AS $$
    DECLARE
        next citus_internal.move;
        commands text[] := '{}';
    BEGIN
        LOOP
            next := citus_internal.next_move(only_off, drain_only);
            EXIT WHEN next.target IS NULL;
            IF cardinality(commands) = 0 THEN
                PERFORM citus_internal.ensure_workers_answer();
                IF mode = 'auto' THEN
                    PERFORM citus_internal.ensure_can_publish(t.logicalrelid)
                        FROM pg_dist_partition t WHERE t.repmodel = 's' AND t.colocationid <> 0;
                END IF;
            END IF;
            UPDATE pg_dist_placement p SET groupid = next.target,
                    placementid = nextval('pg_dist_placement_placementid_seq')
                FROM pg_dist_shard s JOIN pg_dist_partition t USING (logicalrelid)
                WHERE p.shardid = s.shardid AND p.groupid = next.source
                    AND t.colocationid = next.colocationid
                    AND s.shardminvalue IS NOT DISTINCT FROM next.shardminvalue;
            commands := commands || format(
                'SELECT pg_catalog.citus_move_shard_placement(%s,%s,%s,''%s'')', next.shardid,
                citus_internal.node_of(next.source), citus_internal.node_of(next.target), mode);
        END LOOP;
        RETURN commands;
    END
    $$;

CREATE FUNCTION citus_internal.node_of(node_group int) RETURNS int
    LANGUAGE sql STABLE
    AS $$
        SELECT nodeid FROM pg_catalog.pg_dist_node
        WHERE groupid = node_group AND noderole = 'primary'
    $$;

CREATE FUNCTION pg_catalog.citus_drain_node(
    nodename text, nodeport int,
    shard_transfer_mode citus.shard_transfer_mode DEFAULT 'auto',
    rebalance_strategy name DEFAULT NULL) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        node_group int;
    BEGIN
        PERFORM citus_internal.ensure_coordinator();
        SELECT n.groupid INTO node_group FROM pg_dist_node n
            WHERE n.nodename = $1 AND n.nodeport = $2;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'node %:% not found', $1, $2 USING ERRCODE = 'no_data_found';
        END IF;
        PERFORM citus_set_node_property($1, $2, 'shouldhaveshards', false);
        PERFORM citus_internal.check_strategy(rebalance_strategy);
        PERFORM citus_internal.make_moves(node_group, true, shard_transfer_mode);
    END
    $$;

CREATE FUNCTION pg_catalog.citus_rebalance_start(
    rebalance_strategy name DEFAULT NULL, drain_only boolean DEFAULT false,
    shard_transfer_mode citus.shard_transfer_mode DEFAULT 'auto') RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        commands text[];
        job bigint;
    BEGIN
        PERFORM citus_internal.ensure_coordinator();
        PERFORM citus_internal.check_strategy(rebalance_strategy);
        commands := citus_internal.make_moves(NULL, drain_only, shard_transfer_mode);
        IF cardinality(commands) = 0 THEN
            RAISE NOTICE 'No moves available for rebalancing';
            RETURN NULL;
        END IF;
        PERFORM citus_internal.replicate_references();
        INSERT INTO pg_dist_background_job (state, job_type, description, started_at, finished_at)
            VALUES ('finished', 'rebalance', 'Rebalance all colocation groups', now(), now())
            RETURNING job_id INTO job;
        INSERT INTO pg_dist_background_task (job_id, owner, status, command, message)
            SELECT job, citus_internal.caller()::regrole, 'done', command, E'SELECT 1\n'
            FROM unnest(commands) WITH ORDINALITY AS c (command, i) ORDER BY i;
        RAISE NOTICE 'Scheduled % moves as job %', cardinality(commands), job USING
            DETAIL = 'Rebalance scheduled as background job',
            HINT = 'To monitor progress, run: SELECT * FROM citus_rebalance_status();';
        RETURN job;
    END
    $$;

CREATE FUNCTION pg_catalog.citus_rebalance_stop() RETURNS void
    LANGUAGE plpgsql
    AS $$
    BEGIN
        RAISE EXCEPTION 'no ongoing rebalance that can be stopped' USING ERRCODE = 'XX000';
    END
    $$;

CREATE FUNCTION pg_catalog.citus_rebalance_wait() RETURNS void
    LANGUAGE plpgsql
    AS $$
    BEGIN
        RAISE WARNING 'no ongoing rebalance that can be waited on';
    END
    $$;

CREATE FUNCTION pg_catalog.citus_rebalance_status(raw boolean DEFAULT false)
    RETURNS TABLE (job_id bigint, state citus_job_status, job_type name, description text,
                   started_at timestamptz, finished_at timestamptz, details jsonb)
    LANGUAGE sql STABLE
    AS $$
        SELECT j.job_id, j.state, j.job_type, j.description, j.started_at, j.finished_at,
            pg_catalog.jsonb_build_object('tasks', '[]'::jsonb, 'task_state_counts',
                pg_catalog.jsonb_build_object('done', (
                    SELECT pg_catalog.count(*) FROM pg_catalog.pg_dist_background_task t
                    WHERE t.job_id = j.job_id)))
        FROM pg_catalog.pg_dist_background_job j
        WHERE j.job_type = 'rebalance' ORDER BY j.job_id DESC LIMIT 1
    $$;

-- No move lasts, so none is under way.
CREATE FUNCTION pg_catalog.get_rebalance_progress()
    RETURNS TABLE (sessionid int, table_name regclass, shardid bigint, shard_size bigint,
                   sourcename text, sourceport int, targetname text, targetport int,
                   progress bigint, source_shard_size bigint, target_shard_size bigint,
                   operation_type text, source_lsn pg_lsn, target_lsn pg_lsn, status text)
    LANGUAGE plpgsql STABLE
    AS $$ BEGIN END $$;

CREATE PROCEDURE pg_catalog.citus_cleanup_orphaned_resources()
    LANGUAGE plpgsql
    AS $$ BEGIN END $$;

-- No node has tables of shards, so there are none to make on another.
CREATE FUNCTION pg_catalog.master_get_table_ddl_events(text) RETURNS SETOF text
    LANGUAGE plpgsql STABLE
    AS $$ BEGIN END $$;

CREATE FUNCTION pg_catalog.master_run_on_worker(
    worker_name text[], port int[], command text[], parallel boolean,
    OUT node_name text, OUT node_port int, OUT success boolean, OUT result text)
    RETURNS SETOF record
    LANGUAGE sql STABLE
    AS $$ SELECT n, p, true, '' FROM unnest($1, $2) AS c (n, p) $$;

CREATE FUNCTION pg_catalog.start_metadata_sync_to_all_nodes() RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        PERFORM citus_internal.ensure_superuser();
        PERFORM citus_internal.ensure_coordinator();
        UPDATE pg_dist_node SET metadatasynced = true WHERE isactive;
        PERFORM citus_internal.tell_nodes();
        RETURN true;
    END
    $$;

-- What the file system of the data folder has, as `df` tells it. What is kept for root is free,
-- too, as in Citus.
CREATE FUNCTION pg_catalog.citus_local_disk_space_stats(
    OUT available_disk_size bigint, OUT total_disk_size bigint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        numbers text[];
    BEGIN
        CREATE TEMP TABLE citus_df (line text);
        COPY citus_df FROM PROGRAM 'df -Pk . | tail -n 1' WITH (DELIMITER E'\x01');
        SELECT regexp_match(line, '\s(\d+)\s+(\d+)\s+\d+\s+\d+%') INTO numbers FROM citus_df;
        DROP TABLE citus_df;
        available_disk_size := (numbers[1]::bigint - numbers[2]::bigint) * 1024;
        total_disk_size := numbers[1]::bigint * 1024;
    END
    $$;


-- 19  event triggers -----------------------------------------------------------------------
-- They fire for everybody's DDL, so they run with the owner's rights and say nothing that
-- Citus doesn't.

CREATE FUNCTION citus_internal.switched_on(setting text, otherwise boolean) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
        SELECT coalesce(
            nullif(pg_catalog.current_setting(setting, true), '')::boolean, otherwise)
    $$;

-- A table that is in the catalogues was altered: what it is now must still be possible.
CREATE FUNCTION citus_internal.check_altered(relation oid) RETURNS void
    LANGUAGE plpgsql
    AS $$
    DECLARE
        own pg_dist_partition;
        kind text := citus_internal.kind_of(relation);
    BEGIN
        SELECT * INTO own FROM pg_dist_partition WHERE logicalrelid = relation;
        IF own.partkey IS NOT NULL AND NOT EXISTS (
            SELECT FROM pg_attribute WHERE attrelid = relation AND NOT attisdropped
                AND attnum = citus_internal.key_part(own.partkey, 'varattno')::int2
                AND atttypid = citus_internal.key_part(own.partkey, 'vartype'))
        THEN
            RAISE EXCEPTION 'cannot execute ALTER TABLE command involving partition column'
                USING ERRCODE = 'XX000';
        END IF;
        PERFORM citus_internal.check_foreign_keys(
            relation, kind, own.partkey, own.colocationid);
        PERFORM citus_internal.check_unique(relation, own.partkey);
        PERFORM citus_internal.ensure_workers_answer();
    END
    $$;

-- A table came into a distributed schema, was made there, or left one.
CREATE FUNCTION citus_internal.follow_schema(relation oid, altered boolean) RETURNS void
    LANGUAGE plpgsql
    AS $$
    DECLARE
        own record;
    BEGIN
        SELECT c.relname, s.colocationid AS wanted, old.schemaid,
                citus_internal.kind_of(c.oid) AS kind,
                p.colocationid IS NOT DISTINCT FROM s.colocationid AS there
            INTO own
            FROM pg_class c
            LEFT JOIN pg_dist_schema s ON s.schemaid = c.relnamespace
            LEFT JOIN pg_dist_partition p ON p.logicalrelid = c.oid
            LEFT JOIN pg_dist_schema old ON old.colocationid = p.colocationid
            WHERE c.oid = relation;
        IF own.wanted IS NOT NULL OR EXISTS (
            SELECT FROM citus_internal.relatives(relation) AS r
            WHERE citus_internal.is_distributed(r.schema))
        THEN
            PERFORM citus_internal.check_kind(relation);
        END IF;
        IF own.schemaid IS NOT NULL AND NOT own.there THEN
            RAISE NOTICE 'undistributing table % in distributed schema % before altering its '
                'schema', own.relname, own.schemaid::regnamespace;
            PERFORM citus_internal.forget_table(relation);
            own.kind := NULL;
        END IF;
        IF own.wanted IS NULL OR own.there OR own.kind = 'single' THEN
            RETURN;
        ELSIF altered THEN
            PERFORM citus_internal.check_schema_table(relation, 'ALTER TABLE SET SCHEMA');
            RAISE NOTICE 'Moving % into distributed schema %', own.relname,
                (SELECT relnamespace::regnamespace FROM pg_class WHERE oid = relation);
        END IF;
        PERFORM citus_internal.check_foreign_keys(relation, 'single', NULL, own.wanted);
        PERFORM citus_internal.ensure_workers_answer();
        PERFORM citus_internal.enter_schema_table(relation, own.wanted);
    END
    $$;

-- A table was created or altered: the catalogues follow.
CREATE FUNCTION citus_internal.follow_table(relation oid, altered boolean) RETURNS void
    LANGUAGE plpgsql
    AS $$
    DECLARE
        parent oid := citus_internal.parent_of(relation);
    BEGIN
        PERFORM citus_internal.follow_schema(relation, altered);
        IF altered AND citus_internal.kind_of(relation) IS NOT NULL THEN
            PERFORM citus_internal.check_altered(relation);
            PERFORM citus_internal.enter_partitions(relation);
        ELSIF citus_internal.kind_of(parent) IS NOT NULL THEN
            PERFORM citus_internal.ensure_workers_answer();
            PERFORM citus_internal.enter_partitions(parent);
        END IF;
        PERFORM citus_internal.pull_in_around(relation);
    END
    $$;

-- A schema is distributed as it is created, if the setting says so.
CREATE FUNCTION citus_internal.follow_new_schema(schema oid, with_tables boolean) RETURNS void
    LANGUAGE plpgsql
    AS $$
    BEGIN
        IF NOT citus_internal.switched_on('citus.enable_schema_based_sharding', false)
            OR NOT citus_internal.switched_on('citus.enable_ddl_propagation', true)
            OR schema = to_regnamespace('public')
        THEN
            RETURN;
        ELSIF with_tables THEN
            RAISE EXCEPTION 'cannot create distributed schema and table in a single statement'
                USING ERRCODE = 'feature_not_supported',
                HINT = 'SET citus.enable_schema_based_sharding TO off, or create the schema '
                       'and table in separate commands.';
        END IF;
        PERFORM citus_internal.enter_schema(schema);
    END
    $$;

CREATE FUNCTION citus_internal.follow_index(index oid) RETURNS void
    LANGUAGE plpgsql
    AS $$
    BEGIN
        IF EXISTS (
            SELECT FROM pg_index i JOIN pg_dist_partition p ON p.logicalrelid = i.indrelid
            WHERE i.indexrelid = index AND i.indisunique
                AND citus_internal.key_part(p.partkey, 'varattno')::int2
                    <> ALL ((i.indkey::int2[])[0:i.indnkeyatts - 1]))
        THEN
            RAISE EXCEPTION
                'creating unique indexes on non-partition columns is currently unsupported'
                USING ERRCODE = 'feature_not_supported';
        END IF;
    END
    $$;

CREATE FUNCTION citus_internal.after_ddl() RETURNS event_trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        made record;
    BEGIN
        FOR made IN
            SELECT objid, object_type, bool_and(command_tag = 'ALTER TABLE') AS altered,
                count(*) FILTER (WHERE object_type = 'table') OVER () > 0 AS with_tables
            FROM pg_event_trigger_ddl_commands()
            WHERE NOT in_extension
                AND object_type IN ('schema', 'table', 'foreign table', 'index')
            GROUP BY objid, object_type ORDER BY object_type = 'schema' DESC, objid
        LOOP
            CASE made.object_type
                WHEN 'schema' THEN
                    PERFORM citus_internal.follow_new_schema(made.objid, made.with_tables);
                WHEN 'index' THEN
                    PERFORM citus_internal.follow_index(made.objid);
                ELSE
                    PERFORM citus_internal.follow_table(made.objid, made.altered);
            END CASE;
        END LOOP;
    END
    $$;

-- What was dropped leaves the catalogues. Only if there was anything in them, the workers
-- must answer.
CREATE FUNCTION citus_internal.after_drop() RETURNS event_trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        tables oid[];
        schemas oid[];
    BEGIN
        SELECT array_agg(DISTINCT p.logicalrelid::oid), array_agg(DISTINCT s.schemaid)
            INTO tables, schemas
            FROM pg_event_trigger_dropped_objects() AS d
            LEFT JOIN pg_dist_partition p
                ON d.classid = 'pg_class'::regclass AND d.objsubid = 0
                    AND p.logicalrelid = d.objid
            LEFT JOIN pg_dist_schema s
                ON d.classid = 'pg_namespace'::regclass AND s.schemaid = d.objid;
        tables := array_remove(tables, NULL);
        schemas := array_remove(schemas, NULL);
        IF cardinality(tables) + cardinality(schemas) > 0 THEN
            PERFORM citus_internal.ensure_workers_answer();
            PERFORM citus_internal.forget_table(t) FROM unnest(tables) AS t;
            PERFORM citus_internal.forget_schema(s) FROM unnest(schemas) AS s;
            PERFORM citus_internal.forget_empty_colocations();
        END IF;
        IF EXISTS (SELECT FROM pg_event_trigger_dropped_objects()
                   WHERE object_type IN ('table', 'table constraint')) THEN
            PERFORM citus_internal.let_go();
        END IF;
    END
    $$;

-- A schema belongs to the cluster: it is created on the coordinator.
CREATE FUNCTION citus_internal.before_create_schema() RETURNS event_trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        IF citus_internal.switched_on('citus.enable_ddl_propagation', true) THEN
            PERFORM citus_internal.ensure_coordinator();
            PERFORM citus_internal.ensure_workers_answer();
        END IF;
    END
    $$;

CREATE EVENT TRIGGER citus_standin_after_ddl ON ddl_command_end
    WHEN TAG IN ('CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO', 'ALTER TABLE',
                 'CREATE FOREIGN TABLE', 'IMPORT FOREIGN SCHEMA', 'CREATE SCHEMA',
                 'CREATE INDEX')
    EXECUTE FUNCTION citus_internal.after_ddl();
CREATE EVENT TRIGGER citus_standin_after_drop ON sql_drop
    EXECUTE FUNCTION citus_internal.after_drop();
CREATE EVENT TRIGGER citus_standin_before_create_schema ON ddl_command_start
    WHEN TAG IN ('CREATE SCHEMA')
    EXECUTE FUNCTION citus_internal.before_create_schema();


-- 20  views --------------------------------------------------------------------------------
-- In `public` where Citus has them there. Sizes are those of the tables on the coordinator,
-- in equal parts for the shards.

CREATE FUNCTION pg_catalog.shard_name(object_name regclass, shard_id bigint) RETURNS text
    LANGUAGE sql STABLE STRICT
    AS $$
        SELECT CASE WHEN n.nspname <> 'public'
                    THEN pg_catalog.quote_ident(n.nspname) || '.' ELSE '' END
            || pg_catalog.quote_ident(c.relname || '_' || shard_id)
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.oid = object_name
    $$;

CREATE VIEW public.citus_schemas AS
    SELECT s.schemaid::regnamespace AS schema_name,
        s.colocationid AS colocation_id,
        CASE WHEN pg_catalog.has_schema_privilege(current_user, s.schemaid, 'USAGE')
             THEN pg_catalog.pg_size_pretty(coalesce((
                SELECT pg_catalog.sum(pg_catalog.pg_total_relation_size(p.logicalrelid))
                FROM pg_catalog.pg_dist_partition p
                WHERE p.colocationid = s.colocationid), 0)) END AS schema_size,
        pg_catalog.pg_get_userbyid(n.nspowner) AS schema_owner
    FROM pg_catalog.pg_dist_schema s
    JOIN pg_catalog.pg_namespace n ON n.oid = s.schemaid
    ORDER BY schema_name;

CREATE VIEW public.citus_tables AS
    SELECT p.logicalrelid AS table_name,
        CASE WHEN p.colocationid IN (SELECT colocationid FROM pg_catalog.pg_dist_schema)
                 THEN 'schema'
             WHEN p.partkey IS NOT NULL THEN 'distributed'
             WHEN p.repmodel = 't' THEN 'reference'
             WHEN p.colocationid = 0 THEN 'local'
             ELSE 'distributed' END AS citus_table_type,
        coalesce(pg_catalog.column_to_column_name(p.logicalrelid, p.partkey), '<none>')
            AS distribution_column,
        p.colocationid AS colocation_id,
        pg_catalog.pg_size_pretty(
            pg_catalog.pg_total_relation_size(p.logicalrelid)) AS table_size,
        (SELECT pg_catalog.count(*) FROM pg_catalog.pg_dist_shard s
         WHERE s.logicalrelid = p.logicalrelid) AS shard_count,
        pg_catalog.pg_get_userbyid(c.relowner) AS table_owner,
        a.amname AS access_method
    FROM pg_catalog.pg_dist_partition p
    JOIN pg_catalog.pg_class c ON c.oid = p.logicalrelid
    LEFT JOIN pg_catalog.pg_am a ON a.oid = c.relam
    ORDER BY p.logicalrelid::text;

CREATE VIEW citus.citus_shards AS
    SELECT s.logicalrelid AS table_name,
        s.shardid,
        pg_catalog.shard_name(s.logicalrelid, s.shardid) AS shard_name,
        CASE WHEN t.colocationid IN (SELECT colocationid FROM pg_catalog.pg_dist_schema)
                 THEN 'schema'
             WHEN t.partkey IS NOT NULL THEN 'distributed'
             WHEN t.repmodel = 't' THEN 'reference'
             WHEN t.colocationid = 0 THEN 'local'
             ELSE 'distributed' END AS citus_table_type,
        t.colocationid AS colocation_id,
        n.nodename,
        n.nodeport,
        pg_catalog.pg_total_relation_size(s.logicalrelid) / (
            SELECT pg_catalog.count(*) FROM pg_catalog.pg_dist_shard other
            WHERE other.logicalrelid = s.logicalrelid) AS shard_size
    FROM pg_catalog.pg_dist_shard s
    JOIN pg_catalog.pg_dist_placement p USING (shardid)
    JOIN pg_catalog.pg_dist_node n USING (groupid)
    JOIN pg_catalog.pg_dist_partition t ON t.logicalrelid = s.logicalrelid
    WHERE p.shardstate = 1
    ORDER BY s.logicalrelid::text, s.shardid;
ALTER VIEW citus.citus_shards SET SCHEMA pg_catalog;

GRANT SELECT ON public.citus_schemas, public.citus_tables, pg_catalog.citus_shards TO PUBLIC;


-- 21  permissions --------------------------------------------------------------------------

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA citus_internal FROM PUBLIC;
REVOKE ALL ON FUNCTION pg_catalog.citus_set_coordinator_host, pg_catalog.citus_add_node,
    pg_catalog.citus_activate_node, pg_catalog.citus_remove_node,
    pg_catalog.citus_set_node_property, pg_catalog.citus_update_node,
    pg_catalog.citus_drain_node, pg_catalog.replicate_reference_tables FROM PUBLIC;
REVOKE ALL ON FUNCTION pg_catalog.citus_local_disk_space_stats,
    pg_catalog.start_metadata_sync_to_all_nodes FROM PUBLIC;
