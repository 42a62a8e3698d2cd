"""The user service: makes users and lists them."""
