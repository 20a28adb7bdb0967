"""Who is called, when and with which words: pure functions over what is known at an instant."""
