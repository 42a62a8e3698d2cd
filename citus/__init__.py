"""A Citus cluster, what it runs on and what it holds, as Pulumi resources."""
