"""What ingest does with a contact: one `receive_report` below every channel, and updates beside it."""
