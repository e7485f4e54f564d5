"""The doorbell: tells a worker that rows wait. PostgreSQL holds the truth; a lost ring is rung again by the clock.

Rings are gathered by a thread of the process, so that whoever rings neither waits for Redis nor fails with it. At
most one job per queue waits at any time: the key that says so is deleted by the job when it begins.
"""

import os
import threading

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue

log = structlog.get_logger()

GATHER_S = 0.02  # rings of one queue within this time become one
FORGET_S = 15  # a job that never began stops holding the bell back after this


class Bell:
    """Rings queues by name; `jobs` maps each to the dotted name of the function its job runs.

    `queue:errand` is another job on that queue.
    """

    def __init__(self, redis_url: str, jobs: dict[str, str], job_timeout_s: int = 600) -> None:
        self._redis = Redis.from_url(redis_url, socket_timeout=5, socket_connect_timeout=5)
        self._jobs = jobs
        self._timeout = job_timeout_s
        self._wanted: set[str] = set()
        self._wake = threading.Event()
        self._pid = 0

    def ring(self, queue: str) -> None:
        """Have the queue's job run soon. Never blocks, never raises."""
        self._wanted.add(queue)
        self._wake.set()
        if self._pid != os.getpid():  # a forked process has no thread yet
            self._pid = os.getpid()
            threading.Thread(target=self._run, name="bell", daemon=True).start()

    def ring_now(self, queue: str) -> bool:
        """Have the queue's job run, unless one waits already. Raises RedisError."""
        if not self._redis.set(_key(queue), "1", nx=True, ex=FORGET_S):
            return False
        rq = Queue(queue.partition(":")[0], connection=self._redis)
        rq.enqueue(self._jobs[queue], result_ttl=0, failure_ttl=3600, job_timeout=self._timeout)
        return True

    def answered(self, queue: str) -> None:
        """The queue's job has begun: the next ring makes a new one."""
        self._redis.delete(_key(queue))

    def ping(self) -> None:
        """Raise RedisError if Redis cannot be reached."""
        self._redis.ping()

    def _run(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            while self._wanted:
                queue = self._wanted.pop()
                try:
                    self.ring_now(queue)
                except RedisError as error:
                    log.warning("bell not rung; the clock will", queue=queue, reason=str(error))
            threading.Event().wait(GATHER_S)


def _key(queue: str) -> str:
    return f"dueline:bell:{queue}"
