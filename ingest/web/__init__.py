"""The doors of ingest: pages, the API, gateways and the provider's webhooks."""
