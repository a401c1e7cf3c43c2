"""Nothing at all: what it costs to start and to end."""
