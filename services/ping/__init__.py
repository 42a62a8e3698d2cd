"""The ping service: pings a host four times, and keeps what ping said."""
