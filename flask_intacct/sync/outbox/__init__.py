"""The outbox: intent before the wire, result right after it.

An operation is one write to Intacct. It is written down (:mod:`.intent`), claimed with others in one transaction
(:mod:`.claim`), sent while others are on their way (:mod:`.wire`), and its result is recorded (:mod:`.record`,
:mod:`.settle`). What was sent without an answer is looked up (:mod:`.outcome_lookup`). What is done, by kind and verb,
says :mod:`.actions`; the states are those of :mod:`.states`.
"""
