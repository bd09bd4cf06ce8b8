"""Other tools on the work that a benchmark gives them."""
