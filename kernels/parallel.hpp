#pragma once
#include <cstdint>
#include <functional>

namespace greenfront {

/// work(0), ..., work(n - 1) in any order on all threads. Each call writes to a place of its own and reads
/// nothing that another one writes; then the result is the same for any number of threads. For loops of few
/// and large pieces: a call costs a microsecond or so.
void every_index(std::int64_t n, const std::function<void(std::int64_t)>& work);

}  // namespace greenfront
