"""`make status`: one screen of how a cluster is."""
