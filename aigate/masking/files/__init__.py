"""Masking files where they lie: which ones, each one's edit, what is told. Imported only when it is asked for."""
