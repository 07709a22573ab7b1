"""The rules over past data: replay, episodes, backtests of watches, and the report made of them."""
