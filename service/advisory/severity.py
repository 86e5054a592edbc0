"""How urgent a condition or a prediction is.

The figures below are operating points of our own, chosen so that a critical case means "act within the shift", a
warning "plan it this week", and a watch "look when you pass by".
"""

from datetime import datetime, timedelta

from configs.plant import LimitLevel
from models.condition import Condition, ConditionKind
from models.prediction import Prediction
from service.advisory.case import Severity

CRITICAL_WITHIN_7_DAYS = 0.5
WARNING_WITHIN_7_DAYS = 0.15
CRITICAL_P10 = timedelta(days=2)
WARNING_P10 = timedelta(days=7)
CRITICAL_OVERDUE_WITHIN_7_DAYS = 0.3

_OF_LIMIT = {LimitLevel.WARNING: Severity.WARNING, LimitLevel.CRITICAL: Severity.CRITICAL}
_OF_THE_REST = {LimitLevel.WARNING: Severity.WATCH, LimitLevel.CRITICAL: Severity.WARNING}


def severity_of_condition(condition: Condition) -> Severity:
    """Return how urgent a condition is; an anomaly or silence alone never stops a machine, so it stays one step lower."""
    table = _OF_LIMIT if condition.kind is ConditionKind.LIMIT else _OF_THE_REST
    return table[condition.level]


def severity_of_prediction(prediction: Prediction, *, lead_time_days: float, now: datetime) -> Severity:
    """Return how urgent a replacement is.

    Critical where failure within 7 days is likelier than not, where one in ten such parts fails within 2 days, or
    where the replacement is overdue and failure not unlikely. Warning where the part must be ordered now to be there
    in time, or where failure within a week cannot be neglected. Otherwise watch.
    """
    if prediction.failure_probability is None or prediction.remaining is None:
        return Severity.WATCH
    soon = prediction.failure_probability.within_7_days
    left = prediction.remaining.p10_at - now
    overdue = prediction.replace_by is not None and prediction.replace_by <= now
    if soon >= CRITICAL_WITHIN_7_DAYS or left <= CRITICAL_P10 or (overdue and soon >= CRITICAL_OVERDUE_WITHIN_7_DAYS):
        return Severity.CRITICAL
    if fails_soon(prediction, now) or must_order_now(prediction, lead_time_days, now):
        return Severity.WARNING
    return Severity.WATCH


def fails_soon(prediction: Prediction, now: datetime) -> bool:
    """Whether failure within a week cannot be neglected, so that the replacement does not wait for the next stop."""
    if prediction.failure_probability is None or prediction.remaining is None:
        return False
    is_likely = prediction.failure_probability.within_7_days >= WARNING_WITHIN_7_DAYS
    return is_likely or prediction.remaining.p10_at - now <= WARNING_P10


def must_order_now(prediction: Prediction, lead_time_days: float, now: datetime) -> bool:
    """Whether a part that is ordered tomorrow would come too late for the replacement."""
    if prediction.replace_by is None:
        return False
    latest = prediction.order_by or prediction.replace_by - timedelta(days=lead_time_days)
    return latest <= now + timedelta(days=1)
