"""Stand-ins for the outside world, for tests and the demonstration. No production module imports them."""
