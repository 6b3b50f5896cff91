"""Navigation filter: error-state Kalman filter with a terrain state."""
