"""Inputs of every kind: Sparkplug from another library, vibration, mapped JSON, tables, the form, a plant by questions."""

import importlib
import importlib.util
from importlib.metadata import version
from time import perf_counter

from benchmarks import inputs_mapping, inputs_sparkplug, inputs_vibration
from benchmarks.report import Bar, NotApplicable, Report
from benchmarks.runner import Wish

BY_HAND = ("tables", "form", "init")


def run(wish: Wish) -> Report:
    """Measure the parts that are wanted (`--only sparkplug,vibration,mapping,tables,form,init`)."""
    started = perf_counter()
    bars: list[Bar] = []
    impossible: list[NotApplicable] = []
    if wish.wants("sparkplug"):
        found, missing = inputs_sparkplug.bars(wish.work)
        bars += found
        impossible += missing
    if wish.wants("vibration"):
        bars += inputs_vibration.bars()
    if wish.wants("mapping"):
        bars += inputs_mapping.bars()
    for part in BY_HAND:
        if wish.wants(part) and importlib.util.find_spec(f"benchmarks.inputs_{part}"):
            bars += importlib.import_module(f"benchmarks.inputs_{part}").bars()
    return Report(
        benchmark="inputs",
        version=version("yeji"),
        bars=tuple(bars),
        seconds=perf_counter() - started,
        not_applicable=tuple(impossible),
    )
