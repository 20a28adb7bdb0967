"""A telephone provider on one machine that speaks Twilio's HTTP API, webhooks and TwiML.

It keeps everything in memory, calls nobody, and can be told to fail in the ways the real one fails.
"""
