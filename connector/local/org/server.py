"""Runs a local org: in a thread for tests, or in the foreground for the command line."""

import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from connector.local.lightning.pages import lightning_pages
from connector.local.org.app import create_app
from connector.local.org.config import Credentials, OrgConfig, OrgUser, SignInApp
from connector.local.org.listener import Listener
from connector.local.org.org import Org

__all__ = ["Credentials", "LocalOrg", "OrgConfig", "OrgUser", "SignInApp", "serve"]
_POLL_S = 0.05  # how soon stopping is noticed


class LocalOrg:
    """An org in a thread: `with LocalOrg(config) as org: … org.url`. `lightning` is the folder of compiled pages."""

    def __init__(self, config: OrgConfig, lightning: Path | None = None) -> None:
        self.config = config
        self.app = create_app(config)
        if lightning is not None:
            self.app.register_blueprint(lightning_pages(lightning))
        self._listener: Listener | None = None
        self._thread: threading.Thread | None = None

    @property
    def org(self) -> Org:
        """What is behind the HTTP, for tests that look inside."""
        org: Org = self.app.extensions["org"]
        return org

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`."""
        if self._listener is None:
            raise RuntimeError("The org is not running; call start() first.")
        return self._listener.url

    def start(self, port: int = 0) -> Self:
        """Answer from now on; port 0 takes a free one."""
        self._listener = Listener(port, self.app)
        self._thread = threading.Thread(
            target=self._listener.serve_forever, args=(_POLL_S,), name="local-org", daemon=True
        )
        self._thread.start()
        return self

    def stop(self) -> None:
        """Hang up, finish the job at hand and close the file."""
        if self._listener is not None and self._thread is not None:
            self._listener.shutdown()
            self._thread.join()
            self._listener.close()
            self._listener = None
        self.app.extensions["bulk_jobs"].stop()
        self.org.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def serve(config: OrgConfig, port: int, ready: Callable[[str], Any], lightning: Path | None = None) -> None:
    """Answer until interrupted; `ready` is called with the URL once the port is open."""
    org = LocalOrg(config, lightning)
    listener = Listener(port, org.app)
    try:
        ready(listener.url)
        listener.serve_forever(_POLL_S)
    finally:
        listener.close()
        org.stop()
