"""State databases for these tests."""

from tests.fakes.state_databases import *  # noqa: F403
