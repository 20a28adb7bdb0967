"""`python -m tests.bench`: measure, print one JSON object and a table; exit code 0 only when every bound holds."""

import argparse
import asyncio
import json
import os
import sys
from itertools import pairwise
from statistics import median
from typing import Any

from tests.bench.bench import Bench, Findings, Plan, Window
from tests.bench.figures import Figure, Name, growth, percentile, pooled, rounded, table, worst
from tests.bench.judging import JURISDICTIONS, fitted
from tests.bench.report_to_sms import HOPS

MEASURES = ("report_to_sms", "rung_lateness", "ingest_ratio", "rss", "ready", "judging")
QUICK = {"rounds": 1, "warm_up": 3.0, "window": 4.0, "arm": 1.5, "arm_warm_up": 1.5, "passes": 1, "texts": 4}


def figures(found: Findings) -> list[Figure]:
    """Every figure that was asked for."""
    made: list[Figure] = []
    if found.journeys:
        totals, noisy = [each.total_ms for each in found.journeys], found.is_noisy("report_to_sms")
        made.append(pooled(Name.REPORT_TO_SMS_P50, totals, 0.5, noisy))
        made.append(pooled(Name.REPORT_TO_SMS_P99, totals, 0.99, noisy))
    if found.rungs:
        noisy = found.is_noisy("rung_lateness")
        made.append(pooled(Name.RUNG_LATENESS_P50, found.rungs, 0.5, noisy))
        made.append(pooled(Name.RUNG_LATENESS, found.rungs, 0.99, noisy))
        grown = [growth(few, many) for few, many in zip(found.rungs_of_few, found.rungs, strict=True)]
        made.append(Figure(Name.RUNG_GROWTH, median(grown), grown, noisy))
        made.append(worst(Name.STORM, found.storms, found.is_noisy("storm")))
    if found.rates:
        ratios = [each.ratio for each in found.rates]
        made.append(Figure(Name.INGEST_RATIO, median(ratios), ratios, found.is_noisy("ingest_ratio")))
    if found.memory:
        # Memory is not a matter of time: a late machine does not change it.
        made.append(worst(Name.RSS, [sum(each.values()) for each in found.memory], is_noisy=False))
    if found.ready:
        made.append(worst(Name.READY, found.ready, found.is_noisy("ready")))
    return made + (judging_figures(found) if found.judged else [])


def judging_figures(found: Findings) -> list[Figure]:
    """What judging costs a core: medians over the samples of all rounds together, and the middle round of ratios."""
    noisy = found.is_noisy("judging")
    rules = [each.rules_ratio for each in found.judged]
    made = []
    for language, name in (("zh", Name.JUDGE_ZH), ("en", Name.JUDGE_EN)):
        samples = [[cost.cpu_ms for cost in each.under_pack[language]] for each in found.judged]
        made.append(pooled(name, samples, 0.5, noisy))
    made.append(Figure(Name.RULES, median(rules), rules, noisy))
    for language, name in (("zh", Name.MEANING_ZH), ("en", Name.MEANING_EN)):
        ratios = [each.meaning_ratio(language) for each in found.judged]
        made.append(Figure(name, median(ratios), ratios, noisy))
    return made


def judging_spread(found: Findings, language: str) -> dict[str, float | None]:
    """What stands beside the figures of a language: p95, time on the wall, what a sentence and a character take."""
    costs = [cost for each in found.judged for cost in each.under_pack[language]]
    read = [one for each in found.judged for one in each.read[language]]
    a_sentence, a_character = fitted(read)
    whole, wall = sum(one.whole.cpu_ms for one in read), sum(one.whole.wall_ms for one in read)
    spread = {
        "judge_p95_ms": percentile([cost.cpu_ms for cost in costs], 0.95),
        "judge_wall_p50_ms": percentile([cost.wall_ms for cost in costs], 0.5),
        "judge_wall_p95_ms": percentile([cost.wall_ms for cost in costs], 0.95),
        "meaning_ms_per_sentence": whole / sum(one.sentences for one in read),
        "meaning_ms_per_character": whole / sum(one.characters for one in read),
        "meaning_fit_ms_a_sentence": a_sentence,
        "meaning_fit_ms_a_character": a_character,
        "meaning_wall_over_cpu": wall / whole,
        "meaning_added_by_further_readings": median(each.added(language) for each in found.judged),
    }
    return {name: rounded(value) for name, value in spread.items()}


def told(made: list[Figure], found: Findings, is_quick: bool) -> dict[str, Any]:
    """The JSON object: the figures, and what is needed to judge them."""
    return {
        **{each.name.value: each.shown() for each in made},
        "holds": not is_quick and all(each.holds for each in made),
        "is_quick": is_quick,
        "hops_ms": [{"hop": name, **spread} for name, spread in hops(found)],
        "reports": sum(len(each.total_ms) for each in found.journeys),
        "rungs": sum(map(len, found.rungs)),
        "intake_per_s": [{"real": _all(r.real), "bare": _all(r.bare), "row_bytes": r.row_bytes} for r in found.rates],
        "rss_mb_of": [{name: rounded(mb) for name, mb in each.items()} for each in found.memory],
        "cpu_ms_per_report": cpu_per_report(found),
        "judging": {each: judging_spread(found, each) for each in JURISDICTIONS} if found.judged else {},
        "windows": [_window(each) for each in found.windows],
        "restarts": found.restarts,
        "machine": {"cores": os.cpu_count(), "load_average": [rounded(each) for each in os.getloadavg()]},
    }


def hops(found: Findings) -> list[tuple[str, dict[str, float | None]]]:
    """Each hop of a report's way with its p50 and p99 in milliseconds, over all rounds."""
    spread = []
    for number, name in enumerate(f"{before} > {after}" for before, after in pairwise(HOPS)):
        samples = [ms for each in found.journeys for ms in each.hops_ms[number]]
        if samples:
            share = {"p50": rounded(percentile(samples, 0.5)), "p99": rounded(percentile(samples, 0.99))}
            spread.append((name, share))
    return spread


def hop_table(found: Findings) -> str:
    """Where the time of a report goes, for people."""
    rows = [f"{'hop':<52}{'p50 ms':>8}{'p99 ms':>8}"]
    rows += [f"{name:<52}{spread['p50']:>8}{spread['p99']:>8}" for name, spread in hops(found)]
    return "\n".join(rows)


def judging_table(found: Findings) -> str:
    """What stands beside the figures of judging, for people."""
    spreads = [judging_spread(found, language) for language in JURISDICTIONS]
    rows = [f"{'judging':<40}" + "".join(f"{language:>10}" for language in JURISDICTIONS)]
    rows += [f"{name:<40}" + "".join(f"{each[name]!s:>10}" for each in spreads) for name in spreads[0]]
    return "\n".join(rows)


def plan(asked: argparse.Namespace) -> Plan:
    """The plan of this run."""
    wanted = frozenset(asked.only or MEASURES)
    sizes: dict[str, Any] = dict(QUICK) if asked.quick else {}
    if asked.rounds:
        sizes["rounds"] = asked.rounds
    return Plan(wanted, **sizes)


def main() -> int:
    """Run, print, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--only", action="append", choices=MEASURES, help="measure this alone; may be repeated")
    parser.add_argument("--rounds", type=int, help="interleaved rounds (3)")
    parser.add_argument("--quick", action="store_true", help="one short round; shows that it works, passes nothing")
    asked = parser.parse_args()
    found = asyncio.run(Bench(plan(asked), _progress).run())
    made = figures(found)
    result = told(made, found, asked.quick)
    sys.stdout.write(f"{json.dumps(result, indent=1)}\n\n{table(made)}\n")
    if found.journeys:
        sys.stdout.write(f"\n{hop_table(found)}\n")
    if found.judged:
        sys.stdout.write(f"\n{judging_table(found)}\n")
    # While it starts, its own processes are not known yet and count as others.
    known = [each.others_cores for each in found.windows if len(each.cores_of) > 1]
    if known:
        others = max(known)
        sys.stdout.write(f"\nOther programs took up to {others:.1f} of {os.cpu_count()} cores meanwhile.\n")
    if asked.quick:
        sys.stdout.write("\nThis was a quick run: it proves nothing and passes nothing.\n")
    return 0 if result["holds"] else 1


def _progress(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def cpu_per_report(found: Findings) -> dict[str, float | None]:
    """Milliseconds of a core that each part spends on a report, from its commit until its SMS and call are out."""
    windows = [each for each in found.windows if each.name == "report_to_sms"]
    reports = sum(len(each.total_ms) for each in found.journeys) or 1
    parts = {part for each in windows for part in each.cores_of}
    spent = {part: sum(each.cores_of.get(part, 0.0) * each.seconds for each in windows) for part in parts}
    return {part: rounded(seconds * 1000 / reports) for part, seconds in sorted(spent.items())}


def _window(window: Window) -> dict[str, Any]:
    cores = {part: rounded(used) for part, used in window.cores_of.items()}
    numbers = {name: rounded(getattr(window, name)) for name in ("seconds", "sleeper_ms", "others_cores")}
    return {"name": window.name, **numbers, "repeats": window.repeats, "is_noisy": window.is_noisy, "cores_of": cores}


def _all(rates: list[float]) -> list[float | None]:
    return [rounded(rate) for rate in rates]


if __name__ == "__main__":
    sys.exit(main())
