"""What passes between the command and its user: output through the masker, keys, signals, the terminal's state."""
