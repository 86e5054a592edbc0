"""The monitor: stored readings in, conclusions out, from a watermark per machine."""
