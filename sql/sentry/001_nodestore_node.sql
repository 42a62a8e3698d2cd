CREATE TABLE nodestore_node (
    id varchar(40) PRIMARY KEY,
    data text NOT NULL,
    "timestamp" timestamptz NOT NULL
);
CREATE INDEX nodestore_node_timestamp ON nodestore_node ("timestamp");
