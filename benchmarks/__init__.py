"""Benchmarks: each measure beside a peer or a limit, in one run. Nothing of the product needs them."""
