"""PostgreSQL, the second engine. Imported only when DATABASE_URL is set; it needs the extra `postgres`."""
