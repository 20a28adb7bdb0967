"""What ingest decides, as pure functions: dialogues, forms, and whether a contact is new or adds to a report."""
