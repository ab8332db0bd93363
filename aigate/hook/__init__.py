"""Secrets taken out of what an agent's tools return, before the agent reads it; and out of what agents keep."""
