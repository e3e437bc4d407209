"""Where the records lie: objects and their fields, values, tables."""
