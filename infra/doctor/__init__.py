"""`hotline doctor`: looks at a configuration from the outside in, changes nothing, and says what to mend."""
