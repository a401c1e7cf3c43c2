"""The few statistics that the benchmarks use."""

from collections.abc import Iterable, Mapping, Sequence
from math import exp, fsum, log
from statistics import median


def ratio_of_medians(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """median(ours) / median(theirs). ValueError when either is empty or the latter's is 0."""
    if not ours or not theirs:
        raise ValueError("a ratio needs at least one run on each side")
    below = median(theirs)
    if below == 0:
        raise ValueError("the baseline's median is 0")
    return median(ours) / below


def geomean(ratios: Iterable[float]) -> float:
    """The geometric mean. ValueError when there is no ratio, or one that is not above 0."""
    values = list(ratios)
    if not values:
        raise ValueError("the geometric mean of nothing")
    if min(values) <= 0:
        raise ValueError(f"the geometric mean needs ratios above 0, not {min(values)}")
    return exp(fsum(map(log, values)) / len(values))


def spread(runs: Sequence[float]) -> float:
    """How far apart the runs are: (largest - smallest) / median; 0 for a single run."""
    return (max(runs) - min(runs)) / median(runs)


def worst(ratios: Mapping[str, float]) -> tuple[str, float]:
    """The name with the largest ratio, and that ratio. ValueError when there is none."""
    name = max(ratios, key=ratios.__getitem__)
    return name, ratios[name]
