"""Bring the ledger of pool wallets up to date with the chain, a few requests at a time."""
