# What every target of the project is compiled with. Results must be reproducible: no value-changing
# optimisation, no contraction of a*b+c that the source does not ask for.
add_library(greenfront_flags INTERFACE)
# GCC 12 sees overlaps in std::string's operator+ that are not there (GCC bug 105329, mended in 13).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(greenfront_flags INTERFACE -Wno-restrict)
endif()
target_compile_options(greenfront_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Werror
  -ffp-contract=off -fno-fast-math)
target_include_directories(greenfront_flags INTERFACE "${PROJECT_SOURCE_DIR}")
if(GREENFRONT_SANITIZE)
  # A finding ends the program, so that the test which met it fails. The four checks left out double the time
  # of a build and find nothing that is not found without them: AddressSanitizer sees a null pointer that is
  # followed and a read beyond an object, vector loads that need alignment fault, and no cast here goes down
  # a class hierarchy.
  target_compile_options(greenfront_flags INTERFACE -fsanitize=${GREENFRONT_SANITIZE} -fno-sanitize-recover=all
    -fno-omit-frame-pointer)
  if(GREENFRONT_SANITIZE MATCHES "undefined")
    target_compile_options(greenfront_flags INTERFACE -fno-sanitize=null,alignment,object-size,vptr)
  endif()
  target_link_options(greenfront_flags INTERFACE -fsanitize=${GREENFRONT_SANITIZE})
  if(GREENFRONT_SANITIZE MATCHES "thread")
    target_include_directories(greenfront_flags BEFORE INTERFACE "${PROJECT_SOURCE_DIR}/tests/sanitizers/tbb")
  endif()
endif()

# Counters of executed lines, kept right when threads share them. Tests themselves are not counted.
add_library(greenfront_counted INTERFACE)
if(GREENFRONT_COVERAGE)
  target_compile_options(greenfront_counted INTERFACE --coverage -fprofile-update=prefer-atomic)
  target_link_options(greenfront_flags INTERFACE --coverage)
endif()

# greenfront_layer(NAME) makes the static library of the layer whose folder this is, from every source
# file below it that is not part of another target.
function(greenfront_layer name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp")
  list(FILTER sources EXCLUDE REGEX "/engine/app/")
  add_library(greenfront_${name} STATIC ${sources})
  # Our warnings are no part of what an installed library asks of its users.
  target_link_libraries(greenfront_${name} PRIVATE "$<BUILD_INTERFACE:greenfront_flags;greenfront_counted>")
  add_library(greenfront::${name} ALIAS greenfront_${name})
endfunction()
