"""What pgAdmin's image is told: whom it lets in, and the nodes that it knows.

It knows no password of theirs: who opens a server types one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from citus.endpoint import Node

PORT = 5050
USER = 5050  # the image's own, which its folders belong to
DATA = "/var/lib/pgadmin"
ALIVE = "/misc/ping"
READY_SECONDS = 300  # it makes its database first
STOP_SECONDS = 30
# Before 9.16 the image's Python is a file with this capability: where that is out of bounds,
# nobody may even run it.
CAPABILITY = "NET_BIND_SERVICE"


def environment(email: str, *, password_file: str, servers_file: str) -> dict[str, str]:
    """Let an *email* in by the password of a file, and load the list of servers each time."""
    return {
        # It gets no mail, so that it may be in a domain that is none, such as `local`.
        "PGADMIN_CONFIG_ALLOW_SPECIAL_EMAIL_DOMAINS": f"['{email.rpartition('.')[2]}']",
        "PGADMIN_DEFAULT_EMAIL": email,
        "PGADMIN_DEFAULT_PASSWORD_FILE": password_file,
        "PGADMIN_DISABLE_POSTFIX": "True",
        "PGADMIN_LISTEN_ADDRESS": "0.0.0.0",  # noqa: S104 - the container's own
        "PGADMIN_LISTEN_PORT": str(PORT),
        # The volume remembers the first list; workers come and go.
        "PGADMIN_REPLACE_SERVERS_ON_STARTUP": "True",
        "PGADMIN_SERVER_JSON_FILE": servers_file,
    }


def servers_json(group: str, nodes: Sequence[Node], *, sslmode: str) -> str:
    """Give the list of servers that pgAdmin loads, in one group."""
    servers = {
        str(number): {
            "Name": node.name,
            "Group": group,
            "Host": node.address.host,
            "Port": node.address.port,
            "MaintenanceDB": "postgres",
            "Username": "postgres",
            "ConnectionParameters": {"sslmode": sslmode},
        }
        for number, node in enumerate(nodes, start=1)
    }
    return json.dumps({"Servers": servers}, indent=2)
