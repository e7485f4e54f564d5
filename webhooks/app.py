"""The Flask application that receives webhooks."""

from flask import Flask, Response, jsonify
from werkzeug.exceptions import HTTPException

from webhooks.receive import FrontDoor, Receiver, make_blueprint


def create_app(receiver: Receiver, *, body_limit: int) -> Flask:
    """An application with the webhook endpoints and /healthz; bodies over `body_limit` bytes are answered 413."""
    app = Flask("webhooks")
    app.config["MAX_CONTENT_LENGTH"] = body_limit
    app.register_blueprint(make_blueprint(receiver))
    app.wsgi_app = FrontDoor(receiver, app.wsgi_app, body_limit=body_limit)  # type: ignore[method-assign] # Flask's way

    @app.get("/healthz")
    def healthz() -> Response:
        return jsonify(status="alive")

    @app.errorhandler(HTTPException)
    def in_json(error: HTTPException) -> tuple[Response, int]:
        return jsonify(error=error.description), error.code or 500

    return app
