#include "io/hdf5_guard.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <vector>

#include "io/shown.hpp"

// Of the linker: where the code of this program begins and ends. Libraries lie elsewhere.
extern "C" const char __executable_start, etext;  // NOLINT(bugprone-reserved-identifier)

namespace greenfront::io::h5 {
namespace {

constexpr std::array<int, 5> signals{SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGVTALRM};

/// What the handler needs, made before: it must neither allocate nor format, and has a stack of its own,
/// since the one in use may be what is full.
struct Prepared {
    std::string message;
    int code = 0;
    std::vector<char> stack;
    stack_t stack_before{};
    std::array<struct sigaction, signals.size()> before{};
};
Prepared* prepared = nullptr;

/// Whether it was an instruction of this program that failed; what a library was called with cannot be seen.
bool is_own(int signal, const void* context) {
    // Raised from within the C library, by whomever; or the end of the time that reading may take.
    if (signal == SIGABRT || signal == SIGVTALRM) return false;
    const auto& machine = static_cast<const ucontext_t*>(context)->uc_mcontext;
#if defined(__x86_64__)
    const auto at = static_cast<std::uintptr_t>(machine.gregs[REG_RIP]);
#elif defined(__aarch64__)
    const auto at = static_cast<std::uintptr_t>(machine.pc);
#else
#error "the place of the failed instruction is known for x86-64 and aarch64"
#endif
    return at >= reinterpret_cast<std::uintptr_t>(&__executable_start) &&
           at < reinterpret_cast<std::uintptr_t>(&etext);
}

void end_process(int signal, siginfo_t*, void* context) {
    if (is_own(signal, context)) {  // a bug of ours: it fails again, for whoever answers for that
        for (std::size_t i = 0; i < signals.size(); ++i)
            ::sigaction(signals[i], &prepared->before[i], nullptr);
        return;
    }
    const char* at = prepared->message.data();
    for (std::size_t left = prepared->message.size(); left > 0;) {
        const ssize_t written = ::write(STDERR_FILENO, at, left);
        if (written <= 0) break;
        at += written;
        left -= static_cast<std::size_t>(written);
    }
    ::_exit(prepared->code);
}

}  // namespace

CrashGuard::CrashGuard(const std::string& path, const std::string& what, Fault fault)
    : outermost_(prepared == nullptr) {
    if (!outermost_) return;
    prepared = new Prepared;
    prepared->message = fmt::format("greenfront: {}: {}\n", printable(path), what);
    prepared->code = static_cast<int>(fault);
    prepared->stack.resize(std::size_t{64} << 10);
    stack_t stack{};
    stack.ss_sp = prepared->stack.data();
    stack.ss_size = prepared->stack.size();
    ::sigaltstack(&stack, &prepared->stack_before);
    struct sigaction action {};
    action.sa_sigaction = end_process;
    action.sa_flags = static_cast<int>(SA_ONSTACK | SA_RESETHAND | SA_SIGINFO);
    ::sigemptyset(&action.sa_mask);
    for (std::size_t i = 0; i < signals.size(); ++i) ::sigaction(signals[i], &action, &prepared->before[i]);
}

CrashGuard::~CrashGuard() {
    if (!outermost_) return;
    for (std::size_t i = 0; i < signals.size(); ++i) ::sigaction(signals[i], &prepared->before[i], nullptr);
    ::sigaltstack(&prepared->stack_before, nullptr);
    delete prepared;
    prepared = nullptr;
}

}  // namespace greenfront::io::h5
