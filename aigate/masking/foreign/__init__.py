"""Rules that were written for other programs. Imported only when a file of them is named."""
