#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>
#include <oneapi/tbb/task_arena.h>

#include "kernels/blocking.hpp"

int main(int argc, char** argv) {
    greenfront::fix_blocking();  // as the program does
    // Places for eight threads on every machine. How many there are says tbb::global_control, where a test
    // asks for some number, and else the machine; without places a limit of eight would not be reached on two
    // cores.
    int code = 0;
    tbb::task_arena(8).execute([&] { code = doctest::Context(argc, argv).run(); });
    return code;
}
