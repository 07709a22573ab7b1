"""The tables of the ledger: blocks, wallets, flows, days, and taking a reorganisation back."""
