"""One driver for each contender, run as a process of its own. The peers' own import nothing but themselves and `task`."""
