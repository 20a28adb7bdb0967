"""`make bench`: how fast, how small and how soon ready the hotline is, against its bounds."""
