"""Policy to Plan: how one kind of sandbox is started. Pure: nothing here runs a command."""
