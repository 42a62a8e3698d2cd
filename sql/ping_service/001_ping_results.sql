CREATE TABLE ping_results (
    id BIGSERIAL PRIMARY KEY,
    host VARCHAR(255) NOT NULL,
    result TEXT NOT NULL
);
