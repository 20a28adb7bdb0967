"""The words every service uses, as closed sets; the glossary tells what each means and how it is said."""

from enum import StrEnum

DESK_CHANNEL = "hotline_desk"
"""NOTIFY channel announced after each commit that changes what the duty desk shows; open pages listen."""


class Urgency(StrEnum):
    """How soon a person must act, most urgent first."""

    IMMEDIATE = "immediate"
    URGENT = "urgent"
    PRIORITY = "priority"
    ROUTINE = "routine"

    @property
    def rank(self) -> int:
        """0 for immediate, 3 for routine: lower is sooner."""
        return _RANKS[self]

    def raised(self) -> "Urgency":
        """One step more urgent; immediate stays immediate."""
        return list(Urgency)[max(0, self.rank - 1)]


_RANKS = {each: at for at, each in enumerate(Urgency)}


class Answer(StrEnum):
    """An answer to a danger question. *Does not know* and *would not say* count as the dangerous answer."""

    YES = "yes"
    NO = "no"
    DOES_NOT_KNOW = "does_not_know"
    WOULD_NOT_SAY = "would_not_say"
    NOT_ASKED = "not_asked"


class Injury(StrEnum):
    """How badly a child is hurt, as far as the reporter knows or says."""

    NONE = "none"
    MINOR = "minor"
    SERIOUS = "serious"
    UNKNOWN = "unknown"
    WOULD_NOT_SAY = "would_not_say"
    NOT_ASKED = "not_asked"


class ContactKind(StrEnum):
    """What one message, call or form is. No kind is a way to discard: a person reads each."""

    REPORT = "report"
    UPDATE = "update"
    CONSULTATION = "consultation"
    CHASING = "chasing"
    WRONG_NUMBER = "wrong_number"
    NOTHING_SAID = "nothing_said"


class Channel(StrEnum):
    """The way a contact reached us."""

    WEB = "web"
    API = "api"
    SMS = "sms"
    VOICE = "voice"


class AlertChannel(StrEnum):
    """The way an alert reaches a responder. Loopback calls nobody: it proves the path for the canary.

    `webhook` is a text through a gateway of the country, signed, where the provider of `sms` cannot serve. `partner`
    reaches no responder: it brings notices to the system of a body that filed a report.
    """

    SMS = "sms"
    VOICE = "voice"
    EMAIL = "email"
    WEBHOOK = "webhook"
    LOOPBACK = "loopback"
    PARTNER = "partner"


class ReporterRole(StrEnum):
    """Who a reporter is, as they say; a role never lowers urgency."""

    CHILD = "child"
    FAMILY = "family"
    NEIGHBOUR = "neighbour"
    TEACHER = "teacher"
    HEALTH = "health"
    CHILD_DIRECTOR = "child_director"
    SOCIAL_WORK = "social_work"
    POLICE = "police"
    LODGING = "lodging"
    OTHER_CLOSE_CONTACT = "other_close_contact"
    PUBLIC = "public"
    NOT_SAID = "not_said"


class Level(StrEnum):
    """A place on a ladder. At the desk: duty officer, second duty officer, supervisor, manager on call."""

    FIRST = "first"
    BACKUP = "backup"
    LEAD = "lead"
    MANAGER = "manager"


class Purpose(StrEnum):
    """What a person is called for; one escalation is active per subject and purpose.

    A check-in asks the responder at a child's place whether they are safe; *safety* calls the desk about a responder,
    *roster* its manager about hours in which nobody would be called.
    """

    RESPOND = "respond"
    READ = "read"
    EMERGENCY_SERVICE = "emergency_service"
    PRESENCE = "presence"
    CHECK_IN = "check_in"
    SAFETY = "safety"
    ROSTER = "roster"


class AssignmentStatus(StrEnum):
    """Whether the calling for an assignment should go on."""

    CALLING = "calling"
    TAKEN_AT_DESK = "taken_at_desk"
    STOOD_DOWN = "stood_down"
    ENDED = "ended"


class EscalationStatus(StrEnum):
    """Where the calling for one assignment stands."""

    CALLING = "calling"
    EXHAUSTED = "exhausted"
    ACKNOWLEDGED = "acknowledged"
    SUPERSEDED = "superseded"
    ENDED = "ended"


class AcknowledgedVia(StrEnum):
    """How a person took responsibility."""

    SMS = "sms"
    KEY = "key"
    PAGE = "page"
    DESK = "desk"
    LOOPBACK = "loopback"


class Role(StrEnum):
    """What a signed-in person may do at the desk."""

    DUTY_OFFICER = "duty_officer"
    SUPERVISOR = "supervisor"
    MANAGER = "manager"


class StateWord(StrEnum):
    """What a reporter is told of a report; never a word that claims more than has happened."""

    RECEIVED = "received"
    READ = "read"
    PASSED_ON = "passed_on"
    TAKEN = "taken"
    OUTCOME_AVAILABLE = "outcome_available"
    CLOSED = "closed"
