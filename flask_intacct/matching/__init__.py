"""Which records of both sides are the same: ledger values in, suggestions out. Pure: no database, no Flask."""
