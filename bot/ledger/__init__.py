"""The ledger of the pool wallets: arithmetic of blocks, flows and holdings, without I/O."""
