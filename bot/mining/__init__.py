"""Pure mining economics: network arithmetic, machines, questions and answers. Time is an argument."""
