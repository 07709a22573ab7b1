"""One poll: fill gaps, collect readings, evaluate rules, write the result; and the jobs beside it."""
