"""The call desk of a Zalo Official Account."""
