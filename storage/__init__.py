"""What is kept: one writer, one repository per table, over SQLite or PostgreSQL."""

import sys

# sqlite-utils imports numpy wherever it is installed, to store types that are never stored here; that would
# cost the program 11 MiB for good. While the entry is None an import of numpy fails as if it weren't there.
if "numpy" not in sys.modules:
    sys.modules["numpy"] = None  # type: ignore[assignment]  # typed for modules only, though None is documented
    import sqlite_utils  # noqa: F401 - so that it is loaded now

    del sys.modules["numpy"]
