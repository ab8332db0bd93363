"""What aigate needs of the machine outside the sandbox."""
