"""Plots as SVG: numbers and words in, one string out, to stand inside a page or in a file of its own.

Every function takes ``plot_id``, ``title``, ``description`` and ``width`` by name. Text never shrinks below its size
when the plot is drawn at its natural width, so a page that is read on a telephone asks for a second, narrow variant
(``width=344`` for a window of 360) and shows one of the two. The root carries the classes ``plot``, the plot's kind
and, below 520 pixels, ``narrow``. Nothing here knows where the numbers come from.
"""

from analysis.plots.axis import Axis
from analysis.plots.bias import JUDGEMENTS, Assessment, BiasRow, Domain, traffic_light
from analysis.plots.forest import ForestRow, Pooled, forest
from analysis.plots.funnel import FunnelPoint, funnel
from analysis.plots.influence import BaujatPoint, Diagnostic, baujat, influence
from analysis.plots.survival import SurvivalSeries, survival_curve
from analysis.plots.trajectory import Band, Measure, TrajectoryPoint, TrajectorySeries, trajectory

__all__ = [
    "JUDGEMENTS",
    "Assessment",
    "Axis",
    "Band",
    "BaujatPoint",
    "BiasRow",
    "Diagnostic",
    "Domain",
    "ForestRow",
    "FunnelPoint",
    "Measure",
    "Pooled",
    "SurvivalSeries",
    "TrajectoryPoint",
    "TrajectorySeries",
    "baujat",
    "forest",
    "funnel",
    "influence",
    "survival_curve",
    "traffic_light",
    "trajectory",
]
