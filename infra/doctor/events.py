"""The way of events: broker, topics, outbox, dead letters, and whether every process is alive."""

from collections.abc import Sequence

from infra import kafka
from infra.doctor.database import sql
from infra.doctor.finding import Finding, failures, ok, warning
from infra.doctor.visit import Visit
from infra.kafka.described import TopicState, topics
from infra.kafka.topics import PARTITIONS, TOPICS
from infra.watchdog import absences, late_events, lost_instances, troubles, vitals


async def look_at_broker(visit: Visit) -> list[Finding]:
    """Whether the broker answers and its topics are as they should be."""
    answers = ok("broker", f"cluster {await kafka.cluster_id(visit.settings)} answers")
    found = await topics(visit.settings)
    wrong = wrong_topics(found, visit.settings.kafka_replicas)
    checked = failures("topics", wrong, f"{len(TOPICS)} topics of {PARTITIONS} partitions")
    if visit.is_production and visit.settings.kafka_replicas == 1:
        alone = "each topic has one copy: while its broker is away, events come by catch-up alone, a second later"
        checked.append(warning("topics", alone))
    return [answers, *checked]


def wrong_topics(found: Sequence[TopicState], replicas: int) -> list[str]:
    """What is not as `hotline migrate` makes it, with `replicas` copies."""
    missing = sorted(set(TOPICS) - {topic.name for topic in found})
    wrong = [f"{', '.join(missing)} missing: run `hotline migrate`"] if missing else []
    for topic in found:
        if topic.partitions != PARTITIONS:
            wrong.append(f"{topic.name} has {topic.partitions} partitions instead of {PARTITIONS}: mend it by hand")
        if topic.replicas < replicas:
            wrong.append(f"{topic.name} has {topic.replicas} copies instead of {replicas}: reassign its partitions")
        if topic.behind:
            wrong.append(f"{topic.name}: {topic.behind} partitions lack a leader or a copy in sync: see the brokers")
        if replicas > 1 and topic.min_isr is not None and topic.min_isr < 2:
            wrong.append(f"{topic.name} has min.insync.replicas {topic.min_isr}: set it to 2")
    return wrong


async def look_at_outbox(visit: Visit) -> list[Finding]:
    """Whether events leave for the broker."""
    async with visit.look() as tx:
        waited = (await vitals(tx)).oldest_unpublished
    held = "no event waits" if waited is None else f"the oldest event has waited {waited.total_seconds():.1f} s"
    return failures("outbox", [f"{each}: see relay and broker" for each in late_events(waited)], held)


async def look_at_dead_letters(visit: Visit) -> list[Finding]:
    """Whether an event needs a person."""
    async with visit.look() as tx:
        count = await sql.dead_letters(tx)
    sentence = f"{count} event(s) could not be processed and need a person: `hotline dead-letters list`"
    return failures("events", [sentence] if count else [], "every event found its handler")


async def look_at_heartbeats(visit: Visit) -> list[Finding]:
    """Whether every service is alive, and what it says does not hold."""
    async with visit.look() as tx:
        beats = (await vitals(tx)).heartbeats
    silent = [f"{each}: start it, or see its log" for each in absences(beats, visit.now)]
    lost = [warning("processes", each) for each in lost_instances(beats, visit.now)]
    wrong = silent + troubles(beats, visit.now)
    return failures("processes", wrong, "every service is alive and well") + lost
