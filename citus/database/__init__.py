"""What a cluster holds: tracked resources over SQL.

A kind is one file of three parts: a frozen value, a pure `plan(old, new)` and the
resource that a program uses. `provider.py` does the rest for all of them.
"""
