"""Profiles: what an agent needs of the home, one file an agent, with the vendor's page as source."""
