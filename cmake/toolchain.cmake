# Compiler, linker, warnings, sanitizers: the same for every room.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Dev or Release" FORCE)
endif()
set(CMAKE_CXX_FLAGS_DEV "-O1 -g1 -DNUANSHU_DEV")
set(CMAKE_C_FLAGS_DEV "-O1 -g1")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -DNDEBUG")
set(CMAKE_C_FLAGS_RELEASE "-O2 -g1 -DNDEBUG")

set(NUANSHU_SANITIZE "" CACHE STRING "Sanitizers, e.g. address,undefined or thread")
option(NUANSHU_FUZZ "Build the libFuzzer targets (clang only)" OFF)

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

if(NUANSHU_SANITIZE)
  add_compile_options(-fsanitize=${NUANSHU_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=${NUANSHU_SANITIZE})
endif()
if(NUANSHU_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-Wno-tsan)  # Asio uses atomic_thread_fence, which GCC warns about
endif()
if(NUANSHU_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # The precompiled header must hash alike in every build folder for ccache to help.
  add_compile_options(-fpch-preprocess)
endif()

add_library(nuanshu_warnings INTERFACE)
target_compile_options(nuanshu_warnings INTERFACE -Wall -Wextra -Wshadow -Wconversion -Werror)
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(nuanshu_warnings INTERFACE -Wno-error)  # clang builds the fuzzers; GCC is the judge
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Designated initialisers leave out what keeps its default, on purpose.
  target_compile_options(nuanshu_warnings INTERFACE -Wno-missing-field-initializers)
  # GCC 12 reports false positives of these inside libstdc++ and coroutine frames once code is inlined.
  target_compile_options(nuanshu_warnings INTERFACE -Wno-maybe-uninitialized -Wno-restrict -Wno-stringop-overflow
                                                    -Wno-array-bounds -Wno-dangling-pointer)
endif()
