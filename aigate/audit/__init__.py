"""What happened, written down by the trusted side."""
