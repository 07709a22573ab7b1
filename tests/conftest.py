"""What holds for every test."""

import hypothesis

# How long one example takes says how busy the machine is; speed is measured in tests/benchmarks.
hypothesis.settings.register_profile("minerwatch", deadline=None)
hypothesis.settings.load_profile("minerwatch")
