#!/bin/bash
# Builds the packages with colcon and compiles the kernels. Each is left out if nothing of it has changed: Python
# files are linked, not copied, so only interfaces, package.xml, setup.py and new files of config and launch ask for one.
set -eo pipefail
cd "$(dirname "$0")/.."

packages() {
  pwd
  cat docker/requirements.txt docker/build.sh
  find config launch | sort
  find src -path '*/test' -prune -o -type f \( -name package.xml -o -name 'setup.*' -o -name CMakeLists.txt \
    -o -name '*.msg' -o -name '*.srv' -o -name '*.action' \) -print | sort | xargs sha256sum
}
# Numba's cache does not see a change in a function or constant that a kernel takes from another file.
kernels() {
  pwd
  cat docker/requirements.txt
  { grep -rlE --include='*.py' 'compiled|njit|np\.dtype' src/*/lander_*/
    find src -path '*/lander_*/*' \( -name constants.py -o -name layout.py -o -name outcome.py \); } |
    sort -u | xargs sha256sum
}
is_current() { [ "$(cat "build/$1.sha256" 2> /dev/null)" = "$($1 | sha256sum)" ] && [ -f install/local_setup.bash ]; }
done_with() { $1 | sha256sum > "build/$1.sha256"; }

if ! is_current packages; then
  docker/check_machine.sh > /dev/null
  . ./env.sh
  options=(-DBUILD_TESTING=OFF)
  if [ -n "${VIRTUAL_ENV:-}" ]; then
    options+=("-DCMAKE_PROJECT_TOP_LEVEL_INCLUDES=$PWD/docker/wheel_paths.cmake")
  fi
  if [ -e build ] && ! grep -qsF "$PWD" build/lander_msgs/CMakeCache.txt; then
    rm -rf build install   # made in another folder
  fi
  colcon build --symlink-install --event-handlers console_cohesion- --cmake-args "${options[@]}" 2> >(
    grep -v "doesn't contain any 'local_setup" >&2)
  done_with packages
fi
if ! is_current kernels; then
  echo "Compiling the kernels, about a minute"
  find src -name '*.nb[ic]' -delete
  . ./env.sh
  frigoris compile
  done_with kernels
fi
