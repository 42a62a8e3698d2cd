"""The time service: tells the time, and keeps who asked when."""
