"""The pure core: series, indicators, rules and their states, the composite phase. Time is an argument."""
