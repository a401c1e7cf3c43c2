"""`lair report FILE`: shows a report that was saved as JSON."""

import argparse
import json
from pathlib import Path

from lair.cli import fail


def main(arguments: list[str]) -> int:
    """Exit code 0, or 2 where FILE cannot be read or is no report."""
    parser = argparse.ArgumentParser(
        prog="lair report", description="Show a report saved by `lair run --report-file FILE`."
    )
    parser.add_argument("file", metavar="FILE", type=Path)
    path = parser.parse_args(arguments).file

    from lair.reporting.model import Report
    from lair.reporting.render import show

    try:
        report = Report.from_dict(json.loads(path.read_text(encoding="utf-8")))
    except OSError as fault:
        return fail(f"report: {path}: {fault.strerror}")
    except (json.JSONDecodeError, UnicodeDecodeError) as fault:
        return fail(f"report: {path}: not JSON: {fault}")
    except ValueError as fault:
        return fail(f"report: {path}: {fault}")
    show(report)
    return 0
