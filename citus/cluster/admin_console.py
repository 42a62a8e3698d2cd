"""Where a person looks at the nodes.

AdminConsole
├── Password                         pgAdmin's own, by which its user logs in
└── the platform's admin console     pgAdmin with every node preloaded
"""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from citus.database.password import Password
from citus.endpoint import Node
from citus.platforms import Platform
from citus.settings import ADMIN_CONSOLE, Settings


class AdminConsole(pulumi.ComponentResource):
    """A console on the nodes; `login` is its URL, whom it lets in, and the password, a secret.

    The password and the e-mail stay what they were when the console's data were made.
    """

    def __init__(
        self,
        name: str,
        *,
        platform: Platform,
        nodes: Sequence[Node],
        email: str,
        password: pulumi.Input[str | None],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("citus:cluster:AdminConsole", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.password = Password(
            ADMIN_CONSOLE,
            role=ADMIN_CONSOLE,
            file=platform.password_file(ADMIN_CONSOLE),
            value=password,
            fixed=True,
            login=email,
            opts=child,
        )
        self.service = platform.admin_console(
            name, nodes=nodes, password=self.password.result, opts=child
        )
        # A map with a secret in it, and no secret map: a preview shows the rest.
        self.login: dict[str, pulumi.Input[str]] = {
            "url": self.service.url,
            "email": email,
            "password": self.password.result,
        }
        self.register_outputs({"login": self.login})

    @classmethod
    def if_declared(
        cls,
        name: str,
        settings: Settings,
        *,
        platform: Platform,
        nodes: Sequence[Node],
        opts: pulumi.ResourceOptions,
    ) -> AdminConsole | None:
        """Make it where the settings ask for one."""
        if not settings.containers.admin_console:
            return None
        return cls(
            name,
            platform=platform,
            nodes=nodes,
            email=settings.containers.admin_email,
            password=settings.passwords.get(ADMIN_CONSOLE),
            opts=opts,
        )
