"""The notifier's SQL, run by nothing else: rows in, domain values out."""
