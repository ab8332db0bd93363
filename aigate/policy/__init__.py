"""Config plus this machine and this directory, resolved into one frozen Policy."""
