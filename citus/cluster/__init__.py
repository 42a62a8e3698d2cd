"""What a cluster is: components of nodes and storage; no SQL, no detail of a platform."""
