"""Aid sources: one file per sensor, all with the interface of `aiding.source.AidSource`."""
