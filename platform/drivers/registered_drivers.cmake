# nuanshu_register_drivers(<folder>...): writes registered_drivers.cpp from the folders' names and driver.yaml files and compiles it
# into the library nuanshu_registered_drivers, which links every driver.
function(nuanshu_register_drivers)
  set(NUANSHU_DRIVER_MAKERS "")
  set(NUANSHU_DRIVER_ROWS "")
  list(LENGTH ARGN NUANSHU_DRIVER_COUNT)
  set(rooms)
  foreach(id IN LISTS ARGN)
    set(manifest ${CMAKE_CURRENT_SOURCE_DIR}/${id}/driver.yaml)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${manifest})
    file(READ ${manifest} text)
    string(APPEND NUANSHU_DRIVER_MAKERS "std::unique_ptr<Driver> make_${id}_driver(const DriverContext& context);\n")
    string(APPEND NUANSHU_DRIVER_ROWS
           "        DriverKind{\"${id}\", &make_${id}_driver, R\"driver_yaml(${text})driver_yaml\"},\n")
    list(APPEND rooms nuanshu_${id})
  endforeach()
  configure_file(registered_drivers.cpp.in registered_drivers.cpp @ONLY)

  add_library(nuanshu_registered_drivers STATIC ${CMAKE_CURRENT_BINARY_DIR}/registered_drivers.cpp)
  target_link_libraries(nuanshu_registered_drivers PUBLIC nuanshu_drivers PRIVATE ${rooms} nuanshu_warnings)
endfunction()
