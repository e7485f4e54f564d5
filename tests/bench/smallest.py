"""The smallest honest webhook handler: verify the signature, insert into one table, answer. What others are held to.

`python -m tests.bench.smallest PORT` serves it as `dueline web` serves ours: the same server, processes and threads.
"""

import json
import os
import sys
import threading

import psycopg
from flask import Flask, request
from granian.constants import Interfaces
from granian.server import Server
from stripe import SignatureVerificationError, WebhookSignature

TABLE = "CREATE TABLE IF NOT EXISTS smallest (event_id text PRIMARY KEY, body bytea NOT NULL)"


def application() -> Flask:
    app, own = Flask("smallest"), threading.local()

    @app.post("/webhook")
    def receive() -> tuple[str, int]:
        body = request.get_data()
        try:
            header = request.headers.get("Stripe-Signature", "")
            WebhookSignature.verify_header(body.decode(), header, os.environ["SECRET"], tolerance=300)
        except SignatureVerificationError:
            return "", 400
        if not hasattr(own, "conn"):
            own.conn = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
        insert = "INSERT INTO smallest VALUES (%s, %s) ON CONFLICT DO NOTHING"
        own.conn.execute(insert, (json.loads(body)["id"], body))
        return "", 200

    return app


if __name__ == "__main__":
    Server(
        "tests.bench.smallest:application",
        address="127.0.0.1",
        port=int(sys.argv[1]),
        interface=Interfaces.WSGI,
        workers=int(os.environ["PROCESSES"]),
        blocking_threads=int(os.environ["THREADS"]),
        websockets=False,
        factory=True,
        log_enabled=False,
    ).serve()
