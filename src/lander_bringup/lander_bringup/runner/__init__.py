"""Runs ROS 2 YAML launch files on machines without the package `launch`.

A file goes through four steps: `document` (YAML with line numbers), `actions` (the grammar), `plan` (what is
to be started, substitutions done), `service` (the processes). Everything before the last step is done before
the first process starts. What this runner accepts, `ros2 launch` of Jazzy accepts and starts alike; what it
does not know it refuses, naming file and line.
"""
