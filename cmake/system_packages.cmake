# Debian's packages that come without a CMake file of their own, as SYSTEM targets, so that warnings in
# their headers are not ours.
add_library(greenfront_eigen INTERFACE)
find_path(EIGEN3_INCLUDE_DIR Eigen/Core PATH_SUFFIXES eigen3 REQUIRED)
target_include_directories(greenfront_eigen SYSTEM INTERFACE "$<BUILD_INTERFACE:${EIGEN3_INCLUDE_DIR}>")
# An installed greenfront::kernels looks for Eigen where it is then.
target_link_libraries(greenfront_eigen INTERFACE "$<INSTALL_INTERFACE:Eigen3::Eigen>")
# TBB alone makes threads; Eigen must not.
target_compile_definitions(greenfront_eigen INTERFACE EIGEN_DONT_PARALLELIZE)

find_path(RANDOM123_INCLUDE_DIR Random123/philox.h REQUIRED)
find_path(BOOST_INCLUDE_DIR boost/math/distributions/students_t.hpp REQUIRED)
find_path(MUPARSER_INCLUDE_DIR muParser.h REQUIRED)
find_library(MUPARSER_LIBRARY muparser REQUIRED)
find_path(XXHASH_INCLUDE_DIR xxhash.h REQUIRED)
find_library(XXHASH_LIBRARY xxhash REQUIRED)
find_path(READSTAT_INCLUDE_DIR readstat.h REQUIRED)
find_library(READSTAT_LIBRARY readstat REQUIRED)
