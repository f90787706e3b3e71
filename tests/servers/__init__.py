"""Servers that tests start themselves: PostgreSQL, an S3 server, the Azure emulator."""
