"""Which handler takes in which kind of row that was read back."""

from collections.abc import Callable

from sync.pipeline.intake import Intake, Rows
from sync.pipeline.intake_invoices import invoices
from sync.pipeline.intake_tasks import tasks

Handler = Callable[[Intake, Rows], None]

# Who comes first, so that what follows finds the people, accounts and assignments that it names.
HANDLERS: dict[str, Handler] = {
    "user": Intake.people,
    "member": Intake.team,
    "account": Intake.accounts,
    "commitment": lambda look, rows: look.promises("commitment", rows),
    "dispute": lambda look, rows: look.promises("dispute", rows),
    "activity": Intake.activities,
    "invoice": invoices,
    "task": tasks,
    "summary": lambda look, rows: look.ours("summary", rows),
    "payment": Intake.payments,
}
