"""What all services share: settings, database, errors, health, and how gunicorn runs them."""
