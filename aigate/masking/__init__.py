"""Taking secrets out of byte streams. Knows nothing of sandboxes."""
