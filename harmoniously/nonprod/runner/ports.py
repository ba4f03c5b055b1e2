"""Ports: a free one, and the web address of the demo, held from the moment it is chosen."""

import errno
import socket

from harmoniously.nonprod.runner.errors import Refusal

FIRST_PORT = 8000
LAST_PORT = 8099


def free_port() -> int:
    """A port of the loopback address that nobody holds at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def listen(host: str, port: int | None) -> list[socket.socket]:
    """Listening sockets for the web server, kept by the caller so that nobody can take the port in between.

    ``localhost`` is both loopback addresses, because a browser may try either. Without a port the first free one from
    8000 on. Refusal in plain words when a given one is not to be had.
    """
    for candidate in [port] if port is not None else range(FIRST_PORT, LAST_PORT + 1):
        try:
            return _bind_all(host, candidate)
        except PermissionError as error:
            raise Refusal(f"Port {candidate} needs root. Choose one from 1024 on: make demo PORT=8080") from error
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                continue
            raise Refusal(f"The address {host} is not to be had on this machine ({error.strerror}).") from error
    if port is None:
        raise Refusal(f"All ports from {FIRST_PORT} to {LAST_PORT} are taken. Choose one: make demo PORT=9000")
    raise Refusal(
        f"Port {port} is taken by another program. Choose another one (make demo PORT={port + 1}), "
        f"or leave PORT away: the first free one from {FIRST_PORT} on is used."
    )


def _bind_all(host: str, port: int) -> list[socket.socket]:
    if host != "localhost":
        return [_bind(host, port)]
    listeners = [_bind("127.0.0.1", port)]
    try:
        listeners.append(_bind("::1", port))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            listeners[0].close()
            raise
        # A machine without IPv6 has one loopback address.
    return listeners


def _bind(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if ":" in host:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind((host, port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener
