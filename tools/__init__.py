"""What bin/pulumi and the Makefile run."""
