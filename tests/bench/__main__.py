"""`python -m tests.bench [NAME…]`: measures what DESIGN promises and prints it as one table. A few minutes in all."""

import sys
from importlib import import_module

from sync import logs
from tests.bench.table import show

NAMES = ("acks", "freshness", "calls", "growth")


def main(names: list[str]) -> int:
    strange = [name for name in names if name not in NAMES]
    if strange:
        print(f"no benchmark {strange[0]!r}; there is: {', '.join(NAMES)}", file=sys.stderr)
        return 2
    logs.configure("WARNING")
    results = []
    for name in names or NAMES:
        print(f"measuring {name} …", file=sys.stderr)
        results += import_module(f"tests.bench.{name}").run()
    show(results)
    return 0 if all(found.reached for found in results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
