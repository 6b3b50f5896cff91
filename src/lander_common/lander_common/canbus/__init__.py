"""CAN: the bus, frames with a check, and what valve boards and the release device say on it."""
