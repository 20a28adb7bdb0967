"""`hotline up`: everything on this machine, started in order, kept running, stopped in order."""
