"""The command line: one module parses it, the others run its commands and print what they return."""
