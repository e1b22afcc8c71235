"""Runs at their slot, releases at their minute, and what officers ask: one process, restartable at any point (P5)."""
