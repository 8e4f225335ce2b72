"""Suggest a CPV main group from the title of a procurement, from titles whose code is known."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType

import numpy as np
import pandas as pd

from procanalysis.errors import MeasureError
from procanalysis.measures import frames, wording
from procanalysis.measures.suggested_categories.calibration import Calibration, calibrated
from procanalysis.measures.suggested_categories.clues import TitleClues
from procanalysis.measures.suggested_categories.patterns import folds_of
from procanalysis.measures.suggested_categories.tree_model import TreeModel
from procanalysis.schema import require_columns

NO_TITLE = "Benämning saknas"
NO_WORDS = "Inga av benämningens ord finns bland de upphandlingar som modellen lärt av"

_FOLDS = 4
_FEWEST_TITLES = 200
_TENTH = Decimal("0.1")
_SPACES = re.compile(r"\s+")
# References and years tell which procurement it is, not what it buys.
_NUMBERS = re.compile(r"\b[\w/:.-]*[0-9][\w/:.-]*\b")


@dataclass(frozen=True)
class TitleModel:
    """Hold what was learnt from titles: which clues stand for which main group, and how sure that is.

    `titles_count` titles, `groups_count` main groups; `names` gives the main group's name where the source had one.
    """

    clues: TitleClues
    model: TreeModel
    calibration: Calibration
    names: dict[str, str]
    titles_count: int
    groups_count: int


def train_title_model(tenders: pd.DataFrame) -> TitleModel:
    """Learn from titles of procurements which CPV main group (the first two digits) they are about.

    A logistic regression over words and parts of words; how sure it is is measured on titles held out in four parts,
    the same title never on both sides. Rows without title or main group are not learnt from.
    Parameters: `tenders`, one row per procurement (schema.TENDERS) with title, cpv_main_code and cpv_main_name.
    Returns a TitleModel. Raises MeasureError when a column is missing, or fewer than 200 titles of two main groups
    have a code. Source: issue 9 part 5; Upphandlingsmyndigheten's microdata; docs/suggested-categories.md.
    """
    require_columns(tenders.columns, ["title", "cpv_main_code", "cpv_main_name"], "train_title_model")
    labelled = tenders.dropna(subset=["title", "cpv_main_code"])
    frame = pd.DataFrame(
        {
            "title": [comparable_title(title) for title in labelled["title"]],
            "code": [str(code)[:2] + "000000" for code in labelled["cpv_main_code"]],
        }
    ).sort_values(["title", "code"], ignore_index=True)
    frame = frame[frame["title"] != ""].reset_index(drop=True)
    if len(frame) < _FEWEST_TITLES or frame["code"].nunique() < 2:
        raise MeasureError(
            f"train_title_model: {len(frame)} titles in {frame['code'].nunique()} main group(s) have a CPV code. Give "
            f"at least {_FEWEST_TITLES} titles in two main groups."
        )
    probability, right = _tried(frame)
    calibration = calibrated(probability, right)
    if calibration is None:
        raise MeasureError("train_title_model: too few different titles to measure how sure the model is. Give more.")
    clues = TitleClues().learn(frame["title"].tolist())
    model = _learnt(clues, frame)
    named = labelled.dropna(subset=["cpv_main_name"])
    groups = named["cpv_main_code"].astype(str).str[:2] + "000000"
    main_names = {str(code): str(name) for code, name in named["cpv_main_name"].groupby(groups).min().items()}
    return TitleModel(clues, model, calibration, main_names, len(frame), int(frame["code"].nunique()))


def _learnt(clues: TitleClues, frame: pd.DataFrame) -> TreeModel:
    paths = [(code,) for code in frame["code"]]
    return TreeModel(priors=()).learn(clues.find(frame["title"].tolist()), paths, np.ones(len(frame)), [])


def _tried(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the probability of the likeliest group for every title held out, and whether it was right."""
    folds = folds_of(frame["title"], _FOLDS)
    probability, right = np.zeros(len(frame)), np.zeros(len(frame))
    for fold in range(_FOLDS):
        out = np.flatnonzero(folds == fold)
        kept = frame.iloc[np.flatnonzero(folds != fold)]
        if len(out) and len(kept):
            clues = TitleClues().learn(kept["title"].tolist())
            model = _learnt(clues, kept)
            chain = model.chains(clues.find(frame["title"].iloc[out].tolist()), [], 1)[0]
            probability[out] = chain.probability
            right[out] = chain.codes == frame["code"].to_numpy()[out]
    return probability, right


def comparable_title(title: str) -> str:
    """Return a title without case, references and years.

    >>> comparable_title("Ramavtal  livsmedel 2021, dnr UH-2020-17")
    'ramavtal livsmedel , dnr'
    """
    return _SPACES.sub(" ", _NUMBERS.sub(" ", title.casefold())).strip()


def rank_cpv(titles: Sequence[str | None], model: TitleModel) -> pd.DataFrame:
    """Tell the likeliest CPV main group of every title, however unsure, to measure the model itself.

    Parameters: as suggest_cpv. Returns one row per title, in the order given: code, probability (the model's own, 0 to
    1), confidence_pct (calibrated) and has_words, whether any of its words were learnt. Source: issue 9 part 5.
    """
    found = model.clues.find([comparable_title(title) if isinstance(title, str) else "" for title in titles])
    chain = model.model.chains(found, [], 1)[0]
    return pd.DataFrame(
        {
            "code": chain.codes,
            "probability": chain.probability,
            "confidence_pct": model.calibration.confidence(chain.probability) * 100,
            "has_words": np.diff(found.indptr) > 0,
        }
    )


def suggest_cpv(
    titles: Sequence[str | None],
    model: TitleModel,
    *,
    threshold_pct: int | Decimal = 80,
    cpv_categories: Mapping[str, str] = MappingProxyType({}),
) -> pd.DataFrame:
    """Suggest the CPV main group of procurements from their titles, where that is sure enough.

    Parameters: `titles`, one per procurement, None where it is missing; `model`, from train_title_model;
    `threshold_pct`, 50 to 100, the confidence below which nothing is suggested; `cpv_categories`, the reviewed table
    from main groups (two digits) to the tree, as read_cpv_categories gives it.
    Returns one row per title, in the order given: title, cpv_main_code, cpv_main_name, category_code (missing where no
    table says), confidence_pct, and silent_because, in Swedish, where nothing is suggested. Raises MeasureError.
    Source: issue 9 part 5.
    """
    frames.check_range("suggest_cpv", "threshold_pct", threshold_pct, 50, 100)
    below = f"Säkerheten når inte gränsen {wording.percent_text(Decimal(threshold_pct))}"
    rows = []
    for title, answer in zip(titles, rank_cpv(titles, model).to_dict("records"), strict=True):
        told = Decimal(float(answer["confidence_pct"])).quantize(_TENTH, ROUND_HALF_UP)
        silent = "" if answer["has_words"] else NO_WORDS if (title or "").strip() else NO_TITLE
        silent = silent or ("" if told >= threshold_pct else below)
        code = None if silent else str(answer["code"])
        name, category = model.names.get(code or ""), cpv_categories.get((code or "")[:2])
        rows.append((title or None, code, name, category, None if silent else told, silent or None))
    columns = ["title", "cpv_main_code", "cpv_main_name", "category_code", "confidence_pct", "silent_because"]
    return pd.DataFrame(rows, columns=columns).astype(
        {name: "object" if name == "confidence_pct" else "str" for name in columns}
    )
