"""What the Makefile does with a stack: up, down, preview, refresh, psql."""
