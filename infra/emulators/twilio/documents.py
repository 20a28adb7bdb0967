"""TwiML, read safely: no document type, so no entities of any kind; a bounded size."""

from dataclasses import dataclass
from urllib.parse import urljoin
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from infra.emulators.twilio.records import Hook

LONGEST_DOCUMENT = 64 * 1024


class BadDocument(ValueError):
    """The application's answer is not TwiML that can be run."""


@dataclass(frozen=True)
class Document:
    """The verbs of one answer, and the address they came from, which relative addresses are under."""

    verbs: list[Element]
    source: Hook

    def hook(self, verb: Element, attribute: str = "action") -> Hook | None:
        """The address in an attribute, with its method; None if the attribute is missing or blank."""
        url = verb.get(attribute, "").strip()
        if not url:
            return None
        method = verb.get("method" if attribute == "action" else f"{attribute}Method", "POST").upper()
        return Hook(urljoin(self.source.url, url), method)


def read_document(text: str, source: Hook) -> Document:
    """The verbs of a TwiML answer; an empty answer has none. Raises BadDocument."""
    if not text.strip():
        return Document([], source)
    if len(text) > LONGEST_DOCUMENT:
        raise BadDocument("11750 the document is too long")
    if "<!" in text.replace("<!--", "").replace("<![CDATA[", ""):
        raise BadDocument("12100 a document type is not allowed")
    try:
        root = ElementTree.fromstring(text.strip())  # noqa: S314 - no DTD: checked above
    except ElementTree.ParseError as error:
        raise BadDocument(f"12100 not XML: {error}") from error
    if root.tag != "Response":
        raise BadDocument("12100 the outermost element is not Response")
    return Document(list(root), source)


def words(element: Element) -> str:
    """The text of a verb and of the marks inside it, with white space as one blank."""
    return " ".join("".join(element.itertext()).split())
