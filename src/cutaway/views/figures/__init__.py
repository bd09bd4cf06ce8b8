"""Plain figures: functions from arrays to matplotlib Axes or Figure, shown by `cutaway.plot`."""
