#if defined(__has_feature)
#if __has_feature(thread_sanitizer) && defined(__linux__)

#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>

// Swift's Mutex hands a contended lock over in the kernel (FUTEX_LOCK_PI), where ThreadSanitizer
// does not see that the next owner comes after the last: it reports races that are none. In its
// builds alone, who finds a lock taken tries again until it is free. The names are those of
// `_MutexHandle._lockSlow` in Swift's Synchronization; since nobody waits in the kernel, its
// `_unlockSlow` is never called.

void weir_lock_slow(uint32_t thread, __attribute__((swift_context)) void *handle)
    __attribute__((swiftcall))
    __asm__("$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF");

__attribute__((swiftcall)) void weir_lock_slow(
    uint32_t thread, __attribute__((swift_context)) void *handle) {
    _Atomic(uint32_t) *owner = handle;
    uint32_t expected = 0;
    while (!atomic_compare_exchange_weak_explicit(
        owner, &expected, thread, memory_order_acquire, memory_order_relaxed)) {
        expected = 0;
        sched_yield();
    }
}

#endif
#endif
