"""A gateway that can be read in ten minutes: what docs/gateways.md asks of one, in memory, calling nobody."""
