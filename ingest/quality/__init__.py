"""How far each value can be trusted, judged from report to report, per sensor, and aware of the operating state.

Everything carried from one batch to the next is in `QualityMemory`; judging is a function of it and of the batch. What only
hours and days tell is judged by `suspect`, a function of a machine's steady running.
"""

from ingest.quality.judgement import LASTING, judge, judge_again, lookback_ns
from ingest.quality.memory import NEVER, QualityMemory, blank_memory
from ingest.quality.profile import QualityRules, TypeProfile, profile_type
from ingest.quality.states import resolve_states
from ingest.quality.steady import SteadyBlocks, steady_blocks
from ingest.quality.suspicion import Doubt, Suspicion
from ingest.quality.watch import follow, suspect

__all__ = [
    "LASTING",
    "NEVER",
    "Doubt",
    "QualityMemory",
    "QualityRules",
    "SteadyBlocks",
    "Suspicion",
    "TypeProfile",
    "blank_memory",
    "follow",
    "judge",
    "judge_again",
    "lookback_ns",
    "profile_type",
    "resolve_states",
    "steady_blocks",
    "suspect",
]
