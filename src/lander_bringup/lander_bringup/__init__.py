"""Launch files, configuration, the frigoris command and the launch runner."""
