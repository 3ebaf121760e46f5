"""The command line of Ringpass."""
