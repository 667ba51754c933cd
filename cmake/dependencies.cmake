# What Nuanshu stands on; why, is ARCHITECTURE.md's table. Everything comes from Debian (cmake/debian-packages.txt).

find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(tl-expected REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(RocksDB REQUIRED)
find_package(date REQUIRED)
find_package(Protobuf REQUIRED)
find_package(CLI11 REQUIRED)
find_package(Snappy REQUIRED)
find_package(ZLIB REQUIRED)
find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(modbus REQUIRED IMPORTED_TARGET libmodbus)
pkg_check_modules(mosquitto REQUIRED IMPORTED_TARGET libmosquitto)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(sqlite3 REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(cairo REQUIRED IMPORTED_TARGET cairo)
pkg_check_modules(libzstd REQUIRED IMPORTED_TARGET libzstd)  # not `zstd`: RocksDB's Findzstd reads variables of that name

# Short names for LIBRARIES of nuanshu_room().
add_library(nuanshu_lib_modbus ALIAS PkgConfig::modbus)
add_library(nuanshu_lib_mosquitto ALIAS PkgConfig::mosquitto)
add_library(nuanshu_lib_sodium ALIAS PkgConfig::sodium)
add_library(nuanshu_lib_sqlite3 ALIAS PkgConfig::sqlite3)
add_library(nuanshu_lib_zstd ALIAS PkgConfig::libzstd)

add_library(nuanshu_lib_cairo ALIAS PkgConfig::cairo)

add_library(nuanshu_lib_suitesparse INTERFACE)
target_link_libraries(nuanshu_lib_suitesparse INTERFACE klu cholmod amd)
target_include_directories(nuanshu_lib_suitesparse SYSTEM INTERFACE /usr/include/suitesparse)

add_library(nuanshu_lib_re2 INTERFACE)  # its pkg-config file brings -pthread, with which the precompiled headers do not fit
target_link_libraries(nuanshu_lib_re2 INTERFACE re2)

add_library(nuanshu_lib_udunits INTERFACE)
target_link_libraries(nuanshu_lib_udunits INTERFACE udunits2)

add_library(nuanshu_lib_soci INTERFACE)
target_link_libraries(nuanshu_lib_soci INTERFACE soci_core soci_sqlite3 soci_postgresql)
target_include_directories(nuanshu_lib_soci SYSTEM INTERFACE /usr/include/soci /usr/include/postgresql)

# Asio and Beast compile once, in their own library, not in every file that uses them.
add_library(nuanshu_lib_asio STATIC ${CMAKE_CURRENT_LIST_DIR}/asio.cpp)
target_compile_definitions(nuanshu_lib_asio PUBLIC BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
                                                   BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_COROUTINE)
target_link_libraries(nuanshu_lib_asio PUBLIC Boost::headers OpenSSL::SSL OpenSSL::Crypto Threads::Threads)
