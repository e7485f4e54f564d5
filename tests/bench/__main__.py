"""`python -m tests.bench [NAME…]`: measures what the README promises, and prints its table anew.

Without names it measures everything, in about half an hour. `--help` tells what each benchmark measures and how.
"""

import argparse
import sys
from importlib import import_module
from inspect import getdoc

from sync import logs
from tests.bench.table import markdown

# growth measures the turn, too
NAMES = ("acks", "freshness", "calls", "burst", "drain", "backfill", "growth", "poll", "screens", "pages")
ALONE = ("turn",)


def main(arguments: list[str]) -> int:
    as_written = argparse.RawDescriptionHelpFormatter
    asked = argparse.ArgumentParser("python -m tests.bench", None, __doc__, _told(), formatter_class=as_written)
    asked.add_argument("names", nargs="*", metavar="NAME", help="what to measure; see below")
    names = asked.parse_args(arguments).names or NAMES
    strange = [name for name in names if name not in (*NAMES, *ALONE)]
    if strange:
        asked.error(f"no benchmark {strange[0]!r}; there is: {', '.join((*NAMES, *ALONE))}")
    logs.configure("WARNING")
    results = []
    for name in names:
        print(f"measuring {name} …", file=sys.stderr)
        for found in import_module(f"tests.bench.{name}").run():
            print(f"  {found.what}: {found.verdict}; {found.detail}", file=sys.stderr)
            results.append(found)
    print(markdown(results))
    return 0 if all(found.reached for found in results) else 1


def _told() -> str:
    modules = {name: import_module(f"tests.bench.{name}") for name in (*NAMES, *ALONE)}
    return "\n\n".join(f"{name}: {getdoc(module)}" for name, module in modules.items())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
