#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>

#include "kernels/blocking.hpp"

int main(int argc, char** argv) {
    greenfront::fix_blocking();  // as the program does
    // Eight threads on every machine, and fewer where a test sets a limit. Without places of their own TBB
    // would not give more than there are cores, and a test with eight threads would have two of them on two
    // cores.
    constexpr int most = 8;
    const tbb::global_control threads(tbb::global_control::max_allowed_parallelism, most);
    int code = 0;
    tbb::task_arena(most).execute([&] { code = doctest::Context(argc, argv).run(); });
    return code;
}
