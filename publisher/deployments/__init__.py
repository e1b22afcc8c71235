"""The public privacy statement."""
