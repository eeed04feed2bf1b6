#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include "kernels/blocking.hpp"

int main(int argc, char** argv) {
    greenfront::fix_blocking();  // as the program does
    return doctest::Context(argc, argv).run();
}
