"""Layers: what a sandbox changes of a home or a project, kept apart from the user's own files."""
