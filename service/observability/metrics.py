"""Prometheus metrics of one running program, in a registry of its own."""

from collections.abc import Callable, Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

LATENCY_BUCKETS_S = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Metrics:
    """What is counted where it happens, and what is asked for when somebody scrapes."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests = Counter(
            "yeji_http_requests", "HTTP requests answered.", ("operation", "status"), registry=self.registry
        )
        self.request_seconds = Histogram(
            "yeji_http_request_seconds",
            "Time from a request to its answer.",
            ("operation",),
            buckets=LATENCY_BUCKETS_S,
            registry=self.registry,
        )
        self.unexpected_errors = Counter(
            "yeji_unexpected_errors", "Errors that nobody foresaw, by place.", ("place",), registry=self.registry
        )

    def watch(self, prefix: str, read: Callable[[], Mapping[str, float]]) -> None:
        """Add what `read` returns as gauges named `yeji_<prefix>_<name>`; names ending in `_total` are counters."""
        self.registry.register(_Watched(prefix, read))

    def exposition(self) -> bytes:
        """Return all metrics in the text format of Prometheus."""
        return generate_latest(self.registry)


class _Watched(Collector):
    def __init__(self, prefix: str, read: Callable[[], Mapping[str, float]]) -> None:
        self._prefix = prefix
        self._read = read

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterable[Metric]:
        for name, value in self._read().items():
            full = f"yeji_{self._prefix}_{name}"
            title = name.replace("_", " ")
            if name.endswith("_total"):
                yield CounterMetricFamily(full.removesuffix("_total"), title, value=value)
            else:
                yield GaugeMetricFamily(full, title, value=value)
