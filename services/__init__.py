"""Those who use the cluster: small Flask services, each with a role and a schema of its own."""
