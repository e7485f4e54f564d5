"""Who works on which queue, as Redis knows it."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime

from redis import Redis
from redis.exceptions import RedisError

from sync.bootstrap import JOBS

_IDLE_S = 120.0  # the clock wakes every worker every few seconds; one that has not stirred for so long is gone
_PATIENCE_S = 1.0  # for Redis: a page must not wait for it


@dataclass(frozen=True, slots=True)
class Staff:
    """How many workers each queue has; why that is not known, if it is not."""

    workers: dict[str, int]
    problem: str | None = None

    @property
    def unstaffed(self) -> tuple[str, ...]:
        """Queues that nobody works on."""
        return () if self.problem else tuple(queue for queue, count in self.workers.items() if not count)


def staff(redis_url: str) -> Staff:
    """Count the workers that have stirred lately, and those that are busy."""
    from rq.worker import Worker, WorkerStatus

    now, found = datetime.now(UTC), Counter[str]()
    try:
        with Redis.from_url(redis_url, socket_timeout=_PATIENCE_S, socket_connect_timeout=_PATIENCE_S) as redis:
            for worker in Worker.all(connection=redis):
                seen = worker.last_heartbeat
                idle_s = (now - seen.replace(tzinfo=UTC)).total_seconds() if seen else float("inf")
                if idle_s < _IDLE_S or worker.get_state() == WorkerStatus.BUSY:
                    found.update(worker.queue_names())
    except RedisError as error:
        return Staff({}, str(error))
    return Staff({queue: found[queue] for queue in JOBS})
