"""Recorded flights through the flight software again, without ROS."""
