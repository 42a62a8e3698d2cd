"""Pulumi programs to measure with; each takes the place of `__main__.py` in a scratch copy."""
