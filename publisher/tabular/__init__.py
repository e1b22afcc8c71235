"""Suppression and audit of any table: SPEC.yaml and LEAVES.csv in, TABLE.csv out; and the JJ format of other tools."""
