from service.observability.metrics import Metrics


def test_what_is_watched_is_asked_for_at_every_scrape() -> None:
    metrics, counts = Metrics(), {"messages_total": 1.0, "waiting": 3.0}
    metrics.watch("intake", lambda: counts)
    assert "yeji_intake_messages_total 1.0" in metrics.exposition().decode()
    counts["messages_total"] = 2.0
    text = metrics.exposition().decode()
    assert "yeji_intake_messages_total 2.0" in text
    assert "# TYPE yeji_intake_messages_total counter" in text
    assert "# TYPE yeji_intake_waiting gauge" in text


def test_two_programs_in_one_process_do_not_share_counts() -> None:
    one, other = Metrics(), Metrics()
    one.unexpected_errors.labels("http").inc()
    assert 'place="http"' not in other.exposition().decode()
