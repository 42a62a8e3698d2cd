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
--  10  distributed schemas: which tables may be in one, where their shards are
--  11  distributed schemas: functions for users
--  12  event triggers
--  13  views
--  14  permissions
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

-- The stand-in's own: which roles each node was last told of.
CREATE TABLE citus_internal.told_roles (
    nodeid int PRIMARY KEY,
    digest text NOT NULL,
    names name[] NOT NULL
);

GRANT SELECT ON citus.pg_dist_local_group, citus.pg_dist_node, citus.pg_dist_schema,
    citus.pg_dist_colocation, citus.pg_dist_partition, citus.pg_dist_shard,
    citus.pg_dist_placement TO PUBLIC;
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


-- 10  distributed schemas: tables and shards -----------------------------------------------

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
CREATE FUNCTION citus_internal.check_foreign_keys(relation oid) RETURNS void
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

-- Foreign keys of a table that is created or altered in a distributed schema.
CREATE FUNCTION citus_internal.check_new_foreign_keys(relation oid) RETURNS void
    LANGUAGE plpgsql
    AS $$
    DECLARE
        key record;
    BEGIN
        FOR key IN
            SELECT b.relname, p.logicalrelid IS NOT NULL AS is_citus_table
            FROM pg_constraint k
            JOIN pg_class a ON a.oid = k.conrelid
            JOIN pg_class b ON b.oid = k.confrelid
            LEFT JOIN pg_dist_partition p ON p.logicalrelid = k.confrelid
            WHERE k.contype = 'f' AND k.conrelid = relation
                AND a.relnamespace <> b.relnamespace
            ORDER BY k.oid
        LOOP
            IF key.is_citus_table THEN
                RAISE EXCEPTION 'cannot create foreign key constraint since relations are not '
                    'colocated or not referencing a reference table' USING
                    ERRCODE = 'feature_not_supported',
                    DETAIL = 'A distributed table can only have foreign keys if it is '
                             'referencing another colocated hash distributed table or a '
                             'reference table';
            END IF;
            RAISE EXCEPTION 'referenced table "%" must be a distributed table or a reference '
                'table', key.relname USING
                ERRCODE = 'invalid_table_definition',
                DETAIL = 'To enforce foreign keys, the referencing and referenced rows need '
                         'to be stored on the same node.',
                HINT = format('You could use SELECT create_reference_table(''%s'') to '
                              'replicate the referenced table to all nodes or consider '
                              'dropping the foreign key', key.relname);
        END LOOP;
    END
    $$;

-- Everything that Citus wants of a table before it distributes the table's schema.
CREATE FUNCTION citus_internal.check_table(relation oid, who name) RETURNS void
    LANGUAGE plpgsql
    AS $$
    DECLARE
        own record;
    BEGIN
        SELECT relname, relowner, relnamespace::regnamespace AS schema INTO own
            FROM pg_class WHERE oid = relation;
        IF NOT pg_has_role(who, own.relowner, 'USAGE') THEN
            RAISE EXCEPTION 'must be owner of table %', own.relname
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        PERFORM citus_internal.check_kind(relation);
        PERFORM citus_internal.check_foreign_keys(relation);
        IF EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass
                   AND objid = relation AND deptype = 'e') THEN
            RAISE EXCEPTION 'schema cannot be distributed since it has table % which is '
                'owned by an extension', own.schema USING ERRCODE = 'XX000';
        END IF;
    END
    $$;

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

-- Where a colocation group is, or, while it is empty, where its first table will be: Citus
-- takes the remainder of the group's id in the list of nodes that may hold shards.
CREATE FUNCTION citus_internal.home_of(colocation int) RETURNS int
    LANGUAGE plpgsql
    AS $$
    DECLARE
        home int;
        homes int[];
    BEGIN
        SELECT min(p.groupid) INTO home
            FROM pg_dist_partition t JOIN pg_dist_shard USING (logicalrelid)
            JOIN pg_dist_placement p USING (shardid)
            WHERE t.colocationid = colocation;
        IF home IS NOT NULL THEN
            RETURN home;
        END IF;
        SELECT array_agg(n.groupid ORDER BY n.nodename COLLATE "C", n.nodeport) INTO homes
            FROM pg_dist_node n
            WHERE n.shouldhaveshards AND n.isactive AND n.noderole = 'primary';
        IF homes IS NULL THEN
            RAISE EXCEPTION 'couldn''t find any worker nodes' USING
                ERRCODE = 'invalid_parameter_value',
                HINT = 'Add more worker nodes';
        END IF;
        RETURN homes[1 + colocation % cardinality(homes)];
    END
    $$;

CREATE FUNCTION citus_internal.enter_table(relation oid, colocation int) RETURNS void
    LANGUAGE plpgsql
    AS $$
    DECLARE
        home int;
        shard bigint;
    BEGIN
        PERFORM citus_internal.ensure_some_node();
        home := citus_internal.home_of(colocation);
        shard := nextval('pg_dist_shardid_seq');
        INSERT INTO pg_dist_partition (logicalrelid, partmethod, colocationid, repmodel)
            VALUES (relation, 'n', colocation, 's');
        INSERT INTO pg_dist_shard (logicalrelid, shardid, shardstorage)
            VALUES (relation, shard, 't');
        INSERT INTO pg_dist_placement (shardid, shardstate, shardlength, groupid)
            VALUES (shard, 1, 0, home);
        -- The extension can't be dropped from under the table.
        INSERT INTO pg_depend
            SELECT 'pg_class'::regclass, relation, 0, 'pg_extension'::regclass, oid, 0, 'n'
            FROM pg_extension WHERE extname = 'citus';
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

CREATE FUNCTION citus_internal.forget_schema(schema oid) RETURNS void
    LANGUAGE sql
    AS $$
        DELETE FROM pg_catalog.pg_dist_colocation WHERE colocationid = (
            SELECT s.colocationid FROM pg_catalog.pg_dist_schema s WHERE s.schemaid = schema);
        DELETE FROM pg_catalog.pg_dist_schema WHERE schemaid = schema;
    $$;


-- 11  distributed schemas: functions for users ---------------------------------------------

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
        PERFORM citus_internal.check_table(t, citus_internal.caller()) FROM unnest(tables) AS t;
        RAISE NOTICE 'distributing the schema %', name;
        PERFORM citus_internal.ensure_workers_answer();
        colocation := nextval('pg_dist_colocationid_seq');
        INSERT INTO pg_dist_colocation VALUES (colocation, 1, 1, 0, 0);
        INSERT INTO pg_dist_schema VALUES (schemaname, colocation);
        PERFORM citus_internal.enter_table(t, colocation) FROM unnest(tables) AS t;
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


-- 12  event triggers -----------------------------------------------------------------------
-- They fire for everybody's DDL, so they run with the owner's rights and say nothing that
-- Citus doesn't.

-- A table was created or altered: the catalogues follow the schema that it is in.
CREATE FUNCTION citus_internal.follow_table(relation oid, altered boolean) RETURNS void
    LANGUAGE plpgsql
    AS $$
    DECLARE
        own record;
    BEGIN
        SELECT c.relname, s.colocationid AS wanted, p.colocationid AS entered, old.schemaid
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
        IF own.wanted IS NOT NULL THEN
            PERFORM citus_internal.check_new_foreign_keys(relation);
        END IF;
        IF own.schemaid IS NOT NULL AND own.wanted IS DISTINCT FROM own.entered THEN
            RAISE NOTICE 'undistributing table % in distributed schema % before altering its '
                'schema', own.relname, own.schemaid::regnamespace;
            PERFORM citus_internal.forget_table(relation);
            own.entered := NULL;
        END IF;
        IF own.wanted IS NOT NULL AND own.entered IS NULL THEN
            IF altered THEN
                RAISE NOTICE 'Moving % into distributed schema %', own.relname,
                    (SELECT relnamespace::regnamespace FROM pg_class WHERE oid = relation);
            END IF;
            PERFORM citus_internal.ensure_workers_answer();
            PERFORM citus_internal.enter_table(relation, own.wanted);
        END IF;
    END
    $$;

CREATE FUNCTION citus_internal.after_ddl() RETURNS event_trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        PERFORM citus_internal.follow_table(objid, bool_and(command_tag = 'ALTER TABLE'))
            FROM pg_event_trigger_ddl_commands()
            WHERE classid = 'pg_class'::regclass AND NOT in_extension
                AND object_type IN ('table', 'foreign table')
            GROUP BY objid;
    END
    $$;

CREATE FUNCTION citus_internal.after_drop() RETURNS event_trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        PERFORM citus_internal.forget_table(objid) FROM pg_event_trigger_dropped_objects()
            WHERE classid = 'pg_class'::regclass AND objsubid = 0;
        PERFORM citus_internal.forget_schema(objid) FROM pg_event_trigger_dropped_objects()
            WHERE classid = 'pg_namespace'::regclass;
    END
    $$;

-- A schema belongs to the cluster: it is created on the coordinator.
CREATE FUNCTION citus_internal.before_create_schema() RETURNS event_trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        IF coalesce(current_setting('citus.enable_ddl_propagation', true), '')
            NOT IN ('off', 'false', 'no', '0')
        THEN
            PERFORM citus_internal.ensure_coordinator();
            PERFORM citus_internal.ensure_workers_answer();
        END IF;
    END
    $$;

CREATE EVENT TRIGGER citus_standin_after_ddl ON ddl_command_end
    WHEN TAG IN ('CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO', 'ALTER TABLE',
                 'CREATE FOREIGN TABLE', 'IMPORT FOREIGN SCHEMA', 'CREATE SCHEMA')
    EXECUTE FUNCTION citus_internal.after_ddl();
CREATE EVENT TRIGGER citus_standin_after_drop ON sql_drop
    EXECUTE FUNCTION citus_internal.after_drop();
CREATE EVENT TRIGGER citus_standin_before_create_schema ON ddl_command_start
    WHEN TAG IN ('CREATE SCHEMA')
    EXECUTE FUNCTION citus_internal.before_create_schema();


-- 13  views --------------------------------------------------------------------------------
-- In `public` where Citus has them there. Sizes are those of the tables on the coordinator.

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
        'schema' AS citus_table_type,
        '<none>' AS distribution_column,
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
        'schema' AS citus_table_type,
        t.colocationid AS colocation_id,
        n.nodename,
        n.nodeport,
        pg_catalog.pg_total_relation_size(s.logicalrelid) AS shard_size
    FROM pg_catalog.pg_dist_shard s
    JOIN pg_catalog.pg_dist_placement p USING (shardid)
    JOIN pg_catalog.pg_dist_node n USING (groupid)
    JOIN pg_catalog.pg_dist_partition t ON t.logicalrelid = s.logicalrelid
    WHERE p.shardstate = 1
    ORDER BY s.logicalrelid::text, s.shardid;
ALTER VIEW citus.citus_shards SET SCHEMA pg_catalog;

GRANT SELECT ON public.citus_schemas, public.citus_tables, pg_catalog.citus_shards TO PUBLIC;


-- 14  permissions --------------------------------------------------------------------------

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA citus_internal FROM PUBLIC;
REVOKE ALL ON FUNCTION pg_catalog.citus_set_coordinator_host, pg_catalog.citus_add_node,
    pg_catalog.citus_activate_node, pg_catalog.citus_remove_node,
    pg_catalog.citus_set_node_property FROM PUBLIC;
