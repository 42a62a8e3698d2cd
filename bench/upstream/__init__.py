"""Upstream's example services as they behave, in our own words: what ours are measured against.

Flask's development server as `app.run()` starts it; a connection a request, opened and closed;
an INSERT a row with its values as literals (psycopg 2's way, psycopg 3's ClientCursor); no pool.
They run in this project's environment: the same Flask, the same libpq, the same role and schema.
"""
