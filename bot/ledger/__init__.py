"""The keeper of the pool wallets' ledger: follows the chain, reads histories, hands on whole days."""
