"""What the officer's site and the scheduler process share: the folder `officer` of a home.

The site writes proposals, accounts, sessions and requests; the scheduler process carries requests out and leaves
status files and rehearsals.  Nothing here opens records, the ledger or the public folder.
"""
