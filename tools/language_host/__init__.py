"""pulumi-language-python for a CLI that was built here.

Pulumi's own language host is part of its releases, but no Go module that can be had by a version.
Its part is small: start the program in its virtual environment, and tell the engine how it ended.
"""
