#!/bin/bash
# Finds out what this machine has, before anything is downloaded or built.
# Prints the Python to use; or says in one line what to install, and ends with 1.
missing() {
  echo "frigoris: $1" >&2
  exit 1
}

ros=
[ ! -f "/opt/ros/${ROS_DISTRO:-jazzy}/setup.bash" ] || ros=yes
[ "$ros$(uname -sm)" = "Linux x86_64" ] || [ -n "$ros" ] ||
  missing "without ROS 2 Jazzy only Linux on x86-64 will do, this is $(uname -sm); use docker/Dockerfile"

found=
python=
for candidate in ${ros:+python3} python3.12 python3.11 python3; do
  version=$("$candidate" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2> /dev/null) || continue
  found="$found $version"
  case $version in 3.11 | 3.12) python=$candidate; break ;; esac
done
if [ -z "$python" ]; then
  [ -n "$found" ] || missing "needs Python 3.11 or 3.12; install: sudo apt install python3 python3-venv python3-dev"
  missing "needs Python 3.11 or 3.12, there is only$found; use Debian 12, Ubuntu 24.04 or docker/Dockerfile"
fi

packages=
"$python" -c 'import venv, ensurepip' 2> /dev/null || packages="$packages python$version-venv"
"$python" -c 'import os, sysconfig; os.stat(sysconfig.get_path("include") + "/Python.h")' 2> /dev/null ||
  packages="$packages python$version-dev"
{ command -v cc && command -v c++; } > /dev/null || packages="$packages build-essential"
cmake=$(cmake --version 2> /dev/null | sed -n '1s/[^0-9.]//gp')
[ "$(printf '%s\n' 3.20 "${cmake:-0}" | sort -V | head -n 1)" = 3.20 ] || packages="$packages cmake"
[ -z "$packages" ] || missing "something is missing; install: sudo apt install$packages"
command -v "$python"
