"""aigate: an OS-level sandbox for AI coding agents, and a streaming redactor of secrets."""

__version__ = "0.1.0"
