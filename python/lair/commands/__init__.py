"""The verbs of the command `lair`, one module each."""
