"""What the trusted side does while a run lasts: covers again, moves away, tells."""
