"""TwiML, made as XML so that nothing a person wrote can become markup."""

from xml.etree.ElementTree import Element, SubElement, tostring

VOICES = {"zh": "zh-CN", "en": "en-GB"}


def document() -> Element:
    """An empty answer: says nothing, does nothing."""
    return Element("Response")


def message(parent: Element, text: str) -> None:
    """Send a text back."""
    SubElement(parent, "Message").text = text


def say(parent: Element, text: str, language: str) -> None:
    """Say words."""
    SubElement(parent, "Say", language=VOICES.get(language, "en-GB")).text = text


def gather(parent: Element, action: str, seconds: int = 6) -> Element:
    """Listen for one key while what is put inside is said."""
    return SubElement(
        parent,
        "Gather",
        input="dtmf",
        numDigits="1",
        timeout=str(seconds),
        action=action,
        method="POST",
    )


def record(parent: Element, action: str, callback: str) -> None:
    """Record after a tone, until # or ten seconds of silence, five minutes at most."""
    SubElement(
        parent,
        "Record",
        action=action,
        method="POST",
        maxLength="300",
        timeout="10",
        finishOnKey="#",
        playBeep="true",
        recordingStatusCallback=callback,
        recordingStatusCallbackMethod="POST",
    )


def redirect(parent: Element, address: str) -> None:
    """Go on at another address."""
    SubElement(parent, "Redirect", method="POST").text = address


def hang_up(parent: Element) -> None:
    """End the call."""
    SubElement(parent, "Hangup")


def written(root: Element) -> str:
    """The document as text."""
    return tostring(root, encoding="unicode", xml_declaration=True)
