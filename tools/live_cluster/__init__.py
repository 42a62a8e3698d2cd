"""A cluster that is up, read as frozen values by read-only sessions on its coordinator."""
