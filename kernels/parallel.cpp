#include "kernels/parallel.hpp"

#include <oneapi/tbb/parallel_for.h>

namespace greenfront {

void every_index(std::int64_t n, const std::function<void(std::int64_t)>& work) {
    oneapi::tbb::parallel_for(std::int64_t{0}, n, [&](std::int64_t i) { work(i); });
}

}  // namespace greenfront
