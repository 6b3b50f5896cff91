"""The only shared ROS helpers: QoS by role, parameters, node start, ring order, diagnostics."""
