#pragma once
#include <string>

namespace greenfront {

[[nodiscard]] std::string version();   ///< e.g. 0.1.0
[[nodiscard]] std::string compiler();  ///< name and version
[[nodiscard]] std::string compile_flags();
[[nodiscard]] std::string instruction_set();  ///< the widest vector target that the kernels use here
[[nodiscard]] std::string version_text();     ///< several lines, for --version

}  // namespace greenfront
