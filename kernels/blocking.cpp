#include "kernels/blocking.hpp"

#include <Eigen/Core>
#include <mutex>

namespace greenfront {

void fix_blocking() {
    static std::once_flag once;
    std::call_once(once, [] { Eigen::setCpuCacheSizes(48 << 10, 2 << 20, 32 << 20); });
}

}  // namespace greenfront
