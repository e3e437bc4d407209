"""Intacct objects to ledger values and back. Pure: no database, no network, no Flask."""
