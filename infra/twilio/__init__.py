"""The one adapter to the provider of SMS and calls. Nothing outside this package imports its library."""
