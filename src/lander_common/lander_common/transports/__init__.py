"""One file per kind of link; `lander_common.transport` opens them by URL."""
