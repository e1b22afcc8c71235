"""Settings that hold for all tests."""

from hypothesis import settings

# Time is measured in benchmarks, never in a test: a slow machine is not a failure.
settings.register_profile("publisher", deadline=None)
settings.load_profile("publisher")
