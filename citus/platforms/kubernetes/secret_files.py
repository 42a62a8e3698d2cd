"""Secret files, as a Secret holds them."""

from __future__ import annotations

import base64
from collections.abc import Mapping

import pulumi


def data(files: Mapping[str, pulumi.Input[str]]) -> pulumi.Output[Mapping[str, str]]:
    """Give the ``data`` of a Secret, as one output.

    The provider makes ``data`` of a ``stringData`` that is known in all its parts: then an `up`
    differs from its preview, which `up --strict` refuses, and it prints what differs.
    """

    def encoded(texts: dict[str, str]) -> Mapping[str, str]:
        return {name: base64.b64encode(text.encode()).decode() for name, text in texts.items()}

    return pulumi.Output.secret(pulumi.Output.all(**files).apply(encoded))
