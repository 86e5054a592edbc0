"""Small line plots as inline SVG."""

from datetime import UTC, datetime
from html import escape

import numpy as np
from numpy.typing import NDArray

from simulators.report.read import Curve

Array = NDArray[np.float64]

_WIDTH, _HEIGHT = 640.0, 128.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 52.0, 8.0, 22.0, 20.0
_MOST_POINTS = 400


def plot(curve: Curve, span: tuple[float, float], events: list[tuple[float, str]], limit: float | None = None) -> str:
    """Draw one curve with its band over a span of epoch seconds; `events` are upright lines (time, CSS class)."""
    title = escape(f"{curve.name} [{curve.unit.replace('degC', '°C')}]" if curve.unit else curve.name)
    head = f'<svg viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" role="img" aria-label="{title}"><text x="0" y="12" class="t">{title}</text>'
    if not len(curve.at_s):
        return f'{head}<text x="{_LEFT:g}" y="70" class="n">no values</text></svg>'
    step = max(len(curve.at_s) // _MOST_POINTS, 1)
    at_s, low, mean, high = (part[::step] for part in (curve.at_s, curve.low, curve.mean, curve.high))
    top = max(float(high.max()), limit or -np.inf)
    y = _Axis(float(low.min()), top, _HEIGHT - _BOTTOM, _TOP)
    x = _Axis(*span, _LEFT, _WIDTH - _RIGHT)
    band = _points(x.at(np.append(at_s, at_s[::-1])), y.at(np.append(low, high[::-1])))
    lines = "".join(f'<line class="{kind}" {_upright(float(x.at(np.array([at]))[0]))}/>' for at, kind in events)
    bound = "" if limit is None else f'<line class="l" {_level(float(y.at(np.array([limit]))[0]))}/>'
    return (
        f'{head}<polygon class="b" points="{band}"/>{lines}{bound}<polyline points="{_points(x.at(at_s), y.at(mean))}"/>'
        f"{_scale(y)}{_dates(span, x)}</svg>"
    )


class _Axis:
    """Maps values to pixels."""

    def __init__(self, low: float, high: float, from_px: float, to_px: float) -> None:
        self.low = low
        self.high = high if high > low else low + 1.0
        self._from, self._to = from_px, to_px

    def at(self, values: Array) -> Array:
        """Give the pixels of values."""
        return np.asarray(self._from + (values - self.low) / (self.high - self.low) * (self._to - self._from))


def _points(x: Array, y: Array) -> str:
    return " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))


def _upright(x: float) -> str:
    return f'x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP:g}" y2="{_HEIGHT - _BOTTOM:g}"'


def _level(y: float) -> str:
    return f'x1="{_LEFT:g}" x2="{_WIDTH - _RIGHT:g}" y1="{y:.1f}" y2="{y:.1f}"'


def _scale(y: _Axis) -> str:
    ends = ((y.high, _TOP + 8.0), (y.low, _HEIGHT - _BOTTOM))
    return "".join(f'<text x="{_LEFT - 6:g}" y="{at:.0f}" class="s">{_label(value, y)}</text>' for value, at in ends)


def _label(value: float, y: _Axis) -> str:
    return "0" if abs(value) < 0.005 * (y.high - y.low) else f"{value:.3g}"


def _dates(span: tuple[float, float], x: _Axis) -> str:
    marks = np.linspace(*span, 5)
    words = [f"{datetime.fromtimestamp(at, tz=UTC):%Y-%m-%d}" for at in marks]
    anchors = ("start", "middle", "middle", "middle", "end")
    return "".join(
        f'<text x="{px:.0f}" y="{_HEIGHT - 5:g}" text-anchor="{anchor}" class="d">{word}</text>'
        for px, word, anchor in zip(x.at(marks), words, anchors, strict=True)
    )
