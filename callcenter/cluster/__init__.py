"""A whole installation on one machine, from installed packages: PostgreSQL, Redis, nginx and the console's processes."""
