"""What installs and starts the hotline: the bootstrap, Kafka for tests, and files for a real installation."""
