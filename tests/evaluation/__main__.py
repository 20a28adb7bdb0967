"""`make evaluate`: judge the evaluation set with `hotline assess`, print what came out, and log the look.

Exit code 0 when every bound holds, 1 when one does not, 2 when the set could not be judged.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from infra.clock import Clock
from schemas.terms import Urgency
from tests.evaluation.score import URGENCIES, Figures, Judged, Rate, behind, confusion, figures
from tests.evaluation.situations import Part, Situation, load
from triage.packs import Packs

LOOKS = Path(__file__).parent / "looks.jsonl"
ROOT = Path(__file__).resolve().parents[2]
# From the meanings of the urgencies: at least, or at most.
BOUNDS = {
    "immediate_found": (">=", 0.95),
    "grave_under_triage": ("<=", 0.01),
    "over_triage": ("<=", 0.35),
    "accuracy": (">=", 0.75),
}
MOST_BEHIND = 0.07


def judge(situations: Sequence[Situation]) -> list[dict[str, Any]]:
    """What `hotline assess` says of each, in order."""
    with TemporaryDirectory() as folder:
        asked = Path(folder) / "situations.jsonl"
        asked.write_text("".join(f"{each.line()}\n" for each in situations), encoding="utf-8")
        command = [sys.executable, "-m", "triage", "assess", str(asked)]
        ran = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE)  # noqa: S603 - our own command
    return [json.loads(line) for line in ran.stdout.splitlines()]


def compared(situations: Sequence[Situation], said: Sequence[dict[str, Any]]) -> Iterator[tuple[Situation, Urgency]]:
    """Each situation with where it was placed."""
    for situation, one in zip(situations, said, strict=True):
        yield situation, Urgency(one["urgency"])


def table(placed: Sequence[tuple[Situation, Urgency]]) -> Iterator[str]:
    """The whole outcome, for a person to read."""
    everything = [Judged(each.label, urgency, f"{each.lang}-{each.channel}") for each, urgency in placed]
    yield f"{'label':12}" + "".join(f"{f'as {each}':>14}" for each in URGENCIES)
    for label, row in zip(URGENCIES, confusion(everything), strict=True):
        yield f"{label:12}" + "".join(f"{count:14}" for count in row)
    yield ""
    yield f"{'':18}{'situations':>10}{'accuracy':>18}{'immediate found':>18}{'grave under':>18}{'over-triage':>18}"
    yield _row("all", len(everything), figures(everything))
    for name, of in (("language", 0), ("channel", 1)):
        for value in sorted({each.group.split("-")[of] for each in everything}):
            own = [each for each in everything if each.group.split("-")[of] == value]
            yield _row(f"{name} {value}", len(own), figures(own))
    for hard in sorted({each.hard for each, _ in placed}):
        own = [Judged(each.label, urgency, hard) for each, urgency in placed if each.hard == hard]
        yield _row(f"hard {hard}", len(own), figures(own))


def verdicts(placed: Sequence[tuple[Situation, Urgency]]) -> Iterator[tuple[bool, str]]:
    """Every bound, whether it holds, and by how much."""
    outcome = figures([Judged(each.label, urgency, "") for each, urgency in placed])
    for name, (kind, bound) in BOUNDS.items():
        rate: Rate = getattr(outcome, name)
        holds = rate.value >= bound if kind == ">=" else rate.value <= bound
        yield holds, f"{name} {_shown(rate)} {kind} {bound:.0%}"
    for of in ("lang", "channel"):
        judged = [Judged(each.label, urgency, getattr(each, of)) for each, urgency in placed]
        for group, (gap, low, high) in behind(judged).items():
            holds = gap <= MOST_BEHIND or low <= 0
            yield holds, f"{of} {group} behind the others by {gap:.1%} ({low:.1%} to {high:.1%}) <= {MOST_BEHIND:.0%}"


def log_look(placed: Sequence[tuple[Situation, Urgency]]) -> None:
    """Every look at the test part is kept with what it showed, so that nobody tunes to it unseen."""
    outcome = figures([Judged(each.label, urgency, "") for each, urgency in placed])
    asking = ["git", "rev-parse", "HEAD"]
    commit = subprocess.run(asking, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603 - as above
    look = {
        "at": Clock().now().isoformat(timespec="seconds"),
        "commit": commit.stdout.strip(),
        "situations": len(placed),
        **{name: round(getattr(outcome, name).value, 4) for name in (*BOUNDS, "under_triage")},
    }
    with LOOKS.open("a", encoding="utf-8") as looks:
        looks.write(json.dumps(look) + "\n")


def _row(name: str, count: int, of: Figures) -> str:
    rates = (of.accuracy, of.immediate_found, of.grave_under_triage, of.over_triage)
    return f"{name:18.18}{count:10}" + "".join(f"{_shown(rate):>18}" for rate in rates)


def _shown(rate: Rate) -> str:
    low, high = rate.interval
    return f"{rate.value:.1%} ({low:.0%}-{high:.0%})"


def main() -> int:
    """Run, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.evaluation", description=__doc__)
    parser.add_argument("--part", type=Part, choices=list(Part), default=Part.TEST)
    parser.add_argument("--wrong", action="store_true", help="of the development part: each one that was misplaced")
    parser.add_argument("--lines", type=Path, help="only write readings and labels of the development part to a file")
    asked = parser.parse_args()
    situations = load(asked.part)
    if asked.lines is not None and asked.part is Part.DEVELOPMENT:
        pack = Packs.load().for_jurisdiction("", Clock().now().date())
        asked.lines.write_text("".join(f"{each.labelled(pack)}\n" for each in situations), encoding="utf-8")
        return 0
    try:
        placed = list(compared(situations, judge(situations)))
    except (subprocess.CalledProcessError, KeyError, ValueError) as error:
        sys.stderr.write(f"the set could not be judged: {error}\n")
        return 2
    if asked.part is Part.TEST:
        log_look(placed)
    elif asked.wrong:
        misplaced = (
            f"{one.id} {one.label} as {urgency}: {one.text}" for one, urgency in placed if urgency != one.label
        )
        sys.stdout.write("".join(f"{line}\n" for line in misplaced))
    sys.stdout.write("".join(f"{line}\n" for line in table(placed)) + "\n")
    held = list(verdicts(placed))
    sys.stdout.write("".join(f"{'holds ' if holds else 'MISSES'}  {line}\n" for holds, line in held))
    return 0 if all(holds for holds, _ in held) else 1


if __name__ == "__main__":
    sys.exit(main())
