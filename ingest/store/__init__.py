"""Runs the SQL of ingest, one noun a module. Decides nothing."""
