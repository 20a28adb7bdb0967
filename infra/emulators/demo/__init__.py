"""The demonstration: three invented reports, played from the first word to the acknowledgement by people with phones.

The same reporters and responders act in the acceptance tests.
"""
