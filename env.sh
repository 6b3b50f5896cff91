# Source this file for a shell with rclpy, the lander messages, the `frigoris` command and the emulated devices.
# Works in bash and zsh, on a machine with ROS 2 Jazzy and on one with the wheels from PyPI.
_frigoris_root=$(cd "$(dirname "${BASH_SOURCE[0]:-${(%):-%x}}")" && pwd)
_frigoris_shell=$([ -n "${ZSH_VERSION:-}" ] && echo zsh || echo bash)
_frigoris_ros=/opt/ros/${ROS_DISTRO:-jazzy}/setup.$_frigoris_shell

[ -f "$_frigoris_ros" ] && . "$_frigoris_ros"
if [ -f "$_frigoris_root/.venv/bin/activate" ]; then
  . "$_frigoris_root/.venv/bin/activate"
else
  echo "frigoris: not set up yet; run 'make setup' in $_frigoris_root" >&2
fi
if [ ! -f "$_frigoris_ros" ] && [ -n "${VIRTUAL_ENV:-}" ]; then
  export AMENT_PREFIX_PATH=$VIRTUAL_ENV CMAKE_PREFIX_PATH=$VIRTUAL_ENV
  # Without these two the wheels re-execute every Python process once, to find their libraries.
  LD_LIBRARY_PATH=$(echo "$VIRTUAL_ENV"/lib "$VIRTUAL_ENV"/lib/python3.*/site-packages/ros_*.libs | tr ' ' ':')
  export LD_LIBRARY_PATH _ROS_WHEELS_BOOTSTRAP_COMPLETE=1
fi

if [ -f "$_frigoris_root/install/local_setup.$_frigoris_shell" ]; then
  . "$_frigoris_root/install/local_setup.$_frigoris_shell"
  export PATH=$_frigoris_root/install/lander_bringup/lib/lander_bringup:$_frigoris_root/install/lander_sim/lib/lander_sim:$PATH
fi

export ROS_AUTOMATIC_DISCOVERY_RANGE=${ROS_AUTOMATIC_DISCOVERY_RANGE:-LOCALHOST}
# The kernels work on matrices of 16 by 16 at most: threads in BLAS only take cores from the nodes.
export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1
unset _frigoris_root _frigoris_shell _frigoris_ros
