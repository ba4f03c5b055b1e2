"""The two servers everything runs on, ours or those that DATABASE_URL and REDIS_URL name."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg2
from redis import Redis as Client
from redis import RedisError

from harmoniously.nonprod.runner import postgres, redis
from harmoniously.nonprod.runner.errors import Refusal
from harmoniously.nonprod.runner.processes import Child

DATABASE = "harmoniously"


@dataclass
class Services:
    """Addresses for the environment of the processes that use the servers, and the servers that are ours."""

    environment: dict[str, str] = field(default_factory=dict)
    database: postgres.Postgres | None = None
    broker: redis.Redis | None = None
    notes: list[str] = field(default_factory=list)

    def children(self) -> list[Child]:
        return [server.child for server in (self.database, self.broker) if server is not None]

    def clean_up(self) -> None:
        """Remove what ended servers leave; for whoever watches and stops the children himself."""
        if self.database is not None:
            self.database.clean_up()

    def stop(self) -> None:
        if self.broker is not None:
            self.broker.stop()
        if self.database is not None:
            self.database.stop()


def launch(home: Path, logs: Path, given: Mapping[str, str], *, throwaway: bool = False) -> Services:
    """Start what ``given`` (an environment) does not name; everything is stopped again when one of them fails."""
    services = Services()
    try:
        if given.get("DATABASE_URL"):
            services.environment["DATABASE_URL"] = given["DATABASE_URL"]
        else:
            place = postgres.find_place(home / "postgres")
            if place.note:
                services.notes.append(place.note)
            services.database = postgres.launch(place, logs / "postgres.log", throwaway=throwaway)
            postgres.create_database(services.database.url("postgres"), DATABASE)
            services.environment["DATABASE_URL"] = services.database.url(DATABASE)
        if given.get("REDIS_URL"):
            services.environment["REDIS_URL"] = given["REDIS_URL"]
        else:
            services.broker = redis.launch(home / "redis", logs / "redis.log")
            services.environment["REDIS_URL"] = services.broker.url()
    except BaseException:
        services.stop()
        raise
    return services


def check(given: Mapping[str, str]) -> None:
    """Refusal in plain words when a server that the environment names does not answer."""
    if given.get("DATABASE_URL"):
        try:
            psycopg2.connect(given["DATABASE_URL"], connect_timeout=5).close()
        except psycopg2.Error as error:
            reason = " ".join(str(error).split())
            raise Refusal(f"The PostgreSQL of DATABASE_URL cannot be used: {reason}") from error
    if given.get("REDIS_URL"):
        try:
            with Client.from_url(given["REDIS_URL"], socket_connect_timeout=5, socket_timeout=5) as client:
                client.ping()
        except (RedisError, ValueError) as error:
            raise Refusal(f"The Redis of REDIS_URL cannot be used: {error}") from error


@contextmanager
def throwaway(given: Mapping[str, str] | None = None) -> Iterator[Services]:
    """Servers in a temporary directory that is gone, with them, at the end."""
    home = Path(tempfile.mkdtemp(prefix="harmoniously-"))
    # PostgreSQL, which is not root when we are, must pass through it.
    home.chmod(0o711)
    try:
        services = launch(home, home / "log", os.environ if given is None else given, throwaway=True)
        try:
            yield services
        finally:
            services.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)
