"""Zalo without anybody between: the pair of tokens, what the OA may still send, what Zalo says."""
