"""Asks the web process of this container whether it lives or is ready: ``python -m harmoniously.probe readyz``."""

import http.client
import os
import sys

SECONDS = 4


def answers(path: str, *, port: int, host: str) -> bool:
    """Whether ``/path`` answers 200. ``host`` is a name the site goes by, else it refuses the request."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        connection.request("GET", f"/{path}", headers={"Host": host})
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    name = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip().lstrip(".") or "localhost"
    wanted = sys.argv[1] if len(sys.argv) > 1 else "livez"
    sys.exit(not answers(wanted, port=int(os.environ.get("PORT", "8000")), host=name))
