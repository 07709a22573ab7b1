"""Drawing with matplotlib. Only the chart worker imports it: half a second and 50 MiB."""
