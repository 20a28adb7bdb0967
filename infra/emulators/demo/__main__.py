"""`hotline demo`: three reports, played from the first word to the acknowledgement, with the milliseconds between."""

import argparse
import asyncio
import sys
from uuid import UUID

from infra import settings
from infra.demonstration import NOTICE
from infra.embedded.errors import EmbeddedError
from infra.emulators.demo.naming import name_phones
from infra.emulators.demo.records import NothingFound
from infra.emulators.demo.stage import Stage, running, stage
from infra.emulators.demo.stories import STORIES, Story
from infra.emulators.demo.timeline import Timeline
from infra.settings import Settings, variable

EXIT_MISSING = 1
EXIT_REFUSED = 2
BACKUP_AFTER_SECONDS = 120.0
SPARE_SECONDS = 30.0
LONGEST_SECONDS = 420.0


def say(line: str) -> None:
    """Print a line at once, also into a pipe."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def play(set_up: Stage, story: Story, timeline: Timeline) -> str | None:
    """Play a story; what is missing at its end, None when its report is in a case that somebody has taken."""
    timeline.chapter(story.title)
    try:
        begun = await story.tell(set_up, timeline)
        await asyncio.gather(begun.rest, respond(set_up, begun.report_id, story, timeline))
        case = await set_up.records.taken(begun.report_id)
    except (AssertionError, NothingFound, TimeoutError) as error:
        return f"{story.title}: {str(error) or 'nobody else was called in time'}"
    who = await set_up.records.name(case["taken_by"])
    timeline.step("desk", f"case {case['alias']} is taken by {who} (by {case['taken_via']})")
    return None


async def respond(set_up: Stage, report_id: UUID, story: Story, timeline: Timeline) -> None:
    """Show the case, and let those who are called act."""
    patience = BACKUP_AFTER_SECONDS * set_up.settings.wait_scale + SPARE_SECONDS
    case = await set_up.records.opened(report_id)
    await show_case(set_up, report_id, timeline)
    await set_up.crew.work(case["alias"], story.deeds, timeline, patience)


async def show_case(set_up: Stage, report_id: UUID, timeline: Timeline) -> None:
    """The case as the desk sees it: urgency, team, reasons."""
    case = await set_up.records.case(report_id)
    reasons = await set_up.records.reasons(report_id)
    after = (case["opened_at"] - case["received_at"]).total_seconds() * 1000
    timeline.step(
        "desk", f"case {case['alias']}: {case['urgency']}, {case['team_en']}; opened {after:.0f} ms after the report"
    )
    for reason in reasons:
        timeline.note(f"because  {reason}")


def headline(config: Settings) -> str:
    """The notice, and how ladder waits are scaled."""
    scaled = f"ladder waits scaled by {config.wait_scale:g} ({variable('wait_scale')})"
    waits = BACKUP_AFTER_SECONDS * config.wait_scale
    return f"\n{NOTICE['en']}\n{NOTICE['zh']}\n{scaled}: the next level is called after {waits:g} s instead of 120 s"


async def demonstrate(given: Settings) -> list[str]:
    """Play every story on a running hotline; what is missing."""
    async with running(given, say) as config, stage(config) as set_up:
        say(headline(config))
        timeline = Timeline(say)
        missing = []
        for number, story in enumerate(STORIES, start=1):
            found = await play(set_up, Story(f"{number}. {story.title}", story.tell, story.deeds), timeline)
            missing += [found] if found else []
        return missing


async def bounded(given: Settings) -> int:
    """Play it all within a bound of time; the exit code."""
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            missing = await demonstrate(given)
    except TimeoutError:
        missing = [f"the demonstration did not end within {LONGEST_SECONDS:.0f} s"]
    for each in missing:
        say(f"\nMISSING  {each}")
    if not missing:
        say(f"\nAll {len(STORIES)} reports ended in a case that somebody has taken.")
    return EXIT_MISSING if missing else 0


def main() -> int:
    """0 only if every report ended in an acknowledged case; 1 says what is missing, 2 what is in the way."""
    parser = argparse.ArgumentParser(prog="hotline demo", description=__doc__)
    parser.add_argument(
        "--name-phones", action="store_true", help="only give the phones of the running hotline their names"
    )
    asked = parser.parse_args()
    try:
        given = settings.load()
        if asked.name_phones:
            asyncio.run(name_phones(given))
            return 0
        return asyncio.run(bounded(given))
    except (EmbeddedError, settings.SettingsError) as error:
        sys.stderr.write(f"hotline demo: {error}\n")
        return EXIT_REFUSED


if __name__ == "__main__":
    sys.exit(main())
