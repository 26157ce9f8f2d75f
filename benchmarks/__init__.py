"""Measurements against other programs, side by side in one process; each prints ratios."""
