"""The `sightglass` command. Modules here load HTTP, models and tables only when a command needs them."""
