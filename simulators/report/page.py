"""Puts the stories of machines and the acceptance table on one page."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

from simulators.errors import SimulatorError
from simulators.removal import Reason, TrueLife
from simulators.report.plot import plot
from simulators.report.read import Story

_MOST_REMOVALS = 60
_STYLE = """
:root{color-scheme:light dark;--ink:#1d2433;--soft:#5b6577;--line:#d5dae3;--paper:#fff;--curve:#2a5db0;--band:#2a5db022;--bad:#b3261e;--plan:#6b7280}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9f0;--soft:#a2abbd;--line:#3a4354;--paper:#151a22;--curve:#8fb3f5;--band:#8fb3f533;--bad:#ff8a80;--plan:#98a1b3}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);margin:0 auto;max-width:1320px;padding:16px}
h1{font-size:22px}h2{font-size:19px;margin-top:32px;border-top:1px solid var(--line);padding-top:16px}h3{font-size:16px}
.g{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));gap:12px}
svg{width:100%;height:auto}polyline{fill:none;stroke:var(--curve);stroke-width:1.4}.b{fill:var(--band)}
text{font:11px system-ui,sans-serif;fill:var(--soft)}.t{font-size:13px;fill:var(--ink)}.s{text-anchor:end}
line{stroke-width:1}.f{stroke:var(--bad);stroke-width:1.6}.p{stroke:var(--plan);stroke-dasharray:3 3}.l{stroke:var(--bad);stroke-dasharray:6 3}
.w{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums}td,th{padding:3px 12px 3px 0;text-align:left;border-bottom:1px solid var(--line)}
td.n,th.n{text-align:right}.no{color:var(--bad);font-weight:600}p.k{color:var(--soft)}
"""


def write_page(path: Path, stories: Sequence[Story], acceptance: Path | None) -> None:
    """Write the page.

    Raises
    ------
    SimulatorError
        When the acceptance file is none that `python -m benchmarks simulator --json` wrote.
    """
    table = "" if acceptance is None else _acceptance(acceptance)
    names = ", ".join(escape(story.machine.id) for story in stories)
    body = "".join(_story(story) for story in stories)
    path.write_text(
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>Simulated factory: {names}</title><style>{_STYLE}</style></head><body>"
        f"<h1>Simulated factory: {names}</h1>"
        '<p class="k">Solid red lines are failures, dashed grey ones replacements in time, the dashed red level is failure. Signals '
        "are daily means of operation with their 5 to 95 % band. Damage is the truth, which no model sees.</p>"
        f"{body}{table}</body></html>\n",
        encoding="utf-8",
    )


def _story(story: Story) -> str:
    times = [
        at for curve in (*story.signals, *story.damage) for at in (curve.at_s[:1].tolist() + curve.at_s[-1:].tolist())
    ]
    span = (min(times), max(times)) if times else (0.0, 1.0)
    shown = [
        life for life in story.removals if span[0] <= (life.removed_s or 0.0) <= span[1] and life.slot != "cutting_tool"
    ]
    events = [(life.removed_s or 0.0, "f" if life.reason is Reason.FAILED else "p") for life in shown]
    by_slot = {slot.name.en: slot.id for slot in story.machine.slots}
    damage = [
        plot(
            curve,
            span,
            [e for e, life in zip(events, shown, strict=True) if life.slot == by_slot[curve.name]],
            limit=1.0,
        )
        for curve in story.damage
    ]
    signals = [plot(curve, span, events) for curve in story.signals]
    name = escape(f"{story.machine.name.ko} · {story.machine.name.en} ({story.machine.id})")
    return (
        f'<h2>{name}</h2><h3>Damage</h3><div class="g">{"".join(damage)}</div>'
        f'<h3>Signals</h3><div class="g">{"".join(signals)}</div><h3>What came off</h3>{_removals(shown)}'
    )


def _removals(lives: Sequence[TrueLife]) -> str:
    if not lives:
        return "<p>Nothing in this time.</p>"
    rows = "".join(
        f"<tr><td>{datetime.fromtimestamp(life.removed_s or 0.0, tz=UTC):%Y-%m-%d %H:%M} UTC</td><td>{escape(life.slot)}</td>"
        f'<td class="{"no" if life.reason is Reason.FAILED else ""}">{escape(life.reason or "")}{", without a sign" if life.sudden else ""}</td>'
        f'<td class="n">{(life.meter_at_removal or 0.0) - life.meter_at_install:,.0f}</td><td class="n">{100 * life.damage:.0f} %</td></tr>'
        for life in lives[-_MOST_REMOVALS:]
    )
    head = '<tr><th>When</th><th>Part</th><th>Why</th><th class="n">Use</th><th class="n">Damage</th></tr>'
    return f'<div class="w"><table>{head}{rows}</table></div>'


def _acceptance(path: Path) -> str:
    try:
        report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        rows = "".join(_row(bar) for bar in report["bars"])
        notes = "".join(f"<p>{escape(note)}</p>" for note in report["notes"])
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise SimulatorError(
            f"{path}: not an acceptance table ({problem}); write one with `python -m benchmarks simulator --json FILE`"
        ) from None
    head = '<tr><th>Check</th><th class="n">Figure</th><th class="n">Must</th><th>Holds</th></tr>'
    return f'<h2>Is it like a real factory</h2>{notes}<div class="w"><table>{head}{rows}</table></div>'


def _row(bar: dict[str, Any]) -> str:
    unit = escape(f" {bar['unit']}" if bar["unit"] else "")
    figure = "not measured" if bar["value"] is None else f"{bar['value']:.4g}{unit}"
    sign = "≤" if bar["sense"] == "at_most" else "≥"
    must, holds = (
        ("", "") if bar["must"] is None else (f"{sign} {bar['must']:g}{unit}", "yes" if bar["holds"] else "no")
    )
    return (
        f'<tr><td>{escape(bar["name"])}</td><td class="n">{figure}</td><td class="n">{must}</td>'
        f'<td class="{"no" if holds == "no" else ""}">{holds}</td></tr>'
    )
