"""What leaves the sandbox: user-mode network, firewall text, the resolver that gates names, the relay."""
