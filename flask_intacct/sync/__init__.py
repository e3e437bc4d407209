"""The sync engine: runs in slices, an outbox for writes, keyset pulls, and the application of what was read."""
