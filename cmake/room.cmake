# nuanshu_room(<path> [DEPENDS <room>...] [LIBRARIES <library>...] [TEST_LIBRARIES <library>...] [ASIO])
#
# Declares the room that stands in the folder <path>: a static library `nuanshu_<name>` of its *.cpp and src/*.cpp, one test
# binary of all *_test.cpp, one benchmark binary of all *_bench.cpp and, in the fuzz preset, one program for each *_fuzz.cpp.
# <name> is the path without its floor: platform/records -> records, platform/drivers/modbus -> modbus, engines/network -> network.
#
# DEPENDS      the rooms whose doors this one includes, by path; tests/tidy checks that it is the whole truth
# LIBRARIES    targets from dependencies.cmake, written without the prefix nuanshu_lib_ where they have one
# ASIO         this room speaks Asio/Beast: it shares the precompiled header that has them

function(nuanshu_room_target path out)
  get_filename_component(name ${path} NAME)
  set(${out} nuanshu_${name} PARENT_SCOPE)
endfunction()

function(nuanshu_resolve_libraries out)
  set(resolved)
  foreach(library IN LISTS ARGN)
    if(TARGET nuanshu_lib_${library})
      list(APPEND resolved nuanshu_lib_${library})
    else()
      list(APPEND resolved ${library})
    endif()
  endforeach()
  set(${out} ${resolved} PARENT_SCOPE)
endfunction()

# A precompiled header of its own target, shared by every target that includes the same set.
function(nuanshu_make_pch name)
  cmake_parse_arguments(ARG "" "" "HEADERS;LIBRARIES" ${ARGN})
  file(WRITE ${CMAKE_BINARY_DIR}/pch/${name}.cpp "// exists so that the precompiled header has a target\n")
  add_library(${name} OBJECT ${CMAKE_BINARY_DIR}/pch/${name}.cpp)
  target_link_libraries(${name} PRIVATE nuanshu_warnings ${ARG_LIBRARIES})
  target_precompile_headers(${name} PRIVATE ${ARG_HEADERS})
endfunction()

set(NUANSHU_STD_HEADERS <algorithm> <array> <atomic> <chrono> <cmath> <cstdint> <functional> <map> <memory> <mutex> <optional>
    <span> <string> <string_view> <thread> <unordered_map> <utility> <variant> <vector> <fmt/core.h> <tl/expected.hpp>)

if(NOT NUANSHU_FUZZ)
  nuanshu_make_pch(nuanshu_pch_std HEADERS ${NUANSHU_STD_HEADERS} LIBRARIES fmt::fmt)
  nuanshu_make_pch(nuanshu_pch_test HEADERS ${NUANSHU_STD_HEADERS} <gtest/gtest.h> LIBRARIES fmt::fmt GTest::gtest)
  nuanshu_make_pch(nuanshu_pch_asio HEADERS ${NUANSHU_STD_HEADERS} <boost/asio.hpp> <boost/beast.hpp>
                   LIBRARIES fmt::fmt nuanshu_lib_asio)
endif()

function(nuanshu_use_pch target pch)
  if(NOT NUANSHU_FUZZ)
    target_precompile_headers(${target} REUSE_FROM ${pch})
  endif()
endfunction()

function(nuanshu_room path)
  cmake_parse_arguments(ARG "ASIO" "" "DEPENDS;LIBRARIES;TEST_LIBRARIES" ${ARGN})
  nuanshu_room_target(${path} target)
  set(depends)
  foreach(room IN LISTS ARG_DEPENDS)
    nuanshu_room_target(${room} room_target)
    list(APPEND depends ${room_target})
  endforeach()
  nuanshu_resolve_libraries(libraries ${ARG_LIBRARIES})
  nuanshu_resolve_libraries(test_libraries ${ARG_TEST_LIBRARIES})

  file(GLOB sources CONFIGURE_DEPENDS *.cpp src/*.cpp)
  set(tests ${sources})
  set(benches ${sources})
  set(fuzzers ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  list(FILTER benches INCLUDE REGEX "_bench\\.cpp$")
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "_(test|bench|fuzz)\\.cpp$")
  set(pch nuanshu_pch_std)
  if(ARG_ASIO)
    list(APPEND libraries nuanshu_lib_asio)
    set(pch nuanshu_pch_asio)
  endif()

  if(sources)
    add_library(${target} STATIC ${sources})
    target_include_directories(${target} PUBLIC ${CMAKE_SOURCE_DIR})
    target_link_libraries(${target} PUBLIC ${depends} fmt::fmt tl::expected PRIVATE ${libraries} nuanshu_warnings)
    nuanshu_use_pch(${target} ${pch})
    target_compile_definitions(${target} PRIVATE NUANSHU_ROOM="${path}")
  else()
    add_library(${target} INTERFACE)  # a room of doors only
    target_include_directories(${target} INTERFACE ${CMAKE_SOURCE_DIR})
    target_link_libraries(${target} INTERFACE ${depends} fmt::fmt tl::expected)
  endif()

  if(tests)
    add_executable(${target}_test ${tests})
    target_link_libraries(${target}_test PRIVATE ${target} ${libraries} ${test_libraries} GTest::gtest GTest::gmock
                          GTest::gtest_main nuanshu_warnings)
    target_compile_definitions(${target}_test PRIVATE NUANSHU_ROOM="${path}" NUANSHU_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    nuanshu_use_pch(${target}_test nuanshu_pch_test)
    add_test(NAME ${path} COMMAND ${target}_test WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  endif()
  if(benches)
    add_executable(${target}_bench EXCLUDE_FROM_ALL ${benches})
    target_link_libraries(${target}_bench PRIVATE ${target} ${libraries} benchmark::benchmark_main nuanshu_warnings)
    target_compile_definitions(${target}_bench PRIVATE NUANSHU_ROOM="${path}" NUANSHU_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  endif()
  if(NUANSHU_FUZZ)
    foreach(fuzzer IN LISTS fuzzers)
      get_filename_component(name ${fuzzer} NAME_WE)
      get_filename_component(room ${path} NAME)
      add_executable(${room}_${name} ${fuzzer})
      target_link_libraries(${room}_${name} PRIVATE ${target} ${libraries} nuanshu_warnings -fsanitize=fuzzer)
      set_property(GLOBAL APPEND PROPERTY NUANSHU_FUZZERS ${room}_${name})
    endforeach()
  endif()
endfunction()

# nuanshu_floor(<folder> [<room>...]): adds the rooms that stand in <folder>: itself if it is a room, else the named ones that
# exist, then whatever else has a CMakeLists.txt. Delete a folder and everything still builds.
function(nuanshu_floor folder)
  set(paths)
  if(EXISTS ${CMAKE_SOURCE_DIR}/${folder}/CMakeLists.txt)
    set(paths ${folder})
  else()
    file(GLOB found CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/${folder} ${folder}/*/CMakeLists.txt)
    list(TRANSFORM found REPLACE "/CMakeLists.txt$" "")
    foreach(room IN LISTS ARGN found)
      if(room IN_LIST found AND NOT ${folder}/${room} IN_LIST paths)
        list(APPEND paths ${folder}/${room})
      endif()
    endforeach()
  endif()
  foreach(path IN LISTS paths)
    add_subdirectory(${path})
  endforeach()
endfunction()
