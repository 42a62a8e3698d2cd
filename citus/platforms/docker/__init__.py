"""The platform `docker`: a container a node and a service, on one network of one engine.

A node is reached by the other containers under its own name (``worker-0``), which is an alias on
the network; so two stacks fit beside each other. Its data are in a volume, and outlive it.
"""
