"""A planned sandbox becomes real: in a process of its own, by system calls, before anything foreign runs there."""
