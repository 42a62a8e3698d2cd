"""bin/pulumi: find or build the CLI, set what is unset, recover from a killed run."""
