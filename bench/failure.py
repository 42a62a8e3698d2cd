"""Why a measurement could not be made, in a sentence."""

from __future__ import annotations


class BenchFailed(Exception):
    """A command failed or an argument is bad; the message is for the user."""
