"""REML at k = 10 and k = 1,000 beside PyMARE, statsmodels and metafor: one run, alternating, medians and ratios."""

import shutil
import statistics
import subprocess
import time
from collections.abc import Callable

import numpy as np

from analysis.pool.univariate import rma_uni

ROUNDS, SEED = 7, 20240112
SIZES = (10, 1000)


def data(k: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(SEED + k)
    v = rng.uniform(0.02, 0.4, k)
    return rng.normal(0.3, np.sqrt(v + 0.1)), v


def timed(fit: Callable[[], object], least: float = 0.05) -> float:
    """Seconds a fit, over at least this much time."""
    count, start = 0, time.perf_counter()
    while (spent := time.perf_counter() - start) < least or not count:
        fit()
        count += 1
    return spent / count


def peers(y: np.ndarray, v: np.ndarray) -> dict[str, Callable[[], object]]:
    found: dict[str, Callable[[], object]] = {
        "evidence-kb, with intervals": lambda: rma_uni(y, v),
        "evidence-kb, estimate only": lambda: rma_uni(y, v, intervals=False),
    }
    try:
        from pymare import Dataset
        from pymare.estimators import VarianceBasedLikelihoodEstimator

        found["PyMARE"] = lambda: (
            VarianceBasedLikelihoodEstimator(method="REML").fit_dataset(Dataset(y=y, v=v)).summary()
        )
    except ImportError:
        print("PyMARE is not installed")
    try:
        from statsmodels.stats.meta_analysis import combine_effects

        found["statsmodels (Paule-Mandel; it has no REML)"] = lambda: combine_effects(y, v, method_re="iterated")
    except ImportError:
        print("statsmodels is not installed")
    return found


def metafor(y: np.ndarray, v: np.ndarray) -> float | None:
    """Seconds a fit inside one R process, or None without R and metafor."""
    if not shutil.which("Rscript"):
        return None
    numbers = [",".join(map(repr, map(float, x))) for x in (y, v)]
    script = f"""suppressMessages(library(metafor)); y <- c({numbers[0]}); v <- c({numbers[1]}); warm <- rma(y, v)
    n <- 0
    s <- proc.time()[3]; while (proc.time()[3] - s < 1) {{ rma(y, v); n <- n + 1 }}; cat((proc.time()[3] - s) / n)"""
    done = subprocess.run(["Rscript", "-"], input=script, capture_output=True, text=True, check=False)
    return float(done.stdout) if done.returncode == 0 and done.stdout else None


for k in SIZES:
    y, v = data(k)
    fits = peers(y, v)
    times: dict[str, list[float]] = {name: [] for name in fits}
    for _ in range(ROUNDS):
        for name, fit in fits.items():
            times[name].append(timed(fit))
        if (seconds := metafor(y, v)) is not None:
            times.setdefault("metafor", []).append(seconds)
    ours = statistics.median(times["evidence-kb, with intervals"])
    print(f"\nREML, k = {k}: milliseconds a fit, median of {ROUNDS} (min–max), times ours with intervals")
    for name, found in times.items():
        middle = statistics.median(found)
        print(
            f"  {name:<44}{1000 * middle:9.3f}  ({1000 * min(found):.3f}–{1000 * max(found):.3f}){middle / ours:9.2f}"
        )
