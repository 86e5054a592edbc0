"""What tests of the service may use: state databases on both engines."""

from tests.fakes.state_databases import *  # noqa: F403
