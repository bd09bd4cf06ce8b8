"""What a subcommand does where that is more than calling one function of a room."""
