"""What the officer answers for: documents about policies, releases, account, log, sources and geography.

Made on the secret side for the officer's site, from declarations, the state file and sealed facts.  Each is a plain
object that becomes JSON, the same for the same home and moment.  None holds a value from a record.
"""
