"""The published language of the hotline: what services say to each other, and nothing else."""
