# The ROS wheels export the Python and NumPy include folders of the machine they were built on
# (/opt/python/...). Replace those folders in every imported target by this machine's, at the end of
# the top-level CMakeLists, so that no installed file has to be edited.
function(replace_wheel_include_folders)
  find_package(Python3 QUIET COMPONENTS Interpreter Development NumPy)
  get_property(targets DIRECTORY ${CMAKE_SOURCE_DIR} PROPERTY IMPORTED_TARGETS)
  foreach(target IN LISTS targets)
    get_target_property(folders ${target} INTERFACE_INCLUDE_DIRECTORIES)
    if(folders MATCHES "/opt/python/")
      list(FILTER folders EXCLUDE REGEX "^/opt/python/")
      list(APPEND folders ${Python3_INCLUDE_DIRS} ${Python3_NumPy_INCLUDE_DIRS})
      set_target_properties(${target} PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${folders}")
    endif()
  endforeach()
endfunction()
cmake_language(DEFER DIRECTORY ${CMAKE_SOURCE_DIR} CALL replace_wheel_include_folders)
