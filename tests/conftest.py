"""What holds for every test."""

import hypothesis

# How long one example takes says how busy the machine is; speed is measured in tests/benchmarks. The suite
# tries the same examples every time; `pytest --hypothesis-profile explore` looks for new ones.
hypothesis.settings.register_profile("explore", deadline=None)
hypothesis.settings.register_profile("minerwatch", deadline=None, derandomize=True)
hypothesis.settings.load_profile("minerwatch")
