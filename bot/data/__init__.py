"""Figures that come with the program, with their attribution in README.md beside them."""
