# cmake --install: the program, its studies and data, the documents, and the kernels as a CMake package:
#     find_package(greenfront REQUIRED)
#     target_link_libraries(mine PRIVATE greenfront::kernels)
include(CMakePackageConfigHelpers)

install(TARGETS greenfront RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
# Made by the program when it was built (engine/app/CMakeLists.txt); the places where man and the shells look.
install(FILES "${PROJECT_BINARY_DIR}/share/greenfront.1" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1")
install(FILES "${PROJECT_BINARY_DIR}/share/greenfront.bash"
        DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions" RENAME greenfront)
install(FILES "${PROJECT_BINARY_DIR}/share/_greenfront" DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/site-functions")
install(FILES "${PROJECT_BINARY_DIR}/share/greenfront.fish"
        DESTINATION "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d")
# Studies name their data relative to themselves, so both folders keep their places.
install(DIRECTORY scenarios/catalog scenarios/data DESTINATION "${CMAKE_INSTALL_DATADIR}/greenfront")
# `greenfront report` looks for its script there.
install(PROGRAMS scripts/figures DESTINATION "${CMAKE_INSTALL_DATADIR}/greenfront/scripts")
install(DIRECTORY scripts/greenfront_figures DESTINATION "${CMAKE_INSTALL_DATADIR}/greenfront/scripts"
        FILES_MATCHING PATTERN "*.py")
# Readers of result files for other languages, to copy.
install(DIRECTORY scripts/python scripts/R scripts/stata DESTINATION "${CMAKE_INSTALL_DATADIR}/greenfront/scripts"
        PATTERN __pycache__ EXCLUDE)
install(FILES LICENSE README.md CHANGELOG.md CITATION.cff DESTINATION "${CMAKE_INSTALL_DOCDIR}")
install(DIRECTORY docs DESTINATION "${CMAKE_INSTALL_DOCDIR}")

# The kernels stand alone: numbers in, numbers out. Their headers keep their paths below an own folder, so
# that `#include "kernels/dea/dea.hpp"` is the same inside and outside.
set(GREENFRONT_INSTALL_INCLUDEDIR "${CMAKE_INSTALL_INCLUDEDIR}/greenfront")
set(GREENFRONT_INSTALL_CMAKEDIR "${CMAKE_INSTALL_LIBDIR}/cmake/greenfront")
target_compile_features(greenfront_kernels PUBLIC cxx_std_20)
target_include_directories(greenfront_kernels INTERFACE "$<INSTALL_INTERFACE:${GREENFRONT_INSTALL_INCLUDEDIR}>")
set_target_properties(greenfront_kernels PROPERTIES EXPORT_NAME kernels)
set_target_properties(greenfront_eigen PROPERTIES EXPORT_NAME eigen)
install(DIRECTORY kernels DESTINATION "${GREENFRONT_INSTALL_INCLUDEDIR}" FILES_MATCHING PATTERN "*.hpp")
install(TARGETS greenfront_kernels greenfront_eigen EXPORT greenfront_targets
        ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(EXPORT greenfront_targets NAMESPACE greenfront:: FILE greenfrontTargets.cmake
        DESTINATION "${GREENFRONT_INSTALL_CMAKEDIR}")

configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/greenfrontConfig.cmake.in"
  "${PROJECT_BINARY_DIR}/greenfrontConfig.cmake" INSTALL_DESTINATION "${GREENFRONT_INSTALL_CMAKEDIR}"
  NO_SET_AND_CHECK_MACRO)
# Before 1.0 a minor version may change an interface.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/greenfrontConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/greenfrontConfig.cmake" "${PROJECT_BINARY_DIR}/greenfrontConfigVersion.cmake"
        DESTINATION "${GREENFRONT_INSTALL_CMAKEDIR}")
