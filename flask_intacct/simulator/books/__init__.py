"""What the company's books do with what is asked: documents, payments, taxes, the ledger, masters."""
