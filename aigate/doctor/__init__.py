"""What protects on this machine, what does not, and how to change that."""
