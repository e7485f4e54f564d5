"""How the stand-in says no: Stripe's error body, status and codes (https://docs.stripe.com/error-codes)."""

from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
_NAMES = {"webhook_endpoint": "webhook endpoint"}  # kinds that refusals name in another way


@dataclass(eq=False)
class StripeRefusal(Exception):  # noqa: N818 - a refusal is an answer, not a defect
    """What Stripe would answer instead: HTTP `status` and the fields of its `error` object."""

    status: int
    message: str
    code: str | None = None
    param: str | None = None
    type: str = "invalid_request_error"

    def __str__(self) -> str:
        return f"{self.status} {self.code or self.type}: {self.message}"

    def body(self) -> Json:
        """The answer's JSON body."""
        error: Json = {"message": self.message, "type": self.type}
        if self.code:
            error["code"] = self.code
            error["doc_url"] = f"https://stripe.com/docs/error-codes/{self.code.replace('_', '-')}"
        if self.param:
            error["param"] = self.param
        return {"error": error}


def missing(kind: str, object_id: str, *, param: str = "id", status: int = 404) -> StripeRefusal:
    """No object of this kind has this id; 404 for an id in the path, 400 for one in a parameter."""
    name = _NAMES.get(kind, kind.replace("_", ""))
    return StripeRefusal(status, f"No such {name}: '{object_id}'", code="resource_missing", param=param)


def invalid(message: str, *, param: str | None = None, code: str | None = None) -> StripeRefusal:
    """The request makes no sense, or not in this state."""
    return StripeRefusal(400, message, code=code, param=param)
