"""Benchmarks of the real product, each beside a reference line measured in the same run. See README.md."""
