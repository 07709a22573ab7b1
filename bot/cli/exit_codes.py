"""The exit statuses of the command line."""

DONE, FAILED, UNUSABLE = 0, 1, 2
