"""Print the folder with Kubernetes' programs; the first time, they are built."""

from __future__ import annotations

import sys

from tools.cli.failure import ToolError
from tools.kubernetes import build

if __name__ == "__main__":
    try:
        print(build.ensure())
    except (ToolError, OSError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
