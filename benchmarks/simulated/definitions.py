"""What V1 to V16 ask, written down before anything is measured: each range has two sides where too clean is wrong too.

A part life is one part in one slot from its installation to its removal, whatever the reason (`docs/vocabulary.md`). The
P-F interval of a slot is the median use between the moment at which a tenth of the change at failure shows and the
failure. Horizons up to half of it are inside; at a whole one, half of the parts have an interval that is shorter. What is left
of a part is known from the truth, so a part that was replaced in time counts like one that failed.

An AUC of forty machines is an estimate, and two neighbouring horizons share most of their failures. Whether it falls with the horizon
is therefore told in standard errors of the difference, by leaving out one machine at a time: no step may rise by more than
2.64 of them (one-sided 5 % over the twelve steps of three seeds), and the fall over all horizons must be at least as many.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.report import Bar, Sense

SEEDS = (11, 23, 37)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One figure of the acceptance table, and the range in which each seed's figure has to lie."""

    check: str
    text: str
    low: float | None = None
    high: float | None = None
    unit: str = ""


P_VALUE = Question(check="V1", text="Kolmogorov-Smirnov p of 2,000 lives against the stated Weibull", low=0.01)
BETA_OFF = Question(check="V1", text="fitted beta off by", high=10.0, unit="%")
ETA_OFF = Question(check="V1", text="fitted eta off by", high=5.0, unit="%")
FAILURES = Question(check="V2", text="unplanned failures a machine-year", low=0.3, high=4.0)
FAILED_SHARE = Question(check="V2", text="share of removals that are failures", low=15.0, high=50.0, unit="%")
LEAST_SPREAD = Question(check="V3", text="smallest CV of part lives of a part type", low=0.25)
MOST_SPREAD = Question(check="V3", text="largest CV of part lives of a part type", high=0.80)
RAW_MONOTONICITY = Question(check="V4", text="raw monotonicity of the indicator", high=0.15)
TREND = Question(check="V4", text="Spearman with time of the smoothed indicator", low=0.5, high=0.95)
PROGNOSABILITY = Question(check="V4", text="prognosability, median part", low=0.3, high=0.95)
TRENDABILITY = Question(check="V4", text="trendability, median pair", low=0.85, high=0.999)
NOISE = Question(check="V5", text="signal to noise of the best sensor, median", low=0.0, high=15.0, unit="dB")
CLEANEST = Question(check="V5", text="signal to noise of the best sensor, 90th percentile", high=18.0, unit="dB")
LINGERING = Question(
    check="V6", text="residual lag-1 autocorrelation of thermal, flow and vibration, 10th percentile", low=0.3
)
OFF_GRID = Question(check="V6", text="share of values off their sensor's resolution", high=0.0, unit="%")
REPEATS = Question(check="V6", text="repeated values beyond what resolution and noise explain", high=5.0, unit="points")
ONE_THRESHOLD = Question(check="V7", text="best single-threshold F1 of any sensor, fails in 24 h", high=0.60)
INSIDE = Question(check="V8", text="AUC inside the P-F interval", low=0.85, high=0.97)
EDGE = Question(check="V8", text="AUC at its edge (fails within one interval)", high=0.97)
AHEAD = Question(check="V8", text="AUC two P-F intervals ahead", low=0.60)
RISE = Question(
    check="V8", text="largest rise of the AUC from one horizon to the next longer, in standard errors", high=2.64
)
FALL = Question(
    check="V8", text="fall of the AUC from the shortest to the longest horizon, in standard errors", low=2.64
)
SAME_ROW = Question(check="V8", text="skill one step ahead over skill in the same row", low=0.8)
LEAK = Question(check="V9", text="AUC of", low=0.45, high=0.60)
SILENT = Question(check="V10", text="failures that never leave 4 sd", low=10.0, high=20.0, unit="%")
FALSE_CASES = Question(check="V11", text="false cases a machine-month in odd but healthy episodes", high=0.1)
RUL_LOWERED = Question(check="V11", text="RUL lowered by a sensor fault, median", high=20.0, unit="%")
AUC_RATIO = Question(check="V12", text="AUC trained on simulated over trained on real", low=0.95)
AP_RATIO = Question(check="V12", text="average precision trained on simulated over trained on real", low=0.90)
FILTER_RATIO = Question(
    check="V12", text="filter: error trained on simulated over trained on the measured law", high=1.35
)
TOLD_APART = Question(check="V13", text="AUC of telling simulated from real windows", high=0.85)
POWER = Question(check="V14", text="spindle load grows with torque to the power", low=0.95, high=1.05)
THERMAL_LAG = Question(check="V14", text="spindle temperature lags its load by", low=5.0, high=120.0, unit="min")
AFFINITY = Question(check="V14", text="pump head grows with speed to the power", low=1.99, high=2.01)
THROTTLED = Question(check="V14", text="correlation of air flow and filter pressure drop as it clogs", high=-0.9)
NEGATIVES = Question(check="V14", text="lowest value of a quantity that has no sign", low=0.0)
SECOND_RUN = Question(check="V15", text="files that differ in a second run of one seed", high=0.0)
ONE_MORE = Question(check="V15", text="lives that a machine more changes", high=0.0)
IN_TRUTH = Question(check="V16", text="kinds of injected faults that the truth lacks", high=0.0)
COUNTED = Question(check="V16", text="kinds of injected faults that the product does not notice", high=0.0)


def answer(question: Question, values: Sequence[float], name: str = "") -> Iterator[Bar]:
    """Give the bars of one question: the worst seed against each side of the range, and the mean for information."""
    title = f"{question.check} {question.text}{f' {name}' if name else ''}"
    if question.low is not None:
        yield Bar(name=f"{title}, lowest", value=float(min(values)), unit=question.unit, must=question.low, sense=Sense.AT_LEAST)  # fmt: skip
    if question.high is not None:
        yield Bar(name=f"{title}, highest", value=float(max(values)), unit=question.unit, must=question.high)
    yield Bar(name=f"{title}, mean", value=float(sum(values) / len(values)), unit=question.unit, must=None)
