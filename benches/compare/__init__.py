"""The parts of the comparison that `benches/compare.py` runs."""
