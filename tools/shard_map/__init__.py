"""`make map`: where the shards of a cluster are, drawn to scale."""
