"""What the notifier does with events, answers and due steps. Each function works in its caller's transaction."""
