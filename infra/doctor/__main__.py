"""`python -m infra.doctor`: a line a finding; exit code 1 when something must be mended."""

import argparse
import asyncio
import json
import sys
from collections import Counter
from dataclasses import asdict

from infra.clock import Clock
from infra.doctor.configuration import here
from infra.doctor.examination import examine, is_failed
from infra.doctor.finding import Finding, Level, fail
from infra.settings import SettingsError


async def findings() -> list[Finding]:
    """Everything that was found; settings that cannot be read leave nothing else to look at."""
    try:
        config = here()
    except SettingsError as error:
        return [fail("settings", line) for line in str(error).splitlines()]
    return await examine(config, Clock())


def written(found: list[Finding], as_json: bool) -> str:
    """For people, or one JSON object for programs."""
    if as_json:
        return json.dumps({"ok": not is_failed(found), "findings": [asdict(each) for each in found]}, indent=2)
    counts = Counter(each.level for each in found)
    summary = ", ".join(f"{counts[level]} {level}" for level in Level)
    return "\n".join([*map(str, found), "", summary])


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="hotline doctor", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    given = parser.parse_args()
    found = asyncio.run(findings())
    sys.stdout.write(f"{written(found, given.json)}\n")
    sys.exit(1 if is_failed(found) else 0)


if __name__ == "__main__":
    main()
