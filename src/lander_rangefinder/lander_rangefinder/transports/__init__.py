"""One file per kind of link; `lander_rangefinder.transport` opens them by URL."""
