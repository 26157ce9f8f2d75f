"""Runs a plan on NumPy: an arena of memory, a network of steps, the loop, and evaluation in blocks."""
