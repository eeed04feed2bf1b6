/// \file
/// oneTBB's parallel_for for builds with the thread sanitizer, which finds this file before oneTBB's own.
///
/// The sanitizer knows what ran before what from the synchronisation that it sees, and it does not see that
/// of the scheduler, which stands in a library built without it: all a loop reads or writes would be a race
/// with the code before and behind the loop. So each loop says here what oneTBB promises: what its caller did
/// before is seen by every call of the body, and what the bodies did is seen by the caller afterwards. The
/// two promises have a word of memory each, so that nothing is promised between one call of the body and
/// another: races of bodies are found.
#pragma once
#pragma GCC system_header  // #include_next is no standard C++

#include_next <oneapi/tbb/parallel_for.h>

#include <sanitizer/tsan_interface.h>

#include <concepts>

namespace greenfront::sanitizers {

/// What a loop has promised.
struct Order {
    char begun = 0, ended = 0;

    /// The body between the promises. What it needs for the first one it reads before it, so it is not looked
    /// at itself.
    template <typename Body>
    struct Around {
        Order* order;
        const Body* body;
        template <typename Where>
        __attribute__((no_sanitize_thread, noinline)) void operator()(const Where& where) const {
            __tsan_acquire(&order->begun);
            (*body)(where);
            __tsan_release(&order->ended);
        }
    };

    template <typename Body>
    Around<Body> around(const Body& body) {
        return {this, &body};
    }

    /// A loop between the promises; also where it throws.
    template <typename Loop>
    void of(const Loop& loop) {
        struct Ended {
            char* word;
            ~Ended() { __tsan_acquire(word); }
        } ended_here{&ended};
        __tsan_release(&begun);
        loop();
    }
};

}  // namespace greenfront::sanitizers

namespace tbb {

template <typename Range, typename Body>
void parallel_for_in_order(const Range& range, const Body& body) {
    greenfront::sanitizers::Order order;
    order.of([&] { parallel_for(range, order.around(body)); });
}

template <typename Range, typename Body, typename Partitioner>
requires requires(const Range& range) {
    range.begin();
}
void parallel_for_in_order(const Range& range, const Body& body, const Partitioner& partitioner) {
    greenfront::sanitizers::Order order;
    order.of([&] { parallel_for(range, order.around(body), partitioner); });
}

template <std::integral Index, typename Function>
void parallel_for_in_order(Index first, Index last, const Function& function) {
    greenfront::sanitizers::Order order;
    order.of([&] { parallel_for(first, last, order.around(function)); });
}

template <typename Index, typename Function, typename Partitioner>
void parallel_for_in_order(Index first, Index last, Index step, const Function& function,
                           const Partitioner& partitioner) {
    greenfront::sanitizers::Order order;
    order.of([&] { parallel_for(first, last, step, order.around(function), partitioner); });
}

}  // namespace tbb

#define parallel_for parallel_for_in_order
