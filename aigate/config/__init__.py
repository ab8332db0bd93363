"""What the user asked for: YAML files read into frozen records, merged, and edited in place."""
