"""A factory that breaks on purpose: it speaks to Yeji by MQTT, history bundles and HTTP, and keeps its truth apart."""
