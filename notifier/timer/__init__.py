"""The loops that look at what is due: no instance owns anything, all compete for rows and leases."""
