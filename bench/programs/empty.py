"""A program that declares nothing: what the CLI and the runtime cost by themselves."""

from __future__ import annotations
