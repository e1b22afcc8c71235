"""The independent check of what is about to be sealed: attacks on suppressed tables, and the form of noisy ones."""
